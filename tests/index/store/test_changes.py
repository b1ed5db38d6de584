"""The change log and the transactions under it, on both databases: numbers in commit order, one writer at a time."""

from __future__ import annotations

import threading
from datetime import timedelta

from index.store.changes import all_document_ids, changes_after, documents_for, held, last_change
from index.store.saving import save_article
from tests.factories import an_article, register, save


def test_changes_are_read_by_position_in_parts(store, now):
    register(store, now)
    for number in range(5):
        save(store, an_article(str(number)), now)
    with store.read() as tx:
        first = changes_after(tx, 0, 2)
        rest = changes_after(tx, first[-1].position, 10)
        assert [change.article_id for change in (*first, *rest)] == [1, 2, 3, 4, 5]
        assert last_change(tx) == rest[-1].position


def test_document_is_the_current_revision(store, now):
    register(store, now)
    save(store, an_article(text="Before."), now)
    saved = save(store, an_article(text="After.", published_at=now - timedelta(days=1)), now)
    with store.read() as tx:
        (document,) = documents_for(tx, [saved.article_id, 99])
        assert (document.revision, document.text, document.sort_at) == (2, "After.", now - timedelta(days=1))
        assert dict(held(tx)) == {saved.article_id: 2}
        assert all_document_ids(tx, 0, 10) == [saved.article_id]


def test_no_change_is_passed_over_while_two_transactions_are_open(store, now):
    """A reader that saw a number never meets a lower one later: the second writer waits for the first."""
    register(store, now)
    first_wrote, may_end, order = threading.Event(), threading.Event(), []

    def slow() -> None:
        with store.write() as tx:
            save_article(tx, an_article("slow"), page_id=None, run_id=None, now=now)
            first_wrote.set()
            may_end.wait(20)
            order.append("slow")

    def quick() -> None:
        first_wrote.wait(20)
        with store.write() as tx:
            order.append("quick")
            save_article(tx, an_article("quick"), page_id=None, run_id=None, now=now)

    threads = [threading.Thread(target=slow), threading.Thread(target=quick)]
    for thread in threads:
        thread.start()
    first_wrote.wait(20)
    seen = []
    for step in range(6):
        with store.read() as tx:
            seen += [change.position for change in changes_after(tx, seen[-1] if seen else 0, 10)]
        if step == 2:
            may_end.set()
            for thread in threads:
                thread.join(20)
    assert order == ["slow", "quick"]
    assert seen == sorted(seen)
    with store.read() as tx:
        assert seen == [change.position for change in changes_after(tx, 0, 10)]
        assert len(seen) == 2


def test_reader_sees_one_state_while_others_write(store, now):
    register(store, now)
    save(store, an_article("one"), now)
    with store.read() as tx:
        before = last_change(tx)
        save(store, an_article("two"), now)
        assert last_change(tx) == before


def test_many_writers_lose_nothing(store, now):
    register(store, now)
    faults = []

    def write(name: str) -> None:
        try:
            for number in range(10):
                save(store, an_article(f"{name}{number}"), now)
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    with store.read() as tx:
        assert len(dict(held(tx))) == 40
        assert len(changes_after(tx, 0, 100)) == 40
