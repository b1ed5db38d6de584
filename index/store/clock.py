"""The clock of the database: what processes on several machines agree on, and what no change of a local clock moves."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from index.store.engine import Store
from index.store.instants import server_instant

MEASURED_EVERY_S = 60.0
"""Seconds after which the database is asked again: two clocks drift apart by far less than a lease in that time."""


SET_S = 5.0
"""Seconds by which two looks may differ from each other beyond the time between them; else the clock was set."""


def database_now(store: Store) -> datetime:
    """Return the instant it is in the database, aware UTC; on SQLite that is this machine's clock."""
    with store.read() as tx:
        return server_instant(tx) or datetime.now(UTC)


class DatabaseClock:
    """The time of the database, told between two looks by this machine's monotonic clock.

    A local clock that is set forth or back in between changes nothing. `measure` asks the database when the last look
    is older than MEASURED_EVERY_S; it is not asked within a call, which may be made inside a transaction. Before the
    first look it is the local clock.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._measured: tuple[datetime, float] | None = None
        self._set_at: float | None = None

    def __call__(self) -> datetime:
        """Return the time, aware UTC."""
        if self._measured is None:
            return datetime.now(UTC)
        at, then = self._measured
        return at + timedelta(seconds=self._monotonic() - then)

    def measure(self, store: Store) -> None:
        """Ask the database where that is due. The answer is taken to be of the middle of the asking."""
        before = self._monotonic()
        if self._measured is not None and before - self._measured[1] < MEASURED_EVERY_S:
            return
        at = database_now(store)
        middle = (before + self._monotonic()) / 2
        if self._measured is not None:
            apart = at - self._measured[0] - timedelta(seconds=middle - self._measured[1])
            if abs(apart) > timedelta(seconds=SET_S):
                self._set_at = middle
        self._measured = at, middle

    def was_set(self, *, within_s: float) -> bool:
        """Say whether the clock was found to have been set forth or back within the last so many seconds."""
        return self._set_at is not None and self._monotonic() - self._set_at < within_s
