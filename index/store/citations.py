"""How many articles cite an address: counts kept with every change of links, so that lists need read no links.

An article counts once for an address, however often it links there. Not counted: furniture, bylines, links of an
article to itself, and the pages of its own outlet that its related list names (its hubs, missed by nobody).
All counts can be worked out anew from the links: `recount_all`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, exists, func, insert, literal, not_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from index.records import Role
from index.store.columns import storable
from index.store.engine import Transaction
from index.store.story_tables import cited_addresses, cited_by_outlets
from index.store.tables import articles, links, outlet_hosts
from index.urls import canonical_url
from index.wrapped import unwrapped

UNCOUNTED_ROLES = (Role.FURNITURE.value, Role.BYLINE.value)
_CHUNK = 400
_MOST_TEXT_CHARS = 200


@dataclass(frozen=True, slots=True)
class CitingLink:
    """What decides whether a link counts. `hub_id` is set where a related list names it."""

    url_key: str | None
    url: str | None
    host: str | None
    text: str
    role: str
    hub_id: int | None
    target_article_id: int | None


def hosts_of_outlet(tx: Transaction, outlet: str) -> frozenset[str]:
    """Return the hosts that are an outlet's own."""
    return frozenset(tx.execute(select(outlet_hosts.c.host).where(outlet_hosts.c.outlet == outlet)).scalars())


def counted(found: Iterable[CitingLink], *, article_id: int, own_hosts: Collection[str]) -> dict[str, CitingLink]:
    """Return the links that count, one for each address. Pure; `counts_in_sql` says the same to the database."""
    return {
        link.url_key: link
        for link in found
        if link.url_key
        and link.host
        and link.role not in UNCOUNTED_ROLES
        and link.target_article_id != article_id
        and not (link.hub_id is not None and link.host in own_hosts)
    }


def counts_in_sql() -> ColumnElement[bool]:
    """The condition under which a current link counts; needs links joined with the articles they are in."""
    own = exists().where(outlet_hosts.c.host == links.c.host, outlet_hosts.c.outlet == articles.c.outlet)
    return and_(
        links.c.revision_to.is_(None),
        links.c.url_key.is_not(None),
        links.c.host != "",
        links.c.role.not_in(UNCOUNTED_ROLES),
        or_(links.c.target_article_id.is_(None), links.c.target_article_id != links.c.article_id),
        or_(links.c.hub_id.is_(None), not_(own)),
    )


def change_counts(
    tx: Transaction,
    before: Mapping[str, CitingLink],
    after: Mapping[str, CitingLink],
    *,
    outlet_before: str,
    outlet: str,
    now: datetime,
) -> None:
    """Bring the counts up from one set of an article's counted links to the next; none where nothing differs."""
    stays = outlet_before == outlet
    gone = sorted(key for key in before if not (stays and key in after))
    come = sorted(key for key in after if not (stays and key in before))
    _subtract(tx, gone, outlet=outlet_before)
    if come:
        _know(tx, [after[key] for key in come], now=now)
        rows = [{"url_key": key, "outlet": outlet, "citers": 1} for key in come]
        statement = _insert(tx, cited_by_outlets)
        again = {"citers": cited_by_outlets.c.citers + 1}
        tx.execute(statement.on_conflict_do_update(index_elements=["url_key", "outlet"], set_=again), rows)
    _total(tx, sorted({*gone, *come}), some_less=bool(gone))


def uncount_article(tx: Transaction, article_id: int) -> None:
    """Take the links of an article out of the counts, before they are dropped."""
    _uncount(tx, links.c.article_id == article_id)


def uncount_self(tx: Transaction, article_id: int, which: ColumnElement[bool]) -> None:
    """Take those links of an article out of the counts that are about to be links to itself."""
    _uncount(tx, and_(links.c.article_id == article_id, which))


