"""`/healthz` (the process answers) and `/readyz` (database, index, how far the index is behind)."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from config.errors import WatchfloorError
from index.errors import IndexDamagedError
from index.store.changes import last_change
from web.site import site

pages = Blueprint("health", __name__)


@pages.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Say that the process answers."""
    return jsonify({"status": "ok"})


@pages.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Say whether database and index answer, 503 when one does not. An index behind is ready, an empty one is not."""
    checks: dict[str, str] = {}
    end = position = 0
    try:
        with site().store.read() as tx:
            end = last_change(tx)
        checks["database"] = "ok"
    except WatchfloorError:
        checks["database"] = "does not answer"
    try:
        position = site().backend.position()
        checks["index"] = "ok" if position or not end else "holds nothing yet; run `watchfloor index sync`"
    except IndexDamagedError as error:
        checks["index"] = "is being made anew" if error.rebuilding else f"does not open; {error.mended_by}"
    except WatchfloorError:
        checks["index"] = "does not answer"
    ready = all(state == "ok" for state in checks.values())
    found = {"status": "ok" if ready else "unavailable", "checks": checks, "changes_behind": max(0, end - position)}
    return jsonify(found), 200 if ready else 503
