"""A worker with a fake crawl and a clock of the tests: what it writes, when it stops, what it leaves to others."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from config.errors import ConfigurationError, StorageFullError, TryAgainError
from crawler import worker as module
from crawler.memory import held_mb
from crawler.orders import RunReport
from crawler.stopping import Stop, stopped_by_signals
from crawler.verdict import STOPPED
from crawler.worker import Worker, run_worker
from index.errors import BusyError, StoreError
from index.job_records import Cause, JobState, Wish
from index.outcomes import Outcome
from index.store.jobs import add_job, ask_job_to_stop, attach_run, claim_job, get_job, keep_lease
from index.store.outlets import let_rest
from index.store.runs import beat, finish_run, get_run, start_run
from tests.factories import register

NOBODY = 2**22 + 1


class FakeCrawl:
    """Answers with reports or errors in turn, and lets the watcher look a few times before."""

    def __init__(self, *ends, looks=0, meanwhile=lambda: None):
        self.ends = list(ends)
        self.looks = looks
        self.meanwhile = meanwhile
        self.asked = []
        self.ended_by_watch = False

    def __call__(self, name, limits=None, *, settings, url=None, job=None, watch=None):
        self.asked.append((name, limits.pages, url, job))
        self.meanwhile()
        for _ in range(self.looks):
            if watch(os.getpid()):
                self.ended_by_watch = True
                break
        end = self.ends.pop(0)
        if isinstance(end, Exception):
            raise end
        return end


def report(state="done", reason="", **counts):
    return RunReport(1, "gazette", state, reason, counts=counts)


@pytest.fixture
def clock(now):
    class Clock:
        at = now

        def __call__(self):
            return self.at

    return Clock()


@pytest.fixture
def stop():
    made = Stop()
    yield made
    made.close()


@pytest.fixture
def work(store, database_settings, clock, stop, monkeypatch):
    """Make a worker on the store with a fake crawl."""
    monkeypatch.setattr(module, "MOST_BETWEEN_BEATS_S", -1.0)  # a beat at each look

    def make(crawl, settings=database_settings):
        made = Worker(settings, stop, crawl=crawl, clock=clock)
        made._store = store
        return made

    return make


def ask(store, now, **wish):
    with store.write() as tx:
        return add_job(tx, Wish(**{"outlet": "gazette", **wish}), by="ann", now=now)


def held(store, job):
    with store.read() as tx:
        return get_job(tx, job.id)


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


def lost_job(store, now, *, state=None, reason="", pid=NOBODY):
    """Leave a job whose worker died after it had begun a run, which perhaps came to its end."""
    job = ask(store, now)
    with store.write() as tx:
        taken = claim_job(tx, worker="dead", now=now, lease=timedelta(seconds=60)).job
        run = start_run(tx, "gazette", kind="crawl", now=now, pid=pid, host=socket.gethostname())
        attach_run(tx, taken.id, taken.attempt, run.id)
        if state is not None:
            finish_run(tx, run.id, state=state, reason=reason, numbers={}, now=now)
    return job, run


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
