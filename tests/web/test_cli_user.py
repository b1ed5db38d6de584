"""`watchfloor user` as an operator types it: passwords are never arguments, and the last admin stays."""

from __future__ import annotations

import json

import click
import pytest
from click.testing import CliRunner

from config.errors import UsageError
from index.errors import NotFoundError
from index.store import open_store
from index.store.audit import list_acts
from index.store.users import password_hash_of
from web.cli_user import user
from web.passwords import fits

PASSWORD = "correct horse battery"


@pytest.fixture
def run(settings):
    """Run the command; an error of ours is raised again."""

    def ran(*arguments: str, typed: str = "") -> str:
        result = CliRunner().invoke(user, arguments, input=typed, obj=settings)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    return ran


@pytest.fixture
def ada(run):
    """An archive with one admin."""
    run("add", "ada", "--role", "admin", "--password-stdin", typed=f"{PASSWORD}\n")


def test_the_list_of_nobody_says_how_the_first_admin_is_made(run):
    assert run("list") == "No admin can sign in; `watchfloor user add NAME --role admin` makes one.\n"


def test_a_password_is_read_from_standard_input(run, ada, settings):
    store = open_store(settings)
    with store.read() as tx:
        assert fits(PASSWORD, password_hash_of(tx, "ada")[1])
        assert list_acts(tx)[0].act == "added the user"
    store.close()


def test_a_password_is_asked_for_twice_on_a_terminal(run, settings, monkeypatch):
    asked = []

    def prompt(text, **options):
        asked.append((text, options["hide_input"], options["confirmation_prompt"]))
        return PASSWORD

    monkeypatch.setattr(click, "prompt", prompt)
    monkeypatch.setattr("web.cli_user._has_terminal", lambda: True)
    run("add", "ada")
    assert asked == [("Password", True, "The same again")]


def test_without_a_terminal_it_is_said_how_to_hand_over_a_password(run):
    with pytest.raises(UsageError, match="--password-stdin"):
        run("add", "ada")


def test_a_password_can_be_no_argument(settings):
    assert CliRunner().invoke(user, ["add", "ada", PASSWORD], obj=settings).exit_code == 2
    assert CliRunner().invoke(user, ["add", "ada", "--password", PASSWORD], obj=settings).exit_code == 2


def test_a_name_that_is_taken_is_refused_before_a_password_is_asked_for(run, ada):
    with pytest.raises(UsageError, match="there is a user of that name"):
        run("add", "ADA")


def test_users_are_listed_as_lines_and_as_json(run, ada):
    assert run("list").split() == ["ada", "admin", "never", "signed", "in"]
    (one,) = json.loads(run("list", "--json"))
    assert (one["name"], one["role"], one["disabled_at"]) == ("ada", "admin", None)


def test_the_last_admin_cannot_be_disabled(run, ada):
    with pytest.raises(UsageError, match="only admin"):
        run("disable", "ada")


def test_a_user_is_disabled_enabled_and_given_another_role_and_password(run, ada, settings):
    run("add", "olga", "--password-stdin", typed=f"{PASSWORD}\n")
    assert run("role", "olga", "operator") == "olga is operator now.\n"
    assert run("disable", "olga") == "olga cannot sign in any more.\n"
    assert run("enable", "olga") == "olga may sign in again, as operator.\n"
    assert "another password" in run("password", "olga", "--password-stdin", typed="a good long one\n")
    store = open_store(settings)
    with store.read() as tx:
        assert fits("a good long one", password_hash_of(tx, "olga")[1])
    store.close()


@pytest.mark.parametrize("command", [("disable", "nobody"), ("role", "nobody", "reader"), ("password", "nobody")])
def test_an_unknown_user_is_said_to_be_none(run, command):
    with pytest.raises(NotFoundError, match="there is no user of that name"):
        run(*command)


def test_a_weak_password_is_refused(run):
    with pytest.raises(UsageError, match="fewer than 10"):
        run("add", "ada", "--password-stdin", typed="short\n")
