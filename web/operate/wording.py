"""How the operators' pages say durations, sizes and states. Pure, but for registering filters."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from flask import Flask

from index.job_records import Job, JobState
from index.records import Run
from index.usual import lasting, sized

_BACKTICKS = re.compile(r"`([^`]+)`")
JOB_STATES = {
    JobState.WAITING: "queued",
    JobState.LEASED: "running",
    JobState.DONE: "done",
    JobState.FAILED: "given up",
    JobState.CANCELLED: "called off",
}
NUMBERS = {
    "asked": "URLs asked for",
    "fetched": "answers",
    "body_bytes": "read",
    "leads": "new leads",
    "over_budget": "left out for want of budget",
}
"""What the numbers of a run are called; others keep their names."""


def lasted(run: Run, now: datetime) -> str:
    """Say how long a run lasted, or has lasted so far."""
    return lasting(((run.finished_at or now) - run.started_at).total_seconds())


def number_told(name: str, number: float) -> str:
    """Say one of the numbers of a run."""
    return sized(number) if name.endswith("bytes") else f"{number:,.0f}"


def number_named(name: str) -> str:
    """Name one of the numbers of a run."""
    return NUMBERS.get(name, name.replace("_", " "))


def until(at: datetime, now: datetime) -> str:
    """Say how far off an instant is: `in 12 min`, `now`."""
    left = (at - now) / timedelta(seconds=1)
    return f"in {lasting(left)}" if left > 0 else "now"


def job_told(job: Job, now: datetime) -> str:
    """Say how far a job has come, in one sentence."""
    if job.state is JobState.WAITING:
        waits = f"Begins {until(job.not_before, now)}" if job.not_before > now else "Waits for a worker"
        after = f", after {job.cause.value.replace('_', ' ')}: {job.reason}" if job.cause is not None else "."
        return f"{waits}{after}"
    if job.state is JobState.LEASED:
        if job.stop_asked_by:
            return f"Asked to stop by {job.stop_asked_by}."
        if job.lease_until is not None and job.lease_until <= now:
            return f"Its worker {job.worker} is silent; another takes it over."
        return f"With {job.worker}."
    return job.reason


def quoted(text: str) -> str:
    """Return a sentence of the command line as a page says it: its backticks are quotation marks."""
    return _BACKTICKS.sub(r"“\1”", text)


def register_words(app: Flask) -> None:
    """Make these words known to the templates."""
    app.jinja_env.filters.update(
        lasted=lasted,
        lasting=lasting,
        quoted=quoted,
        sized=sized,
        number_named=number_named,
        until=until,
        job_told=job_told,
    )
    app.jinja_env.globals.update(JOB_STATES=JOB_STATES, number_told=number_told)
