"""Reading Retry-After in both its forms (RFC 9110 section 10.2.3). Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

WITHOUT_HEADER_S = 60.0
"""What a 429 without Retry-After is taken to ask for."""


def seconds_in(value: str, *, now: datetime) -> float | None:
    """Return the seconds a Retry-After header asks for, from now; None when it cannot be read. Never negative."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def wait_asked_s(status: int, header: str | None, *, now: datetime, most_s: float) -> float | None:
    """Return the seconds an answer asks us to wait, at most `most_s`; None when it asks for nothing.

    A 429 without a readable Retry-After asks for a minute; a 503 without one is an ordinary fault.
    """
    if status not in (429, 503) or (status == 503 and not header):
        return None
    asked = seconds_in(header, now=now) if header else None
    return min(WITHOUT_HEADER_S if asked is None else asked, most_s)
