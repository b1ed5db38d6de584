"""What a scheduler does beside its schedules: retention once a day, takedowns brought to their end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crawler.upkeep import Upkeep
from index.search.opening import open_backend
from index.store import open_store
from index.store.audit import list_acts, note_act
from index.store.takedowns import erase, pending_takedowns, plan_takedown
from index.sync import sync
from tests.factories import HOME, an_article, register, save


@pytest.fixture
def held(settings):
    store = open_store(settings)
    yield store
    store.close()


@pytest.fixture
def monthly(settings):
    table = settings.retention.model_copy(update={"audit_days": 30})
    return settings.model_copy(update={"retention": table})


def looks(upkeep, store, now):
    upkeep.look(store, now)
    upkeep.finish()


def acts(store):
    with store.read() as tx:
        return [one.act for one in list_acts(tx)]


def test_retention_is_done_once_a_day(held, monthly, stop, now):
    with held.write() as tx:
        note_act(tx, by="ann", act="first", subject="x", now=now - timedelta(days=40))
    upkeep = Upkeep(monthly, stop)
    looks(upkeep, held, now)
    assert acts(held) == []
    with held.write() as tx:
        note_act(tx, by="ann", act="second", subject="x", now=now - timedelta(days=40))
    looks(upkeep, held, now + timedelta(hours=2))
    assert acts(held) == ["second"]
    looks(upkeep, held, now + timedelta(days=1, minutes=1))
    assert acts(held) == []


def test_a_takedown_that_was_killed_is_brought_to_its_end(held, settings, stop, now):
    register(held, now)
    save(held, an_article("a"), now)
    backend = open_backend(settings)
    sync(held, backend, settings=settings)
    backend.close()
    with held.write() as tx:
        erase(tx, plan_takedown(tx, f"{HOME}/a"), by="ann", reason="", now=now)
    looks(Upkeep(settings, stop), held, now)
    with held.read() as tx:
        assert pending_takedowns(tx) == []


def test_a_fault_of_it_stops_no_schedule(held, settings, stop, now, monkeypatch, caplog):
    def fail(*_args, **_more):
        raise RuntimeError("a fault")

    monkeypatch.setattr("crawler.upkeep.retain", fail)
    looks(Upkeep(settings, stop), held, now)
    assert "upkeep failed" in caplog.text
