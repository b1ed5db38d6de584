"""How much an empty answer means for each outlet: its newest good crawl, and what is judged of it; both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from index.health.causes import Cause
from index.health.records import Health, HealthState
from index.store.health import set_health
from index.store.outlets import coverage, get_outlet, list_outlets
from index.store.runs import finish_run, mark_unfit, start_run
from tests.factories import register

HOUR = timedelta(hours=1)


def crawled(store, at, *, outlet="gazette", unfit=""):
    with store.write() as tx:
        run = start_run(tx, outlet, kind="crawl", now=at, pid=1, host="here")
        finish_run(tx, run.id, state="done", reason="", numbers={}, now=at)
        if unfit:
            mark_unfit(tx, run.id, unfit)


def judged(store, now, state, cause="", *, outlet="gazette", fit=True):
    with store.write() as tx:
        set_health(tx, Health(outlet, state, cause, "Said to operators.", now, now, fit=fit))


def covered(store, now):
    with store.read() as tx:
        [found] = coverage(tx, now=now, stale_after_h=48, outlets=("gazette",))
    return found.state, found.reason, found.last_success_at


@pytest.fixture
def read_today(store, now):
    register(store, now)
    crawled(store, now - HOUR)
    return store


def test_an_outlet_that_was_never_judged_is_covered_as_before(read_today, now):
    assert covered(read_today, now) == ("fresh", "", now - HOUR)


def test_a_healthy_one_is_fresh_without_a_word(read_today, now):
    judged(read_today, now, HealthState.HEALTHY)
    assert covered(read_today, now)[:2] == ("fresh", "")


@pytest.mark.parametrize(
    ("state", "cause"),
    [
        (HealthState.BROKEN, Cause.LAYOUT_CHANGED),
        (HealthState.BROKEN, Cause.DRIED_UP),
        (HealthState.BLOCKED, Cause.BLOCKED),
    ],
)
def test_one_that_is_read_and_gives_no_news_is_failing(read_today, now, state, cause):
    judged(read_today, now, state, cause.value)
    assert covered(read_today, now)[:2] == ("failing", cause.for_readers)


def test_one_below_a_minimum_is_failing(read_today, now):
    judged(read_today, now, HealthState.DEGRADED, "below_minimum", fit=False)
    assert covered(read_today, now)[:2] == ("failing", Cause.BELOW_MINIMUM.for_readers)


def test_one_that_brings_less_is_fresh_and_says_so(read_today, now):
    judged(read_today, now, HealthState.DEGRADED, "links_lost")
    assert covered(read_today, now)[:2] == ("fresh", Cause.LINKS_LOST.for_readers)


def test_what_concerns_operators_alone_is_not_told_to_readers(read_today, now):
    judged(read_today, now, HealthState.DEGRADED, "selector_drift")
    assert covered(read_today, now)[:2] == ("fresh", "")


def test_a_stale_one_says_why(read_today, now):
    judged(read_today, now, HealthState.BLOCKED, "blocked")
    assert covered(read_today, now + 60 * HOUR)[:2] == ("stale", Cause.BLOCKED.for_readers)


def test_a_paused_one_is_fresh_until_it_is_stale(read_today, now):
    judged(read_today, now, HealthState.PAUSED, "paused")
    assert covered(read_today, now)[:2] == ("fresh", "")
    assert covered(read_today, now + 60 * HOUR)[:2] == ("stale", "reading it is paused")


def test_silence_is_told_by_the_time_alone(read_today, now):
    judged(read_today, now, HealthState.STALE, "not_crawled")
    assert covered(read_today, now + 60 * HOUR)[:2] == ("stale", "")


def test_one_that_never_succeeded_says_why(store, now):
    register(store, now)
    judged(store, now, HealthState.BLOCKED, "robots_denied")
    assert covered(store, now) == ("never", Cause.ROBOTS_DENIED.for_readers, None)


def test_a_cause_of_a_later_version_is_no_reason(read_today, now):
    judged(read_today, now, HealthState.BROKEN, "of_tomorrow")
    assert covered(read_today, now)[:2] == ("failing", "")


def test_an_unfit_run_is_no_success(read_today, now):
    crawled(read_today, now, unfit="Too few links.")
    assert covered(read_today, now)[2] == now - HOUR
    with read_today.read() as tx:
        assert get_outlet(tx, "gazette").last_success_at == now - HOUR
        assert [one.last_success_at for one in list_outlets(tx)] == [now - HOUR]


def test_coverage_of_many_outlets_is_one_statement(store, now):
    names = [f"outlet_{number}" for number in range(30)]
    register(store, now, *names)
    for name in names:
        judged(store, now, HealthState.BROKEN, "gone", outlet=name)
    before = store.statements
    with store.read() as tx:
        coverage(tx, now=now, stale_after_h=48)
    many = store.statements - before
    before = store.statements
    covered_one = ("outlet_1",)
    with store.read() as tx:
        coverage(tx, now=now, stale_after_h=48, outlets=covered_one)
    assert store.statements - before == many
