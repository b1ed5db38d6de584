"""The frontier, on both databases: each address once, order, passing faults, leads of a dead run."""

from __future__ import annotations

from datetime import timedelta

import pytest

from index.outcomes import Outcome
from index.records import LeadState, Page
from index.store.decisions import outcome_counts
from index.store.leads import (
    add_leads,
    count_leads,
    finish_lead,
    get_lead,
    known_pages,
    release_leads,
    take_leads,
)
from index.store.pages import page_seen_again, save_page
from index.store.runs import start_run
from index.urls import url_key
from tests.factories import HOME, a_lead, register


@pytest.fixture
def run_id(store, now) -> int:
    register(store, now)
    with store.write() as tx:
        return start_run(tx, "gazette", kind="crawl", now=now, pid=1, host="here").id


@pytest.fixture
def add(store, run_id, now):
    def put(*leads, **other):
        with store.write() as tx:
            return add_leads(tx, leads, **{"now": now, "run_id": run_id, **other})

    return put


@pytest.fixture
def take(store, run_id, now):
    def get(limit=10, *, run=None, at=None):
        with store.write() as tx:
            return [lead.url for lead in take_leads(tx, "gazette", run_id=run or run_id, limit=limit, now=at or now)]

    return get


@pytest.fixture
def finish(store, run_id, now):
    def end(url, outcome, *, run=None, **other):
        with store.write() as tx:
            finish_lead(tx, url, outcome=outcome, detail="", run_id=run or run_id, **{"now": now, **other})

    return end


def next_run(store, now) -> int:
    from index.store.runs import finish_run, list_runs

    with store.write() as tx:
        last = list_runs(tx, outlet="gazette", limit=1)[0]
        finish_run(tx, last.id, state="done", reason="", numbers={}, now=now)
        return start_run(tx, "gazette", kind="crawl", now=now, pid=1, host="here").id


def test_an_address_is_a_lead_once_however_it_is_written(add):
    assert add(a_lead("a")).new == 1
    added = add(a_lead("a?utm_source=x"), a_lead("a/"), a_lead("b"))
    assert (added.new, added.known) == (1, 1)


def test_leads_over_the_limit_are_counted_and_not_taken(add, store):
    added = add(*(a_lead(str(number)) for number in range(10)), limit=4)
    assert (added.new, added.over_budget) == (4, 6)
    with store.read() as tx:
        assert count_leads(tx, "gazette")[LeadState.WAITING] == 4


def test_fewest_steps_come_first_then_newest_then_as_found(add, take, now):
    add(
        a_lead("deep", depth=2, published_at=now),
        a_lead("plain"),
        a_lead("old", published_at=now - timedelta(days=9)),
        a_lead("new", published_at=now),
        a_lead("plain2"),
    )
    assert take() == [f"{HOME}/{slug}" for slug in ("new", "old", "plain", "plain2", "deep")]


def test_a_lead_is_taken_by_one_run_only(add, take):
    add(a_lead("a"), a_lead("b"))
    assert len(take(1)) == 1
    assert len(take(5)) == 1
    assert take(5) == []


def test_leads_of_a_run_that_ended_wait_again(add, take, store, run_id, now):
    add(a_lead("a"), a_lead("b"))
    take(1)
    with store.write() as tx:
        assert release_leads(tx, run_id, now=now) == 1
    assert len(take(5)) == 2


def test_passing_fault_waits_for_the_next_run(add, take, finish, store, now):
    add(a_lead("a"))
    take()
    finish(f"{HOME}/a", Outcome.TIMEOUT)
    assert take() == []
    assert take(run=next_run(store, now)) == [f"{HOME}/a"]


def test_instant_named_by_the_server_is_waited_for(add, take, finish, store, now):
    add(a_lead("a"))
    take()
    finish(f"{HOME}/a", Outcome.RATE_LIMITED, retry_at=now + timedelta(hours=2))
    second = next_run(store, now)
    assert take(run=second, at=now + timedelta(hours=1)) == []
    assert take(run=second, at=now + timedelta(hours=3)) == [f"{HOME}/a"]


def test_final_outcome_ends_a_lead(add, take, finish, store, now):
    add(a_lead("a"))
    take()
    finish(f"{HOME}/a", Outcome.GONE)
    assert take(run=next_run(store, now)) == []
    with store.read() as tx:
        assert get_lead(tx, f"{HOME}/a").outcome is Outcome.GONE


def test_an_outcome_is_counted_once_a_run(add, take, finish, store, run_id):
    add(a_lead("a"))
    take()
    finish(f"{HOME}/a", Outcome.NEW)
    finish(f"{HOME}/a", Outcome.NEW)
    with store.read() as tx:
        assert outcome_counts(tx, run_id) == {"new": 1}


def test_later_change_said_by_the_source_renews_a_lead(add, take, finish, now):
    add(a_lead("a", changed_at=now - timedelta(days=2)))
    take()
    finish(f"{HOME}/a", Outcome.NEW)
    assert add(a_lead("a", changed_at=now - timedelta(days=2))).renewed == 0
    assert add(a_lead("a", changed_at=now - timedelta(days=1))).renewed == 1


def test_lead_not_tried_for_long_is_renewed(add, take, finish, now):
    add(a_lead("a"))
    take()
    finish(f"{HOME}/a", Outcome.NEW)
    day = timedelta(days=1)
    assert add(a_lead("a"), now=now + day / 2, revisit_after=day).renewed == 0
    assert add(a_lead("a"), now=now + day, revisit_after=day).renewed == 1


def test_what_is_known_of_a_page_is_what_a_conditional_request_needs(store, run_id, now):
    page = Page(f"{HOME}/a", b"x", now, etag='"1"', last_modified="Mon, 01 Jan 2024 00:00:00 GMT")
    with store.write() as tx:
        save_page(tx, page, digest="0" * 64, warc=None, run_id=run_id)
        page_seen_again(tx, page.url, now + timedelta(hours=1))
    with store.read() as tx:
        known = known_pages(tx, [f"{HOME}/a", f"{HOME}/b"])
    held = known[url_key(f"{HOME}/a")]
    assert (held.etag, held.last_modified) == ('"1"', "Mon, 01 Jan 2024 00:00:00 GMT")
    assert held.fetched_at == now + timedelta(hours=1)
    assert len(known) == 1


def test_statements_do_not_grow_with_the_number_of_leads(add, store):
    counts = []
    for leads in ([a_lead("x")], [a_lead(f"n{number}") for number in range(300)]):
        before = store.statements
        add(*leads)
        counts.append(store.statements - before)
    assert counts[1] <= counts[0] + 1
