"""Cited addresses as lists and pages: what is wanted, and the hubs that two articles or more link to.

Lists are read from the counts of citations.py in the order of an index; only what one page shows is looked up.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, Select, and_, exists, func, or_, select

from index.cited_values import CitedAddress, CitingArticle, HubStory
from index.records import Role, Wanted
from index.store.citations import UNCOUNTED_ROLES, counts_in_sql
from index.store.columns import storable
from index.store.engine import Transaction
from index.store.story_tables import NOT_HELD, cited_addresses, cited_by_outlets, stories, story_members
from index.store.tables import articles, links, outlet_hosts, outlets, tombstones
from index.wrapped import link_key

LEAST_CITERS = 2
"""What one article alone links to is no hub."""

NEWEST_CITERS = 500
"""Citing articles that are looked at for what is cited together: the newest ones, so that no page costs more."""

_CHUNK = 400


def wanted(tx: Transaction, *, limit: int = 50, offset: int = 0) -> list[Wanted]:
    """Return linked addresses not held yet, those most articles link to first."""
    rows = tx.execute(_not_held().limit(limit).offset(offset)).all()
    owners = _registered(tx, [row.host for row in rows])
    return [Wanted(row.url, row.citers, row.outlets, row.first_seen_at, row.text, owners.get(row.host)) for row in rows]


def count_wanted(tx: Transaction) -> int:
    """Return how many linked addresses are not held yet."""
    every = select(func.count()).select_from(cited_addresses).where(NOT_HELD)
    gone = (
        select(func.count())
        .select_from(tombstones)
        .join(cited_addresses, and_(cited_addresses.c.url_key == tombstones.c.url_key, NOT_HELD))
    )
    return int(tx.execute(every).scalar_one()) - int(tx.execute(gone).scalar_one())


def url_hubs(tx: Transaction, *, limit: int = 50, offset: int = 0) -> list[CitedAddress]:
    """Return addresses not held that two articles or more link to, those most articles link to first."""
    query = _not_held().where(cited_addresses.c.citers >= LEAST_CITERS)
    return [_cited(row) for row in tx.execute(query.limit(limit).offset(offset))]


def most_cited_ever(tx: Transaction, *, limit: int = 50, offset: int = 0) -> list[CitedAddress]:
    """Return addresses that two articles or more link to, held or not, those most articles link to first.

    An article cited under several addresses stands there once, by the one most cite, with all who cite it.
    """
    order = (cited_addresses.c.citers.desc(), cited_addresses.c.url_key.desc())
    other = cited_addresses.alias()
    more = or_(
        other.c.citers > cited_addresses.c.citers,
        and_(other.c.citers == cited_addresses.c.citers, other.c.url_key > cited_addresses.c.url_key),
    )
    stands_higher = exists().where(other.c.article_id == cited_addresses.c.article_id, more)
    query = select(cited_addresses).where(cited_addresses.c.citers >= LEAST_CITERS, ~stands_higher).order_by(*order)
    rows = tx.execute(query.limit(limit).offset(offset)).all()
    found = list(_by_article(tx, {row.url_key: _cited(row) for row in rows}).values())
    return sorted(found, key=lambda one: -one.citers)


def cited_of_keys(tx: Transaction, keys: Sequence[str]) -> dict[str, CitedAddress]:
    """Return what is known of cited addresses by their keys."""
    query = select(cited_addresses).where(cited_addresses.c.url_key.in_(list(keys)))
    return _by_article(tx, {row.url_key: _cited(row) for row in tx.execute(query)})


def cited_address(tx: Transaction, url: str) -> CitedAddress | None:
    """Return what is known of an address that articles link to, held or not; None where none does."""
    row = tx.execute(select(cited_addresses).where(cited_addresses.c.url_key == link_key(storable(url)))).first()
    return None if row is None else _cited(row)


def articles_citing(tx: Transaction, url: str, *, limit: int = 50, offset: int = 0) -> list[CitingArticle]:
    """Return the articles that link to an address, newest first, each with the first sentence that does."""
    key = link_key(storable(url))
    newest = _citers(key).limit(limit).offset(offset).subquery()
    query = (
        select(
            articles.c.id,
            articles.c.title,
            articles.c.outlet,
            articles.c.language,
            articles.c.sort_at,
            links.c.text,
            links.c.context,
            links.c.role,
            links.c.url,
        )
        .select_from(newest)
        .join(articles, articles.c.id == newest.c.id)
        .join(links, links.c.id == newest.c.link_id)
        .order_by(articles.c.sort_at.desc(), articles.c.id.desc())
    )
    return [
        CitingArticle(
            row.id, row.title, row.outlet, row.language, row.sort_at, row.text, row.context, Role(row.role), row.url
        )
        for row in tx.execute(query)
    ]


def outlets_citing(tx: Transaction, url: str, *, limit: int = 50) -> list[tuple[str, int]]:
    """Return the outlets whose articles link to an address, with how many do, most first."""
    query = select(cited_by_outlets.c.outlet, cited_by_outlets.c.citers)
    query = query.where(cited_by_outlets.c.url_key == link_key(storable(url)))
    rows = tx.execute(query.order_by(cited_by_outlets.c.citers.desc(), cited_by_outlets.c.outlet).limit(limit))
    return [(row.outlet, row.citers) for row in rows]


def newest_citers(tx: Transaction, url: str) -> list[int]:
    """Return the ids of the newest articles that link to an address, 500 at most."""
    return [row.id for row in tx.execute(_citers(link_key(storable(url))).limit(NEWEST_CITERS))]


def cited_together(
    tx: Transaction, url: str, among: Sequence[int], *, limit: int = 12
) -> list[tuple[CitedAddress, int]]:
    """Return what articles that cite an address (`among`) cite too, with how many of them do.

    Two of them at least; what everybody cites anyway is ranked lower, by the root of all its citers.
    """
    key, ids = link_key(storable(url)), among
    together: dict[str, int] = {}
    for start in range(0, len(ids), _CHUNK):
        query = (
            select(links.c.url_key, func.count(links.c.article_id.distinct()).label("citers"))
            .join(articles, articles.c.id == links.c.article_id)
            .where(links.c.article_id.in_(ids[start : start + _CHUNK]), counts_in_sql(), links.c.url_key != key)
            .group_by(links.c.url_key)
        )
        for row in tx.execute(query):
            together[row.url_key] = together.get(row.url_key, 0) + row.citers
    often = sorted((other for other, count in together.items() if count >= LEAST_CITERS), key=together.__getitem__)
    rows = tx.execute(select(cited_addresses).where(cited_addresses.c.url_key.in_(often[-_CHUNK:])))
    found = [(_cited(row), together[row.url_key]) for row in rows]
    found.sort(key=lambda pair: (-pair[1] / math.sqrt(max(1, pair[0].citers)), -pair[1], pair[0].url))
    return found[:limit]


def stories_among(tx: Transaction, ids: Sequence[int], *, limit: int = 10) -> list[HubStory]:
    """Return the stories of two articles or more that these are in, with how many of them are in each, most first."""
    counts: dict[int, int] = {}
    for start in range(0, len(ids), _CHUNK):
        query = select(story_members.c.story_id, func.count().label("citers"))
        query = query.join(stories, stories.c.id == story_members.c.story_id).where(stories.c.articles > 1)
        query = query.where(story_members.c.article_id.in_(ids[start : start + _CHUNK]))
        for row in tx.execute(query.group_by(story_members.c.story_id)):
            counts[row.story_id] = counts.get(row.story_id, 0) + row.citers
    top = sorted(counts, key=lambda story_id: (-counts[story_id], -story_id))[:limit]
    rows = {row.id: row for row in tx.execute(select(stories).where(stories.c.id.in_(top)))}
    return [HubStory(one, rows[one].title, rows[one].last_at, counts[one]) for one in top if one in rows]


def _by_article(tx: Transaction, found: dict[str, CitedAddress]) -> dict[str, CitedAddress]:
    """Count for articles that are cited under several addresses everybody who cites one of them, once."""
    held = sorted({one.article_id for one in found.values() if one.article_id is not None})
    same = cited_addresses.c.article_id
    query = select(same).where(same.in_(held)).group_by(same).having(func.count() > 1)
    several = list(tx.execute(query).scalars()) if held else []
    if not several:
        return found
    counting = (
        select(
            links.c.target_article_id,
            func.count(links.c.article_id.distinct()).label("citers"),
            func.count(articles.c.outlet.distinct()).label("outlets"),
        )
        .join(articles, articles.c.id == links.c.article_id)
        .where(links.c.target_article_id.in_(several), counts_in_sql())
        .group_by(links.c.target_article_id)
    )
    counts = {row.target_article_id: row for row in tx.execute(counting)}
    return {
        key: replace(one, citers=row.citers, outlets=row.outlets)
        if one.article_id is not None and (row := counts.get(one.article_id)) is not None
        else one
        for key, one in found.items()
    }


def _citers(key: str) -> Select[Any]:
    """The articles that link to a key, newest first, each with its first link there."""
    return (
        select(articles.c.id, func.min(links.c.id).label("link_id"))
        .join(links, links.c.article_id == articles.c.id)
        .where(links.c.url_key == key, links.c.revision_to.is_(None), links.c.role.not_in(UNCOUNTED_ROLES))
        .group_by(articles.c.id, articles.c.sort_at)
        .order_by(articles.c.sort_at.desc(), articles.c.id.desc())
    )


def _not_held() -> Select[Any]:
    """Addresses not held, most cited first; what was taken down is missed by nobody."""
    taken_down = exists().where(tombstones.c.url_key == cited_addresses.c.url_key)
    order = (cited_addresses.c.citers.desc(), cited_addresses.c.url_key.desc())
    return select(cited_addresses).where(NOT_HELD, ~taken_down).order_by(*order)


def _registered(tx: Transaction, hosts: Collection[str]) -> dict[str, str]:
    """The registered outlets of these hosts: those that can be crawled."""
    query = (
        select(outlet_hosts.c.host, outlet_hosts.c.outlet)
        .join(outlets, outlets.c.name == outlet_hosts.c.outlet)
        .where(outlet_hosts.c.host.in_(sorted(set(hosts))), outlets.c.provisional.is_(False))
    )
    return {row.host: row.outlet for row in tx.execute(query)}


def _cited(row: Row[Any]) -> CitedAddress:
    return CitedAddress(row.url, row.citers, row.outlets, row.first_seen_at, row.text, row.article_id)
