"""What a scheduler does beside its schedules: retention once a day, takedowns that are not overwritten yet each hour.

In a thread of its own, for it may take minutes and no firing shall wait; of several schedulers one does it.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta

from config.errors import WatchfloorError
from config.settings import Settings
from crawler.stopping import Stop
from index.overwriting import overwrite_pending
from index.retaining import retain
from index.search.opening import open_backend
from index.store import Store, opened_store
from index.store.removals import count_removals
from index.store.retention import begin_upkeep
from index.store.takedowns import pending_takedowns

log = logging.getLogger(__name__)

RETENTION, TAKEDOWNS = "retention", "takedowns"
EVERY = {RETENTION: timedelta(days=1), TAKEDOWNS: timedelta(hours=1)}
LOOK_EVERY = timedelta(minutes=1)


class Upkeep:
    """Looks each minute what is due, and does it in the background."""

    def __init__(self, settings: Settings, stop: Stop) -> None:
        self.settings = settings
        self.stop = stop
        self._looked_at: datetime | None = None
        self._thread: threading.Thread | None = None

    def look(self, store: Store, now: datetime) -> None:
        """Begin what is due, unless something is under way. A database in use is left for the next look."""
        if self._looked_at is not None and timedelta(0) <= now - self._looked_at < LOOK_EVERY:
            return
        if self._thread is not None and self._thread.is_alive():
            return
        self._looked_at = now
        with store.read() as tx:
            waits = bool(pending_takedowns(tx) or count_removals(tx))
        due = []
        for name, every in EVERY.items():
            if name == TAKEDOWNS and not waits:
                continue
            with store.write() as tx:
                if begin_upkeep(tx, name, every=every, now=now):
                    due.append(name)
        if due:
            self._thread = threading.Thread(target=self._work, args=(due, now), name="upkeep", daemon=True)
            self._thread.start()

    def finish(self) -> None:
        """Wait for what is under way; asked to stop, it ends after its batch."""
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _work(self, due: list[str], now: datetime) -> None:
        try:
            with opened_store(self.settings) as store:
                if TAKEDOWNS in due:
                    self._overwrite(store, now)
                if RETENTION in due:
                    done = retain(store, self.settings, now=now, stopped=lambda: self.stop.asked)
                    log.info("retention done", extra={"cut": done.cut, **_figures(done.to_json())})
        except WatchfloorError as error:
            log.warning("upkeep left for the next time: %s", error)
        except Exception:
            log.exception("upkeep failed")

    def _overwrite(self, store: Store, now: datetime) -> None:
        backend = open_backend(self.settings)
        try:
            left, _ = overwrite_pending(store, backend, self.settings, now=now)
        finally:
            backend.close()
        for sentence in left:
            log.warning("a takedown is not at its end: %s", sentence)


def _figures(done: dict[str, object]) -> dict[str, object]:
    return {f"{name}_removed": kind["removed"] for name, kind in done.items() if isinstance(kind, dict)}
