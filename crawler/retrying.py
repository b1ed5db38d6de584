"""What becomes of a job after an attempt: done, given up, or tried again, and when. Pure; the worker keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from config.counting import counted
from config.errors import ConfigurationError, StorageFullError, TryAgainError, UsageError, WatchfloorError
from config.settings import OperatingSettings
from crawler.verdict import STOPPED
from index.errors import BusyError, StoreError
from index.job_records import Cause, Job, JobState
from index.outcomes import Outcome
from index.records import Run
from index.store.runs import SUCCESSFUL

LONG = frozenset({Cause.BLOCKED, Cause.RATE_LIMITED})
COUNTS_NOT = frozenset({Cause.STORAGE_FULL, Cause.DATABASE, Cause.BUSY, Cause.WORKER_STOPPED, Cause.RATE_LIMITED})
"""Causes that are no fault of the job: it waits, however often."""

FIXED_WAITS = {
    Cause.WORKER_STOPPED: timedelta(0),
    Cause.WORKER_LOST: timedelta(0),
    Cause.BUSY: timedelta(seconds=15),
    Cause.DATABASE: timedelta(seconds=15),
    Cause.STORAGE_FULL: timedelta(minutes=1),
}
ORPHAN_WAIT = timedelta(seconds=2)
"""A crawl whose worker died ends in order by itself, within seconds."""

LONGEST_SHORT = timedelta(hours=1)
LONGEST_LONG = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt ended: as its run's row says, or a run before (`Run`) whose worker was lost."""

    state: str
    reason: str
    counts: Mapping[str, int]
    hung: bool = False


@dataclass(frozen=True, slots=True)
class Next:
    """What a job is to be now. `wait` is set where it is `waiting`; `counts`: the attempt is one of those it has."""

    state: JobState
    cause: Cause | None = None
    reason: str = ""
    wait: timedelta = timedelta(0)
    counts: bool = False


def after_run(ended: Ended, job: Job, terms: OperatingSettings, *, stopped: Cause | None, by: str = "") -> Next:
    """Say what follows a run. `stopped` is why the worker ended it, None where it ended by itself.

    A run that was through before its end was asked for counts as what it was.
    """
    was_through = ended.state in SUCCESSFUL and not ended.reason.startswith(STOPPED)
    if was_through:
        return Next(JobState.DONE, reason=ended.reason)
    if stopped is Cause.STOPPED or (stopped is None and ended.reason.startswith(STOPPED)):
        return Next(JobState.CANCELLED, Cause.STOPPED, f"Stopped by {by}." if by else STOPPED)
    if stopped is not None:
        return tried_again(stopped, stopped.sentence, job, terms)
    return tried_again(_cause_of(ended), ended.reason, job, terms)


def after_error(error: WatchfloorError, job: Job, terms: OperatingSettings) -> Next:
    """Say what follows a run that could not begin, or lost its database on the way."""
    if isinstance(error, ConfigurationError | UsageError):
        return Next(JobState.FAILED, Cause.CONFIGURATION, str(error))
    if isinstance(error, BusyError):
        cause = Cause.BUSY
    elif isinstance(error, StorageFullError):
        cause = Cause.STORAGE_FULL
    elif isinstance(error, StoreError):
        cause = Cause.DATABASE
    else:
        cause = Cause.RATE_LIMITED if isinstance(error, TryAgainError) else Cause.CRASHED
    return tried_again(cause, str(error), job, terms)


def after_loss(job: Job, run: Run | None, terms: OperatingSettings) -> Next | None:
    """Say what follows for a job taken over from a lost worker, whose run may have come to an end without it.

    None: it is to be run again, now.
    """
    if run is not None and run.state == "running":
        return Next(JobState.WAITING, Cause.BUSY, f"Run {run.id} goes on without its worker.", ORPHAN_WAIT)
    if run is not None and run.state != "killed" and not run.reason.startswith(STOPPED):
        return after_run(Ended(run.state, run.reason, run.counts), job, terms, stopped=None)
    if job.stop_asked_by:
        return Next(JobState.CANCELLED, Cause.STOPPED, f"Stopped by {job.stop_asked_by}.")
    if job.failures >= terms.max_attempts:
        return Next(JobState.FAILED, Cause.WORKER_LOST, _given_up(Cause.WORKER_LOST.sentence, job.failures))
    return None


def tried_again(cause: Cause, reason: str, job: Job, terms: OperatingSettings) -> Next:
    """Let a job wait as long as its cause wants, or give it up after its last attempt."""
    counts = cause not in COUNTS_NOT
    failures = job.failures + counts
    if counts and failures >= terms.max_attempts:
        return Next(JobState.FAILED, cause, _given_up(reason, failures), counts=True)
    return Next(JobState.WAITING, cause, reason, wait_for(cause, failures, terms), counts)


def wait_for(cause: Cause, failures: int, terms: OperatingSettings) -> timedelta:
    """Return how long a job waits after a cause: doubled with each failure, within bounds."""
    if cause in FIXED_WAITS:
        return FIXED_WAITS[cause]
    first, most = (terms.retry_long_s, LONGEST_LONG) if cause in LONG else (terms.retry_short_s, LONGEST_SHORT)
    return min(most, timedelta(seconds=first) * (1 << min(20, max(0, failures - 1))))


def _cause_of(ended: Ended) -> Cause:
    if ended.state == "storage_full":
        return Cause.STORAGE_FULL
    if ended.state == "blocked":
        return Cause.BLOCKED
    if ended.state == "failed":
        return Cause.RATE_LIMITED if ended.counts.get(Outcome.RATE_LIMITED) else Cause.CONNECTION
    return Cause.HUNG if ended.hung else Cause.CRASHED


def _given_up(reason: str, failures: int) -> str:
    return f"{reason} Given up after {counted(failures, 'attempt')}."
