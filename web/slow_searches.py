"""Taking note of searches that took long, without letting their readers wait for the database's writer."""

from __future__ import annotations

import logging
import threading
from collections import deque
from datetime import datetime

from config.errors import WatchfloorError
from index.account_records import SlowSearch
from index.find import ResultPage
from index.store import Store
from index.store.slow_searches import note_slow_searches

log = logging.getLogger(__name__)
MOST_WAITING = 100
"""Of a flood of slow searches the newest are kept."""


class SlowSearches:
    """Those not written yet, and the thread that writes them when there are any."""

    def __init__(self, store: Store, slow_ms: int) -> None:
        self._store = store
        self._slow_ms = slow_ms
        self._waiting: deque[SlowSearch] = deque(maxlen=MOST_WAITING)
        self._writing = threading.Lock()

    def note(self, query: str, found: ResultPage, now: datetime) -> None:
        """Take note of a search if it was slow. Returns at once; it is written beside the answer."""
        if found.took_ms < self._slow_ms:
            return
        self._waiting.append(SlowSearch(now, query, round(found.took_ms), found.total, " ".join(found.notes)))
        threading.Thread(target=self.write, daemon=True, name="slow searches").start()

    def write(self) -> None:
        """Write what waits. What the database does not take now is told in the log and let go."""
        with self._writing:
            found = []
            while self._waiting:
                found.append(self._waiting.popleft())
            if not found:
                return
            try:
                with self._store.write() as tx:
                    note_slow_searches(tx, found)
            except WatchfloorError as error:
                log.warning("slow searches not noted", extra={"number": len(found), "cause": str(error)})
