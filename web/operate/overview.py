"""`/operate`: what needs a person now, on one line at the top, then how everything stands."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from index.account_records import Role, SlowSearch
from index.alerts.records import Beat, Told
from index.health.records import HealthState
from index.job_records import JobState
from index.needs import Need, grouped
from index.operating_json import job_json, run_json
from index.records import JsonObject
from index.store.alerts import list_alerts
from index.store.health import list_health
from index.store.jobs import count_jobs, list_jobs
from index.store.outlets import outlet_titles
from index.store.runs import list_runs
from index.store.slow_searches import list_slow_searches
from web.auth import needs
from web.operate.standing import Stands, how_it_stands
from web.shapes import instant
from web.site import answer, site

pages = Blueprint("operate", __name__, url_prefix="/operate")
SHOWN = 10
RUNNING = 50


@pages.get("")
@needs(Role.OPERATOR)
def overview() -> ResponseReturnValue:
    """Show what needs a person now, then outlets by state, queue, runs, index, disk, alerts."""
    now = site().now()
    with site().store.read() as tx:
        stands = how_it_stands(tx)
        counts = count_jobs(tx)
        running = list_runs(tx, states=("running",), limit=RUNNING)
        ended = list_runs(tx, ended=True, limit=SHOWN)
        queued = list_jobs(tx, states=[JobState.WAITING], limit=SHOWN)
        alerts = list_alerts(tx, limit=SHOWN)
        slow = list_slow_searches(tx, limit=SHOWN)
        titles = outlet_titles(tx)
        states = Counter(one.state for one in list_health(tx))
    alerting = site().settings.alerts
    fares = {state.value: states[state] for state in HealthState if states[state]}
    data: JsonObject = {
        **_stands_json(stands),
        "outlets": fares,
        "jobs": {state.value: number for state, number in counts.items()},
        "queued": [job_json(job) for job in queued],
        "running": [run_json(run) for run in running],
        "ended": [run_json(run) for run in ended],
        "alerts": [alert_json(one) for one in alerts],
        "slow_searches": [slow_json(one) for one in slow],
    }
    return answer(
        "operate/overview.html",
        data,
        groups=[(line, mended_at(group[0]), group) for line, group in grouped(stands.needs)],
        stands=stands,
        counts=counts,
        fares=fares,
        is_told=bool(alerting.mail_to or alerting.webhook_url.get_secret_value()),
        queued=queued,
        running=running,
        ended=ended,
        alerts=alerts,
        slow=slow,
        slow_ms=site().settings.web.slow_search_ms,
        titles=titles,
        now=now,
    )


def mended_at(need: Need, *, alone: bool = False) -> str:
    """Return the address of the page where a need is mended: of all alike, or of this one `alone`."""
    if need.kind == "outlet":
        state = need.what.removeprefix("outlet ")
        if alone:
            return url_for("operate_outlets.outlet", name=need.subject)
        return url_for("operate_outlets.grid", state=state)
    if need.kind == "job":
        outlet = need.subject if alone else None
        return url_for("operate_jobs.job_list", state="failed", outlet=outlet)
    if need.kind == "schedule":
        if alone:
            return url_for("operate_schedules.schedule", name=need.subject)
        return url_for("operate_schedules.schedule_list", state="paused")
    if need.kind == "worker":
        return url_for("operate_jobs.job_list")
    if need.kind == "scheduler":
        return url_for("operate_schedules.schedule_list")
    place = {"index": "index", "disk": "disk", "alert": "alerts"}.get(need.kind, "parts")
    return url_for("operate.overview") + f"#{place}"


def alert_json(one: Told) -> JsonObject:
    """Return an alert with what was told of it."""
    return {
        "kind": one.alert.kind.value,
        "subject": one.alert.subject,
        "state": one.alert.state,
        "sentence": one.alert.sentence,
        "first_at": instant(one.alert.first_at),
        "ended_at": instant(one.alert.ended_at),
        "told": [
            {"channel": telling.channel, "said": telling.said.value, "told_at": instant(telling.told_at)}
            for telling in one.tellings
        ],
    }


def slow_json(one: SlowSearch) -> JsonObject:
    """Return a slow search."""
    return {"at": instant(one.at), "query": one.query, "took_ms": one.took_ms, "hits": one.hits, "cut": one.cut}


def _stands_json(stands: Stands) -> JsonObject:
    standing = stands.standing
    return {
        "needs": [
            {
                "kind": need.kind,
                "what": need.what,
                "subject": need.subject,
                "sentence": need.sentence,
                "since": instant(need.since),
                "mended_at": mended_at(need, alone=True),
            }
            for need in stands.needs
        ],
        "index": {
            "position": stands.position,
            "changes_behind": standing.behind,
            "behind_since": instant(standing.behind_since),
            "fault": standing.index_fault,
        },
        "disk": {"free_mb": standing.free_mb, "of_mb": stands.disk_mb, "least_mb": standing.least_mb},
        "parts": [_beat_json(beat) for beat in stands.facts.beats],
    }


def _beat_json(beat: Beat) -> JsonObject:
    return {
        "part": beat.part.value,
        "host": beat.host,
        "pid": beat.pid,
        "at": instant(beat.at),
        "ended_at": instant(beat.ended_at),
    }
