"""How figures of health are said: rounded as a person would, with the usual figure beside them. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from config.counting import counted


def about(number: float) -> str:
    """Say an expected number: `about 40`, `about 3.5`."""
    return f"about {number:,.0f}" if number >= 10 else f"about {number:.1f}".removesuffix(".0")


def lasting_words(span: timedelta) -> str:
    """Say how long: `45 minutes`, `14 hours`, `3 days`."""
    minutes = span / timedelta(minutes=1)
    if minutes < 100:
        return counted(max(1, round(minutes)), "minute")
    hours = minutes / 60
    return counted(round(hours), "hour") if hours < 47.5 else counted(round(hours / 24), "day")


def moment(instant: datetime) -> str:
    """Say an instant to the minute: `Sat 2026-11-28 10:30 UTC`."""
    return f"{instant.astimezone(UTC):%a %Y-%m-%d %H:%M} UTC"


def percent(share: float) -> str:
    """Say a share: `87%`; what is neither all nor nothing is not said to be."""
    return ">99%" if 0.995 <= share < 1 else "<1%" if 0 < share < 0.005 else f"{share:.0%}"


def seconds(value: float) -> str:
    """Say seconds of waiting: `0.4 s`, `12 s`."""
    return f"{value:.1f} s" if value < 10 else f"{value:.0f} s"


def joined(parts: list[str]) -> str:
    """Join parts as a sentence does: `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""
