"""A worker: takes jobs under a lease, one at a time, and runs each through the one door, `crawl_outlet`.

While a crawl runs, the worker says every few seconds that it is alive, and learns so whether somebody wants the crawl
stopped, or another worker has the job meanwhile. What it writes at the end counts only while the job is its own.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from config.errors import StorageFullError, WatchfloorError
from config.logs import labelled
from config.settings import Settings
from crawler.lifeline import end_crawl
from crawler.memory import held_mb
from crawler.orders import Limits, RunReport
from crawler.pulse import Pulse, end_in_order
from crawler.retrying import Ended, Next, after_error, after_loss, after_run
from crawler.run import Watch, crawl_outlet
from crawler.stopping import Stop
from crawler.verdict import STOPPED
from index.alerts.records import Part
from index.errors import DATABASE_LOST, BusyError
from index.job_records import Cause, Job, JobState
from index.store import Store, Transaction, open_store
from index.store.clock import MEASURED_EVERY_S, DatabaseClock
from index.store.jobs import Claim, claim_job, end_job, get_job, has_work, hung_crawls, keep_lease, retry_job
from index.store.outlets import rests_until
from index.store.runs import end_if_dead, reword_end

log = logging.getLogger(__name__)

IDLE_S = 1.0
"""Seconds between two looks for work."""

MOST_BETWEEN_BEATS_S = 3.0
"""Seconds after which, at the latest, a stop that was asked for is seen."""

MEMORY_EVERY_S = 2.0

DEAD_AFTER = timedelta(seconds=30)
"""A crawl beats every five seconds; one of another machine that was silent for so long is dead, not slow."""

TOLD_EVERY_S = 60.0
"""Seconds between two lines that say that a job still waits to be written."""

HUNG_AFTER = timedelta(seconds=15)
"""A crawl of this machine whose worker is lost, and that has not beaten for so long, does not end by itself."""

ENDED_FROM_HERE = frozenset({Cause.TIME, Cause.MEMORY, Cause.WORKER_STOPPED, Cause.STOPPED})
"""Causes for which a worker ends a crawl, which itself hears no more than that it shall end."""

KEPT = "What was stored is kept; what is left waits for the next run."

LONGEST_PAUSE_S = 5.0
"""Seconds of rest at the most after the database did not answer, so that it is back at work soon after it."""

Clock = Callable[[], datetime]


class Crawl(Protocol):
    """What `crawl_outlet` is to a worker."""

    def __call__(
        self,
        name: str,
        limits: Limits | None = None,
        *,
        settings: Settings,
        url: str | None = None,
        job: tuple[int, int] | None = None,
        watch: Watch | None = None,
    ) -> RunReport:
        """Run one outlet and return how it ended."""
        ...


def utc_now() -> datetime:
    """The clock of a process."""
    return datetime.now(UTC)


def run_worker(settings: Settings, stop: Stop, *, crawl: Crawl = crawl_outlet) -> None:
    """Work until asked to stop. A database that does not answer is waited for."""
    worker = Worker(settings, stop, crawl=crawl)
    pause, kept_out = IDLE_S, False
    with labelled(worker=worker.name), closing(worker):
        while not stop.asked:
            try:
                if kept_out:
                    worker.end_hung()
                    kept_out = False
                worker.pulse.beat_if_due(worker.store, worker.clock())
                worked = worker.step()
                pause = IDLE_S
            except WatchfloorError as error:
                log.warning("no work: %s", error)
                kept_out = isinstance(error, BusyError)
                worked, pause = False, min(LONGEST_PAUSE_S, pause * 2)
            if not worked:
                stop.wait(pause)


class Worker:
    """One worker process: its name, its store and its way to crawl.

    Leases go by the clock of the database: those of other machines may be wrong, and this one's may be set.
    """

    def __init__(
        self, settings: Settings, stop: Stop, *, crawl: Crawl = crawl_outlet, clock: Clock | None = None
    ) -> None:
        self.settings = settings
        self.terms = settings.operating
        self.stop = stop
        self.crawl = crawl
        self._database_clock = DatabaseClock()
        self.clock = clock or self._database_clock
        self.host = socket.gethostname()
        self.name = f"{self.host}:{os.getpid()}"
        self.lease = timedelta(seconds=self.terms.lease_s)
        self.pulse = Pulse(Part.WORKER, settings, self.clock())
        self._store: Store | None = None

    @property
    def store(self) -> Store:
        """The store, opened on first need: a worker may start before its database does."""
        if self._store is None:
            self._store = open_store(self.settings)
        return self._store

    def close(self) -> None:
        """Say that this worker stops, and close the store."""
        if self._store is not None:
            end_in_order(self.pulse, self._store, self.clock())

    def step(self) -> bool:
        """Take one job and see it through; False where there was none."""
        self.measure()
        take_over = not self._database_clock.was_set(within_s=self.terms.lease_s + MEASURED_EVERY_S)
        with self.store.read() as tx:
            if not has_work(tx, self.clock(), take_over=take_over):
                return False
        if take_over:
            self.end_hung()
        with self.store.write() as tx:
            claim = claim_job(tx, worker=self.name, now=self.clock(), lease=self.lease, take_over=take_over)
        if claim is None:
            return False
        self.stop.say_alive()
        job = claim.job
        with labelled(job=job.id, attempt=job.attempt, outlet=job.outlet):
            log.info("job taken")
            self._keep(job, self._lost_before(claim) or self._crawled(job))
        return True

    def measure(self) -> None:
        """Look at the clock of the database where that is due.

        After it was set, no lease is taken for run out until every worker has seen it and renewed its own.
        """
        self._database_clock.measure(self.store)

    def end_hung(self) -> None:
        """Kill crawls of this machine that hang and whose worker is lost; one may hold a lock of the database."""
        with self.store.read() as tx:
            hung = hung_crawls(tx, host=self.host, now=self.clock(), silent_for=HUNG_AFTER)
        for pid, begun_at in hung:
            if end_crawl(pid, begun_at=begun_at):
                log.warning("a crawl that hung is killed: its worker is lost", extra={"pid": pid})

    def _lost_before(self, claim: Claim) -> Next | None:
        """Say what is to be done about a job taken over, where it is not simply run again.

        One that was taken over before still has the run that went on without its worker then.
        """
        job = claim.job
        if claim.taken_over:
            log.warning("job taken over")
        elif job.run_id is None:
            return None
        run = None
        if job.run_id is not None:
            with self.store.write() as tx:
                silent_for = max(self.lease, DEAD_AFTER)
                run = end_if_dead(tx, job.run_id, now=self.clock(), host=self.host, silent_for=silent_for)
        return after_loss(job, run, self.terms)

    def _crawled(self, job: Job) -> Next:
        watch = _Watch(self, job)
        wish = job.wish
        try:
            report = self.crawl(
                wish.outlet,
                Limits(pages=wish.limit),
                settings=self.settings,
                url=wish.url,
                job=(job.id, job.attempt),
                watch=watch,
            )
        except WatchfloorError as error:
            if watch.stopped is Cause.STOPPED:
                return Next(JobState.CANCELLED, Cause.STOPPED, f"Stopped by {watch.by}.")
            return self._resting(after_error(error, job, self.terms), job)
        ended = Ended(report.state, report.reason, report.counts, report.hung)
        return self._resting(after_run(ended, job, self.terms, stopped=watch.stopped, by=watch.by), job)

    def _resting(self, following: Next, job: Job) -> Next:
        """Let a job wait as long as its outlet asked for, where that is longer than our own rule."""
        if following.cause is not Cause.RATE_LIMITED or following.state is not JobState.WAITING:
            return following
        now = self.clock()
        with self.store.read() as tx:
            until = rests_until(tx, job.outlet, now=now)
        wait = max(following.wait, until - now if until is not None else following.wait)
        return Next(following.state, following.cause, following.reason, wait, following.counts)

    def _keep(self, job: Job, following: Next) -> None:
        """Write what becomes of a job, with its cause. A database that is busy, away or full is waited for.

        However long: nothing else could be written either. Where another worker was faster, nothing is.
        """
        pause, told_at = 0.2, 0.0
        while True:
            try:
                kept = self._kept(job, following)
                break
            except (*DATABASE_LOST, StorageFullError) as error:
                if self.stop.wait(pause):
                    raise
                if time.monotonic() - told_at > TOLD_EVERY_S:
                    told_at = time.monotonic()
                    log.warning("job not let go yet: %s", error)
                pause = min(LONGEST_PAUSE_S, pause * 2)
        told = {"state": following.state.value, "cause": following.cause or ""}
        if kept:
            log.info("job let go", extra={**told, "reason": following.reason})
        else:
            log.warning("job is another worker's meanwhile; nothing was written", extra=told)

    def _kept(self, job: Job, following: Next) -> bool:
        now = self.clock()
        with self.store.write() as tx:
            held = get_job(tx, job.id)
            if held is None or held.attempt != job.attempt:
                return False
            if held.run_id is not None:
                self._end_run_of(tx, held.run_id, following, now)
            if held.stop_asked_by and following.state is JobState.WAITING:
                # Asked for after the last look: nobody wants it tried again.
                following = Next(JobState.CANCELLED, Cause.STOPPED, f"Stopped by {held.stop_asked_by}.")
            cause, reason, counts = following.cause, following.reason, following.counts
            if following.state is JobState.WAITING:
                not_before = now + following.wait
                return retry_job(tx, job, not_before=not_before, counts=counts, cause=cause, reason=reason)
            return end_job(tx, job, following.state, cause=cause, reason=reason, now=now, counts=counts)

    def _end_run_of(self, tx: Transaction, run_id: int, following: Next, now: datetime) -> None:
        """Give a run that could not say why it ended the cause of its job.

        The database was away, or the disk full, or it was ended from here and does not know for what.
        """
        if following.cause not in (None, Cause.BUSY):
            silent_for = max(self.lease, DEAD_AFTER)
            end_if_dead(tx, run_id, now=now, host=self.host, silent_for=silent_for, reason=following.reason)
        if following.cause in ENDED_FROM_HERE:
            reword_end(tx, run_id, f"{following.reason} {KEPT}", of=STOPPED)


@dataclass(slots=True)
class _Watch:
    """Looks after a crawl under way: its lease, its limits, and whether anybody wants it stopped.

    `stopped` is why it was ended, None while it was not.
    """

    worker: Worker
    job: Job
    stopped: Cause | None = None
    by: str = ""
    _started: float = field(default_factory=time.monotonic)
    _held_until: float = 0.0
    _beat_at: float = 0.0
    _weighed_at: float = 0.0

    def __call__(self, pid: int) -> bool:
        """Say whether the crawl is to end."""
        self.worker.stop.say_alive()
        now = time.monotonic()
        self.stopped = self.stopped or self._why_end(pid, now)
        return self.stopped is not None

    def _why_end(self, pid: int, now: float) -> Cause | None:
        terms = self.worker.terms
        if self.worker.stop.asked:
            return Cause.WORKER_STOPPED
        if now - self._started > self.worker.settings.crawler.max_run_s + terms.over_time_s:
            return Cause.TIME
        if now - self._weighed_at > MEMORY_EVERY_S:
            self._weighed_at = now
            if held_mb(pid) > terms.max_memory_mb:
                os.kill(pid, signal.SIGKILL)  # there may be no time for an end in order
                return Cause.MEMORY
        if now - self._beat_at > min(MOST_BETWEEN_BEATS_S, terms.lease_s / 4):
            return self._beat(now)
        return None

    def _beat(self, now: float) -> Cause | None:
        self._held_until = self._held_until or now + self.worker.terms.lease_s
        self._beat_at = now
        try:
            self.worker.measure()
            with self.worker.store.write() as tx:
                at = self.worker.clock()
                grip = keep_lease(tx, self.job, now=at, lease=self.worker.lease)
                if self.worker.pulse.is_due(at):
                    self.worker.pulse.beat(tx, at)
        except WatchfloorError as error:
            log.warning("no beat: %s", error)
            return Cause.WORKER_LOST if now > self._held_until else None
        if not grip.held:
            return Cause.WORKER_LOST
        self._held_until = now + self.worker.terms.lease_s
        self.by = grip.stop_asked_by
        return Cause.STOPPED if grip.stop_asked_by else None
