"""Runs, outcomes and the answer to `why`, on both databases."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import timedelta

import pytest

from index.errors import BusyError, NotFoundError
from index.outcomes import Outcome
from index.records import LeadState
from index.store.decisions import decisions_about, decisions_of_run, record_outcome
from index.store.leads import add_leads, count_leads, finish_lead, take_leads
from index.store.outlets import coverage, get_outlet, list_outlets, outlet_of_host, provisional_outlet
from index.store.runs import (
    BEAT_IS_FRESH,
    ask_run_to_stop,
    asked_last_at,
    beat,
    end_if_dead,
    finish_run,
    get_run,
    list_runs,
    start_run,
)
from tests.factories import HOME, a_lead, a_link, an_article, register, save

NOBODY = 2**22 + 1  # above the largest process number of Linux


@pytest.fixture(autouse=True)
def _outlet(store, now):
    register(store, now)


def start(store, now, **other):
    with store.write() as tx:
        return start_run(tx, "gazette", **{"kind": "crawl", "now": now, "pid": os.getpid(), "host": "here", **other})


def end(store, run, now, state="done"):
    with store.write() as tx:
        return finish_run(tx, run.id, state=state, reason="", numbers={"leads": 2}, now=now)


def test_second_run_of_an_outlet_is_refused_while_the_first_lives(store, now):
    start(store, now)
    with pytest.raises(BusyError, match="gazette: run 1 is under way"):
        start(store, now)


def test_import_does_not_wait_for_a_crawl(store, now):
    start(store, now)
    assert start(store, now, kind="import").kind == "import"


def test_import_whose_process_is_gone_is_marked_killed_by_the_next_run(store, now):
    dead, alive = start(store, now, kind="import", pid=NOBODY), start(store, now, kind="import")
    elsewhere = start(store, now, kind="import", pid=NOBODY, host="there")
    start(store, now)
    with store.read() as tx:
        states = [get_run(tx, run.id).state for run in (dead, alive, elsewhere)]
    assert states == ["killed", "running", "running"]


def test_run_whose_process_is_gone_is_marked_killed_and_its_leads_wait(store, now):
    dead = start(store, now, pid=NOBODY)
    with store.write() as tx:
        add_leads(tx, [a_lead("a")], now=now, run_id=dead.id)
        take_leads(tx, "gazette", run_id=dead.id, limit=5, now=now)
    with store.write() as tx:
        start_run(tx, "gazette", kind="crawl", now=now + BEAT_IS_FRESH * 2, pid=os.getpid(), host=socket.gethostname())
    with store.read() as tx:
        assert get_run(tx, dead.id).state == "killed"
        assert count_leads(tx, "gazette")[LeadState.WAITING] == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="who has ended is read in /proc")
def test_run_whose_process_has_ended_is_dead_although_its_parent_has_not_looked(store, now):
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as ended:
        assert ended.stdout.read() == b""
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and stays for its parent to look
        run = start(store, now, pid=ended.pid, host=socket.gethostname())
        assert start(store, now + timedelta(seconds=1), host=socket.gethostname()).id != run.id


def test_run_on_another_machine_lives_while_it_beats(store, now):
    run = start(store, now, host="elsewhere")
    later = now + BEAT_IS_FRESH * 3
    with store.write() as tx:
        beat(tx, run.id, later)
    with pytest.raises(BusyError):
        start(store, later + timedelta(seconds=5))
    assert start(store, later + BEAT_IS_FRESH * 2).id != run.id


def test_a_run_under_way_is_asked_to_stop_and_hears_it_at_its_next_beat(store, now):
    run = start(store, now)
    with store.write() as tx:
        assert beat(tx, run.id, now, numbers={"asked": 3}) == ""
        ask_run_to_stop(tx, run.id, by="ann", now=now)
        assert beat(tx, run.id, now) == "ann"
        assert get_run(tx, run.id).numbers == {"asked": 3}


@pytest.mark.parametrize(
    ("kind", "ends", "number", "said"),
    [
        ("crawl", True, 1, "Run 1 of gazette has ended already"),
        ("crawl", True, 9, "There is no run 9"),
        ("import", False, 1, "Run 1 is of the kind import; end its process"),
    ],
)
def test_a_run_that_cannot_be_asked_to_stop_says_why(kind, ends, number, said, store, now):
    run = start(store, now, kind=kind)
    if ends:
        end(store, run, now)
    with pytest.raises(NotFoundError, match=said), store.write() as tx:
        ask_run_to_stop(tx, number, by="ann", now=now)


@pytest.mark.parametrize(
    ("is_there", "host", "silent_s", "state"),
    [
        (True, "here", 10, "running"),
        (True, "here", 31, "killed"),
        (False, "here", 0, "killed"),
        (False, "there", 10, "running"),
        (False, "there", 31, "killed"),
    ],
)
def test_a_run_is_ended_where_it_is_dead_and_only_there(is_there, host, silent_s, state, store, now):
    run = start(store, now, pid=os.getpid() if is_there else NOBODY, host=host)
    with store.write() as tx:
        later = now + timedelta(seconds=silent_s)
        seen = end_if_dead(tx, run.id, now=later, host="here", silent_for=timedelta(seconds=30))
        assert seen.state == state
        assert end_if_dead(tx, 99, now=later, host="here", silent_for=timedelta(seconds=30)) is None


def test_a_run_that_has_ended_stays_as_it_ended(store, now):
    run = start(store, now, pid=NOBODY)
    end(store, run, now)
    with store.write() as tx:
        assert end_if_dead(tx, run.id, now=now, host="here", silent_for=timedelta(0)).state == "done"


def test_counts_of_a_run_are_the_outcomes_it_recorded(store, now):
    run = start(store, now)
    with store.write() as tx:
        for slug, outcome in (("a", Outcome.NEW), ("b", Outcome.NEW), ("c", Outcome.GONE)):
            record_outcome(tx, run_id=run.id, url=f"{HOME}/{slug}", outcome=outcome, detail="", now=now)
    ended = end(store, run, now)
    assert (ended.state, dict(ended.counts), dict(ended.numbers)) == ("done", {"new": 2, "gone": 1}, {"leads": 2})
    with store.read() as tx:
        assert [one.outcome for one in decisions_of_run(tx, run.id)] == [Outcome.NEW, Outcome.NEW, Outcome.GONE]


def test_runs_are_listed_newest_first(store, now):
    first = end(store, start(store, now), now)
    second = end(store, start(store, now), now)
    with store.read() as tx:
        assert [run.id for run in list_runs(tx, outlet="gazette")] == [second.id, first.id]


def test_why_tells_found_linked_decided_and_stored_in_order(store, now):
    save(store, an_article("citing", links=(a_link(f"{HOME}/a"),)), now - timedelta(hours=2))
    run = start(store, now)
    with store.write() as tx:
        add_leads(tx, [a_lead("a", found_in=f"{HOME}/feed")], now=now, run_id=run.id)
        finish_lead(tx, f"{HOME}/a", outcome=Outcome.NEW, detail="", run_id=run.id, now=now + timedelta(seconds=1))
    save(store, an_article("a"), now + timedelta(seconds=2))
    with store.read() as tx:
        story = decisions_about(tx, f"{HOME}/a?utm_source=x")
    assert [one.what for one in story] == ["linked", "found", "outcome", "fetched", "stored"]
    assert [one.at for one in story] == sorted(one.at for one in story)


def test_why_of_an_unknown_address_says_so(store, now):
    with store.read() as tx, pytest.raises(NotFoundError, match="Nothing is known of"):
        decisions_about(tx, "https://nowhere.example/")


def test_outlet_is_fresh_stale_or_never_read(store, now):
    register(store, now, "gazette", "herald", "courier")
    end(store, start(store, now), now - timedelta(hours=1))
    with store.write() as tx:
        run = start_run(tx, "herald", kind="crawl", now=now - timedelta(days=9), pid=1, host="x")
        finish_run(tx, run.id, state="done", reason="", numbers={}, now=now - timedelta(days=9))
    with store.read() as tx:
        states = {one.outlet: one.state for one in coverage(tx, now=now, stale_after_h=48)}
    assert states == {"gazette": "fresh", "herald": "stale", "courier": "never"}


@pytest.mark.parametrize("state", ["failed", "blocked", "killed", "storage_full"])
def test_run_that_failed_makes_no_outlet_fresh(state, store, now):
    end(store, start(store, now), now, state=state)
    with store.read() as tx:
        assert coverage(tx, now=now, stale_after_h=48)[0].state == "never"


def test_outlet_that_failed_since_is_as_fresh_as_its_last_success(store, now):
    end(store, start(store, now), now - timedelta(hours=3))
    end(store, start(store, now), now, state="failed")
    with store.read() as tx:
        (one,) = coverage(tx, now=now, stale_after_h=48)
    assert (one.state, one.last_success_at) == ("fresh", now - timedelta(hours=3))


def test_outlet_with_imported_articles_alone_is_imported(store, now):
    save(store, an_article("a"), now)
    with store.read() as tx:
        assert [one.state for one in coverage(tx, now=now, stale_after_h=48)] == ["imported"]
        assert coverage(tx, now=now, stale_after_h=48, outlets=("herald",)) == []


def test_outlet_row_has_its_counts_and_its_last_run(store, now):
    save(store, an_article("a", published_at=now), now)
    run = end(store, start(store, now), now)
    with store.read() as tx:
        row = get_outlet(tx, "gazette")
        assert (row.articles, row.last_article_at, row.last_run.id) == (1, now, run.id)
        assert outlet_of_host(tx, "www.gazette.example") == "gazette"


def test_unknown_host_gets_a_provisional_outlet_once(store, now):
    with store.write() as tx:
        name = provisional_outlet(tx, "www.new-paper.example", now)
        assert provisional_outlet(tx, "new-paper.example", now) == name
    with store.read() as tx:
        assert get_outlet(tx, name).provisional


def test_statements_of_the_outlet_list_do_not_grow(store, now):
    counts = []
    for names in (("gazette",), tuple(f"paper{number}" for number in range(25))):
        register(store, now, *names)
        before = store.statements
        with store.read() as tx:
            list_outlets(tx)
        counts.append(store.statements - before)
    assert counts[0] == counts[1]


def test_last_request_of_an_outlet_is_the_end_of_its_newest_crawl_or_now_where_nobody_saw_it(store, now):
    def last_at(at):
        with store.read() as tx:
            return asked_last_at(tx, "gazette", now=at)

    assert last_at(now) is None
    run = start(store, now)
    later = now + timedelta(hours=1)
    assert last_at(later) == later
    end(store, run, now + timedelta(minutes=5))
    assert last_at(later) == now + timedelta(minutes=5)
    end(store, start(store, now, kind="import"), later)
    assert last_at(later) == now + timedelta(minutes=5)
    end(store, start(store, now), now, state="killed")
    assert last_at(later) == later
