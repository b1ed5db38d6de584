"""What an outlet's runs observed, oldest first, and the values that rules are given. Pure; instants are aware UTC."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

from config.outlet_parts import Expectations
from index.health.causes import Cause
from index.health.records import Evidence, Health, HealthState, Observation
from index.job_records import KeptSchedule
from index.records import Run

LOOKED_BACK = timedelta(days=56)
"""Eight weeks say what is usual: each hour of a week eight times."""

NEW_USUAL = timedelta(days=28)
"""What has been so for this long is the new usual, where something comes at all."""


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
class History:
    """Observations of one outlet, the oldest first. Those that say nothing of volume are in it as well."""

    seen: tuple[Observation, ...]
    ends: tuple[datetime, ...] = field(default=(), compare=False)

    @classmethod
    def of(cls, observations: Iterable[Observation]) -> History:
        """Put observations in order, of crawls alone."""
        crawls = sorted(
            (one for one in observations if one.kind == "crawl"), key=lambda one: (one.finished_at, one.run_id)
        )
        return cls(tuple(crawls), tuple(one.finished_at for one in crawls))

    def __len__(self) -> int:
        return len(self.seen)

    def until(self, instant: datetime) -> History:
        """Return what was known at an instant."""
        end = bisect_right(self.ends, instant)
        return History(self.seen[:end], self.ends[:end])

    def between(self, begins: datetime, ends: datetime) -> Sequence[Observation]:
        """Return those that ended from `begins` on and before `ends`."""
        return self.seen[bisect_left(self.ends, begins) : bisect_left(self.ends, ends)]


@dataclass(frozen=True, slots=True)
class Facts:
    """All that an outlet is judged by, as of `now`.

    `before` is the judgement in force, `expect` what its file expects, `zone` the clock of its weekdays and hours.
    `runs` are its newest crawls, the newest first, with or without an observation; `crawl_wanted_since` is since when
    it should have been crawled (its schedule, or its registration), None where nobody wants it.
    """

    outlet: str
    now: datetime
    history: History
    before: Health | None = None
    expect: Expectations = field(default_factory=Expectations)
    zone: str = "UTC"
    enabled: bool = True
    schedule: KeptSchedule | None = None
    runs: tuple[Run, ...] = ()
    rests_until: datetime | None = None
    crawl_wanted_since: datetime | None = None
    stale_after: timedelta = timedelta(hours=48)

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
