"""Runs: one execution of a spider (or of an import), its beat and how it ended."""

from __future__ import annotations

import os
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Row, Select, func, insert, select, update

from index.errors import BusyError, NotFoundError
from index.records import Run
from index.store.audit import note_act
from index.store.columns import known_id, storable
from index.store.decisions import outcome_counts
from index.store.decisions import record_outcome as record_outcome
from index.store.engine import Transaction
from index.store.hosts import end_breakers
from index.store.leads import release_leads
from index.store.tables import runs
from index.store.totals import OUTCOMES, RUNS, add_totals

SUCCESSFUL = ("done", "partial", "budget")
"""States of a run in which the outlet answered."""

BEAT_IS_FRESH = timedelta(seconds=120)
"""A run whose last beat is older is dead, whoever holds its process number now."""


def start_run(tx: Transaction, outlet: str, *, kind: str, now: datetime, pid: int, host: str) -> Run:
    """Begin a run and return it. One run of an outlet is alive at a time; imports do not count.

    A run found dead (its process is gone, or its beat too old) is marked killed and its leads wait again; so is an
    import of this host whose process is gone.
    Raises BusyError while another is alive.
    """
    _end_dead_imports(tx, host=host)
    if kind != "import":
        if tx.dialect.name == "postgresql":
            tx.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"run:{outlet}"))))
        query = select(runs).where(runs.c.outlet == outlet, runs.c.state == "running", runs.c.kind != "import")
        for row in tx.execute(query).all():
            if _is_alive(row, now=now, host=host):
                raise BusyError(
                    f"{outlet}: run {row.id} is under way since {row.started_at:%Y-%m-%d %H:%M:%S} UTC "
                    f"(process {row.pid} on {row.host}); wait for it to end, or stop it, then repeat."
                )
            release_leads(tx, row.id, now=now)
            _end_dead(tx, row)
    values = {"outlet": outlet, "kind": kind, "started_at": now, "beat_at": now, "pid": pid, "host": host}
    statement = insert(runs).values(state="running", reason="", numbers={}, counts={}, **values).returning(runs)
    return run_of_row(tx.execute(statement).one())


def asked_last_at(tx: Transaction, outlet: str, *, now: datetime) -> datetime | None:
    """Return when an outlet was last asked at the latest: the end of its newest crawl, `now` where nobody saw it end.

    None when it was never crawled.
    """
    query = (
        select(runs)
        .where(runs.c.outlet == outlet, runs.c.kind.in_(("crawl", "check")))
        .order_by(runs.c.id.desc())
        .limit(1)
    )
    row = tx.execute(query).first()
    if row is None:
        return None
    return now if row.state in ("running", "killed") or row.finished_at is None else row.finished_at


def was_cut(tx: Transaction, outlet: str) -> bool:
    """Say whether an outlet's newest crawl left something out because a budget was used up."""
    query = select(runs).where(runs.c.outlet == outlet, runs.c.kind == "crawl").order_by(runs.c.id.desc()).limit(1)
    row = tx.execute(query).first()
    return row is not None and bool(row.counts.get("over_budget") or row.numbers.get("over_budget"))


def beat(tx: Transaction, run_id: int, now: datetime, *, numbers: dict[str, int] | None = None) -> str:
    """Say that the run is alive, and how far it has come; return who asked it to stop, "" where nobody did."""
    known = {} if numbers is None else {"numbers": numbers}
    query = update(runs).where(runs.c.id == run_id).values(beat_at=now, **known).returning(runs.c.stop_asked_by)
    return tx.execute(query).scalar() or ""


def ask_run_to_stop(tx: Transaction, run_id: int, *, by: str, now: datetime) -> Run:
    """Ask a crawl under way to stop; its process sees it at its next beat.

    Raises NotFoundError for an unknown run, one that has ended, and one that does not beat.
    """
    row = tx.execute(select(runs).where(runs.c.id == known_id(run_id))).first()
    if row is None:
        raise NotFoundError(f"There is no run {run_id}; `watchfloor runs list` shows them.")
    if row.state != "running":
        raise NotFoundError(f"Run {run_id} of {row.outlet} has ended already ({row.state}).")
    if row.kind not in ("crawl", "check", "replay"):
        raise NotFoundError(f"Run {run_id} is of the kind {row.kind}; end its process, {row.pid} on {row.host}.")
    note_act(tx, by=by, act="asked to stop", subject=f"run {run_id}", detail=row.outlet, now=now)
    query = update(runs).where(runs.c.id == run_id).values(stop_asked_by=storable(by)).returning(runs)
    return run_of_row(tx.execute(query).one())


def end_if_dead(
    tx: Transaction, run_id: int, *, now: datetime, host: str, silent_for: timedelta, reason: str = ""
) -> Run | None:
    """Return a run, marked killed and its leads waiting again where it is dead.

    Dead is a run whose process is gone from this host, or whose last beat is older than `silent_for`. `reason` is why
    it ended, where that is known.
    """
    row = tx.execute(select(runs).where(runs.c.id == known_id(run_id))).first()
    if row is None:
        return None
    gone = row.host == host and not _has_process(row.pid)
    if row.state == "running" and (gone or now - row.beat_at > silent_for):
        release_leads(tx, row.id, now=now)
        _end_dead(tx, row, reason)
    return get_run(tx, run_id)