def held_at(tx: Transaction, keys: Sequence[str], article_id: int) -> None:
    """Note that an article has these addresses now: they are wanted no more."""
    for start in range(0, len(keys), _CHUNK):
        part = cited_addresses.c.url_key.in_(keys[start : start + _CHUNK])
        tx.execute(update(cited_addresses).where(part).values(article_id=article_id))


def held_elsewhere(tx: Transaction, article_id: int, keep_id: int | None) -> None:
    """Note that the addresses of an article are another's now, or (None) nobody's."""
    statement = update(cited_addresses).where(cited_addresses.c.article_id == article_id)
    tx.execute(statement.values(article_id=keep_id))


def recount(tx: Transaction, keys: Sequence[str], *, outlet: str, now: datetime) -> None:
    """Count anew how many articles of one outlet cite these addresses: their roles changed."""
    for start in range(0, len(keys), _CHUNK):
        part = keys[start : start + _CHUNK]
        mine = and_(cited_by_outlets.c.outlet == outlet, cited_by_outlets.c.url_key.in_(part))
        tx.execute(delete(cited_by_outlets).where(mine))
        which = and_(articles.c.outlet == outlet, links.c.url_key.in_(part))
        rows = tx.execute(_counting(which)).all()
        if rows:
            _know(tx, _examples(tx, which), now=now)
            tx.execute(insert(cited_by_outlets), [dict(row._mapping) for row in rows])
    _total(tx, keys)


def tell_by_others(tx: Transaction, keys: Sequence[str]) -> None:
    """Tell addresses still cited by the words of a link that is there: those kept were perhaps of one that is not."""
    told = update(cited_addresses).where(cited_addresses.c.url_key == bindparam("key")).values(text=bindparam("words"))
    for start in range(0, len(keys), _CHUNK):
        part = keys[start : start + _CHUNK]
        tx.execute(update(cited_addresses).where(cited_addresses.c.url_key.in_(part)).values(text=""))
        found = _examples(tx, links.c.url_key.in_(part))
        if found:
            tx.execute(told, [{"key": one.url_key, "words": storable(one.text)[:_MOST_TEXT_CHARS]} for one in found])


def recount_all(tx: Transaction) -> int:
    """Count everything anew from the links; return how many addresses are cited."""
    tx.execute(delete(cited_by_outlets))
    tx.execute(delete(cited_addresses))
    tx.execute(insert(cited_by_outlets).from_select(["url_key", "outlet", "citers"], _counting(literal(True))))
    first = (
        select(
            links.c.url_key,
            func.min(links.c.url),
            func.min(links.c.host),
            func.min(func.substr(links.c.text, 1, _MOST_TEXT_CHARS)),
            func.count(links.c.article_id.distinct()),
            func.count(articles.c.outlet.distinct()),
            func.max(links.c.target_article_id),
            func.min(links.c.first_seen_at),
        )
        .join(articles, articles.c.id == links.c.article_id)
        .where(counts_in_sql())
        .group_by(links.c.url_key)
    )
    names = ["url_key", "url", "host", "text", "citers", "outlets", "article_id", "first_seen_at"]
    tx.execute(insert(cited_addresses).from_select(names, first))
    _write_addresses_anew(tx)
    return int(tx.execute(select(func.count()).select_from(cited_addresses)).scalar_one())


def _write_addresses_anew(tx: Transaction) -> None:
    """Put the address meant in the place of the one a link was written with, where they differ."""
    last = ""
    while True:
        query = select(cited_addresses.c.url_key, cited_addresses.c.url).where(cited_addresses.c.url_key > last)
        rows = tx.execute(query.order_by(cited_addresses.c.url_key).limit(_CHUNK)).all()
        if not rows:
            return
        last = rows[-1].url_key
        better = [{"key": row.url_key, "meant": meant} for row in rows if (meant := _address_of(row.url)) != row.url]
        if better:
            statement = update(cited_addresses).where(cited_addresses.c.url_key == bindparam("key"))
            tx.execute(statement.values(url=bindparam("meant")), better)


