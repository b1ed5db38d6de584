"""What a usual run of an outlet is, from its past runs, and how one run differs from that. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from config.counting import counted
from index.outcomes import Outcome
from index.records import Run

LOOKED_AT = 20
"""So many past runs say what is usual."""

LEAST = 3
"""With fewer, nothing is usual yet."""

WHOLE = ("done", "partial", "budget")
"""States of runs that say what is usual: those that were cut off do not."""

MANY_TIMES = 2.0
"""A figure is told as unusual when it is so many times the usual one, or so small a part of it."""

FIGURES = ("seconds", "asked", "fetched", "new", "changed", "body_bytes")


@dataclass(frozen=True, slots=True)
class Usual:
    """Medians of the last whole runs of an outlet; `runs` is of how many."""

    runs: int
    seconds: float
    asked: float
    fetched: float
    new: float
    changed: float
    body_bytes: float


def usual_of(past: Iterable[Run]) -> Usual | None:
    """Return what the newest whole runs of an outlet have in common; None with too few of them."""
    whole = whole_of(past)
    if len(whole) < LEAST:
        return None
    return Usual(len(whole), **{name: median(figure_of(run, name) for run in whole) for name in FIGURES})


def whole_of(past: Iterable[Run]) -> list[Run]:
    """Return the runs that say what is usual, of runs given newest first."""
    return [run for run in past if run.state in WHOLE and run.finished_at is not None][:LOOKED_AT]


def usual_by_host(asked: Sequence[Mapping[str, int]]) -> dict[str, float]:
    """Return how many requests each host gets of a usual run, those asked most first; each mapping is of one run.

    The median of all requests of a run, robots.txt and lists among them, is split as those of all these runs together
    were: a host asked in every second run has half of what it gets then. Runs of which nothing is known are left out.
    """
    known = [by_host for by_host in asked if sum(by_host.values())]
    if not known:
        return {}
    together: Counter[str] = Counter()
    for by_host in known:
        together.update(by_host)
    usual = median(sum(by_host.values()) for by_host in known)
    parts = {host: usual * number / together.total() for host, number in together.items() if number}
    return dict(sorted(parts.items(), key=lambda part: (-part[1], part[0])))


def figure_of(run: Run, name: str) -> float:
    """Return one of the figures of a run: seconds, requests, answers, articles or bytes."""
    if name == "seconds":
        return 0.0 if run.finished_at is None else (run.finished_at - run.started_at) / timedelta(seconds=1)
    if name in ("new", "changed"):
        return run.counts.get(Outcome(name).value, 0)
    return run.numbers.get(name, 0)


def compared(run: Run, usual: Usual | None) -> list[str]:
    """Say in words how a run differs from the usual one of its outlet; empty where it does not."""
    if usual is None or run.finished_at is None:
        return []
    told = []
    for name in FIGURES:
        value, median_value = figure_of(run, name), getattr(usual, name)
        if max(value, median_value) < _LEAST_TOLD[name]:
            continue
        if value > MANY_TIMES * median_value or value < median_value / MANY_TIMES:
            told.append(f"{_told(name, value)}, usually {_told(name, median_value)}")
    return told


def lasting(seconds: float) -> str:
    """Say how long something lasts, roughly: `45 s`, `12 min`, `3.4 h`."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def sized(size: float) -> str:
    """Say how much something holds, roughly: `512 B`, `3.4 MB`."""
    units = ("B", "kB", "MB", "GB", "TB")
    step = 0
    while size >= 1000 and step < len(units) - 1:
        size, step = size / 1000, step + 1
    return f"{size:.1f} {units[step]}" if step else f"{size:.0f} B"


_LEAST_TOLD = {"seconds": 30, "asked": 10, "fetched": 10, "new": 5, "changed": 5, "body_bytes": 1_000_000}
_NOUNS = {"asked": "URL", "fetched": "answer", "new": "new article", "changed": "changed article"}


def _told(name: str, value: float) -> str:
    if name == "seconds":
        return lasting(value)
    return sized(value) if name == "body_bytes" else counted(round(value), _NOUNS[name])
