"""Random indexes and random queries: the arrays find what stock Whoosh finds, with the scores it gives.

Stock Whoosh is asked for all matches, since its best ten of some queries are known to be wrong. What is meant
otherwise is worked out from stock's own answers to the parts: NOT adds nothing to a score, `constantscore` is constant.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh import fields, query
from whoosh.index import create_in

from index.search.arrays.index import ArraysIndex

SCHEMA = fields.Schema(
    id=fields.ID(stored=True, unique=True),
    title=fields.TEXT(stored=True, field_boost=2.0),
    body=fields.TEXT(),
    tag=fields.ID(stored=True, sortable=True),
    words=fields.KEYWORD(stored=True),
    number=fields.NUMERIC(int, stored=True, sortable=True),
    plain=fields.NUMERIC(int),
    at=fields.DATETIME(stored=True, sortable=True),
)
WORDS = [
    *("alfa", "alfal", "bravo", "bravos", "charli", "delta", "deltas", "echo", "foxtrot", "golf", "hotel", "indigo"),
    *("ünter", "über", "été", "東京", "мир", "мира"),
]
BEGIN = datetime(2024, 1, 1)
TEXT = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
WORD = st.sampled_from([*WORDS, "absent"])
BOOST = st.sampled_from([1.0, 1.0, 1.0, 0.5, 3.0])


@st.composite
def documents(draw: Any) -> dict[str, Any]:
    made = {
        "title": draw(TEXT),
        "body": draw(TEXT),
        "tag": draw(st.sampled_from(["red", "green", "blue"])),
        "words": draw(TEXT),
        "number": draw(st.integers(-50, 50)),
        "plain": draw(st.integers(0, 300)),
        "at": BEGIN + timedelta(hours=draw(st.integers(0, 900))),
    }
    return {name: value for name, value in made.items() if draw(st.integers(0, 9))}


def leaves() -> Any:
    text_field = st.sampled_from(["title", "body", "body", "words", "tag", "none"])
    term = st.builds(query.Term, text_field, WORD, boost=BOOST)
    phrase = st.builds(
        lambda name, words, boost: query.Phrase(name, words, boost=boost),
        st.sampled_from(["title", "body"]),
        st.lists(WORD, min_size=2, max_size=3),
        BOOST,
    )
    beginning = st.builds(
        query.Prefix, text_field.filter("none".__ne__), st.sampled_from(["a", "alfa", "bra", "ü", "мир", "z"])
    )
    near = st.builds(
        lambda name, word, edits, shared: query.FuzzyTerm(name, word, maxdist=edits, prefixlength=shared),
        st.sampled_from(["title", "body"]),
        st.sampled_from([*WORDS, "alpha", "bravio", "dleta", "unter", "иир"]),
        st.integers(1, 2),
        st.integers(0, 2),
    )
    number = st.integers(-60, 320) | st.none()
    numbers = st.builds(
        lambda name, a, b, open_a, open_b: query.NumericRange(name, a, b, open_a, open_b),
        st.sampled_from(["number", "plain"]),
        number,
        number,
        st.booleans(),
        st.booleans(),
    ).filter(lambda one: one.start is None or one.end is None or one.start <= one.end)
    dates = st.builds(
        lambda a, length: query.DateRange("at", BEGIN + timedelta(hours=a), BEGIN + timedelta(hours=a + length)),
        st.integers(0, 900),
        st.integers(0, 500),
    )
    wild = st.builds(
        query.Wildcard, st.sampled_from(["title", "body"]), st.sampled_from(["a*l", "?ravo*", "*t*", "délta"])
    )
    spread = st.builds(lambda a, b: query.TermRange("body", min(a, b), max(a, b)), WORD, WORD)
    every = st.sampled_from([query.Every(), query.Every("title")])
    return st.one_of(term, term, term, phrase, beginning, near, numbers, dates, wild, spread, every)


def queries() -> Any:
    def joined(children: Any) -> Any:
        several = st.lists(children, min_size=2, max_size=4)
        return st.one_of(
            st.builds(lambda parts, boost: query.And(parts, boost=boost), several, BOOST),
            st.builds(lambda parts, boost: query.Or(parts, boost=boost), several, BOOST),
            st.builds(lambda one, other: query.And([one, query.Not(other)]), children, children),
            st.builds(query.AndNot, children, children),
            st.builds(query.AndMaybe, children, children),
            st.builds(query.Require, children, children),
            st.builds(query.Not, children),
        )

    return st.recursive(leaves(), joined, max_leaves=6)


class Both:
    """The same documents in both, commit by commit."""

    def __init__(self, commits: list[list[dict[str, Any]]], gone: set[int], folder: Path) -> None:
        self.ours = ArraysIndex.create(folder / "arrays", SCHEMA)
        (folder / "stock").mkdir()
        self.theirs = create_in(folder / "stock", SCHEMA)
        number = 0
        for documents_ in commits:
            mine, other = self.ours.writer(batch_documents=3), self.theirs.writer()
            for document in documents_:
                mine.add_document(id=str(number), **document)
                other.add_document(id=str(number), **document)
                number += 1
            mine.commit()
            other.commit(merge=False)
        mine, other = self.ours.writer(), self.theirs.writer()
        for at in gone:
            if at < number:
                mine.delete_document(at)
                other.delete_document(at)
        mine.commit()
        other.commit(merge=False)
        self.number = number

    def check(self, asked: Any) -> None:
        with self.theirs.searcher() as stock, self.ours.searcher() as arrays:
            wanted = expected(asked, stock)
            found = arrays.search(asked, limit=None)
            assert {document for _, document in found.top_n} == set(wanted), asked
            assert len(found) == len(wanted)
            for score, document in found.top_n:
                assert score == pytest.approx(wanted[document], abs=1e-9, rel=1e-9), (asked, document)
            few = arrays.search(asked, limit=3)
            assert [score for score, _ in few.top_n] == pytest.approx(sorted(wanted.values(), reverse=True)[:3])
            assert len(few) == len(wanted)
            assert few.docs() == set(wanted)
            if not {type(one) for one in all_of(asked)} & MEANT_OTHERWISE:
                plain = stock.search(asked, limit=None)
                assert {document: score for score, document in plain.top_n} == pytest.approx(wanted)


MEANT_OTHERWISE = {
    *(query.Not, query.AndNot, query.Require, query.Prefix, query.FuzzyTerm, query.Wildcard),
    *(query.TermRange, query.NumericRange, query.DateRange, query.Every),
}


def all_of(asked: Any) -> list[Any]:
    below = [asked.query] if isinstance(asked, query.Not) else list(getattr(asked, "subqueries", ()))
    return [asked, *(one for part in below for one in all_of(part))]


def expected(asked: Any, stock: Any) -> dict[int, float]:
    """What a query should find, from what stock Whoosh finds for its leaves."""

    def parts(children: Any) -> list[dict[int, float]]:
        return [expected(child, stock) for child in children]

    match asked:
        case query.And():
            wanted = parts([one for one in asked.subqueries if not isinstance(one, query.Not)])
            unwanted = parts([one.query for one in asked.subqueries if isinstance(one, query.Not)])
            everything = dict.fromkeys(stock.reader().all_doc_ids(), 0.0)
            keys = set(everything).intersection(*map(set, wanted)) - set().union(*map(set, unwanted))
            return {key: asked.boost * sum(one[key] for one in wanted) for key in keys}
        case query.Or():
            found = parts(asked.subqueries)
            keys = set().union(*map(set, found))
            return {key: asked.boost * sum(one.get(key, 0.0) for one in found) for key in keys}
        case query.Not():
            child = expected(asked.query, stock)
            return {document: 0.0 for document in stock.reader().all_doc_ids() if document not in child}
        case query.AndNot() | query.AndMaybe() | query.Require():
            first, second = parts([asked.a, asked.b])
            if isinstance(asked, query.AndMaybe):
                return {key: score + second.get(key, 0.0) for key, score in first.items()}
            return {key: score for key, score in first.items() if (key in second) == isinstance(asked, query.Require)}
        case query.Term() | query.Phrase():
            return {document: score for score, document in stock.search(asked, limit=None).top_n}
        case _:
            return dict.fromkeys(stock.docs_for_query(asked), asked.boost)


ROUNDS = 500


@settings(max_examples=ROUNDS, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    commits=st.lists(st.lists(documents(), min_size=1, max_size=9), min_size=1, max_size=4),
    gone=st.sets(st.integers(0, 30), max_size=6),
    asked=st.lists(queries(), min_size=4, max_size=8),
)
@pytest.mark.timeout(600)
def test_arrays_find_and_score_as_stock_whoosh(commits: Any, gone: set[int], asked: list[Any]) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        both = Both(commits, gone, folder)
        for one in asked:
            both.check(one)
    finally:
        shutil.rmtree(folder)
