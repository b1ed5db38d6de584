"""When a schedule fires: every planned instant exactly once, whatever clocks do. Pure; instants are aware UTC.

A firing is known by its planned instant. Jitter moves the start, never the plan, so all processes have the same plan.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim

from config.errors import UsageError
from config.when import When, WhenError, parse_when, span_told

MOST_MISSED = 1000
"""So many missed firings are counted, no more: they are told, and run once."""

LOOK_AHEAD = timedelta(days=366 * 8)
"""A schedule without a firing for so long never fires: from one 29 February to the next it is eight years at most."""

_MOST_LEFT_OUT = 20_000


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day, by the clock of the schedule's zone, in which nothing begins; `ends` may be of the next day."""

    begins: time
    ends: time

    def __contains__(self, clock: time) -> bool:
        if self.begins < self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends

    @property
    def text(self) -> str:
        """Write it as `parse_quiet` reads it."""
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}"


class QuietError(UsageError):
    """A text that names no quiet hours. `meant` are those that were probably meant, None where nobody can tell."""

    def __init__(self, sentence: str, meant: Quiet | None) -> None:
        self.meant = meant
        super().__init__(sentence + (f"; did you mean `{meant.text}`?" if meant else ""))


@dataclass(frozen=True, slots=True)
class Schedule:
    """When an outlet is crawled. `since` is when this plan was made; intervals are counted from it.

    `wait` is the interval of an adaptive schedule in force, worked out from what its outlet wrote (`adaptive_wait`).
    """

    outlet: str
    when: When
    zone: str = "UTC"
    jitter: timedelta = timedelta(0)
    quiet: tuple[Quiet, ...] = ()
    since: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """What is to run now: the newest planned instant that has come, and how many before it were missed."""

    planned: datetime
    missed: int


