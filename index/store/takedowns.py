"""Takedowns in the database: what is held of an address, its removal in one transaction, tombstones, lifting them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, or_, select, update

from index.errors import NotFoundError
from index.records import WarcPosition
from index.store.articles import addresses_of, delete_article
from index.store.audit import note_act
from index.store.citations import tell_by_others
from index.store.columns import storable
from index.store.engine import Transaction
from index.store.keeping_tables import takedowns
from index.store.removals import add_removals, let_go
from index.store.story_placing import subtract_term_counts
from index.store.story_tables import article_names, copies, quotations, story_members
from index.store.tables import addresses, articles, decisions, hubs, leads, links, pages, revisions, tombstones
from index.stories.placer import SEEN
from index.stories.text import counts_of
from index.stories.values import StoryText
from index.takedown_records import PARTS, RAW, SameText, Takedown, TakedownPlan, Tombstone
from index.urls import canonical_url, url_key

_CHUNK = 400


def plan_takedown(tx: Transaction, url: str) -> TakedownPlan:
    """Return what is held of an address and would go; an address nobody holds is barred all the same.

    Raises NotFoundError for what is no address.
    """
    url = _address(url)
    article_id = tx.execute(select(addresses.c.article_id).where(addresses.c.url_key == url_key(url))).scalar()
    if article_id is None:
        return _plan_of_address(tx, url)
    row = tx.execute(select(articles).where(articles.c.id == article_id)).one()
    own = [url, row.canonical_url, *addresses_of(tx, article_id)]
    own += tx.execute(select(pages.c.url).where(pages.c.article_id == article_id)).scalars()
    keys = [url_key(storable(one)) for one in own]
    cited_by = select(func.count(links.c.article_id.distinct())).where(
        links.c.target_article_id == article_id, links.c.article_id != article_id
    )
    return TakedownPlan(
        url=row.canonical_url,
        article_id=article_id,
        outlet=row.outlet,
        title=row.title,
        addresses=tuple(dict(zip(keys[::-1], own[::-1], strict=True)).values())[::-1],
        counts={
            "revision": _count(tx, revisions, revisions.c.article_id == article_id),
            "page": _count(tx, pages, _pages_of(article_id, keys)),
            "link": _count(tx, links, links.c.article_id == article_id),
            "quotation": _count(tx, quotations, quotations.c.article_id == article_id),
            "name": _count(tx, article_names, article_names.c.article_id == article_id),
            "story": _count(tx, story_members, story_members.c.article_id == article_id),
        },
        copies=tuple(_same_text(tx, article_id, row.digest)),
        cited_by=int(tx.execute(cited_by).scalar_one()),
        first_seen_at=row.first_seen_at,
    )


def texts_of(tx: Transaction, article_id: int) -> list[tuple[str, str]]:
    """Return headline and text of every revision, and the headline in force."""
    query = select(revisions.c.title, revisions.c.text).where(revisions.c.article_id == article_id)
    held = [(row.title, row.text) for row in tx.execute(query.order_by(revisions.c.number))]
    row = tx.execute(select(articles.c.title, articles.c.search_title).where(articles.c.id == article_id)).one()
    return [*held, (row.title, ""), (row.search_title, "")]


def erase(
    tx: Transaction,
    plan: TakedownPlan,
    *,
    raw: Collection[WarcPosition] = (),
    by: str,
    reason: str,
    now: datetime,
) -> Takedown:
    """Remove all that is held of the addresses of a plan in this transaction, and bar them.

    `raw` are records besides those of its pages. What the rows stood on in files and in freed space is left to be
    overwritten (`pending`, and the list of removals). Repeated, it removes what came since, and returns the first.
    """
    if tx.dialect.name == "sqlite":
        tx.exec_driver_sql("PRAGMA secure_delete=ON")
    keys = sorted({url_key(storable(url)) for url in plan.addresses})
    positions = [*raw, *_drop_pages(tx, plan.article_id, keys)]
    let_go(tx, raw, now=now)
    add_removals(tx, positions, now=now)
    earlier = _takedown_at(tx, keys) if plan.article_id is None else None
    if earlier is not None:
        return earlier
    pending = [*PARTS] if plan.article_id is not None else [RAW] if positions else []
    values: dict[str, Any] = {"url": plan.url, "article_id": plan.article_id, "outlet": plan.outlet, "at": now}
    values |= {"by": storable(by), "reason": storable(reason), "counts": dict(plan.counts), "pending": pending}
    values |= {"ended_at": None if pending else now, "lifted_by": ""}
    row = tx.execute(insert(takedowns).values(**values).returning(takedowns)).one()
    note_act(tx, by=by, act="took down", subject=plan.url, detail=reason, now=now)
    if plan.article_id is not None:
        _erase_article(tx, plan.article_id, reason=reason, now=now)
    _bar(tx, plan, keys, takedown_id=row.id, reason=reason, now=now)
    for start in range(0, len(keys), _CHUNK):
        some = keys[start : start + _CHUNK]
        tx.execute(update(leads).where(leads.c.url_key.in_(some)).values(title=""))
        tx.execute(update(decisions).where(decisions.c.url_key.in_(some)).values(detail=""))
    return _takedown(row)


def taken_down_among(tx: Transaction, urls: Collection[str]) -> frozenset[str]:
    """Return the keys of those addresses that were taken down. A statement for every 400."""
    keys = sorted({url_key(storable(url)) for url in urls})
    found: set[str] = set()
    for start in range(0, len(keys), _CHUNK):
        query = select(tombstones.c.url_key).where(tombstones.c.url_key.in_(keys[start : start + _CHUNK]))
        found.update(tx.execute(query).scalars())
    return frozenset(found)


def tombstone_of(tx: Transaction, *, url: str = "", article_id: int | None = None) -> Tombstone | None:
    """Return the tombstone of an address, or of an article that was taken down."""
    which = tombstones.c.article_id == article_id if not url else tombstones.c.url_key == url_key(storable(url))
    row = tx.execute(select(tombstones).where(which).order_by(tombstones.c.url_key).limit(1)).first()
    return None if row is None else Tombstone(row.url, row.at, row.reason, row.article_id)


def lift(tx: Transaction, url: str, *, by: str, now: datetime) -> list[str]:
    """Let an address, and those taken down with it, be asked for again; return them. Nothing is brought back.

    Raises NotFoundError where it was not taken down.
    """
    row = tx.execute(select(tombstones).where(tombstones.c.url_key == url_key(storable(url)))).first()
    if row is None:
        raise NotFoundError(f"{url[:200]}: is not taken down; nothing to lift.")
    which = tombstones.c.url_key == row.url_key
    if row.takedown_id is not None:
        which = tombstones.c.takedown_id == row.takedown_id
        said = {"lifted_at": now, "lifted_by": storable(by)}
        tx.execute(update(takedowns).where(takedowns.c.id == row.takedown_id).values(said))
    lifted = list(tx.execute(select(tombstones.c.url).where(which).order_by(tombstones.c.url)).scalars())
    tx.execute(delete(tombstones).where(which))
    note_act(tx, by=by, act="lifted the takedown", subject=row.url, now=now)
    return lifted


def pending_takedowns(tx: Transaction) -> list[Takedown]:
    """Return the takedowns of which something is still to be overwritten, oldest first."""
    query = select(takedowns).where(takedowns.c.ended_at.is_(None)).order_by(takedowns.c.id)
    return [_takedown(row) for row in tx.execute(query)]


def list_takedowns(tx: Transaction, *, limit: int = 100, offset: int = 0) -> list[Takedown]:
    """Return takedowns, newest first."""
    query = select(takedowns).order_by(takedowns.c.id.desc()).limit(limit).offset(offset)
    return [_takedown(row) for row in tx.execute(query)]


def get_takedown(tx: Transaction, takedown_id: int) -> Takedown | None:
    """Return one takedown."""
    row = tx.execute(select(takedowns).where(takedowns.c.id == takedown_id)).first()
    return None if row is None else _takedown(row)


def addresses_barred(tx: Transaction, takedown_id: int) -> list[str]:
    """Return the addresses that a takedown bars, while it is in force."""
    query = select(tombstones.c.url).where(tombstones.c.takedown_id == takedown_id).order_by(tombstones.c.url)
    return list(tx.execute(query).scalars())


def note_overwritten(tx: Transaction, part: str, *, up_to: int, now: datetime) -> None:
    """Say that this part (of PARTS) of all takedowns up to one, by id, is overwritten."""
    query = select(takedowns.c.id, takedowns.c.pending).where(takedowns.c.ended_at.is_(None), takedowns.c.id <= up_to)
    for row in tx.execute(query).all():
        left = [one for one in row.pending if one != part]
        ended = {} if left else {"ended_at": now}
        tx.execute(update(takedowns).where(takedowns.c.id == row.id).values(pending=left, **ended))


def _takedown_at(tx: Transaction, keys: Sequence[str]) -> Takedown | None:
    """The takedown that barred one of these addresses, while it is in force."""
    barred = select(tombstones.c.takedown_id).where(tombstones.c.url_key.in_(list(keys)))
    row = tx.execute(select(takedowns).where(takedowns.c.id.in_(barred)).order_by(takedowns.c.id).limit(1)).first()
    return None if row is None else _takedown(row)


def _plan_of_address(tx: Transaction, url: str) -> TakedownPlan:
    barred = [url]
    query = select(tombstones.c.takedown_id).where(tombstones.c.url_key == url_key(url))
    takedown_id = tx.execute(query).scalar()
    if takedown_id is not None:
        with_it = select(tombstones.c.url).where(tombstones.c.takedown_id == takedown_id)
        barred += tx.execute(with_it.order_by(tombstones.c.url_key)).scalars()
    by_key = {url_key(one): one for one in reversed(barred)}
    keys = sorted(by_key)
    counts = {"page": _count(tx, pages, _pages_of(None, keys))}
    seen = tx.execute(select(func.min(pages.c.fetched_at)).where(_pages_of(None, keys))).scalar()
    return TakedownPlan(url, None, "", "", tuple(by_key.values()), counts, first_seen_at=seen)


def _pages_of(article_id: int | None, keys: Sequence[str]) -> ColumnElement[bool]:
    named = pages.c.url_key.in_(list(keys))
    return named if article_id is None else or_(pages.c.article_id == article_id, named)


def _drop_pages(tx: Transaction, article_id: int | None, keys: Sequence[str]) -> list[WarcPosition]:
    """Drop the pages of an article and of its addresses; return where their raw records lie."""
    found = tx.execute(delete(pages).where(_pages_of(article_id, keys)).returning(pages)).all()
    return [WarcPosition(row.warc_file, row.warc_offset, row.warc_length) for row in found if row.warc_file]


def _erase_article(tx: Transaction, article_id: int, *, reason: str, now: datetime) -> None:
    """Remove an article and whatever only it gave to lists over all articles: words, hubs, words of links."""
    story_words = _story_words(tx, article_id)
    hub_ids = set(tx.execute(select(links.c.hub_id).where(links.c.article_id == article_id)).scalars()) - {None}
    query = select(links.c.url_key).where(links.c.article_id == article_id, links.c.url_key.is_not(None))
    cited = sorted(set(tx.execute(query).scalars()))
    delete_article(tx, article_id, reason=reason, now=now)
    subtract_term_counts(tx, story_words)
    tell_by_others(tx, cited)
    used = select(links.c.hub_id).where(links.c.hub_id == hubs.c.id).exists()
    for start in range(0, len(hub_ids), _CHUNK):
        some = sorted(hub_ids)[start : start + _CHUNK]
        tx.execute(delete(hubs).where(hubs.c.id.in_(some), ~used))


def _story_words(tx: Transaction, article_id: int) -> Counter[str]:
    """The words the article added to the counts of words; none where it is a copy, whose words were not counted."""
    if tx.execute(select(copies.c.article_id).where(copies.c.article_id == article_id)).first() is not None:
        return Counter()
    row = tx.execute(select(articles).where(articles.c.id == article_id)).one()
    words: set[str] = set()
    for title, text in texts_of(tx, article_id):
        at = row.sort_at
        words |= counts_of(StoryText(article_id, row.outlet, at, row.language, title, text)).terms.keys()
    placed = tx.execute(select(story_members.c.article_id).where(story_members.c.article_id == article_id)).first()
    return Counter(dict.fromkeys(words, 1) | ({SEEN: 1} if placed is not None else {}))


def _bar(
    tx: Transaction, plan: TakedownPlan, keys: Sequence[str], *, takedown_id: int, reason: str, now: datetime
) -> None:
    by_key = {url_key(storable(url)): storable(url) for url in reversed(plan.addresses)}
    for start in range(0, len(keys), _CHUNK):
        tx.execute(delete(tombstones).where(tombstones.c.url_key.in_(keys[start : start + _CHUNK])))
    values = {"at": now, "reason": storable(reason), "article_id": plan.article_id, "takedown_id": takedown_id}
    tx.execute(insert(tombstones), [{"url_key": key, "url": by_key[key], **values} for key in keys])


def _same_text(tx: Transaction, article_id: int, digest: str) -> list[SameText]:
    """Articles that were found to be copies of this one's text, or this of theirs, or have the very same."""
    original = select(copies.c.original_id).where(copies.c.article_id == article_id).scalar_subquery()
    either = or_(copies.c.original_id == article_id, copies.c.original_id == original)
    family = select(copies.c.article_id).where(either)
    same = or_(articles.c.id.in_(family), articles.c.id == original, articles.c.digest == digest)
    query = select(articles).where(same, articles.c.id != article_id).order_by(articles.c.id)
    return [SameText(row.id, row.outlet, row.canonical_url, row.title) for row in tx.execute(query)]


def _count(tx: Transaction, table: Any, which: ColumnElement[bool]) -> int:
    return int(tx.execute(select(func.count()).select_from(table).where(which)).scalar_one())


def _address(url: str) -> str:
    cleaned = storable(url.strip())
    if cleaned.lower().startswith("urn:watchfloor:"):
        return cleaned
    try:
        return canonical_url(cleaned)
    except ValueError:
        raise NotFoundError(f"{url[:200]!r}: is no address; name one that begins with http:// or https://.") from None


def _takedown(row: Row[Any]) -> Takedown:
    return Takedown(
        id=row.id,
        url=row.url,
        article_id=row.article_id,
        outlet=row.outlet,
        at=row.at,
        by=row.by,
        reason=row.reason,
        counts=row.counts,
        pending=tuple(row.pending),
        ended_at=row.ended_at,
        lifted_at=row.lifted_at,
        lifted_by=row.lifted_by,
    )
