"""What is made of the drivers' errors: pure."""

from __future__ import annotations

import sqlite3

import pytest

from config.errors import StorageFullError
from index.errors import BusyError, StoreError
from index.store.faults import named_fault


def sqlite_error(code):
    error = sqlite3.OperationalError("the driver's words")
    error.sqlite_errorcode = code
    return error


class ServerError(Exception):
    def __init__(self, sqlstate):
        super().__init__("the server's words")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT), BusyError),
        (sqlite_error(sqlite3.SQLITE_FULL), StorageFullError),
        (sqlite_error(sqlite3.SQLITE_READONLY_DBMOVED), StoreError),
        (sqlite_error(sqlite3.SQLITE_CORRUPT), StoreError),
        (sqlite_error(sqlite3.SQLITE_IOERR), StoreError),
        (ServerError("55P03"), BusyError),
        (ServerError("40P01"), BusyError),
        (ServerError("40001"), BusyError),
        (ServerError("53100"), StorageFullError),
        (ServerError("57P01"), StoreError),
        (ServerError("28P01"), StoreError),
        (ServerError(None), StoreError),
    ],
)
def test_fault_of_a_database_is_named_by_what_its_reader_must_do(error, kind):
    found = named_fault(error, "the archive", lost=True)
    assert isinstance(found, kind)
    assert str(found).startswith("the archive: ")


@pytest.mark.parametrize("error", [sqlite_error(sqlite3.SQLITE_ERROR), ServerError("54000"), ServerError("42P01")])
def test_statement_that_cannot_be_run_is_no_server_that_does_not_answer(error):
    assert named_fault(error, "the archive", lost=True) is None
