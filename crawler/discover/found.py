"""What a source gave: leads, more sitemaps to read, or the outcome that says why it gave nothing."""

from __future__ import annotations

from dataclasses import dataclass

from index.outcomes import Outcome
from index.records import Lead


@dataclass(frozen=True, slots=True)
class Found:
    """`outcome` is None when the source was read as what it should be; `detail` is one sentence."""

    leads: tuple[Lead, ...]
    sitemaps: tuple[str, ...] = ()
    outcome: Outcome | None = None
    detail: str = ""
