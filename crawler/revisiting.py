"""Which held articles a run looks at again though no source calls them changed: the rule of index/revisits.py, applied.

Their leads are let wait only when nothing else waits and for as many pages as the run has left, so that what is new
always comes first and a run never ends early for them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from config.settings import CrawlerSettings
from index.revisits import Pace, Watched, due, pace_of
from index.store import Store, Transaction
from index.store.watching import look_again, watched_articles


def watched_pace(settings: CrawlerSettings) -> Pace | None:
    """Return that pace, None where nothing is ever looked at again (`revisit_until_days = 0`)."""
    pace = pace_of(settings)
    return pace if pace.until > timedelta(0) else None


@dataclass(slots=True)
class Revisits:
    """The articles of one outlet that were due when the run first asked; read once, those most overdue first."""

    outlet: str
    pace: Pace
    watches: bool = True  # a replay has nobody to ask
    _planned: bool = False
    _due: dict[str, Watched] | None = field(default=None)

    def __post_init__(self) -> None:
        self.watches = self.watches and self.pace.until > timedelta(0)

    def read(self, store: Store, *, now: datetime) -> None:
        """Find out what is due, once a run; outside a write, for it may take a second."""
        if self._due is not None or not self.watches:
            return
        with store.read() as tx:
            found = watched_articles(tx, self.outlet, since=now - self.pace.until)
        self._due = {one.key: one for one in due(found, self.pace, now=now)}

    def is_due(self, key: str) -> bool:
        """Say whether the article asked for at this address (its url_key) is to be looked at again."""
        return key in (self._due or {})

    def plan(self, tx: Transaction, *, room: int) -> int:
        """Let at most `room` leads wait again, once a run; return how many."""
        if self._planned or room <= 0:
            return 0
        self._planned = True
        return look_again(tx, list(self._due or {})[:room])
