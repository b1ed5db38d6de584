"""How outlets fare, as it is kept: what each run observed, what is judged of each outlet, and when that changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from index.health.records import Figure, Health, HealthChange, HealthState, Observation
from index.health.written import evidence_json, evidence_of, observation_json, observation_of
from index.store.columns import storable
from index.store.engine import Transaction
from index.store.health_tables import health_changes, outlet_health, run_observations


def save_observation(tx: Transaction, observation: Observation) -> None:
    """Keep what a run observed; one observation a run, the last one saved."""
    values = {
        "outlet": observation.outlet,
        "finished_at": observation.finished_at,
        "whole": observation.whole,
        "values": _clean(observation_json(observation)),
    }
    known = update(run_observations).where(run_observations.c.run_id == observation.run_id).values(**values)
    if not tx.execute(known).rowcount:
        tx.execute(insert(run_observations).values(run_id=observation.run_id, **values))


def observations_of(
    tx: Transaction, outlet: str, *, since: datetime | None = None, until: datetime | None = None, limit: int = 500
) -> list[Observation]:
    """Return what runs of an outlet observed, the newest first: those that ended from `since` on and before `until`."""
    query = select(run_observations).where(run_observations.c.outlet == outlet)
    if since is not None:
        query = query.where(run_observations.c.finished_at >= since)
    if until is not None:
        query = query.where(run_observations.c.finished_at < until)
    query = query.order_by(run_observations.c.finished_at.desc(), run_observations.c.run_id.desc()).limit(limit)
    kept = tx.execute(query.with_only_columns(run_observations.c["values"])).scalars()
    return [observation_of(values) for values in kept]


def observation_of_run(tx: Transaction, run_id: int) -> Observation | None:
    """Return what one run observed; None for a run that kept nothing (killed, of another kind, or of before)."""
    kept = tx.execute(select(run_observations.c["values"]).where(run_observations.c.run_id == run_id)).scalar()
    return None if kept is None else observation_of(kept)


def remove_observations(tx: Transaction, before: datetime, *, limit: int = 1000) -> int:
    """Forget what runs observed that ended before an instant, the oldest first, `limit` at most; return how many."""
    old = select(run_observations.c.run_id).where(run_observations.c.finished_at < before)
    old = old.order_by(run_observations.c.finished_at).limit(limit)
    return int(tx.execute(delete(run_observations).where(run_observations.c.run_id.in_(old))).rowcount)


def get_health(tx: Transaction, outlet: str) -> Health | None:
    """Return how an outlet fares; None where it was never judged."""
    row = tx.execute(select(outlet_health).where(outlet_health.c.outlet == outlet)).first()
    return None if row is None else _health(row)


def list_health(tx: Transaction) -> list[Health]:
    """Return how every judged outlet fares, by its name; one statement."""
    return [_health(row) for row in tx.execute(select(outlet_health).order_by(outlet_health.c.outlet))]


def set_health(tx: Transaction, health: Health) -> HealthChange | None:
    """Keep what is judged of an outlet now; return the change where its state or the cause of it is another one.

    While both stay, `since` stays what it was and no change is written. An older judgement than the one held
    (a scheduler that read before a run ended) changes nothing.
    """
    held = tx.execute(select(outlet_health).where(outlet_health.c.outlet == health.outlet)).first()
    if held is not None and held.judged_at > health.judged_at:
        return None
    same = held is not None and (held.state, held.cause) == (health.state.value, health.cause)
    values = {
        "state": health.state.value,
        "cause": health.cause,
        "sentence": storable(health.sentence),
        "evidence": _clean(evidence_json(health.evidence)),
        "since": held.since if held is not None and same else health.since,
        "judged_at": health.judged_at,
        "figures": {name: [one.now, one.usual] for name, one in health.figures.items()},
        "fit": health.fit,
        "run_id": health.run_id,
    }
    if held is None:
        tx.execute(insert(outlet_health).values(outlet=health.outlet, **values))
    else:
        tx.execute(update(outlet_health).where(outlet_health.c.outlet == health.outlet).values(**values))
    if same:
        return None
    change = {name: values[name] for name in ("state", "cause", "sentence", "evidence")}
    change |= {"outlet": health.outlet, "at": health.judged_at, "before_state": None if held is None else held.state}
    return _change(tx.execute(insert(health_changes).values(**change).returning(health_changes)).one())


def changes_of(
    tx: Transaction, outlet: str | None = None, *, since: datetime | None = None, limit: int = 500
) -> list[HealthChange]:
    """Return the changes of one outlet, or of all, the newest first; those before `since` are left out."""
    query = select(health_changes).order_by(health_changes.c.at.desc(), health_changes.c.id.desc()).limit(limit)
    if outlet is not None:
        query = query.where(health_changes.c.outlet == outlet)
    if since is not None:
        query = query.where(health_changes.c.at >= since)
    return [_change(row) for row in tx.execute(query)]


def _health(row: Row[Any]) -> Health:
    return Health(
        outlet=row.outlet,
        state=HealthState(row.state),
        cause=row.cause,
        sentence=row.sentence,
        since=row.since,
        judged_at=row.judged_at,
        evidence=evidence_of(row.evidence),
        figures={name: Figure(*pair) for name, pair in row.figures.items()},
        fit=row.fit,
        run_id=row.run_id,
    )


def _change(row: Row[Any]) -> HealthChange:
    return HealthChange(
        id=row.id,
        outlet=row.outlet,
        at=row.at,
        state=HealthState(row.state),
        cause=row.cause,
        sentence=row.sentence,
        before=None if row.before_state is None else HealthState(row.before_state),
        evidence=evidence_of(row.evidence),
    )


def _clean(value: Any) -> Any:
    """Return a JSON value whose texts every database can hold: addresses and selectors are of others' making."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(key): _clean(one) for key, one in value.items()}
    return [_clean(one) for one in value] if isinstance(value, list) else value
