"""Two codecs of one engine: a change of the setting rebuilds the index beside the old one, which answers meanwhile."""

from __future__ import annotations

import shutil
import threading

import pytest

from index.find import find_articles
from index.search.backend import SearchRequest
from index.search.opening import open_backend
from index.search.query import Word
from index.search.whoosh_arrays import ArraysSegments
from index.search.whoosh_codecs import codec_of
from index.store import open_store
from index.sync import sync, verify
from tests.factories import an_article, register, save


@pytest.mark.parametrize(("before", "after"), [("stock", "arrays"), ("arrays", "stock")])
def test_an_index_in_the_other_codec_answers_until_the_new_one_is_whole(before, after, make_settings, now):
    old = make_settings(search={"batch_documents": 5, "codec": before})
    store, backend = open_store(old), open_backend(old)
    register(store, now, "gazette")
    for number in range(20):
        save(store, an_article(f"ports{number}", f"Ports, report {number}."), now)
    sync(store, backend, settings=old)
    backend.close()
    new = make_settings(search={"batch_documents": 5, "codec": after})
    backend = open_backend(new)
    assert backend.position() == 0
    totals: list[int] = []

    def look(_done: int, _all: int) -> None:
        totals.append(find_articles(store, backend, "ports", settings=new, now=now).total)

    sync(store, backend, settings=new, progress=look)
    assert set(totals) == {20}
    assert verify(store, backend).equal
    assert [codec_of(folder) for folder in new.index_dir.glob("gen-*")] == [after]
    backend.close()
    store.close()


def test_many_small_commits_are_merged_when_the_change_log_is_read(make_settings, now):
    settings = make_settings(search={"batch_documents": 2, "codec": "arrays"})
    store, backend = open_store(settings), open_backend(settings)
    register(store, now, "gazette")
    for number in range(40):
        save(store, an_article(f"ports{number}", f"Ports, report {number}."), now)
    sync(store, backend, settings=settings)
    (folder,) = settings.index_dir.glob("gen-*")
    assert len(list(folder.glob("*.arrays"))) < 8
    assert find_articles(store, backend, "ports", settings=settings, now=now).total == 40
    assert verify(store, backend).equal
    backend.close()
    store.close()


@pytest.mark.parametrize("codec", ["arrays", "stock"])
def test_what_an_opened_index_says_of_itself_needs_no_file_of_it(codec, make_settings, now, monkeypatch):
    settings = make_settings(search={"codec": codec})
    store, backend = open_store(settings), open_backend(settings)
    register(store, now, "gazette")
    save(store, an_article("ports", "Ports."), now)
    sync(store, backend, settings=settings)
    position = backend.position()
    opened = backend.opened.newest()
    shutil.rmtree(opened.segments.folder)  # as the end of a rebuild does, right after it was opened
    monkeypatch.setattr(backend.opened, "newest", lambda: opened)
    monkeypatch.setattr(backend.opened, "at_hand", lambda: opened)
    assert backend.position() == position > 0
    store.close()


def test_a_search_does_not_wait_while_another_thread_opens_a_new_commit(make_settings, now, monkeypatch):
    settings = make_settings(search={"codec": "arrays"})
    store, backend, writer = open_store(settings), open_backend(settings), open_backend(settings)
    register(store, now, "gazette")
    save(store, an_article("ports1", "Ports, report 1."), now)
    sync(store, writer, settings=settings)
    asked = SearchRequest(Word("ports"))
    assert backend.search(asked).total == 1
    save(store, an_article("ports2", "Ports, report 2."), now)
    sync(store, writer, settings=settings)
    opening, go_on, opened = threading.Event(), threading.Event(), ArraysSegments.snapshot

    def slowly(segments: ArraysSegments, commit: int) -> object:
        opening.set()
        assert go_on.wait(30)
        return opened(segments, commit)

    monkeypatch.setattr(ArraysSegments, "snapshot", slowly)
    totals: list[int] = []
    other = threading.Thread(target=lambda: totals.append(backend.search(asked).total))
    other.start()
    assert opening.wait(30)
    assert backend.search(asked).total == 1
    go_on.set()
    other.join()
    assert totals == [2]
    assert backend.search(asked).total == 2
    for one in (backend, writer, store):
        one.close()
