"""The one door to start a crawl: crawl_outlet() runs one outlet in a child process and tells how it ended.

Scrapy is not imported here: one crawl is one process with one reactor, and this is not that process.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import IO, Any

from config.errors import (
    ConfigurationError,
    StorageFullError,
    TryAgainError,
    UsageError,
    WatchfloorError,
)
from config.faults import akin
from config.outlets import OutletSpec, read_outlet_files
from config.settings import Settings
from crawler.lifeline import environment_of_child
from crawler.orders import Limits, Order, Progress, RunReport
from index.errors import BusyError, StoreError
from index.store import open_store
from index.store.leads import release_leads
from index.store.runs import finish_run, get_run

STOP_GRACE_S = 30.0
"""Seconds a child gets to end in order after a signal; then it is killed."""

SILENCE_S = 180.0
"""Seconds without a sign of life after which a child is taken for hung and killed. It reports every few seconds."""

OnProgress = Callable[[Progress], None]

Watch = Callable[[int], bool]
"""Called about twice a second with the child's process number; True: it is to end in order, within its grace.

Whoever watches decides about signals too: this process's own are not passed on then.
"""


def crawl_outlet(
    name: str,
    limits: Limits | None = None,
    *,
    settings: Settings,
    replay: Path | None = None,
    url: str | None = None,
    check: tuple[str, ...] = (),
    job: tuple[int, int] | None = None,
    turns_in: str = "",
    on_progress: OnProgress | None = None,
    watch: Watch | None = None,
) -> RunReport:
    """Crawl one outlet now in a child process and return how it ended.

    `replay` answers every request from a WARC file, without network; `url` asks for that address alone, `check`
    for these, to see whether they answer; `job` is the id and attempt of the job it is for. `turns_in` is the database
    of an archive whose crawls may ask the same hosts, where the settings name another one.
    SIGINT and SIGTERM of this process end the child in order. Raises UsageError for an unknown outlet,
    ConfigurationError before a first request without contact, StorageFullError below the disk guard,
    BusyError while another run of this outlet is alive.
    """
    from crawler.network.settings import why_no_contact  # pulls in Scrapy

    spec = find_outlet(name, settings)
    if replay is None:
        refusal = why_no_contact(settings, spec)
        if refusal:
            raise ConfigurationError([refusal])
    elif not replay.is_file():
        raise UsageError(f"{replay}: no such WARC file; name one that `crawl` or another tool wrote.")
    guard_disk(settings)
    recorded = None if replay is None else replay.absolute()
    order = Order(settings, name, limits or Limits(), recorded, url, check, job, turns_in)
    return _Child(order, on_progress, watch).run()


def find_outlet(name: str, settings: Settings) -> OutletSpec:
    """Return the outlet's definition.

    Raises UsageError naming those there are, ConfigurationError for one that was left out with its package's faults.
    """
    files = read_outlet_files(settings.outlet_folders)
    if files.faults:
        raise ConfigurationError(files.faults)
    if name in files.specs:
        return files.specs[name]
    if name in files.left_out:
        raise ConfigurationError(list(files.left_out[name]))
    raise UsageError(f"{name}: no outlet of that name{akin(name, files.specs)}; `watchfloor outlets list` names all.")


def guard_disk(settings: Settings) -> None:
    """Raise StorageFullError when the disk of the data folder has less free than `crawler.min_free_mb`."""
    settings.data.dir.mkdir(parents=True, exist_ok=True)
    free_mb = shutil.disk_usage(settings.data.dir).free // (1 << 20)
    if free_mb < settings.crawler.min_free_mb:
        raise StorageFullError(
            f"{settings.data.dir}: {free_mb} MB free, under crawler.min_free_mb = {settings.crawler.min_free_mb}; "
            "free space, then repeat: what was stored is kept and search goes on."
        )


class _Child:
    """One crawl process seen from outside: started, listened to, stopped, and its end explained."""

    def __init__(self, order: Order, on_progress: OnProgress | None, watch: Watch | None = None) -> None:
        self.order = order
        self.on_progress = on_progress
        self.watch = watch
        self.run_id: int | None = None
        self.report: RunReport | None = None
        self.error: dict[str, Any] | None = None
        self.last_progress = Progress()
        self.kill_at: float | None = None
        self.hung = False

    def run(self) -> RunReport:
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "crawler.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment_of_child(),
            start_new_session=True,  # a Ctrl-C in the terminal reaches us, and we pass it on once
        )
        try:
            with self._signals_passed_on(process):
                self._hand_over(process)
                self._listen(process)
                process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            _pipe(process.stdout).close()
        if self.error is not None:
            raise _error_from(self.error)
        report = self.report or self._explain_death(process.returncode, time.monotonic() - started)
        return replace(report, stop_asked=self.kill_at is not None)

    def _hand_over(self, process: subprocess.Popen[bytes]) -> None:
        pipe = _pipe(process.stdin)
        try:
            pipe.write(self.order.to_json().encode())
            pipe.close()
        except BrokenPipeError:
            return  # it died before reading; its exit code tells the rest

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        """Read the child's lines until it closes its end; kill it when it hangs or outlives its grace."""
        pipe = _pipe(process.stdout)
        heard_at = time.monotonic()
        rest = b""
        while True:
            ready, _, _ = select.select([pipe], [], [], 0.5)
            now = time.monotonic()
            if ready:
                piece = os.read(pipe.fileno(), 1 << 16)
                if not piece:
                    return
                heard_at = now
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    self._hear(json.loads(line))
            if now - heard_at > SILENCE_S and not self.hung:
                self.hung = True
                process.kill()
            if self.watch is not None and self.kill_at is None and self.watch(process.pid):
                self._end(process)
            if self.kill_at is not None and now > self.kill_at:
                process.kill()

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        self.kill_at = self.kill_at or time.monotonic() + STOP_GRACE_S
        process.send_signal(signal.SIGTERM)

    def _hear(self, message: dict[str, Any]) -> None:
        if "run_id" in message:
            self.run_id = message["run_id"]
        if "progress" in message:
            self.last_progress = Progress(**message["progress"])
            if self.on_progress is not None:
                self.on_progress(self.last_progress)
        if "report" in message:
            self.report = RunReport.from_json(message["report"])
        if "error" in message:
            self.error = message["error"]

    @contextmanager
    def _signals_passed_on(self, process: subprocess.Popen[bytes]) -> Iterator[None]:
        """Pass SIGINT and SIGTERM on to the child while it runs; only the main thread may."""
        if self.watch is not None or threading.current_thread() is not threading.main_thread():
            yield
            return

        def pass_on(_signum: int, _frame: FrameType | None) -> None:
            self._end(process)

        before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _explain_death(self, returncode: int, seconds: float) -> RunReport:
        """Mark the run of a child that died without a report as killed, let its leads wait again, and say so.

        One that had come to its end before, and died with the report in its hand, is what its row says.
        """
        cause = f"signal {-returncode}" if returncode < 0 else f"exit code {returncode}"
        if self.hung:
            cause = f"no sign of life for {SILENCE_S:.0f} s"
        reason = f"The crawl process died ({cause}); what it had stored is kept, its leads wait for the next run."
        counts = dict(self.last_progress.counts)
        state = "killed"
        if self.run_id is not None:
            now = datetime.now(UTC)
            store = open_store(self.order.settings)
            try:
                with store.write() as tx:
                    run = get_run(tx, self.run_id)
                    if run is None or run.finished_at is None:
                        release_leads(tx, self.run_id, now=now)
                        numbers = {"asked": self.last_progress.asked}
                        run = finish_run(tx, self.run_id, state=state, reason=reason, numbers=numbers, now=now)
                counts, state, reason = dict(run.counts), run.state, run.reason
            finally:
                store.close()
        kind = "crawl" if self.order.replay is None else "replay"
        return RunReport(
            self.run_id,
            self.order.outlet,
            state,
            reason,
            kind=kind,
            fetched=self.last_progress.asked,
            counts=counts,
            seconds=seconds,
            hung=self.hung,
        )


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise RuntimeError("the child was started without a pipe")
    return pipe


def _error_from(parts: dict[str, Any]) -> WatchfloorError:
    """Make the child's error anew: same sentence, same exit code, and the class its callers look for."""
    if parts["kind"] == BusyError.__name__:
        return BusyError(parts["message"])
    if parts["kind"] == StoreError.__name__:
        return StoreError(parts["message"])
    if parts["kind"] == ConfigurationError.__name__:
        return ConfigurationError(parts["faults"])
    by_code = {kind.exit_code: kind for kind in (StorageFullError, UsageError, TryAgainError)}
    return by_code.get(parts["exit_code"], WatchfloorError)(parts["message"])
