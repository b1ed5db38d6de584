"""The parts of `watchfloor up` as child processes: started, started again when they die, ended together.

A part ends when its standard input does, so none outlives the process that started it, however that one ended.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
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
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    deaths: int = 0  # in a row, each soon after its start

    def start(self, now: float) -> None:
        """Start its process, in a session of its own: a Ctrl-C in the terminal is for us, and we end it in order."""
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, env=environment_of_child(), start_new_session=True
        )
        self.started_at = now

    def look(self, now: float) -> None:
        """See whether it lives; start it again where its time has come."""
        if self.process is None:
            if now >= self.start_again_at:
                self.start(now)
            return
        code = self.process.poll()
        if code is None:
            return
        self._let_go()
        self.deaths = self.deaths + 1 if now - self.started_at < LIVED_S else 0
        wait = min(LONGEST_WAIT_S, 2.0 ** (self.deaths - 1)) if self.deaths else 0.0
        self.start_again_at = now + wait
        log.warning("%s died (%s); it is started again in %.0f s", self.name, how_it_ended(code), wait)

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
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()


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
    """Ask to stop when standard input ends, and end this process for good where it has not ended in its grace."""

    def watch() -> None:
        while os.read(0, 1 << 16):  # not by sys.stdin, whose lock this thread would hold at the end of the process
            pass
        stop.ask()
        time.sleep(GRACE_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
