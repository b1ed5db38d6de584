"""A process that works until it is told to stop: SIGINT and SIGTERM set a flag that ends every wait at once."""

from __future__ import annotations

import os
import select
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType


class Stop:
    """Whether to stop, and a sleep that ends when it is asked for. Make one for the life of a process.

    `line` is a way to say that this process works, to whoever started it.
    """

    def __init__(self) -> None:
        self.asked = False
        self.line: socket.socket | None = None
        self._said_at = 0.0
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)

    def ask(self) -> None:
        """Ask to stop. A second time changes nothing."""
        if not self.asked:
            self.asked = True
            os.write(self._writer, b"x")  # a pipe, for a lock taken in a signal handler may never be free

    def wait(self, seconds: float) -> bool:
        """Sleep, at most until somebody asks to stop; return whether that is so."""
        self.say_alive()
        if not self.asked and seconds > 0:
            select.select([self._reader], [], [], seconds)
        return self.asked

    def say_alive(self) -> None:
        """Say that this process works, once a second at the most; nobody need listen."""
        now = time.monotonic()
        if self.line is None or now - self._said_at < 1.0:
            return
        self._said_at = now
        with suppress(OSError):  # the other end is full, or gone
            self.line.send(b".", socket.MSG_DONTWAIT)

    def close(self) -> None:
        """Give the pipe and the line back."""
        if self.line is not None:
            self.line.close()
            self.line = None
        os.close(self._reader)
        os.close(self._writer)


@contextmanager
def stopped_by_signals() -> Iterator[Stop]:
    """Give a Stop that SIGINT and SIGTERM of this process ask; only the main thread hears them."""
    stop = Stop()

    def ask(_signum: int, _frame: FrameType | None) -> None:
        stop.ask()

    heard = (signal.SIGINT, signal.SIGTERM) if threading.current_thread() is threading.main_thread() else ()
    before = {number: signal.signal(number, ask) for number in heard}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        stop.close()
