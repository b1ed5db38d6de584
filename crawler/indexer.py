"""The indexer: brings the index up whenever the change log has grown, and tidies it when nothing else is to do."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime

from config.errors import WatchfloorError
from config.settings import Settings
from crawler.pulse import Pulse, end_in_order
from crawler.stopping import Stop
from index.alerts.records import Part
from index.errors import BusyError
from index.search.opening import open_backend
from index.store import Store, open_store
from index.store.changes import last_change
from index.sync import SyncReport, sync

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
"""Seconds between two looks at the change log."""

REST_SHARE = 2.0
"""A sync is followed by a rest so many times as long, so that crawls beside it keep most of the machine."""

LONGEST_REST_S = 60.0
IDLE_BEFORE_TIDY_S = 30.0
LONGEST_PAUSE_S = 30.0


class _StopAskedError(Exception):
    """Ends a sync after a commit; the next one goes on from there."""


class Indexer:
    """What the indexer knows between two looks: how far the log was, and since when nothing has changed."""

    def __init__(self, settings: Settings, stop: Stop) -> None:
        self.settings = settings
        self.stop = stop
        self._store: Store | None = None
        self._seen: int | None = None
        self._idle_since = time.monotonic()
        self._tidied = False
        self.pulse = Pulse(Part.INDEXER, settings, datetime.now(UTC))

    def close(self) -> None:
        """Say that this indexer stops, and close the store."""
        if self._store is not None:
            end_in_order(self.pulse, self._store, datetime.now(UTC), position=self._seen)

    def step(self) -> float:
        """Sync where the log has grown since the last look, tidy after a while without; return how long to rest."""
        self._store = self._store or open_store(self.settings)
        self.pulse.beat_if_due(self._store, datetime.now(UTC), position=self._seen)
        with self._store.read() as tx:
            end = last_change(tx)
        started = time.monotonic()
        if end != self._seen:  # at the first look too: nobody knows how far the index is
            report = self._synced(self._store)
            if report is None:
                return LOOK_EVERY_S
            log.info("index brought up", extra={"indexed": report.indexed, "removed": report.deleted})
            self._seen, self._idle_since, self._tidied = end, time.monotonic(), False
        elif not self._tidied and started - self._idle_since > IDLE_BEFORE_TIDY_S:
            self._tidied = not self._tidy()
        self.pulse.beat_if_due(self._store, datetime.now(UTC), position=self._seen)
        return min(LONGEST_REST_S, max(LOOK_EVERY_S, REST_SHARE * (time.monotonic() - started)))

    def _synced(self, store: Store) -> SyncReport | None:
        """Bring the index up; None where it was told to stop on the way."""

        def look(_done: int, _all: int) -> None:
            if self.stop.asked:
                raise _StopAskedError

        backend = open_backend(self.settings)
        try:
            return sync(store, backend, settings=self.settings, progress=look)
        except _StopAskedError:
            return None
        finally:
            backend.close()

    def _tidy(self) -> bool:
        """Do one step of upkeep; False where there was none left."""
        backend = open_backend(self.settings)
        try:
            return backend.tidy()
        finally:
            backend.close()


def run_indexer(settings: Settings, stop: Stop) -> None:
    """Follow the change log until asked to stop. A database or index that is busy or does not answer is waited for."""
    indexer = Indexer(settings, stop)
    pause = LOOK_EVERY_S
    try:
        while not stop.asked:
            try:
                rest = indexer.step()
                pause = LOOK_EVERY_S
            except BusyError as error:
                log.info("index is left to another process: %s", error)
                rest = LOOK_EVERY_S
            except WatchfloorError as error:
                log.warning("index not brought up: %s", error)
                rest = pause = min(LONGEST_PAUSE_S, pause * 2)
            stop.wait(rest)
    finally:
        indexer.close()
