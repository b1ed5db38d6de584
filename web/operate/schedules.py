"""`/operate/schedules`: when outlets are crawled; tried before they are set, paused with a reason, forecast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from config.counting import counted
from config.errors import UsageError
from config.outlets import OutletSpec
from index.account_records import Role
from index.errors import NotFoundError
from index.file_schedules import follow_files, in_force
from index.forecasts import Forecast, clashes_of
from index.forecasts import forecast as look_ahead
from index.job_records import KeptSchedule
from index.operating_json import schedule_json
from index.planning import cost_told, counted_as, forecast_json, planned
from index.plans import next_times, read_plan
from index.records import JsonObject
from index.schedules import Schedule
from index.store.schedules import list_schedules, pause_schedule, remove_schedule, resume_schedule, set_schedule
from web.auth import actor, needs
from web.operate.answering import asked_first, done
from web.site import answer, site, wants_json

pages = Blueprint("operate_schedules", __name__, url_prefix="/operate/schedules")
PREVIEWED = 8
HOURS_SHOWN = 48
HOSTS_SHOWN = 100
LABELS = {"zone": "Zone", "jitter": "Later by up to", "quiet": "Quiet hours"}
"""What the parts of a schedule are called on the page."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What was typed, and what would come of it: a schedule with its next times and clashes, or why it is refused."""

    typed: dict[str, str]
    plan: Schedule | None = None
    refused: str = ""
    next_at: tuple[str, ...] = ()
    clashes: tuple[str, ...] = ()
    cost: str = ""


@pages.get("")
@needs(Role.OPERATOR)
def schedule_list() -> ResponseReturnValue:
    """List the schedules in force and the paused ones, and the outlets that have none."""
    now, state = site().now(), request.args.get("state", "")
    kept = _kept()
    shown = [one for one in kept if state != "paused" or one.paused_at is not None]
    specs = site().files.specs()
    have = {one.outlet for one in kept}
    without = sorted((spec.title, name) for name, spec in specs.items() if name not in have and spec.enabled)
    data = {"schedules": [schedule_json(one, now) for one in shown], "without": [name for _, name in without]}
    times = {one.outlet: next_times(one.plan, max(now, one.planned_until), 1) for one in shown}
    return answer(
        "operate/schedules.html",
        data,
        schedules=shown,
        paused=sum(one.paused_at is not None for one in kept),
        total=len(kept),
        state=state,
        times=times,
        without=without,
        titles=_titles(specs),
        now=now,
    )


@pages.get("/forecast")
@needs(Role.OPERATOR)
def forecast() -> ResponseReturnValue:
    """Show what all schedules will ask of hosts and workers in the coming days; ?outlet= and ?when= try another one."""
    asked = request.args.get("days", "1")
    days = min(7, max(1, int(asked))) if asked.isdecimal() and len(asked) < 4 else 1
    plans = {one.outlet: one.plan for one in _kept() if one.paused_at is None}
    tried = _tried(_spec(request.args["outlet"]), request.args) if "outlet" in request.args else None
    if tried is not None and tried.plan is not None:
        plans[tried.plan.outlet] = tried.plan
    seen = _forecast(list(plans.values()), days)
    hours = _hours(seen)
    return answer(
        "operate/forecast.html",
        forecast_json(seen) | ({} if tried is None else {"tried": _tried_json(tried)}),
        seen=seen,
        tried=tried,
        days=days,
        hours=hours,
        busiest=max((number for _, number, _ in hours), default=0),
        hosts=seen.hosts[:HOSTS_SHOWN],
        titles=_titles(site().files.specs()),
        now=site().now(),
    )


@pages.get("/<name>")
@needs(Role.OPERATOR)
def schedule(name: str) -> ResponseReturnValue:
    """Show one outlet's schedule with the form that changes it; ?when= tries another without setting it."""
    spec, kept = _spec(name), _kept_of(name)
    tried = _tried(spec, request.args) if "when" in request.args else None
    data: JsonObject = {"schedule": None if kept is None else schedule_json(kept, site().now())}
    if tried is not None:
        data["tried"] = _tried_json(tried)
    return answer("operate/schedule.html", data, **_shown(spec, kept, tried))


@pages.post("/<name>")
@needs(Role.OPERATOR)
def set_(name: str) -> ResponseReturnValue:
    """Set a schedule, in the place of the one before and of the one in the outlet's file."""
    spec = _spec(name)
    tried = _tried(spec, request.form)
    clash = tried.clashes[0] if tried.clashes and not request.form.get("anyway") else ""
    refused = tried.refused or clash
    if tried.plan is None or refused:
        if wants_json():
            raise UsageError(refused)
        return render_template("operate/schedule.html", **_shown(spec, _kept_of(name), tried)), 400
    with site().store.write() as tx:
        kept = set_schedule(tx, tried.plan, origin="operator", by=actor(), now=site().now())
    return _done("set", kept)


@pages.post("/<name>/pause")
@needs(Role.OPERATOR)
def pause(name: str) -> ResponseReturnValue:
    """Let a schedule rest until it is resumed; the reason is for whoever finds it paused later."""
    reason, now = request.form.get("reason", "").strip()[:500], site().now()
    if not reason:
        raise UsageError("Say why in a few words: whoever finds it paused later will want to know. Go back to do so.")
    with site().store.read() as tx:
        held = list_schedules(tx)
    follow_files(site().store, site().files.specs(), held, now)
    with site().store.write() as tx:
        kept = pause_schedule(tx, name, reason=reason, by=actor(), now=now)
    return _done("paused", kept)


@pages.post("/<name>/resume")
@needs(Role.OPERATOR)
def resume(name: str) -> ResponseReturnValue:
    """Let a paused schedule go on from now."""
    with site().store.write() as tx:
        kept = resume_schedule(tx, name, by=actor(), now=site().now())
    return _done("resumed", kept)


