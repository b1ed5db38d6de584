"""Fetched pages: where the bytes lie, and what to send with a conditional request."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, insert, or_, select, update

from index.records import Page, StoredPage, WarcPosition
from index.store.columns import storable, storable_or_none
from index.store.engine import Transaction
from index.store.tables import articles, outlet_hosts, pages
from index.urls import MOBILE_HOST, url_key


def save_page(
    tx: Transaction,
    page: Page,
    *,
    digest: str,
    warc: WarcPosition | None,
    run_id: int | None,
    article_id: int | None = None,
) -> int:
    """Store that a page was fetched and return its id. `digest` is the sha256 of the body, in hex."""
    values = {
        "url_key": url_key(storable(page.url)),
        "url": storable(page.url),
        "requested_url": storable(page.requested_url or page.url),
        "fetched_at": page.fetched_at,
        "seen_at": page.fetched_at,
        "status": page.status,
        "content_type": storable(page.content_type),
        "body_bytes": len(page.body),
        "digest": digest,
        "etag": storable_or_none(page.etag),
        "last_modified": storable_or_none(page.last_modified),
        "warc_file": warc.file if warc else None,
        "warc_offset": warc.offset if warc else None,
        "warc_length": warc.length if warc else None,
        "run_id": run_id,
        "article_id": article_id,
    }
    return int(tx.execute(insert(pages).returning(pages.c.id), values).scalar_one())


def latest_page(tx: Transaction, url: str) -> StoredPage | None:
    """Return the newest page held for an address."""
    query = select(pages).where(pages.c.url_key == url_key(storable(url)))
    row = tx.execute(query.order_by(pages.c.fetched_at.desc(), pages.c.id.desc()).limit(1)).first()
    return None if row is None else _page(row)


def page_seen_again(tx: Transaction, url: str, now: datetime) -> None:
    """Note that the server said the newest page of an address is still the same (a 304, or equal bytes)."""
    held = latest_page(tx, url)
    if held is not None:
        tx.execute(update(pages).where(pages.c.id == held.id).values(seen_at=now))


def link_page_to_article(tx: Transaction, page_id: int, article_id: int) -> None:
    """Say which article a page is of."""
    tx.execute(update(pages).where(pages.c.id == page_id).values(article_id=article_id))


def raw_removed_at(tx: Transaction, page_id: int | None) -> datetime | None:
    """Return when the raw record of a page was removed; None where it was not, or the page is unknown."""
    return tx.execute(select(pages.c.raw_removed_at).where(pages.c.id == page_id)).scalar()


def pages_of_article(tx: Transaction, article_id: int) -> list[StoredPage]:
    """Return the pages of an article, oldest first."""
    query = select(pages).where(pages.c.article_id == article_id).order_by(pages.c.fetched_at, pages.c.id)
    return [_page(row) for row in tx.execute(query)]


def pages_of_outlet(tx: Transaction, outlet: str, *, after_id: int = 0, limit: int) -> list[StoredPage]:
    """Return the next pages of an outlet after `after_id`, by id: those of its articles and those on its hosts."""
    query = select(pages).join(articles, articles.c.id == pages.c.article_id, isouter=True)
    query = query.where(_is_of(tx, outlet), pages.c.id > after_id).order_by(pages.c.id).limit(limit)
    return [_page(row) for row in tx.execute(query)]


def count_pages_of_outlet(tx: Transaction, outlet: str, *, after_id: int = 0) -> int:
    """Return how many pages of an outlet there are after `after_id`."""
    query = select(func.count()).select_from(pages.join(articles, articles.c.id == pages.c.article_id, isouter=True))
    return int(tx.execute(query.where(_is_of(tx, outlet), pages.c.id > after_id)).scalar_one())


def _is_of(tx: Transaction, outlet: str) -> ColumnElement[bool]:
    """The page's article is of the outlet, or its address is on a host that is the outlet's (by now)."""
    hosts = tx.execute(select(outlet_hosts.c.host).where(outlet_hosts.c.outlet == outlet)).scalars()
    folded = sorted({MOBILE_HOST.sub("", host) for host in hosts})
    prefixes = [f"{host}{mark}" for host in folded for mark in ("/", "?", ":")] + [f"urn:watchfloor:{outlet}:"]
    on_host = or_(
        pages.c.url_key.in_(folded), *(pages.c.url_key.startswith(prefix, autoescape=True) for prefix in prefixes)
    )
    return or_(articles.c.outlet == outlet, on_host)


def _page(row: Row[Any]) -> StoredPage:
    warc = None if row.warc_file is None else WarcPosition(row.warc_file, row.warc_offset, row.warc_length)
    return StoredPage(
        id=row.id,
        url=row.url,
        fetched_at=row.fetched_at,
        status=row.status,
        body_bytes=row.body_bytes,
        digest=row.digest,
        etag=row.etag,
        last_modified=row.last_modified,
        warc=warc,
        article_id=row.article_id,
    )
