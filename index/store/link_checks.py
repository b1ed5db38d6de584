"""How linked addresses answered when they were last asked: alive, redirected, dead or unreachable, and since when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, insert, or_, select, update

from index.link_states import LinkCheck, LinkState
from index.store.columns import storable
from index.store.engine import Transaction
from index.store.story_tables import cited_addresses, link_checks
from index.store.tables import leads, outlet_hosts, tombstones
from index.urls import url_key

_CHUNK = 400


def record_check(
    tx: Transaction, url: str, state: LinkState, *, now: datetime, status: int | None = None, leads_to: str = ""
) -> None:
    """Keep how an address answered; the same answer again leaves `since` as it is.

    A passing fault takes no verdict back: what was dead stays dead until it answers. Of addresses nobody links to only
    those that are dead or lead elsewhere are kept: someone may link there later.
    """
    key = url_key(storable(url))
    held = tx.execute(select(link_checks).where(link_checks.c.url_key == key)).first()
    if held is None and state in (LinkState.ALIVE, LinkState.UNREACHABLE) and not _is_cited(tx, key):
        return
    if held is not None and held.state == LinkState.DEAD.value and state is LinkState.UNREACHABLE:
        return
    values: dict[str, Any] = {
        "url": storable(url),
        "state": state.value,
        "status": status,
        "leads_to": storable(leads_to) or None,
        "checked_at": now,
    }
    if held is None:
        tx.execute(insert(link_checks).values(url_key=key, since=now, **values))
        return
    same = held.state == state.value and (held.leads_to or "") == (storable(leads_to) or "")
    since = min(held.since, now) if same else now
    tx.execute(update(link_checks).where(link_checks.c.url_key == key).values(since=since, **values))


def check_of(tx: Transaction, url: str) -> LinkCheck | None:
    """Return how an address answered, None where nothing is known."""
    row = tx.execute(select(link_checks).where(link_checks.c.url_key == url_key(storable(url)))).first()
    return None if row is None else link_check(row)


def addresses_to_check(tx: Transaction, outlet: str, *, limit: int, now: datetime, every: timedelta) -> list[str]:
    """Return linked addresses on the hosts of an outlet to ask now: never asked first, then those asked longest ago.

    None that was asked within `every`, and none that was taken down.
    """
    gone = select(tombstones.c.url_key).where(tombstones.c.url_key == cited_addresses.c.url_key).exists()
    # What may not be asked (robots.txt) has no state, but its lead was tried: it must not come first for ever.
    asked_at = func.coalesce(link_checks.c.checked_at, leads.c.tried_at)
    query = (
        select(cited_addresses.c.url)
        .join(outlet_hosts, outlet_hosts.c.host == cited_addresses.c.host)
        .join(link_checks, link_checks.c.url_key == cited_addresses.c.url_key, isouter=True)
        .join(leads, leads.c.url_key == cited_addresses.c.url_key, isouter=True)
        .where(outlet_hosts.c.outlet == outlet, ~gone)
        .where(or_(asked_at.is_(None), asked_at <= now - every))
        .order_by(asked_at.asc().nulls_first(), cited_addresses.c.citers.desc(), cited_addresses.c.url_key)
        .limit(limit)
    )
    return list(tx.execute(query).scalars())


def count_states(tx: Transaction) -> dict[LinkState, int]:
    """Return how many addresses are in each state."""
    rows = tx.execute(select(link_checks.c.state, func.count()).group_by(link_checks.c.state)).all()
    counts: dict[str, int] = dict(rows)
    return {state: counts.get(state.value, 0) for state in LinkState}


def states_of(tx: Transaction, urls: Collection[str]) -> dict[str, LinkState]:
    """Return the states of those addresses of which something is known."""
    keys = {url_key(storable(url)): url for url in urls}
    found: dict[str, LinkState] = {}
    listed = sorted(keys)
    for start in range(0, len(listed), _CHUNK):
        part = link_checks.c.url_key.in_(listed[start : start + _CHUNK])
        for row in tx.execute(select(link_checks.c.url_key, link_checks.c.state).where(part)):
            found[keys[row.url_key]] = LinkState(row.state)
    return found


def link_check(row: Row[Any]) -> LinkCheck:
    """Make the value of a row."""
    return LinkCheck(LinkState(row.state), row.since, row.checked_at, row.status, row.leads_to)


def _is_cited(tx: Transaction, key: str) -> bool:
    query = select(cited_addresses.c.url_key).where(cited_addresses.c.url_key == key)
    return tx.execute(query).first() is not None
