"""`/operate/runs` and `/operate/runs/<id>`: what each run did, how it differs from the usual one, and stopping one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from index.account_records import Role
from index.errors import NotFoundError
from index.hosts_told import pace_told
from index.job_records import JobState
from index.operating_json import log_json, pace_json, progress_json, run_json
from index.outcomes import Outcome
from index.progress import progress_of
from index.records import Decision, JsonObject, Run
from index.run_logs import excerpt
from index.store import Transaction
from index.store.decisions import decisions_of_run, outcome_counts
from index.store.health import observation_of_run
from index.store.hosts import pace_of_run
from index.store.jobs import ask_job_to_stop, job_of_run
from index.store.outlets import outlet_titles
from index.store.runs import ask_run_to_stop, get_run, list_runs
from index.usual import FIGURES, LOOKED_AT, Usual, compared, figure_of, lasting, sized, usual_of
from web.auth import actor, needs
from web.operate.answering import asked_first, done, whole_number
from web.operate.wording import lasted, number_told
from web.shapes import instant
from web.site import answer, page_number, site

pages = Blueprint("operate_runs", __name__, url_prefix="/operate/runs")
RUNS_PAGE = 50
DECISIONS_PAGE = 100
STATES = ("running", "done", "partial", "budget", "blocked", "failed", "killed", "storage_full")
KINDS = ("crawl", "check", "replay", "import", "reextract")
_LABELS = {
    "seconds": "Lasted",
    "asked": "URLs asked for",
    "fetched": "Answers",
    "new": "New articles",
    "changed": "Changed articles",
    "body_bytes": "Read",
}


@pages.get("")
@needs(Role.OPERATOR)
def run_list() -> ResponseReturnValue:
    """List runs, the newest first, by outlet, state and kind."""
    outlet, state, kind = (request.args.get(name, "") for name in ("outlet", "state", "kind"))
    before = whole_number(request.args.get("before", ""))
    with site().store.read() as tx:
        found = list_runs(
            tx,
            outlet=outlet or None,
            kind=kind if kind in KINDS else None,
            states=(state,) if state in STATES else (),
            before=before,
            limit=RUNS_PAGE + 1,
        )
        titles = outlet_titles(tx)
    shown = found[:RUNS_PAGE]
    older = shown[-1].id if len(found) > RUNS_PAGE else None
    data = {"runs": [run_json(run) for run in shown], "before": before, "older": older}
    chosen = {"outlet": outlet, "state": state, "kind": kind}
    return answer(
        "operate/runs.html",
        data,
        runs=shown,
        older=older,
        before=before,
        chosen=chosen,
        outlets=sorted(titles.items(), key=lambda one: one[1].lower()),
        states=STATES,
        kinds=KINDS,
        titles=titles,
        now=site().now(),
    )


@pages.get("/<int:run_id>")
@needs(Role.OPERATOR)
def run(run_id: int) -> ResponseReturnValue:
    """Show a run: how it ended, outcomes, numbers beside the usual ones, its job, how each address ended."""
    now, page = site().now(), page_number()
    outcome = _outcome_asked()
    with site().store.read() as tx:
        found = _held(tx, run_id)
        counts = found.counts if found.finished_at is not None else outcome_counts(tx, run_id)
        usual = usual_of(list_runs(tx, outlet=found.outlet, kind=found.kind, before=run_id, limit=2 * LOOKED_AT))
        job = job_of_run(tx, run_id)
        skipped = (page - 1) * DECISIONS_PAGE
        ends = decisions_of_run(tx, run_id, outcome=outcome, limit=DECISIONS_PAGE + 1, offset=skipped)
        seen = observation_of_run(tx, run_id)
        titles = outlet_titles(tx)
        paces = pace_of_run(tx, run_id)
    unusual, progress = compared(found, usual), progress_of(found, usual, now=now)
    log = excerpt(site().settings, run_id)
    live = _live(found, counts) | ({} if progress is None else {"progress": progress.in_words(now)})
    data: JsonObject = {
        **run_json(found),
        "outcomes": dict(counts),
        "unfit": found.unfit,
        "usual": None if usual is None else asdict(usual),
        "unusual": unusual,
        "job_id": None if job is None else job.id,
        "decisions": [_decision_json(one) for one in ends[:DECISIONS_PAGE]],
        "hosts": [pace_json(pace) for pace in paces],
        "progress": None if progress is None else progress_json(progress),
        "log": log_json(log),
        "live": live,
    }
    return answer(
        "operate/run.html",
        data,
        run=found,
        counts=[(one, counts[one.value]) for one in Outcome if one.value in counts],
        usual=usual,
        unusual=unusual,
        figures=_figures(replace(found, counts=counts), usual),
        job=job,
        decisions=ends[:DECISIONS_PAGE],
        outcome=outcome,
        page=page,
        more=len(ends) > DECISIONS_PAGE,
        seen=seen,
        live=live,
        paces=paces,
        pace_told=pace_told,
        progress=progress,
        log=log,
        titles=titles,
        now=now,
    )


@pages.get("/<int:run_id>/stop")
@needs(Role.OPERATOR)
def ask_to_stop(run_id: int) -> ResponseReturnValue:
    """Ask whether a run shall really be stopped."""
    with site().store.read() as tx:
        found = _held(tx, run_id)
    told = [
        f"{found.outlet}, {found.kind}, under way since {found.started_at:%Y-%m-%d %H:%M} UTC.",
        "It ends within seconds and keeps what it stored. What it had not asked for yet waits for the next run.",
    ]
    back = url_for("operate_runs.run", run_id=run_id)
    return asked_first(title=f"Stop run {run_id}?", told=told, button="Stop it", back=back)


@pages.post("/<int:run_id>/stop")
@needs(Role.OPERATOR)
def stop(run_id: int) -> ResponseReturnValue:
    """Ask a run under way to stop, wherever it runs, and its job with it."""
    now, by = site().now(), actor()
    with site().store.write() as tx:
        ask_run_to_stop(tx, run_id, by=by, now=now)
        job = job_of_run(tx, run_id)
        if job is not None and job.state is JobState.LEASED:
            ask_job_to_stop(tx, job.id, by=by, now=now)
    return done("stopping", "operate_runs.run", run_id=run_id)


def _held(tx: Transaction, run_id: int) -> Run:
    found = get_run(tx, run_id)
    if found is None:
        raise NotFoundError(f"There is no run {run_id}.")
    return found


def _outcome_asked() -> Outcome | None:
    asked = request.args.get("outcome", "")
    return Outcome(asked) if asked in {one.value for one in Outcome} else None


def _figures(found: Run, usual: Usual | None) -> list[tuple[str, str, str]]:
    """The figures of a run with the usual ones beside them: (label, this run, usual)."""
    return [
        (_LABELS[name], _told(name, figure_of(found, name)), _told(name, getattr(usual, name)) if usual else "")
        for name in FIGURES
        if name != "seconds" or found.finished_at is not None
    ]


def _told(name: str, value: float) -> str:
    if name == "seconds":
        return lasting(value)
    return sized(value) if name == "body_bytes" else f"{value:,.0f}"


def _live(found: Run, counts: Mapping[str, int]) -> dict[str, str]:
    """What changes while a run goes on, as the page writes it."""
    told = {f"number-{name}": number_told(name, number) for name, number in found.numbers.items()}
    told |= {f"outcome-{name}": f"{number:,}" for name, number in counts.items()}
    told["lasted"] = lasted(found, site().now())
    told["ended"] = "no" if found.finished_at is None else "yes"
    return told


def _decision_json(one: Decision) -> JsonObject:
    return {
        "url": one.url,
        "at": instant(one.at),
        "outcome": one.outcome.value if one.outcome else None,
        "detail": one.detail,
    }
