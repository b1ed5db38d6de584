"""`/outlets` and `/outlets/<name>`: who is read, how fresh, and how its last runs ended."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from index.errors import NotFoundError
from index.outcomes import Outcome
from index.records import Run
from index.store.articles import latest_articles
from index.store.outlets import coverage, get_outlet, list_outlets
from index.store.runs import list_runs
from web.shapes import article_json, outlet_json, run_json
from web.site import answer, page_number, refuse_page_behind_last, site

pages = Blueprint("outlets", __name__, url_prefix="/outlets")
ARTICLES_PAGE = 25
RUNS = 10


@pages.get("")
def outlet_list() -> ResponseReturnValue:
    """Show every outlet with its articles and how fresh it is."""
    at, settings = site().now(), site().settings
    with site().store.read() as tx:
        found = list_outlets(tx)
        covered = coverage(tx, now=at, stale_after_h=settings.coverage.stale_after_h)
    states = {one.outlet: one.state for one in covered}
    reasons = {one.outlet: one.reason for one in covered}
    data = {
        "outlets": [
            {**outlet_json(row), "state": states.get(row.name, "off"), "reason": reasons.get(row.name, "")}
            for row in found
        ]
    }
    return answer("outlets.html", data, titles={}, outlets=found, states=states, reasons=reasons, now=at)


@pages.get("/<name>")
def outlet(name: str) -> ResponseReturnValue:
    """Show one outlet: its newest articles and its last runs with their outcomes."""
    at, page = site().now(), page_number()
    with site().store.read() as tx:
        found = get_outlet(tx, name)
        if found is None:
            raise NotFoundError(f"There is no outlet called {name[:80]!r}.")
        articles = latest_articles(tx, outlet=name, limit=ARTICLES_PAGE + 1, offset=(page - 1) * ARTICLES_PAGE)
        runs = list_runs(tx, outlet=name, limit=RUNS)
        covered = coverage(tx, now=at, stale_after_h=site().settings.coverage.stale_after_h, outlets=(name,))
    refuse_page_behind_last(page, articles)
    state, reason = (covered[0].state, covered[0].reason) if covered else ("never", "")
    data = {
        **outlet_json(found),
        "state": state,
        "reason": reason,
        "runs": [run_json(run) for run in runs],
        "latest": [article_json(article) for article in articles[:ARTICLES_PAGE]],
        "page": page,
    }
    return answer(
        "outlet.html",
        data,
        outlet=found,
        titles={found.name: found.title},
        state=state,
        reason=reason,
        articles=articles[:ARTICLES_PAGE],
        more=len(articles) > ARTICLES_PAGE,
        page=page,
        runs=[(run, outcomes_of(run)) for run in runs],
        now=at,
    )


def outcomes_of(run: Run) -> list[tuple[str, int, str]]:
    """Return (outcome, number, what it means) of a run, in the order of the list of outcomes."""
    return [(name.value, run.counts[name.value], name.sentence) for name in Outcome if name.value in run.counts]
