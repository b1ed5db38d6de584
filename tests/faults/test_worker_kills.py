"""Workers killed at random moments: every job ends once, no run is recorded twice, nothing is left running."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.job_records import JobState, Wish
from index.store import open_store
from index.store.jobs import add_job, count_jobs, list_jobs
from index.store.runs import list_runs
from tests.faults.worker_nursery import LONGEST_CRAWL_S

JOBS = 80
OUTLETS = 12
WORKERS = 3
KILLS = int(os.environ.get("TEST_KILLS", "8"))
LEASE_S = float(os.environ.get("TEST_LEASE_S", "1"))
PATIENCE_S = 120 + 10 * KILLS

pytestmark = [pytest.mark.faults, pytest.mark.timeout(PATIENCE_S + 60)]


class Nursery:
    """Workers as processes, one killed and another begun in its place."""

    def __init__(self, settings, logs: Path) -> None:
        self.logs = logs
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.worker_nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            cwd=Path(__file__).parent.parent.parent,
        )
        self.say(settings.model_dump_json())
        self.say(str(logs))

    def say(self, line: str) -> None:
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def spawn(self) -> int:
        self.say("spawn")
        return int(self.process.stdout.readline())

    def crawls(self) -> list[list[str]]:
        log = self.logs / "crawls"
        return [line.split() for line in log.read_text().splitlines()] if log.exists() else []

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def lease_s():
    return LEASE_S


@pytest.fixture
def settings(database_settings, make_settings, lease_s):
    operating = {"lease_s": lease_s, "max_attempts": 100, "retry_short_s": 0.2}
    return make_settings(database={"url": database_settings.database.url}, operating=operating)


@pytest.fixture
def nursery(settings, tmp_path) -> Iterator[Nursery]:
    made = Nursery(settings, tmp_path)
    yield made
    made.close()


def test_every_job_ends_once_whoever_is_killed(nursery, settings):
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    dice = random.Random(seed)
    store = open_store(settings)
    now = datetime.now(UTC)
    with store.write() as tx:
        for number in range(JOBS):
            add_job(tx, Wish(f"outlet{number % OUTLETS}"), by="test", now=now)
    workers = [nursery.spawn() for _ in range(WORKERS)]
    deadline = time.monotonic() + PATIENCE_S
    killed: dict[tuple[str, str], float] = {}  # when, by job and attempt; those that hit nobody at work by their number
    while True:
        with store.read() as tx:
            counts = count_jobs(tx)
            leased = {int(job.worker.rpartition(":")[2]): job for job in list_jobs(tx, states=[JobState.LEASED])}
        if counts[JobState.WAITING] + counts[JobState.LEASED] == 0:
            break
        assert time.monotonic() < deadline, (seed, counts)
        if len(killed) < KILLS:
            at_work = [place for place in range(WORKERS) if workers[place] in leased]
            place = dice.choice(at_work) if at_work and dice.random() < 0.8 else dice.randrange(WORKERS)
            time.sleep(dice.uniform(0.0, LONGEST_CRAWL_S))
            os.kill(workers[place], signal.SIGKILL)
            job = leased.get(workers[place])
            killed[(str(job.id), str(job.attempt)) if job else ("idle", str(len(killed)))] = time.monotonic()
            workers[place] = nursery.spawn()
        time.sleep(dice.uniform(0.02, 0.3))
    for worker in workers:
        os.kill(worker, signal.SIGTERM)
    while any(map(is_alive, workers)):
        assert time.monotonic() < deadline, seed
        time.sleep(0.02)
    with store.read() as tx:
        jobs = list_jobs(tx, limit=10_000)
        runs = {run.id: run for run in list_runs(tx, limit=10_000)}
    store.close()
    crawls = nursery.crawls()
    again = {(line[2], str(int(line[3]) - 1)): float(line[5]) for line in crawls}
    waited = [again[key] - at for key, at in killed.items() if key in again]
    print(f"{len(killed)} kills, {len(waited)} crawls begun anew, {max(waited, default=0):.1f} s later at the most;")
    print(f"{len(runs)} runs, {dict(Counter(job.attempt for job in jobs))} jobs by attempts")
    assert Counter(job.state for job in jobs) == {JobState.DONE: JOBS}, seed
    assert len({job.run_id for job in jobs}) == JOBS, seed
    assert all(runs[job.run_id].state == "done" and runs[job.run_id].outlet == job.outlet for job in jobs), seed
    assert Counter(run.state for run in runs.values())["done"] == JOBS, seed
    assert {run.state for run in runs.values()} <= {"done", "killed"}, seed
    assert {line[4] for line in crawls} == {"alone"}, (seed, crawls)
    assert not [line for line in crawls if is_alive(int(line[0]))], seed


@pytest.mark.parametrize("lease_s", [60])  # that no worker is taken for dead, however busy the machine
def test_workers_that_are_told_to_stop_give_back_what_they_have(nursery, settings):
    store = open_store(settings)
    with store.write() as tx:
        for number in range(JOBS):
            add_job(tx, Wish(f"outlet{number}"), by="test", now=datetime.now(UTC))
    workers = [nursery.spawn() for _ in range(WORKERS)]
    deadline = time.monotonic() + 60
    while len(nursery.crawls()) < 10:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    for worker in workers:
        os.kill(worker, signal.SIGTERM)
    while any(map(is_alive, workers)):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    with store.read() as tx:
        counts, jobs = count_jobs(tx), list_jobs(tx, limit=JOBS)
    store.close()
    assert counts[JobState.LEASED] == 0
    assert counts[JobState.WAITING] + counts[JobState.DONE] == JOBS
    assert {job.failures for job in jobs} == {0}
