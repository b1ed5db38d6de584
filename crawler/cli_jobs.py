"""`watchfloor jobs`: what waits, what runs, what came of it; asking for a run, and calling one off."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click

from config.counting import counted
from config.outlets import load_outlets
from config.settings import Settings
from crawler.run import find_outlet
from index.asking import request_run, who
from index.job_records import Job, JobState, Wish
from index.operating_json import job_json
from index.store import opened_store
from index.store.jobs import ask_job_to_stop, list_jobs


@click.group()
def jobs() -> None:
    """Wishes for runs: those that wait, those with a worker, and what came of the others."""


@jobs.command(name="list")
@click.option("--outlet", metavar="NAME", help="Only those of one outlet.")
@click.option(
    "--state", "states", multiple=True, type=click.Choice([one.value for one in JobState]), help="Repeatable."
)
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Jobs at the most.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_(settings: Settings, outlet: str | None, states: tuple[str, ...], limit: int, as_json: bool) -> None:
    """List jobs: running ones, waiting ones by their time, then those that ended, newest first."""
    if outlet is not None:
        find_outlet(outlet, settings)
    now = datetime.now(UTC)
    with opened_store(settings) as store, store.read() as tx:
        found = list_jobs(tx, outlet=outlet, states=[JobState(one) for one in states], limit=limit)
    if as_json:
        click.echo(json.dumps([job_json(job) for job in found], ensure_ascii=False))
        return
    for job in found:
        click.echo(in_a_line(job, now))
    if not found:
        click.echo("No job waits or was made yet; a schedule makes them, or `watchfloor jobs add OUTLET`.")


@jobs.command()
@click.argument("outlet")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Pages of the run at the most.")
@click.option("--url", metavar="URL", help="Fetch this address of the outlet, and nothing else.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def add(settings: Settings, outlet: str, limit: int | None, url: str | None, as_json: bool) -> None:
    """Ask for a run of OUTLET as soon as a worker is free."""
    specs = load_outlets(settings.outlet_folders)
    now = datetime.now(UTC)
    with opened_store(settings) as store, store.write() as tx:
        job = request_run(tx, Wish(outlet, limit, url), specs=specs, by=who(), now=now)
    _tell(job, now, as_json)


@jobs.command()
@click.argument("job_id", metavar="ID", type=int)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def cancel(settings: Settings, job_id: int, as_json: bool) -> None:
    """Call a job off: one that waits at once, one that runs within seconds, keeping what it stored."""
    now = datetime.now(UTC)
    with opened_store(settings) as store, store.write() as tx:
        job = ask_job_to_stop(tx, job_id, by=who(), now=now)
    _tell(job, now, as_json)


def in_a_line(job: Job, now: datetime) -> str:
    """Write a job as one line of the list."""
    what = f"{job.id:>6} {job.outlet:<24} {job.state.value:<9}"
    more = [f"{job.wish.url}"] if job.wish.url else []
    more += [f"at most {counted(job.wish.limit, 'page')}"] if job.wish.limit else []
    more += [f"asked by {job.asked_by}"]
    more += [f"answers {counted(job.missed, 'missed firing')} too"] if job.missed else []
    more += [f"{counted(job.folded, 'later firing')} folded into it"] if job.folded else []
    return f"{what} {_how_far(job, now)} ({'; '.join(more)})"


def _how_far(job: Job, now: datetime) -> str:
    if job.state is JobState.WAITING:
        told = f" after {job.cause.value}: {job.reason}" if job.cause is not None else ""
        when = f"until {job.not_before:%Y-%m-%d %H:%M} UTC" if job.not_before > now else "for a worker"
        return f"{when}, attempt {job.attempt + 1}{told}"
    run = f"run {job.run_id}" if job.run_id is not None else "no run"
    if job.state is JobState.LEASED:
        stopping = ", to be stopped" if job.stop_asked_by else ""
        silent = ", its lease ran out" if job.lease_until is not None and job.lease_until <= now else ""
        return f"{run} with {job.worker}, attempt {job.attempt}{stopping}{silent}"
    told = f": {job.reason}" if job.reason else ""
    at = f" {job.ended_at:%Y-%m-%d %H:%M} UTC" if job.ended_at is not None else ""
    return f"{run}{at}{told}"


def _tell(job: Job, now: datetime, as_json: bool) -> None:
    click.echo(json.dumps(job_json(job), ensure_ascii=False) if as_json else in_a_line(job, now).strip())
