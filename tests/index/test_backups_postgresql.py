"""Backups of an archive on PostgreSQL: brought back into an empty database, by the programs of its server."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest

from config.errors import UsageError
from index.archive import Archive
from index.backing_up import make_backup
from index.errors import StoreError
from index.records import Page
from index.restoring import restore_backup
from index.store import opened_store
from index.store.articles import count_articles, save_article
from index.store.engine import open_engine
from index.store.pages import save_page
from index.store.schema import upgrade
from tests.databases import new_database
from tests.factories import an_article, register


def keep(store, writer, now) -> None:
    """Store an article with its raw page."""
    article = an_article("a")
    page = Page(article.url, b"<p>raw page</p>", now, content_type="text/html")
    position = writer.append(page)
    with store.write() as tx:
        page_id = save_page(tx, page, digest="0" * 64, warc=position, run_id=None)
        save_article(tx, article, page_id=page_id, run_id=None, now=now)


@pytest.mark.parametrize("name", ["b", "b.tar"])
def test_a_postgresql_archive_comes_back_into_an_empty_database(make_settings, postgres_server, tmp_path, now, name):
    with new_database(postgres_server) as first, new_database(postgres_server) as second:
        settings = make_settings(database={"url": first})
        engine, _ = open_engine(first, busy_timeout_s=5)
        upgrade(engine)
        engine.dispose()
        with opened_store(settings) as store:
            register(store, now)
            with Archive(settings.warc_dir).open_writer("gazette") as writer:
                keep(store, writer, now)
            manifest = make_backup(store, settings, tmp_path / name, now=now)
        other = make_settings(database={"url": second}, data={"dir": str(tmp_path / "pg")})
        restored = restore_backup(tmp_path / name, other, tombstones=(), now=now)
        assert restored.whole
        assert (manifest.dialect, restored.documents) == ("postgresql", 1)
        with opened_store(other) as store, store.write() as tx:
            assert count_articles(tx) == 1
            saved = save_article(tx, an_article("new"), page_id=None, run_id=None, now=now + timedelta(days=1))
            assert saved.outcome.value == "new"  # its numbers go on where they were
        shutil.rmtree(tmp_path / "pg")
        with pytest.raises(UsageError, match="holds tables; name an empty database"):
            restore_backup(tmp_path / name, other, tombstones=(), now=now)


def test_without_pg_dump_that_is_told(make_settings, postgres_url, tmp_path, now, monkeypatch):
    settings = make_settings(database={"url": postgres_url})
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StoreError, match="pg_dump is not installed; install"), opened_store(settings) as store:
        make_backup(store, settings, tmp_path / "b", now=now)
    assert not (tmp_path / "b").exists()
