"""Searches that took long, for the operator: the newest of them, bounded in number."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, insert, select

from index.account_records import SlowSearch
from index.store.account_tables import slow_searches
from index.store.columns import storable
from index.store.engine import Transaction

KEPT = 500
MOST_QUERY_CHARS = 500


def note_slow_searches(tx: Transaction, found: Sequence[SlowSearch]) -> None:
    """Keep these searches, and no more than the newest 500."""
    rows = [
        {
            "at": one.at,
            "query": storable(one.query)[:MOST_QUERY_CHARS],
            "took_ms": one.took_ms,
            "hits": one.hits,
            "cut": storable(one.cut),
        }
        for one in found
    ]
    if rows:
        tx.execute(insert(slow_searches), rows)
        newest = tx.execute(select(func.max(slow_searches.c.id))).scalar_one()
        tx.execute(delete(slow_searches).where(slow_searches.c.id <= newest - KEPT))


def list_slow_searches(tx: Transaction, *, limit: int = 10) -> list[SlowSearch]:
    """Return the newest of them first."""
    query = select(slow_searches).order_by(slow_searches.c.id.desc()).limit(limit)
    return [SlowSearch(row.at, row.query, row.took_ms, row.hits, row.cut) for row in tx.execute(query)]
