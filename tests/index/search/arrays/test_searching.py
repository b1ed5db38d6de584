"""Searching: orders, groups, filters, likeness and odd queries as stock Whoosh; one searcher for many threads."""

from __future__ import annotations

import random
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from whoosh import fields, qparser, query, sorting
from whoosh.analysis import StemmingAnalyzer
from whoosh.index import create_in
from whoosh.query import spans

from index.search.arrays.errors import UnsupportedFieldError
from index.search.arrays.index import ArraysIndex
from index.search.arrays.snippets import snippet
from index.search.arrays.tokens import chunk_reader

SCHEMA = fields.Schema(
    id=fields.ID(stored=True, unique=True),
    text=fields.TEXT(stored=True, analyzer=StemmingAnalyzer()),
    outlet=fields.ID(stored=True, sortable=True),
    at=fields.DATETIME(stored=True, sortable=True),
)
WORDS = [
    *("ships", "harbour", "patrols", "border", "treaty", "minister", "signed", "signing", "agreement", "sanctions"),
    *("the", "of", "and", "talks", "talking"),
]
PARSER = qparser.QueryParser("text", SCHEMA)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The same 700 documents in stock Whoosh and in arrays, some deleted, over three commits."""
    dice = random.Random(3)
    ours = ArraysIndex.create(tmp_path_factory.mktemp("arrays"), SCHEMA)
    theirs = create_in(tmp_path_factory.mktemp("stock"), SCHEMA)
    made = [
        {
            "id": str(key),
            "text": " ".join(dice.choices(WORDS, k=dice.randint(1, 90))),
            "outlet": dice.choice(["gazette", "herald", "courier"]),
            "at": datetime(2024, 1, 1) + timedelta(minutes=dice.randint(0, 500_000)),
        }
        for key in range(700)
    ]
    for begin in range(0, 700, 250):
        for index, options in ((ours, {}), (theirs, {"merge": False})):
            writer = index.writer()
            for one in made[begin : begin + 250]:
                writer.add_document(**one)
            writer.commit(**options)
    for index, options in ((ours, {}), (theirs, {"merge": False})):
        writer = index.writer()
        for key in range(0, 700, 9):
            writer.delete_by_term("id", str(key))
        writer.commit(**options)
    with theirs.searcher() as stock, ours.searcher() as arrays:
        yield stock, arrays


ASKED = ["harbour", "harbour treaty", "harbour OR patrol OR border", '"signed agreement"', "minist*", "NOT ships"]


def test_a_column_of_texts_says_that_it_cannot_be_reversed(both):
    _, arrays = both
    segment, _ = arrays.reader().leaf_readers()[0]
    reader = segment.column_reader("outlet", translate=False)
    with pytest.raises(UnsupportedFieldError, match="reverse the results"):
        reader.set_reverse()


@pytest.mark.parametrize("text", ASKED)
@pytest.mark.parametrize("reverse", [False, True])
def test_matches_are_ordered_by_a_column_as_in_stock_whoosh(both, text, reverse):
    stock, arrays = both
    asked = PARSER.parse(text)
    wanted, found = (
        [hit["at"] for hit in one.search(asked, limit=40, sortedby="at", reverse=reverse)] for one in (stock, arrays)
    )
    assert found == wanted
    assert len(found) == 40


@pytest.mark.parametrize("text", ASKED)
def test_groups_are_counted_as_in_stock_whoosh(both, text):
    stock, arrays = both
    wanted, found = (
        one.search(PARSER.parse(text), groupedby="outlet", maptype=sorting.Count).groups("outlet")
        for one in (stock, arrays)
    )
    assert dict(found) == dict(wanted)


@pytest.mark.parametrize("text", ["harbour", "harbour treaty", '"signed agreement"'])
@pytest.mark.parametrize("kind", ["filter", "mask"])
def test_filters_and_masks_are_those_of_stock_whoosh(both, text, kind):
    stock, arrays = both
    for given in (query.Term("outlet", "herald"), set(range(0, 600, 2))):
        wanted, found = (
            {number: score for score, number in one.search(PARSER.parse(text), limit=None, **{kind: given}).top_n}
            for one in (stock, arrays)
        )
        assert found == pytest.approx(wanted)


def test_words_that_tell_a_text_are_those_of_stock_whoosh(both):
    stock, arrays = both
    for number in (1, 300, 650):
        text = stock.stored_fields(number)["text"]
        wanted = stock.key_terms_from_text("text", text)
        found = arrays.key_terms_from_text("text", text)
        assert [word for word, _ in found] == [word for word, _ in wanted]
        assert [weight for _, weight in found] == pytest.approx([weight for _, weight in wanted])
        like = [one.more_like(number, "text", text=text, top=5).top_n for one in (stock, arrays)]
        assert [score for score, _ in like[1]] == pytest.approx([score for score, _ in like[0]])


@pytest.mark.parametrize(
    "asked",
    [
        query.Phrase("text", ["sign", "sanction"], slop=3),
        spans.SpanNear2([query.Term("text", "sign"), query.Term("text", "talk")], slop=2, ordered=False),
        spans.SpanFirst(query.Term("text", "harbour"), limit=2),
        query.DisjunctionMax([query.Term("text", "sign"), query.Term("text", "talk")]),
        query.Or([query.Term("text", "sign"), query.Term("text", "talk")], scale=0.5),
        query.Variations("text", "harbour"),
        query.Regex("text", "s[ai].*n"),
    ],
)
def test_queries_the_arrays_do_not_know_are_answered_by_whoosh_from_them(both, asked):
    stock, arrays = both
    wanted, found = ({number for _, number in one.search(asked, limit=None).top_n} for one in (stock, arrays))
    assert found == wanted
    assert found


def test_results_page_and_hit_are_those_of_whoosh(both):
    _, arrays = both
    page = arrays.search_page(PARSER.parse("harbour"), 2, pagelen=7)
    assert (page.pagenum, page.pagelen, page.offset) == (2, 7, 7)
    found = arrays.search(PARSER.parse("harbour"), limit=20)
    assert [hit["id"] for hit in page] == [hit["id"] for hit in found][7:14]
    assert 'class="match' in found[0].highlights("text")


def test_a_snippet_shows_the_wanted_words_and_is_escaped():
    reader = chunk_reader(SCHEMA["text"])
    assert reader is not None
    text = "before " * 50 + "they were <signing> it & more " + "after " * 50
    shown = snippet(reader, text, ["sign"], words=12)
    assert "<b>&lt;signing&gt;</b> it &amp; more after" in shown
    assert len(shown.split()) <= 13
    assert snippet(reader, "nothing of it", ["sign"]) == "nothing of it"


@pytest.mark.parametrize("tail", ["'s", ".", "-U.S.", "ünter", " \u2003x", "\u00a0y", "a.b.c", "…"])
def test_words_read_in_stretches_are_those_of_the_analyser(tail):
    field = SCHEMA["text"]
    reader = chunk_reader(field)
    assert reader is not None
    text = f"The ministers{tail} signed, signing{tail} e-mail 12.5% of{tail}"
    assert reader.words_in(text) == [token.text for token in field.analyzer(text, mode="index")]


@pytest.mark.timeout(120)
def test_one_searcher_is_shared_by_threads_while_commits_and_merges_go_on(tmp_path: Path):
    index = ArraysIndex.create(tmp_path, SCHEMA)
    dice = random.Random(1)

    def add(first: int, number: int) -> None:
        with index.writer() as writer:
            for key in range(first, first + number):
                text = "steady " + " ".join(dice.choices(WORDS, k=40))
                writer.add_document(id=str(key), text=text, outlet="gazette", at=datetime(2024, 1, 1))

    add(0, 300)
    shared = [index.searcher()]
    held = [300]
    faults: list[Any] = []
    stop = threading.Event()

    def read() -> None:
        try:
            while not stop.is_set():
                least, searcher = held[0], shared[0]
                for text in ("steady", '"steady harbour" OR steady', "steady talking~1"):
                    found = searcher.search(PARSER.parse(text), limit=5)
                    if len(found) < least or not found[0]["id"]:
                        faults.append((text, len(found), least))
        except BaseException as error:
            faults.append(error)

    readers = [threading.Thread(target=read) for _ in range(6)]
    for reader in readers:
        reader.start()
    for round_ in range(12):
        add(300 + 10 * round_, 10)
        while index.merge():
            pass
        shared[0] = index.searcher()
        held[0] = 310 + 10 * round_
    stop.set()
    for reader in readers:
        reader.join()
    assert faults == []