@pages.get("/<name>/remove")
@needs(Role.OPERATOR)
def ask_to_remove(name: str) -> ResponseReturnValue:
    """Ask whether a schedule shall really be removed."""
    kept = _removable(name)
    file = _of_file(name)
    after = f"The one in the outlet's file counts again: {file}." if file else "The outlet is then crawled no more."
    told = [f"{kept.plan.when.in_words}, {kept.plan.zone}.", "To have it back, it must be set again.", after]
    back = url_for("operate_schedules.schedule", name=name)
    return asked_first(title=f"Remove the schedule of {name}?", told=told, button="Remove it", back=back)


@pages.post("/<name>/remove")
@needs(Role.OPERATOR)
def remove(name: str) -> ResponseReturnValue:
    """Forget a schedule that an operator set."""
    _removable(name)
    with site().store.write() as tx:
        remove_schedule(tx, name, by=actor(), now=site().now())
    return done("removed", "operate_schedules.schedule_list")


def _done(what: str, kept: KeptSchedule) -> ResponseReturnValue:
    made: JsonObject = {"schedule": schedule_json(kept, site().now())}
    return done(what, "operate_schedules.schedule", made=made, name=kept.outlet)


def _kept() -> list[KeptSchedule]:
    with site().store.read() as tx:
        held = list_schedules(tx)
    return in_force(held, site().files.specs(), site().now())


def _kept_of(name: str) -> KeptSchedule | None:
    return next((one for one in _kept() if one.outlet == name), None)


def _spec(name: str) -> OutletSpec:
    spec = site().files.specs().get(name)
    if spec is None:
        raise NotFoundError(f"There is no outlet file called {name[:80]!r}; only outlets with one have a schedule.")
    return spec


def _of_file(name: str) -> str:
    spec = site().files.specs().get(name)
    return spec.schedule if spec is not None and spec.enabled else ""


def _removable(name: str) -> KeptSchedule:
    kept = _kept_of(name)
    if kept is None:
        raise NotFoundError(f"{name[:80]} has no schedule.")
    if kept.origin == "file":
        raise UsageError(f"The schedule of {name} stands in its file; take the line out there, or pause it here.")
    return kept


def _titles(specs: dict[str, OutletSpec]) -> dict[str, str]:
    return {name: spec.title for name, spec in specs.items()}


def _shown(spec: OutletSpec, kept: KeptSchedule | None, tried: Tried | None) -> JsonObject:
    now = site().now()
    plan = kept.plan if kept is not None else None
    typed = {
        "when": plan.when.text if plan else "",
        "zone": plan.zone if plan else spec.zone or "UTC",
        "jitter": f"{round(plan.jitter.total_seconds())}s" if plan and plan.jitter else "",
        "quiet": ", ".join(one.text for one in plan.quiet) if plan else "",
    }
    return {
        "spec": spec,
        "kept": kept,
        "tried": tried,
        "typed": tried.typed if tried is not None else typed,
        "times": next_times(plan, max(now, kept.planned_until), PREVIEWED) if plan and kept else [],
        "now": now,
    }


def _tried(spec: OutletSpec, given: Mapping[str, str]) -> Tried:
    """What would come of what was typed."""
    now = site().now()
    typed = {key: given.get(key, "").strip()[:200] for key in ("when", "zone", "jitter", "quiet")}
    try:
        plan = read_plan(
            spec.name,
            tuple(typed["when"].split()),
            zone=typed["zone"] or "UTC",
            jitter=typed["jitter"] or None,
            quiet=(typed["quiet"],),
            now=now,
            labels=LABELS,
        )
    except UsageError as error:
        return Tried(typed, refused=str(error))
    known = planned(site().store, [plan], {spec.name: spec}, site().settings)[0]
    return Tried(
        typed,
        plan,
        next_at=tuple(next_times(plan, now, PREVIEWED)),
        clashes=tuple(clashes_of(known, now)),
        cost=_cost(plan),
    )


def _cost(plan: Schedule) -> str:
    """What a schedule would ask of its hosts in a day, in a sentence or two."""
    seen = _forecast([plan], 1)
    one = seen.outlets[0]
    runs = counted(len(one.firings) - one.folded, "run")
    of_day = "" if one.requests is None else f", {one.requests:,.0f} requests"
    told = f"{runs} in the next day{of_day}; {cost_told(one, seen)}."
    return f"{told} {counted_as(plan)}." if counted_as(plan) else told


def _forecast(plans: list[Schedule], days: int) -> Forecast:
    parts, specs = site(), site().files.specs()
    known = planned(parts.store, [plan for plan in plans if plan.outlet in specs], specs, parts.settings)
    return look_ahead(known, begins=parts.now(), over=timedelta(days=days), workers=parts.settings.operating.workers)


def _hours(seen: Forecast) -> list[tuple[str, int, str]]:
    """The requests of all hosts by hour: (hour, requests, the host that is asked most)."""
    totals: dict[str, list[tuple[int, str]]] = {}
    for host, hours in seen.host_hours.items():
        for hour, number in hours.items():
            totals.setdefault(f"{hour:%a %H:%M}", []).append((number, host))
    return [(hour, sum(number for number, _ in found), max(found)[1]) for hour, found in totals.items()][:HOURS_SHOWN]


def _tried_json(tried: Tried) -> JsonObject:
    return {
        "typed": tried.typed,
        "in_words": None if tried.plan is None else tried.plan.when.in_words,
        "refused": tried.refused,
        "next": list(tried.next_at),
        "clashes": list(tried.clashes),
        "cost": tried.cost,
    }
