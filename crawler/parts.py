"""The parts of `watchfloor up` as child processes: started, started again when they die, ended together.

A part ends when its standard input does, so none outlives the process that started it, however that one ended. The
other way a part says on it that it works: one that hangs does not die, and would be missed by nobody here.
"""

from __future__ import annotations

import logging
import os
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from crawler.lifeline import environment_of_child
from crawler.run import STOP_GRACE_S
from crawler.stopping import Stop

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
GRACE_S = STOP_GRACE_S + 10.0
"""Seconds the parts get to end in order; a worker gives its crawl the shorter grace of a run. Then they are killed."""

LIVED_S = 60.0
"""A part that lived so long before it died is started again at once; one that dies sooner waits ever longer."""

LONGEST_WAIT_S = 60.0


@dataclass(slots=True)
class Part:
    """One part: how it is called, its command, and its process while it runs."""

    name: str
    command: Sequence[str]
    hung_after_s: float | None = None  # without a sign of life for so long it is killed; None: it gives none
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    deaths: int = 0  # in a row, each soon after its start
    _line: socket.socket | None = None  # our end of its standard input
    _heard_at: float = 0.0

    def start(self, now: float) -> None:
        """Start its process, in a session of its own: a Ctrl-C in the terminal is for us, and we end it in order."""
        ours, its = socket.socketpair()
        ours.setblocking(False)
        with its:
            try:
                self.process = subprocess.Popen(
                    self.command, stdin=its.fileno(), env=environment_of_child(), start_new_session=True
                )
            except OSError:
                ours.close()
                raise
        self._line = ours
        self.started_at = self._heard_at = now

    def look(self, now: float) -> None:
        """See whether it lives; start it again where its time has come."""
        if self.process is None:
            if now >= self.start_again_at:
                self._start_again(now)
            return
        code = self.process.poll()
        if code is None:
            self._listen(now)
            return
        self._let_go()
        self.deaths = self.deaths + 1 if now - self.started_at < LIVED_S else 0
        wait = min(LONGEST_WAIT_S, 2.0 ** (self.deaths - 1)) if self.deaths else 0.0
        self.start_again_at = now + wait
        log.warning("%s died (%s); it is started again in %.0f s", self.name, how_it_ended(code), wait)

    def _start_again(self, now: float) -> None:
        """Start it, or later where the system has no process left to give."""
        try:
            self.start(now)
        except OSError as error:
            self.deaths += 1
            wait = min(LONGEST_WAIT_S, 2.0 ** (self.deaths - 1))
            self.start_again_at = now + wait
            log.warning("%s cannot be started (%s); it is tried again in %.0f s", self.name, error.strerror, wait)

    def _listen(self, now: float) -> None:
        """Take note of its signs of life; kill it when it has given none for too long."""
        if self.process is None or self._line is None or self.hung_after_s is None:
            return
        with suppress(OSError):  # nothing to be read
            if self._line.recv(1 << 16):
                self._heard_at = now
        if now - self._heard_at > self.hung_after_s:
            log.warning("%s gave no sign of life for %.0f s and is killed", self.name, now - self._heard_at)
            self.process.kill()
            self._heard_at = now

    def end(self) -> None:
        """Ask it to end."""
        if self.process is not None:
            self.process.terminate()
            self._close_input()

    def wait(self, until: float) -> None:
        """Wait for its end; kill it when it takes too long."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("%s did not end in time and is killed", self.name)
            self.process.kill()
            self.process.wait()
        self._let_go()

    def _let_go(self) -> None:
        self._close_input()
        self.process = None

    def _close_input(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


@dataclass(slots=True)
class Parts:
    """All parts together."""

    parts: list[Part] = field(default_factory=list)

    def run(self, stop: Stop) -> None:
        """Start all parts and keep them alive until asked to stop; then end them in order."""
        try:
            while not stop.asked:
                now = time.monotonic()
                for part in self.parts:
                    part.look(now)
                stop.wait(LOOK_EVERY_S)
        finally:
            self.end()

    def end(self) -> None:
        """End all parts, each within its grace."""
        for part in self.parts:
            part.end()
        until = time.monotonic() + GRACE_S
        for part in self.parts:
            part.wait(until)


def how_it_ended(code: int) -> str:
    """Say how a process ended by its return code."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def command_of(*arguments: str, config_file: object = None) -> list[str]:
    """Return the command of a part: this program, by the interpreter that runs us."""
    chosen = ["--config", str(config_file)] if config_file else []
    return [sys.executable, "-P", "-c", "from config.cli import main; main()", *chosen, *arguments]


def end_with_stdin(stop: Stop) -> None:
    """Ask to stop when standard input ends, and end this process for good where it has not ended in its grace.

    On the same line `stop` says that this process works, as often as it is asked or waited for.
    """

    def watch() -> None:
        with suppress(OSError):  # reset: the other end went with signs of life unread
            while os.read(0, 1 << 16):  # not by sys.stdin, whose lock this thread would hold at the end of the process
                pass
        stop.ask()
        time.sleep(GRACE_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    if stat.S_ISSOCK(os.fstat(0).st_mode):
        stop.line = socket.socket(fileno=os.dup(0))
