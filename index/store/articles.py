"""Articles read, moved, merged and removed. Saving one is in saving.py."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, delete, func, insert, literal, select, update

from index.errors import NotFoundError
from index.records import (
    Article,
    ArticleFlag,
    DateFlag,
    DateReading,
    Role,
    StoredArticle,
    StoredRevision,
    TraceStep,
)
from index.revising import digest_of
from index.store.changes import add_change, topics_of
from index.store.citations import held_elsewhere, uncount_article, uncount_self
from index.store.columns import storable
from index.store.engine import Transaction
from index.store.links import resolve_links_to
from index.store.names import uncount_names_of
from index.store.recurring import learn_recurring
from index.store.saving import save_article as save_article
from index.store.stories import copy_counts, stories_of_articles
from index.store.story_placing import leave_story
from index.store.story_tables import WORKED_OUT
from index.store.tables import addresses, articles, links, pages, revisions, tombstones
from index.urls import url_key

_CHUNK = 500


def get_article(tx: Transaction, article_id: int) -> StoredArticle | None:
    """Return one article with its text."""
    return articles_by_id(tx, [article_id], with_text=True).get(article_id)


def article_by_url(tx: Transaction, url: str) -> StoredArticle | None:
    """Return the article that has this address, among all addresses it was seen at, with its text."""
    article_id = article_id_at(tx, url)
    return None if article_id is None else get_article(tx, article_id)


def article_id_at(tx: Transaction, url: str) -> int | None:
    """Return the id of the article that has this address, among all addresses it was seen at."""
    query = select(addresses.c.article_id).where(addresses.c.url_key == url_key(storable(url)))
    return tx.execute(query).scalar()


def newest_instant(tx: Transaction, *, until: datetime) -> datetime | None:
    """Return the instant of the newest article that is not of a time to come; by index."""
    return tx.execute(select(func.max(articles.c.sort_at)).where(articles.c.sort_at <= until)).scalar()


def articles_by_id(
    tx: Transaction, article_ids: Collection[int], *, with_text: bool = False
) -> dict[int, StoredArticle]:
    """Return the articles held of these ids; seven statements for every 500 of them, whatever their number."""
    found: dict[int, StoredArticle] = {}
    wanted = sorted(set(article_ids))
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        query: Select[Any] = select(articles).where(articles.c.id.in_(chunk))
        if with_text:
            current = and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.revision)
            query = query.add_columns(revisions.c.text).join(revisions, current)
        rows = tx.execute(query).all()
        topics, cites, cited_by = topics_of(tx, chunk), _cites(tx, chunk), _cited_by(tx, chunk)
        story_of, copied = stories_of_articles(tx, chunk), copy_counts(tx, chunk)
        for row in rows:
            found[row.id] = _article(
                row,
                text=row.text if with_text else "",
                topics=topics.get(row.id, ()),
                cites=cites.get(row.id, 0),
                cited_by=cited_by.get(row.id, 0),
                story_id=story_of.get(row.id),
                copies=copied.get(row.id, 0),
            )
    return found


def latest_articles(tx: Transaction, *, outlet: str | None = None, limit: int, offset: int = 0) -> list[StoredArticle]:
    """Return articles without their text, newest first by published, updated or first seen."""
    query = select(articles.c.id).order_by(articles.c.sort_at.desc(), articles.c.id.desc()).limit(limit).offset(offset)
    if outlet is not None:
        query = query.where(articles.c.outlet == outlet)
    ids = list(tx.execute(query).scalars())
    found = articles_by_id(tx, ids)
    return [found[article_id] for article_id in ids]


def count_articles(tx: Transaction, outlet: str | None = None) -> int:
    """Return how many articles are held."""
    query = select(func.count()).select_from(articles)
    if outlet is not None:
        query = query.where(articles.c.outlet == outlet)
    return int(tx.execute(query).scalar_one())


def addresses_of(tx: Transaction, article_id: int) -> list[str]:
    """Return every address an article was seen at, in the order they were learned."""
    query = select(addresses.c.url).where(addresses.c.article_id == article_id)
    return list(tx.execute(query.order_by(addresses.c.added_at, addresses.c.url)).scalars())


def import_ids(tx: Transaction, article_ids: Collection[int]) -> dict[int, str]:
    """Return the ids that imported lines carried, by article id."""
    found: dict[int, str] = {}
    wanted = sorted(set(article_ids))
    for start in range(0, len(wanted), _CHUNK):
        query = select(articles.c.id, articles.c.import_id).where(articles.c.id.in_(wanted[start : start + _CHUNK]))
        found |= {row.id: row.import_id for row in tx.execute(query) if row.import_id is not None}
    return found


def revisions_of(
    tx: Transaction, article_id: int, *, first: int = 1, last: int | None = None, with_text: bool = True
) -> list[StoredRevision]:
    """Return the revisions of an article numbered `first` to `last`, oldest first.

    Without text they come without trace too: a live report has hundreds.
    """
    light = [column for column in revisions.c if column.name not in ("text", "trace")]
    columns = revisions.c if with_text else (*light, literal("").label("text"))
    query = select(*columns).where(revisions.c.article_id == article_id, revisions.c.number >= first)
    if last is not None:
        query = query.where(revisions.c.number <= last)
    return [_revision(row) for row in tx.execute(query.order_by(revisions.c.number))]


def get_revision(tx: Transaction, article_id: int, number: int) -> StoredRevision | None:
    """Return one revision of an article."""
    query = select(revisions).where(revisions.c.article_id == article_id, revisions.c.number == number)
    row = tx.execute(query).first()
    return None if row is None else _revision(row)


def twin_of(tx: Transaction, article: Article) -> StoredArticle | None:
    """Return an article of the same outlet with the same headline and text at another address: perhaps it moved."""
    key = url_key(storable(article.canonical_url))
    digest = digest_of(storable(article.title), storable(article.whole_text))
    own = select(addresses.c.article_id).where(addresses.c.url_key == key)
    query = (
        select(articles.c.id)
        .where(articles.c.outlet == article.outlet, articles.c.digest == digest, articles.c.id.not_in(own))
        .order_by(articles.c.id)
        .limit(1)
    )
    article_id = tx.execute(query).scalar()
    return None if article_id is None else get_article(tx, article_id)


def add_addresses(tx: Transaction, article_id: int, urls: Iterable[str], *, now: datetime | None = None) -> None:
    """Add addresses at which an article was seen; one that another article has stays with that one."""
    from index.store.saving import add_new_addresses

    moment = now or tx.execute(select(articles.c.last_seen_at).where(articles.c.id == article_id)).scalar_one()
    fresh = add_new_addresses(tx, article_id, list(urls), now=moment)
    resolve_links_to(tx, article_id, fresh)


def move_article(tx: Transaction, article_id: int, new_url: str, *, now: datetime) -> None:
    """Give an article its new canonical address; the old ones stay addresses of it."""
    url = storable(new_url)
    row = tx.execute(select(articles.c.revision).where(articles.c.id == article_id)).first()
    if row is None:
        raise NotFoundError(f"There is no article {article_id} to move.")
    tx.execute(update(articles).where(articles.c.id == article_id).values(canonical_url=url, last_seen_at=now))
    add_addresses(tx, article_id, [url], now=now)
    add_change(tx, article_id, kind="upsert", revision=row.revision, now=now)


def merge_articles(tx: Transaction, keep_id: int, drop_id: int, *, now: datetime) -> None:
    """Make two articles one: addresses, pages and links to `drop_id` go over to `keep_id`; its own text is dropped."""
    if keep_id == drop_id:
        return
    uncount_article(tx, drop_id)
    uncount_self(tx, keep_id, links.c.target_article_id == drop_id)
    held_elsewhere(tx, drop_id, keep_id)
    tx.execute(update(addresses).where(addresses.c.article_id == drop_id).values(article_id=keep_id))
    tx.execute(update(pages).where(pages.c.article_id == drop_id).values(article_id=keep_id))
    tx.execute(update(links).where(links.c.target_article_id == drop_id).values(target_article_id=keep_id))
    _drop_rows(tx, drop_id, now=now)


def delete_article(tx: Transaction, article_id: int, *, reason: str, now: datetime) -> None:
    """Remove an article with its revisions and links and leave a tombstone for each of its addresses."""
    rows = tx.execute(select(addresses).where(addresses.c.article_id == article_id)).all()
    held = tx.execute(select(articles.c.outlet).where(articles.c.id == article_id)).first()
    if held is None:
        raise NotFoundError(f"There is no article {article_id} to take down.")
    values = [{"url_key": row.url_key, "url": row.url, "at": now, "reason": storable(reason)} for row in rows]
    if values:
        tx.execute(delete(tombstones).where(tombstones.c.url_key.in_([row["url_key"] for row in values])))
        tx.execute(insert(tombstones), values)
    uncount_article(tx, article_id)
    held_elsewhere(tx, article_id, None)
    tx.execute(delete(addresses).where(addresses.c.article_id == article_id))
    tx.execute(update(links).where(links.c.target_article_id == article_id).values(target_article_id=None))
    tx.execute(update(pages).where(pages.c.article_id == article_id).values(article_id=None))
    _drop_rows(tx, article_id, now=now)
    learn_recurring(tx, held.outlet, now=now)  # a paragraph of the outlet's was perhaps this article's, and is text too


def is_taken_down(tx: Transaction, url: str) -> bool:
    """Say whether an article with this address was taken down."""
    key = url_key(storable(url))
    return tx.execute(select(tombstones.c.url_key).where(tombstones.c.url_key == key)).first() is not None


def _drop_rows(tx: Transaction, article_id: int, *, now: datetime) -> None:
    """Drop an article's rows, and all that was worked out from its text: quotations and words are text too."""
    leave_story(tx, article_id)
    uncount_names_of(tx, article_id)
    for table in WORKED_OUT:
        tx.execute(delete(table).where(table.c.article_id == article_id))
    tx.execute(delete(links).where(links.c.article_id == article_id))
    tx.execute(delete(revisions).where(revisions.c.article_id == article_id))
    tx.execute(delete(articles).where(articles.c.id == article_id))
    add_change(tx, article_id, kind="delete", revision=0, now=now)


