"""Reading, writing and merging beside each other: nobody waits for a merge, and nobody reads a number of before it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from index.errors import BusyError, IndexDamagedError
from index.search import whoosh_opened
from index.search.arrays import upkeep
from index.search.backend import IndexDocument, SearchRequest
from index.search.opening import open_backend
from index.search.query import Word
from index.search.whoosh_arrays import ArraysSegments
from index.search.whoosh_backend import WhooshBackend

PORTS = SearchRequest(Word("ports"))


def document(number: int, revision: int = 1) -> IndexDocument:
    return IndexDocument(
        article_id=number,
        revision=revision,
        outlet="gazette",
        language="en",
        title=f"Ports {number}",
        text=f"Report {number} revised{revision}",
        authors=(),
        topics=(),
        sort_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


@pytest.fixture
def opened(make_settings):
    """Open the index, as often as there are processes to play; all are closed in the end."""
    settings = make_settings(search={"codec": "arrays"})
    made: list[WhooshBackend] = []

    def open_one() -> WhooshBackend:
        backend = open_backend(settings)
        assert isinstance(backend, WhooshBackend)
        made.append(backend)
        return backend

    yield open_one
    for backend in made:
        backend.close()


@pytest.fixture
def writer(opened) -> WhooshBackend:
    """Forty articles in eight commits."""
    backend: WhooshBackend = opened()
    for number in range(0, 40, 5):
        backend.apply([document(number + more) for more in range(5)], (), number + 1)
    return backend


def during_a_merge(monkeypatch: pytest.MonkeyPatch, do: Callable[[], None]) -> None:
    """Have something done when a merge has written its file and not yet put it in force."""
    written = upkeep.merge_segments

    def then(*given: object) -> int:
        documents = written(*given)  # type: ignore[arg-type]
        monkeypatch.setattr(upkeep, "merge_segments", written)
        do()
        return documents

    monkeypatch.setattr(upkeep, "merge_segments", then)


def test_others_commit_and_search_during_a_merge(opened, writer, monkeypatch):
    other, reader = opened(), opened()
    totals = []

    def commit() -> None:
        other.apply([document(3, 2), document(99)], [7, 8], 500)
        totals.append(reader.search(PORTS).total)

    during_a_merge(monkeypatch, commit)
    assert writer.tidy()
    totals.append(reader.search(PORTS).total)
    assert totals == [39, 39]
    right = {(number, 1) for number in range(40) if number not in (3, 7, 8)} | {(3, 2), (99, 1)}
    for backend in (writer, other, reader, opened()):
        assert sorted(backend.contents()) == sorted(right)
        assert backend.position() == 500
        assert backend.frequencies(["revised2"]) == {"revised2": 1}


def test_a_merge_goes_on_while_another_process_holds_the_change_log(opened, writer):
    other = opened()
    with other.exclusive():
        other.apply([document(50)], (), 600)
        assert writer.tidy()
        other.apply([document(51)], [50], 601)
    assert {number for number, _ in writer.contents()} == {*range(40), 51}


def test_a_commit_reads_the_numbers_of_documents_when_nobody_can_change_them(writer, opened, monkeypatch):
    other = opened()
    began = ArraysSegments.writer

    def after_a_merge(segments: ArraysSegments) -> object:
        monkeypatch.setattr(ArraysSegments, "writer", began)
        assert other.tidy()  # which gives documents other numbers
        return began(segments)

    monkeypatch.setattr(ArraysSegments, "writer", after_a_merge)
    writer.apply([document(12, 2)], [30], 700)
    right = {(number, 1) for number in range(40) if number not in (12, 30)} | {(12, 2)}
    assert sorted(opened().contents()) == sorted(right)
    assert sorted(writer.contents()) == sorted(right)


def test_a_rebuild_during_a_merge_ends_it_without_a_trace(opened, writer, monkeypatch):
    other = opened()
    during_a_merge(monkeypatch, lambda: other.rebuild(iter([([document(1, 2)], 800)])))
    assert not writer.tidy()
    assert list(writer.contents()) == [(1, 2)]
    assert writer.position() == 800
    assert not list(writer.generations.folder.rglob("*.merging"))


def test_what_a_killed_rebuild_left_is_taken_away_by_the_next_commit(writer):
    left = writer.generations.new()
    (left / "MAIN_x.arrays").write_bytes(b"x" * 100)
    writer.apply([document(41)], (), 900)
    assert [path.name for path in writer.generations.folder.glob("gen-*")] == [writer.generations.current().name]


def test_a_commit_that_cannot_have_the_lock_says_who_has_it(writer, monkeypatch):
    from index.search import whoosh_arrays

    monkeypatch.setattr(whoosh_arrays, "WAIT_S", 0.0)
    segments = writer.opened.newest().segments
    held = segments.writer()
    with pytest.raises(BusyError, match="another process is writing"):
        writer.apply([document(41)], (), 900)
    held.cancel()
    writer.apply([document(41)], (), 900)
    assert writer.count() == 41


class Slow:
    """Opening a snapshot takes until it is let go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opening, self.go_on = threading.Event(), threading.Event()
        self.fault: Exception | None = None
        opened = ArraysSegments.snapshot

        def slowly(segments: ArraysSegments, commit: int) -> object:
            if threading.current_thread().name == "open index":
                self.opening.set()
                assert self.go_on.wait(60)
                if self.fault is not None:
                    raise self.fault
            return opened(segments, commit)

        monkeypatch.setattr(ArraysSegments, "snapshot", slowly)


def ended() -> None:
    for thread in threading.enumerate():
        if thread.name == "open index":
            thread.join(60)


@pytest.mark.parametrize("change", ["a commit", "a rebuild"])
def test_no_search_waits_while_much_is_opened_and_then_it_is_there(change, opened, writer, monkeypatch):
    reader = opened()
    assert reader.search(PORTS).total == 40
    monkeypatch.setattr(whoosh_opened, "READ_AT_ONCE", 3)
    slow = Slow(monkeypatch)
    if change == "a commit":
        writer.apply([document(number) for number in range(50, 60)], (), 300)
    else:
        writer.rebuild(iter([([document(number) for number in range(50)], 300)]))
    assert writer.search(PORTS).total == 50  # who wrote it sees it at once
    assert reader.search(PORTS).total == 40
    assert slow.opening.wait(60)
    assert reader.search(PORTS).total == 40
    assert reader.position() == 36
    assert reader.frequencies(["ports"]) == {"ports": 40}
    slow.go_on.set()
    ended()
    assert reader.search(PORTS).total == 50
    assert reader.position() == 300


def test_what_cannot_be_opened_beside_is_told_by_the_next_search(opened, writer, monkeypatch):
    reader = opened()
    assert reader.search(PORTS).total == 40
    monkeypatch.setattr(whoosh_opened, "READ_AT_ONCE", 3)
    slow = Slow(monkeypatch)
    writer.apply([document(number) for number in range(50, 60)], (), 300)
    newest = max(writer.generations.current().glob("*.arrays"), key=lambda path: path.stat().st_mtime_ns)
    data = newest.read_bytes()
    newest.unlink()
    newest.write_bytes(data[:-10])
    assert reader.search(PORTS).total == 40
    slow.go_on.set()
    ended()
    with pytest.raises(IndexDamagedError, match="is cut"):
        reader.search(PORTS)


def test_few_documents_are_there_at_once(opened, writer):
    reader = opened()
    assert reader.search(PORTS).total == 40
    writer.apply([replace(document(77), text="newcomer")], (), 400)
    assert reader.search(SearchRequest(Word("newcomer"))).total == 1
