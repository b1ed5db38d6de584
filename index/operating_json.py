"""Schedules, jobs and runs as JSON values: the same from the command line and from the site."""

from __future__ import annotations

from datetime import datetime

from index.host_records import HostPaceInRun
from index.job_records import Job, KeptSchedule
from index.progress import Progress
from index.records import JsonObject, Run
from index.run_logs import Excerpt
from index.schedules import next_firing
from index.usual import figure_of


def schedule_json(kept: KeptSchedule, now: datetime) -> JsonObject:
    """Return a schedule as JSON values."""
    plan = kept.plan
    coming = None if kept.paused_at else next_firing(plan, max(now, kept.planned_until))
    return {
        "outlet": plan.outlet,
        "when": plan.when.text,
        "in_words": plan.when.in_words,
        "zone": plan.zone,
        "jitter_s": round(plan.jitter.total_seconds()),
        "quiet": [one.text for one in plan.quiet],
        "wait_s": None if plan.wait is None else round(plan.wait.total_seconds()),
        "origin": kept.origin,
        "next_at": None if coming is None else coming.isoformat(),
        "paused_at": None if kept.paused_at is None else kept.paused_at.isoformat(),
        "paused_reason": kept.paused_reason,
        "changed_at": None if kept.changed_at is None else kept.changed_at.isoformat(),
        "changed_by": kept.changed_by,
    }


def job_json(job: Job) -> JsonObject:
    """Return a job as JSON values."""
    return {
        "id": job.id,
        "outlet": job.outlet,
        "kind": job.wish.kind,
        "limit": job.wish.limit,
        "url": job.wish.url,
        "state": job.state.value,
        "wanted_at": job.wanted_at.isoformat(),
        "planned_at": _instant(job.planned_at),
        "not_before": job.not_before.isoformat(),
        "asked_by": job.asked_by,
        "attempt": job.attempt,
        "failures": job.failures,
        "lease_until": _instant(job.lease_until),
        "worker": job.worker,
        "run_id": job.run_id,
        "cause": None if job.cause is None else job.cause.value,
        "reason": job.reason,
        "missed": job.missed,
        "folded": job.folded,
        "stop_asked_by": job.stop_asked_by,
        "ended_at": _instant(job.ended_at),
    }


def run_json(run: Run) -> JsonObject:
    """Return a run as JSON values."""
    return {
        "id": run.id,
        "outlet": run.outlet,
        "kind": run.kind,
        "state": run.state,
        "reason": run.reason,
        "started_at": run.started_at.isoformat(),
        "finished_at": None if run.finished_at is None else run.finished_at.isoformat(),
        "seconds": None if run.finished_at is None else round(figure_of(run, "seconds"), 3),
        "outcomes": dict(run.counts),
        "numbers": dict(run.numbers),
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def pace_json(pace: HostPaceInRun) -> JsonObject:
    """Return how a run asked a host as JSON values."""
    return {
        "host": pace.host,
        "requests": pace.requests,
        "median_gap_s": pace.median_gap_s,
        "smallest_gap_s": pace.smallest_gap_s,
        "waited_s": pace.waited_s,
        "response_s": pace.response_s,
        "statuses": dict(pace.statuses),
    }


def progress_json(progress: Progress) -> JsonObject:
    """Return how far a run has come as JSON values."""
    return {
        "seconds": round(progress.seconds, 1),
        "per_minute": round(progress.per_minute, 2),
        "ends_at": None if progress.ends_at is None else progress.ends_at.isoformat(timespec="seconds"),
    }


def log_json(log: Excerpt) -> JsonObject:
    """Return the excerpt of a log as JSON values."""
    return {
        "lines": log.lines,
        "warnings": [line.text for line in log.warnings],
        "newest": [line.text for line in log.newest],
        "missing": log.missing,
    }
