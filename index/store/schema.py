"""Bringing a database to the schema of this version by alembic, whose scripts travel in migrations/.

alembic is imported only when there is something to do: an up-to-date database costs one query.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, inspect, text

from index.errors import StoreError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0012"
"""The newest migration; a test holds it equal to alembic's head."""

SCRIPTS = Path(__file__).with_name("migrations")


def ensure_schema(engine: Engine, *, where: str, lock_folder: Path) -> None:
    """Make or upgrade the embedded schema; refuse a server's schema of another version with a sentence.

    `where` names the database in messages.
    """
    current = schema_version(engine)
    if current == HEAD:
        return
    if is_newer(current):
        raise StoreError(newer_schema(where, current))
    if engine.dialect.name != "sqlite":
        state = "holds no Watchfloor schema" if current is None else f"has schema {current}, not {HEAD}"
        raise StoreError(f"{where}: {state}; run `watchfloor db upgrade`.")
    with _one_at_a_time(lock_folder):
        if schema_version(engine) != HEAD:
            upgrade(engine, where=where)


def schema_version(engine: Engine) -> str | None:
    """Return the schema version of a database, None where there is no schema of ours."""
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
        return None  # looking must not make the file, as SQLite does for whoever connects
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
        return None if row is None else str(row[0])


def is_newer(version: str | None) -> bool:
    """Say whether a schema version is none that this program knows: it comes from a newer one."""
    return version is not None and not any(SCRIPTS.glob(f"versions/{version}_*.py"))


def newer_schema(where: str, version: str | None) -> str:
    """Return the sentence that tells of a newer schema."""
    return f"{where}: has schema {version}, newer than {HEAD} of this program; install the newer version of Watchfloor."


def upgrade(engine: Engine, target: str = "head", *, where: str = "The database") -> None:
    """Run the migrations up to `target` in one transaction. Raises StoreError for a newer, unknown schema."""
    from alembic import command

    version = schema_version(engine)
    if is_newer(version):
        raise StoreError(newer_schema(where, version))
    with engine.connect().execution_options(watchfloor_write=True) as connection, connection.begin():
        command.upgrade(alembic_config(connection), target)


def downgrade(engine: Engine, target: str) -> None:
    """Run the migrations down to `target` in one transaction."""
    from alembic import command

    with engine.connect().execution_options(watchfloor_write=True) as connection, connection.begin():
        command.downgrade(alembic_config(connection), target)


def differences(engine: Engine) -> list[str]:
    """Say in words how the database differs from the tables of this version; empty when it does not."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from index.store import account_tables as account_tables
    from index.store import alert_tables as alert_tables  # these add their tables to the same metadata
    from index.store import health_tables as health_tables
    from index.store import host_tables as host_tables
    from index.store import keeping_tables as keeping_tables
    from index.store import story_tables as story_tables
    from index.store.tables import metadata

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [_in_words(difference) for difference in compare_metadata(context, metadata)]


def _in_words(difference: Any) -> str:
    """One of alembic's differences as a reader of tables would say it."""
    if isinstance(difference, list):  # what differs within one column
        return ", ".join(_in_words(part) for part in difference)
    what, *about = difference
    act, _, kind = str(what).partition("_")
    if act == "modify":
        return f"column {about[1]}.{about[2]} has another {kind}"
    thing = about[-1]
    name = f"{about[1]}.{thing.name}" if kind == "column" else thing.name
    return f"{kind} {name} is {'missing' if act == 'add' else 'not ours'}"


def alembic_config(connection: object) -> Config:
    """Return alembic's configuration for our scripts, bound to an open connection; there is no alembic.ini."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Let one process of this machine at a time make the schema; the others find it made."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "schema.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
