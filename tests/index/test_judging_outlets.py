"""Outlets judged by what the store holds: after a run, and by the clock; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from config.when import parse_when
from index.health.records import HealthState
from index.judging_outlets import MOST_A_MINUTE, judge_outlet, judge_silence
from index.schedules import Schedule
from index.store.health import changes_of, get_health, save_observation
from index.store.runs import finish_run, start_run
from index.store.schedules import pause_schedule, resume_schedule, set_schedule
from tests.factories import a_spec, register
from tests.index.health.days import DAY, a_run, usual

HOUR = timedelta(hours=1)
SPECS = {"gazette": a_spec("gazette")}


@pytest.fixture
def settings(database_settings):
    return database_settings


def keep(store, seen):
    with store.write() as tx:
        for number, one in enumerate(seen):
            save_observation(tx, replace(one, run_id=number + 1))


def silent(now):
    return [a_run(now - 5 * DAY + number * DAY / 4, new=0) for number in range(1, 21)]


def crawled(store, at, *, state="done", outlet="gazette"):
    with store.write() as tx:
        run = start_run(tx, outlet, kind="crawl", now=at, pid=1, host="here")
        finish_run(tx, run.id, state=state, reason="because", numbers={}, now=at)


def planned(store, now, *, outlet="gazette", when="every 1h", set_at=None):
    since = set_at or now - 30 * DAY
    with store.write() as tx:
        set_schedule(tx, Schedule(outlet, parse_when(when), since=since), origin="operator", by="ana", now=since)


def judge(store, settings, now):
    with store.write() as tx:
        return judge_outlet(tx, "gazette", SPECS["gazette"], now=now, settings=settings)


def look(store, settings, now, specs=SPECS):
    with store.write() as tx:
        return [(one.before, one.state, one.cause) for one in judge_silence(tx, specs, now=now, settings=settings)]


def test_an_outlet_is_judged_by_what_was_kept_of_its_runs(store, settings, now):
    register(store, now)
    crawled(store, now)
    keep(store, [*usual(until=now - 5 * DAY), *silent(now)])
    found = judge(store, settings, now)
    assert (found.health.state, found.health.cause) == (HealthState.BROKEN, "dried_up")
    with store.read() as tx:
        assert get_health(tx, "gazette") == found.health
        assert [one.cause for one in changes_of(tx, "gazette")] == ["dried_up"]


def test_judging_twice_tells_one_change(store, settings, now):
    register(store, now)
    crawled(store, now)
    keep(store, [*usual(until=now - 5 * DAY), *silent(now)])
    assert judge(store, settings, now).change is not None
    again = judge(store, settings, now + HOUR / 2)
    assert (again.change, again.health.since) == (None, now)


def test_an_outlet_that_broke_months_ago_is_still_measured_by_its_good_weeks(store, settings, now):
    register(store, now)
    crawled(store, now)
    dry = [a_run(now + number * DAY, new=0) for number in range(1, 100)]
    keep(store, [*usual(until=now), *dry])
    for day in (9, 40, 70, 99):
        crawled(store, now + day * DAY)
        found = judge(store, settings, now + day * DAY)
        assert (found.health.state, found.health.cause) == (HealthState.BROKEN, "dried_up"), f"day {day}"


def test_figures_of_the_scorecard_are_kept_with_the_judgement(store, settings, now):
    register(store, now)
    crawled(store, now)
    keep(store, usual(until=now))
    figures = judge(store, settings, now).health.figures
    assert figures["articles_a_week"].now == 140
    assert (figures["fill_authors"].now, figures["links_per_article"].now) == (1.0, 4.0)
    with store.read() as tx:
        assert get_health(tx, "gazette").figures == figures


def test_statements_of_a_judgement_do_not_grow_with_the_history(store, settings, now):
    register(store, now)
    crawled(store, now)
    counts = []
    for weeks in (2, 8):
        keep(store, usual(until=now)[: weeks * 28])
        before = store.statements
        judge(store, settings, now + weeks * HOUR)
        counts.append(store.statements - before)
    assert max(counts) <= 14


def test_silence_is_seen_by_the_clock_and_ends_with_a_crawl(store, settings, now):
    register(store, now - 40 * DAY)
    planned(store, now)
    crawled(store, now - HOUR / 2)
    assert look(store, settings, now) == []
    assert look(store, settings, now + 6 * HOUR) == [(None, HealthState.STALE, "not_crawled")]
    assert look(store, settings, now + 6 * HOUR + HOUR / 60) == []
    crawled(store, now + 7 * HOUR)
    assert look(store, settings, now + 7 * HOUR) == [(HealthState.STALE, HealthState.HEALTHY, "")]


def test_silence_is_said_anew_each_hour_without_a_change(store, settings, now):
    register(store, now - 40 * DAY)
    planned(store, now)
    crawled(store, now)
    look(store, settings, now + 6 * HOUR)
    assert look(store, settings, now + 9 * HOUR) == []
    with store.read() as tx:
        assert get_health(tx, "gazette").sentence.startswith("Not crawled for 9 hours")


def test_a_pause_and_its_end_are_told_within_a_minute(store, settings, now):
    register(store, now - 40 * DAY)
    planned(store, now)
    crawled(store, now)
    with store.write() as tx:
        pause_schedule(tx, "gazette", reason="they asked us to", by="ana", now=now)
    assert look(store, settings, now + HOUR) == [(None, HealthState.PAUSED, "paused")]
    with store.read() as tx:
        assert "they asked us to" in get_health(tx, "gazette").sentence
    with store.write() as tx:
        resume_schedule(tx, "gazette", by="ana", now=now + 9 * DAY)
    assert look(store, settings, now + 9 * DAY) == [(HealthState.PAUSED, HealthState.HEALTHY, "")]


def test_what_was_broken_before_a_pause_is_broken_after_it(store, settings, now):
    register(store, now - 40 * DAY)
    planned(store, now)
    crawled(store, now)
    keep(store, [*usual(until=now - 5 * DAY), *silent(now)])
    judge(store, settings, now)
    with store.write() as tx:
        pause_schedule(tx, "gazette", reason="", by="ana", now=now)
    look(store, settings, now + HOUR)
    with store.write() as tx:
        resume_schedule(tx, "gazette", by="ana", now=now + 2 * HOUR)
    assert look(store, settings, now + 2 * HOUR) == [(HealthState.PAUSED, HealthState.BROKEN, "dried_up")]


def test_crawls_that_were_killed_without_judging_are_seen_by_the_clock(store, settings, now):
    register(store, now - 40 * DAY)
    planned(store, now)
    for number in range(3):
        crawled(store, now + number * HOUR, state="killed")
    assert look(store, settings, now + 2 * HOUR) == [(None, HealthState.BROKEN, "crawl_fails")]
    assert look(store, settings, now + 2 * HOUR) == []


def test_an_outlet_switched_off_from_the_start_is_not_written_down(store, settings, now):
    off = {"gazette": a_spec("gazette", enabled=False)}
    assert look(store, settings, now, off) == []
    with store.read() as tx:
        assert get_health(tx, "gazette") is None


def test_an_outlet_switched_off_later_is_at_rest(store, settings, now):
    register(store, now)
    crawled(store, now)
    judge(store, settings, now)
    keep(store, usual(until=now))
    judge(store, settings, now)
    off = {"gazette": a_spec("gazette", enabled=False)}
    assert look(store, settings, now + HOUR, off) == [(HealthState.HEALTHY, HealthState.PAUSED, "switched_off")]


def test_a_quiet_minute_costs_the_same_for_one_outlet_and_for_many(store, settings, now):
    names = [f"outlet_{number}" for number in range(40)]
    register(store, now - 40 * DAY, *names)
    for name in names:
        planned(store, now, outlet=name)
        crawled(store, now, outlet=name)
    counts = []
    for few in (names[:1], names):
        before = store.statements
        look(store, settings, now + HOUR / 2, {name: a_spec(name) for name in few})
        counts.append(store.statements - before)
    assert counts[0] == counts[1] <= 8


def test_a_storm_is_worked_off_in_bounded_steps(store, settings, now):
    names = [f"outlet_{number:03}" for number in range(MOST_A_MINUTE + 5)]
    register(store, now - 40 * DAY, *names)
    specs = {name: a_spec(name) for name in names}
    for name in names:
        planned(store, now, outlet=name)
    assert len(look(store, settings, now + 9 * HOUR, specs)) == MOST_A_MINUTE
    assert len(look(store, settings, now + 9 * HOUR, specs)) == 5
