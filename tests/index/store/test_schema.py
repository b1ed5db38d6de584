"""The schema: made on first use, equal to the tables of the code, upgraded once, refused with a sentence."""

from __future__ import annotations

import sqlite3

import pytest
from alembic.script import ScriptDirectory
from click.testing import CliRunner
from sqlalchemy import create_engine, inspect, text

from index.cli_db import db
from index.errors import BusyError, StoreError
from index.records import Role
from index.store import account_tables as account_tables
from index.store import alert_tables as alert_tables
from index.store import health_tables as health_tables
from index.store import host_tables as host_tables
from index.store import open_store
from index.store import story_tables as story_tables
from index.store.hubs import wanted
from index.store.links import hubs_by_citers, references_of
from index.store.schema import HEAD, SCRIPTS, differences, downgrade, schema_version, upgrade
from index.store.tables import metadata
from tests.factories import a_link, an_article, register, save


def test_head_is_that_of_the_scripts():
    assert ScriptDirectory(str(SCRIPTS)).get_current_head() == HEAD


def test_migrations_make_the_tables_of_the_code(store):
    assert differences(store._engine) == []


def test_upgrading_again_changes_nothing(store):
    upgrade(store._engine)
    assert schema_version(store._engine) == HEAD


def test_migrations_can_be_taken_back(store):
    downgrade(store._engine, "base")
    assert set(inspect(store._engine).get_table_names()) <= {"alembic_version"}
    upgrade(store._engine)
    assert differences(store._engine) == []


def test_database_of_an_older_version_keeps_its_rows_and_works(database_settings, now):
    store = open_store(database_settings)
    register(store, now)
    links = (a_link("https://elsewhere.example/x"), a_link(None, "Strait Brief", Role.BACKLINK))
    saved = save(store, an_article(links=links), now)
    downgrade(store._engine, "0001")
    store.close()
    assert CliRunner().invoke(db, ["upgrade"], obj=database_settings).exit_code == 0
    store = open_store(database_settings)
    with store.read() as tx:
        assert [link.url for link in references_of(tx, saved.article_id)] == ["https://elsewhere.example/x", None]
        assert [one.url for one in wanted(tx)] == ["https://elsewhere.example/x"]
        assert [hub.slug for hub in hubs_by_citers(tx)] == ["strait-brief"]
    assert differences(store._engine) == []
    store.close()


def test_server_without_schema_is_told_the_command(empty_postgres, make_settings):
    with pytest.raises(StoreError, match="run `watchfloor db upgrade`"):
        open_store(make_settings(database={"url": empty_postgres}))


def test_password_is_in_no_message(make_settings):
    url = "postgresql+psycopg://user:hunter2@127.0.0.1:1/none"
    with pytest.raises(StoreError) as told:
        open_store(make_settings(database={"url": url}))
    assert "hunter2" not in str(told.value)
    assert "check [database] url" in str(told.value)


def test_password_among_the_parameters_is_in_no_message(empty_postgres, make_settings):
    mark = "&" if "?" in empty_postgres else "?"
    with pytest.raises(StoreError, match="db upgrade") as told:
        open_store(make_settings(database={"url": f"{empty_postgres}{mark}password=hunter2"}))
    assert "hunter2" not in str(told.value)


def test_newer_server_schema_is_not_told_to_upgrade(empty_postgres, make_settings):
    engine = create_engine(empty_postgres)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreError, match="newer version of Watchfloor"):
        open_store(make_settings(database={"url": empty_postgres}))


def test_newer_schema_is_refused(settings):
    open_store(settings).close()
    with sqlite3.connect(settings.data.dir / "watchfloor.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreError, match="newer version of Watchfloor"):
        open_store(settings)


def test_file_that_is_no_database_is_told(settings):
    settings.data.dir.mkdir()
    (settings.data.dir / "watchfloor.sqlite3").write_bytes(b"this is a letter, not a database" * 100)
    with pytest.raises(StoreError) as told:
        open_store(settings)
    assert "watchfloor.sqlite3" in str(told.value)


def test_embedded_database_is_in_wal_mode(settings):
    store = open_store(settings)
    with store.read() as tx:
        assert tx.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    store.close()


def test_nobody_else_may_read_a_new_embedded_database(settings):
    settings.data.dir.mkdir(mode=0o755)
    opened = open_store(settings)
    modes = {path.name: path.stat().st_mode & 0o077 for path in settings.data.dir.glob("watchfloor.sqlite3*")}
    opened.close()
    assert len(modes) == 3
    assert set(modes.values()) == {0}


def test_log_that_grew_beside_a_long_reader_shrinks_again(settings, monkeypatch):
    monkeypatch.setattr("index.store.engine._WAL_BYTES", 200_000)
    store = open_store(settings)
    log = settings.data.dir / "watchfloor.sqlite3-wal"
    with store.read() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM changes").scalar()
        for _ in range(3):
            with store.write() as tx:
                tx.exec_driver_sql("CREATE TABLE IF NOT EXISTS filler (a TEXT)")
                tx.exec_driver_sql("INSERT INTO filler VALUES (hex(zeroblob(2000000)))")
    grown = log.stat().st_size
    for _ in range(3):  # a checkpoint, then the first write that begins the log anew
        with store.write() as tx:
            tx.exec_driver_sql("INSERT INTO filler VALUES ('x')")
    assert log.stat().st_size < grown / 10
    store.close()


def test_locked_database_is_waited_for_and_then_told(make_settings):
    settings = make_settings(database={"busy_timeout_s": 0.2})
    store = open_store(settings)
    other = sqlite3.connect(settings.data.dir / "watchfloor.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(BusyError), store.write():
            pass
    finally:
        other.execute("ROLLBACK")
        other.close()
    store.close()


def test_reader_cannot_write(store):
    with pytest.raises(Exception, match=r"cannot be written|read-only transaction"), store.read() as tx:
        tx.execute(metadata.tables["outlets"].delete())


def test_every_table_of_the_code_is_known_to_the_contract():
    expected = {
        *("outlets", "outlet_hosts", "leads", "pages", "articles", "addresses", "revisions", "links", "hubs"),
        *(
            "outlet_furniture",
            "recurring_blocks",
            "runs",
            "decisions",
            "changes",
            "tombstones",
            "takedowns",
            "removals",
            "upkeep",
            "followers",
            "link_checks",
            "schedules",
            "jobs",
        ),
        *("article_topics", "article_names", "names", "name_words", "quotations", "quotation_speakers", "copies"),
        *("cited_addresses", "cited_by_outlets"),
        *("run_observations", "outlet_health", "health_changes"),
        *("users", "sessions", "sign_in_tries", "site_secrets", "acts", "slow_searches"),
        *("alerts", "alert_tellings", "beats", "totals"),
        *("hosts", "host_hours", "run_hosts", "robots_changes"),
        *("stories", "story_members", "story_features", "story_terms", "story_constraints"),
    }
    assert set(metadata.tables) == expected


def test_engine_of_a_fresh_file_upgrades_from_nothing(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    assert schema_version(engine) is None
    upgrade(engine)
    assert schema_version(engine) == HEAD
    engine.dispose()
