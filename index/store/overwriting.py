"""Making sure that what was deleted is in no byte of the database's files any more.

SQLite zeroes what a takedown deletes, but pages that were split or freed before may hold copies: the file is written
anew where it is small, or where it still has words that are looked for. A server's files are its operator's.
"""

from __future__ import annotations

import time
from pathlib import Path

from index.errors import BusyError
from index.sought import Sought
from index.store.engine import Store, Transaction

SMALL_BYTES = 512 << 20
"""A file up to this is written anew in some seconds, whether or not anything is found in it."""

_CHECKPOINT_WAIT_MS = 2000
_PIECE_BYTES = 16 << 20
_OVERLAP = 4096
_TABLES = ("articles", "revisions", "links", "quotations", "article_names", "story_members", "story_features")

SERVER_KEEPS = (
    "PostgreSQL: the rows are deleted and vacuumed; copies stay in the free space of its files until they are written "
    "over, in its write-ahead log, replicas and backups. Run VACUUM FULL where that matters, and let old logs and "
    "backups expire."
)


def overwrite_freed(store: Store, *, sought: Sought | None, wait_s: float) -> tuple[bool, str]:
    """Leave nothing of deleted rows in the files of the database; return whether it is done, and what to tell.

    `sought` are words to look for; None: not known any more, the file is written anew. While others read or write it
    is tried again for `wait_s` seconds. On PostgreSQL dead rows are vacuumed, and what stays is told.
    """
    if store.dialect == "postgresql":
        with store.outside() as connection:
            for table in _TABLES:
                connection.exec_driver_sql(f"VACUUM {table}")
        return True, SERVER_KEEPS
    path = store.file
    assert path is not None
    deadline = time.monotonic() + wait_s
    if not _emptied_log(store, deadline):
        return False, "others read the database without a pause"
    small = path.stat().st_size <= SMALL_BYTES
    if (sought is None or small or holds(path, sought)) and not _written_anew(store, deadline):
        return False, "others write the database without a pause"
    return (True, "") if _emptied_log(store, deadline) else (False, "others read the database without a pause")


def holds(path: Path, sought: Sought) -> bool:
    """Say whether a file holds a piece of what is sought."""
    before = b""
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                if sought.in_bytes(before + piece):
                    return True
                before = piece[-_OVERLAP:]
    except FileNotFoundError:
        return False
    return False


def _emptied_log(store: Store, deadline: float) -> bool:
    """Bring the write-ahead log into the file and cut it to nothing; false where readers held it to the end."""
    while True:
        with store.outside() as connection:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={_CHECKPOINT_WAIT_MS}")
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        if not busy:
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.1)


def _written_anew(store: Store, deadline: float) -> bool:
    while True:
        try:
            with store.outside() as connection:
                _vacuum(connection)
            return True
        except BusyError:
            if time.monotonic() >= deadline:
                return False
        time.sleep(0.1)


def _vacuum(connection: Transaction) -> None:
    connection.exec_driver_sql("PRAGMA secure_delete=ON")
    connection.exec_driver_sql("VACUUM")
