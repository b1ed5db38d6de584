"""Outlets as the store knows them: registered from their files, or provisional because pages were imported."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, and_, delete, exists, func, insert, or_, select, update

from config.outlets import OutletSpec, fold_host
from index.health.causes import Cause, cause_named
from index.health.records import HealthState
from index.records import Coverage, OutletRow
from index.store.engine import Transaction
from index.store.health_tables import outlet_health
from index.store.runs import SUCCESSFUL, run_of_row
from index.store.tables import articles, outlet_hosts, outlets, runs

FAILING = (HealthState.BROKEN, HealthState.BLOCKED)
"""States in which an outlet that is read in time gives no news all the same."""


def register_outlets(tx: Transaction, specs: Iterable[OutletSpec], now: datetime) -> None:
    """Write what the outlet files say. A host a provisional outlet had goes over to the registered one."""
    specs = list(specs)
    names = [spec.name for spec in specs]
    rows = {row.name: row for row in tx.execute(select(outlets).where(outlets.c.name.in_(names)))}
    owners = {row.host: row.outlet for row in tx.execute(select(outlet_hosts))}
    for spec in specs:
        values = {
            "title": spec.title,
            "home": spec.home,
            "country": spec.country,
            "languages": list(spec.languages),
            "provisional": False,
            "enabled": spec.enabled,
        }
        held = rows.get(spec.name)
        if held is None:
            tx.execute(insert(outlets).values(name=spec.name, registered_at=now, **values))
        elif any(getattr(held, key) != value for key, value in values.items()):
            tx.execute(update(outlets).where(outlets.c.name == spec.name).values(**values))
        wrong = [host for host in sorted(spec.all_hosts) if owners.get(host) != spec.name]
        if wrong:
            tx.execute(delete(outlet_hosts).where(outlet_hosts.c.host.in_(wrong)))
            tx.execute(insert(outlet_hosts), [{"host": host, "outlet": spec.name} for host in wrong])


def provisional_outlet(tx: Transaction, host: str, now: datetime, *, name: str = "") -> str:
    """Return the outlet of an unknown host, made on first need; its name comes from the host and stays.

    `name` is the name an import asks for; then `host` may be "".
    """
    folded = fold_host(host)
    owner = outlet_of_host(tx, folded) if folded else None
    if owner is not None:
        return owner
    wanted = name or _name_from_host(folded)
    chosen = wanted
    held = tx.execute(select(outlets.c.name).where(outlets.c.name == chosen)).scalar()
    number = 2
    while held is not None and not name:
        chosen = f"{wanted}_{number}"
        held = tx.execute(select(outlets.c.name).where(outlets.c.name == chosen)).scalar()
        number += 1
    if held is None:
        values = {"title": folded or chosen, "home": f"http://{folded}/" if folded else "", "country": ""}
        row = {"name": chosen, "languages": [], "provisional": True, "enabled": False, "registered_at": now, **values}
        tx.execute(insert(outlets).values(row))
    if folded:
        tx.execute(insert(outlet_hosts).values(host=folded, outlet=chosen))
    return chosen


def outlet_of_host(tx: Transaction, host: str) -> str | None:
    """Return the outlet a host belongs to."""
    return tx.execute(select(outlet_hosts.c.outlet).where(outlet_hosts.c.host == fold_host(host))).scalar()


def let_rest(tx: Transaction, host: str, until: datetime) -> None:
    """Keep that a host asked to be left alone until an instant; the latest one counts."""
    query = update(outlet_hosts).where(outlet_hosts.c.host == fold_host(host))
    query = query.where(or_(outlet_hosts.c.rest_until.is_(None), outlet_hosts.c.rest_until < until))
    tx.execute(query.values(rest_until=until))


def rests_until(tx: Transaction, outlet: str, *, now: datetime) -> datetime | None:
    """Return until when a host of the outlet asked to be left alone; None when none does any more."""
    query = select(func.max(outlet_hosts.c.rest_until)).where(outlet_hosts.c.outlet == outlet)
    until = tx.execute(query).scalar()
    return until if until is not None and until > now else None


def outlet_titles(tx: Transaction) -> dict[str, str]:
    """Return the title of every outlet by name."""
    return dict(tx.execute(select(outlets.c.name, outlets.c.title)).all())


def list_outlets(tx: Transaction) -> list[OutletRow]:
    """Return all outlets by name, each with its counts and its last run; a fixed number of statements."""
    return _outlet_rows(tx, None)


def get_outlet(tx: Transaction, name: str) -> OutletRow | None:
    """Return one outlet with its counts and its last run."""
    return next(iter(_outlet_rows(tx, name)), None)


def newest_of_outlets(tx: Transaction, *, limit: int = 2_000) -> list[tuple[str, str, datetime]]:
    """Return (name, title, instant of its newest article) of outlets that have any, the newest first."""
    newest = select(func.max(articles.c.sort_at)).where(articles.c.outlet == outlets.c.name).scalar_subquery()
    query = select(outlets.c.name, outlets.c.title, newest.label("newest")).order_by(outlets.c.provisional)
    rows = [row for row in tx.execute(query.limit(limit)) if row.newest is not None]
    return [(row.name, row.title, row.newest) for row in sorted(rows, key=lambda row: row.newest, reverse=True)]


def coverage(tx: Transaction, *, now: datetime, stale_after_h: float, outlets: Collection[str] = ()) -> list[Coverage]:
    """Say for each outlet how fresh it is: fresh, failing, stale, never (crawled), or imported; one statement.

    Failing is one that is read in time and judged to be broken or refusing us, or below a minimum of its own.
    Registered outlets that are switched off and were never crawled are left out, unless named in `outlets`.
    """
    limit = now - timedelta(hours=stale_after_h)
    found = []
    for row in tx.execute(_freshness(outlets)):
        reason = ""
        if row.success_at is not None:
            state = "fresh" if row.success_at >= limit else "stale"
            if row.health_state is not None:
                state = "failing" if state == "fresh" and _is_failing(row) else state
                reason = _reason(state, row)
        elif row.holds_articles and row.last_kind in (None, "import"):
            state = "imported"
        elif not outlets and row.last_kind is None and not row.enabled:
            continue
        else:
            state, reason = "never", _reason("never", row)
        found.append(Coverage(row.name, state, row.success_at, reason))
    return found


def _is_failing(row: Row[Any]) -> bool:
    """Say whether an outlet that is read in time gives no news all the same."""
    return row.health_state in FAILING or not row.health_fit


def _reason(state: str, row: Row[Any]) -> str:
    """Say why in a reader's words; "" where the state says it all."""
    cause = cause_named(row.health_cause or "")
    if cause is None or (cause in (Cause.NOT_CRAWLED, Cause.NEVER_CRAWLED) and state != "fresh"):
        return ""
    return "" if state == "fresh" and row.health_state != HealthState.DEGRADED else cause.for_readers