def reword_end(tx: Transaction, run_id: int, reason: str, *, of: str) -> None:
    """Say why a run ended, where its own process could not: it was killed, or says no more than `of`."""
    ours = (runs.c.state == "killed") | (runs.c.reason == of)
    tx.execute(update(runs).where(runs.c.id == run_id, ours).values(reason=storable(reason)))


def note_progress(tx: Transaction, run_id: int, numbers: dict[str, int], now: datetime) -> None:
    """Keep how far a run has come, which is a sign of life too; one that is killed tells the next where it was."""
    tx.execute(update(runs).where(runs.c.id == run_id).values(numbers=numbers, beat_at=now))


def finish_run(tx: Transaction, run_id: int, *, state: str, reason: str, numbers: dict[str, int], now: datetime) -> Run:
    """End a run; its counts are taken from the decisions it made, its leads in flight wait again."""
    release_leads(tx, run_id, now=now)
    counts = dict(outcome_counts(tx, run_id))
    values = {"state": state, "reason": storable(reason), "numbers": numbers, "counts": counts}
    _count(tx, run_id, state, counts)
    query = update(runs).where(runs.c.id == run_id).values(finished_at=now, beat_at=now, **values).returning(runs)
    row = tx.execute(query).first()
    if row is None:
        raise NotFoundError(f"There is no run {run_id}.")
    end_breakers(tx, run_id)
    return run_of_row(row)


def mark_unfit(tx: Transaction, run_id: int, sentence: str) -> Run:
    """Note that what a run brought is not called fresh news, and why; its reason says so too."""
    row = tx.execute(select(runs.c.reason).where(runs.c.id == run_id)).first()
    if row is None:
        raise NotFoundError(f"There is no run {run_id}.")
    told = storable(sentence)
    reason = f"{row.reason} Not called fresh news: {told}".strip()
    query = update(runs).where(runs.c.id == run_id).values(unfit=told, reason=reason).returning(runs)
    return run_of_row(tx.execute(query).one())


def get_run(tx: Transaction, run_id: int) -> Run | None:
    """Return one run."""
    row = tx.execute(select(runs).where(runs.c.id == known_id(run_id))).first()
    return None if row is None else run_of_row(row)


def list_runs(
    tx: Transaction,
    *,
    outlet: str | None = None,
    kind: str | None = None,
    states: Collection[str] = (),
    ended: bool = False,
    before: int | None = None,
    limit: int = 50,
) -> list[Run]:
    """Return the newest runs first: of these states, only those `ended`, those before the run `before`."""
    query: Select[Any] = select(runs).order_by(runs.c.id.desc()).limit(limit)
    if outlet is not None:
        query = query.where(runs.c.outlet == outlet)
    if kind is not None:
        query = query.where(runs.c.kind == kind)
    if states:
        query = query.where(runs.c.state.in_(states))
    if ended:
        query = query.where(runs.c.finished_at.is_not(None))
    if before is not None:
        query = query.where(runs.c.id < before)
    return [run_of_row(row) for row in tx.execute(query)]


def run_of_row(row: Row[Any]) -> Run:
    """Make the value of a row."""
    return Run(
        id=row.id,
        outlet=row.outlet,
        kind=row.kind,
        started_at=row.started_at,
        finished_at=row.finished_at,
        state=row.state,
        reason=row.reason,
        counts=dict(row.counts),
        numbers=dict(row.numbers),
        unfit=row.unfit or "",
    )


def _end_dead_imports(tx: Transaction, *, host: str) -> None:
    """Mark the imports killed whose process on this host is gone; they do not beat, so only that tells."""
    query = select(runs).where(runs.c.kind == "import", runs.c.state == "running", runs.c.host == host)
    for row in tx.execute(query).all():
        if not _has_process(row.pid):
            _end_dead(tx, row)


def _end_dead(tx: Transaction, row: Row[Any], reason: str = "") -> None:
    counts = dict(outcome_counts(tx, row.id))
    _count(tx, row.id, "killed", counts)
    told = storable(reason) or "The process ended without a word."
    ended = {"state": "killed", "reason": told, "finished_at": row.beat_at}
    tx.execute(update(runs).where(runs.c.id == row.id).values(counts=counts, **ended))
    end_breakers(tx, row.id)


def _count(tx: Transaction, run_id: int, state: str, counts: dict[str, int]) -> None:
    """Add a run that ends to the totals; of one that had ended before, what is new."""
    row = tx.execute(select(runs.c.state, runs.c.counts, runs.c.finished_at).where(runs.c.id == run_id)).first()
    if row is None:
        return
    add_totals(tx, OUTCOMES, {name: number - row.counts.get(name, 0) for name, number in counts.items()})
    if row.finished_at is None:
        add_totals(tx, RUNS, {state: 1})
    elif row.state != state:
        add_totals(tx, RUNS, {state: 1, row.state: -1})


def _is_alive(row: Row[Any], *, now: datetime, host: str) -> bool:
    if now - row.beat_at > BEAT_IS_FRESH:
        return False
    return row.host != host or _has_process(row.pid)


def _has_process(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Say whether a process has ended and only its parent, which may hang or never look, keeps its number (Linux)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False
