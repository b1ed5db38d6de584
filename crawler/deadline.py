"""A time limit for work that may never end: parsers on hostile pages. Knows nothing of pages."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

AGAIN_S = 0.5
"""The alarm rings again until it is heard: code in between may swallow any exception."""


class DeadlinePassed(Exception):  # noqa: N818  (it is no error of ours)
    """The work inside a deadline took too long and was broken off."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Break the block off with DeadlinePassed after so many seconds, where signals can (the main thread).

    Code that runs long without coming back to Python (a C library) is broken off only when it returns; a crawl process
    that stays silent for longer is killed by its parent.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise DeadlinePassed(f"took longer than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Stop the clock of a deadline until the block ends: it is broken off by none, and its time is not counted.

    For imports: one that is broken off leaves half a module behind, which every later page of the process then meets.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    left, again = signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        yield
    finally:
        if left:
            signal.setitimer(signal.ITIMER_REAL, left, again)
