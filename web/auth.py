"""Who is signed in, what he may do, and that a change was meant: sessions, roles, tokens of forms.

A page is for everybody unless it says `@needs(Role.…)`; everything under /operate must say so, or the site does not
start. Every request that changes something carries the token of its session, wherever it goes: nothing has to be done
for that but `{{ csrf_field() }}` in the form. Readers get no cookie; the token of the sign-in form is bound to the
client's network and some hours instead.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from hashlib import sha256
from typing import ParamSpec
from urllib.parse import urlsplit

from flask import Flask, g, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from index.account_records import Role, SessionLimits, SignedIn
from index.errors import BusyError
from index.store.sessions import is_due_to_be_seen, make_secret, note_seen, secret, user_of_session
from web.clients import client_address, is_among, network_of
from web.refusals import ForbiddenError, SignInNeededError
from web.site import site

COOKIE = "watchfloor_session"
FIELD = "csrf"
HEADER = "X-CSRF-Token"
FORM_HOURS = 6
"""So long a sign-in form may stand open."""

_SECRET = "sign-in form"  # noqa: S105 - the name of a secret, not one
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_MARK = "needs_role"

P = ParamSpec("P")


def register(app: Flask) -> None:
    """Check every request of the application. Call it after the last page is registered.

    Raises RuntimeError for a page under /operate that does not say whom it is for.
    """
    open_pages = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/operate") and not hasattr(app.view_functions[rule.endpoint], _MARK)
    ]
    if open_pages:
        raise RuntimeError(f"pages without @needs: {', '.join(open_pages)}")
    app.before_request(_refuse_unmeant)
    app.jinja_env.globals.update(csrf_field=csrf_field, signed_in=signed_in, may=may, Role=Role, ROLES_TOLD=ROLES_TOLD)


def needs(role: Role) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Answer a page only to those with this role or a higher one: 401 for whoever is not signed in, else 403."""

    def mark(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def checked(*args: P.args, **values: P.kwargs) -> ResponseReturnValue:
            found = signed_in()
            if found is None:
                raise SignInNeededError("Sign in to see this page.")
            if not found.user.role.reaches(role):
                raise ForbiddenError(
                    f"This is for {_PEOPLE[role]}; {found.user.name} is signed in as {ROLES_TOLD[found.user.role]}. "
                    "An admin can change that."
                )
            return view(*args, **values)

        setattr(checked, _MARK, role)
        return checked

    return mark


def role_needed(view: Callable[..., object]) -> Role | None:
    """Return the role a page is for, None where it is for everybody."""
    return getattr(view, _MARK, None)


def signed_in() -> SignedIn | None:
    """Return who asks, None for a reader who has not signed in."""
    if "signed_in" not in g:
        g.signed_in = None  # what an error page finds when the database does not answer
        g.signed_in = _looked_up()
    found: SignedIn | None = g.signed_in
    return found


def actor() -> str:
    """Return the name of whoever asks, for the log of changes; only on pages that say @needs."""
    found = signed_in()
    if found is None:
        raise SignInNeededError("Sign in to do this.")
    return found.user.name


def may(role: Role) -> bool:
    """Say whether whoever asks has this role or a higher one."""
    found = signed_in()
    return found is not None and found.user.role.reaches(role)


def csrf_field() -> Markup:
    """Return the hidden field that every form which changes something must hold."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, csrf_token())


def csrf_token() -> str:
    """Return the token of forms: of the session, or, for the sign-in form, of the client's network and the hour."""
    if signed_in() is not None:
        return _session_token(cookie_value())
    g.shows_form = True
    return f"{_hour()}.{_anonymous_token(_hour())}"


def is_private() -> bool:
    """Say whether an answer is one person's: whoever is signed in, or about to sign in."""
    return bool(g.get("signed_in")) or bool(g.get("shows_form"))


def limits() -> SessionLimits:
    """Return how long sessions of this site last."""
    web = site().settings.web
    return SessionLimits(timedelta(hours=web.session_idle_h), timedelta(hours=web.session_max_h))


def client() -> str:
    """Return the network of whoever asks, as far as proxies in front of the site can be trusted."""
    trusted = site().settings.web.trusted_proxies
    forwarded = request.headers.get("X-Forwarded-For", "")
    return network_of(client_address(request.remote_addr or "", forwarded, trusted))


def is_https() -> bool:
    """Say whether the browser came by https: by the setting, or as a trusted proxy says."""
    web = site().settings.web
    if web.https or request.is_secure:
        return True
    forwarded = request.headers.get("X-Forwarded-Proto", "").split(",")[-1].strip().lower()
    return forwarded == "https" and is_among(request.remote_addr or "", web.trusted_proxies)


def cookie_name() -> str:
    """Return the cookie's name; by https one that no neighbouring host and no path can set."""
    return f"__Host-{COOKIE}" if is_https() else COOKIE


def cookie_value() -> str:
    """Return the token that the browser came with, "" without one."""
    return request.cookies.get(cookie_name(), "")


def digest_of(token: str) -> str:
    """Return what is kept of a token."""
    return sha256(token.encode()).hexdigest()


def _looked_up() -> SignedIn | None:
    token = cookie_value()
    if not token or len(token) > 200:
        return None
    digest, now = digest_of(token), site().now()
    with site().store.read() as tx:
        found = user_of_session(tx, digest, limits=limits(), now=now)
        due = found is not None and is_due_to_be_seen(tx, digest, now)
    if due:
        _note_seen(digest)
    return found


def _note_seen(digest: str) -> None:
    try:
        with site().store.write() as tx:
            note_seen(tx, digest, site().now())
    except BusyError:  # another writer is at it; the next request writes it down
        return


def _refuse_unmeant() -> None:
    """Refuse a change that does not come from a form of ours, shown to the same session."""
    if request.method in _READING or request.endpoint is None:
        return
    if not _is_from_here():
        raise ForbiddenError("This change was asked for by another site, and nothing was done.")
    given = request.form.get(FIELD, "") or request.headers.get(HEADER, "")
    if signed_in() is not None:
        if not hmac.compare_digest(given.encode(), _session_token(cookie_value()).encode()):
            raise ForbiddenError("This form is not of your session; go back, load the page again, and repeat it.")
    elif _is_fresh(given):
        return  # the form that signs in, whatever cookie of a session that has ended the browser still brings
    elif cookie_value():
        raise SignInNeededError("Your session has ended, and nothing was done. Sign in again.")
    else:
        raise ForbiddenError("This form is too old or not from here; load the page again, and repeat it.")


def _is_from_here() -> bool:
    """Say whether the browser says that a page of this site sent the request; programs say nothing."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc.lower() == request.host.lower()


def _session_token(token: str) -> str:
    return hmac.new(token.encode(), b"form", sha256).hexdigest()


def _hour() -> int:
    return int(site().now().timestamp() // 3600)


def _is_fresh(given: str) -> bool:
    hour, _, code = given.partition(".")
    if not hour.isdecimal() or len(hour) > 9 or not 0 <= _hour() - int(hour) <= FORM_HOURS:
        return False
    return hmac.compare_digest(code.encode(), _anonymous_token(int(hour)).encode())


def _anonymous_token(hour: int) -> str:
    key = _site_key().encode()
    return hmac.new(key, f"{hour} {client()}".encode(), sha256).hexdigest()


def _site_key() -> str:
    with site().store.read() as tx:
        held = secret(tx, _SECRET)
    if held is None:
        with site().store.write() as tx:
            held = make_secret(tx, _SECRET)
    return held


_PEOPLE = {Role.READER: "users", Role.OPERATOR: "operators", Role.ADMIN: "admins"}
ROLES_TOLD = {Role.READER: "a reader", Role.OPERATOR: "an operator", Role.ADMIN: "an admin"}
