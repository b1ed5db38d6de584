"""Runs by day and state, runs by state, and the last good reading, on both databases."""

from __future__ import annotations

from datetime import timedelta

from index.good_and_now import good_and_now, is_good
from index.outcomes import Outcome
from index.store.decisions import decisions_of_run, record_outcome
from index.store.outlets import register_outlets
from index.store.run_days import runs_by_day, watched_outlets
from index.store.runs import finish_run, list_runs, start_run
from tests.factories import a_spec, an_article, register, save


def run(store, at, *, state="done", outlet="gazette", kind="crawl", url="https://gazette.example/a", outcome=None):
    with store.write() as tx:
        made = start_run(tx, outlet, kind=kind, now=at, pid=1, host="elsewhere")
        if outcome is not None:
            record_outcome(tx, run_id=made.id, url=url, outcome=outcome, detail="", now=at)
        return finish_run(tx, made.id, state=state, reason="", numbers={}, now=at)


def test_runs_are_counted_by_outlet_day_and_state_in_utc(store, now):
    midnight = now.replace(hour=0, minute=0)
    run(store, midnight)
    run(store, midnight - timedelta(minutes=1))
    run(store, midnight + timedelta(hours=23, minutes=59), state="failed")
    run(store, now, outlet="herald")
    run(store, now, kind="check")
    run(store, now - timedelta(days=5))
    today = now.date()
    with store.read() as tx:
        found = runs_by_day(tx, ["gazette", "herald"], today - timedelta(days=1))
        alone = runs_by_day(tx, ["herald"], today)
    assert found == {
        ("gazette", today): {"done": 1, "failed": 1},
        ("gazette", today - timedelta(days=1)): {"done": 1},
        ("herald", today): {"done": 1},
    }
    assert alone == {("herald", today): {"done": 1}}


def test_outlets_are_watched_that_are_switched_on_or_were_run(store, now):
    with store.write() as tx:
        specs = [a_spec("gazette", enabled=False), a_spec("herald", title="Aa"), a_spec("courier", enabled=False)]
        register_outlets(tx, specs, now)
    run(store, now)
    with store.read() as tx:
        assert watched_outlets(tx) == [("herald", "Aa"), ("gazette", "Gazette")]


def test_runs_are_listed_by_state_and_only_those_that_ended(store, now):
    run(store, now)
    run(store, now, state="failed")
    with store.write() as tx:
        under_way = start_run(tx, "gazette", kind="crawl", now=now, pid=1, host="elsewhere")
    with store.read() as tx:
        assert [one.state for one in list_runs(tx, states=("failed", "blocked"))] == ["failed"]
        assert [one.id for one in list_runs(tx, states=("running",))] == [under_way.id]
        assert [one.state for one in list_runs(tx, ended=True)] == ["failed", "done"]


def test_decisions_of_a_run_are_read_by_outcome_and_in_pieces(store, now):
    with store.write() as tx:
        made = start_run(tx, "gazette", kind="crawl", now=now, pid=1, host="elsewhere")
        for number in range(5):
            outcome = Outcome.NEW if number % 2 else Outcome.TIMEOUT
            record_outcome(tx, run_id=made.id, url=f"https://x.example/{number}", outcome=outcome, detail="", now=now)
        assert [one.url[-1] for one in decisions_of_run(tx, made.id, outcome=Outcome.TIMEOUT)] == ["0", "2", "4"]
        assert [one.url[-1] for one in decisions_of_run(tx, made.id, limit=2, offset=3)] == ["3", "4"]


def test_the_last_good_run_is_one_that_brought_articles_before_the_newest(store, now):
    register(store, now)
    save(store, an_article("a", "Ports were closed."), now - timedelta(days=4))
    good = run(store, now - timedelta(days=4), outcome=Outcome.NEW)
    run(store, now - timedelta(days=3), outcome=Outcome.NOT_MODIFIED)
    newest = run(store, now - timedelta(days=2), outcome=Outcome.EXTRACTION_FAILED)
    run(store, now - timedelta(days=1), outcome=Outcome.UNCHANGED)  # says nothing of how pages are read
    with store.read() as tx:
        first, second = good_and_now(tx, "gazette")
    assert (first.run.id, first.article.title, first.revision.text) == (good.id, "Report a", "Ports were closed.")
    assert (second.run.id, second.article, second.decision.outcome) == (newest.id, None, Outcome.EXTRACTION_FAILED)


def test_an_outlet_that_was_never_read_has_neither(store, now):
    register(store, now)
    with store.read() as tx:
        assert good_and_now(tx, "gazette") == (None, None)


def test_an_outlet_whose_first_run_failed_has_no_good_one(store, now):
    register(store, now)
    run(store, now, outcome=Outcome.LOGIN_WALL)
    with store.read() as tx:
        good, newest = good_and_now(tx, "gazette")
    assert (good, newest.decision.outcome) == (None, Outcome.LOGIN_WALL)


def test_a_run_that_missed_a_minimum_is_not_good(store, now):
    from dataclasses import replace

    made = run(store, now, outcome=Outcome.NEW)
    assert is_good(made)
    assert not is_good(replace(made, unfit="Fewer articles than expected."))
    assert not is_good(replace(made, state="blocked"))
