"""The line in an article's text that gives the time of a live blog's entry: written by the crawler, read by the site.

An entry's time is a paragraph of its own before the text of the entry, in UTC and said to be so. Being text it is
searched, exported and compared like the rest; being of one fixed form it can be shown as a time.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

LITERAL_CHARS = 80
_UNREAD = re.compile(r"^\?\? UTC \((.{1,80})\)$")
_LINE = re.compile(r"^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}) UTC$")


def entry_line(at: datetime) -> str:
    """Write the line for an instant, to the minute."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def unread_line(literal: str) -> str:
    """Write the line of an entry whose time could not be read: its literal, so that it has no other entry's time."""
    return f"?? UTC ({' '.join(literal.split())[:LITERAL_CHARS].strip()})"


def unread_literal(line: str) -> str:
    """Return the literal of a line that `unread_line` wrote; "" for any other paragraph."""
    found = _UNREAD.match(line)
    return found.group(1) if found is not None else ""


def entry_instant(line: str) -> datetime | None:
    """Return the instant of a line that `entry_line` wrote; None for any other paragraph."""
    found = _LINE.match(line)
    if found is None:
        return None
    try:
        year, month, day, hour, minute = map(int, found.groups())
        return datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError:
        return None
