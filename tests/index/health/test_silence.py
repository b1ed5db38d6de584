"""Whether an outlet is crawled as its schedule promises, and what operators decided."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.when import parse_when
from index.health.causes import Cause
from index.health.records import HealthState
from index.health.silence import at_rest, own_faults, silence
from index.job_records import KeptSchedule
from index.records import Run
from index.schedules import Schedule
from tests.index.health.days import DAY, NOW, a_run, facts, health, judged, usual

HOUR = timedelta(hours=1)


def schedule(when="every 1h", *, set_at=NOW - 30 * DAY, **values):
    return KeptSchedule(
        Schedule("gazette", parse_when(when), since=set_at), "operator", NOW, changed_at=set_at, **values
    )


def crawl(ago, *, state="done", reason=""):
    return Run(1, "gazette", "crawl", NOW - ago, None if state == "running" else NOW - ago, state, reason)


def causes(rule, **values):
    return [(one.cause, one.state) for one in rule(facts((), **values))]


@pytest.mark.parametrize("ago", [timedelta(minutes=50), timedelta(hours=2)])
def test_a_crawl_that_is_hardly_late_is_nothing(ago):
    assert causes(silence, schedule=schedule(), runs=(crawl(ago),)) == []


def test_three_missed_firings_are_silence():
    [found] = silence(facts((), schedule=schedule(), runs=(crawl(4 * HOUR),)))
    assert (found.cause, found.state) == (Cause.NOT_CRAWLED, HealthState.STALE)
    assert found.sentence == "Not crawled for 4 hours: 3 firings of it brought no crawl (every 1h)."


def test_a_weekly_schedule_is_given_its_week():
    assert causes(silence, schedule=schedule("0 6 * * 1"), runs=(crawl(6 * DAY),)) == []


def test_one_missed_firing_of_a_weekly_schedule_counts_after_the_hours_of_the_settings():
    weekly = schedule("0 6 * * 1")
    assert causes(silence, schedule=weekly, runs=(crawl(9 * DAY),)) == [(Cause.NOT_CRAWLED, HealthState.STALE)]


def test_an_outlet_that_was_never_crawled_is_told_once_it_should_have_been():
    assert causes(silence, schedule=schedule(set_at=NOW - HOUR / 2), crawl_wanted_since=NOW - HOUR / 2) == []
    wanted = NOW - 5 * HOUR
    late = causes(silence, schedule=schedule(set_at=wanted), crawl_wanted_since=wanted)
    assert late == [(Cause.NEVER_CRAWLED, HealthState.STALE)]


def test_firings_before_a_schedule_was_set_are_not_missed():
    assert causes(silence, schedule=schedule(set_at=NOW - HOUR), runs=(crawl(20 * DAY),)) == []


def test_without_a_schedule_the_hours_of_the_settings_count():
    assert causes(silence, runs=(crawl(47 * HOUR),)) == []
    assert causes(silence, runs=(crawl(49 * HOUR),)) == [(Cause.NOT_CRAWLED, HealthState.STALE)]


def test_nobody_waits_for_an_outlet_that_nobody_wants():
    assert causes(silence) == []


def test_a_host_that_asked_for_rest_is_not_held_for_silent():
    assert causes(silence, schedule=schedule(), runs=(crawl(9 * HOUR),), rests_until=NOW + HOUR) == []


def test_while_a_crawl_goes_on_silence_is_neither_told_nor_over():
    runs = (crawl(HOUR / 4, state="running"),)
    assert causes(silence, schedule=schedule(), runs=runs) == []
    before = health("not_crawled", HealthState.STALE)
    assert causes(silence, schedule=schedule(), runs=runs, before=before) == [(Cause.NOT_CRAWLED, HealthState.STALE)]


def test_a_crawl_that_goes_on_for_ever_is_none():
    runs = (crawl(9 * HOUR, state="running"),)
    assert causes(silence, schedule=schedule(), runs=runs) == [(Cause.NOT_CRAWLED, HealthState.STALE)]


def test_a_pause_says_who_and_why():
    paused = schedule(paused_at=NOW - DAY, paused_reason="they asked us to", changed_by="ana")
    [found] = at_rest(facts((), schedule=paused))
    assert (found.cause, found.state) == (Cause.PAUSED, HealthState.PAUSED)
    assert found.sentence == "Paused by ana since Sun 2026-11-01 12:00 UTC: they asked us to."


def test_an_outlet_without_schedule_that_is_not_enabled_is_switched_off():
    assert causes(at_rest, enabled=False) == [(Cause.SWITCHED_OFF, HealthState.PAUSED)]
    assert causes(at_rest, enabled=False, schedule=schedule()) == []


def test_crawls_that_die_here_one_after_another_are_told_with_their_reason():
    runs = tuple(crawl(number * HOUR, state="killed", reason="out of memory") for number in range(1, 4))
    [found] = own_faults(facts((), runs=runs))
    assert (found.cause, found.state) == (Cause.CRAWL_FAILS, HealthState.BROKEN)
    assert "out of memory" in found.sentence


def test_one_that_died_among_others_is_nothing():
    assert causes(own_faults, runs=(crawl(HOUR, state="killed"), crawl(2 * HOUR))) == []


@pytest.mark.parametrize("caught_up", [5, 20, 50])
def test_a_machine_that_was_off_for_a_week_blames_no_outlet_when_it_is_back(caught_up):
    before = usual(until=NOW - timedelta(days=7))
    back = [a_run(NOW, new=caught_up, delay_median_s=84 * 3600.0)]
    assert judged(before + back).state is HealthState.HEALTHY
    for number in range(1, 9):
        at = NOW + number * DAY / 4
        back.append(a_run(at))
        assert judged(before + back, now=at).state is HealthState.HEALTHY
