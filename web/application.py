"""Putting the Flask application together: blueprints, template filters, security headers. No pages in here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, request

from config.errors import UsageError
from config.outlet_files import OutletFiles
from config.settings import Settings
from index.errors import NotFoundError
from index.search.backend import SearchBackend
from index.store import Store
from web import (
    api,
    articles,
    auth,
    changed,
    errors,
    health,
    home,
    hubs,
    metrics,
    outlets,
    search,
    sign_in,
    stories,
    topics,
    wanted,
    wording,
)
from web.operate import BLUEPRINTS
from web.operate import register as register_operate
from web.removing import Removing
from web.site import EXTENSION, Site
from web.slow_searches import SlowSearches

TAKEDOWN_WAIT_S = 15.0
"""Seconds that a page waits for a takedown, which goes on beside it: less than any proxy waits."""

MAX_BODY_BYTES = 1 << 16
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "require-trusted-types-for 'script'",  # no text may become markup or code, not even in our own script
        "trusted-types 'none'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
}


def create_app(
    settings: Settings,
    store: Store,
    backend: SearchBackend,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Flask:
    """Make the application over an open store and engine; they stay the caller's to close. `clock` gives aware UTC."""
    app = Flask("web", root_path=str(Path(__file__).parent), static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 365 * 86400
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    parts = Site(
        settings,
        store,
        backend,
        clock,
        style=_digest("style.css"),
        script=_digest("complete.js"),
        files=OutletFiles(settings.outlet_folders),
        slow=SlowSearches(store, settings.web.slow_search_ms),
        removing=Removing(TAKEDOWN_WAIT_S),
    )
    app.extensions[EXTENSION] = parts
    readers = (home, search, articles, outlets, topics, hubs, stories, wanted, changed, api, health, sign_in)
    for pages in (*(module.pages for module in readers), *BLUEPRINTS):
        app.register_blueprint(pages)
    metrics.register(app, parts)
    wording.register(app)
    errors.register(app)
    register_operate(app, style=_digest("operate.css"), script=_digest("operate.js"))
    app.before_request(_refuse_nul)
    auth.register(app)
    app.after_request(_finish)
    return app


def _refuse_nul() -> None:
    """Refuse the character that PostgreSQL cannot be asked for; the words of a search are cleaned of it elsewhere."""
    if "\0" in request.path:
        raise NotFoundError("There is nothing at this address.")
    given = [value for name, value in request.values.items(multi=True) if name != "q"]
    if any("\0" in value for value in given):
        raise UsageError("This request holds a NUL, a character that no text here has; take it out.")


def _digest(name: str) -> str:
    """A few letters that change with the file, for its address: browsers keep it for a year."""
    return sha256((Path(__file__).parent / "static" / name).read_bytes()).hexdigest()[:12]


def _finish(response: Response) -> Response:
    if auth.is_private():
        # no-referrer would hide from us, too, where a form was sent from; a cache shall not keep what one person saw.
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "no-store")
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.method not in ("GET", "HEAD") or response.status_code >= 400:
        response.headers.setdefault("Cache-Control", "no-store")
    if request.method in ("GET", "HEAD") and response.status_code == 200 and not response.is_streamed:
        response.headers.setdefault("Cache-Control", "no-cache")
        response.headers.setdefault("Vary", "Accept, Cookie")
        response.add_etag()
        response.make_conditional(request)
    return response
