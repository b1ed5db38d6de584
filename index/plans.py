"""What an operator types for a schedule, made into one: or why not, with the times of what was meant. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import available_timezones

from config.errors import UsageError
from config.outlet_faults import meant_zone, why_bad_zone
from config.when import WhenError, parse_span
from index.schedules import Quiet, QuietError, Schedule, firings, parse_quiet, read_when, told_in, why_refused

LONGEST_JITTER = timedelta(hours=6)
OPTIONS = {"zone": "--zone", "jitter": "--jitter", "quiet": "--quiet"}
"""What the parts of a schedule are called on the command line; a page calls them by its own labels."""


def read_plan(
    outlet: str,
    when: tuple[str, ...],
    *,
    zone: str,
    jitter: str | None,
    quiet: tuple[str, ...],
    now: datetime,
    labels: Mapping[str, str] = OPTIONS,
) -> Schedule:
    """Make a schedule of what was typed. Raises UsageError: what is wrong, and what would fire when."""
    text = " ".join(when)
    if zone not in available_timezones():
        meant = meant_zone(zone)
        read = read_when(text, zone=meant or "UTC", now=now)
        times = ", ".join(next_times(Schedule(outlet, read, meant, since=now), now)) if meant else ""
        raise UsageError(f"{labels['zone']}: {why_bad_zone(zone)}" + (f" It would fire at {times}." if times else "."))
    plan = Schedule(outlet, read_when(text, zone=zone, now=now), zone, since=now)
    plan = replace(plan, jitter=_jitter(jitter, labels["jitter"], plan, now))
    plan = replace(plan, quiet=_quiet(quiet, labels["quiet"], plan, now))
    refused = why_refused(plan, now)
    if refused:
        bare = Schedule(outlet, plan.when, zone, since=now)
        raise UsageError(f"{refused}. Without that it would fire at {', '.join(next_times(bare, now))}.")
    return plan


def _jitter(typed: str | None, label: str, plan: Schedule, now: datetime) -> timedelta:
    if typed is None:
        return timedelta(0)
    try:
        span = parse_span(typed)
    except WhenError as error:
        meant = f"; did you mean `{found[1]}m`?" if (found := re.fullmatch(r"[+-]?(\d{1,3})m?", typed.strip())) else "."
        raise UsageError(f"{label}: {error.said}{meant} {_would_fire(plan, now)}") from None
    if span > LONGEST_JITTER:
        raise UsageError(f"{label} {typed}: six hours are the most; a longer one is another time of the day.")
    return span


def _quiet(typed: tuple[str, ...], label: str, plan: Schedule, now: datetime) -> tuple[Quiet, ...]:
    """Read quiet hours, several in one text with commas between them."""
    try:
        return tuple(parse_quiet(part) for one in typed for part in one.split(",") if part.strip())
    except QuietError as error:
        meant = replace(plan, quiet=() if error.meant is None else (error.meant,))
        told = f"{label}: {error}" + ("" if str(error).endswith("?") else ".")
        raise UsageError(f"{told} {_would_fire(meant, now)}" if error.meant else told) from None


def _would_fire(plan: Schedule, now: datetime) -> str:
    times = next_times(plan, now)
    return f"It would fire at {', '.join(times)}." if times else "It would never fire."


def next_times(plan: Schedule, now: datetime, number: int = 3) -> list[str]:
    """Say the next firings by the clock of the schedule."""
    return [told_in(plan.zone, at) for at in islice(firings(plan, now), number)]