def _address_of(url: str) -> str:
    """The address a link means, without what says where a reader came from."""
    meant = unwrapped(url)
    try:
        return storable(canonical_url(meant))
    except ValueError:
        return storable(meant)


def _uncount(tx: Transaction, which: ColumnElement[bool]) -> None:
    """Take the links of one article that meet a condition out of the counts."""
    query = select(articles.c.outlet, links.c.url_key)
    query = query.join(articles, articles.c.id == links.c.article_id).where(counts_in_sql(), which)
    rows = tx.execute(query.distinct().order_by(links.c.url_key)).all()
    keys = [row.url_key for row in rows]
    if rows:
        _subtract(tx, keys, outlet=rows[0].outlet)
        _total(tx, keys)


def _subtract(tx: Transaction, keys: Sequence[str], *, outlet: str) -> None:
    for start in range(0, len(keys), _CHUNK):
        part = and_(cited_by_outlets.c.outlet == outlet, cited_by_outlets.c.url_key.in_(keys[start : start + _CHUNK]))
        tx.execute(update(cited_by_outlets).where(part).values(citers=cited_by_outlets.c.citers - 1))
        tx.execute(delete(cited_by_outlets).where(part, cited_by_outlets.c.citers <= 0))


def _total(tx: Transaction, keys: Sequence[str], *, some_less: bool = True) -> None:
    """Add up the counts of outlets, and drop what is cited by none any more, where some may be."""
    own = cited_by_outlets.c.url_key == cited_addresses.c.url_key
    citers = select(func.coalesce(func.sum(cited_by_outlets.c.citers), 0)).where(own).scalar_subquery()
    outlets = select(func.count()).select_from(cited_by_outlets).where(own).scalar_subquery()
    for start in range(0, len(keys), _CHUNK):
        part = cited_addresses.c.url_key.in_(keys[start : start + _CHUNK])
        tx.execute(update(cited_addresses).where(part).values(citers=citers, outlets=outlets))
        if some_less:
            tx.execute(delete(cited_addresses).where(part, cited_addresses.c.citers == 0))


def _know(tx: Transaction, found: Sequence[CitingLink], *, now: datetime) -> None:
    """Keep addresses cited for the first time; one that is known stays as it is."""
    rows = [
        {
            "url_key": link.url_key,
            "url": _address_of(link.url or ""),
            "host": link.host,
            "text": storable(link.text)[:_MOST_TEXT_CHARS],
            "citers": 0,
            "outlets": 0,
            "article_id": link.target_article_id,
            "first_seen_at": now,
        }
        for link in found
    ]
    tx.execute(_insert(tx, cited_addresses).on_conflict_do_nothing(index_elements=["url_key"]), rows)


def _counting(which: ColumnElement[bool]) -> Any:
    return (
        select(links.c.url_key, articles.c.outlet, func.count(links.c.article_id.distinct()).label("citers"))
        .join(articles, articles.c.id == links.c.article_id)
        .where(counts_in_sql(), which)
        .group_by(links.c.url_key, articles.c.outlet)
    )


def _examples(tx: Transaction, which: ColumnElement[bool]) -> list[CitingLink]:
    ids = select(func.min(links.c.id)).join(articles, articles.c.id == links.c.article_id)
    ids = ids.where(counts_in_sql(), which).group_by(links.c.url_key)
    return [citing_link(row._mapping) for row in tx.execute(select(links).where(links.c.id.in_(ids)))]


def citing_link(row: Mapping[str, Any] | Any) -> CitingLink:
    """Take from a row of links what decides whether it counts."""
    return CitingLink(**{name: row[name] for name in CitingLink.__slots__})


def _insert(tx: Transaction, table: Any) -> Any:
    return (postgresql if tx.dialect.name == "postgresql" else sqlite).insert(table)
