"""How outlets fared day by day: one state a day, from what was judged of them, else from how their runs ended. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from config.counting import counted
from index.health.records import Health, HealthChange, HealthState

DAYS = 30
SUCCESSFUL = frozenset({"done", "partial", "budget"})
_GRAVEST = (
    HealthState.BROKEN,
    HealthState.BLOCKED,
    HealthState.STALE,
    HealthState.DEGRADED,
    HealthState.PAUSED,
    HealthState.HEALTHY,
)
LETTERS = {
    HealthState.HEALTHY: "H",
    HealthState.DEGRADED: "D",
    HealthState.STALE: "S",
    HealthState.BLOCKED: "B",
    HealthState.BROKEN: "X",
    HealthState.PAUSED: "P",
}
"""A letter beside the colour: red and green look alike to some."""

RunCounts = Mapping[tuple[str, date], Mapping[str, int]]
"""How many runs of an outlet ended in which state, by the UTC day on which they began."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of an outlet. `state` is the gravest of it, None where nothing is known. `told` says it in words."""

    on: date
    state: HealthState | None
    runs: int
    failed: int

    @property
    def letter(self) -> str:
        """The letter of its state, a dot without one."""
        return "·" if self.state is None else LETTERS[self.state]

    @property
    def told(self) -> str:
        """Say the day in words: `28 Nov: broken, 3 runs, 2 of them failed`."""
        state = "nothing known" if self.state is None else self.state.value
        runs = f", {counted(self.runs, 'run')}" if self.runs else ", no run"
        failed = f", {self.failed:,} of them failed" if self.failed else ""
        return f"{self.on.day} {self.on:%b}: {state}{runs}{failed}"


def days_shown(now: datetime) -> list[date]:
    """Return the days that the grid shows, the oldest first; the last is the day of `now` in UTC."""
    today = now.astimezone(UTC).date()
    return [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]


def days_of(
    outlet: str, health: Health | None, changes: Sequence[HealthChange], runs: RunCounts, now: datetime
) -> list[Day]:
    """Return the days of an outlet. `changes` are its own since the first day shown, in any order."""
    ordered = sorted(changes, key=lambda one: (one.at, one.id))
    found = []
    for on in days_shown(now):
        ended = runs.get((outlet, on), {})
        failed = sum(number for state, number in ended.items() if state not in SUCCESSFUL and state != "running")
        judged = _judged(on, health, ordered)
        state = judged if judged is not None else _of_runs(ended)
        found.append(Day(on, state, sum(ended.values()), failed))
    return found


def _judged(on: date, health: Health | None, changes: Sequence[HealthChange]) -> HealthState | None:
    """The gravest state of a day: that in which it began, and those into which the outlet came on it."""
    begins = datetime.combine(on, time(), UTC)
    ends = begins + timedelta(days=1)
    earlier = [one for one in changes if one.at < begins]
    today = [one.state for one in changes if begins <= one.at < ends]
    at_first: HealthState | None
    if earlier:
        at_first = earlier[-1].state
    elif changes:
        at_first = changes[0].before
    else:
        at_first = health.state if health is not None and health.since < ends else None
    states = [state for state in (at_first, *today) if state is not None]
    return min(states, key=_GRAVEST.index, default=None)


def _of_runs(ended: Mapping[str, int]) -> HealthState | None:
    """What a day's runs say where nothing was judged."""
    states = Counter({state: number for state, number in ended.items() if state != "running"})
    if not states:
        return None
    good = sum(states[state] for state in SUCCESSFUL)
    if good == states.total():
        return HealthState.HEALTHY
    if good:
        return HealthState.DEGRADED
    return HealthState.BLOCKED if states["blocked"] else HealthState.BROKEN
