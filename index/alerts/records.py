"""Troubles, the alerts that are kept of them, and what is told of an alert, as frozen values. No I/O, no rules here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from index.health.records import Health
from index.job_records import Job

TO_DO = " To do: "
"""Stands in a kept sentence before what is to be done."""


IMPROVED = "improved"
"""The state of an outlet's alert that is over although the outlet is not yet as usual."""


class AlertKind(StrEnum):
    """What a trouble is about."""

    OUTLET = "outlet"
    STORM = "storm"
    DISK = "disk"
    INDEX = "index"
    SCHEDULER = "scheduler"
    WORKER = "worker"


class Said(StrEnum):
    """What can be told of an alert, each once: that it began, that it comes and goes, that it is over."""

    BEGAN = "began"
    FLAPPING = "flapping"
    OVER = "over"


class Part(StrEnum):
    """A part of the program that works until it is stopped, and says that it is alive."""

    SCHEDULER = "scheduler"
    WORKER = "worker"
    INDEXER = "indexer"


@dataclass(frozen=True, slots=True)
class Beat:
    """The last sign of life of one process. `ended_at` is set where it was stopped in order.

    `free_mb` and `least_mb` are of the disk of its data folder; `position` is how far an indexer has read the log.
    """

    part: Part
    host: str
    pid: int
    started_at: datetime
    at: datetime
    ended_at: datetime | None = None
    free_mb: int | None = None
    least_mb: int | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class OutletFacts:
    """How an outlet fares: what is judged of it, when it was asked last, and the job of it that was given up last.

    `entries` are the instants of late at which it came into a state that is told. `given_up` is None where a job of it
    has ended well since.
    """

    outlet: str
    health: Health | None = None
    asked_at: datetime | None = None
    given_up: Job | None = None
    entries: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that troubles are read from. `unread_since` is the instant of the oldest change the index lacks."""

    outlets: tuple[OutletFacts, ...] = ()
    beats: tuple[Beat, ...] = ()
    schedules: int = 0  # in force, not paused
    jobs_due: int = 0
    due_since: datetime | None = None
    unread: int = 0
    unread_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What the operator decided about alerts; `states` are those of an outlet's health that are told."""

    states: frozenset[str]
    settle: timedelta
    gather: timedelta
    flap_times: int
    flap_within: timedelta
    storm_outlets: int
    storm_share: float
    storm_within: timedelta
    index_lag: timedelta
    silent: timedelta


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong now, by a key that stays while it lasts. `subject` is what a reader knows it by.

    `held`: part of something greater, which is told in its place. `advice` says what to do, "" where the sentence does.
    """

    key: str
    kind: AlertKind
    subject: str
    state: str
    sentence: str
    since: datetime
    flapping: bool = False
    held: bool = False
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Troubles:
    """All that is wrong now.

    `silent` are keys whose end nobody need be told of, `unsure` those of which nothing is known now. `lingering` is no
    trouble by itself, but keeps one that was told from being over: it is better than it was, and not yet well.
    """

    found: tuple[Trouble, ...] = ()
    silent: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()
    lingering: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """A trouble as it is kept from its first sight to its end.

    `settled_at` is when it had lasted long enough to be told, `cleared_at` since when it is no longer seen,
    `ended_at` when that had lasted long enough too. `id` is 0 for one that is not kept yet.
    """

    id: int
    key: str
    kind: AlertKind
    subject: str
    state: str
    sentence: str
    first_at: datetime
    settled_at: datetime | None = None
    cleared_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """One thing to be told of an alert on one channel, and how far that has come.

    `dropped_at` is set where there was no more need to tell it, or no hope.
    """

    id: int
    alert_id: int
    channel: str
    said: Said
    made_at: datetime
    told_at: datetime | None = None
    dropped_at: datetime | None = None
    attempts: int = 0
    next_try_at: datetime | None = None
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """A telling whose time has come, with its alert."""

    telling: Telling
    alert: Alert


@dataclass(frozen=True, slots=True)
class Told:
    """An alert with all that was told of it, for lists."""

    alert: Alert
    tellings: tuple[Telling, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """What one message says: a subject in one line, a text, and the same as values. `id` stays when it is repeated."""

    id: str
    subject: str
    text: str
    values: Mapping[str, object] = field(default_factory=dict)
