"""A takedown that is killed, or beside crawls, indexers, readers and other takedowns."""

from __future__ import annotations

import fcntl
import sqlite3
import threading
import time
from contextlib import suppress

import pytest
from sqlalchemy import select

from index.errors import BusyError
from index.records import WarcPosition
from index.search.opening import open_backend
from index.store import open_store
from index.store.keeping_tables import takedowns
from index.store.pages import latest_page
from index.store.removals import count_removals
from index.store.takedowns import pending_takedowns, tombstone_of
from index.sync import sync, verify
from index.taking_down import take_down
from tests.factories import HOME, an_article, register
from tests.keeping import OTHER, SECRET, TITLE, WAIT, WORDS, keep
from tests.leftovers import files_with


@pytest.mark.parametrize("after", ["rows", "raw", "index"])
def test_what_a_kill_left_is_done_by_the_next_takedown(
    settings, held, backend, archived, archive, now, after, monkeypatch
):
    class Killed(BaseException):
        pass

    def die(*_args, **_more):
        raise Killed

    target = {"rows": "overwrite_raw", "raw": "_purged", "index": "overwrite_freed"}[after]
    with monkeypatch.context() as patch:
        patch.setattr(f"index.overwriting.{target}", die)
        with pytest.raises(Killed):
            take_down(held, backend, settings, f"{HOME}/secret", by="ann", now=now, **WAIT)
    with held.read() as tx:
        assert len(pending_takedowns(tx)) == 1
    take_down(held, backend, settings, f"{HOME}/secret", by="ann", now=now, **WAIT)
    with held.read() as tx:
        assert pending_takedowns(tx) == []
        assert count_removals(tx) == 0
        assert len(tx.execute(select(takedowns)).all()) == 1
    assert files_with(settings.data.dir, WORDS) == {}


def test_a_kill_while_the_file_is_rewritten_leaves_the_old_one_whole(archive, archived, monkeypatch, now):
    before = archived.read_bytes()
    position = WarcPosition(archived.name, 0, 30)

    def die(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("index.archive.os.fsync", die)
        with pytest.raises(KeyboardInterrupt):
            archive.remove(position)
    assert archived.read_bytes() == before


def test_a_file_that_a_crawl_is_writing_is_overwritten_in_its_place(settings, held, backend, archive, now):
    register(held, now, "gazette")
    with archive.open_writer("gazette") as writer:
        keep(held, writer, an_article("secret", SECRET, title=TITLE), now)
        take_down(held, backend, settings, f"{HOME}/secret", by="ann", now=now, **WAIT)
        keep(held, writer, an_article("pier", OTHER), now)
        with held.read() as tx:
            page = latest_page(tx, f"{HOME}/pier")
        assert OTHER[:20].encode() in archive.read(page.warc).body
    assert files_with(settings.data.dir, WORDS) == {}


def test_two_takedowns_at_once_leave_one_tombstone_and_no_word(settings, archived, now):
    reports, faults = [], []

    def work():
        store, backend = open_store(settings), open_backend(settings)
        try:
            reports.append(take_down(store, backend, settings, f"{HOME}/secret", by="ann", now=now, wait_s=30.0))
        except Exception as error:
            faults.append(error)
        finally:
            backend.close()
            store.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    store = open_store(settings)
    with store.read() as tx:
        assert tombstone_of(tx, url=f"{HOME}/secret").article_id is not None
        assert pending_takedowns(tx) == []
        assert len(tx.execute(select(takedowns)).all()) == 1
    store.close()
    assert files_with(settings.data.dir, WORDS) == {}


def test_an_index_another_process_writes_is_waited_for_and_then_told(settings, held, backend, archived, now):
    lock = (settings.index_dir / "writer.lock").open("r+b")
    fcntl.flock(lock, fcntl.LOCK_EX)
    report = take_down(held, backend, settings, f"{HOME}/secret", by="ann", now=now, wait_s=0.5)
    assert [sentence.split(" (")[0] for sentence in report.left] == ["The index has not let go of its words yet"]
    lock.close()
    again = take_down(held, backend, settings, f"{HOME}/secret", by="ann", now=now, **WAIT)
    assert again.left == ()
    assert files_with(settings.data.dir, WORDS) == {}


def test_a_database_that_is_read_without_a_pause_is_told(settings, held, backend, archived, now, monkeypatch):
    reader = sqlite3.connect(held.file, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM articles").fetchone()
    monkeypatch.setattr("index.store.overwriting._CHECKPOINT_WAIT_MS", 100)
    report = take_down(held, backend, settings, f"{HOME}/secret", by="ann", now=now, wait_s=0.3)
    assert [sentence.split(" (")[0] for sentence in report.left] == [
        "Freed space of the database has not been overwritten yet"
    ]
    reader.execute("ROLLBACK")
    reader.close()
    take_down(held, backend, settings, f"{HOME}/secret", by="ann", now=now, **WAIT)
    assert files_with(settings.data.dir, WORDS) == {}


def test_nothing_is_left_where_crawl_and_indexer_go_on_beside_it(settings, held, backend, archived, archive, now):
    stop, stored = threading.Event(), []

    def crawl():
        store = open_store(settings)
        with archive.open_writer("live") as writer:
            while not stop.is_set():
                keep(store, writer, an_article(f"live{len(stored)}", OTHER), now)
                stored.append(1)
                time.sleep(0.2)  # a host is not asked faster than once a second
        store.close()

    def index():
        store, own = open_store(settings), open_backend(settings)
        while not stop.is_set():
            with suppress(BusyError):
                sync(store, own, settings=settings)
        own.close()
        store.close()

    threads = [threading.Thread(target=work) for work in (crawl, index)]
    for thread in threads:
        thread.start()
    try:
        while len(stored) < 5:
            time.sleep(0.01)
        report = take_down(held, backend, settings, f"{HOME}/secret", by="ann", now=now, wait_s=40.0)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert report.left == ()
    assert files_with(settings.data.dir, WORDS) == {}
    sync(held, backend, settings=settings)
    assert verify(held, backend).equal
