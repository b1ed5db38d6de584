"""Links that most articles of an outlet carry: its furniture, learned from what was crawled, unlearned when it goes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Select, and_, delete, func, insert, select, update

from index.records import Link, Role
from index.store.citations import recount
from index.store.columns import storable
from index.store.engine import Transaction
from index.store.tables import articles, links, outlet_furniture
from index.wrapped import link_key

LEAST_ARTICLES = 20
"""With fewer articles of an outlet than this, a link on most of them may be the story of the day."""

LEARNED_SHARE = 0.5
UNLEARNED_SHARE = 0.25
"""A link is furniture from the first share on and stays so down to the second, so that none goes to and fro."""

LEARNABLE = (Role.INLINE.value, Role.SOURCE.value)
_CHUNK = 400


def learn_furniture(tx: Transaction, outlet: str, *, now: datetime) -> tuple[int, int]:
    """Look at an outlet's current links; return how many addresses became furniture, and how many no longer are.

    The links themselves are changed with them; five statements where nothing is new.
    """
    total = tx.execute(select(func.count()).select_from(articles).where(articles.c.outlet == outlet)).scalar_one()
    if total < LEAST_ARTICLES:
        return 0, 0
    known = select(outlet_furniture.c.url_key, outlet_furniture.c.role).where(outlet_furniture.c.outlet == outlet)
    held = {row.url_key: row.role for row in tx.execute(known)}
    often = {row.url_key: row.role for row in tx.execute(_carried_by(outlet, total * LEARNED_SHARE, roles=LEARNABLE))}
    still = {row.url_key for row in tx.execute(_carried_by(outlet, total * UNLEARNED_SHARE))}
    fresh = {key: role for key, role in often.items() if key not in held}
    gone = {key: role for key, role in held.items() if key not in still}
    if fresh:
        values = [{"outlet": outlet, "url_key": key, "role": role, "learned_at": now} for key, role in fresh.items()]
        tx.execute(insert(outlet_furniture), values)
        _change_roles(tx, outlet, sorted(fresh), to=Role.FURNITURE.value, among=LEARNABLE, now=now)
    for role in sorted(set(gone.values())):
        keys = sorted(key for key, was in gone.items() if was == role)
        _change_roles(tx, outlet, keys, to=role, among=(Role.FURNITURE.value,), now=now)
        for start in range(0, len(keys), _CHUNK):
            part = outlet_furniture.c.url_key.in_(keys[start : start + _CHUNK])
            tx.execute(delete(outlet_furniture).where(outlet_furniture.c.outlet == outlet, part))
    return len(fresh), len(gone)


def furniture_among(tx: Transaction, outlet: str, keys: Collection[str]) -> frozenset[str]:
    """Return those of the addresses that are learned furniture of the outlet; at most a statement per 400."""
    found: set[str] = set()
    listed = sorted(keys)
    for start in range(0, len(listed), _CHUNK):
        part = outlet_furniture.c.url_key.in_(listed[start : start + _CHUNK])
        found.update(
            tx.execute(select(outlet_furniture.c.url_key).where(outlet_furniture.c.outlet == outlet, part)).scalars()
        )
    return frozenset(found)


def as_learned(tx: Transaction, outlet: str, found: Sequence[Link]) -> tuple[Link, ...]:
    """Return links in the roles they are kept in: those to learned furniture are furniture."""
    keys = {link.url: link_key(storable(link.url)) for link in found if link.url and link.role.value in LEARNABLE}
    known = furniture_among(tx, outlet, set(keys.values()))
    return tuple(
        replace(link, role=Role.FURNITURE)
        if link.role.value in LEARNABLE and keys.get(link.url or "") in known
        else link
        for link in found
    )


def _carried_by(outlet: str, least: float, *, roles: Sequence[str] = ()) -> Select[tuple[str, str]]:
    """Addresses that at least so many of an outlet's articles link to now, each with the role they are taken for."""
    query = (
        select(links.c.url_key, func.min(links.c.role).label("role"))
        .join(articles, and_(articles.c.id == links.c.article_id, articles.c.outlet == outlet))
        .where(links.c.revision_to.is_(None), links.c.url_key.is_not(None))
        .group_by(links.c.url_key)
        .having(func.count(links.c.article_id.distinct()) >= least)
    )
    return query.where(links.c.role.in_(roles)) if roles else query


def _change_roles(
    tx: Transaction, outlet: str, keys: Sequence[str], *, to: str, among: Sequence[str], now: datetime
) -> None:
    ours = select(articles.c.id).where(articles.c.outlet == outlet)
    for start in range(0, len(keys), _CHUNK):
        part = links.c.url_key.in_(keys[start : start + _CHUNK])
        tx.execute(
            update(links)
            .where(part, links.c.revision_to.is_(None), links.c.role.in_(among), links.c.article_id.in_(ours))
            .values(role=to)
        )
    recount(tx, keys, outlet=outlet, now=now)
