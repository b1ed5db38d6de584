"""How documents get into an engine: repeatable, atomic, one writer, rebuilt beside the old."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from index.errors import BusyError
from index.search.backend import SearchRequest
from index.search.query import Word


def total(backend, word: str) -> int:
    return backend.search(SearchRequest(Word(word))).total


def test_position_is_committed_with_the_documents(backend, document):
    backend.apply([document(1, "alpha")], (), 17)
    assert backend.position() == 17
    backend.apply([], (), 18)
    assert backend.position() == 18
    assert backend.count() == 1


def test_a_document_replaces_the_one_with_its_id(backend, document):
    backend.apply([document(1, "alpha")], (), 1)
    backend.apply([document(1, "beta", revision=2)], (), 2)
    assert total(backend, "alpha") == 0
    assert total(backend, "beta") == 1
    assert list(backend.contents()) == [(1, 2)]


def test_apply_can_be_repeated(backend, document):
    for _ in range(3):
        backend.apply([document(1, "alpha"), document(2, "alpha")], [3], 5)
    assert total(backend, "alpha") == 2
    assert backend.count() == 2


def test_of_a_repeated_id_in_one_batch_the_last_counts(backend, document):
    backend.apply([document(1, "alpha"), document(1, "beta", revision=2), document(1, "gamma", revision=3)], (), 1)
    assert list(backend.contents()) == [(1, 3)]
    assert total(backend, "gamma") == 1
    assert total(backend, "alpha") == 0


def test_deleted_documents_are_not_found(backend, document):
    backend.apply([document(1, "alpha"), document(2, "alpha")], (), 1)
    backend.apply([], [1, 99], 2)
    assert list(backend.contents()) == [(2, 1)]
    assert total(backend, "alpha") == 1
    assert backend.frequencies(["alpha"]) == {"alpha": 1}


def test_a_failed_apply_changes_nothing(backend, document):
    backend.apply([document(1, "alpha")], (), 1)
    broken = document(3, None)
    with pytest.raises((TypeError, AttributeError)):
        backend.apply([document(2, "alpha"), broken], [1], 2)
    assert list(backend.contents()) == [(1, 1)]
    assert backend.position() == 1
    backend.apply([document(2, "alpha")], (), 2)
    assert backend.count() == 2


def test_rebuild_replaces_everything(backend, document):
    backend.apply([document(1, "alpha"), document(2, "alpha")], (), 9)
    backend.rebuild(iter([([document(2, "beta")], 5), ([document(3, "beta")], 11)]))
    assert sorted(backend.contents()) == [(2, 1), (3, 1)]
    assert backend.position() == 11
    assert total(backend, "alpha") == 0


def test_searches_go_on_from_the_old_index_during_a_rebuild(backend, document):
    backend.apply([document(1, "alpha")], (), 1)
    seen: list[int] = []

    def batches() -> Iterator[tuple[list, int]]:
        yield [document(2, "beta")], 2
        seen.extend([total(backend, "alpha"), total(backend, "beta")])
        yield [document(3, "beta")], 3

    backend.rebuild(batches())
    assert seen == [1, 0]
    assert total(backend, "beta") == 2


def test_a_failed_rebuild_leaves_the_old_index(backend, document):
    backend.apply([document(1, "alpha")], (), 1)

    def batches() -> Iterator[tuple[list, int]]:
        yield [document(2, "beta")], 2
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"):
        backend.rebuild(batches())
    assert list(backend.contents()) == [(1, 1)]
    assert backend.position() == 1
    backend.apply([document(4, "alpha")], (), 4)
    assert backend.count() == 2


def test_a_second_writer_is_told_to_wait(backend, document):
    backend.apply([document(1, "alpha")], (), 1)

    def batches() -> Iterator[tuple[list, int]]:
        with pytest.raises(BusyError):
            backend.apply([document(5, "alpha")], (), 5)
        yield [document(2, "beta")], 2

    backend.rebuild(batches())
    assert list(backend.contents()) == [(2, 1)]


def test_an_empty_rebuild_empties_the_index(backend, document):
    backend.apply([document(1, "alpha")], (), 1)
    backend.rebuild(iter([]))
    assert backend.count() == 0
    assert backend.position() == 0


def test_many_threads_search_while_one_writes(backend, document):
    backend.apply([document(n, "alpha", "beta gamma " * (n % 7)) for n in range(60)], (), 1)
    faults: list[BaseException] = []
    stop = threading.Event()

    def read() -> None:
        try:
            while not stop.is_set():
                answer = backend.search(SearchRequest(Word("alpha"), limit=100))
                assert answer.total == len(answer.hits) >= 60
        except BaseException as fault:
            faults.append(fault)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    try:
        for n in range(60, 75):
            backend.apply([document(n, "alpha", "delta")], (), n)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert faults == []
    assert total(backend, "alpha") == 75


def test_writer_holds_the_lock_over_several_commits(backend, document):
    with backend.exclusive():
        backend.apply([document(1, "alpha")], (), 1)
        with backend.exclusive():
            backend.apply([document(2, "alpha")], (), 2)
        refused: list[BusyError] = []

        def write() -> None:
            try:
                with backend.exclusive():
                    pass
            except BusyError as busy:
                refused.append(busy)

        other = threading.Thread(target=write)
        other.start()
        other.join()
        assert len(refused) == 1
    assert backend.position() == 2


def test_of_many_threads_that_write_each_commits_or_is_told_to_wait(backend, document):
    done: list[int] = []
    faults: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for article_id in range(number * 10, number * 10 + 5):
                backend.apply([document(article_id, "alpha")], (), 1)
                done.append(article_id)
        except BusyError:
            pass
        except BaseException as fault:
            faults.append(fault)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert faults == []
    assert sorted(article_id for article_id, _ in backend.contents()) == sorted(done)


def test_a_purge_leaves_no_word_of_what_was_removed_and_the_rest_as_it_was(backend, document, tmp_path):
    backend.apply([document(1, text="quorvexian ports"), document(2, text="ports and ships")], [], 1)
    backend.apply([document(3, text="more ports")], [], 2)
    backend.apply([], [1], 3)
    backend.purge()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in files if b"quorvex" in path.read_bytes()] == []
    assert backend.position() == 3
    assert sorted(backend.contents()) == [(2, 1), (3, 1)]
    assert backend.frequencies(["ports", "quorvexian"]) == {"ports": 2, "quorvexian": 0}


def test_a_purge_of_the_last_document_leaves_an_index_that_can_be_written(backend, document):
    backend.apply([document(1, text="quorvexian ports")], [], 1)
    backend.apply([], [1], 2)
    backend.purge()
    backend.apply([document(2, text="ports")], [], 3)
    assert (backend.count(), backend.position()) == (1, 3)


def test_a_purge_of_an_empty_index_does_nothing(backend):
    backend.purge()
    assert backend.count() == 0
