"""What a forecast says before schedules are switched on, with every figure worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from config.when import parse_when
from index.forecasts import AskedHost, Planned, clashes_of, forecast
from index.schedules import Schedule, parse_quiet
from index.usual import Usual

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
DAY = timedelta(days=1)


def planned(when, outlet="gazette", *, seconds=None, asked=60, delay_s=1.0, **other):
    usual = None if seconds is None else Usual(5, seconds, asked, asked, 3, 0, 1_000_000)
    plan = Schedule(outlet, parse_when(when), since=MIDNIGHT, **other)
    return Planned(plan, f"{outlet}.example", delay_s, usual)


def ahead(*plans, workers=2, over=DAY):
    return forecast(plans, begins=MIDNIGHT, over=over, workers=workers)


@pytest.mark.parametrize(
    ("when", "firings"), [("every 30m", 48), ("every 7h", 3), ("15 */2 * * *", 12), ("0 6 * * *", 1), ("0 0 1 * *", 0)]
)
def test_firings_of_a_day_are_counted(when, firings):
    (one,) = ahead(planned(when)).outlets
    assert len(one.firings) == firings


def test_quiet_hours_have_no_firings():
    (one,) = ahead(planned("0 * * * *", quiet=(parse_quiet("22:00-06:00"),))).outlets
    assert {at.hour for at in one.firings} == set(range(6, 22))


def test_requests_are_counted_by_host_and_hour():
    seen = ahead(planned("0 */6 * * *", seconds=300, asked=60))
    assert seen.host_hours == {
        "gazette.example": {MIDNIGHT + timedelta(hours=hour): 60 for hour in (6, 12, 18, 24)},
    }
    assert seen.outlets[0].requests == 240


def test_requests_of_a_long_run_are_spread_over_its_hours():
    seen = ahead(planned("30 6 * * *", seconds=3600, asked=90))
    assert list(seen.host_hours["gazette.example"].values()) == [45, 45]


def two_hosts(when, *, seconds=300.0):
    hosts = (AskedHost("gazette.example", 60, 1.0), AskedHost("feeds.gazette.example", 2.5, 30.0))
    usual = Usual(5, seconds, 60, 60, 3, 0, 1_000_000)
    return Planned(Schedule("gazette", parse_when(when), since=MIDNIGHT), "gazette.example", 1.0, usual, hosts)


def test_requests_are_split_over_the_hosts_that_past_runs_asked():
    seen = ahead(two_hosts("0 */12 * * *"))
    noon, midnight = MIDNIGHT + timedelta(hours=12), MIDNIGHT + DAY
    assert seen.host_hours == {
        "gazette.example": {noon: 60, midnight: 60},
        "feeds.gazette.example": {noon: 2, midnight: 2},
    }
    assert (seen.outlets[0].run_requests, seen.outlets[0].requests) == (62.5, 125)


def test_a_host_is_told_with_its_busiest_hour_and_the_room_its_pace_leaves():
    first, second = ahead(two_hosts("10,40 6,18 * * *")).hosts
    assert (first.host, first.requests, first.busiest, first.most_an_hour) == ("gazette.example", 240, 120, 3600)
    assert first.busiest_at == MIDNIGHT + timedelta(hours=6)
    # Two and a half requests a run: five of two runs in an hour.
    assert (second.host, second.requests, second.busiest, second.most_an_hour) == ("feeds.gazette.example", 10, 5, 120)


def test_a_slow_host_that_gets_few_requests_is_a_clash_by_its_own_pace():
    (said,) = clashes_of(two_hosts("every 1m", seconds=30), MIDNIGHT)
    assert said.startswith(
        "gazette: its usual 2 requests to feeds.gazette.example take 75 s at 30 s between two, longer than the "
        "1 minute between two firings; `every 15m` would fit"
    )


def test_the_share_of_the_workers_time_is_told():
    assert ahead(planned("every 1h", seconds=900), workers=1).busy == pytest.approx(0.25)
    assert ahead(planned("every 1h", seconds=900), workers=5).busy == pytest.approx(0.05)


def test_an_outlet_without_history_is_named_and_not_guessed_at():
    seen = ahead(planned("every 1h"), planned("every 1h", "herald", seconds=60))
    assert seen.unknown == ("gazette",)
    assert (seen.outlets[0].run_s, seen.outlets[0].requests) == (None, None)
    assert list(seen.host_hours) == ["herald.example"]


def test_what_fits_has_no_clash():
    seen = ahead(planned("every 1h", seconds=900), planned("every 1h", "herald", seconds=900))
    assert seen.clashes == ()
    assert seen.longest_wait == timedelta(0)


def test_a_run_longer_than_its_interval_is_a_clash_with_an_interval_that_fits():
    seen = ahead(planned("every 30m", seconds=2400, asked=100))
    assert seen.clashes[0] == (
        "gazette: its usual run lasts 40 min, and every 30m fires again after 30 minutes: firings would fall together; "
        "`every 2h` would fit and fire at Mon 2026-11-23 02:00 UTC, Mon 2026-11-23 04:00 UTC, Mon 2026-11-23 06:00 UTC."
    )
    assert seen.outlets[0].folded == 24


def test_a_host_that_is_too_slow_for_the_requests_is_a_clash():
    (said,) = clashes_of(planned("every 10m", seconds=500, asked=150, delay_s=10), MIDNIGHT)
    assert said.startswith(
        "gazette: its usual 150 requests take 25 min at 10 s between two, longer than the 10 minutes between two "
        "firings; `every 1h` would fit and fire at Mon 2026-11-23 01:00 UTC"
    )


def test_more_crawls_at_once_than_workers_is_a_clash():
    plans = [planned("0 6 * * *", f"outlet{number}", seconds=600) for number in range(5)]
    seen = ahead(*plans, workers=2)
    assert seen.longest_wait == timedelta(seconds=1200)
    (said,) = seen.clashes
    assert said == (
        "5 crawls at once, the first time at 2026-11-23 06:00 UTC, and 2 workers: some start up to 20 min late; "
        "more workers, a jitter, or other times spread them."
    )
    assert ahead(*plans, workers=5).clashes == ()


def test_jitter_spreads_crawls():
    plans = [planned("0 6 * * *", f"outlet{number}", seconds=60, jitter=timedelta(hours=3)) for number in range(5)]
    assert ahead(*plans, workers=1).longest_wait < timedelta(minutes=4)


def test_an_adaptive_schedule_is_counted_by_its_interval_in_force():
    assert len(ahead(planned("adaptive 1h-6h", wait=timedelta(hours=2))).outlets[0].firings) == 12
    assert len(ahead(planned("adaptive 1h-6h")).outlets[0].firings) == 24


def test_no_schedule_has_an_empty_forecast():
    seen = ahead()
    assert (seen.outlets, seen.clashes, seen.busy) == ((), (), 0.0)
