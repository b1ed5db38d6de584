"""`watchfloor schedule`: when outlets are crawled. Parses, asks the store or the forecast, prints."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import click

from config.counting import counted
from config.errors import UsageError
from config.outlets import load_outlets
from config.settings import Settings
from crawler.cli_forecast import forecast
from crawler.run import find_outlet
from index.asking import who
from index.file_schedules import follow_files, in_force
from index.forecasts import clashes_of
from index.job_records import KeptSchedule
from index.operating_json import schedule_json
from index.planning import planned as planned_with
from index.plans import next_times, read_plan
from index.schedules import told_in
from index.store import Store, opened_store
from index.store.schedules import (
    get_schedule,
    list_schedules,
    pause_schedule,
    remove_schedule,
    resume_schedule,
    set_schedule,
)


@click.group()
def schedule() -> None:
    """When outlets are crawled: set, paused, resumed, and what it will cost. In force within seconds."""


@schedule.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_(settings: Settings, as_json: bool) -> None:
    """List all schedules, of operators and of outlet files, with their next firing."""
    now = datetime.now(UTC)
    with opened_store(settings) as store, store.read() as tx:
        kept = in_force(list_schedules(tx), load_outlets(settings.outlet_folders), now)
    if as_json:
        click.echo(json.dumps([schedule_json(one, now) for one in kept], ensure_ascii=False))
        return
    for one in kept:
        click.echo(in_a_line(one, now))
    if not kept:
        click.echo("No outlet has a schedule; `watchfloor schedule set OUTLET WHEN` makes one.")


def _timed(command: Any) -> Any:
    """Add the options that say how a schedule's times are meant."""
    for option in (
        click.option(
            "--quiet",
            multiple=True,
            metavar="HH:MM-HH:MM",
            help="Hours in which nothing begins; repeatable, or with commas.",
        ),
        click.option("--jitter", metavar="SPAN", help="Begin each run up to so much later, as 5m; no two alike."),
        click.option("--zone", default="UTC", show_default=True, help="IANA zone whose clock counts, as Europe/Paris."),
    ):
        command = option(command)
    return command


@schedule.command(name="set")
@click.argument("outlet")
@click.argument("when", nargs=-1, required=True)
@_timed
@click.option("--anyway", is_flag=True, help="Also where the usual run of the outlet does not fit into it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def set_(
    settings: Settings,
    outlet: str,
    when: tuple[str, ...],
    zone: str,
    jitter: str | None,
    quiet: tuple[str, ...],
    anyway: bool,
    as_json: bool,
) -> None:
    """Crawl OUTLET at WHEN: a cron line in quotes, `every 30m`, or `adaptive 10m-6h` (as often as it writes).

    It takes the place of the one in the outlet's file, and of one set before.
    """
    now = datetime.now(UTC)
    spec = find_outlet(outlet, settings)
    plan = read_plan(spec.name, when, zone=zone, jitter=jitter, quiet=quiet, now=now)
    with opened_store(settings) as store:
        clashes = clashes_of(planned_with(store, [plan], {outlet: spec}, settings)[0], now)
        if clashes and not anyway:
            raise UsageError(f"{clashes[0]} --anyway sets yours.")
        with store.write() as tx:
            kept = set_schedule(tx, plan, origin="operator", by=who(), now=now)
    if as_json:
        click.echo(json.dumps(schedule_json(kept, now), ensure_ascii=False))
        return
    click.echo(f"{outlet}: {plan.when.in_words}, {zone}. Next: {', '.join(next_times(plan, now))}.")
    if kept.paused_at is not None:
        click.echo(f"It is paused ({kept.paused_reason}): `watchfloor schedule resume {outlet}` lets it go on.")


@schedule.command()
@click.argument("outlet")
@click.option("--reason", required=True, help="Why, for whoever finds it paused later.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def pause(settings: Settings, outlet: str, reason: str, as_json: bool) -> None:
    """Let the schedule of OUTLET rest until it is resumed. A run under way goes on."""
    if not reason.strip():
        raise UsageError("--reason: say why in a few words; whoever finds it paused later will want to know.")
    now = datetime.now(UTC)
    with opened_store(settings) as store:
        _keep_file_schedules(store, settings, now)
        with store.write() as tx:
            kept = pause_schedule(tx, outlet, reason=reason.strip(), by=who(), now=now)
    _tell(kept, now, as_json)


@schedule.command()
@click.argument("outlet")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def resume(settings: Settings, outlet: str, as_json: bool) -> None:
    """Let a paused schedule go on from now; what would have fired meanwhile is left out."""
    now = datetime.now(UTC)
    with opened_store(settings) as store, store.write() as tx:
        kept = resume_schedule(tx, outlet, by=who(), now=now)
    _tell(kept, now, as_json)


@schedule.command()
@click.argument("outlet")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def remove(settings: Settings, outlet: str, as_json: bool) -> None:
    """Forget the schedule of OUTLET; where its file names one, that one counts again."""
    spec = load_outlets(settings.outlet_folders).get(outlet)
    of_file = spec.schedule if spec is not None and spec.enabled else ""
    with opened_store(settings) as store, store.write() as tx:
        kept = get_schedule(tx, outlet)
        if of_file and (kept is None or kept.origin == "file"):
            raise UsageError(
                f"{outlet}: its schedule ({of_file}) stands in {spec.file if spec else 'its file'}; take the line out "
                f"there, or `watchfloor schedule pause {outlet} --reason WHY`."
            )
        remove_schedule(tx, outlet, by=who(), now=datetime.now(UTC))
    if as_json:
        click.echo(json.dumps({"outlet": outlet, "removed": True, "schedule_of_file": of_file or None}))
        return
    click.echo(f"{outlet}: removed." + (f" The schedule of its file counts again: {of_file}." if of_file else ""))


schedule.add_command(forecast)


def in_a_line(kept: KeptSchedule, now: datetime) -> str:
    """Write a schedule as one line of the list."""
    plan = kept.plan
    if kept.paused_at is not None:
        state = f"paused since {told_in(plan.zone, kept.paused_at)}: {kept.paused_reason}"
    else:
        state = f"next {next(iter(next_times(plan, max(now, kept.planned_until), 1)), 'never')}"
    more = [f"jitter {counted(round(plan.jitter.total_seconds()), 'second')}"] if plan.jitter else []
    more += [f"quiet {one.text}" for one in plan.quiet]
    more += [f"now every {round(plan.wait.total_seconds() / 60)} min"] if plan.wait else []
    shown = f" ({', '.join(more)})" if more else ""
    return f"{plan.outlet:<24} {plan.when.text:<20} {state}{shown}  [{kept.changed_by}]"


def _tell(kept: KeptSchedule, now: datetime, as_json: bool) -> None:
    click.echo(json.dumps(schedule_json(kept, now), ensure_ascii=False) if as_json else in_a_line(kept, now))


def _keep_file_schedules(store: Store, settings: Settings, now: datetime) -> None:
    """Make rows of the schedules of outlet files, so that they can be paused before a scheduler has seen them."""
    with store.read() as tx:
        held = list_schedules(tx)
    follow_files(store, load_outlets(settings.outlet_folders), held, now)
