"""`/operate`: what needs a person now, on one line at the top, then how everything stands."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from index.account_records import Role
from index.store.jobs import count_jobs
from web.auth import needs
from web.site import answer, site

pages = Blueprint("operate", __name__, url_prefix="/operate")


@pages.get("")
@needs(Role.OPERATOR)
def overview() -> ResponseReturnValue:
    """Show what needs a person now, then queue and runs."""
    with site().store.read() as tx:
        jobs = count_jobs(tx)
    data = {"jobs": {state.value: number for state, number in jobs.items()}}
    return answer("operate/overview.html", data, jobs=jobs, now=site().now())
