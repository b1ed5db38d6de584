"""What every page needs: the store, the engine, the clock, the arguments of a request, and JSON beside HTML."""

from __future__ import annotations

from collections.abc import Callable, Sized
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from config.outlet_files import OutletFiles
from config.settings import Settings
from index.errors import NotFoundError
from index.records import JsonObject
from index.search.backend import SearchBackend
from index.store import Store
from web.removing import Removing
from web.slow_searches import SlowSearches

EXTENSION = "watchfloor"
MOST_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class Site:
    """The parts a page works with. `style` and `script` name the versions of the two files beside a page.

    `files` are the outlet files as they stand, `slow` takes note of searches that took long,
    `removing` knows the takedowns under way.
    """

    settings: Settings
    store: Store
    backend: SearchBackend
    clock: Callable[[], datetime]
    style: str
    script: str
    files: OutletFiles
    slow: SlowSearches
    removing: Removing

    def now(self) -> datetime:
        """Return the time of this request."""
        return self.clock()


def site() -> Site:
    """Return the site of the application that answers."""
    found = current_app.extensions[EXTENSION]
    assert isinstance(found, Site)
    return found


def wants_json() -> bool:
    """Say whether JSON is asked for: under /api/, by ?format=json, or by an Accept header that prefers it."""
    if request.path.startswith("/api/") or request.args.get("format") == "json":
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return best == "application/json"


def answer(template: str, data: JsonObject, **context: object) -> ResponseReturnValue:
    """Return `data` as JSON where that is asked for, else the page."""
    if wants_json():
        return jsonify(data)
    return render_template(template, **context)


def refuse_page_behind_last(page: int, shown: Sized) -> None:
    """Raise NotFoundError for a page of a list that has nothing left to show; an empty list has a first page."""
    if page > 1 and not shown:
        raise NotFoundError(f"There is no page {page} of this list.")


def page_number() -> int:
    """Return ?page= as a number from 1; whatever is none counts as 1."""
    value = request.args.get("page", "1")
    return min(max(int(value), 1), MOST_PAGES) if value.isdecimal() and len(value) < 8 else 1
