"""What an operator plans and asks for, as frozen values: schedules as they are kept, and jobs. No I/O here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from index.schedules import Schedule


class JobState(StrEnum):
    """`waiting` for its time and a worker; `leased` to a worker; the others are ends."""

    WAITING = "waiting"
    LEASED = "leased"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class Cause(StrEnum):
    """Why a job did not end as it should, or waits to be tried again; a closed list."""

    BLOCKED = "blocked"
    RATE_LIMITED = "rate_limited"
    CONNECTION = "connection"
    STORAGE_FULL = "storage_full"
    DATABASE = "database"
    CONFIGURATION = "configuration"
    BUSY = "busy"
    MEMORY = "memory"
    TIME = "time"
    HUNG = "hung"
    CRASHED = "crashed"
    WORKER_LOST = "worker_lost"
    WORKER_STOPPED = "worker_stopped"
    STOPPED = "stopped"

    @property
    def sentence(self) -> str:
        """Say what it means."""
        return _SENTENCES[self]


_SENTENCES = {
    Cause.BLOCKED: "The outlet refuses us.",
    Cause.RATE_LIMITED: "The outlet asked to be left alone for a while.",
    Cause.CONNECTION: "The outlet could not be reached.",
    Cause.STORAGE_FULL: "The disk is full or below the guard.",
    Cause.DATABASE: "The database did not answer.",
    Cause.CONFIGURATION: "A setting or an outlet file must be mended first.",
    Cause.BUSY: "Another run of the outlet is under way, or the database is in use.",
    Cause.MEMORY: "The crawl used more memory than it may.",
    Cause.TIME: "The crawl took longer than it may.",
    Cause.HUNG: "The crawl gave no sign of life.",
    Cause.CRASHED: "The crawl process died.",
    Cause.WORKER_LOST: "The worker died, or lost the database, and its lease ran out.",
    Cause.WORKER_STOPPED: "The worker was stopped and gave the job back.",
    Cause.STOPPED: "Somebody stopped it.",
}


@dataclass(frozen=True, slots=True)
class KeptSchedule:
    """A schedule as it is kept. `origin` is `file` where it stands in the outlet's file, else `operator`.

    Firings planned until `planned_until` are dealt with. `paused_at` is None while it is in force.
    """

    plan: Schedule
    origin: str
    planned_until: datetime
    paused_at: datetime | None = None
    paused_reason: str = ""
    changed_at: datetime | None = None
    changed_by: str = ""

    @property
    def outlet(self) -> str:
        """The outlet it is for."""
        return self.plan.outlet


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a job: a crawl of an outlet, at most `limit` pages, or one address alone."""

    outlet: str
    limit: int | None = None
    url: str | None = None
    kind: str = "crawl"


@dataclass(frozen=True, slots=True)
class Job:
    """A wish for a run, and how far it has come.

    `attempt` grows each time a worker takes it; what a worker writes under an older number is refused. `failures` are
    those attempts that count against it. `folded` firings came while it waited or ran, `missed` ones before it was
    made; all are answered by it.
    """

    id: int
    wish: Wish
    wanted_at: datetime
    not_before: datetime
    state: JobState
    planned_at: datetime | None = None  # the firing it was made for; None for a job that somebody asked for
    asked_by: str = ""
    attempt: int = 0
    failures: int = 0
    lease_until: datetime | None = None
    worker: str = ""
    run_id: int | None = None
    cause: Cause | None = None
    reason: str = ""  # the cause in words
    folded: int = 0
    missed: int = 0
    stop_asked_by: str = ""
    ended_at: datetime | None = None

    @property
    def outlet(self) -> str:
        """The outlet to be crawled."""
        return self.wish.outlet
