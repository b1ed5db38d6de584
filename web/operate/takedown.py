"""`/operate/takedown`: take an article down for good after seeing what goes; lift the bar of an address again."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from config.counting import counted
from config.errors import UsageError
from index.account_records import Role
from index.errors import NotFoundError
from index.records import JsonObject
from index.store.takedowns import get_takedown, lift, list_takedowns, plan_takedown
from index.takedown_records import LEFT, Takedown, TakedownPlan
from index.taking_down import report_json, take_down
from web.auth import actor, needs
from web.operate.answering import asked_first, done
from web.shapes import instant
from web.site import answer, page_number, refuse_page_behind_last, site, wants_json

pages = Blueprint("operate_takedown", __name__, url_prefix="/operate/takedown")
PER_PAGE = 50
WAIT_S = 3.0
"""Seconds that a page waits for other processes; the scheduler does what is left."""

MOST_URL_CHARS = 8192
PLURALS = {"story": "stories"}


@pages.get("")
@needs(Role.ADMIN)
def ask() -> ResponseReturnValue:
    """Show what is held of an address and would go, with the form that takes it down; and what was taken down."""
    return _shown("", {"url": request.args.get("url", "")})


@pages.post("")
@needs(Role.ADMIN)
def take() -> ResponseReturnValue:
    """Take down what is held of an address, where the number of its article was typed to confirm it."""
    typed = {name: request.form.get(name, "").strip() for name in ("url", "confirm", "reason", "copies", "everywhere")}
    try:
        with site().store.read() as tx:
            plan = plan_takedown(tx, typed["url"][:MOST_URL_CHARS])
        if typed["confirm"] != to_type(plan):
            raise UsageError(f"Nothing was removed: type {to_type(plan)} to confirm it.")
        parts, now = site(), site().now()
        act = partial(
            take_down,
            parts.store,
            parts.backend,
            parts.settings,
            plan.url,
            by=actor(),
            reason=typed["reason"][:500],
            now=now,
            copies=bool(typed["copies"]),
            everywhere=bool(typed["everywhere"]),
            wait_s=WAIT_S,
        )
        report = parts.removing.do(plan.url, act, now=now)
    except UsageError as error:
        if wants_json():
            raise
        return make_response(_shown(str(error), typed), 400)
    if wants_json():
        if report is None:
            return make_response({"url": plan.url, "done": False, "under_way": True}, 202)
        return make_response(dict(report_json(report)))
    said = "taking_down" if report is None else "taken_down"
    return redirect(url_for("operate_takedown.ask", done=said), 303)


@pages.get("/<int:takedown_id>/lift")
@needs(Role.ADMIN)
def ask_to_lift(takedown_id: int) -> ResponseReturnValue:
    """Ask whether addresses shall be open to crawls again."""
    found = _held(takedown_id)
    told = [
        f"{found.url} may be crawled and imported again then, and whatever was taken down with it.",
        "Nothing comes back by itself.",
    ]
    back = url_for("operate_takedown.ask")
    return asked_first(title="Let it be crawled again?", told=told, button="Let it be crawled again", back=back)


@pages.post("/<int:takedown_id>/lift")
@needs(Role.ADMIN)
def lift_it(takedown_id: int) -> ResponseReturnValue:
    """Let addresses be crawled again."""
    found = _held(takedown_id)
    with site().store.write() as tx:
        lift(tx, found.url, by=actor(), now=site().now())
    return done("lifted", "operate_takedown.ask")


def to_type(plan: TakedownPlan) -> str:
    """Return what has to be typed to confirm a takedown: the article's number, or `bar` where none is held."""
    return str(plan.article_id) if plan.article_id is not None else "bar"


def takedown_json(one: Takedown) -> JsonObject:
    """Return a takedown."""
    return {
        "id": one.id,
        "url": one.url,
        "article_id": one.article_id,
        "outlet": one.outlet or None,
        "at": instant(one.at),
        "by": one.by,
        "reason": one.reason,
        "pending": list(one.pending),
        "lifted_at": instant(one.lifted_at),
        "lifted_by": one.lifted_by or None,
    }


def _shown(refused: str, typed: dict[str, str]) -> ResponseReturnValue:
    page = page_number()
    url = typed["url"].strip()[:MOST_URL_CHARS]
    plan = None
    with site().store.read() as tx:
        try:
            plan = plan_takedown(tx, url) if url else None
        except NotFoundError as error:
            refused = str(error)
        found = list_takedowns(tx, limit=PER_PAGE + 1, offset=(page - 1) * PER_PAGE)
    refuse_page_behind_last(page, found)
    under_way = site().removing.under_way()
    context = {
        "refused": refused,
        "under_way": under_way,
        "typed": typed,
        "plan": plan,
        "parts_held": [] if plan is None else _parts(plan),
        "to_type": "" if plan is None else to_type(plan),
        "takedowns": found[:PER_PAGE],
        "left": LEFT,
        "page": page,
        "more": len(found) > PER_PAGE,
        "now": site().now(),
    }
    if refused:
        return render_template("operate/takedown.html", **context)
    data: JsonObject = {"page": page, "under_way": [{"url": one, "since": instant(at)} for one, at in under_way]}
    data["takedowns"] = [takedown_json(one) for one in found[:PER_PAGE]]
    return answer("operate/takedown.html", {**data, "plan": None if plan is None else _plan_json(plan)}, **context)


def _parts(plan: TakedownPlan) -> list[str]:
    return [counted(number, noun, PLURALS.get(noun, "")) for noun, number in plan.counts.items() if number]


def _plan_json(plan: TakedownPlan) -> JsonObject:
    return {
        "url": plan.url,
        "article_id": plan.article_id,
        "title": plan.title,
        "addresses": list(plan.addresses),
        "counts": dict(plan.counts),
        "copies": [{"article_id": one.article_id, "url": one.url} for one in plan.copies],
        "cited_by": plan.cited_by,
        "confirm": to_type(plan),
    }


def _held(takedown_id: int) -> Takedown:
    with site().store.read() as tx:
        found = get_takedown(tx, takedown_id) if takedown_id < 2**63 else None
    if found is None or found.lifted_at is not None:
        raise NotFoundError(f"There is no takedown {takedown_id} in force.")
    return found
