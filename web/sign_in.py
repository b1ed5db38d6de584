"""`/sign-in`, `/sign-out` and `/account`: a session begun and ended, and one's own password."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BuildError

from config.counting import counted
from config.errors import UsageError
from index.account_records import MOST_NAME_CHARS, Role, User, name_key
from index.store.audit import note_act
from index.store.sessions import (
    begin_session,
    begin_try,
    end_session,
    end_sessions_of,
    end_sessions_over,
    forget_tries,
    take_back_try,
)
from index.store.users import get_user, keep_better_hash, password_hash_of, set_password
from index.usual import lasting
from web.auth import actor, client, cookie_name, cookie_value, digest_of, is_https, limits, needs, signed_in
from web.passwords import MOST_CHARS, checked_password, fits, hashed, is_outdated
from web.refusals import SignInNeededError, TooOftenError
from web.site import answer, site, wants_json

log = logging.getLogger(__name__)
pages = Blueprint("sign_in", __name__)
HOME = "operate.overview"
WRONG = "Name and password do not fit together, or this user may not sign in."


@pages.get("/sign-in")
def form() -> ResponseReturnValue:
    """Show the form; whoever is signed in already is told so."""
    return answer("sign_in.html", {"signed_in_as": _name_or_none()}, next=next_arguments(), told="", name="")


@pages.post("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Begin a session for a name and its password, under a token of its own."""
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    user = _checked(name, password)
    if user is None:
        if wants_json():
            raise SignInNeededError(WRONG)
        return render_template("sign_in.html", next=next_arguments(), told=WRONG, name=name[:MOST_NAME_CHARS]), 401
    token, now, before = secrets.token_urlsafe(32), site().now(), cookie_value()
    with site().store.write() as tx:
        end_sessions_over(tx, limits=limits(), now=now)
        replacing = digest_of(before) if before else None
        begin_session(tx, user, token_digest=digest_of(token), replacing=replacing, now=now)
        note_act(tx, by=user.name, act="signed in", subject=f"user {user.name}", detail=f"from {client()}", now=now)
    answered = make_response(redirect(_target(user), 303))
    answered.set_cookie(
        cookie_name(),
        token,
        max_age=int(limits().longest / timedelta(seconds=1)),
        path="/",
        secure=is_https(),
        httponly=True,
        samesite="Lax",
    )
    return answered


@pages.post("/sign-out")
@needs(Role.READER)
def sign_out() -> ResponseReturnValue:
    """End the session, here and in the browser; with `everywhere` those of other browsers too."""
    now, found = site().now(), signed_in()
    assert found is not None
    with site().store.write() as tx:
        end_session(tx, digest_of(cookie_value()))
        others = end_sessions_of(tx, found.user) if request.form.get("everywhere") else 0
        detail = f"{counted(others, 'other session')} ended" if others else ""
        note_act(tx, by=actor(), act="signed out", subject=f"user {actor()}", detail=detail, now=now)
    return _without_cookie(make_response(redirect(url_for("home.now"), 303)))


@pages.get("/account")
@needs(Role.READER)
def account() -> ResponseReturnValue:
    """Show who is signed in, and the form for another password."""
    return _account("")


@pages.post("/account")
@needs(Role.READER)
def change_password() -> ResponseReturnValue:
    """Change one's own password, which ends all sessions; the old one is asked for."""
    old, new, again = (request.form.get(key, "") for key in ("old", "new", "again"))
    name, now = actor(), site().now()
    try:
        if new != again:
            raise UsageError("The two new passwords differ; type them again.")
        checked_password(new, name)
        if _checked(name, old) is None:
            raise UsageError("The old password is another one.")
    except UsageError as error:
        if wants_json():
            raise
        return make_response(_account(str(error)), 400)
    kept = hashed(new)
    with site().store.write() as tx:
        set_password(tx, name, kept, by=name, now=now)
    return _without_cookie(make_response(redirect(url_for("sign_in.form"), 303)))


