"""Stored keys of addresses brought to today's spelling (`index.urls.url_key`), without a migration: on request.

Keys hold what stands in an address; where the rules for it changed, rows of before have another key than a new look-up.
"""

from __future__ import annotations

from sqlalchemy import Table, delete, select, update

from index.store.columns import storable
from index.store.engine import Store, Transaction
from index.store.story_tables import link_checks
from index.store.tables import addresses, leads, pages, tombstones
from index.urls import url_key

_CHUNK = 400
_ONE_A_KEY = (addresses, tombstones, leads, link_checks)
"""Tables in which a key stands once: of two rows that have one key now, the one that has it already stays."""


def rekey(store: Store) -> int:
    """Give rows whose key holds an escape the key of today; return how many changed. Batches, repeatable.

    An address of two articles stays with the one that has the key; the other article keeps its other addresses.
    """
    return sum(_rekey_table(store, table) for table in (*_ONE_A_KEY, pages))


def _rekey_table(store: Store, table: Table) -> int:
    column, last, changed = table.c.url_key, "", 0
    while True:
        with store.write() as tx:
            query = select(column, table.c.url).where(column > last, column.contains("%", autoescape=True))
            rows = tx.execute(query.order_by(column).limit(_CHUNK)).all()
            if not rows:
                return changed
            last = rows[-1].url_key
            for row in rows:
                key = url_key(storable(row.url))
                if key != row.url_key:
                    _move(tx, table, row.url_key, key)
                    changed += 1


def _move(tx: Transaction, table: Table, old: str, key: str) -> None:
    column = table.c.url_key
    if table is not pages and tx.execute(select(column).where(column == key)).first() is not None:
        if table is not addresses or _same_article(tx, old, key):
            tx.execute(delete(table).where(column == old))
        return
    tx.execute(update(table).where(column == old).values(url_key=key))


def _same_article(tx: Transaction, old: str, key: str) -> bool:
    both = select(addresses.c.article_id).where(addresses.c.url_key.in_([old, key])).distinct()
    return len(tx.execute(both).all()) == 1
