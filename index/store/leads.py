"""The frontier: every URL that may be an article, where it was found, and how far it has come."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, case, func, insert, or_, select, update

from index.outcomes import WAITS_AGAIN, Outcome
from index.records import Lead, LeadState, Via
from index.store.columns import storable
from index.store.decisions import record_outcome
from index.store.engine import Transaction
from index.store.tables import addresses, leads, pages, tombstones
from index.urls import url_key

_CHUNK = 400


@dataclass(frozen=True, slots=True)
class AddedLeads:
    """What became of the leads handed in: unknown ones taken, known ones, too many for the limit, waiting again."""

    new: int
    known: int
    over_budget: int
    renewed: int


@dataclass(frozen=True, slots=True)
class KnownPage:
    """What is known of an address before it is asked. `changed_at` is what its source said when it was last asked."""

    article_id: int | None
    etag: str | None
    last_modified: str | None
    fetched_at: datetime  # the last time the server answered for it, 304 included
    changed_at: datetime | None
    outcome: Outcome | None


def add_leads(
    tx: Transaction,
    found: Iterable[Lead],
    *,
    now: datetime,
    run_id: int | None = None,
    limit: int | None = None,
    revisit_after: timedelta | None = None,
) -> AddedLeads:
    """Take leads into the frontier, each address once; at most `limit` new ones.

    A lead that ended waits again when its source says it changed since we asked (a later `changed_at`), or when it was
    last tried longer than `revisit_after` ago. A fixed number of statements per 400 leads.
    """
    by_key: dict[str, Lead] = {}
    for lead in found:
        by_key.setdefault(url_key(storable(lead.url)), lead)
    new = known = over = renewed = 0
    keys = list(by_key)
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        held = {row.url_key: row for row in tx.execute(select(leads).where(leads.c.url_key.in_(chunk)))}
        fresh = [key for key in chunk if key not in held]
        room = len(fresh) if limit is None else max(0, min(len(fresh), limit - new))
        rows = [_values(key, by_key[key], now=now, run_id=run_id) for key in fresh[:room]]
        _untitle_taken_down(tx, rows)
        if rows:
            tx.execute(insert(leads), rows)
        updates = []
        for key, row in held.items():
            lead = by_key[key]
            again = _waits_again(row, lead, now=now, revisit_after=revisit_after)
            renewed += again
            if again or (lead.changed_at is not None and lead.changed_at != row.changed_at):
                state = LeadState.WAITING.value if again else row.state
                moment = lead.changed_at if lead.changed_at is not None else row.changed_at
                updates.append({"held_id": row.id, "new_state": state, "new_changed_at": moment})
        if updates:
            statement = update(leads).where(leads.c.id == bindparam("held_id"))
            tx.execute(statement.values(state=bindparam("new_state"), changed_at=bindparam("new_changed_at")), updates)
        new, known, over = new + room, known + len(held), over + len(fresh) - room
    return AddedLeads(new, known, over, renewed)


def _untitle_taken_down(tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    """Keep no headline of what was taken down, though its feed has it still."""
    titled = [row["url_key"] for row in rows if row["title"]]
    if titled:
        barred = set(tx.execute(select(tombstones.c.url_key).where(tombstones.c.url_key.in_(titled))).scalars())
        for row in rows:
            row["title"] = "" if row["url_key"] in barred else row["title"]


def known_pages(tx: Transaction, urls: Collection[str]) -> dict[str, KnownPage]:
    """Return what is known of those addresses that were fetched before, by url_key."""
    keys = sorted({url_key(storable(url)) for url in urls})
    known: dict[str, KnownPage] = {}
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        newest = select(func.max(pages.c.id)).where(pages.c.url_key.in_(chunk)).group_by(pages.c.url_key)
        rows = {row.url_key: row for row in tx.execute(select(pages).where(pages.c.id.in_(newest)))}
        tried = {row.url_key: row for row in tx.execute(select(leads).where(leads.c.url_key.in_(chunk)))}
        query = select(addresses.c.url_key, addresses.c.article_id).where(addresses.c.url_key.in_(chunk))
        owners = {row.url_key: row.article_id for row in tx.execute(query)}
        for key in chunk:
            page, lead = rows.get(key), tried.get(key)
            if page is None and key not in owners:
                continue
            fetched_at = page.seen_at if page is not None else lead.tried_at if lead is not None else None
            if fetched_at is None:
                continue
            known[key] = KnownPage(
                article_id=owners.get(key, page.article_id if page is not None else None),
                etag=page.etag if page is not None else None,
                last_modified=page.last_modified if page is not None else None,
                fetched_at=fetched_at,
                changed_at=lead.changed_at_tried if lead is not None else None,
                outcome=Outcome(lead.outcome) if lead is not None and lead.outcome else None,
            )
    return known


def take_leads(tx: Transaction, outlet: str, *, run_id: int, limit: int, now: datetime) -> list[Lead]:
    """Give the run the next waiting leads: those never tried and those a source calls changed before those looked at
    again; then fewest link steps first, then newest, then in the order they were found.
    """
    news = or_(
        leads.c.tried_at.is_(None), leads.c.changed_at > func.coalesce(leads.c.changed_at_tried, leads.c.tried_at)
    )
    query = (
        select(leads)
        .where(leads.c.outlet == outlet, leads.c.state == LeadState.WAITING.value)
        .where(or_(leads.c.next_try_at.is_(None), leads.c.next_try_at <= now))
        .where(or_(leads.c.run_id.is_(None), leads.c.run_id != run_id))
        .order_by(
            case((news, 0), else_=1),
            leads.c.depth,
            func.coalesce(leads.c.published_at, leads.c.changed_at).desc().nulls_last(),
            leads.c.id,
        )
        .limit(limit)
    )
    rows = tx.execute(query).all()
    if rows:
        taken = {"state": LeadState.TAKEN.value, "run_id": run_id, "attempt": leads.c.attempt + 1}
        tx.execute(update(leads).where(leads.c.id.in_([row.id for row in rows])).values(taken))
    return [_lead(row, state=LeadState.TAKEN, attempt=row.attempt + 1) for row in rows]


def finish_lead(
    tx: Transaction,
    url: str,
    *,
    outcome: Outcome,
    detail: str,
    run_id: int,
    now: datetime,
    retry_at: datetime | None = None,
) -> None:
    """End a lead with its outcome and log the decision; a passing fault leaves it waiting for the next run."""
    again = outcome in WAITS_AGAIN
    values: dict[str, Any] = {
        "state": (LeadState.WAITING if again else LeadState.DONE).value,
        "outcome": outcome.value,
        "run_id": run_id,
        "next_try_at": retry_at,
    }
    if outcome not in (Outcome.OVER_BUDGET, Outcome.NOT_IN_ARCHIVE):
        values["tried_at"] = now
    if not again:
        values["changed_at_tried"] = leads.c.changed_at
    tx.execute(update(leads).where(leads.c.url_key == url_key(storable(url))).values(values))
    record_outcome(tx, run_id=run_id, url=url, outcome=outcome, detail=detail, now=now)


def release_leads(tx: Transaction, run_id: int, *, now: datetime) -> int:
    """Let the leads a run still holds wait again, for any run; return how many."""
    query = update(leads).where(and_(leads.c.run_id == run_id, leads.c.state == LeadState.TAKEN.value))
    return int(tx.execute(query.values(state=LeadState.WAITING.value, run_id=None, next_try_at=now)).rowcount)


def count_leads(tx: Transaction, outlet: str) -> dict[LeadState, int]:
    """Return how many leads of an outlet are in each state."""
    query = select(leads.c.state, func.count()).where(leads.c.outlet == outlet).group_by(leads.c.state)
    counts: dict[str, int] = dict(tx.execute(query).all())
    return {state: counts.get(state.value, 0) for state in LeadState}


def count_leads_by_source(tx: Transaction, outlet: str) -> dict[tuple[str, Via], int]:
    """Return how many leads of an outlet each address gave first, by that address and how it gave them."""
    query = select(leads.c.found_in, leads.c.via, func.count()).where(leads.c.outlet == outlet)
    rows = tx.execute(query.group_by(leads.c.found_in, leads.c.via).order_by(leads.c.found_in, leads.c.via))
    return {(found_in, Via(via)): count for found_in, via, count in rows}


def dated_leads(tx: Transaction, outlet: str, *, limit: int = 5000) -> list[datetime]:
    """Return when the leads of an outlet were published, as its sources say, newest first."""
    query = select(leads.c.published_at).where(leads.c.outlet == outlet, leads.c.published_at.is_not(None))
    return list(tx.execute(query.order_by(leads.c.published_at.desc()).limit(limit)).scalars())


def get_lead(tx: Transaction, url: str) -> Lead | None:
    """Return the lead of an address."""
    row = tx.execute(select(leads).where(leads.c.url_key == url_key(storable(url)))).first()
    return None if row is None else _lead(row, state=LeadState(row.state), attempt=row.attempt)


def _waits_again(row: Row[Any], lead: Lead, *, now: datetime, revisit_after: timedelta | None) -> bool:
    if row.state != LeadState.DONE.value:
        return False
    if lead.changed_at is not None:
        last_said = row.changed_at_tried
        if last_said is not None and lead.changed_at > last_said:
            return True
        if last_said is None and row.tried_at is not None and lead.changed_at > row.tried_at:
            return True
    return revisit_after is not None and (row.tried_at is None or now - row.tried_at >= revisit_after)


def _values(key: str, lead: Lead, *, now: datetime, run_id: int | None) -> dict[str, Any]:
    return {
        "url_key": key,
        "url": storable(lead.url),
        "outlet": lead.outlet,
        "via": lead.via.value,
        "found_in": storable(lead.found_in),
        "found_at": now,
        "found_run_id": run_id,
        "depth": lead.depth,
        "title": storable(lead.title)[:500],
        "published_at": lead.published_at,
        "changed_at": lead.changed_at,
        "state": LeadState.WAITING.value,
        "attempt": 0,
    }


def _lead(row: Row[Any], *, state: LeadState, attempt: int) -> Lead:
    return Lead(
        url=row.url,
        outlet=row.outlet,
        via=Via(row.via),
        found_in=row.found_in,
        depth=row.depth,
        changed_at=row.changed_at,
        published_at=row.published_at,
        title=row.title,
        id=row.id,
        state=state,
        attempt=attempt,
        outcome=Outcome(row.outcome) if row.outcome else None,
    )
