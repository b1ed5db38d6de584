"""`watchfloor user`: who may sign in to the site. The first admin is made here and nowhere else.

A password is never an argument: others on the machine could read it. It is asked for on the terminal, or read from
standard input.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

import click

from config.counting import counted
from config.errors import UsageError
from config.settings import Settings
from index.account_records import Role, User, checked_name
from index.asking import who
from index.errors import NotFoundError
from index.store import Store, opened_store
from index.store.users import (
    add_user,
    disable_user,
    enable_user,
    get_user,
    has_admin,
    list_users,
    set_password,
    set_role,
)
from web.passwords import checked_password, hashed

_from_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input, one line.")
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_roles = click.Choice([role.value for role in Role])


@click.group()
def user() -> None:
    """Users of the site: reader keeps searches, operator runs crawls, admin looks after users and take-downs."""


@user.command()
@click.argument("name")
@click.option("--role", type=_roles, default=Role.READER.value, show_default=True, help="What NAME may do.")
@_from_stdin
@_as_json
@click.pass_obj
def add(settings: Settings, name: str, role: str, password_stdin: bool, as_json: bool) -> None:
    """Add the user NAME. The password is asked for twice, or read with --password-stdin."""
    checked_name(name)
    with opened_store(settings) as store:
        with store.read() as tx:
            if get_user(tx, name) is not None:
                raise UsageError(f"{name}: there is a user of that name; `watchfloor user list` names all.")
        kept = hashed(checked_password(_password(from_stdin=password_stdin), name))
        with store.write() as tx:
            made = add_user(tx, name, role=Role(role), password_hash=kept, by=who(), now=datetime.now(UTC))
    _tell(made, as_json, f"{made.name} may sign in, as {role}.")


@user.command("list")
@_as_json
@click.pass_obj
def list_(settings: Settings, as_json: bool) -> None:
    """List all users with their roles, disabled ones too."""
    with opened_store(settings) as store, store.read() as tx:
        found, admin = list_users(tx), has_admin(tx)
    if as_json:
        click.echo(json.dumps([as_values(one) for one in found], ensure_ascii=False))
        return
    for one in found:
        click.echo(in_a_line(one))
    if not admin:
        click.echo("No admin can sign in; `watchfloor user add NAME --role admin` makes one.")


@user.command()
@click.argument("name")
@_as_json
@click.pass_obj
def disable(settings: Settings, name: str, as_json: bool) -> None:
    """Let NAME sign in no more, and end the sessions NAME has. The last admin stays."""
    with opened_store(settings) as store, store.write() as tx:
        changed = disable_user(tx, name, by=who(), now=datetime.now(UTC))
    _tell(changed, as_json, f"{changed.name} cannot sign in any more.")


@user.command()
@click.argument("name")
@_as_json
@click.pass_obj
def enable(settings: Settings, name: str, as_json: bool) -> None:
    """Let NAME sign in again, with the password NAME had."""
    with opened_store(settings) as store, store.write() as tx:
        changed = enable_user(tx, name, by=who(), now=datetime.now(UTC))
    _tell(changed, as_json, f"{changed.name} may sign in again, as {changed.role.value}.")


@user.command()
@click.argument("name")
@_from_stdin
@_as_json
@click.pass_obj
def password(settings: Settings, name: str, password_stdin: bool, as_json: bool) -> None:
    """Give NAME another password, and end the sessions NAME has."""
    with opened_store(settings) as store:
        found = _known(store, name)
        kept = hashed(checked_password(_password(from_stdin=password_stdin), found.name))
        with store.write() as tx:
            changed = set_password(tx, name, kept, by=who(), now=datetime.now(UTC))
    _tell(changed, as_json, f"{changed.name} has another password; earlier sessions have ended.")


@user.command()
@click.argument("name")
@click.argument("role", type=_roles)
@_as_json
@click.pass_obj
def role(settings: Settings, name: str, role: str, as_json: bool) -> None:
    """Make NAME a reader, operator or admin, and end the sessions NAME has. The last admin stays one."""
    with opened_store(settings) as store, store.write() as tx:
        changed = set_role(tx, name, Role(role), by=who(), now=datetime.now(UTC))
    _tell(changed, as_json, f"{changed.name} is {changed.role.value} now.")


def in_a_line(one: User) -> str:
    """Write a user as one line of the list."""
    last = "never signed in" if one.signed_in_at is None else f"signed in {one.signed_in_at:%Y-%m-%d %H:%M} UTC"
    state = f"disabled since {one.disabled_at:%Y-%m-%d}" if one.disabled_at is not None else last
    open_ones = f", {counted(one.sessions, 'session')}" if one.sessions and one.disabled_at is None else ""
    return f"{one.name:<24} {one.role.value:<9} {state}{open_ones}"


def as_values(one: User) -> dict[str, Any]:
    """Return a user as JSON values."""
    return {
        "name": one.name,
        "role": one.role.value,
        "created_at": one.created_at.isoformat(),
        "disabled_at": None if one.disabled_at is None else one.disabled_at.isoformat(),
        "signed_in_at": None if one.signed_in_at is None else one.signed_in_at.isoformat(),
        "sessions": one.sessions,
    }


def _tell(one: User, as_json: bool, told: str) -> None:
    click.echo(json.dumps(as_values(one), ensure_ascii=False) if as_json else told)


def _known(store: Store, name: str) -> User:
    with store.read() as tx:
        found = get_user(tx, name)
    if found is None:
        raise NotFoundError(f"{name[:80]}: there is no user of that name; `watchfloor user list` names all.")
    return found


def _password(*, from_stdin: bool) -> str:
    """The password as typed twice on the terminal, or the first line of standard input."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not _has_terminal():
        raise UsageError("There is no terminal to ask for the password on; hand it to --password-stdin.")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt="The same again", err=True)
    return typed


def _has_terminal() -> bool:
    return sys.stdin.isatty()
