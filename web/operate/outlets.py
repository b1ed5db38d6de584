"""`/operate/outlets` (thirty days of every outlet) and `/operate/outlets/<name>`: how one fares, and what shows it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from index.account_records import Role
from index.errors import NotFoundError
from index.good_and_now import FieldPair, Reading, fields_beside, good_and_now
from index.health.causes import cause_named
from index.health.records import Evidence, Health, HealthChange, HealthState
from index.operating_json import run_json
from index.outlet_days import LETTERS, Day, days_of, days_shown
from index.records import JsonObject, OutletRow
from index.store.health import changes_of, get_health, list_health
from index.store.outlets import get_outlet, list_outlets
from index.store.run_days import runs_by_day
from index.store.runs import list_runs
from index.store.schedules import get_schedule
from web.auth import needs
from web.operate.scorecard import scores_of
from web.shapes import instant, outlet_json
from web.site import answer, page_number, refuse_page_behind_last, site

pages = Blueprint("operate_outlets", __name__, url_prefix="/operate/outlets")
OUTLETS_PAGE = 60
MOST_CHANGES = 20_000
CHANGES_SHOWN = 30
RUNS_SHOWN = 15
_GRAVEST = ("broken", "blocked", "stale", "degraded", "", "healthy", "paused")


@pages.get("")
@needs(Role.OPERATOR)
def grid() -> ResponseReturnValue:
    """Show a row for each outlet with a cell for each of thirty days, the worst first."""
    now, page, state = site().now(), page_number(), request.args.get("state", "")
    shown_days = days_shown(now)
    with site().store.read() as tx:
        held = [one for one in list_outlets(tx) if one.enabled or one.last_run is not None]
        fares = {one.outlet: one for one in list_health(tx)}
        runs = runs_by_day(tx, shown_days[0])
        changes: dict[str, list[HealthChange]] = {}
        for change in changes_of(tx, since=datetime.combine(shown_days[0], time(), UTC), limit=MOST_CHANGES):
            changes.setdefault(change.outlet, []).append(change)
    counts = Counter(fares[one.name].state.value if one.name in fares else "" for one in held)
    wanted = [one for one in held if not state or _state(fares.get(one.name)) == state]
    wanted.sort(key=lambda one: (_GRAVEST.index(_state(fares.get(one.name))), one.title.lower()))
    start = (page - 1) * OUTLETS_PAGE
    rows = [
        (one, fares.get(one.name), days_of(one.name, fares.get(one.name), changes.get(one.name, []), runs, now))
        for one in wanted[start : start + OUTLETS_PAGE]
    ]
    refuse_page_behind_last(page, rows)
    data = {
        "days": [day.isoformat() for day in shown_days],
        "outlets": [_row_json(one, health, days) for one, health, days in rows],
    }
    return answer(
        "operate/outlets.html",
        data,
        rows=rows,
        days=shown_days,
        letters=LETTERS,
        states=[(one.value, counts[one.value]) for one in HealthState if counts[one.value]],
        unjudged=counts[""],
        chosen=state,
        page=page,
        more=len(wanted) > start + OUTLETS_PAGE,
        total=len(held),
        now=now,
    )


@pages.get("/<name>")
@needs(Role.OPERATOR)
def outlet(name: str) -> ResponseReturnValue:
    """Show how one outlet fares: scorecard, evidence, changes, the last good reading beside the newest, its runs."""
    now = site().now()
    with site().store.read() as tx:
        found = get_outlet(tx, name)
        if found is None:
            raise NotFoundError(f"There is no outlet called {name[:80]!r}.")
        health = get_health(tx, name)
        changes = changes_of(tx, name, limit=CHANGES_SHOWN)
        good, newest = good_and_now(tx, name)
        runs = list_runs(tx, outlet=name, limit=RUNS_SHOWN)
        kept = get_schedule(tx, name)
    scores = scores_of(health.figures if health is not None else {})
    cause = cause_named(health.cause) if health is not None else None
    advice = "" if cause is None else cause.advice.replace("NAME", name)
    pairs = fields_beside(good, newest)
    data: JsonObject = {
        **outlet_json(found),
        "health": None if health is None else {**health_json(health), "advice": advice},
        "scorecard": [{"what": one.what, "now": one.now, "usual": one.usual} for one in scores],
        "changes": [_change_json(one) for one in changes],
        "last_good": None if good is None else _reading_json(good),
        "newest": None if newest is None else _reading_json(newest),
        "fields": [_pair_json(pair) for pair in pairs],
        "runs": [run_json(run) for run in runs],
    }
    return answer(
        "operate/outlet.html",
        data,
        outlet=found,
        health=health,
        meaning="" if cause is None else cause.meaning,
        advice=advice,
        scores=scores,
        changes=changes,
        good=good,
        newest=newest,
        pairs=pairs,
        runs=runs,
        kept=kept,
        has_file=name in site().files.specs(),
        now=now,
    )


def health_json(health: Health) -> JsonObject:
    """Return how an outlet fares, with what shows it."""
    return {
        "state": health.state.value,
        "cause": health.cause,
        "sentence": health.sentence,
        "since": instant(health.since),
        "judged_at": instant(health.judged_at),
        "fit": health.fit,
        "evidence": [_evidence_json(one) for one in health.evidence],
    }


def _state(health: Health | None) -> str:
    return "" if health is None else health.state.value


def _evidence_json(one: Evidence) -> JsonObject:
    return {"what": one.what, "now": one.now, "usual": one.usual}


def _row_json(one: OutletRow, health: Health | None, days: list[Day]) -> JsonObject:
    return {
        "outlet": one.name,
        "title": one.title,
        "state": _state(health) or None,
        "sentence": health.sentence if health is not None else "",
        "days": [
            {
                "on": day.on.isoformat(),
                "state": day.state.value if day.state else None,
                "runs": day.runs,
                "failed": day.failed,
            }
            for day in days
        ],
    }


def _change_json(one: HealthChange) -> JsonObject:
    return {
        "at": instant(one.at),
        "before": one.before.value if one.before else None,
        "state": one.state.value,
        "cause": one.cause,
        "sentence": one.sentence,
    }


def _reading_json(reading: Reading) -> JsonObject:
    return {
        "run_id": reading.run.id,
        "at": instant(reading.decision.at),
        "url": reading.decision.url,
        "outcome": reading.decision.outcome.value if reading.decision.outcome else None,
        "detail": reading.decision.detail,
        "article_id": None if reading.article is None else reading.article.id,
        "revision": None if reading.revision is None else reading.revision.number,
        "links": reading.links,
    }


def _pair_json(pair: FieldPair) -> JsonObject:
    return {
        "field": pair.name,
        "last_good": {"rule": pair.good_rule, "value": pair.good_value},
        "newest": {"rule": pair.now_rule, "value": pair.now_value},
        "differs": pair.differs,
    }
