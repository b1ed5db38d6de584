"""Sync of an index whose fields are those of an older version: it answers until the new one is whole."""

from __future__ import annotations

import pytest

from index.find import find_articles
from index.search import whoosh_backend, whoosh_schema
from index.search.opening import open_backend
from index.store import open_store
from index.sync import sync, verify
from tests.factories import an_article, register, save


def test_index_of_an_older_version_answers_until_the_new_one_is_whole(make_settings, now, monkeypatch):
    settings = make_settings(search={"batch_documents": 5})
    store, backend = open_store(settings), open_backend(settings)
    register(store, now, "gazette")
    for number in range(20):
        save(store, an_article(f"ports{number}", f"Ports, report {number}."), now)
    sync(store, backend, settings=settings)
    for module in (whoosh_backend, whoosh_schema):
        monkeypatch.setattr(module, "SCHEMA_VERSION", whoosh_schema.SCHEMA_VERSION + 1)
    assert backend.position() == 0
    totals: list[int] = []

    def look(_done: int, _all: int) -> None:
        totals.append(find_articles(store, backend, "ports", settings=settings, now=now).total)

    sync(store, backend, settings=settings, progress=look)
    assert len(totals) >= 4
    assert set(totals) == {20}
    assert verify(store, backend).equal
    backend.close()
    store.close()


@pytest.mark.parametrize("documents", [0, 3])
def test_sync_of_an_empty_index_reads_the_change_log(documents, settings, now):
    store, backend = open_store(settings), open_backend(settings)
    register(store, now, "gazette")
    for number in range(documents):
        save(store, an_article(f"ports{number}"), now)
    assert sync(store, backend, settings=settings).indexed == documents
    assert verify(store, backend).equal
    backend.close()
    store.close()
