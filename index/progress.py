"""How far a run under way has come: its pace, and when it should end, from the usual run of its outlet. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from config.counting import counted
from index.records import Run
from index.usual import Usual, lasting

LEAST_ASKED = 10
"""Requests before which the pace of this very run says little."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A run under way. `ends_at` is an estimate; None where too little is known, or the usual time is over."""

    seconds: float
    asked: int
    per_minute: float
    ends_at: datetime | None
    overdue: bool

    def in_words(self, now: datetime) -> str:
        """Say it in one line."""
        told = f"{counted(self.asked, 'URL')} in {lasting(self.seconds)}, {self.per_minute:.1f} a minute"
        if self.ends_at is not None:
            left = max(0.0, (self.ends_at - now).total_seconds())
            return f"{told}; as its usual runs go, the end is {lasting(left)} away (about {self.ends_at:%H:%M} UTC)"
        return f"{told}; longer than its usual runs already" if self.overdue else told


def progress_of(run: Run, usual: Usual | None, *, now: datetime) -> Progress | None:
    """Return how far a run has come; None where it has ended.

    With enough requests made, the rest of the usual number is reckoned at the pace so far; else the usual time counts.
    """
    if run.finished_at is not None or run.state != "running":
        return None
    seconds = max(0.0, (now - run.started_at).total_seconds())
    asked = int(run.numbers.get("asked", 0))
    rate = asked / seconds if seconds else 0.0
    ends_at = None
    if usual is not None and rate and asked >= LEAST_ASKED and usual.asked > asked:
        ends_at = now + timedelta(seconds=(usual.asked - asked) / rate)
    elif usual is not None and usual.seconds > seconds:
        ends_at = run.started_at + timedelta(seconds=usual.seconds)
    return Progress(seconds, asked, rate * 60, ends_at, overdue=usual is not None and ends_at is None)
