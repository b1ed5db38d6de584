"""Opening the database and its transactions. No table is known here.

One writer at a time on both databases, so that what holds on one holds on the other: code that looks and then writes
is never overtaken, and change numbers appear in the order of commits. On SQLite a write begins with BEGIN IMMEDIATE; on
PostgreSQL it takes an advisory lock first and holds it to its end. Writes are short: pages are read before, not inside.
A read sees one state of the database throughout. SQLite runs with WAL and synchronous=NORMAL: what is committed
survives any process kill; a power cut may lose the last commits, never the file.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from config.settings import Settings
from index.errors import BusyError, StoreError
from index.store.faults import named_fault
from index.store.schema import ensure_schema, schema_version

Transaction = Connection
"""An open transaction. Only this package may look inside."""

_WRITER_LOCK = 0x57415443  # "WATC"
_WAL_BYTES = 64 * 1024 * 1024  # what a long reader made grow is given back to the disk at the next checkpoint
_PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""Seconds (the last one: milliseconds) after which a server that is silent, or gone from the network, is given up by
the driver; else a worker would wait for minutes or for ever. What stands in [database] url counts before it."""

_SECRETS = ("password", "sslpassword", "passfile", "sslkey")


class Store:
    """A database with the schema of this version. Safe to share between threads."""

    def __init__(self, engine: Engine, *, where: str) -> None:
        self._engine = engine
        self._where = where
        self.dialect = engine.dialect.name
        self.statements = 0
        event.listen(engine, "before_cursor_execute", self._count)

    @property
    def file(self) -> Path | None:
        """The file of an embedded database, None of a server's."""
        return Path(str(self._engine.url.database)) if self.dialect == "sqlite" else None

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Open a transaction that sees one state of the database and writes nothing."""
        with translated(self._where), self._engine.connect() as connection:
            if self.dialect == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield connection
            connection.rollback()

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Open a transaction that commits when the block ends and rolls back when it raises.

        Waits for other writers as long as [database] busy_timeout_s says, then raises BusyError.
        """
        with translated(self._where), self._engine.connect() as plain:
            connection = plain.execution_options(watchfloor_write=True)
            with connection.begin():
                yield connection

    @contextmanager
    def outside(self) -> Iterator[Transaction]:
        """Open a connection without a transaction, for what a database refuses inside of one (VACUUM, checkpoints)."""
        with translated(self._where), self._engine.connect() as plain:
            yield plain.execution_options(isolation_level="AUTOCOMMIT")

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _count(self, *_: Any) -> None:
        self.statements += 1


def open_store(settings: Settings) -> Store:
    """Open the database of `settings`; the embedded one is made and upgraded on first use.

    Raises StoreError for a database that cannot be opened, or a server whose schema is not of this version.
    """
    url = settings.database_url
    engine, where = open_engine(url, busy_timeout_s=settings.database.busy_timeout_s)
    if engine.dialect.name == "sqlite" and engine.url.database:
        _make_folder(Path(engine.url.database).parent, settings.data.dir)
        _make_file(Path(engine.url.database))
    try:
        with translated(where):
            ensure_schema(engine, where=where, lock_folder=settings.data.dir)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, where=where)


@contextmanager
def opened_store(settings: Settings) -> Iterator[Store]:
    """Open the database of `settings` for the length of a block."""
    store = open_store(settings)
    try:
        yield store
    finally:
        store.close()


def holds_archive(settings: Settings) -> bool:
    """Say whether the database of `settings` is there and holds a schema of ours; it is not made by looking."""
    engine, where = open_engine(settings.database_url, busy_timeout_s=settings.database.busy_timeout_s)
    try:
        with translated(where):
            return schema_version(engine) is not None
    finally:
        engine.dispose()


def open_engine(url: str, *, busy_timeout_s: float) -> tuple[Engine, str]:
    """Return an engine for `url` and its name for messages, without the password. Nothing is connected yet."""
    try:
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        where, kind = shown(parsed), parsed.get_backend_name()
        if kind == "sqlite" and (parsed.database or ":memory:") == ":memory:":
            raise StoreError("database.url: a database in memory ends with its process; name a file: sqlite:///….")
        if kind not in ("sqlite", "postgresql"):
            raise StoreError(
                f"database.url: {where}: only sqlite and postgresql+psycopg are known; change the setting."
            )
        # A statement that failed is logged: its values are texts that a takedown removes, hashes, secrets.
        if kind == "sqlite":
            engine = create_engine(parsed, connect_args={"timeout": busy_timeout_s}, hide_parameters=True)
            event.listen(engine, "connect", _prepare_sqlite)
        else:
            patience = {name: value for name, value in _PATIENCE.items() if name not in parsed.query}
            engine = create_engine(parsed, pool_pre_ping=True, connect_args=patience, hide_parameters=True)
            event.listen(engine, "connect", _prepare_postgres(busy_timeout_s))
        event.listen(engine, "begin", _begin)
        return engine, where
    except ModuleNotFoundError as error:
        raise StoreError(
            f"database.url: the driver {error.name!r} is not installed; run pip install 'watchfloor[postgres]'."
        ) from None
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise StoreError("database.url: not a database address; write sqlite:///… or postgresql+psycopg://….") from None


def shown(url: URL) -> str:
    """Return a database address as messages may show it: no password, wherever it stands."""
    hidden = url.difference_update_query([name for name in url.query if name.lower() in _SECRETS])
    return hidden.render_as_string(hide_password=True)


def _make_folder(folder: Path, data_dir: Path) -> None:
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreError(
            f"{folder}: the data folder cannot be made ({error.strerror}); set [data] dir to one that can."
        ) from None


def _make_file(path: Path) -> None:
    """Make a new database for its owner alone, as SQLite then makes the files beside it: it holds hashes of passwords.

    What cannot be made is told when it is opened.
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves; the driver would only say it before a write
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=FAST")  # what is deleted is overwritten where that costs no more writing
        cursor.execute(f"PRAGMA journal_size_limit={_WAL_BYTES}")
    finally:
        cursor.close()


def _prepare_postgres(lock_timeout_s: float) -> Callable[[Any, Any], None]:
    """Let a statement wait for a lock as long as it would on SQLite, and let instants travel in UTC.

    In the server's own zone the driver cannot read instants near the years 1 and 9999, which publishers do write.
    """

    def prepare(connection: Any, _: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {max(1, round(lock_timeout_s * 1000))}")
            cursor.execute("SET TIME ZONE 'UTC'")
        connection.commit()

    return prepare


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA query_only=OFF")
        return
    writing = connection.get_execution_options().get("watchfloor_write", False)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writing else 'ON'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
    elif writing:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Turn the faults of a database into our own, each one sentence that says what to do."""
    try:
        yield
    except DBAPIError as error:
        raise named_fault(error.orig, where, lost=isinstance(error, OperationalError)) or error from error
    except sqlite3.DatabaseError as error:
        raise named_fault(error, where) or error from error
    except PoolTimeoutError as error:
        raise BusyError(f"{where}: every connection is in use; repeat in a moment.") from error
