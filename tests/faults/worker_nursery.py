"""A process that forks workers on demand, each with a crawl that is a short child process of its own.

`spawn` on standard input gives a line with the worker's process number. Whoever dies, also without a parent, is reaped
here. Each crawl writes a line to the log folder: its process, and whether its outlet was being crawled already.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import random
import signal
import socket
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.settings import Settings
from crawler.lifeline import die_with_parent
from crawler.orders import RunReport
from crawler.run import Watch
from crawler.stopping import stopped_by_signals
from crawler.worker import run_worker
from index.errors import BusyError
from index.store import open_store
from index.store.jobs import attach_run
from index.store.runs import finish_run, get_run, start_run

PR_SET_CHILD_SUBREAPER = 36
BUSY_EXIT = 75
LONGEST_CRAWL_S = float(os.environ.get("TEST_CRAWL_S", "0.12"))


class ForkedCrawl:
    """A crawl that is a fork: it begins a run for its job, works for some milliseconds, and ends the run."""

    def __init__(self, settings: Settings, logs: Path) -> None:
        self.settings = settings
        self.logs = logs

    def __call__(
        self,
        name: str,
        limits: object = None,
        *,
        settings: Settings,
        url: str | None = None,
        job: tuple[int, int] | None = None,
        watch: Watch | None = None,
    ) -> RunReport:
        assert job is not None and watch is not None
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            os._exit(self.child(name, job, parent))
        while True:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                break
            if watch(child):
                os.kill(child, signal.SIGKILL)
            time.sleep(0.01)
        code = os.waitstatus_to_exitcode(status)
        if code == BUSY_EXIT:
            raise BusyError(f"{name}: another run is under way.")
        return RunReport(None, name, "done" if code == 0 else "killed")

    def child(self, name: str, job: tuple[int, int], parent: int) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        die_with_parent()
        if os.getppid() != parent:
            return 1
        store = open_store(self.settings)
        try:
            with store.write() as tx:
                now = datetime.now(UTC)
                run = start_run(tx, name, kind="crawl", now=now, pid=os.getpid(), host=socket.gethostname())
                attach_run(tx, *job, run.id)
        except BusyError:
            return BUSY_EXIT
        with (self.logs / f"{name}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                seen = "alone"
            except BlockingIOError:
                seen = "TWICE"
            self.log(f"{os.getpid()} {name} {job[0]} {job[1]} {seen} {time.monotonic()}")
            time.sleep(random.uniform(0.0, LONGEST_CRAWL_S))
            with store.write() as tx:
                held = get_run(tx, run.id)
                if held is None or held.state != "running":
                    self.log(f"{os.getpid()} {name} {job[0]} {job[1]} JUDGED-DEAD {time.monotonic()}")
                finish_run(tx, run.id, state="done", reason="", numbers={}, now=datetime.now(UTC))
        return 0

    def log(self, line: str) -> None:
        handle = os.open(self.logs / "crawls", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(handle, f"{line}\n".encode())
        os.close(handle)


def work(settings: Settings, logs: Path) -> None:
    """Be a worker until stopped."""
    with stopped_by_signals() as stop:
        run_worker(settings, stop, crawl=ForkedCrawl(settings, logs))


def main() -> None:
    """Fork a worker for each line of standard input."""
    settings = Settings.model_validate_json(sys.stdin.readline())
    logs = Path(sys.stdin.readline().strip())
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # which reaps whoever dies
    open_store(settings).close()  # what this imports, no worker has to
    nursery = os.getpid()
    for _ in iter(sys.stdin.readline, ""):
        worker = os.fork()
        if worker == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            die_with_parent(signal.SIGKILL)
            arguments: tuple[Any, ...] = (settings, logs)
            if os.getppid() == nursery:
                work(*arguments)
            os._exit(0)
        print(worker, flush=True)


if __name__ == "__main__":
    main()