def firings(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    """Yield the planned instants after `after`, in order, each once; none in quiet hours.

    A cron line means wall clock time: what a clock change skips fires when the clock goes on, what it repeats fires the
    first time; lines for every hour or minute go on in real time. Intervals are real time. A cron firing in quiet hours
    is left out, the firing of an interval waits for their end.
    """
    if schedule.quiet and all(any(one.ends in other for other in schedule.quiet) for one in schedule.quiet):
        return  # where one ends another goes on: there is no other hour
    zone = ZoneInfo(schedule.zone)
    last, left_out = after, 0
    for planned in _planned(schedule, zone, after):
        moved = planned if schedule.when.cron else _quiet_ends(schedule, zone, planned)
        if moved > last and not _is_quiet(schedule, zone, moved):
            last, left_out = moved, 0
            yield moved
        else:
            left_out += 1
        if planned - last > LOOK_AHEAD or left_out > _MOST_LEFT_OUT:
            return  # it never fires again


def next_firing(schedule: Schedule, after: datetime) -> datetime | None:
    """Return the first planned instant after `after`; None where none ever comes."""
    return next(firings(schedule, after), None)


def starts_at(schedule: Schedule, planned: datetime) -> datetime:
    """Return when a firing begins: the plan and its part of the jitter, the same in every process.

    Where quiet hours begin within the jitter, what is left until then is its whole: nothing begins in them.
    """
    if not schedule.jitter:
        return planned
    seed = hashlib.sha256(f"{schedule.outlet} {int(planned.timestamp())}".encode()).digest()
    room = min([schedule.jitter, *(_next_begin(schedule, quiet, planned) - planned for quiet in schedule.quiet)])
    return planned + room * (int.from_bytes(seed[:4], "big") / (1 << 32))


def due(schedule: Schedule, last: datetime, now: datetime) -> Due | None:
    """Return what has come since the firing planned for `last`; missed ones run once. None: nothing yet.

    A clock that goes back brings nothing twice: only what was planned after `last` counts.
    """
    come = list(islice(_come(schedule, last, now), MOST_MISSED))
    if len(come) < MOST_MISSED:
        return Due(come[-1], len(come) - 1) if come else None
    # Very many: only the newest matters. The day before now holds it, or else the first thousand went further.
    return Due(max([come[-1], *_come(schedule, now - timedelta(days=1), now)]), MOST_MISSED)


def adaptive_wait(
    articles: int,
    over: timedelta,
    between: tuple[timedelta, timedelta],
    *,
    wanted: float = 3.0,
    look_in: timedelta | None = None,
) -> timedelta:
    """Return how long to wait until about `wanted` new articles are there, at the pace of late, within bounds.

    `look_in` is when as many articles held are due to be looked at again (see revisits.py); None: never. The sooner
    of the two counts.
    """
    low, high = between
    waits = [high]
    if articles > 0 and over > timedelta(0):
        waits.append(over * (wanted / articles))
    if look_in is not None:
        waits.append(look_in)
    return max(low, min(waits))


def parse_quiet(text: str) -> Quiet:
    """Read quiet hours, `22:00-06:00`. Raises QuietError."""
    try:
        begins, ends = (_clock(part) for part in text.replace("–", "-").split("-"))
    except ValueError:
        raise QuietError(f"{text}: quiet hours are two times of the day, as 22:00-06:00", _meant(text)) from None
    if begins == ends:
        raise UsageError(f"{text}: these quiet hours are none, or the whole day; pause the schedule for the latter")
    return Quiet(begins, ends)


def _meant(text: str) -> Quiet | None:
    """Return the quiet hours that `22-6` or `10pm to 6am` mean; None where nobody can tell."""
    clocks = re.findall(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?", text.lower())
    if len(clocks) != 2:
        return None
    try:
        begins, ends = (
            time((int(hour) % 12 + 12 * (half == "pm") if half else int(hour) % 24), int(minute or 0))
            for hour, minute, half in clocks
            if int(hour) <= 24
        )
    except ValueError:
        return None
    return Quiet(begins, ends) if begins != ends else None


def why_refused(schedule: Schedule, now: datetime) -> str:
    """Say why a schedule cannot be kept: it never fires, or its jitter is longer than it waits. "" where it can."""
    first = next_firing(schedule, now)
    if first is None:
        quiet = ", ".join(one.text for one in schedule.quiet)
        return f"{schedule.when.text} never fires: all its times lie in the quiet hours ({quiet}, {schedule.zone})"
    gap = shortest_gap(schedule, now)
    if gap is not None and schedule.jitter >= gap:
        return (
            f"a jitter of {span_told(schedule.jitter)} is no shorter than the {span_told(gap)} between two "
            "firings; take a smaller one"
        )
    return ""


def shortest_gap(schedule: Schedule, now: datetime) -> timedelta | None:
    """Return the shortest time between two firings: the interval, or that between the next fifty of a cron line.

    None for a line with fewer than two. The firing that waits for the end of quiet hours may be closer to the next one;
    that is no property of the schedule, and a job under way answers both.
    """
    if schedule.when.every is not None:
        return schedule.when.every
    if schedule.when.between is not None:
        return schedule.wait or schedule.when.between[0]
    coming = islice(firings(schedule, now), 50)
    return min((later - sooner for sooner, later in pairwise(coming)), default=None)


def read_when(text: str, *, zone: str, now: datetime) -> When:
    """Read a WHEN. Raises WhenError that also says when what was meant would fire next."""
    try:
        return parse_when(text)
    except WhenError as error:
        if not error.meant:
            raise
        meant = Schedule("", parse_when(error.meant), zone, since=now)
        times = ", ".join(told_in(zone, planned) for planned in islice(firings(meant, now), 3))
        raise UsageError(f"{error} It would fire at {times}.") from None


def told_in(zone: str, instant: datetime) -> str:
    """Say an instant in a zone: `Mon 2026-11-30 06:15 CET`."""
    return f"{instant.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M %Z}"


def plan_told(schedule: Schedule) -> str:
    """Say a schedule in one line, as the log of changes keeps it: `every 30m, Europe/Paris, quiet 22:00-06:00`."""
    jitter = f"up to {round(schedule.jitter.total_seconds())} s later" if schedule.jitter else ""
    quiet = f"quiet {', '.join(one.text for one in schedule.quiet)}" if schedule.quiet else ""
    return ", ".join(part for part in (schedule.when.text, schedule.zone, jitter, quiet) if part)


def _come(schedule: Schedule, last: datetime, now: datetime) -> Iterator[datetime]:
    return takewhile(lambda planned: starts_at(schedule, planned) <= now, firings(schedule, last))


def _planned(schedule: Schedule, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    when = schedule.when
    if when.cron:
        last = after
        for local in CronSim(when.cron, after.astimezone(zone)):
            planned = local.astimezone(UTC)
            if planned > last:  # in the hour that comes again the first one has been
                last = planned
                yield planned
        return
    step = schedule.wait or when.every or (when.between or (timedelta(hours=1),))[0]
    # One step back: a firing that quiet hours moved may have been planned before `after`.
    number = max(0, (after - schedule.since) // step)
    while True:
        yield schedule.since + number * step
        number += 1


def _is_quiet(schedule: Schedule, zone: ZoneInfo, instant: datetime) -> bool:
    clock = instant.astimezone(zone).time()
    return any(clock in quiet for quiet in schedule.quiet)


def _quiet_ends(schedule: Schedule, zone: ZoneInfo, instant: datetime) -> datetime:
    """Return the first instant from here on in no quiet hours; the hours of one may begin where others end."""
    for _ in range(2 * len(schedule.quiet)):
        local = instant.astimezone(zone)
        inside = next((quiet for quiet in schedule.quiet if local.time() in quiet), None)
        if inside is None:
            break
        day = local.date() if local.time() < inside.ends else local.date() + timedelta(days=1)
        instant = _instant(day, inside.ends, zone)
    return instant


def _next_begin(schedule: Schedule, quiet: Quiet, after: datetime) -> datetime:
    """Return when quiet hours begin the next time after an instant."""
    zone = ZoneInfo(schedule.zone)
    today = after.astimezone(zone).date()
    days = (today + timedelta(days=more) for more in range(3))  # a clock change may bring today's before the instant
    return next(begins for day in days if (begins := _instant(day, quiet.begins, zone)) > after)


def _instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def _clock(text: str) -> time:
    return time.fromisoformat(text.strip().zfill(5))
