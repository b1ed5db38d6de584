"""What is known of an outlet before its schedule is looked ahead at."""

from __future__ import annotations

from datetime import timedelta

from index.host_records import HostNotes, HostPaceInRun, HostState
from index.planning import planned
from index.plans import read_plan
from index.store.hosts import note_hosts
from index.store.runs import finish_run, start_run
from tests.factories import a_spec


def test_delay_found_in_force_for_the_home_host_counts_in_a_forecast(store, settings, now):
    spec = a_spec(home="https://www.gazette.example/")
    plan = read_plan("gazette", ("every", "30m"), zone="UTC", jitter=None, quiet=(), now=now)
    (before,) = planned(store, [plan], {"gazette": spec}, settings)
    state, pace = HostState("gazette.example", delay_s=12.0), HostPaceInRun("gazette.example", 1, None, None, 0.0, None)
    with store.write() as tx:
        note_hosts(tx, [HostNotes(state, (), pace)], run_id=1, now=now)
    (after,) = planned(store, [plan], {"gazette": spec}, settings)
    assert (before.delay_s, after.delay_s) == (1.0, 12.0)


def whole_run(store, now, asked):
    """A whole run that asked each host so often."""
    with store.write() as tx:
        run = start_run(tx, "gazette", kind="crawl", now=now, pid=1, host="here")
        paces = [HostPaceInRun(host, number, None, None, 0.0, None) for host, number in asked.items()]
        note_hosts(tx, [HostNotes(HostState(pace.host), (), pace) for pace in paces], run_id=run.id, now=now)
        finish_run(tx, run.id, state="done", reason="", numbers={"asked": 9}, now=now + timedelta(minutes=1))


def known_of(store, settings, now):
    plan = read_plan("gazette", ("every", "30m"), zone="UTC", jitter=None, quiet=(), now=now)
    (known,) = planned(store, [plan], {"gazette": a_spec(home="https://gazette.example/")}, settings)
    return known


def test_requests_of_past_runs_are_known_by_host(store, settings, now):
    for number in (8, 10, 12):
        whole_run(store, now, {"gazette.example": number, "feeds.gazette.example": 2})
    asked = {one.host: round(one.requests, 2) for one in known_of(store, settings, now).asked}
    assert asked == {"gazette.example": 10, "feeds.gazette.example": 2}


def test_host_asked_in_some_runs_has_its_part_of_the_usual_one(store, settings, now):
    for asked in ({"gazette.example": 10}, {"gazette.example": 10}, {"gazette.example": 10, "old.gazette.example": 6}):
        whole_run(store, now, asked)
    asked = {one.host: round(one.requests, 2) for one in known_of(store, settings, now).asked}
    assert asked == {"gazette.example": 8.33, "old.gazette.example": 1.67}  # 30 and 6 of 36, in runs of 10


def test_requests_count_at_the_home_host_where_no_run_says_which_it_asked(store, settings, now):
    for _ in range(3):
        whole_run(store, now, {})
    (one,) = known_of(store, settings, now).asked
    assert (one.host, one.requests) == ("gazette.example", 9)


def test_statements_do_not_grow_with_the_runs_and_hosts_of_an_outlet(store, settings, now):
    whole_run(store, now, {"gazette.example": 1})
    before = store.statements
    known_of(store, settings, now)
    few = store.statements - before
    for number in range(6):
        whole_run(store, now, {"gazette.example": 1, f"h{number}.gazette.example": 1})
    before = store.statements
    known_of(store, settings, now)
    assert store.statements - before == few
