"""What the drivers' errors mean, by their codes, as our own errors: one sentence each that says what to do. Pure."""

from __future__ import annotations

import sqlite3

from config.errors import StorageFullError
from index.errors import BusyError, StoreError

_BUSY = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        "55P03",  # lock_not_available: lock_timeout passed
        "40P01",  # deadlock_detected
        "40001",  # serialization_failure
        "53300",  # too_many_connections
        "57P03",  # cannot_connect_now: the server is starting or stopping
    }
)
_FULL = frozenset({sqlite3.SQLITE_FULL, "53100"})
_DAMAGED = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, "XX001", "XX002"})
_UNREADABLE = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH})
_LOST_CLASSES = frozenset({"08", "28", "3D", "53", "57", "58"})  # connection, login, no database, resources, stopped
_UNWRITABLE = frozenset({sqlite3.SQLITE_READONLY, "42501"})


def named_fault(error: BaseException | None, where: str, *, lost: bool = False) -> Exception | None:
    """Return our error for a driver's, or None where the fault is ours and its traceback is wanted.

    `lost`: the driver calls it an operational error. So is a wrong statement of ours; its code tells it from a server
    that does not answer.
    """
    code = _code_of(error)
    if code in _BUSY:
        return BusyError(f"{where}: another process holds a lock on it; wait for it to end, then repeat.")
    if code in _FULL:
        return StorageFullError(f"{where}: the disk is full; free space, then repeat. What was committed is kept.")
    if code in _DAMAGED:
        return StoreError(
            f"{where}: is damaged or no Watchfloor database; restore it, or name another in [database] url."
        )
    if code in _UNREADABLE:
        return StoreError(f"{where}: cannot be opened; check the folder and its permissions.")
    if code in _UNWRITABLE:
        return StoreError(f"{where}: cannot be written; check the permissions of the database and its folder.")
    if lost and _is_lost(code):
        lines = str(error).strip().splitlines()
        cause = lines[0] if lines else type(error).__name__
        return StoreError(f"{where}: the database does not answer ({cause}); check [database] url and the server.")
    return None


def _is_lost(code: int | str | None) -> bool:
    if isinstance(code, int):
        return code != sqlite3.SQLITE_ERROR  # a statement that cannot be run: no such table, no such column
    return code is None or code[:2] in _LOST_CLASSES


def _code_of(error: BaseException | None) -> int | str | None:
    """SQLite's primary result code, or PostgreSQL's five letters."""
    if isinstance(error, sqlite3.Error):
        extended = getattr(error, "sqlite_errorcode", None)
        return None if extended is None else int(extended) & 0xFF
    state = getattr(error, "sqlstate", None)
    return str(state) if state else None
