"""What schedules will ask of hosts and workers, told before they are switched on: requests, duration, clashes. Pure.

What a run costs, and which hosts it asks, is taken from the outlet's past runs. Where there are none, that is said and
nothing is guessed.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from config.counting import counted
from config.when import parse_when, span_told
from index.schedules import Schedule, firings, shortest_gap, starts_at, told_in
from index.usual import Usual, lasting

MOST_FIRINGS = 5000
"""Firings of one outlet that are looked at: every minute of three days."""


@dataclass(frozen=True, slots=True)
class AskedHost:
    """A host that a usual run asks: how many requests it gets, and the seconds between two of them."""

    host: str
    requests: float
    delay_s: float

    @property
    def needed_s(self) -> float:
        """The seconds its pace needs for them."""
        return self.requests * self.delay_s


@dataclass(frozen=True, slots=True)
class Planned:
    """A schedule with what is known of its outlet: its home host, the seconds between two requests, its usual run.

    `hosts` are those its past runs asked; where none is known, all requests count at the home host.
    """

    schedule: Schedule
    host: str
    delay_s: float
    usual: Usual | None = None
    hosts: tuple[AskedHost, ...] = ()

    @property
    def asked(self) -> tuple[AskedHost, ...]:
        """The hosts of a usual run, those asked most first; none where no run is usual yet."""
        if self.usual is None:
            return ()
        return self.hosts or (AskedHost(self.host, self.usual.asked, self.delay_s),)


@dataclass(frozen=True, slots=True)
class OutletForecast:
    """What one schedule will do. Seconds and hosts are of one run, None and none where the outlet has no history.

    `host` is the home host, `hosts` are those that a run asks, those asked most first. `folded` are firings that come
    while a run before them waits or goes on.
    """

    outlet: str
    host: str
    firings: tuple[datetime, ...]
    run_s: float | None
    hosts: tuple[AskedHost, ...] = ()
    folded: int = 0

    @property
    def run_requests(self) -> float | None:
        """Requests of one run, to all hosts."""
        return sum(one.requests for one in self.hosts) if self.hosts else None

    @property
    def requests(self) -> float | None:
        """Requests in the whole time."""
        return None if self.run_requests is None else self.run_requests * (len(self.firings) - self.folded)


@dataclass(frozen=True, slots=True)
class HostForecast:
    """What will be asked of one host: requests in the whole time, and those of its busiest hour.

    `delay_s` are the seconds between two requests; at that pace an hour has room for `most_an_hour`.
    """

    host: str
    delay_s: float
    requests: int
    busiest: int
    busiest_at: datetime

    @property
    def most_an_hour(self) -> int | None:
        """How many requests fit into an hour; None where nothing is between two."""
        return int(3600 / self.delay_s) if self.delay_s else None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What all schedules will do together between two instants.

    `host_hours` are requests by host and hour, `hosts` the same in sum, those asked most first; `busy` is the share of
    the workers' time that is used, `longest_wait` the longest that a firing waits for a worker. `clashes` are
    sentences; `unknown` are outlets without history.
    """

    begins: datetime
    ends: datetime
    workers: int
    outlets: tuple[OutletForecast, ...]
    host_hours: Mapping[str, Mapping[datetime, int]]
    hosts: tuple[HostForecast, ...]
    busy: float
    longest_wait: timedelta
    clashes: tuple[str, ...]
    unknown: tuple[str, ...]


def forecast(plans: Sequence[Planned], *, begins: datetime, over: timedelta, workers: int) -> Forecast:
    """Look ahead from `begins`, as if every run were the usual one of its outlet."""
    ends = begins + over
    coming = {one.schedule.outlet: _coming(one.schedule, begins, ends) for one in plans}
    seen = _simulated(plans, coming, workers)
    outlets = tuple(
        OutletForecast(
            outlet=one.schedule.outlet,
            host=one.host,
            firings=tuple(coming[one.schedule.outlet]),
            run_s=None if one.usual is None else one.usual.seconds,
            hosts=one.asked,
            folded=seen.folded[one.schedule.outlet],
        )
        for one in plans
    )
    clashes = [said for one in plans for said in clashes_of(one, begins)] + seen.told(workers)
    host_hours = seen.by_host_and_hour()
    return Forecast(
        begins,
        ends,
        workers,
        outlets,
        host_hours,
        _hosts(host_hours, {host.host: host.delay_s for one in plans for host in one.asked}),
        busy=min(1.0, seen.busy / over / workers),
        longest_wait=seen.longest_wait,
        clashes=tuple(clashes),
        unknown=tuple(one.schedule.outlet for one in plans if one.usual is None),
    )


def clashes_of(planned: Planned, now: datetime) -> list[str]:
    """Say what of one schedule cannot be: its run is longer than its interval, or its host is too slow for it."""
    if planned.usual is None:
        return []
    plan, usual = planned.schedule, planned.usual
    gap = shortest_gap(plan, now)
    if gap is None:
        return []
    told = []
    slowest = max(planned.asked, key=lambda host: host.needed_s)
    if usual.seconds >= gap.total_seconds():
        told.append(
            f"{plan.outlet}: its usual run lasts {lasting(usual.seconds)}, and {plan.when.text} fires again after "
            f"{span_told(gap)}: firings would fall together"
        )
    elif slowest.needed_s >= gap.total_seconds():
        to_it = f" to {slowest.host}" if len(planned.asked) > 1 else ""
        told.append(
            f"{plan.outlet}: its usual {counted(round(slowest.requests), 'request')}{to_it} take "
            f"{lasting(slowest.needed_s)} at {slowest.delay_s:g} s between two, longer than the {span_told(gap)} "
            "between two firings"
        )
    return [f"{said}; {_instead(planned, now)}." for said in told]


