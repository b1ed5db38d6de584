"""Raw records that no page has any more and that still lie in their files: a list that outlives a kill.

They get on it in the transaction that takes them from their pages, and off it when their bytes are gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from index.records import WarcPosition
from index.store.engine import Transaction
from index.store.keeping_tables import removals
from index.store.tables import pages

_CHUNK = 400


def add_removals(tx: Transaction, positions: Iterable[WarcPosition], *, now: datetime) -> int:
    """Say that these records are to be overwritten; return how many."""
    rows = [
        {"warc_file": one.file, "warc_offset": one.offset, "warc_length": one.length, "at": now}
        for one in dict.fromkeys(positions)
    ]
    if rows:
        tx.execute(insert(removals), rows)
    return len(rows)


def removals_by_file(tx: Transaction) -> dict[str, dict[int, WarcPosition]]:
    """Return what is to be overwritten, by file and by the id of its row."""
    found: dict[str, dict[int, WarcPosition]] = {}
    for row in tx.execute(select(removals).order_by(removals.c.warc_file, removals.c.warc_offset)):
        place = WarcPosition(row.warc_file, row.warc_offset, row.warc_length)
        found.setdefault(row.warc_file, {})[row.id] = place
    return found


def forget_removals(tx: Transaction, ids: Collection[int]) -> None:
    """Take records off the list: their bytes are gone."""
    wanted = sorted(ids)
    for start in range(0, len(wanted), _CHUNK):
        tx.execute(delete(removals).where(removals.c.id.in_(wanted[start : start + _CHUNK])))


def forget_removal_at(tx: Transaction, position: WarcPosition) -> None:
    """Take one record off the list by its place."""
    where = (removals.c.warc_file == position.file, removals.c.warc_offset == position.offset)
    tx.execute(delete(removals).where(*where))


def count_removals(tx: Transaction) -> int:
    """Return how many records are still to be overwritten."""
    return int(tx.execute(select(func.count()).select_from(removals)).scalar_one())


def records_of_pages(tx: Transaction, file: str) -> dict[int, tuple[int, int | None, str]]:
    """Return the records of a file that pages have: by offset their length, the article, and the page's address."""
    columns = (pages.c.warc_offset, pages.c.warc_length, pages.c.article_id, pages.c.url)
    rows = tx.execute(select(*columns).where(pages.c.warc_file == file))
    return {row.warc_offset: (row.warc_length, row.article_id, row.url) for row in rows}


def let_go(tx: Transaction, positions: Collection[WarcPosition], *, now: datetime) -> None:
    """Take these records from their pages: a page of no article goes with it, one of an article stays without."""
    by_file: dict[str, list[int]] = {}
    for one in positions:
        by_file.setdefault(one.file, []).append(one.offset)
    for file, offsets in by_file.items():
        for start in range(0, len(offsets), _CHUNK):
            some = (pages.c.warc_file == file, pages.c.warc_offset.in_(offsets[start : start + _CHUNK]))
            tx.execute(delete(pages).where(*some, pages.c.article_id.is_(None)))
            tx.execute(update(pages).where(*some).values(nowhere(now)))


def nowhere(now: datetime) -> dict[str, object]:
    """Return what a page's columns are once its raw record is gone; it is asked for without a condition then."""
    gone = ("warc_file", "warc_offset", "warc_length", "etag", "last_modified")
    return {**dict.fromkeys(gone), "raw_removed_at": now}
