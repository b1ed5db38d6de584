"""`/operate/users`: who may sign in. The first admin is made on the command line; all others may be made here."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from config.errors import UsageError
from index.account_records import Role, User, checked_name
from index.errors import NotFoundError
from index.records import JsonObject
from index.store.users import add_user, disable_user, enable_user, get_user, list_users, set_password, set_role
from web.auth import actor, needs
from web.operate.answering import asked_first, done
from web.passwords import checked_password, hashed
from web.shapes import instant
from web.site import answer, site, wants_json

pages = Blueprint("operate_users", __name__, url_prefix="/operate/users")


@pages.get("")
@needs(Role.ADMIN)
def user_list() -> ResponseReturnValue:
    """List all users, with the form that adds one."""
    return _listed("", "")


@pages.post("")
@needs(Role.ADMIN)
def add() -> ResponseReturnValue:
    """Add a user with a first password, which its user should change."""
    name = request.form.get("name", "").strip()
    try:
        role = _role_typed()
        kept = hashed(checked_password(_password_typed(), checked_name(name)))
        with site().store.write() as tx:
            add_user(tx, name, role=role, password_hash=kept, by=actor(), now=site().now())
    except UsageError as error:
        if wants_json():
            raise
        return make_response(_listed(str(error), name), 400)
    return done("added", "operate_users.user_list")


@pages.get("/<name>")
@needs(Role.ADMIN)
def user(name: str) -> ResponseReturnValue:
    """Show one user with what can be changed."""
    return _one(name, "")


@pages.post("/<name>/role")
@needs(Role.ADMIN)
def role(name: str) -> ResponseReturnValue:
    """Give a user another role, which ends every session of that user."""
    try:
        with site().store.write() as tx:
            set_role(tx, name, _role_typed(), by=actor(), now=site().now())
    except UsageError as error:
        return _refused(name, error)
    return done("role", "operate_users.user_list")


@pages.post("/<name>/password")
@needs(Role.ADMIN)
def password(name: str) -> ResponseReturnValue:
    """Give a user another password, which ends every session of that user."""
    try:
        kept = hashed(checked_password(_password_typed(), name))
        with site().store.write() as tx:
            set_password(tx, name, kept, by=actor(), now=site().now())
    except UsageError as error:
        return _refused(name, error)
    return done("password", "operate_users.user_list")


@pages.get("/<name>/disable")
@needs(Role.ADMIN)
def ask_to_disable(name: str) -> ResponseReturnValue:
    """Ask whether a user shall really be disabled."""
    found = _known(name)
    told = [
        f"{found.name}, {found.role.value}, cannot sign in any more, and every session ends at once.",
        "What was done in that name stays in the audit log. It can be undone: enable the user again.",
    ]
    back = url_for("operate_users.user", name=found.name)
    return asked_first(title=f"Disable {found.name}?", told=told, button="Disable", back=back)


@pages.post("/<name>/disable")
@needs(Role.ADMIN)
def disable(name: str) -> ResponseReturnValue:
    """Let a user sign in no more. The last admin stays."""
    try:
        with site().store.write() as tx:
            disable_user(tx, name, by=actor(), now=site().now())
    except UsageError as error:
        return _refused(name, error)
    return done("disabled", "operate_users.user_list")


@pages.post("/<name>/enable")
@needs(Role.ADMIN)
def enable(name: str) -> ResponseReturnValue:
    """Let a disabled user sign in again."""
    with site().store.write() as tx:
        enable_user(tx, name, by=actor(), now=site().now())
    return done("enabled", "operate_users.user_list")


def user_json(one: User) -> JsonObject:
    """Return a user."""
    return {
        "name": one.name,
        "role": one.role.value,
        "created_at": instant(one.created_at),
        "disabled_at": instant(one.disabled_at),
        "signed_in_at": instant(one.signed_in_at),
        "sessions": one.sessions,
    }


def _listed(refused: str, name: str) -> ResponseReturnValue:
    with site().store.read() as tx:
        found = list_users(tx)
    context = {"users": found, "refused": refused, "typed": name, "now": site().now(), "me": actor()}
    if refused:
        return render_template("operate/users.html", **context)
    return answer("operate/users.html", {"users": [user_json(one) for one in found]}, **context)


def _one(name: str, refused: str) -> ResponseReturnValue:
    found = _known(name)
    context = {"user": found, "refused": refused, "now": site().now(), "me": actor()}
    if refused:
        return render_template("operate/user.html", **context)
    return answer("operate/user.html", user_json(found), **context)


def _refused(name: str, error: UsageError) -> ResponseReturnValue:
    if wants_json() or isinstance(error, NotFoundError):
        raise error
    return make_response(_one(name, str(error)), 400)


def _known(name: str) -> User:
    with site().store.read() as tx:
        found = get_user(tx, name)
    if found is None:
        raise NotFoundError(f"There is no user called {name[:80]!r}.")
    return found


def _role_typed() -> Role:
    typed = request.form.get("role", "")
    if typed not in {one.value for one in Role}:
        raise UsageError("Choose one of the roles: reader, operator or admin.")
    return Role(typed)


def _password_typed() -> str:
    typed, again = request.form.get("password", ""), request.form.get("again", "")
    if typed != again:
        raise UsageError("The two passwords differ; type them again.")
    return typed
