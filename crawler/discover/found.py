"""What a source is and what it gave: leads, more to read, or the outcome that says why it gave nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from index.outcomes import Outcome
from index.records import Lead


class SourceKind(StrEnum):
    """What a source is, and so how it is read."""

    FEED = "feed"
    SITEMAP = "sitemap"
    LISTING = "listing"


@dataclass(frozen=True, slots=True)
class Found:
    """`outcome` is None when the source was read as what it should be; `detail` is one sentence.

    `next_page` is where the list goes on; it is read while that brings something new, within the run's budget.
    """

    leads: tuple[Lead, ...]
    sitemaps: tuple[str, ...] = ()
    outcome: Outcome | None = None
    detail: str = ""
    next_page: str = ""
