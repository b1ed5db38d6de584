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


def hold_asked_s(status: int, header: str | None, *, now: datetime, most_s: float) -> float | None:
    """Return the seconds for which the host wants no request at all; None when it asks for nothing.

    Besides 429 and 503, any redirect or error may carry a Retry-After; its own URL has ended, the others wait.
    """
    if status in (429, 503):
        return wait_asked_s(status, header, now=now, most_s=most_s)
    asked = seconds_in(header, now=now) if header and status >= 300 else None
    return None if asked is None else min(asked, most_s)


def wait_asked_s(status: int, header: str | None, *, now: datetime, most_s: float) -> float | None:
    """Return the seconds an answer asks us to wait, at most `most_s`; None when it asks for nothing.

    A 429 without a readable Retry-After asks for a minute; a 503 without one is an ordinary fault.
    """
    if status not in (429, 503) or (status == 503 and not header):
        return None
    asked = seconds_in(header, now=now) if header else None
    return min(WITHOUT_HEADER_S if asked is None else asked, most_s)
