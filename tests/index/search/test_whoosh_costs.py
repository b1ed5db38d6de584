"""What a search and a commit do not do: counted, so that it stays so whatever the size of the archive."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import load_settings
from index.search.arrays import segment as arrays_segment
from index.search.arrays import stored
from index.search.backend import FACETS, IndexDocument, SearchRequest
from index.search.lookups import lookup_of
from index.search.query import Dates, Group, Phrase, Term, Word
from index.search.whoosh_backend import WhooshBackend
from index.search.whoosh_leaves import FoundLeaf, Leaves, OutOfTime
from index.search.whoosh_search import TreeSearch

LIMITS = load_settings(environ={}).search.model_copy(update={"codec": "arrays"})


def documents(numbers: range) -> list[IndexDocument]:
    return [
        IndexDocument(
            article_id=number,
            revision=1,
            outlet="gazette",
            language="en",
            title=f"Report {number}",
            text="troops at the border" + (" and talks" if number % 10 == 0 else ""),
            authors=("B. Berg",),
            topics=("war",),
            sort_at=datetime(2024, 1 + number % 12, 1, tzinfo=UTC),
        )
        for number in numbers
    ]


@pytest.fixture
def backend(tmp_path: Path):
    engine = WhooshBackend(tmp_path, settings=LIMITS)
    for begin in range(1, 301, 100):
        engine.apply(documents(range(begin, begin + 100)), (), begin)
    yield engine
    engine.close()


def test_opening_an_index_reads_no_stored_row(backend, tmp_path, monkeypatch):
    read: list[bytes] = []
    monkeypatch.setattr(arrays_segment, "unpacked", lambda data: read.append(data) or stored.unpacked(data))
    other = WhooshBackend(tmp_path, settings=LIMITS)
    answer = other.search(SearchRequest(Word("troops"), filters=(Term("topic", "war"),), facets=FACETS))
    assert (answer.total, other.count(), len(list(other.contents()))) == (300, 300, 300)
    other.apply(documents(range(7, 8)), [9], 301)
    assert other.count() == 299
    assert read == []
    assert all(part.segment.data.all_stored.size == 0 for part in other.opened.newest().parts)
    other.close()


def test_a_commit_opens_the_new_segment_alone_and_keeps_what_is_known_of_the_others(backend, monkeypatch):
    before = backend.opened.newest()
    opened: list[str] = []
    really = arrays_segment.open_array_file
    monkeypatch.setattr(arrays_segment, "open_array_file", lambda path: opened.append(path.name) or really(path))
    backend.apply(documents(range(301, 302)), [5], 302)
    after = backend.opened.newest()
    assert (len(opened), after.documents, after.position) == (1, 300, 302)
    kept = [part for part in after.parts if any(part is one for one in before.parts)]
    assert len(kept) == 2  # the one that lost a document is another part, of the same columns
    changed = next(part for part in after.parts if part.deleted)
    assert any(changed.properties is part.properties for part in before.parts)
    assert [part.alive is None for part in after.parts].count(False) == 1


def test_a_position_leaves_no_document_behind(backend):
    for position in range(400, 405):
        backend.apply([], [], position)
    assert backend.position() == 404
    assert sum(part.size for part in backend.opened.newest().parts) == 300


def weighed(search: TreeSearch) -> dict[str, int]:
    return {node.text: found.found.weighed for node, found in search._found.items() if isinstance(node, Word)}


def asked(backend: WhooshBackend, request: SearchRequest) -> tuple[int, dict[str, int]]:
    leaves = Leaves(backend.opened.newest(), max_prefix_words=LIMITS.max_prefix_words)
    search = TreeSearch(leaves, budget_s=2.0, recency_weight=0.3)
    return search.answer(request).total, weighed(search)


def test_an_optional_word_is_weighed_only_where_the_demands_are_met(backend):
    total, counts = asked(backend, SearchRequest(Group(must=(Word("talks"),), should=(Word("troops"),))))
    assert (total, counts) == (30, {"talks": 30, "troops": 30})


def test_words_are_weighed_only_in_articles_that_pass_the_filters(backend):
    january = (Dates(datetime(2024, 2, 1, tzinfo=UTC).date(), datetime(2024, 3, 1, tzinfo=UTC).date()),)
    total, counts = asked(backend, SearchRequest(Word("troops"), filters=january))
    assert (total, counts) == (25, {"troops": 25})


def test_counting_weighs_nothing_and_an_order_by_date_weighs_the_page(backend):
    assert asked(backend, SearchRequest(Word("troops"), limit=0, facets=FACETS)) == (300, {"troops": 0})
    assert asked(backend, SearchRequest(Word("troops"), sort="newest", limit=10)) == (300, {"troops": 10})


def test_a_word_asked_for_twice_is_looked_up_once(backend, monkeypatch):
    found: list[object] = []
    really = Leaves.find
    monkeypatch.setattr(Leaves, "find", lambda leaves, lookup: found.append(lookup) or really(leaves, lookup))
    root = Group(should=(Word("troops"), Group(must=(Word("talks"), Word("troops")))))
    assert asked(backend, SearchRequest(root))[0] == 300
    assert len(found) == 2


def test_what_a_word_weighs_is_the_same_for_some_documents_as_for_all(backend):
    leaves = Leaves(backend.opened.newest(), max_prefix_words=LIMITS.max_prefix_words)
    from index.search.lookups import lookup_of

    found: FoundLeaf = leaves.find(lookup_of(Word("troops"), ("en",)))
    for at in range(3):
        every = found.documents(at)
        whole = found.weights(at, every)
        assert found.weights(at, every[3:5]).tolist() == pytest.approx(whole[3:5].tolist())


def test_a_language_that_nobody_has_any_more_is_gone_with_the_merge(tmp_path: Path):
    engine = WhooshBackend(tmp_path, settings=LIMITS)
    for number in range(1, 9):
        language = "de" if number == 3 else "en"
        engine.apply([replace(one, language=language) for one in documents(range(number, number + 1))], (), number)
    assert engine.opened.newest().languages == {"de", "en"}
    engine.apply([], [3], 9)
    assert engine.opened.newest().languages == {"en"}
    while engine.tidy():
        pass
    assert engine.opened.newest().languages == {"en"}
    assert engine.position() == 9
    engine.close()


def test_a_phrase_is_given_up_when_the_time_is_over_and_the_rest_is_answered(backend, monkeypatch):
    leaves = Leaves(backend.opened.newest(), max_prefix_words=LIMITS.max_prefix_words)
    leaves.ends_at = 0.0
    with pytest.raises(OutOfTime):
        leaves.find(lookup_of(Phrase(("at", "the", "border")), ("en",)))

    def over(_: Leaves) -> None:
        raise OutOfTime

    monkeypatch.setattr(Leaves, "_go_on", over)
    answer = backend.search(SearchRequest(Group(should=(Phrase(("at", "the", "border")), Word("talks")))))
    assert answer.total == 30
    assert answer.cut == "The search was cut after 1 s; the last words were not looked up."
    assert answer.unknown == ()
