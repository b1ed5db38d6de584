"""The articles of an outlet that may be looked at again, with what decides when (see revisits.py)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, func, or_, select, update

from index.outcomes import STORED
from index.records import ArticleFlag, LeadState
from index.revisits import Watched
from index.store.columns import storable
from index.store.engine import Transaction
from index.store.tables import IS_EDIT, addresses, articles, leads, pages, revisions
from index.urls import url_key

_CHUNK = 400


def watched_articles(tx: Transaction, outlet: str, *, since: datetime) -> list[Watched]:
    """Return the articles of an outlet that were published or edited after `since` and came from a lead of its own.

    Asked is the address of the article, else the one last asked for. Two statements, and two for every 400 articles.
    """
    edited = select(revisions.c.article_id).where(IS_EDIT, revisions.c.seen_at >= since)
    recent = or_(articles.c.sort_at >= since, articles.c.id.in_(edited))
    query = select(articles.c.id).where(articles.c.outlet == outlet, recent).order_by(articles.c.id)
    ids = list(tx.execute(query).scalars())
    found: list[Watched] = []
    for start in range(0, len(ids), _CHUNK):
        found += _watched(tx, ids[start : start + _CHUNK])
    return found


def watched_article(tx: Transaction, article_id: int) -> Watched | None:
    """Return what decides when one article is looked at again; None where it came from no lead of its outlet."""
    return next(iter(_watched(tx, [article_id])), None)


def look_again(tx: Transaction, keys: Iterable[str]) -> int:
    """Let the leads of these addresses wait once more; return how many do."""
    wanted, renewed = sorted(keys), 0
    for start in range(0, len(wanted), _CHUNK):
        ended = leads.c.url_key.in_(wanted[start : start + _CHUNK]), leads.c.state == LeadState.DONE.value
        values = {"state": LeadState.WAITING.value, "next_try_at": None}
        renewed += int(tx.execute(update(leads).where(*ended).values(values)).rowcount)
    return renewed


def _watched(tx: Transaction, ids: Sequence[int]) -> list[Watched]:
    by_article = _leads_of(tx, ids)
    seen = select(func.max(pages.c.seen_at)).where(pages.c.article_id == articles.c.id).scalar_subquery()
    edited = (
        select(revisions.c.seen_at)
        .where(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.revision, IS_EDIT)
        .scalar_subquery()
    )
    named = ("id", "canonical_url", "sort_at", "first_seen_at", "last_seen_at", "revision", "flags")
    columns = [articles.c[name] for name in named]
    query = select(*columns, seen.label("page_seen_at"), edited.label("edited_at")).where(articles.c.id.in_(ids))
    found = []
    for row in tx.execute(query.order_by(articles.c.id)).mappings():
        lead = _own(by_article.get(row["id"], ()), row["canonical_url"])
        if lead is not None:
            found.append(_one(row, lead))
    return found


def _leads_of(tx: Transaction, ids: Sequence[int]) -> dict[int, list[RowMapping]]:
    """The leads of articles that may be asked again: those that gave the article, and those a passing fault left."""
    query = (
        select(addresses.c.article_id, leads.c.url, leads.c.url_key, leads.c.tried_at)
        .join(leads, leads.c.url_key == addresses.c.url_key)
        .where(addresses.c.article_id.in_(ids))
        .where(or_(leads.c.state != LeadState.DONE.value, leads.c.outcome.in_(sorted(STORED))))
        .order_by(leads.c.tried_at.desc().nulls_last(), leads.c.id)
    )
    found: dict[int, list[RowMapping]] = {}
    for row in tx.execute(query).mappings():
        found.setdefault(row["article_id"], []).append(row)
    return found


def _own(held: Sequence[RowMapping], canonical_url: str) -> RowMapping | None:
    if len(held) < 2:
        return held[0] if held else None
    key = url_key(storable(canonical_url))
    return next((lead for lead in held if lead["url_key"] == key), held[0])


def _one(row: RowMapping, lead: RowMapping) -> Watched:
    return Watched(
        article_id=row["id"],
        url=lead["url"],
        key=lead["url_key"],
        begun_at=min(row["sort_at"], row["first_seen_at"]),
        fetched_at=row["page_seen_at"] or row["last_seen_at"],
        revisions=row["revision"],
        changed_at=row["edited_at"],
        is_live=ArticleFlag.LIVE.value in row["flags"],
        is_stub=ArticleFlag.PAYWALLED.value in row["flags"],
    )