def _instead(planned: Planned, now: datetime) -> str:
    """Name an interval that the usual run fits into twice, with its first firings."""
    assert planned.usual is not None
    needed = 2 * max(planned.usual.seconds, *(host.needed_s for host in planned.asked))
    steps = (15, 30, 60, 120, 180, 240, 360, 480, 720, 1440, 2 * 1440, 4 * 1440, 7 * 1440)
    minutes = next((step for step in steps if step * 60 >= needed), steps[-1])
    when = parse_when(f"every {minutes}m")
    plan = Schedule(planned.schedule.outlet, when, planned.schedule.zone, quiet=planned.schedule.quiet, since=now)
    times = ", ".join(told_in(plan.zone, at) for at in _first(firings(plan, now), 3))
    return f"`{when.text}` would fit and fire at {times}"


def _coming(plan: Schedule, begins: datetime, ends: datetime) -> list[datetime]:
    return _first(takewhile(lambda at: at <= ends, firings(plan, begins)), MOST_FIRINGS)


def _first(instants: Iterable[datetime], number: int) -> list[datetime]:
    return [at for _, at in zip(range(number), instants, strict=False)]


class _Simulated:
    """The firings of all outlets run through the workers: who waits, what is folded, how many requests each hour."""

    def __init__(self) -> None:
        self.folded: Counter[str] = Counter()
        self.host_hours: dict[str, dict[datetime, float]] = defaultdict(lambda: defaultdict(float))
        self.busy = timedelta(0)
        self.longest_wait = timedelta(0)
        self.crowded_at: datetime | None = None
        self.crowd = 0

    def by_host_and_hour(self) -> dict[str, dict[datetime, int]]:
        """Return whole requests; a host that a run asks now and then has parts of them."""
        return {host: {hour: round(asked) for hour, asked in hours.items()} for host, hours in self.host_hours.items()}

    def told(self, workers: int) -> list[str]:
        """Say when more crawls come together than there are workers."""
        if self.crowded_at is None:
            return []
        late = lasting(self.longest_wait.total_seconds())
        said = (
            f"{counted(self.crowd, 'crawl')} at once, the first time at {self.crowded_at:%Y-%m-%d %H:%M} UTC, and "
            f"{counted(workers, 'worker')}: some start up to {late} late; more workers, a jitter, or other times "
            "spread them."
        )
        return [said]


def _simulated(plans: Sequence[Planned], coming: Mapping[str, Sequence[datetime]], workers: int) -> _Simulated:
    """Run all firings through the workers, each run as long as its outlet's usual one."""
    seen = _Simulated()
    starts = sorted(
        ((starts_at(one.schedule, at), one) for one in plans for at in coming[one.schedule.outlet]),
        key=lambda pair: (pair[0], pair[1].schedule.outlet),
    )
    free = [starts[0][0]] * workers if starts else []  # when each worker is free again, as a heap
    ends_of: dict[str, datetime] = {}
    underway: deque[datetime] = deque()
    for at, one in starts:
        outlet = one.schedule.outlet
        if ends_of.get(outlet, at) > at:
            seen.folded[outlet] += 1
            continue
        if one.usual is None:
            continue
        begins = max(at, heapq.heappop(free))
        lasts = timedelta(seconds=one.usual.seconds)
        ends_of[outlet] = begins + lasts
        heapq.heappush(free, begins + lasts)
        underway = deque(end for end in underway if end > at)
        underway.append(begins + lasts)
        if begins > at:
            seen.longest_wait = max(seen.longest_wait, begins - at)
            seen.crowded_at = seen.crowded_at or at
            seen.crowd = max(seen.crowd, len(underway))
        seen.busy += lasts
        for host in one.asked:
            _spread(seen.host_hours[host.host], host.requests, begins, lasts)
    return seen


def _spread(hours: dict[datetime, float], requests: float, begins: datetime, lasts: timedelta) -> None:
    """Spread the requests of a run to one host evenly over the hours it lasts."""
    ends = begins + max(lasts, timedelta(seconds=1))
    hour = begins.replace(minute=0, second=0, microsecond=0)
    while hour < ends:
        hour_ends = hour + timedelta(hours=1)
        hours[hour] += requests * ((min(hour_ends, ends) - max(hour, begins)) / (ends - begins))
        hour = hour_ends


def _hosts(host_hours: Mapping[str, Mapping[datetime, int]], delays: Mapping[str, float]) -> tuple[HostForecast, ...]:
    """Sum up by host, those asked most first."""
    found = []
    for host, hours in host_hours.items():
        busiest_at = max(hours, key=lambda hour: (hours[hour], -hour.timestamp()))
        found.append(HostForecast(host, delays[host], sum(hours.values()), hours[busiest_at], busiest_at))
    return tuple(sorted(found, key=lambda one: (-one.requests, one.host)))
