"""`/operate/audit`: every change that somebody made, by the site or by a command; read only."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from index.account_records import Act, Role
from index.records import JsonObject
from index.store.audit import list_acts
from web.auth import needs
from web.operate.answering import whole_number
from web.shapes import instant
from web.site import answer, site

pages = Blueprint("operate_audit", __name__, url_prefix="/operate/audit")
ACTS_PAGE = 100


@pages.get("")
@needs(Role.OPERATOR)
def act_list() -> ResponseReturnValue:
    """List changes, the newest first, of everybody or one, about everything or one thing."""
    by, subject = (request.args.get(name, "").strip()[:200] for name in ("by", "subject"))
    before = whole_number(request.args.get("before", ""))
    with site().store.read() as tx:
        found = list_acts(tx, by=by or None, subject=subject or None, before=before, limit=ACTS_PAGE + 1)
    shown = found[:ACTS_PAGE]
    older = shown[-1].id if len(found) > ACTS_PAGE else None
    return answer(
        "operate/audit.html",
        {"acts": [act_json(one) for one in shown], "older": older},
        acts=shown,
        older=older,
        before=before,
        by=by,
        subject=subject,
        now=site().now(),
    )


def act_json(one: Act) -> JsonObject:
    """Return a change."""
    return {
        "id": one.id,
        "at": instant(one.at),
        "by": one.by,
        "act": one.act,
        "subject": one.subject,
        "detail": one.detail,
    }
