"""Saving an article: identity by address, an edit as a revision, links and change number in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, insert, select, update

from index.outcomes import Outcome
from index.records import Article, ArticleFlag, Role, Saved
from index.recurring import block_key, without_blocks
from index.revising import State, digest_of, is_edit
from index.store.changes import add_change, topics_of
from index.store.columns import storable, storable_or_none
from index.store.engine import Transaction
from index.store.links import replace_links, resolve_links_to
from index.store.recurring import keys_of, left_out_of
from index.store.tables import addresses, articles, links, revisions, tombstones
from index.telling import what_changed
from index.urls import url_key

INDEXED = ("outlet", "title", "authors", "language", "sort_at")
"""Columns an index document is made of, besides text and topics."""


def save_article(
    tx: Transaction,
    article: Article,
    *,
    page_id: int | None,
    run_id: int | None,
    now: datetime,
    aliases: Iterable[str] = (),
) -> Saved:
    """Store an article under its canonical address and return what became of it.

    An article held under any of the addresses is the same article: an edit (see revising.py) adds a revision. What is
    none, a comma or a share label, is put in the place of the current revision's text: the newest page held is always
    what the current revision was read from. Dates, language and links are brought up to date without a revision; a
    change is logged whenever what is indexed differs. An address that was taken down stores nothing.
    """
    urls = [storable(url) for url in dict.fromkeys((article.canonical_url, *aliases))]
    keys = list(dict.fromkeys(url_key(url) for url in urls))
    if tx.execute(select(tombstones.c.url_key).where(tombstones.c.url_key.in_(keys))).first() is not None:
        return Saved(Outcome.TAKEN_DOWN, None, None, None)
    row = _held(tx, keys)
    values = article_values(article, first_seen_at=now if row is None else row.first_seen_at, now=now)
    if row is None:
        return _insert(tx, article, values, urls, page_id=page_id, run_id=run_id, now=now)
    return _update(tx, row, article, values, urls, page_id=page_id, run_id=run_id, now=now)


def add_new_addresses(tx: Transaction, article_id: int, urls: Sequence[str], *, now: datetime) -> list[str]:
    """Add the addresses nobody has yet to an article; return the keys that are now its own."""
    by_key = {url_key(storable(url)): storable(url) for url in reversed(urls)}
    query = select(addresses.c.url_key).where(addresses.c.url_key.in_(list(by_key)))
    held = set(tx.execute(query).scalars())
    fresh = [key for key in by_key if key not in held]
    if fresh:
        rows = [{"url_key": key, "url": by_key[key], "article_id": article_id, "added_at": now} for key in fresh]
        tx.execute(insert(addresses), rows)
    return fresh


def _held(tx: Transaction, keys: Sequence[str]) -> Row[Any] | None:
    """The article that has one of the addresses; the first address, the canonical one, decides where two have."""
    query = select(addresses.c.url_key, addresses.c.article_id).where(addresses.c.url_key.in_(list(keys)))
    owners = {row.url_key: row.article_id for row in tx.execute(query)}
    owner = next((owners[key] for key in keys if key in owners), None)
    if owner is None:
        return None
    current = and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.revision)
    columns = select(articles, revisions.c.text.label("text"))
    return tx.execute(columns.join(revisions, current).where(articles.c.id == owner)).one()


def _insert(
    tx: Transaction,
    article: Article,
    values: dict[str, Any],
    urls: Sequence[str],
    *,
    page_id: int | None,
    run_id: int | None,
    now: datetime,
) -> Saved:
    row = {**values, "revision": 1, "first_seen_at": now, "import_id": storable_or_none(article.import_id)}
    article_id = int(tx.execute(insert(articles).returning(articles.c.id), row).scalar_one())
    fresh = add_new_addresses(tx, article_id, urls, now=now)
    sentence = "First revision."
    _add_revision(tx, article_id, 1, article, changes=sentence, page_id=page_id, run_id=run_id, now=now)
    replace_links(tx, article_id, article.links, outlet=article.outlet, revision=1, now=now)
    resolve_links_to(tx, article_id, fresh)
    change = add_change(tx, article_id, kind="upsert", revision=1, now=now)
    return Saved(Outcome.NEW, article_id, 1, change)


def _update(
    tx: Transaction,
    row: Row[Any],
    article: Article,
    values: dict[str, Any],
    urls: Sequence[str],
    *,
    page_id: int | None,
    run_id: int | None,
    now: datetime,
) -> Saved:
    before = State(row.title, tuple(row.authors), row.text)
    after = State(values["title"], tuple(values["authors"]), storable(article.text))
    equal = before == after
    if not equal:
        old, new = _without_recurring(tx, row, article, before, after)
        equal = not is_edit(old, new, labels=_labels(tx, row.id, article))
    revision = row.revision if equal else row.revision + 1
    topics = topics_of(tx, [row.id])
    if equal and before != after:
        at_revision = (revisions.c.article_id == row.id, revisions.c.number == revision)
        tx.execute(update(revisions).where(*at_revision).values(**revision_values(article)))
    if not equal:
        sentence = what_changed(old, new)
        _add_revision(tx, row.id, revision, article, changes=sentence, page_id=page_id, run_id=run_id, now=now)
    values = {**values, "revision": revision, "canonical_url": row.canonical_url}
    tx.execute(update(articles).where(articles.c.id == row.id), values)
    fresh = add_new_addresses(tx, row.id, urls, now=now)
    resolve_links_to(tx, row.id, fresh)
    relinked = replace_links(
        tx, row.id, article.links, outlet=article.outlet, outlet_before=row.outlet, revision=revision, now=now
    )
    differs = before.text != after.text or any(getattr(row, column) != values[column] for column in INDEXED)
    if relinked and not differs:
        differs = topics_of(tx, [row.id]) != topics
    change = None
    if differs:
        change = add_change(tx, row.id, kind="upsert", revision=revision, now=now)
    return Saved(Outcome.UNCHANGED if equal else Outcome.CHANGED, row.id, revision, change)


def _without_recurring(
    tx: Transaction, row: Row[Any], article: Article, before: State, after: State
) -> tuple[State, State]:
    """Return both states without what the outlet repeats on its pages: known now, or left out of either of them.

    So neither learning a paragraph nor forgetting it looks like an edit. A headline that is only the first sentence of
    the text says nothing of its own.
    """
    at_revision = (revisions.c.article_id == row.id, revisions.c.number == row.revision)
    trace = tx.execute(select(revisions.c.trace).where(*at_revision)).scalar_one()
    keys = keys_of(tx, row.outlet) | keys_of(tx, article.outlet) | left_out_of(trace)
    keys |= {block_key(one.text) for one in article.left_out}
    from_text = ArticleFlag.TITLE_FROM_TEXT
    untitled = bool(keys) and from_text.value in row.flags and from_text in article.flags
    old, new = (
        replace(state, text=without_blocks(state.text, keys), title="" if untitled else state.title)
        for state in (before, after)
    )
    return old, new


def _labels(tx: Transaction, article_id: int, article: Article) -> set[str]:
    """The words of links that belong to the page, now or until now: related lists and furniture are no text."""
    of_the_page = (Role.FURNITURE, Role.BACKLINK, Role.BYLINE)
    query = select(links.c.text).where(links.c.article_id == article_id, links.c.revision_to.is_(None))
    held = tx.execute(query.where(links.c.role.in_([role.value for role in of_the_page]))).scalars()
    return {*held, *(storable(link.text) for link in article.links if link.role in of_the_page)}


def _add_revision(
    tx: Transaction,
    article_id: int,
    number: int,
    article: Article,
    *,
    changes: str,
    page_id: int | None,
    run_id: int | None,
    now: datetime,
) -> None:
    values = {
        "article_id": article_id,
        "number": number,
        "seen_at": now,
        **revision_values(article),
        "changes": changes,
        "page_id": page_id,
        "run_id": run_id,
    }
    tx.execute(insert(revisions), values)


def revision_values(article: Article) -> dict[str, Any]:
    """Return the columns of a revision that come from what was read."""
    return {
        "title": storable(article.title),
        "authors": [storable(name) for name in article.authors],
        "text": storable(article.text),
        "trace": [{key: _short(value) for key, value in asdict(step).items()} for step in article.trace],
    }


def _short(value: object) -> object:
    return storable(value)[:500] if isinstance(value, str) else value


def article_values(article: Article, *, first_seen_at: datetime, now: datetime) -> dict[str, Any]:
    """Return the columns of an article's row that come from what was read; `now` is when it was last seen."""
    published, updated = article.published, article.updated
    sort_at, sort_by = first_seen_at, "first_seen"
    if published.at is not None:
        sort_at, sort_by = published.at, "published"
    elif updated.at is not None:
        sort_at, sort_by = updated.at, "updated"
    return {
        "outlet": article.outlet,
        "canonical_url": storable(article.canonical_url),
        "title": storable(article.title),
        "search_title": storable(article.search_title),
        "authors": [storable(name) for name in article.authors],
        "language": article.language,
        "published_at": published.at,
        "published_text": storable_or_none(published.text),
        "published_method": published.method,
        "published_flags": [flag.value for flag in published.flags],
        "updated_at": updated.at,
        "updated_text": storable_or_none(updated.text),
        "updated_method": updated.method,
        "updated_flags": [flag.value for flag in updated.flags],
        "last_seen_at": now,
        "sort_at": sort_at,
        "sort_by": sort_by,
        "read_minutes": article.read_minutes,
        "flags": [flag.value for flag in article.flags],
        "digest": digest_of(storable(article.title), storable(article.whole_text)),
    }
