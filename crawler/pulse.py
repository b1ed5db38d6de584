"""The sign of life of a part: who it is, how much space its disk has, and how far an indexer has read."""

from __future__ import annotations

import logging
import os
import socket
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from config.disk import free_bytes_of
from config.errors import WatchfloorError
from config.settings import Settings
from index.alerts.records import Beat, Part
from index.store import Store, Transaction
from index.store.beats import note_beat

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=15)


@dataclass(slots=True)
class Pulse:
    """The pulse of this process as one part."""

    part: Part
    settings: Settings
    started_at: datetime
    host: str = field(default_factory=socket.gethostname)
    _last: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        """Say whether the last sign of life is long enough ago; a clock that was set back makes it so too."""
        return self._last is None or not timedelta(0) <= now - self._last < EVERY

    def beat(self, tx: Transaction, now: datetime, *, position: int | None = None, ended: bool = False) -> None:
        """Give a sign of life in an open transaction."""
        free = free_bytes_of(self.settings.data.dir)
        note_beat(
            tx,
            Beat(
                part=self.part,
                host=self.host,
                pid=os.getpid(),
                started_at=self.started_at,
                at=now,
                ended_at=now if ended else None,
                free_mb=None if free is None else free // (1 << 20),
                least_mb=self.settings.crawler.min_free_mb,
                position=position,
            ),
        )
        self._last = now

    def beat_if_due(self, store: Store, now: datetime, *, position: int | None = None) -> None:
        """Give a sign of life when it is time."""
        if self.is_due(now):
            with store.write() as tx:
                self.beat(tx, now, position=position)

    def end(self, store: Store, now: datetime, *, position: int | None = None) -> None:
        """Say that this process stops in order, so that nobody misses it."""
        with store.write() as tx:
            self.beat(tx, now, position=position, ended=True)


def end_in_order(pulse: Pulse, store: Store, now: datetime, *, position: int | None = None) -> None:
    """Give the last sign of life and close the store. A database that is gone only makes this part be missed."""
    try:
        pulse.end(store, now, position=position)
    except WatchfloorError as error:
        log.warning("stopped without saying so in the database: %s", error, extra={"part": pulse.part.value})
    finally:
        store.close()
