"""`watchfloor runs`: the history of runs, one of them beside the usual one of its outlet, and stopping one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime

import click

from config.counting import counted
from config.settings import Settings
from crawler.run import find_outlet
from index.asking import who
from index.errors import NotFoundError
from index.hosts_told import pace_told
from index.job_records import Job, JobState
from index.operating_json import log_json, pace_json, progress_json, run_json
from index.progress import progress_of
from index.records import Run
from index.run_logs import excerpt
from index.run_logs import in_words as log_in_words
from index.store import opened_store
from index.store.decisions import outcome_counts
from index.store.hosts import pace_of_run
from index.store.jobs import ask_job_to_stop, job_of_run
from index.store.runs import ask_run_to_stop, get_run, list_runs
from index.usual import LOOKED_AT, Usual, compared, lasting, sized, usual_of


@click.group()
def runs() -> None:
    """Runs: what each did, how it differs from the usual one of its outlet, and stopping one."""


@runs.command(name="list")
@click.option("--outlet", metavar="NAME", help="Only those of one outlet.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=30, show_default=True, help="Runs at the most.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_(settings: Settings, outlet: str | None, limit: int, as_json: bool) -> None:
    """List runs, the newest first."""
    now = datetime.now(UTC)
    with opened_store(settings) as store, store.read() as tx:
        found = list_runs(tx, outlet=outlet, limit=limit)
    if outlet is not None and not found:
        find_outlet(outlet, settings)  # imported outlets have runs and no file
    if as_json:
        click.echo(json.dumps([run_json(run) for run in found], ensure_ascii=False))
        return
    if not found:
        click.echo("There is no run yet; `watchfloor crawl OUTLET` makes one.")
        return
    heads = ("run", "outlet", "kind", "state", "started", "lasted", "fetched", "new", "changed", "bytes")
    click.echo("{:>6} {:<24} {:<9} {:<12} {:<16} {:>8} {:>8} {:>6} {:>8} {:>9}".format(*heads))
    for run in found:
        click.echo(
            f"{run.id:>6} {run.outlet:<24} {run.kind:<9} {run.state:<12} {run.started_at:%Y-%m-%d %H:%M} "
            f"{_lasted(run, now):>8} {run.numbers.get('fetched', 0):>8} {run.counts.get('new', 0):>6} "
            f"{run.counts.get('changed', 0):>8} {sized(run.numbers.get('body_bytes', 0)):>9}"
        )


@runs.command()
@click.argument("run_id", metavar="ID", type=int)
@click.option("--log", "with_log", is_flag=True, help="What its log says too: warnings first, then the last lines.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def show(settings: Settings, run_id: int, with_log: bool, as_json: bool) -> None:
    """Show a run: how it ended or how far it has come, its outcomes, bytes, job, pace, and what is unusual about it."""
    now = datetime.now(UTC)
    with opened_store(settings) as store, store.read() as tx:
        run = get_run(tx, run_id)
        if run is None:
            raise NotFoundError(f"There is no run {run_id}; `watchfloor runs list` shows them.")
        counts = run.counts if run.finished_at is not None else outcome_counts(tx, run_id)
        usual = usual_of(list_runs(tx, outlet=run.outlet, kind=run.kind, before=run_id, limit=2 * LOOKED_AT))
        job = job_of_run(tx, run_id)
        paces = pace_of_run(tx, run_id)
    unusual, progress = compared(run, usual), progress_of(run, usual, now=now)
    log = excerpt(settings, run_id) if with_log else None
    if as_json:
        more = {
            "usual": None if usual is None else asdict(usual),
            "unusual": unusual,
            "job_id": job.id if job else None,
            "hosts": [pace_json(pace) for pace in paces],
            "progress": None if progress is None else progress_json(progress),
            **({} if log is None else {"log": log_json(log)}),
        }
        click.echo(json.dumps({**run_json(run), "outcomes": dict(counts), **more}, ensure_ascii=False))
        return
    lines = _in_words(run, counts, usual, unusual, job, now)
    if progress is not None:
        lines.insert(2, f"progress   {progress.in_words(now)}")
    lines += [f"pace       {told}" for told in map(pace_told, paces)]
    click.echo("\n".join(lines + ([] if log is None else ["", *log_in_words(log)])))


@runs.command()
@click.argument("run_id", metavar="ID", type=int)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def stop(settings: Settings, run_id: int, as_json: bool) -> None:
    """Ask a run under way to stop, wherever it runs: within seconds it ends in order and keeps what it stored."""
    now, by = datetime.now(UTC), who()
    with opened_store(settings) as store, store.write() as tx:
        run = ask_run_to_stop(tx, run_id, by=by, now=now)
        job = job_of_run(tx, run_id)
        if job is not None and job.state is JobState.LEASED:
            ask_job_to_stop(tx, job.id, by=by, now=now)
    if as_json:
        click.echo(json.dumps({"run_id": run_id, "outlet": run.outlet, "stop_asked_by": by}))
        return
    click.echo(f"Run {run_id} of {run.outlet} is asked to stop; `watchfloor runs show {run_id}` tells when it has.")


def _in_words(
    run: Run, counts: Mapping[str, int], usual: Usual | None, unusual: list[str], job: Job | None, now: datetime
) -> list[str]:
    numbers, held = run.numbers, sized(run.numbers.get("body_bytes", 0))
    lines = [
        f"Run {run.id} of {run.outlet} ({run.kind}): {run.state}{f', {run.reason}' if run.reason else ''}",
        f"started    {run.started_at:%Y-%m-%d %H:%M:%S} UTC, lasted {_lasted(run, now)}",
        f"asked      {counted(numbers.get('asked', 0), 'URL')}, answers {numbers.get('fetched', 0):,}, {held}",
        "outcomes   " + (", ".join(f"{name} {number}" for name, number in sorted(counts.items())) or "none yet"),
    ]
    if job is not None:
        lines.append(f"job        {job.id}, {job.state.value}, attempt {job.attempt}, asked by {job.asked_by}")
    if usual is None:
        lines.append("usual      not known yet: three whole runs of this kind before it are needed")
    elif run.finished_at is not None:
        lines.append(f"usual      of the {usual.runs} runs before: {_usual_told(usual)}")
        lines.append("unusual    " + ("; ".join(unusual) or "nothing"))
    return lines


def _usual_told(usual: Usual) -> str:
    return (
        f"{lasting(usual.seconds)}, {counted(round(usual.asked), 'URL')}, {usual.new:,.0f} new, "
        f"{usual.changed:,.0f} changed, {sized(usual.body_bytes)}"
    )


def _lasted(run: Run, now: datetime) -> str:
    return lasting(((run.finished_at or now) - run.started_at).total_seconds())
