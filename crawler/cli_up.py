"""`watchfloor up` and its parts that crawl and index: `scheduler`, `worker`, `indexer`."""

from __future__ import annotations

import os

import click

from config.counting import counted
from config.settings import Settings
from crawler.indexer import run_indexer
from crawler.notify import notifying
from crawler.parts import Part, Parts, command_of, end_with_stdin
from crawler.scheduler import run_scheduler
from crawler.stopping import stopped_by_signals
from crawler.worker import run_worker
from index.store import open_store

UNTIL_STDIN_ENDS = "--until-stdin-ends"

LOCK_SLACK_S = 15.0
"""Seconds a worker may be silent beyond the longest wait for a lock of the database, before it is taken for hung."""

_until_stdin_ends = click.option(
    UNTIL_STDIN_ENDS, is_flag=True, hidden=True, help="End when the process that started this one does."
)


@click.command()
@_until_stdin_ends
@click.pass_obj
def scheduler(settings: Settings, until_stdin_ends: bool) -> None:
    """Make a job of each firing of a schedule, until stopped; send alerts. More than one does no harm.

    Each firing makes one job, and each alert is sent once, whatever their number.
    """
    with stopped_by_signals() as stop:
        if until_stdin_ends:
            end_with_stdin(stop)
        with notifying(settings, stop):
            run_scheduler(settings, stop)


@click.command()
@_until_stdin_ends
@click.pass_obj
def worker(settings: Settings, until_stdin_ends: bool) -> None:
    """Run jobs, one at a time, until stopped; start as many workers as crawls may run at once.

    Stopped, it ends its crawl in order and gives the job back; another worker goes on with it.
    """
    with stopped_by_signals() as stop:
        if until_stdin_ends:
            end_with_stdin(stop)
        run_worker(settings, stop)


@click.command()
@_until_stdin_ends
@click.pass_obj
def indexer(settings: Settings, until_stdin_ends: bool) -> None:
    """Bring the index up whenever the database has changed, and tidy it when idle, until stopped."""
    with stopped_by_signals() as stop:
        if until_stdin_ends:
            end_with_stdin(stop)
        with notifying(settings, stop, stand_in=True):
            run_indexer(settings, stop)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=None, help="Port of the site; default: [web] port.")
@click.option("--workers", type=click.IntRange(1, 64), default=None, help="Default: [operating] workers.")
@click.pass_context
def up(ctx: click.Context, port: int | None, workers: int | None) -> None:
    """Run everything on this machine: scheduler, workers, indexer and site, until Ctrl-C or SIGTERM.

    A part that dies, or a worker that hangs, is started again, and that is said. Stopped, all end in order: crawls keep
    what they stored, and their jobs wait for the next start.
    """
    settings: Settings = ctx.obj
    config_file = ctx.find_root().params.get("config_file")
    number = workers or settings.operating.workers
    open_store(settings).close()  # makes or upgrades the embedded schema, or says what is wrong, before any part starts

    def part(name: str, *arguments: str, hung_after_s: float | None = None) -> Part:
        return Part(name, command_of(*arguments, UNTIL_STDIN_ENDS, config_file=config_file), hung_after_s)

    # When a worker that hangs has lost its job, another must be there to take it over; one that waits for a lock says
    # so in between.
    hung_after_s = max(settings.operating.lease_s, settings.database.busy_timeout_s + LOCK_SLACK_S)

    site = ["serve", *(["--port", str(port)] if port is not None else [])]
    parts = [part("the site", *site), part("the scheduler", "scheduler"), part("the indexer", "indexer")]
    parts += [part(f"worker {each}", "worker", hung_after_s=hung_after_s) for each in range(1, number + 1)]
    click.echo(f"Starting site, scheduler, indexer and {counted(number, 'worker')}; Ctrl-C ends all.", err=True)
    with stopped_by_signals() as stop:
        Parts(parts).run(stop)
    click.echo(f"Stopped; process {os.getpid()} leaves nothing running.", err=True)
