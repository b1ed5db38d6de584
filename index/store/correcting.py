"""Correcting a revision: the same bytes read by better rules. The outlet changed nothing, so no revision is added."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update

from index.errors import NotFoundError
from index.outcomes import Outcome
from index.records import Article, Saved
from index.recurring import without_blocks
from index.revising import State
from index.store.changes import add_change, topics_of
from index.store.columns import storable
from index.store.engine import Transaction
from index.store.links import replace_links
from index.store.recurring import left_out_of
from index.store.saving import INDEXED, article_values, revision_values
from index.store.tables import articles, links, revisions
from index.telling import what_changed


def correct_revision(
    tx: Transaction,
    article_id: int,
    number: int,
    article: Article,
    *,
    now: datetime,
    seen_at: datetime | None = None,
) -> Saved:
    """Put what was read anew in the place of a revision; number, instant and page of the revision stay.

    Of the current revision the article's fields and links follow, and a change is logged where what is indexed
    differs. `seen_at`: the outlet showed these bytes again just now (a crawl); None: nothing was fetched.
    """
    held = tx.execute(select(articles).where(articles.c.id == article_id)).first()
    before = _revision(tx, article_id, number)
    if held is None or before is None:
        raise NotFoundError(f"There is no revision {number} of article {article_id} to correct.")
    fresh = revision_values(article)
    at_number = (revisions.c.article_id == article_id, revisions.c.number == number)
    tx.execute(update(revisions).where(*at_number).values(**fresh))
    if (before.title, list(before.authors), before.text) != (fresh["title"], fresh["authors"], fresh["text"]):
        _tell_anew(tx, article_id, number)
        _tell_anew(tx, article_id, number + 1)
    if number != held.revision:
        return Saved(Outcome.UNCHANGED, article_id, number, None)
    seen = max(held.last_seen_at, seen_at) if seen_at is not None else held.last_seen_at
    values = article_values(article, first_seen_at=held.first_seen_at, now=seen)
    values["canonical_url"] = held.canonical_url
    topics = topics_of(tx, [article_id])
    tx.execute(update(articles).where(articles.c.id == article_id), values)
    _correct_links(tx, article_id, article, outlet_before=held.outlet, revision=number, now=now)
    differs = any(getattr(held, column) != values[column] for column in INDEXED) or before.text != fresh["text"]
    change = None
    if differs or topics_of(tx, [article_id]) != topics:
        change = add_change(tx, article_id, kind="upsert", revision=number, now=now)
    return Saved(Outcome.UNCHANGED, article_id, number, change)


def _revision(tx: Transaction, article_id: int, number: int) -> Row[Any] | None:
    query = select(revisions).where(revisions.c.article_id == article_id, revisions.c.number == number)
    return tx.execute(query).first()


def _tell_anew(tx: Transaction, article_id: int, number: int) -> None:
    """Say again what the outlet changed from the revision before to this one, where there are both."""
    old, new = _revision(tx, article_id, number - 1), _revision(tx, article_id, number)
    if old is None or new is None:
        return
    keys = left_out_of(old.trace) | left_out_of(new.trace)
    before, after = (State(row.title, tuple(row.authors), without_blocks(row.text, keys)) for row in (old, new))
    sentence = what_changed(before, after)
    tx.execute(update(revisions).where(revisions.c.id == new.id).values(changes=storable(sentence)))


def _correct_links(
    tx: Transaction, article_id: int, article: Article, *, outlet_before: str, revision: int, now: datetime
) -> None:
    """Make the links those read anew. One that this revision brought and that is no link of it after all, goes."""
    query = select(links.c.id).where(links.c.article_id == article_id, links.c.revision_to.is_(None))
    current = set(tx.execute(query).scalars())
    replace_links(
        tx,
        article_id,
        article.links,
        outlet=article.outlet,
        outlet_before=outlet_before,
        revision=revision,
        now=now,
    )
    ended = select(links.c.id).where(
        links.c.article_id == article_id, links.c.revision_from == revision, links.c.revision_to.is_not(None)
    )
    wrong = sorted(current & set(tx.execute(ended).scalars()))
    for start in range(0, len(wrong), 400):
        tx.execute(delete(links).where(links.c.id.in_(wrong[start : start + 400])))