def sign_in_page(told: str) -> ResponseReturnValue:
    """Return the form in the place of a page that only somebody who is signed in may see; it leads back there."""
    arguments = {"next": request.endpoint, **(request.view_args or {})} if request.method == "GET" else {}
    return render_template("sign_in.html", next=arguments, told=told, name="", status=401), 401


def next_arguments() -> dict[str, str]:
    """Return ?next= and the values of its route, as the form hands them on; nothing where it names no page of ours."""
    endpoint = request.args.get("next", "")
    names = _arguments_of(endpoint)
    if names is None:
        return {}
    return {"next": endpoint, **{name: request.args[name] for name in names if name in request.args}}


def _target(user: User) -> str:
    """Where to after signing in: ?next=, which is the name of a route and never an address, else where users begin."""
    given = next_arguments()
    endpoint = given.pop("next", "")
    if endpoint:
        path = _path_of(endpoint, given)
        if path is not None:
            return path
    return url_for(HOME if user.role.reaches(Role.OPERATOR) else "home.now")


def _path_of(endpoint: str, values: dict[str, str]) -> str | None:
    """The path of a route with its values, None where there is no such page."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    try:
        path = adapter.build(endpoint, dict(values), force_external=False)
        adapter.match(path, method="GET")
    except (BuildError, ValueError, HTTPException):  # which a redirect of the router is too
        return None
    return path if path.startswith("/") and not path.startswith("//") else None


def _arguments_of(endpoint: str) -> set[str] | None:
    """The names a page's route has values for; None where no page that can be read has that name."""
    rules = [rule for rule in current_app.url_map.iter_rules() if rule.endpoint == endpoint]
    if endpoint in ("static", "sign_in.form") or not any("GET" in (rule.methods or ()) for rule in rules):
        return None
    return {name for rule in rules for name in rule.arguments}


def _checked(name: str, password: str) -> User | None:
    """The user whose name and password these are, None for everything else. Raises TooOftenError after wrong tries.

    A name that nobody has takes as long as a wrong password.
    """
    now = site().now()
    of_name, of_network = digest_of(f"name {name_key(name)}"), digest_of(f"network {client()}")
    with site().store.write() as tx:
        wait = begin_try(tx, [of_name, of_network], now)
        held = password_hash_of(tx, name) if name else None
    if wait:
        seconds = int(wait / timedelta(seconds=1)) + 1
        _note_refused("too many wrong tries", held)
        raise TooOftenError(f"Too many wrong tries; try again in {lasting(seconds)}.", wait_s=seconds)
    user, kept = held if held is not None else (None, None)
    if not fits(password[: MOST_CHARS + 1], kept) or user is None or kept is None or user.disabled_at is not None:
        _note_refused("wrong", held)
        return None
    better = hashed(password) if is_outdated(kept) else None
    with site().store.write() as tx:
        forget_tries(tx, of_name)
        take_back_try(tx, of_network)
        if better is not None:
            keep_better_hash(tx, user, of=kept, better=better)
        current = get_user(tx, name)
    return current if current is not None and current.disabled_at is None else None


def _note_refused(why: str, held: tuple[User, str] | None) -> None:
    """Log a try that failed. A name that nobody has is not told: it may be a password typed into the wrong field."""
    name = "nobody's" if held is None else held[0].name
    log.warning("a sign-in was refused", extra={"why": why, "user": name, "network": client()})


def _account(told: str) -> ResponseReturnValue:
    found = signed_in()
    assert found is not None
    if told:
        return render_template("account.html", user=found.user, told=told)
    data = {"name": found.user.name, "role": found.user.role.value}
    return answer("account.html", data, user=found.user, told="")


def _without_cookie(answered: Response) -> Response:
    answered.delete_cookie(cookie_name(), path="/", secure=is_https(), httponly=True, samesite="Lax")
    return answered


def _name_or_none() -> str | None:
    found = signed_in()
    return None if found is None else found.user.name
