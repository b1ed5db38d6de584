"""The indexer follows the change log, stops between two commits, and tidies when nothing else is to do."""

from __future__ import annotations

import pytest

from crawler import indexer as module
from crawler.indexer import Indexer, run_indexer
from crawler.stopping import Stop
from index.errors import BusyError, StoreError
from index.search.opening import open_backend
from index.store import open_store
from index.sync import verify
from tests.factories import an_article, register, save


@pytest.fixture
def archive(settings, now):
    store = open_store(settings)
    register(store, now)
    yield store
    store.close()


@pytest.fixture
def indexer(settings, stop):
    made = Indexer(settings, stop)
    yield made
    made.close()


def is_equal(settings, store):
    backend = open_backend(settings)
    try:
        return verify(store, backend).equal
    finally:
        backend.close()


def test_the_index_is_brought_up_whenever_the_log_has_grown(archive, settings, indexer, now):
    for number in range(3):
        save(archive, an_article(f"n{number}", f"Ship {number} left harbour {number * 7}."), now)
        assert indexer.step() >= module.LOOK_EVERY_S
        assert is_equal(settings, archive)


def test_a_log_that_has_not_grown_opens_no_index(archive, indexer, now, monkeypatch):
    save(archive, an_article(), now)
    indexer.step()
    monkeypatch.setattr(module, "open_backend", lambda _settings: pytest.fail("opened"))
    assert indexer.step() == module.LOOK_EVERY_S


def test_a_stop_ends_a_sync_after_a_commit_and_the_next_goes_on(archive, make_settings, stop, now):
    settings = make_settings(search={"batch_documents": 2})
    for number in range(6):
        save(archive, an_article(f"n{number}", f"Ship {number} left harbour {number * 7}."), now)
    stop.ask()
    first = Indexer(settings, stop)
    first.step()
    first.close()
    backend = open_backend(settings)
    assert backend.count() == 2
    backend.close()
    fresh = Stop()
    second = Indexer(settings, fresh)
    second.step()
    second.close()
    fresh.close()
    assert is_equal(settings, archive)


def test_an_idle_index_is_tidied_once_until_nothing_is_left(archive, indexer, now, monkeypatch):
    save(archive, an_article(), now)
    indexer.step()
    left = [True, True, False]
    monkeypatch.setattr(module, "IDLE_BEFORE_TIDY_S", -1.0)
    monkeypatch.setattr(Indexer, "_tidy", lambda _self: left.pop(0))
    for _ in range(5):
        indexer.step()
    assert left == []


@pytest.mark.parametrize(
    ("error", "level"), [(BusyError("Another process writes the index."), "INFO"), (StoreError("Gone."), "WARNING")]
)
def test_an_index_that_is_busy_or_a_database_that_is_gone_is_waited_for(
    error, level, settings, stop, monkeypatch, caplog
):
    caplog.set_level("INFO")

    def step(_self):
        if len(caplog.records) == 1:
            stop.ask()
        raise error

    monkeypatch.setattr(Indexer, "step", step)
    monkeypatch.setattr(module, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(module, "LONGEST_PAUSE_S", 0.0)
    run_indexer(settings, stop)
    assert [record.levelname for record in caplog.records] == [level, level]
    assert str(error) in caplog.text
