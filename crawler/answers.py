"""What came of one request, as the value that leaves Scrapy's world for the session of the run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from config.errors import WatchfloorError
from crawler.frontier import Ask
from crawler.intake import Reading
from index.outcomes import Outcome
from index.records import Page


@dataclass(frozen=True, slots=True)
class OldAddress:
    """The address of a held article with the same text, asked again: moved and gone mean that it lives here now."""

    article_id: int
    url: str
    outcome: Outcome
    detail: str

    @property
    def moved_from(self) -> int | None:
        """The article that moved, or None when both stay."""
        return self.article_id if self.outcome in (Outcome.MOVED, Outcome.GONE) else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one request: a page (read, where it may be an article), or the outcome that says why not.

    `hops` are the redirects followed, as (address, status); `led_to` where one went that was not followed; `old` is
    what the address of a held twin answered. `lost` is why nothing can be said of the request: the database is gone.
    """

    ask: Ask
    page: Page | None = None
    reading: Reading | None = None
    outcome: Outcome | None = None
    detail: str = ""
    retry_at: datetime | None = None
    hops: tuple[tuple[str, int], ...] = ()
    old: OldAddress | None = None
    led_to: str = ""
    lost: WatchfloorError | None = None