def _cites(tx: Transaction, article_ids: Sequence[int]) -> dict[int, int]:
    query = (
        select(links.c.article_id, func.count())
        .where(links.c.article_id.in_(article_ids), links.c.revision_to.is_(None))
        .where(links.c.url.is_not(None), links.c.role != Role.FURNITURE.value)
        .group_by(links.c.article_id)
    )
    return dict(tx.execute(query).all())


def _cited_by(tx: Transaction, article_ids: Sequence[int]) -> dict[int, int]:
    query = (
        select(links.c.target_article_id, func.count(links.c.article_id.distinct()))
        .where(links.c.target_article_id.in_(article_ids), links.c.revision_to.is_(None))
        .where(links.c.article_id != links.c.target_article_id)
        .group_by(links.c.target_article_id)
    )
    return dict(tx.execute(query).all())


def _article(
    row: Row[Any],
    *,
    text: str,
    topics: tuple[str, ...],
    cites: int,
    cited_by: int,
    story_id: int | None,
    copies: int,
) -> StoredArticle:
    published_flags = tuple(DateFlag(flag) for flag in row.published_flags)
    updated_flags = tuple(DateFlag(flag) for flag in row.updated_flags)
    return StoredArticle(
        id=row.id,
        outlet=row.outlet,
        canonical_url=row.canonical_url,
        title=row.title,
        search_title=row.search_title,
        authors=tuple(row.authors),
        language=row.language,
        text=text,
        published=DateReading(row.published_text, row.published_at, row.published_method, published_flags),
        updated=DateReading(row.updated_text, row.updated_at, row.updated_method, updated_flags),
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        sort_at=row.sort_at,
        sort_by=row.sort_by,
        read_minutes=row.read_minutes,
        flags=tuple(ArticleFlag(flag) for flag in row.flags),
        revision=row.revision,
        cites=cites,
        cited_by=cited_by,
        topics=topics,
        import_id=row.import_id,
        story_id=story_id,
        copies=copies,
    )


def _revision(row: Row[Any]) -> StoredRevision:
    return StoredRevision(
        article_id=row.article_id,
        number=row.number,
        seen_at=row.seen_at,
        title=row.title,
        authors=tuple(row.authors),
        text=row.text,
        changes=row.changes,
        trace=tuple(TraceStep(**step) for step in row._mapping.get("trace", ())),
        page_id=row.page_id,
    )
