"""What a process counts of its hosts, and the state that follows from it and from what was known: values alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.network.pace import SLOW_FOR, HostPace, Paces
from crawler.network.robots import robots_of_answer, robots_unreachable
from crawler.network.tally import change_of, robots_seen
from index.host_records import Breaker, DelayRule, HostState, HourOfUse, RobotsSeen
from index.outcomes import Outcome
from tests.factories import a_spec

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
HOST = "gazette.example"
ROBOTS = RobotsSeen(NOW - timedelta(days=1), 200, "User-agent: *\nDisallow: /a", "d1", 4.0)


@pytest.fixture
def paces(settings) -> Paces:
    return Paces(settings, a_spec())


def known(paces: Paces, **state) -> None:
    paces.known, paces.known_at = {HOST: HostState(HOST, **state)}, NOW


def noted(paces: Paces) -> HostState:
    (note,), _ = paces.tally.notes(paces)
    return note.state


def asked(paces: Paces, *clocks: float, waited_s: float = 0.5) -> None:
    for clock in clocks:
        paces.tally.of(HOST).started(at=NOW, clock=clock, waited_s=waited_s)


def test_gaps_are_between_starts_and_waits_are_summed(paces):
    asked(paces, 10.0, 12.0, 13.0, 16.0)
    pace = paces.tally.of(HOST).pace_in_run()
    assert (pace.requests, pace.median_gap_s, pace.smallest_gap_s, pace.waited_s) == (4, 2.0, 1.0, 2.0)


def test_one_request_has_no_gap(paces):
    asked(paces, 10.0)
    pace = paces.tally.of(HOST).pace_in_run()
    assert (pace.median_gap_s, pace.smallest_gap_s) == (None, None)


def test_hours_are_handed_out_until_they_are_kept(paces):
    asked(paces, 10.0, 11.5)
    paces.tally.of(HOST).answered(at=NOW, status=503, seconds=0.2, failed=True)
    hour = NOW.replace(minute=0)
    for _ in range(2):  # the first may not have been committed
        notes, _changes = paces.tally.notes(paces)
        assert notes[0].hours == (HourOfUse(hour, 2, 1, 1.0, 1.5),)
    paces.tally.kept(notes)
    (note,), _ = paces.tally.notes(paces)
    assert note.hours == ()


def test_www_and_the_bare_name_are_one_host(paces):
    paces.tally.of("www." + HOST).started(at=NOW, clock=1.0, waited_s=0)
    asked(paces, 2.0)
    assert list(paces.tally.hosts) == [HOST]


def test_answers_of_runs_before_stand_before_those_of_this_one(paces):
    tally = paces.tally.of(HOST)
    for number in range(30):
        tally.answered(at=NOW, status=200 + number, seconds=0.1, failed=False)
    assert [one.status for one in noted(paces).answers] == list(range(210, 230))


def test_robots_of_https_is_the_one_that_is_shown(paces):
    answers = {"https": b"User-agent: *\nDisallow: /s", "http": b"User-agent: *\nDisallow: /p"}
    for scheme, body in answers.items():
        robots = robots_of_answer(200, body, max_bytes=1000)
        paces.tally.take_robots(f"{scheme}://{HOST}:8443", robots, crawl_delay_s=0.0, at=NOW)
    assert noted(paces).robots.text.endswith("/s")


def test_change_of_robots_is_told_until_it_is_kept(paces):
    known(paces, robots=ROBOTS)
    robots = robots_of_answer(200, b"User-agent: *\nDisallow: /b", max_bytes=1000)
    paces.tally.take_robots(f"https://{HOST}", robots, crawl_delay_s=0.0, at=NOW)
    notes, changes = paces.tally.notes(paces)
    assert [(one.removed, one.added) for one in changes] == [(("Disallow: /a",), ("Disallow: /b",))]
    paces.tally.kept(notes)
    assert paces.tally.notes(paces)[1] == []


def test_robots_that_cannot_be_read_is_no_change():
    broken = robots_seen(robots_unreachable(Outcome.TIMEOUT, "No answer."), crawl_delay_s=0.0, at=NOW)
    assert change_of(HOST, ROBOTS, broken) is None


def test_robots_that_is_gone_is_a_change():
    gone = robots_seen(robots_of_answer(404, b"", max_bytes=1000), crawl_delay_s=0.0, at=NOW)
    assert change_of(HOST, ROBOTS, gone).removed == ("User-agent: *", "Disallow: /a")


def test_first_reading_of_robots_is_no_change():
    assert change_of(HOST, None, ROBOTS) is None


def test_host_left_alone_before_is_given_up_at_its_first_failure(paces):
    known(paces, breaker=Breaker.HALF_OPEN)
    pace = paces.of(HOST)
    assert not pace.broken
    pace.ended(failed=True)
    assert pace.broken


def test_host_left_alone_before_stays_half_open_until_it_is_asked(paces):
    known(paces, breaker=Breaker.HALF_OPEN, breaker_since=NOW, breaker_why="five failures")
    paces.tally.of(HOST)
    assert (noted(paces).breaker, noted(paces).breaker_why) == (Breaker.HALF_OPEN, "five failures")
    paces.of(HOST).ended(failed=False)
    paces.tally.of(HOST).answered(at=NOW, status=200, seconds=0.1, failed=False)
    assert (noted(paces).breaker, noted(paces).breaker_why) == (Breaker.CLOSED, "")


def test_slower_pace_holds_for_a_day(paces, settings):
    known(paces, slow_s=8.0, slowed_at=NOW - SLOW_FOR + timedelta(minutes=1))
    assert (paces.of(HOST).gap_s, paces.of(HOST).why) == (8.0, DelayRule.SLOWED)
    later = Paces(settings, a_spec(), known=paces.known, known_at=NOW + timedelta(minutes=2))
    assert (later.of(HOST).gap_s, later.of(HOST).why) == (1.0, DelayRule.FLOOR)


def test_crawl_delay_of_before_holds_until_robots_is_read_anew(paces):
    known(paces, robots=ROBOTS)
    assert paces.of(HOST).gap_s == 4.0
    paces.of(HOST).keep_apart(0.0, DelayRule.CRAWL_DELAY)
    assert paces.of(HOST).gap_s == 1.0


def test_gap_is_doubled_at_each_answer_that_asks_for_it_up_to_the_limit():
    pace = HostPace(gap_s=1.0, breaker_failures=3)
    gaps = []
    for _ in range(4):
        pace.slow_down(5.0)
        gaps.append(pace.gap_s)
    assert gaps == [2.0, 4.0, 5.0, 5.0]


def test_longer_pace_of_the_outlets_file_is_told_as_the_rule(settings):
    paces = Paces(settings, a_spec(pace={"delay_s": 7.0}))
    assert (paces.of(HOST).gap_s, paces.of(HOST).why) == (7.0, DelayRule.OUTLET_FILE)


def test_tls_faults_add_up_over_runs(paces):
    known(paces, tls_faults=2)
    paces.tally.of(HOST).tls_failed(at=NOW, detail="certificate has expired")
    state = noted(paces)
    assert (state.tls_faults, state.tls_at, state.tls_detail) == (3, NOW, "certificate has expired")


def test_robots_that_fails_keeps_the_rules_known(paces):
    known(paces, robots=ROBOTS)
    paces.tally.take_robots(f"https://{HOST}", robots_of_answer(503, b"", max_bytes=100), crawl_delay_s=0.0, at=NOW)
    robots = noted(paces).robots
    assert replace(robots, trouble="") == replace(ROBOTS, at=NOW, status=503)
    assert robots.trouble.startswith("robots.txt answered HTTP 503")


def test_host_of_the_operators_own_is_told_without_a_floor_under_its_folded_name(make_settings):
    private = make_settings(network={"private_hosts": ["www." + HOST]}, politeness={"floor_s": 0.0})
    paces = Paces(private, a_spec())
    paces.of("www." + HOST)
    asked(paces, 1.0)
    assert noted(paces).delay_s == 0.0
    assert paces.of("www." + HOST).gap_s == 0.0


def test_longer_floor_of_two_names_of_a_host_counts_for_both(make_settings):
    private = make_settings(network={"private_hosts": ["www." + HOST]}, politeness={"floor_s": 0.0})
    paces = Paces(private, a_spec())
    assert paces.of(HOST).gap_s == 1.0
    assert paces.of("www." + HOST).gap_s == 1.0


def test_robots_that_is_kept_is_not_written_again(paces):
    robots = robots_of_answer(200, b"User-agent: *\nDisallow: /b", max_bytes=1000)
    paces.tally.take_robots(f"https://{HOST}", robots, crawl_delay_s=0.0, at=NOW)
    notes, _ = paces.tally.notes(paces)
    assert notes[0].state.robots.text.endswith("/b")
    paces.tally.kept(notes)
    (note,), _ = paces.tally.notes(paces)
    assert note.state.robots is None
