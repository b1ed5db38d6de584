"""Paragraphs that an outlet repeats on its pages, kept as they were learned from its articles (index.recurring)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, select

from index.records import ArticleFlag, TraceStep
from index.recurring import LEAST_ARTICLES, RULE, WINDOW, Recurrence, RecurringBlock, SeenText, learn, left_out_in
from index.store.engine import Transaction
from index.store.tables import articles, recurring_blocks, revisions


def learn_recurring(tx: Transaction, outlet: str, *, now: datetime) -> tuple[int, int]:
    """Look at an outlet's latest articles; return how many paragraphs recur that did not, and how many no longer do.

    Of the latest by date, those that came as text alone or are live reports do not count. Two statements for an outlet
    with few articles, five at the most.
    """
    known = {block.key: block for block in blocks_of(tx, outlet)}
    held = select(func.count()).select_from(articles).where(articles.c.outlet == outlet)
    if not known and tx.execute(held).scalar_one() < LEAST_ARTICLES:
        return 0, 0
    found = learn(_latest(tx, outlet), known, now=now)
    tx.execute(delete(recurring_blocks).where(recurring_blocks.c.outlet == outlet))
    if found:
        rows = [
            {
                "outlet": outlet,
                "key": block.key,
                "text": block.text,
                "articles": block.recurrence.articles,
                "of_articles": block.recurrence.of_articles,
                "learned_at": block.learned_at,
            }
            for block in found
        ]
        tx.execute(insert(recurring_blocks), rows)
    fresh = {block.key for block in found}
    return len(fresh - known.keys()), len(known.keys() - fresh)


def blocks_of(tx: Transaction, outlet: str) -> list[RecurringBlock]:
    """Return the paragraphs an outlet is known to repeat, the commonest first."""
    table = recurring_blocks
    query = select(table).where(table.c.outlet == outlet).order_by(table.c.articles.desc(), table.c.key)
    return [
        RecurringBlock(row.key, row.text, Recurrence(row.articles, row.of_articles), row.learned_at)
        for row in tx.execute(query)
    ]


def keys_of(tx: Transaction, outlet: str) -> frozenset[str]:
    """Return the keys of the paragraphs an outlet is known to repeat."""
    query = select(recurring_blocks.c.key).where(recurring_blocks.c.outlet == outlet)
    return frozenset(tx.execute(query).scalars())


def left_out_of(trace: list[dict[str, Any]]) -> frozenset[str]:
    """Return the keys of the paragraphs left out, from a trace as it is kept."""
    return left_out_in(TraceStep(**step) for step in trace if step.get("rule") == RULE)


def _latest(tx: Transaction, outlet: str) -> list[SeenText]:
    current = and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.revision)
    query = (
        select(articles.c.title, articles.c.authors, articles.c.flags)
        .add_columns(revisions.c.text, revisions.c.trace, revisions.c.page_id)
        .join(revisions, current)
        .where(articles.c.outlet == outlet)
        .order_by(articles.c.sort_at.desc(), articles.c.id.desc())
        .limit(WINDOW)
    )
    return [
        SeenText(row.title, tuple(row.authors), tuple(row.text.split("\n\n")), left_out_of(row.trace))
        for row in tx.execute(query)
        if row.page_id is not None and ArticleFlag.LIVE.value not in row.flags
    ]
