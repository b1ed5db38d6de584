"""`watchfloor db`: what it says of a database that is new, equal, newer, damaged, or not there."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from index.cli_db import db
from index.store import open_store


def call(settings, *arguments):
    return CliRunner().invoke(db, list(arguments), obj=settings)


@pytest.fixture
def change(settings):
    """Open the store once, then change its file by SQL."""
    open_store(settings).close()

    def run(sql):
        with closing(sqlite3.connect(settings.data.dir / "watchfloor.sqlite3")) as connection, connection:
            connection.execute(sql)

    return run


def test_checking_an_empty_folder_says_so_and_makes_nothing(settings):
    found = call(settings, "check")
    assert found.exit_code == 10
    assert "holds no Watchfloor schema yet" in found.output
    assert not settings.data.dir.exists()


def test_upgrade_then_check_is_equal(database_settings):
    assert call(database_settings, "upgrade").exit_code == 0
    found = call(database_settings, "check", "--json")
    assert (found.exit_code, json.loads(found.output)["differences"]) == (0, [])


def test_newer_schema_is_told_by_name_and_upgrade_is_not_advised(settings, change):
    change("UPDATE alembic_version SET version_num = '9999'")
    found = call(settings, "check")
    assert found.exit_code == 10
    assert "9999" in found.output
    assert "install the newer version" in found.output
    assert "db upgrade" not in found.output


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("DROP TABLE tombstones", "table tombstones is missing"),
        ("DROP INDEX ix_links_url_key", "index ix_links_url_key is missing"),
        ("ALTER TABLE links DROP COLUMN context", "column links.context is missing"),
        ("CREATE TABLE notes (a TEXT)", "table notes is not ours"),
    ],
)
def test_difference_is_told_in_words(sql, told, settings, change):
    change(sql)
    found = call(settings, "check")
    assert found.exit_code == 10
    assert told in found.output
