"""Jobs whose worker, crawl or database is lost: taken over, waited for, given up, each with its cause."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from datetime import timedelta

import pytest

from config.errors import StorageFullError
from crawler import worker as module
from crawler.memory import held_mb
from crawler.stopping import stopped_by_signals
from crawler.verdict import STOPPED
from crawler.worker import Worker, run_worker
from index.errors import BusyError, StoreError
from index.job_records import Cause, JobState
from index.outcomes import Outcome
from index.store.jobs import ask_job_to_stop, attach_run, claim_job
from index.store.runs import beat, finish_run, get_run, start_run
from tests.crawler.worker.trials import NOBODY, FakeCrawl, ask, held, lost_job, report


def test_a_job_of_a_dead_worker_is_run_again_and_its_run_marked_killed(work, store, now, clock):
    job, run = lost_job(store, now)
    clock.at = now + timedelta(seconds=60)
    crawl = FakeCrawl(report())
    assert work(crawl).step() is True
    assert crawl.asked[0][3] == (job.id, 2)
    with store.read() as tx:
        assert get_run(tx, run.id).state == "killed"
    assert (held(store, job).state, held(store, job).failures) == (JobState.DONE, 1)


def test_a_run_that_came_to_its_end_before_its_worker_died_is_not_repeated(work, store, now, clock):
    job, run = lost_job(store, now, state="budget", reason="The budget was used up.")
    clock.at = now + timedelta(seconds=60)
    crawl = FakeCrawl()
    work(crawl).step()
    ended = held(store, job)
    assert crawl.asked == []
    assert (ended.state, ended.reason, ended.run_id) == (JobState.DONE, "The budget was used up.", run.id)


def test_a_run_that_goes_on_without_its_worker_is_waited_for(work, store, now, clock):
    job, _ = lost_job(store, now, pid=os.getpid())
    clock.at = now + timedelta(seconds=60)
    crawl = FakeCrawl()
    work(crawl).step()
    assert crawl.asked == []
    assert (held(store, job).state, held(store, job).cause) == (JobState.WAITING, Cause.BUSY)


def test_a_run_that_ended_well_after_its_worker_was_lost_is_not_repeated(work, store, now, clock):
    job, run = lost_job(store, now, pid=os.getpid())
    clock.at = now + timedelta(seconds=60)
    crawl = FakeCrawl()
    work(crawl).step()
    with store.write() as tx:
        finish_run(tx, run.id, state="done", reason="", numbers={}, now=clock.at)
    clock.at += timedelta(seconds=5)
    assert work(crawl).step() is True
    assert (crawl.asked, held(store, job).state, held(store, job).run_id) == ([], JobState.DONE, run.id)


def test_a_run_that_hangs_after_its_worker_was_lost_is_waited_for_no_longer_than_its_beat_tells(
    work, store, now, clock, monkeypatch
):
    job, run = lost_job(store, now, pid=os.getpid())
    with store.write() as tx:
        beat(tx, run.id, now + timedelta(seconds=58))
    clock.at = now + timedelta(seconds=60)
    crawl = FakeCrawl(report())
    worker = work(crawl)
    monkeypatch.setattr(module, "end_crawl", lambda _pid, *, begun_at: False)  # it cannot be killed
    for _ in range(40):
        worker.step()
        clock.at += timedelta(seconds=2)
    assert crawl.asked == [("gazette", None, None, (job.id, held(store, job).attempt))]
    assert held(store, job).failures == 1
    with store.read() as tx:
        assert get_run(tx, run.id).state == "killed"


def test_a_crawl_of_a_lost_worker_that_gives_no_sign_of_life_is_killed_before_its_job_is_taken(
    work, store, now, clock, monkeypatch
):
    killed = []
    monkeypatch.setattr(module, "end_crawl", lambda pid, *, begun_at: killed.append((pid, begun_at)))
    _, run = lost_job(store, now, pid=os.getpid())
    with store.write() as tx:
        beat(tx, run.id, now + timedelta(seconds=50))
    clock.at = now + timedelta(seconds=60)
    work(FakeCrawl()).step()
    assert killed == []  # it beats: it ends by itself, or goes on
    clock.at += timedelta(seconds=6)
    work(FakeCrawl()).step()
    assert killed == [(os.getpid(), now)]


def test_a_lock_that_a_hung_crawl_of_a_lost_worker_holds_is_freed(database_settings, store, now, stop, monkeypatch):
    killed = []

    def end(pid, *, begun_at):
        killed.append(pid)
        stop.ask()

    def locked(*_):
        raise BusyError("Somebody keeps it.")

    monkeypatch.setattr(module, "end_crawl", end)
    monkeypatch.setattr(Worker, "step", locked)
    monkeypatch.setattr(module, "IDLE_S", 0.01)
    lost_job(store, now, pid=os.getpid())  # long ago
    run_worker(database_settings, stop, crawl=FakeCrawl())
    assert killed == [os.getpid()]


@pytest.mark.parametrize("error", [StoreError("Gone."), BusyError("Kept."), StorageFullError("Full.")])
def test_what_came_of_a_job_is_written_when_the_database_takes_it(error, work, store, now, monkeypatch, caplog):
    refusals = [error, error]
    real = Worker._kept

    def kept(self, job, following):
        if refusals:
            raise refusals.pop()
        return real(self, job, following)

    monkeypatch.setattr(Worker, "_kept", kept)
    monkeypatch.setattr(module, "LONGEST_PAUSE_S", 0.0)
    job = ask(store, now)
    work(FakeCrawl(StoreError("The database does not answer."))).step()
    assert (held(store, job).state, held(store, job).cause) == (JobState.WAITING, Cause.DATABASE)
    assert [one.getMessage() for one in caplog.records if "not let go" in one.getMessage()] == [
        f"job not let go yet: {error}"
    ]


def test_a_run_that_could_not_write_its_end_gets_the_cause_of_its_job(work, store, now):
    def died():
        with store.write() as tx:
            run = start_run(tx, "gazette", kind="crawl", now=now, pid=NOBODY, host=socket.gethostname())
            attach_run(tx, job.id, 1, run.id)

    job = ask(store, now)
    work(FakeCrawl(StorageFullError("The disk is full; free space."), meanwhile=died)).step()
    with store.read() as tx:
        run = get_run(tx, held(store, job).run_id)
    assert (run.state, run.reason) == ("killed", "The disk is full; free space.")
    assert held(store, job).cause is Cause.STORAGE_FULL


@pytest.mark.parametrize(("state", "reason"), [("killed", "The crawl process died."), ("partial", STOPPED)])
def test_a_run_that_was_ended_from_here_says_for_what(state, reason, work, store, now, monkeypatch):
    def ended():
        with store.write() as tx:
            run = start_run(tx, "gazette", kind="crawl", now=now, pid=NOBODY, host=socket.gethostname())
            attach_run(tx, job.id, 1, run.id)
            finish_run(tx, run.id, state=state, reason=reason, numbers={}, now=now)

    monkeypatch.setattr(module, "held_mb", lambda _pid: 10**6)
    monkeypatch.setattr(module.os, "kill", lambda _pid, _number: None)
    job = ask(store, now)
    work(FakeCrawl(report(state, reason), looks=1, meanwhile=ended)).step()
    with store.read() as tx:
        run = get_run(tx, held(store, job).run_id)
    assert (run.state, run.reason) == (state, f"{Cause.MEMORY.sentence} {module.KEPT}")


def test_a_stop_that_is_asked_for_after_the_last_look_leaves_nothing_to_be_tried_again(work, store, now):
    def called_off():
        with store.write() as tx:
            ask_job_to_stop(tx, job.id, by="ann", now=now)

    job = ask(store, now)
    work(FakeCrawl(report("failed", "No answer."), meanwhile=called_off)).step()
    ended = held(store, job)
    assert (ended.state, ended.cause, ended.reason) == (JobState.CANCELLED, Cause.STOPPED, "Stopped by ann.")


def test_the_last_failure_of_a_job_is_counted_too(work, store, now, clock):
    job = ask(store, now)
    worker = work(FakeCrawl(*[report("failed", "No answer.")] * 5))
    for _ in range(5):
        worker.step()
        clock.at += timedelta(hours=2)
    assert (held(store, job).state, held(store, job).failures) == (JobState.FAILED, 5)


def test_a_job_that_costs_every_worker_its_life_is_given_up(work, store, now, clock):
    job = ask(store, now)
    for _ in range(5):
        with store.write() as tx:
            claim_job(tx, worker="dead", now=clock.at, lease=timedelta(seconds=60))
        clock.at += timedelta(seconds=60)
    crawl = FakeCrawl()
    work(crawl).step()
    assert crawl.asked == []
    assert (held(store, job).state, held(store, job).cause) == (JobState.FAILED, Cause.WORKER_LOST)


def test_a_database_that_does_not_answer_is_waited_for(database_settings, stop, monkeypatch, caplog):
    def step(_self):
        if len(caplog.records) == 2:
            stop.ask()
        raise StoreError("The database does not answer.")

    monkeypatch.setattr(Worker, "step", step)
    monkeypatch.setattr(module, "LONGEST_PAUSE_S", 0.0)
    run_worker(database_settings, stop, crawl=FakeCrawl())
    assert [record.getMessage() for record in caplog.records] == ["no work: The database does not answer."] * 3


def test_a_signal_ends_every_wait():
    with stopped_by_signals() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(60) is True


def test_memory_of_a_process_counts_those_it_started():
    code = (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'x = bytearray(60 << 20); print(1); input()'])"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    parent.stdout.readline()
    with_child = held_mb(parent.pid)
    parent.communicate(b"\n")
    assert with_child >= 60
    assert held_mb(parent.pid) == 0


def test_outcome_names_are_those_the_causes_are_read_from():
    assert Outcome.RATE_LIMITED == "rate_limited"
