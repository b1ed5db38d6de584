"""What an operator types for a schedule, made into one: or why not, with the times of what was meant. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import available_timezones

from config.errors import UsageError
from config.outlet_faults import meant_zone, why_bad_zone
from config.when import parse_span
from index.schedules import Schedule, firings, parse_quiet, read_when, told_in, why_refused

LONGEST_JITTER = timedelta(hours=6)
OPTIONS = {"zone": "--zone", "jitter": "--jitter"}
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
    span = timedelta(0) if jitter is None else parse_span(jitter)
    if span > LONGEST_JITTER:
        raise UsageError(
            f"{labels['jitter']} {jitter}: six hours are the most; a longer one is another time of the day."
        )
    plan = Schedule(
        outlet,
        read_when(text, zone=zone, now=now),
        zone,
        jitter=span,
        quiet=tuple(parse_quiet(one) for one in quiet),
        since=now,
    )
    refused = why_refused(plan, now)
    if refused:
        bare = Schedule(outlet, plan.when, zone, since=now)
        raise UsageError(f"{refused}. Without that it would fire at {', '.join(next_times(bare, now))}.")
    return plan


def next_times(plan: Schedule, now: datetime, number: int = 3) -> list[str]:
    """Say the next firings by the clock of the schedule."""
    return [told_in(plan.zone, at) for at in islice(firings(plan, now), number)]
