"""How linked addresses answer: values, without I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LinkState(StrEnum):
    """How a linked address answered when it was last asked."""

    ALIVE = "alive"
    REDIRECTED = "redirected"  # to another address
    DEAD = "dead"  # 404 or 410
    UNREACHABLE = "unreachable"  # a fault that may pass: time limit, server error, no connection
    UNKNOWN = "unknown"  # never stored: the answer says nothing of the address


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """How an address answered, since when without a break, and where it leads."""

    state: LinkState
    since: datetime
    checked_at: datetime
    status: int | None = None
    leads_to: str | None = None
