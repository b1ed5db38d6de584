"""`watchfloor schedule forecast`: what schedules will ask of hosts and workers. Asks the pure forecast, prints."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import click

from config.counting import counted
from config.errors import UsageError
from config.outlets import load_outlets
from config.settings import Settings
from crawler.run import find_outlet
from index.file_schedules import in_force
from index.forecasts import Forecast
from index.forecasts import forecast as look_ahead
from index.planning import cost_told, counted_as, forecast_json, planned
from index.plans import next_times, read_plan
from index.schedules import Schedule
from index.store import opened_store
from index.store.schedules import list_schedules


@click.command()
@click.argument("outlet", required=False)
@click.argument("when", nargs=-1)
@click.option("--zone", default="UTC", show_default=True, help="IANA zone whose clock counts, as Europe/Paris.")
@click.option("--jitter", metavar="SPAN", help="Begin each run up to so much later, as 5m; no two alike.")
@click.option(
    "--quiet", multiple=True, metavar="HH:MM-HH:MM", help="Hours in which nothing begins; repeatable, or with commas."
)
@click.option("--days", type=click.IntRange(1, 31), default=1, show_default=True, help="How far to look ahead.")
@click.option("--workers", type=click.IntRange(1, 64), default=None, help="Default: [operating] workers.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def forecast(
    settings: Settings,
    outlet: str | None,
    when: tuple[str, ...],
    zone: str,
    jitter: str | None,
    quiet: tuple[str, ...],
    days: int,
    workers: int | None,
    as_json: bool,
) -> None:
    """Say what the schedules will do: firings, requests per host and hour, duration, clashes.

    With OUTLET and WHEN as if that were set already; nothing is. The cost of a run is the median of the outlet's past
    runs; without any, that is said.
    """
    now = datetime.now(UTC)
    specs = load_outlets(settings.outlet_folders)
    tried = None
    if outlet is not None:
        find_outlet(outlet, settings)
        tried = read_plan(outlet, when, zone=zone, jitter=jitter, quiet=quiet, now=now) if when else None
    with opened_store(settings) as store:
        with store.read() as tx:
            kept = in_force(list_schedules(tx), specs, now)
        plans = {one.outlet: one.plan for one in kept if one.paused_at is None and one.outlet in specs}
        if tried is not None:
            plans[tried.outlet] = tried
        if outlet is not None and outlet not in plans:
            raise UsageError(f"{outlet}: has no schedule in force; name a WHEN to try one.")
        known = planned(store, plans.values(), specs, settings)
    seen = look_ahead(known, begins=now, over=timedelta(days=days), workers=workers or settings.operating.workers)
    if as_json:
        click.echo(json.dumps(forecast_json(seen, outlet), ensure_ascii=False))
        return
    lines = in_words(seen, outlet, days)
    if outlet is not None:
        lines[1:1] = _meaning(plans[outlet], now)
    click.echo("\n".join(lines))


def _meaning(plan: Schedule, now: datetime) -> list[str]:
    """Say in lines when a schedule fires next, and what an adaptive one is counted as."""
    times = ", ".join(next_times(plan, now))
    told = [f"{plan.outlet}: {plan.when.in_words}, {plan.zone}. Next: {times}."]
    return told + ([f"{counted_as(plan)}."] if counted_as(plan) else [])


def in_words(seen: Forecast, outlet: str | None, days: int) -> list[str]:
    """Write a forecast, of one outlet or of all, as lines."""
    if not seen.outlets:
        return ["No outlet has a schedule in force; name OUTLET and WHEN to try one."]
    lines = [f"The next {counted(days, 'day')}, with {counted(seen.workers, 'worker')}:"]
    for one in seen.outlets:
        if outlet not in (None, one.outlet):
            continue
        folded = f", {counted(one.folded, 'firing')} folded" if one.folded else ""
        lines.append(f"{one.outlet:<24} {counted(len(one.firings), 'firing')}{folded}; {cost_told(one, seen)}.")
    lines.append(f"Workers are busy {seen.busy:.0%} of the time.")
    lines += [f"Clash: {said}" for said in seen.clashes]
    if not seen.clashes:
        lines.append("No clash is known.")
    if seen.unknown:
        some = ", ".join(seen.unknown[:5]) + (" and others" if len(seen.unknown) > 5 else "")
        lines.append(f"Not counted, for want of three whole runs: {counted(len(seen.unknown), 'outlet')} ({some}).")
    return lines
