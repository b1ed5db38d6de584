"""Copies of the whole database: taken while others write, brought back into an empty place, counted."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import column, func, inspect, select, table
from sqlalchemy.engine import make_url

from config.errors import UsageError
from config.settings import Settings
from index.errors import StoreError
from index.store.engine import Store, Transaction, open_engine, translated
from index.store.schema import upgrade
from index.store.tables import pages
from index.takedown_records import Tombstone

_OPTIONS = {"sslmode", "sslcert", "sslkey", "sslrootcert", "passfile", "options", "connect_timeout", "service"}


def row_counts(tx: Transaction) -> dict[str, int]:
    """Return how many rows every table has, by its name."""
    names = sorted(set(inspect(tx).get_table_names()) - {"alembic_version"})
    return {name: int(tx.execute(select(func.count()).select_from(table(name))).scalar_one()) for name in names}


def schema_of(tx: Transaction) -> str:
    """Return the schema version of the database that is read."""
    return str(tx.execute(select(column("version_num")).select_from(table("alembic_version"))).scalar_one())


def raw_lengths(tx: Transaction) -> dict[str, int]:
    """Return how far each file of raw pages is known: the end of its last record that a page has."""
    end = func.max(pages.c.warc_offset + pages.c.warc_length)
    query = select(pages.c.warc_file, end).where(pages.c.warc_file.is_not(None)).group_by(pages.c.warc_file)
    return {file: int(length) for file, length in tx.execute(query)}


@contextmanager
def copied_database(store: Store, target: Path, *, url: str) -> Iterator[Transaction]:
    """Copy the database as it is at one instant to a file, and open that very state for reading; others write on.

    What was deleted is not in the copy. Raises StoreError where pg_dump is missing or refuses.
    """
    if store.dialect == "postgresql":
        with store.read() as tx:
            snapshot = tx.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
            _run("pg_dump", url, ["--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={target}"])
            yield tx
        return
    with store.outside() as connection:
        connection.exec_driver_sql("VACUUM INTO ?", (str(target),))
    engine, where = open_engine(f"sqlite:///{target}", busy_timeout_s=1)
    copy = Store(engine, where=where)
    try:
        with copy.read() as tx:
            yield tx
    finally:
        copy.close()


def check_copy(path: Path) -> None:
    """Raise StoreError where a copy of an embedded database is damaged."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        raise StoreError(f"{path}: the database in it is damaged ({said}); use another copy of the backup.")


def load_dump(path: Path, settings: Settings) -> None:
    """Bring a dump into the empty PostgreSQL database of the settings, in one transaction, and to today's schema.

    Raises UsageError where it is not empty, StoreError where pg_restore is missing or refuses.
    """
    engine, where = open_engine(settings.database_url, busy_timeout_s=settings.database.busy_timeout_s)
    try:
        with translated(where):
            with engine.connect() as connection:
                if inspect(connection).get_table_names():
                    raise UsageError(f"{where}: holds tables; name an empty database in [database] url.")
            _run(
                "pg_restore",
                settings.database_url,
                ["--no-owner", "--single-transaction", "--exit-on-error", str(path)],
            )
            upgrade(engine, where=where)
    finally:
        engine.dispose()


def tombstones_in(path: Path) -> list[Tombstone]:
    """Return the tombstones of an embedded database file, which is opened for reading alone. Raises UsageError."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            rows = connection.execute("SELECT url, at, reason FROM tombstones ORDER BY url").fetchall()
    except sqlite3.DatabaseError as error:
        raise UsageError(f"{path}: no tombstones can be read from it ({error}).") from None
    return [Tombstone(url, datetime.fromisoformat(at).replace(tzinfo=UTC), reason) for url, at, reason in rows]


def _run(program: str, url: str, arguments: list[str]) -> None:
    """Run a tool of PostgreSQL on the database of a URL; the password goes by its environment, never as an argument."""
    found = shutil.which(program)
    if found is None:
        raise StoreError(f"{program} is not installed; install PostgreSQL's client programs, then repeat.")
    parsed = make_url(url)
    options = {name: value for name, value in parsed.query.items() if isinstance(value, str)}
    named: dict[str, object] = {"PGHOST": options.get("host", parsed.host), "PGPORT": parsed.port}
    named |= {"PGUSER": parsed.username, "PGPASSWORD": parsed.password, "PGDATABASE": parsed.database}
    named |= {f"PG{name.upper()}": value for name, value in options.items() if name in _OPTIONS}
    environment = {**os.environ, **{name: str(value) for name, value in named.items() if value}}
    if program == "pg_restore":
        arguments = [f"--dbname={parsed.database}", *arguments]
    done = subprocess.run([found, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise StoreError(f"{program} did not work ({lines[0].removeprefix(f'{program}: ')}); mend that, then repeat.")
