"""Every firing exactly once: a year in ten zones, clock changes, quiet hours, a machine asleep, a clock that jumps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest

from config.errors import UsageError
from config.when import parse_when
from index.schedules import (
    MOST_MISSED,
    Due,
    Schedule,
    adaptive_wait,
    due,
    firings,
    next_firing,
    parse_quiet,
    read_when,
    starts_at,
    why_refused,
)

ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "Australia/Lord_Howe",  # half an hour
    "Asia/Kathmandu",
    "Africa/Casablanca",  # its clocks go back for Ramadan
    "Pacific/Auckland",
)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
A_YEAR_LATER = datetime(2027, 1, 1, tzinfo=UTC)


def schedule(text: str, zone: str = "UTC", **rest: object) -> Schedule:
    return Schedule("examplar", parse_when(text), zone, since=NEW_YEAR, **rest)  # type: ignore[arg-type]


def fired_by_clock(plan: Schedule, begin: datetime, end: datetime, step: timedelta) -> list[datetime]:
    """What a scheduler starts that looks at its clock every `step`."""
    last, now, started = begin, begin, []
    while now <= end:
        found = due(plan, last, now)
        if found is not None:
            assert found.missed == 0
            started.append(found.planned)
            last = found.planned
        now += step
    return started


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("clock", ["01:30", "02:00", "02:30", "00:00", "23:59"])
def test_a_daily_line_fires_once_on_every_day_of_a_year(zone: str, clock: str) -> None:
    hour, minute = map(int, clock.split(":"))
    days = [date(2026, 1, 2) + timedelta(days=number) for number in range(363)]

    fired = [
        planned.astimezone(ZoneInfo(zone))
        for planned in islice(firings(schedule(f"{minute} {hour} * * *", zone), NEW_YEAR), 370)
    ]

    assert [day for day in (one.date() for one in fired) if days[0] <= day <= days[-1]] == days
    moved = [one for one in fired if (one.hour, one.minute) != (hour, minute)]
    # Only where the clock skips that time, and then it is the instant at which the clock goes on.
    for one in moved:
        assert one - timedelta(minutes=1) != (one.astimezone(UTC) - timedelta(minutes=1)).astimezone(ZoneInfo(zone))
    assert len(moved) <= 2


@pytest.mark.parametrize("zone", ZONES)
def test_a_line_for_every_quarter_goes_on_in_real_time(zone: str) -> None:
    fired = list(islice(firings(schedule("*/15 * * * *", zone), NEW_YEAR), 4 * 24 * 365))

    assert {later - sooner for sooner, later in pairwise(fired)} == {timedelta(minutes=15)}


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe"])
def test_a_clock_looked_at_every_half_hour_sees_each_firing_of_a_year_once(zone: str) -> None:
    plan = schedule("30 2 * * *", zone, jitter=timedelta(minutes=5))

    started = fired_by_clock(plan, NEW_YEAR, A_YEAR_LATER, timedelta(minutes=31))

    planned = [one for one in islice(firings(plan, NEW_YEAR), 370) if one <= A_YEAR_LATER - timedelta(minutes=45)]
    assert started[: len(planned)] == planned
    assert len(set(started)) == len(started)


def test_a_leap_day_comes_every_four_years() -> None:
    assert [one.year for one in islice(firings(schedule("0 0 29 2 *"), NEW_YEAR), 2)] == [2028, 2032]


def test_an_interval_is_counted_from_when_it_was_set() -> None:
    begun = NEW_YEAR + timedelta(minutes=7)
    plan = Schedule("examplar", parse_when("every 30m"), since=begun)

    assert list(islice(firings(plan, begun), 2)) == [begun + timedelta(minutes=30), begun + timedelta(minutes=60)]
    assert next_firing(plan, begun - timedelta(seconds=1)) == begun


def test_missed_firings_run_once_and_are_counted() -> None:
    plan = schedule("0 * * * *")

    assert due(plan, NEW_YEAR, NEW_YEAR + timedelta(hours=5, minutes=10)) == Due(NEW_YEAR + timedelta(hours=5), 4)
    assert due(plan, NEW_YEAR + timedelta(hours=5), NEW_YEAR + timedelta(hours=5, minutes=10)) is None


def test_after_years_asleep_the_newest_firing_runs() -> None:
    now = NEW_YEAR + timedelta(days=700, seconds=30)

    assert due(schedule("* * * * *"), NEW_YEAR, now) == Due(now - timedelta(seconds=30), MOST_MISSED)
    assert due(schedule("every 1m"), NEW_YEAR, now) == Due(now - timedelta(seconds=30), MOST_MISSED)


def test_a_clock_that_goes_back_an_hour_brings_nothing_twice() -> None:
    plan = schedule("*/10 * * * *")
    last = NEW_YEAR + timedelta(hours=3)

    assert due(plan, last, last - timedelta(hours=1)) is None
    assert due(plan, last, last + timedelta(minutes=10)) == Due(last + timedelta(minutes=10), 0)


def test_a_cron_firing_in_quiet_hours_is_left_out_and_an_interval_waits_for_their_end() -> None:
    quiet = (parse_quiet("22:00-06:00"),)
    lines = list(islice(firings(schedule("0 */4 * * *", "Europe/Berlin", quiet=quiet), NEW_YEAR), 4))
    spans = list(islice(firings(schedule("every 5h", "Europe/Berlin", quiet=quiet), NEW_YEAR), 4))

    def local(planned: datetime) -> time:
        return planned.astimezone(ZoneInfo("Europe/Berlin")).time()

    assert [local(one) for one in lines] == [time(8), time(12), time(16), time(20)]
    assert [local(one) for one in spans] == [time(6), time(11), time(16), time(21)]


@pytest.mark.parametrize("text", ["every 1m", "every 31d", "* * * * *", "0 12 * * *", "adaptive 10m-6h"])
def test_what_is_quiet_all_day_never_fires_and_is_refused(text: str) -> None:
    plan = schedule(text, quiet=(parse_quiet("00:00-12:00"), parse_quiet("12:00-00:00")))

    assert next_firing(plan, NEW_YEAR) is None
    assert "never fires" in why_refused(plan, NEW_YEAR)


def test_a_line_whose_times_are_all_quiet_is_refused_in_words() -> None:
    plan = schedule("30 3 * * *", "Europe/Berlin", quiet=(parse_quiet("22:00-06:00"),))

    assert why_refused(plan, NEW_YEAR) == (
        "30 3 * * * never fires: all its times lie in the quiet hours (22:00-06:00, Europe/Berlin)"
    )
    assert why_refused(schedule("30 3 * * *"), NEW_YEAR) == ""


def test_jitter_moves_the_start_and_is_the_same_in_every_process() -> None:
    plan = schedule("0 * * * *", jitter=timedelta(minutes=10))
    planned = list(islice(firings(plan, NEW_YEAR), 100))
    waits = [starts_at(plan, one) - one for one in planned]

    assert all(timedelta(0) <= wait < timedelta(minutes=10) for wait in waits)
    assert len(set(waits)) > 90
    assert waits == [starts_at(plan, one) - one for one in planned]
    assert due(plan, NEW_YEAR, planned[0]) is None or waits[0] == timedelta(0)


@pytest.mark.parametrize("minute", [0, 1, 13, 29, 31, 59])
def test_an_interval_is_taken_or_refused_whatever_the_time_of_day(minute: int) -> None:
    now = NEW_YEAR + timedelta(minutes=minute)  # quiet hours end close to a firing, or far from one
    plan = Schedule("gazette", parse_when("every 30m"), quiet=(parse_quiet("01:00-05:00"),), since=now)
    assert why_refused(replace(plan, jitter=timedelta(minutes=29)), now) == ""
    assert "30 minutes between two firings" in why_refused(replace(plan, jitter=timedelta(minutes=30)), now)


def test_nothing_begins_in_quiet_hours_however_long_the_jitter() -> None:
    quiet = parse_quiet("22:00-06:00")
    plan = schedule("50 21 * * *", "Europe/Berlin", quiet=(quiet,), jitter=timedelta(hours=1))
    planned = list(islice(firings(plan, NEW_YEAR), 366))  # with both clock changes
    starts = [starts_at(plan, at).astimezone(ZoneInfo("Europe/Berlin")) for at in planned]
    assert [at for at in starts if at.time() in quiet] == []
    assert len({at.minute for at in starts}) == 10  # spread over what is left until then
    assert all(start >= at for start, at in zip(starts, planned, strict=True))


def test_a_jitter_longer_than_the_interval_is_refused() -> None:
    assert why_refused(schedule("*/5 * * * *", jitter=timedelta(minutes=5)), NEW_YEAR) == (
        "a jitter of 5 minutes is no shorter than the 5 minutes between two firings; take a smaller one"
    )


def test_an_adaptive_schedule_waits_for_about_three_articles_within_its_bounds() -> None:
    between = (timedelta(minutes=10), timedelta(hours=6))

    assert adaptive_wait(48, timedelta(days=1), between) == timedelta(minutes=90)
    assert adaptive_wait(4000, timedelta(days=1), between) == timedelta(minutes=10)
    assert adaptive_wait(1, timedelta(days=1), between) == adaptive_wait(0, timedelta(days=1), between) == between[1]


def test_a_wrong_line_is_told_with_the_next_times_of_what_was_meant() -> None:
    with pytest.raises(UsageError) as raised:
        read_when("0 25 * * *", zone="Europe/Berlin", now=NEW_YEAR)

    assert "`25` is no hour" in str(raised.value)
    assert "did you mean `0 23 * * *`? It would fire at Thu 2026-01-01 23:00 CET, " in str(raised.value)


@pytest.mark.parametrize("text", ["", "22", "22:00", "25:00-06:00", "22:00-06:00-08:00", "06:00-06:00", "night"])
def test_quiet_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="quiet hours"):
        parse_quiet(text)
