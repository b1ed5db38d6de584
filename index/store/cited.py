"""What articles of a span of days cite most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import case, func, select

from index.cited_values import CitedAddress
from index.store.citations import counts_in_sql
from index.store.engine import Transaction
from index.store.hubs import LEAST_CITERS, cited_of_keys, most_cited_ever
from index.store.tables import articles, links

MOST_ARTICLES = 10_000
"""Articles of a span that are read, the newest ones: 200 thousand links, a few tenths of a second."""


@dataclass(frozen=True, slots=True)
class MostCited:
    """Addresses with how many articles of the span cite each, most first.

    `articles_read` is how many were looked at (None: all that are held); `cut`: the span has more, older ones.
    """

    found: tuple[tuple[CitedAddress, int], ...]
    articles_read: int | None = None
    cut: bool = False


def most_cited(
    tx: Transaction, *, after: date | None = None, before: date | None = None, limit: int = 50, offset: int = 0
) -> MostCited:
    """Return what articles dated from `after` on and before `before` cite most: two of them at least.

    Dates are UTC and those of searches: the first of published, updated, first seen.
    """
    if after is None and before is None:
        return MostCited(tuple((one, one.citers) for one in most_cited_ever(tx, limit=limit, offset=offset)))
    span = select(articles.c.id).order_by(articles.c.sort_at.desc(), articles.c.id.desc()).limit(MOST_ARTICLES + 1)
    if after is not None:
        span = span.where(articles.c.sort_at >= _midnight(after))
    if before is not None:
        span = span.where(articles.c.sort_at < _midnight(before))
    ids = list(tx.execute(span).scalars())
    newest = span.limit(MOST_ARTICLES).subquery()
    by_address = case((links.c.target_article_id.is_(None), links.c.url_key))  # an article may have several
    citers = func.count(links.c.article_id.distinct())
    query = (
        select(func.max(links.c.url_key).label("url_key"), citers.label("citers"))
        .select_from(newest)
        .join(articles, articles.c.id == newest.c.id)
        .join(links, links.c.article_id == newest.c.id)
        .where(counts_in_sql())
        .group_by(links.c.target_article_id, by_address)
        .having(citers >= LEAST_CITERS)
        .order_by(citers.desc(), func.max(links.c.url_key))
        .limit(limit)
        .offset(offset)
    )
    counts = {row.url_key: row.citers for row in tx.execute(query)}
    known = cited_of_keys(tx, list(counts))
    found = tuple((known[key], number) for key, number in counts.items() if key in known)
    return MostCited(found, articles_read=min(len(ids), MOST_ARTICLES), cut=len(ids) > MOST_ARTICLES)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
