"""Takedowns that take longer than a page can wait: each in a thread of its own, and known while it is under way.

On a large archive looking through the raw pages takes many minutes. When the site ends meanwhile, all of its rows are
gone or none, as when a command is killed: what is not listed as taken down is to be asked for once more.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from config.errors import WatchfloorError
from index.takedown_records import TakedownReport

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Task:
    url: str
    since: datetime
    ended: threading.Event = field(default_factory=threading.Event)
    report: TakedownReport | None = None
    error: Exception | None = None


class Removing:
    """The takedowns of this process that are under way."""

    def __init__(self, wait_s: float) -> None:
        """Let a page wait `wait_s` seconds for one."""
        self.wait_s = wait_s
        self._tasks: dict[str, _Task] = {}
        self._lock = threading.Lock()

    def do(self, url: str, act: Callable[[], TakedownReport], *, now: datetime) -> TakedownReport | None:
        """Begin to take an address down, unless that is under way, and wait; None: it goes on beside the answer.

        `act` runs in another thread and may know nothing of the request. Raises what it raised in time; later it is
        in the log.
        """
        with self._lock:
            task = self._tasks.get(url)
            if task is None:
                task = self._tasks[url] = _Task(url, now)
                threading.Thread(target=self._run, args=(task, act), daemon=True, name=f"take down {url}").start()
        if not task.ended.wait(self.wait_s):
            return None
        if task.error is not None:
            raise task.error
        return task.report

    def under_way(self) -> list[tuple[str, datetime]]:
        """Return the addresses that are being taken down, and since when."""
        with self._lock:
            return [(task.url, task.since) for task in self._tasks.values()]

    def _run(self, task: _Task, act: Callable[[], TakedownReport]) -> None:
        try:
            task.report = act()
        except WatchfloorError as error:
            task.error = error
            log.warning("a takedown did not come to its end", extra={"url": task.url, "cause": str(error)})
        except Exception as error:
            task.error = error
            log.exception("a takedown failed", extra={"url": task.url})
        finally:
            with self._lock:
                del self._tasks[task.url]
            task.ended.set()
