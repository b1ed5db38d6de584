"""Hosts in the store: turns that processes share, what is in force, hours, runs and changes of robots.txt."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from index.host_records import (
    Answered,
    Breaker,
    DelayRule,
    HostNotes,
    HostPaceInRun,
    HostState,
    HourOfUse,
    Rest,
    RobotsChange,
    RobotsSeen,
)
from index.store import open_store
from index.store.hosts import (
    CHANGES_KEPT,
    HOURS_KEPT,
    end_breakers,
    get_host,
    hours_of,
    list_hosts,
    note_hosts,
    note_robots_change,
    pace_of_run,
    robots_changes_of,
)
from index.store.turns import hold_host, take_turn
from tests.factories import register

HOST = "gazette.example"


def a_note(now, *, requests=1, hour=None, **state):
    used = HourOfUse(hour or now.replace(minute=0), requests, 0, 0.5, state.pop("gap", None))
    pace = HostPaceInRun(HOST, requests, 1.5, 1.0, 0.5, 0.2, {"200": requests})
    return HostNotes(HostState(HOST, **state), (used,), pace)


def note(store, now, *notes, run_id=1):
    with store.write() as tx:
        note_hosts(tx, notes, run_id=run_id, now=now)


def known(store):
    with store.read() as tx:
        return get_host(tx, HOST)


def test_turn_of_a_host_nobody_asked_is_free(store, now):
    with store.write() as tx:
        assert take_turn(tx, HOST, gap_s=1.0, now=now) == 0.0


def test_second_process_waits_for_what_is_left_of_the_gap(store, now):
    with store.write() as tx:
        take_turn(tx, "www." + HOST, gap_s=5.0, now=now)
    with store.write() as tx:
        assert take_turn(tx, HOST, gap_s=1.0, now=now + timedelta(seconds=2)) == 3.0
        assert take_turn(tx, HOST, gap_s=1.0, now=now + timedelta(seconds=5)) == 0.0


def test_turn_refused_moves_nothing_on(store, now):
    with store.write() as tx:
        take_turn(tx, HOST, gap_s=5.0, now=now)
        for _ in range(3):
            take_turn(tx, HOST, gap_s=5.0, now=now + timedelta(seconds=1))
        assert take_turn(tx, HOST, gap_s=5.0, now=now + timedelta(seconds=5)) == 0.0


def test_kept_crawl_delay_counts_for_whoever_does_not_know_it_yet(store, now):
    robots = RobotsSeen(now, 200, "User-agent: *\nCrawl-delay: 10", "d1", crawl_delay_s=10.0)
    note(store, now, a_note(now, robots=robots))
    with store.write() as tx:
        take_turn(tx, HOST, gap_s=1.0, now=now)
        assert take_turn(tx, HOST, gap_s=1.0, now=now + timedelta(seconds=4)) == 6.0


def test_turns_without_an_instant_go_by_the_clock_of_the_database(store):
    with store.write() as tx:
        assert take_turn(tx, HOST, gap_s=30.0) == 0.0
    with store.write() as tx:
        assert 25.0 < take_turn(tx, HOST, gap_s=30.0) <= 30.0


def test_rest_asked_for_holds_every_process_and_is_told(store, now):
    rest = Rest(now + timedelta(seconds=120), "HTTP 429, Retry-After: 120", now)
    with store.write() as tx:
        hold_host(tx, HOST, rest)
    with store.write() as tx:
        assert take_turn(tx, HOST, gap_s=1.0, now=now + timedelta(seconds=20)) == 100.0
    assert known(store).rest == rest
    assert known(store).rests(now)
    assert not known(store).rests(now + timedelta(seconds=120))


def test_clock_that_was_set_back_by_days_blocks_no_host(store, now):
    with store.write() as tx:
        take_turn(tx, HOST, gap_s=5.0, now=now + timedelta(days=3))
        assert take_turn(tx, HOST, gap_s=5.0, now=now) == 0.0
        assert take_turn(tx, HOST, gap_s=5.0, now=now) == 5.0


def test_rest_of_days_is_no_clock_that_was_set_back(store, now):
    with store.write() as tx:
        hold_host(tx, HOST, Rest(now + timedelta(days=3), "HTTP 503, Retry-After: 259200", now))
        assert take_turn(tx, HOST, gap_s=5.0, now=now) == 3 * 86400.0


def test_shorter_rest_takes_nothing_from_a_longer_one(store, now):
    longer = Rest(now + timedelta(hours=1), "HTTP 503, Retry-After: 3600", now)
    with store.write() as tx:
        hold_host(tx, HOST, longer)
        hold_host(tx, HOST, Rest(now + timedelta(seconds=5), "HTTP 429", now))
    assert known(store).rest == longer


def test_note_of_a_run_leaves_turn_and_rest_as_they_are(store, now):
    rest = Rest(now + timedelta(seconds=60), "HTTP 429", now)
    with store.write() as tx:
        hold_host(tx, HOST, rest)
    note(store, now, a_note(now, delay_s=1.0, delay_why=DelayRule.FLOOR))
    assert known(store).rest == rest
    assert known(store).next_at == rest.until


def test_state_comes_back_as_it_was_noted(store, now):
    register(store, now)
    answers = (Answered(now, 200, 0.25), Answered(now, None, 30.0))
    state = HostState(
        HOST,
        outlet="gazette",
        asked_at=now,
        delay_s=10.0,
        delay_why=DelayRule.CRAWL_DELAY,
        slow_s=2.0,
        slowed_at=now,
        robots=RobotsSeen(now, 200, "User-agent: *", "d1", 10.0),
        breaker=Breaker.OPEN,
        breaker_since=now,
        breaker_why="five failures",
        failures=5,
        answers=answers,
        response_s=0.25,
        tls_faults=1,
        tls_at=now,
        tls_detail="certificate has expired",
        run_id=1,
    )
    note(store, now, replace(a_note(now), state=state))
    assert known(store) == state


def test_robots_that_could_not_be_read_again_leaves_what_is_known(store, now):
    note(store, now, a_note(now, robots=RobotsSeen(now, 200, "User-agent: *", "d1", 4.0)))
    note(store, now, a_note(now))
    assert known(store).robots == RobotsSeen(now, 200, "User-agent: *", "d1", 4.0)


def test_hours_are_summed_and_the_smallest_gap_stays(store, now):
    for requests, gap in ((3, None), (4, 1.2), (5, 1.1), (6, None)):
        note(store, now, a_note(now, requests=requests, gap=gap))
    with store.read() as tx:
        assert hours_of(tx, HOST, since=now - timedelta(days=1)) == [HourOfUse(now, 18, 0, 2.0, 1.1)]


def test_hours_of_long_ago_go(store, now):
    note(store, now, a_note(now, hour=now - HOURS_KEPT - timedelta(hours=1)))
    with store.read() as tx:
        assert hours_of(tx, HOST, since=now - timedelta(days=365)) == []


def test_list_tells_requests_of_today_and_of_the_week(store, now):
    register(store, now)
    note(store, now, a_note(now, requests=3), a_note(now, requests=4, hour=now - timedelta(days=2)))
    note(store, now, a_note(now, requests=5, hour=now - timedelta(days=8)))
    with store.read() as tx:
        (one,) = list_hosts(tx, now=now)
        assert (one.state.host, one.state.outlet, one.today, one.week) == (HOST, "gazette", 3, 7)
        assert list_hosts(tx, now=now, outlet="other") == []
        assert list_hosts(tx, now=now, after=HOST) == []


def test_pace_of_a_run_is_that_of_its_last_note(store, now):
    for requests in (1, 7):
        note(store, now, a_note(now, requests=requests), run_id=9)
    with store.read() as tx:
        assert pace_of_run(tx, 9) == [HostPaceInRun(HOST, 7, 1.5, 1.0, 0.5, 0.2, {"200": 7})]


def test_host_left_alone_is_tried_again_once_its_run_has_ended(store, now):
    note(store, now, a_note(now, breaker=Breaker.OPEN, breaker_since=now), run_id=3)
    with store.write() as tx:
        end_breakers(tx, 3)
    assert known(store).breaker is Breaker.HALF_OPEN


def test_changes_of_robots_are_kept_newest_first_and_bounded(store, now):
    note(store, now, a_note(now))
    for number in range(CHANGES_KEPT + 3):
        change = RobotsChange(HOST, now, f"d{number}", f"text {number}", ("Allow: /",), (f"Disallow: /{number}",))
        with store.write() as tx:
            note_robots_change(tx, change)
    with store.read() as tx:
        found = robots_changes_of(tx, HOST)
    assert [found[0].digest, len(found)] == [f"d{CHANGES_KEPT + 2}", CHANGES_KEPT]
    assert known(store).robots_change == f"+ Disallow: /{CHANGES_KEPT + 2}; - Allow: /"
    assert known(store).robots_changed_at == now


def test_note_of_many_hosts_costs_one_statement_each_and_three_more(store, now):
    notes = [replace(a_note(now), state=HostState(f"h{n}.example")) for n in range(20)]
    notes = [replace(one, pace=replace(one.pace, host=one.state.host)) for one in notes]
    before = store.statements
    note(store, now, *notes)
    assert store.statements - before <= 20 + 3 + 3  # and what opens and ends the transaction


def test_unknown_host_is_none(store):
    assert known(store) is None


@pytest.mark.timeout(60)
def test_processes_take_turns_a_gap_apart(database_settings):
    from concurrent.futures import ThreadPoolExecutor

    def ask(_worker):
        starts = []
        other = open_store(database_settings)
        try:
            while len(starts) < 3:
                with other.write() as tx:
                    if take_turn(tx, HOST, gap_s=0.1) == 0.0:
                        starts.append(get_host(tx, HOST).next_at)
        finally:
            other.close()
        return starts

    with ThreadPoolExecutor(4) as pool:
        starts = sorted(at for found in pool.map(ask, range(4)) for at in found)
    gaps = [(b - a).total_seconds() for a, b in pairwise(starts)]
    assert len(starts) == 12
    assert min(gaps) >= 0.1
