"""Counts over all time: each ending is counted once, whoever tells it, and what ended before there were counts too."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from index.job_records import JobState, Wish
from index.outcomes import Outcome
from index.store import open_store
from index.store.jobs import add_job, ask_job_to_stop, claim_job, end_job
from index.store.runs import finish_run, record_outcome, start_run
from index.store.schema import downgrade, upgrade
from index.store.totals import all_totals

HOUR = timedelta(hours=1)


def totals(store):
    with store.read() as tx:
        return all_totals(tx)


def a_run(tx, now, *outcomes, outlet="gazette", pid=1):
    run = start_run(tx, outlet, kind="crawl", now=now, pid=pid, host="elsewhere")
    for number, outcome in enumerate(outcomes):
        url = f"https://gazette.example/{run.id}/{number}"
        record_outcome(tx, run_id=run.id, url=url, outcome=outcome, detail="", now=now)
    return run


def end(tx, run, state, now):
    finish_run(tx, run.id, state=state, reason="", numbers={}, now=now)


def test_runs_and_their_outcomes_are_counted_when_they_end(store, now):
    with store.write() as tx:
        end(tx, a_run(tx, now, Outcome.NEW, Outcome.NEW, Outcome.GONE), "done", now)
        end(tx, a_run(tx, now, Outcome.NEW), "blocked", now)
    assert totals(store) == {"outcome": {"gone": 1, "new": 3}, "run": {"blocked": 1, "done": 1}}


def test_a_run_that_is_ended_twice_is_counted_once_as_the_last_word_says(store, now):
    with store.write() as tx:
        run = a_run(tx, now, Outcome.NEW)
        end(tx, run, "done", now)
        url = "https://gazette.example/late"
        record_outcome(tx, run_id=run.id, url=url, outcome=Outcome.GONE, detail="", now=now)
        end(tx, run, "killed", now)
    assert totals(store) == {"outcome": {"gone": 1, "new": 1}, "run": {"done": 0, "killed": 1}}


def test_a_run_found_dead_is_counted_as_killed(store, now):
    with store.write() as tx:
        a_run(tx, now - HOUR, Outcome.NEW)
        a_run(tx, now)
    assert totals(store) == {"outcome": {"new": 1}, "run": {"killed": 1}}


def test_jobs_are_counted_by_how_they_ended(store, now):
    with store.write() as tx:
        for state in (JobState.DONE, JobState.DONE, JobState.FAILED):
            add_job(tx, Wish("gazette"), by="ann", now=now)
            job = claim_job(tx, worker="w", now=now, lease=HOUR).job
            assert end_job(tx, job, state, cause=None, reason="", now=now)
            assert not end_job(tx, job, state, cause=None, reason="", now=now)
        ask_job_to_stop(tx, add_job(tx, Wish("gazette"), by="ann", now=now).id, by="ann", now=now)
    assert totals(store) == {"job": {"cancelled": 1, "done": 2, "failed": 1}}


def test_what_ended_before_there_were_counts_is_counted_by_the_migration(database_settings, store, now):
    with store.write() as tx:
        end(tx, a_run(tx, now, Outcome.NEW, Outcome.GONE), "done", now)
        a_run(tx, now, Outcome.NEW)
        add_job(tx, Wish("gazette"), by="ann", now=now)
        job = claim_job(tx, worker="w", now=now, lease=HOUR).job
        end_job(tx, job, JobState.FAILED, cause=None, reason="", now=now)
        add_job(tx, Wish("gazette"), by="ann", now=now)
    downgrade(store._engine, "0007")
    upgrade(store._engine)
    again = open_store(database_settings)
    try:
        assert totals(again) == {"job": {"failed": 1}, "outcome": {"gone": 1, "new": 1}, "run": {"done": 1}}
        with again.read() as tx:
            assert tx.execute(text("SELECT count(*) FROM alerts")).scalar_one() == 0
    finally:
        again.close()
