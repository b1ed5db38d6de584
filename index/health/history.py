"""What an outlet's runs observed, oldest first, and the values that rules are given. Pure; instants are aware UTC."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config.outlet_parts import Expectations
from index.health.causes import Cause
from index.health.records import Evidence, Health, HealthState, Observation
from index.job_records import KeptSchedule
from index.records import Run

LOOKED_BACK = timedelta(days=56)
"""Eight weeks say what is usual: each hour of a week eight times."""

NEW_USUAL = timedelta(days=28)
"""What has been so for this long is the new usual, where something comes at all."""


Numbers = NDArray[np.float64]


class Strength(IntEnum):
    """How sure a finding is: seen once, seen often enough, or beyond any doubt."""

    WEAK = 1
    STRONG = 2
    OVERWHELMING = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found: a cause, one sentence with the figures, and what shows it.

    `state` is the state it leads to, None where it is only told beside. `unfit` says which minimum was missed, so that
    what the run brought is not called fresh news; "" for none.
    """

    cause: Cause
    sentence: str
    evidence: tuple[Evidence, ...] = ()
    state: HealthState | None = None
    strength: Strength = Strength.STRONG
    unfit: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted in every observation, as (hits, tries), under a name of its own."""

    name: str
    of: Callable[[Observation], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class History:
    """Observations of one outlet, the oldest first, as far as they are known: the first `known` of them.

    What is counted is counted once and kept beside them, for all that look at a part of the same observations.
    """

    every: tuple[Observation, ...]
    ends: tuple[datetime, ...]
    known: int
    kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, observations: Iterable[Observation]) -> History:
        """Put observations in order, of crawls alone."""
        crawls = sorted(
            (one for one in observations if one.kind == "crawl"), key=lambda one: (one.finished_at, one.run_id)
        )
        return cls(tuple(crawls), tuple(one.finished_at for one in crawls), len(crawls))

    def __len__(self) -> int:
        return self.known

    @property
    def seen(self) -> Sequence[Observation]:
        """The observations."""
        return self.every if self.known == len(self.every) else self.every[: self.known]

    def newest(self) -> Iterator[Observation]:
        """Yield the observations, the newest first."""
        return (self.every[number] for number in range(self.known - 1, -1, -1))

    def until(self, instant: datetime) -> History:
        """Return what was known at an instant."""
        return History(self.every, self.ends, min(self.known, bisect_right(self.ends, instant)), self.kept)

    def each(self, name: str, read: Callable[[Observation], Any]) -> Sequence[Any]:
        """Return what `read` says of every observation; worked out once under a name."""
        if name not in self.kept:
            self.kept[name] = [read(one) for one in self.every]
        found: list[Any] = self.kept[name]
        return found if self.known == len(self.every) else found[: self.known]

    def place(self, instant: datetime) -> int:
        """Return the number of observations that ended before an instant."""
        return bisect_left(self.ends, instant, 0, self.known)

    def between(self, begins: datetime, ends: datetime) -> Sequence[Observation]:
        """Return those that ended from `begins` on and before `ends`."""
        return self.every[self.place(begins) : self.place(ends)]

    def counted(self, measure: Measure) -> tuple[Numbers, Numbers]:
        """Return hits and tries of every observation."""
        if measure.name not in self.kept:
            pairs = np.array([measure.of(one) for one in self.every], dtype=np.float64).reshape(-1, 2)
            self.kept[measure.name] = (pairs[:, 0].copy(), pairs[:, 1].copy())
        hits, tries = self.kept[measure.name]
        return hits[: self.known], tries[: self.known]


@dataclass(frozen=True, slots=True)
class Facts:
    """All that an outlet is judged by, as of `now`.

    `before` is the judgement in force, `expect` what its file expects, `zone` the clock of its weekdays
    and hours, `languages` those its file names.
    `runs` are its newest crawls, the newest first, with or without an observation; `crawl_wanted_since` is since when
    it should have been crawled (its schedule, or its registration), None where nobody wants it. A run said to go on for
    more than `longest_run` is dead.
    """

    outlet: str
    now: datetime
    history: History
    before: Health | None = None
    expect: Expectations = field(default_factory=Expectations)
    zone: str = "UTC"
    languages: tuple[str, ...] = ()
    enabled: bool = True
    schedule: KeptSchedule | None = None
    runs: tuple[Run, ...] = ()
    rests_until: datetime | None = None
    crawl_wanted_since: datetime | None = None
    stale_after: timedelta = timedelta(hours=48)
    longest_run: timedelta = timedelta(hours=2)

    def was(self, *causes: Cause) -> bool:
        """Say whether the judgement in force speaks of one of these causes."""
        return self.before is not None and self.before.cause in causes

    def usual_ends(self, begins: datetime, *causes: Cause) -> datetime:
        """Return when what is usual ends, for something that began at `begins`.

        While a cause is in force the time since is not usual, so that a break does not become the measure of itself.
        """
        if self.before is not None and self.was(*causes) and self.now - self.before.since < NEW_USUAL:
            return min(begins, self.before.since)
        return begins


Rule = Callable[[Facts], list[Finding]]
"""A rule reads the facts, as of their now, and returns what it found."""
