"""The dates feeds and sitemaps write: RFC 822 and ISO 8601 only. What is neither gives None, never now."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from email.utils import parsedate_to_datetime

_ISO = re.compile(
    r"^(\d{4})-(\d{2})(?:-(\d{2}))?(?:[T ](\d{2}:\d{2})(:\d{2})?(?:[.,]\d+)?\s*(Z|[+-]\d{2}:?\d{2})?)?$", re.I
)
_EARLIEST = 1990


def instant_in(text: str | None) -> datetime | None:
    """Return the instant a source wrote, in UTC; a date without zone or time is read as UTC. None for anything else."""
    if not text:
        return None
    trimmed = " ".join(text.split())[:80]
    try:
        moment = _iso(trimmed) or _rfc822(trimmed)
        return None if moment is None or moment.year < _EARLIEST else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _iso(text: str) -> datetime | None:
    found = _ISO.match(text)
    if found is None:
        return None
    year, month, day, minutes, seconds, zone = found.groups()
    on = date(int(year), int(month), int(day or 1))
    if minutes is None:
        return datetime.combine(on, time(), UTC)
    offset = "+00:00" if zone in (None, "Z", "z") else f"{zone[:3]}:{zone[-2:]}"
    return datetime.fromisoformat(f"{on.isoformat()}T{minutes}{seconds or ':00'}{offset}")


def _rfc822(text: str) -> datetime | None:
    if not re.search(r"\b\d{4}\b", text) or not re.search(r"[A-Za-z]{3}", text):
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, IndexError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
