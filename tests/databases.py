"""Fixtures for tests that must hold on both databases. A plugin, loaded by tests/conftest.py.

PostgreSQL is any server named by TEST_POSTGRES_URL (`.ci/postgres start DIR` makes a throw-away one); each
worker makes databases of its own there and drops them. Without the variable these tests are skipped, in CI they fail.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from config.settings import Settings, load_settings
from index.store import Store, open_store, schema
from index.store import account_tables as account_tables
from index.store import alert_tables as alert_tables
from index.store import health_tables as health_tables
from index.store import host_tables as host_tables
from index.store import keeping_tables as keeping_tables
from index.store import story_tables as story_tables
from index.store.schema import upgrade
from index.store.tables import metadata

VARIABLE = "TEST_POSTGRES_URL"


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """Make an empty database on the server and give its URL; drop it afterwards."""
    name = f"wf_{uuid.uuid4().hex[:16]}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        admin.dispose()


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The URL of a PostgreSQL server where databases may be made. Skips without one; fails in CI."""
    url = os.environ.get(VARIABLE, "")
    if not url:
        reason = f"{VARIABLE} names no PostgreSQL server; `.ci/postgres start DIR` starts one"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return url


@pytest.fixture(scope="session")
def _migrated_postgres(postgres_server: str) -> Iterator[Engine]:
    """One database per worker with the schema of this version; emptied, not remade, between tests."""
    with new_database(postgres_server) as url:
        engine = create_engine(url)
        upgrade(engine)
        yield engine
        engine.dispose()


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the schema of this version, to be copied."""
    folder = tmp_path_factory.mktemp("sqlite")
    settings = load_settings(environ={}, data={"dir": str(folder)})
    open_store(settings).close()
    return folder / "watchfloor.sqlite3"


@pytest.fixture(scope="session", autouse=True)
def _migrated_once(_migrated_sqlite: Path) -> Iterator[None]:
    """Let a new embedded database of this process be a copy of the one that was migrated: a store opens in a hundredth.

    What is upgraded from an older schema, by a command or in another process, goes through the migrations as ever.
    """

    def upgrade_or_copy(engine: Engine, target: str = "head", *, where: str = "The database") -> None:
        if engine.dialect.name != "sqlite" or target != "head" or schema.schema_version(engine) is not None:
            upgrade(engine, target, where=where)
            return
        with closing(sqlite3.connect(_migrated_sqlite)) as migrated, engine.connect() as connection:
            migrated.backup(connection.connection.driver_connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "upgrade", upgrade_or_copy)
        yield


@pytest.fixture
def empty_postgres(postgres_server: str) -> Iterator[str]:
    """The URL of a new database without any table."""
    with new_database(postgres_server) as url:
        yield url


@pytest.fixture
def postgres_url(_migrated_postgres: Engine) -> Iterator[str]:
    """The URL of a PostgreSQL database with the schema of this version and no rows."""
    yield _migrated_postgres.url.render_as_string(hide_password=False)
    names = ", ".join(table.name for table in metadata.sorted_tables)
    with _migrated_postgres.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))  # a test that left a transaction open shall fail
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Both databases, one after the other."""
    return str(request.param)


@pytest.fixture
def database_settings(
    dialect: str, request: pytest.FixtureRequest, make_settings: Callable[..., Settings], _migrated_sqlite: Path
) -> Settings:
    """Settings whose database has its schema and no rows: SQLite, then PostgreSQL."""
    if dialect == "postgresql":
        return make_settings(database={"url": request.getfixturevalue("postgres_url")})
    settings = make_settings()
    settings.data.dir.mkdir(mode=0o700)
    shutil.copy(_migrated_sqlite, settings.data.dir / _migrated_sqlite.name)
    return settings


@pytest.fixture
def store(database_settings: Settings) -> Iterator[Store]:
    """An open store without rows: SQLite, then PostgreSQL."""
    opened = open_store(database_settings)
    yield opened
    opened.close()
