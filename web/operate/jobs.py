"""`/operate/jobs`: what is queued, running, done and given up; asking for a run, and calling one off."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from config.errors import UsageError
from index.account_records import Role
from index.asking import request_run
from index.errors import NotFoundError
from index.job_records import JobState, Wish
from index.operating_json import job_json
from index.store.jobs import ask_job_to_stop, count_jobs, get_job, list_jobs
from web.auth import actor, needs
from web.operate.answering import asked_first, done, whole_number
from web.operate.wording import JOB_STATES, job_told
from web.site import answer, site, wants_json

pages = Blueprint("operate_jobs", __name__, url_prefix="/operate/jobs")
MOST_SHOWN = 100
TABS = {
    "waiting": (JobState.WAITING,),
    "leased": (JobState.LEASED,),
    "done": (JobState.DONE,),
    "failed": (JobState.FAILED,),
    "cancelled": (JobState.CANCELLED,),
}


@pages.get("")
@needs(Role.OPERATOR)
def job_list() -> ResponseReturnValue:
    """List jobs of one state, of all outlets or one, with the form that asks for a run."""
    return _listed("", {})


@pages.post("")
@needs(Role.OPERATOR)
def crawl_now() -> ResponseReturnValue:
    """Ask for a run of an outlet, or of one address of it."""
    typed = {name: request.form.get(name, "").strip() for name in ("outlet", "limit", "url")}
    try:
        limit = whole_number(typed["limit"])
        if typed["limit"] and not limit:
            raise UsageError(f"{typed['limit'][:40]!r} is no number of pages; write 1 or more, or leave it empty.")
        wish = Wish(typed["outlet"], limit, typed["url"] or None)
        with site().store.write() as tx:
            job = request_run(tx, wish, specs=site().files.specs(), by=actor(), now=site().now())
    except UsageError as error:
        if wants_json():
            raise
        return make_response(_listed(str(error), typed), 400)
    return done("asked", "operate_jobs.job_list", made={"job": job_json(job)}, state="waiting")


@pages.get("/<int:job_id>/cancel")
@needs(Role.OPERATOR)
def ask_to_cancel(job_id: int) -> ResponseReturnValue:
    """Ask whether a job shall really be called off."""
    with site().store.read() as tx:
        job = get_job(tx, job_id)
    if job is None:
        raise NotFoundError(f"There is no job {job_id}.")
    told = [f"{job.outlet}: {JOB_STATES[job.state]}, asked for by {job.asked_by}.", job_told(job, site().now())]
    if job.state is JobState.LEASED:
        told.append("The run ends within seconds and keeps what it stored.")
    back = url_for("operate_jobs.job_list")
    return asked_first(title=f"Call off job {job_id}?", told=told, button="Call it off", back=back)


@pages.post("/<int:job_id>/cancel")
@needs(Role.OPERATOR)
def cancel(job_id: int) -> ResponseReturnValue:
    """Call a job off: one that waits at once, one that runs within seconds."""
    with site().store.write() as tx:
        ask_job_to_stop(tx, job_id, by=actor(), now=site().now())
    return done("cancelled", "operate_jobs.job_list")


def _listed(refused: str, typed: dict[str, str]) -> ResponseReturnValue:
    now = site().now()
    tab = request.args.get("state", "")
    outlet = request.args.get("outlet", "")
    with site().store.read() as tx:
        counts = count_jobs(tx)
        if tab not in TABS:
            tab = "leased" if counts[JobState.LEASED] and not counts[JobState.WAITING] else "waiting"
        found = list_jobs(tx, outlet=outlet or None, states=TABS[tab], limit=MOST_SHOWN)
    specs = site().files.specs()
    context = {
        "tabs": [(name, JOB_STATES[states[0]], counts[states[0]]) for name, states in TABS.items()],
        "tab": tab,
        "outlet": outlet,
        "jobs": found,
        "most": MOST_SHOWN,
        "outlets": sorted((spec.title, name) for name, spec in specs.items()),
        "titles": {name: spec.title for name, spec in specs.items()},
        "refused": refused,
        "typed": typed,
        "now": now,
    }
    if refused:
        return render_template("operate/jobs.html", **context)
    data = {"state": tab, "counts": {state.value: number for state, number in counts.items()}}
    return answer("operate/jobs.html", {**data, "jobs": [job_json(job) for job in found]}, **context)