def _freshness(names: Collection[str]) -> Select[Any]:
    """What coverage needs of each outlet, by look-ups from its newest run back: every search asks this."""
    own_runs = select(runs).where(runs.c.outlet == outlets.c.name).order_by(runs.c.started_at.desc(), runs.c.id.desc())
    fetches = own_runs.where(runs.c.kind.not_in(("reextract", "check")))  # which say nothing of its news
    good = own_runs.where(runs.c.state.in_(SUCCESSFUL), runs.c.kind == "crawl", runs.c.unfit.is_(None))
    query = select(
        outlets.c.name,
        outlets.c.enabled,
        good.with_only_columns(runs.c.finished_at).limit(1).scalar_subquery().label("success_at"),
        fetches.with_only_columns(runs.c.kind).limit(1).scalar_subquery().label("last_kind"),
        exists().where(articles.c.outlet == outlets.c.name).label("holds_articles"),
        outlet_health.c.state.label("health_state"),
        outlet_health.c.cause.label("health_cause"),
        outlet_health.c.fit.label("health_fit"),
    ).order_by(outlets.c.name)
    query = query.outerjoin_from(outlets, outlet_health, outlet_health.c.outlet == outlets.c.name)
    return query.where(outlets.c.name.in_(sorted(names))) if names else query


def _outlet_rows(tx: Transaction, name: str | None) -> list[OutletRow]:
    query = select(outlets).order_by(outlets.c.name)
    count = select(articles.c.outlet, func.count().label("n"), func.max(articles.c.sort_at).label("newest"))
    success = select(runs.c.outlet, func.max(runs.c.finished_at).label("at")).where(
        and_(runs.c.state.in_(SUCCESSFUL), runs.c.kind == "crawl", runs.c.unfit.is_(None))
    )
    newest = select(func.max(runs.c.id)).group_by(runs.c.outlet)
    if name is not None:
        query = query.where(outlets.c.name == name)
        count = count.where(articles.c.outlet == name)
        success = success.where(runs.c.outlet == name)
        newest = newest.where(runs.c.outlet == name)
    counts = {row.outlet: row for row in tx.execute(count.group_by(articles.c.outlet))}
    successes = {row.outlet: row.at for row in tx.execute(success.group_by(runs.c.outlet))}
    last_runs = {row.outlet: run_of_row(row) for row in tx.execute(select(runs).where(runs.c.id.in_(newest)))}
    return [
        _outlet(row, counts.get(row.name), successes.get(row.name), last_runs.get(row.name))
        for row in tx.execute(query)
    ]


def _outlet(row: Row[tuple[object, ...]], count: object, success: datetime | None, last_run: object) -> OutletRow:
    return OutletRow(
        name=row.name,
        title=row.title,
        home=row.home,
        country=row.country,
        languages=tuple(row.languages),
        provisional=row.provisional,
        enabled=row.enabled,
        articles=getattr(count, "n", 0),
        last_success_at=success,
        last_article_at=getattr(count, "newest", None),
        last_run=last_run,  # type: ignore[arg-type]
    )


def _name_from_host(host: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", host.lower()).strip("_") or "unknown"
    return (name if name[0].isalpha() else f"o_{name}")[:40]
