"""How an outlet answers: in a row, now and then, all of it or one list."""

from __future__ import annotations

from datetime import timedelta

import pytest

from index.health.answers import empty_lists, refusals, robots, waiting
from index.health.causes import Cause
from index.health.pages import pages
from index.health.records import HealthState, HostSeen, SourceSeen
from tests.index.health.days import DAY, FEED, HOST, MAP, NOW, a_run, facts, failed, health, some, then, usual

STEP = DAY / 4


def after(outcomes, **values):
    """Usual weeks, then runs that ended so (None: a good one), the last of them now."""
    start = NOW - len(outcomes) * STEP
    runs = [
        failed(start + (number + 1) * STEP, one, **values) if one else a_run(start + (number + 1) * STEP, new=2)
        for number, one in enumerate(outcomes)
    ]
    return usual(until=start) + runs


def causes(rule, seen, **values):
    return [(one.cause, one.state) for one in rule(facts(seen, **values))]


@pytest.mark.parametrize("rule", [refusals, pages, empty_lists, waiting, robots])
def test_usual_weeks_are_usual(rule):
    assert rule(facts(usual())) == []


@pytest.mark.parametrize(
    ("outcome", "cause", "state"),
    [
        ("blocked", Cause.BLOCKED, HealthState.BLOCKED),
        ("rate_limited", Cause.RATE_LIMITED, HealthState.BLOCKED),
        ("robots_denied", Cause.ROBOTS_DENIED, HealthState.BLOCKED),
        ("login_wall", Cause.LOGIN_WALL, HealthState.BLOCKED),
        ("consent_wall", Cause.CONSENT_WALL, HealthState.BROKEN),
        ("tls_failed", Cause.TLS_FAILED, HealthState.BROKEN),
        ("timeout", Cause.UNREACHABLE, HealthState.BROKEN),
        ("connection_failed", Cause.UNREACHABLE, HealthState.BROKEN),
        ("server_error", Cause.SERVER_ERRORS, HealthState.BROKEN),
        ("gone", Cause.GONE, HealthState.BROKEN),
        ("extraction_failed", Cause.LIST_FAILS, HealthState.BROKEN),
    ],
)
def test_runs_that_fail_in_a_row_have_their_cause(outcome, cause, state):
    assert causes(refusals, after([outcome] * 3)) == [(cause, state)]


def test_one_failure_is_nothing():
    assert refusals(facts(after(["blocked"]))) == []


def test_what_often_passes_must_last():
    quick = [failed(NOW + number * timedelta(minutes=2), "timeout") for number in range(4)]
    assert refusals(facts(usual(until=NOW - STEP) + quick, now=NOW + DAY)) == []


def test_one_good_run_does_not_end_a_block():
    before = health("blocked", HealthState.BLOCKED)
    assert causes(refusals, after(["blocked"] * 4 + [None]), before=before) == [(Cause.BLOCKED, HealthState.BLOCKED)]


def test_two_good_runs_do():
    before = health("blocked", HealthState.BLOCKED)
    assert refusals(facts(after(["blocked"] * 3 + [None, None] * 5), before=before)) == []


def test_what_comes_and_goes_is_degraded_not_dead():
    comes = ["timeout", None] * 6
    assert causes(refusals, after(comes)) == [(Cause.UNREACHABLE, HealthState.DEGRADED)]


def test_an_outlet_that_always_failed_now_and_then_is_as_usual():
    often = [failed(one.finished_at, "timeout") if number % 3 == 0 else one for number, one in enumerate(usual())]
    assert refusals(facts(often)) == []


def test_one_list_that_fails_while_another_answers_is_degraded():
    half = (SourceSeen(FEED, outcome="gone"), SourceSeen(MAP, 100, 2))
    [found] = refusals(facts(then(1, sources=half)))
    assert (found.cause, found.state) == (Cause.LIST_FAILS, HealthState.DEGRADED)
    assert FEED in found.sentence


def test_a_list_taken_out_of_the_file_is_forgotten():
    half = (SourceSeen(FEED, outcome="gone"), SourceSeen(MAP, 100, 2))
    seen = then(2, sources=half)[:-4] + some(1, sources=(SourceSeen(MAP, 100, 2),))
    assert refusals(facts(seen, before=health("list_fails"))) == []


@pytest.mark.parametrize(
    ("outcome", "cause", "state"),
    [
        ("extraction_failed", Cause.LAYOUT_CHANGED, HealthState.BROKEN),
        ("not_article", Cause.LAYOUT_CHANGED, HealthState.BROKEN),
        ("login_wall", Cause.LOGIN_WALL, HealthState.BLOCKED),
        ("consent_wall", Cause.CONSENT_WALL, HealthState.BROKEN),
    ],
)
def test_pages_that_give_no_articles_have_their_cause(outcome, cause, state):
    seen = then(1, new=0, articles=0, outcomes={outcome: 5}, fetched=7, body_bytes=350_000)
    [found] = pages(facts(seen))
    assert (found.cause, found.state, bool(found.unfit)) == (cause, state, True)


def test_pages_without_bytes_are_empty_answers():
    seen = then(1, new=0, articles=0, outcomes={"not_article": 5}, fetched=7, body_bytes=700)
    assert causes(pages, seen) == [(Cause.EMPTY_ANSWERS, HealthState.BROKEN)]


def test_empty_answers_are_known_beside_good_ones_of_the_run_before():
    empty = a_run(NOW, new=0, articles=0, outcomes={"extraction_failed": 3}, fetched=5, body_bytes=500)
    found = pages(facts([*usual(until=NOW - DAY / 4), empty]))
    assert [one.cause for one in found] == [Cause.EMPTY_ANSWERS]
    assert "3 of the last 8 pages answered" in found[0].sentence  # five of them were good


def test_sections_and_hubs_on_the_way_are_no_break():
    assert pages(facts(usual(outcomes={"new": 5, "not_article": 4}))) == []


def test_lists_that_name_nothing_are_empty_answers():
    empty = (SourceSeen(FEED, 0), SourceSeen(MAP, 0))
    assert causes(empty_lists, then(0.5, new=0, sources=empty)) == [(Cause.EMPTY_ANSWERS, HealthState.BROKEN)]


def test_lists_that_answer_304_are_not_empty():
    same = (SourceSeen(FEED, None, unchanged=True), SourceSeen(MAP, None, unchanged=True))
    assert empty_lists(facts(then(0.5, new=0, sources=same))) == []


def test_answers_that_take_many_times_as_long_are_slow():
    slow = {HOST: HostSeen(7, 6.0, "abc")}
    assert causes(waiting, then(1, hosts=slow)) == [(Cause.SLOW, HealthState.DEGRADED)]


def test_two_slow_runs_are_nothing():
    assert waiting(facts(then(0.5, hosts={HOST: HostSeen(7, 6.0, "abc")}))) == []


def test_another_robots_txt_is_told_beside():
    [found] = robots(facts(then(2, hosts={HOST: HostSeen(7, 0.4, "def")})))
    assert (found.cause, found.state) == (Cause.ROBOTS_CHANGED, None)


def test_after_a_week_it_is_told_no_more():
    assert robots(facts(then(9, hosts={HOST: HostSeen(7, 0.4, "def")}))) == []
