"""Jobs: wishes for runs, taken by workers under a lease. What a worker writes under an older attempt is refused."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Update, and_, exists, func, insert, or_, select, update

from index.errors import BusyError, NotFoundError
from index.job_records import ENDED, Cause, Job, JobState, Wish
from index.store.audit import note_act
from index.store.columns import known_id, storable
from index.store.engine import Transaction
from index.store.tables import jobs, runs
from index.store.totals import JOBS, add_totals

LONGEST_LEASE = timedelta(hours=1, minutes=5)
"""What the settings allow, and a little more."""

ACTIVE = (JobState.WAITING.value, JobState.LEASED.value)


@dataclass(frozen=True, slots=True)
class Claim:
    """A job taken by a worker. `taken_over`: from one that let its lease run out."""

    job: Job
    taken_over: bool


@dataclass(frozen=True, slots=True)
class Grip:
    """Whether a worker still holds its job, and who asked it to stop ("" nobody)."""

    held: bool
    stop_asked_by: str = ""


def add_job(
    tx: Transaction, wish: Wish, *, by: str, now: datetime, planned_at: datetime | None = None, missed: int = 0
) -> Job:
    """Ask for a run as soon as a worker is free."""
    values = {
        "outlet": wish.outlet,
        "kind": wish.kind,
        "page_limit": wish.limit,
        "url": wish.url,
        "wanted_at": now,
        "planned_at": planned_at,
        "asked_by": storable(by),
        "not_before": now,
        "state": JobState.WAITING.value,
        "missed": missed,
        "attempt": 0,
        "failures": 0,
        "folded": 0,
        "worker": "",
        "reason": "",
    }
    return job_of_row(tx.execute(insert(jobs).values(**values).returning(jobs)).one())


def add_planned_job(
    tx: Transaction, outlet: str, *, planned_at: datetime, missed: int, by: str, now: datetime
) -> tuple[Job, bool]:
    """Return the job that answers a firing, and whether it was made for it.

    A firing while a job of its outlet waits or runs is folded into that one, with those missed before it. One instant
    makes one job, even where clock or schedule were set back.
    """
    query = select(jobs.c.id).where(jobs.c.outlet == outlet).order_by(jobs.c.id).limit(1)
    active = tx.execute(query.where(or_(jobs.c.state.in_(ACTIVE), jobs.c.planned_at == planned_at))).scalar()
    if active is None:
        return add_job(tx, Wish(outlet), by=by, now=now, planned_at=planned_at, missed=missed), True
    fold = update(jobs).where(jobs.c.id == active).values(folded=jobs.c.folded + 1 + missed)
    return job_of_row(tx.execute(fold.returning(jobs)).one()), False


def has_work(tx: Transaction, now: datetime, *, take_over: bool = True) -> bool:
    """Say whether `claim_job` would give a job."""
    return tx.execute(select(jobs.c.id).where(_claimable(now, take_over)).limit(1)).first() is not None


def claim_job(tx: Transaction, *, worker: str, now: datetime, lease: timedelta, take_over: bool = True) -> Claim | None:
    """Take the job that has waited longest, or one whose lease ran out; None where there is none.

    Never a job of an outlet of which another job is with a worker. A job whose run went on without its worker keeps
    that run, which is to be judged first. Without `take_over` leases that ran out are left alone.
    """
    query = select(jobs).where(_claimable(now, take_over)).order_by(jobs.c.not_before, jobs.c.id).limit(1)
    row = tx.execute(query.with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    taken_over = row.state == JobState.LEASED.value
    values: dict[str, Any] = {"state": JobState.LEASED.value, "attempt": row.attempt + 1, "worker": storable(worker)}
    if taken_over:
        values |= {"failures": row.failures + 1, "cause": Cause.WORKER_LOST.value}
    elif row.cause != Cause.BUSY.value:
        values |= {"run_id": None}  # that of an attempt before, which has been judged
    taken = update(jobs).where(jobs.c.id == row.id).values(lease_until=now + lease, **values).returning(jobs)
    return Claim(job_of_row(tx.execute(taken).one()), taken_over)


def keep_lease(tx: Transaction, job: Job, *, now: datetime, lease: timedelta) -> Grip:
    """Say that the worker is alive; learn whether the job is still its own and shall go on."""
    query = _held(job).values(lease_until=now + lease).returning(jobs.c.stop_asked_by)
    row = tx.execute(query).first()
    return Grip(False) if row is None else Grip(True, row.stop_asked_by or "")


def is_newest_attempt(tx: Transaction, job_id: int, attempt: int) -> bool:
    """Say whether no other worker has taken a job since it was taken by this attempt."""
    return tx.execute(select(jobs.c.attempt).where(jobs.c.id == job_id)).scalar() == attempt


def hung_crawls(tx: Transaction, *, host: str, now: datetime, silent_for: timedelta) -> list[tuple[int, datetime]]:
    """Return process and begin of the crawls of a host whose worker let the lease run out, and that are silent too."""
    query = select(runs.c.pid, runs.c.started_at).join(jobs, jobs.c.run_id == runs.c.id)
    run_out = and_(jobs.c.state == JobState.LEASED.value, jobs.c.lease_until <= now)
    lost = or_(run_out, jobs.c.state == JobState.WAITING.value)  # which its worker would not be while it had one
    silent = (runs.c.state == "running", runs.c.host == host, runs.c.beat_at < now - silent_for)
    return [(row.pid, row.started_at) for row in tx.execute(query.where(lost, *silent))]


def attach_run(tx: Transaction, job_id: int, attempt: int, run_id: int) -> None:
    """Note the run a job has begun, in the transaction that begins it.

    Raises BusyError for an attempt that is not the job's newest: the run must not be.
    """
    query = update(jobs).where(jobs.c.id == job_id, jobs.c.attempt == attempt, jobs.c.state == JobState.LEASED.value)
    if not tx.execute(query.values(run_id=run_id)).rowcount:
        raise BusyError(f"Job {job_id} is no longer this worker's (attempt {attempt}); whoever has it now runs it.")


def end_job(
    tx: Transaction,
    job: Job,
    state: JobState,
    *,
    cause: Cause | None,
    reason: str,
    now: datetime,
    counts: bool = False,
) -> bool:
    """End a job; one that is done wakes those of its outlet that wait for another try: whatever kept them is over.

    `counts`: its last attempt failed too. False, and nothing is written, where it is no longer this worker's.
    """
    failures = job.failures + (1 if counts else 0)
    ended = _let_go(tx, job, state=state.value, cause=cause, reason=reason, ended_at=now, failures=failures)
    if ended:
        add_totals(tx, JOBS, {state.value: 1})
    if ended and state is JobState.DONE:
        waits = (jobs.c.outlet == job.outlet, jobs.c.state == JobState.WAITING.value, jobs.c.cause.is_not(None))
        tx.execute(update(jobs).where(*waits, jobs.c.not_before > now).values(not_before=now))
    return ended


def retry_job(
    tx: Transaction, job: Job, *, not_before: datetime, counts: bool, cause: Cause | None, reason: str
) -> bool:
    """Let a job wait again; `counts`: the attempt is one of those it has.

    False, and nothing is written, where it is no longer this worker's.
    """
    failures = job.failures + (1 if counts else 0)
    return _let_go(
        tx, job, state=JobState.WAITING.value, cause=cause, reason=reason, not_before=not_before, failures=failures
    )


def ask_job_to_stop(tx: Transaction, job_id: int, *, by: str, now: datetime) -> Job:
    """Cancel a waiting job; ask the worker of a leased one to stop it.

    Raises NotFoundError for an unknown job, or one that has ended.
    """
    row = tx.execute(select(jobs).where(jobs.c.id == known_id(job_id))).first()
    if row is None:
        raise NotFoundError(f"There is no job {job_id}; `watchfloor jobs list` shows them.")
    if row.state not in ACTIVE:
        raise NotFoundError(f"Job {job_id} of {row.outlet} has ended already ({row.state}).")
    values: dict[str, Any] = {"stop_asked_by": storable(by)}
    note_act(tx, by=by, act="called off", subject=f"job {job_id}", detail=f"{row.outlet}, {row.state}", now=now)
    if row.state == JobState.WAITING.value:
        values |= {
            "state": JobState.CANCELLED.value,
            "cause": Cause.STOPPED.value,
            "reason": storable(f"Cancelled by {by} before it ran."),
            "ended_at": now,
        }
        add_totals(tx, JOBS, {JobState.CANCELLED.value: 1})
    return job_of_row(tx.execute(update(jobs).where(jobs.c.id == job_id).values(**values).returning(jobs)).one())


def get_job(tx: Transaction, job_id: int) -> Job | None:
    """Return one job."""
    row = tx.execute(select(jobs).where(jobs.c.id == known_id(job_id))).first()
    return None if row is None else job_of_row(row)


def job_of_run(tx: Transaction, run_id: int) -> Job | None:
    """Return the job whose newest run this is."""
    row = tx.execute(select(jobs).where(jobs.c.run_id == run_id)).first()
    return None if row is None else job_of_row(row)


def list_jobs(
    tx: Transaction, *, outlet: str | None = None, states: Collection[JobState] = (), limit: int = 50
) -> list[Job]:
    """Return jobs: those that run, those that wait in the order of their time, then those that ended, newest first."""
    found: list[Job] = []
    for state in (JobState.LEASED, JobState.WAITING, None):
        if states and state is not None and state not in states:
            continue
        ended = [one.value for one in ENDED if not states or one in states]
        query = select(jobs).where(jobs.c.state == state.value if state else jobs.c.state.in_(ended))
        order = (jobs.c.not_before, jobs.c.id) if state else (jobs.c.ended_at.desc(), jobs.c.id.desc())
        if outlet is not None:
            query = query.where(jobs.c.outlet == outlet)
        found += [job_of_row(row) for row in tx.execute(query.order_by(*order).limit(limit - len(found)))]
    return found


def count_jobs(tx: Transaction) -> dict[JobState, int]:
    """Count jobs by state, those there are none of as 0."""
    rows = tx.execute(select(jobs.c.state, func.count()).group_by(jobs.c.state))
    counts = {row[0]: int(row[1]) for row in rows}
    return {state: counts.get(state.value, 0) for state in JobState}


def _claimable(now: datetime, take_over: bool) -> Any:
    other = jobs.alias("other")
    with_a_worker = exists().where(other.c.outlet == jobs.c.outlet, other.c.state == JobState.LEASED.value)
    waiting = and_(jobs.c.state == JobState.WAITING.value, jobs.c.not_before <= now, ~with_a_worker)
    if not take_over:
        return waiting
    # A lease that lasts longer than one may was given before the clock was set back.
    over = or_(jobs.c.lease_until <= now, jobs.c.lease_until > now + LONGEST_LEASE)
    return or_(waiting, and_(jobs.c.state == JobState.LEASED.value, over))


def _held(job: Job) -> Update:
    """An update of a job that only touches it under the attempt it was taken by."""
    mine = (jobs.c.id == job.id, jobs.c.attempt == job.attempt, jobs.c.state == JobState.LEASED.value)
    return update(jobs).where(*mine)


def _let_go(tx: Transaction, job: Job, *, cause: Cause | None, reason: str, **values: Any) -> bool:
    query = _held(job).values(
        lease_until=None, cause=None if cause is None else cause.value, reason=storable(reason), **values
    )
    return bool(tx.execute(query).rowcount)


def job_of_row(row: Row[Any]) -> Job:
    """Make the value of a row."""
    return Job(
        id=row.id,
        wish=Wish(row.outlet, row.page_limit, row.url, row.kind),
        wanted_at=row.wanted_at,
        not_before=row.not_before,
        state=JobState(row.state),
        planned_at=row.planned_at,
        asked_by=row.asked_by,
        attempt=row.attempt,
        failures=row.failures,
        lease_until=row.lease_until,
        worker=row.worker,
        run_id=row.run_id,
        cause=None if row.cause is None else Cause(row.cause),
        reason=row.reason,
        folded=row.folded,
        missed=row.missed,
        stop_asked_by=row.stop_asked_by or "",
        ended_at=row.ended_at,
    )
