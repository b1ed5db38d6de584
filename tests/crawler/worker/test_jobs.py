"""A worker with a fake crawl and a clock of the tests: what it writes, when it stops, what it leaves to others."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime, timedelta

import pytest

from config.errors import ConfigurationError, StorageFullError, TryAgainError
from crawler import worker as module
from crawler.verdict import STOPPED
from crawler.worker import Worker
from index.job_records import Cause, JobState
from index.store.jobs import ask_job_to_stop, claim_job, keep_lease
from index.store.outlets import let_rest
from tests.crawler.worker.trials import FakeCrawl, ask, held, report
from tests.factories import register


def test_nothing_is_run_where_nothing_waits(work):
    crawl = FakeCrawl()
    assert work(crawl).step() is False
    assert crawl.asked == []


def test_a_job_is_run_as_asked_and_ends_with_the_cause_of_its_run(work, store, now):
    job = ask(store, now, limit=5, url="https://gazette.example/a")
    crawl = FakeCrawl(report("partial", "1 of the outlet's sources failed: feed."))
    assert work(crawl).step() is True
    assert crawl.asked == [("gazette", 5, "https://gazette.example/a", (job.id, 1))]
    ended = held(store, job)
    assert (ended.state, ended.reason) == (JobState.DONE, "1 of the outlet's sources failed: feed.")


def test_a_lease_goes_by_the_clock_of_the_database(store, database_settings, stop, now, monkeypatch):
    theirs = datetime.now(UTC) + timedelta(hours=3)  # our own is three hours behind, or was set back
    monkeypatch.setattr("index.store.clock.database_now", lambda _store: theirs)
    job = ask(store, now)
    seen = []

    def crawl(*_, **__):
        seen.append(held(store, job).lease_until)
        return report()

    worker = Worker(database_settings, stop, crawl=crawl)
    worker._store = store
    assert worker.step() is True
    lease = timedelta(seconds=database_settings.operating.lease_s)
    assert theirs <= seen[0] - lease < theirs + timedelta(minutes=1)


def test_a_clock_that_is_set_forth_takes_no_job_from_a_worker_that_is_alive(work, store, now, clock, monkeypatch):
    job = ask(store, now)
    with store.write() as tx:
        alive = claim_job(tx, worker="alive", now=now, lease=timedelta(seconds=60)).job
    worker = work(FakeCrawl(report(), report()))
    clock.at = now + timedelta(hours=1)
    monkeypatch.setattr(worker._database_clock, "was_set", lambda *, within_s: within_s > 60)
    assert worker.step() is False
    other = ask(store, now, outlet="herald")
    assert worker.step() is True  # what waits is done meanwhile
    assert held(store, other).state is JobState.DONE
    with store.write() as tx:
        assert keep_lease(tx, alive, now=clock.at, lease=timedelta(seconds=60)).held
    monkeypatch.setattr(worker._database_clock, "was_set", lambda *, within_s: False)
    assert worker.step() is False
    clock.at += timedelta(seconds=60)
    assert worker.step() is True  # it renewed its lease no more
    assert held(store, job).state is JobState.DONE


def test_a_lease_given_before_the_clock_was_set_back_keeps_no_job_for_hours(work, store, now, clock):
    job = ask(store, now - timedelta(hours=3))
    with store.write() as tx:
        claim_job(tx, worker="dead", now=now, lease=timedelta(seconds=60))
    clock.at = now - timedelta(hours=2)
    assert work(FakeCrawl(report())).step() is True
    assert held(store, job).state is JobState.DONE


@pytest.mark.parametrize(
    ("end", "state", "cause", "minutes"),
    [
        (report("blocked", "They refuse."), JobState.WAITING, Cause.BLOCKED, 60),
        (report("failed", "No answer."), JobState.WAITING, Cause.CONNECTION, 1),
        (StorageFullError("The disk is full."), JobState.WAITING, Cause.STORAGE_FULL, 1),
        (ConfigurationError(["no contact"]), JobState.FAILED, Cause.CONFIGURATION, None),
    ],
)
def test_a_job_that_failed_waits_as_long_as_its_cause_wants(end, state, cause, minutes, work, store, now, clock):
    job = ask(store, now)
    work(FakeCrawl(end)).step()
    kept = held(store, job)
    assert (kept.state, kept.cause) == (state, cause)
    if minutes is not None:
        clock.at = now + timedelta(minutes=minutes, seconds=-1)
        assert work(FakeCrawl()).step() is False
        clock.at = now + timedelta(minutes=minutes)
        assert work(FakeCrawl(report())).step() is True
        assert held(store, job).state is JobState.DONE


def test_attempts_end_with_the_last_one(work, store, now, clock):
    job = ask(store, now)
    worker = work(FakeCrawl(*[report("failed", "No answer.", connection_failed=1)] * 9))
    for _ in range(9):
        clock.at += timedelta(days=1)
        worker.step()
    kept = held(store, job)
    assert (kept.state, kept.cause, kept.attempt) == (JobState.FAILED, Cause.CONNECTION, 5)
    assert kept.reason == "No answer. Given up after 5 attempts."


def test_an_outlet_that_asked_to_be_left_alone_is_left_alone_as_long(work, store, now):
    register(store, now)
    with store.write() as tx:
        let_rest(tx, "gazette.example", now + timedelta(hours=9))
    job = ask(store, now)
    work(FakeCrawl(TryAgainError("gazette: asked to be left alone"))).step()
    assert held(store, job).not_before == now + timedelta(hours=9)
    assert held(store, job).cause is Cause.RATE_LIMITED


def test_a_stop_that_somebody_asks_for_elsewhere_ends_the_crawl(work, store, now):
    job = ask(store, now)

    def cancel():
        with store.write() as tx:
            ask_job_to_stop(tx, job.id, by="bob", now=now)

    crawl = FakeCrawl(report("partial", STOPPED), looks=3, meanwhile=cancel)
    work(crawl).step()
    assert crawl.ended_by_watch
    assert (held(store, job).state, held(store, job).reason) == (JobState.CANCELLED, "Stopped by bob.")


def test_a_worker_that_is_told_to_stop_gives_its_job_back_without_a_failure(work, store, now, stop):
    job = ask(store, now)
    crawl = FakeCrawl(report("partial", STOPPED), looks=3, meanwhile=stop.ask)
    work(crawl).step()
    kept = held(store, job)
    assert crawl.ended_by_watch
    assert (kept.state, kept.cause, kept.failures, kept.not_before) == (
        JobState.WAITING,
        Cause.WORKER_STOPPED,
        0,
        now,
    )


def test_a_worker_that_lost_its_lease_ends_its_crawl_and_writes_nothing(work, store, now, clock, caplog):
    job = ask(store, now)

    def another_takes_it():
        clock.at = now + timedelta(minutes=10)
        with store.write() as tx:
            assert claim_job(tx, worker="other", now=clock.at, lease=timedelta(minutes=1)).taken_over

    crawl = FakeCrawl(report("partial", STOPPED), looks=3, meanwhile=another_takes_it)
    work(crawl).step()
    kept = held(store, job)
    assert crawl.ended_by_watch
    assert (kept.state, kept.worker, kept.attempt) == (JobState.LEASED, "other", 2)
    assert "nothing was written" in caplog.text


def test_a_crawl_that_holds_too_much_memory_is_killed_with_that_cause(work, store, now, monkeypatch):
    job = ask(store, now)
    killed = []
    monkeypatch.setattr(module, "held_mb", lambda pid: 1 << 20)
    monkeypatch.setattr(module.os, "kill", lambda pid, number: killed.append((pid, number)))
    monkeypatch.setattr(module, "MEMORY_EVERY_S", -1.0)
    work(FakeCrawl(report("killed"), looks=3)).step()
    assert killed == [(os.getpid(), signal.SIGKILL)]
    assert (held(store, job).cause, held(store, job).reason) == (
        Cause.MEMORY,
        "The crawl used more memory than it may.",
    )


def test_a_crawl_that_takes_too_long_is_ended_with_that_cause(work, store, now, make_settings, database_settings):
    hasty = database_settings.model_copy(
        update={
            "crawler": database_settings.crawler.model_copy(update={"max_run_s": -2.0}),
            "operating": database_settings.operating.model_copy(update={"over_time_s": 1.0}),
        }
    )
    job = ask(store, now)
    work(FakeCrawl(report("partial", STOPPED), looks=3), hasty).step()
    assert held(store, job).cause is Cause.TIME
