"""How much comes, beside what is usual on such days and at such hours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.outlet_parts import Expectations
from index.health.causes import Cause
from index.health.history import History
from index.health.records import HealthState, SourceSeen
from index.health.volume import usual_week, volume
from index.health.volume_pattern import intervals_of, pattern_of
from tests.index.health.days import DAY, FEED, NOW, a_run, facts, failed, health, some, then, usual


def causes(seen, **values):
    return [(one.cause, one.state) for one in volume(facts(seen, **values))]


def weekly(days, *, until=NOW, weekend=0, working=5):
    """Runs every six hours of an outlet that writes on working days alone."""
    return [
        a_run(one.finished_at, new=weekend if (one.finished_at - timedelta(hours=3)).weekday() > 4 else working)
        for one in some(days, until=until)
    ]


def test_usual_days_are_usual():
    assert causes(usual()) == []


def test_an_outlet_that_brings_nothing_has_dried_up():
    assert causes(then(5, new=0)) == [(Cause.DRIED_UP, HealthState.BROKEN)]


def test_what_holidays_would_explain_is_no_break_yet():
    saturday = NOW - timedelta(days=2, hours=10)
    silent = some(1.5, until=saturday, new=0)
    seen = weekly(60, until=saturday - 1.5 * DAY) + silent
    assert causes(seen, now=saturday) == [(Cause.DRIED_UP, HealthState.DEGRADED)]


def test_one_quiet_day_is_no_news():
    assert causes(then(1, new=0)) == []


def test_a_quiet_weekend_of_a_paper_without_weekends_is_usual():
    monday = NOW.replace(hour=1)
    assert causes(weekly(63, until=monday), now=monday) == []


def test_silence_on_working_days_counts_more_than_the_weekend_within():
    thursday = NOW - 4 * DAY
    silent = [a_run(one.finished_at, new=0) for one in some(11, until=NOW)]
    assert (Cause.DRIED_UP, HealthState.BROKEN) in causes(weekly(63, until=thursday - 7 * DAY) + silent)


def test_a_small_outlet_may_be_silent_for_a_week():
    small = [a_run(NOW - number * DAY, new=1 if number % 2 else 0) for number in range(63, 7, -1)]
    assert causes(small + [a_run(NOW - number * DAY, new=0) for number in range(7, -1, -1)]) == []


def test_a_small_outlet_is_told_when_silence_is_beyond_chance():
    small = [a_run(NOW - number * DAY, new=1 if number % 2 else 0) for number in range(90, 35, -1)]
    silent = [a_run(NOW - number * DAY, new=0) for number in range(35, -1, -1)]
    assert (Cause.DRIED_UP, HealthState.BROKEN) in causes(small + silent)


def test_far_fewer_articles_are_told_with_both_figures():
    [found] = volume(facts(then(5, new=1)))
    assert (found.cause, found.state) == (Cause.VOLUME_LOW, HealthState.DEGRADED)
    assert "usually about" in found.sentence


def test_a_slow_decline_is_seen():
    falling = [a_run(NOW - 28 * DAY + number * DAY / 4, new=max(1, 5 - number // 20)) for number in range(1, 113)]
    assert (Cause.VOLUME_LOW, HealthState.DEGRADED) in causes(usual(until=NOW - 28 * DAY) + falling)


def test_ten_times_as_many_are_told():
    assert causes(then(1, new=60)) == [(Cause.VOLUME_HIGH, HealthState.DEGRADED)]


def test_it_goes_on_until_news_come_again():
    before = health("dried_up", HealthState.BROKEN, NOW - 2 * DAY)
    assert causes(then(5, new=0), before=before)[0][0] is Cause.DRIED_UP
    again = then(5, new=0)[:-4] + some(1, new=5)
    assert causes(again, before=before) == []


def test_a_month_of_silence_does_not_become_usual():
    before = health("dried_up", HealthState.BROKEN, NOW - 27 * DAY)
    assert causes(then(30, new=0), before=before)[0] == (Cause.DRIED_UP, HealthState.BROKEN)


def test_runs_that_saw_no_list_say_nothing_of_volume():
    blocked = [failed(NOW - 5 * DAY + number * DAY / 4, "blocked") for number in range(1, 21)]
    assert causes(usual(until=NOW - 5 * DAY) + blocked) == []


def test_runs_that_were_cut_say_nothing_of_volume():
    assert causes(then(5, new=0, whole=False)) == []


def test_old_articles_are_no_news():
    assert causes(then(5, new=5, old=5))[0][0] is Cause.DRIED_UP


def test_time_without_any_crawl_is_not_held_against_an_outlet():
    assert causes(usual(until=NOW - 6 * DAY) + some(0.5)) == []


def test_what_dried_up_says_what_its_lists_name():
    lists = (SourceSeen(FEED, 20, 0, NOW - 6 * DAY),)
    [found] = volume(facts(then(5, new=0, sources=lists)))
    assert any(one.what == FEED and "20 entries" in one.now and "newest" in one.now for one in found.evidence)


@pytest.mark.parametrize(("least", "told"), [(100, False), (400, True)])
def test_a_week_below_the_minimum_of_the_file_is_unfit(least, told):
    found = volume(facts(usual(), expect=Expectations(articles_per_week=(least, 1000))))
    assert [one.cause for one in found] == ([Cause.BELOW_MINIMUM] if told else [])
    assert all("expects 400 a week" in one.unfit for one in found)


def test_the_first_days_of_an_outlet_are_not_judged():
    assert causes([*some(6, new=5), a_run(NOW + DAY, new=0)], now=NOW + DAY) == []


def test_the_week_of_a_scorecard_stands_beside_the_usual_one():
    new, expected = usual_week(facts(usual()))
    assert new == 140
    assert expected == pytest.approx(140, rel=0.02)


def test_the_clock_of_weekdays_is_that_of_the_zone():
    history = History.of(weekly(63))
    here, there = (pattern_of(intervals_of(history), zone) for zone in ("UTC", "Pacific/Auckland"))
    assert here.weekdays[5] < 0.2
    assert there.weekdays[0] < here.weekdays[0]


def test_what_came_while_nobody_looked_is_not_spread_over_the_gap():
    history = History.of([*usual(until=NOW - 6 * DAY), a_run(NOW, new=90)])
    assert intervals_of(history).new.max() == 5


def test_quiet_days_that_are_over_are_not_told_again():
    """Four days at a tenth, then three as usual: the window of a week is still low, but nothing is wrong any more."""
    quiet = [*some(4, until=NOW - 3 * DAY, new=0), a_run(NOW - 3 * DAY + DAY / 4, new=2)]
    seen = usual(until=NOW - 7 * DAY) + quiet + some(2.75, new=4)
    assert causes(seen, before=health("", HealthState.HEALTHY, since=NOW - 2 * DAY)) == []
