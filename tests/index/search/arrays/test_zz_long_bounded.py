"""The few best that bounds find are the first of all matches in their order, in lists of many blocks too.

All matches are worked out without bounds here: the oracle beside this compares those with stock
Whoosh, on indexes too small for blocks to be left out.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import fields, query

from index.search.arrays.best import Best, best_places
from index.search.arrays.index import ArraysIndex

SCHEMA = fields.Schema(
    id=fields.ID(stored=True, unique=True),
    text=fields.TEXT(),
    number=fields.NUMERIC(int, sortable=True),
    at=fields.DATETIME(sortable=True),
)
BEGIN = datetime(2024, 1, 1)
DOCUMENTS = 9000
WORDS = [f"word{number}" for number in range(400)]


@pytest.fixture(scope="module", params=[False, True], ids=["whole", "with deletions"])
def searcher(request: Any, tmp_path_factory: Any) -> Any:
    """Documents in two segments, of some words often and of most rarely, and a word 300 times in a few."""
    index, dice = ArraysIndex.create(tmp_path_factory.mktemp("arrays"), SCHEMA), random.Random(5)
    writer = index.writer(batch_documents=6000)
    for number in range(DOCUMENTS):
        words = [WORDS[int(400 ** dice.random()) - 1] for _ in range(dice.randint(1, 30))]
        words += ["word0"] * (300 if number % 700 == 3 else 0)
        given = {"number": dice.randint(-50, 50)} if number % 3 else {}
        writer.add_document(id=str(number), text=" ".join(words), at=BEGIN + timedelta(hours=number % 997), **given)
    writer.commit()
    if request.param:
        writer = index.writer()
        for number in dice.sample(range(DOCUMENTS), DOCUMENTS // 3):
            writer.delete_document(number)
        writer.commit()
    with index.searcher() as found:
        yield found


def terms(most: int = len(WORDS)) -> Any:
    boost = st.sampled_from([1.0, 1.0, 0.5, 3.0])
    word = st.integers(0, most - 1) | st.integers(0, 9)
    return st.builds(lambda at, times: query.Term("text", f"word{at}", boost=times), word, boost)


def queries() -> Any:
    several = st.lists(terms(), min_size=2, max_size=5, unique_by=lambda one: one.text)
    dates = st.builds(
        lambda first, hours, boost: query.DateRange(
            "at", BEGIN + timedelta(hours=first), BEGIN + timedelta(hours=first + hours), boost=boost
        ),
        st.integers(0, 900),
        st.integers(1, 600),
        st.sampled_from([1.0, 2.5]),
    )
    numbers = st.builds(
        lambda low, size, open_: query.NumericRange("number", low, low + size, startexcl=open_),
        st.integers(-60, 60),
        st.integers(0, 60),
        st.booleans(),
    )
    phrase = st.builds(
        lambda words, boost: query.Phrase("text", [word.text for word in words], boost=boost),
        st.lists(terms(12), min_size=2, max_size=3),
        st.sampled_from([1.0, 2.0]),
    )
    near = st.builds(
        lambda at, edits: query.FuzzyTerm("text", f"wurd{at}", maxdist=edits, prefixlength=0),
        st.integers(0, 399),
        st.integers(1, 2),
    )
    beginning = st.builds(lambda at: query.Prefix("text", f"word{at}"), st.integers(0, 60))
    return st.one_of(
        terms(),
        several.map(query.Or),
        st.lists(terms(40), min_size=2, max_size=3).map(query.And),
        st.builds(lambda word, *ranges: query.And([word, *ranges]), terms(), dates),
        st.builds(lambda words, *ranges: query.And([*words, *ranges]), st.lists(terms(40), max_size=2), dates, numbers),
        phrase,
        near,
        beginning,
        dates,
    )


def ordered(found: Any) -> list[tuple[float, int]]:
    return sorted(((score, -document) for score, document in found.top_n), reverse=True)


def without_bounds(searcher: Any, asked: Any, **options: Any) -> Any:
    with patch("index.search.arrays.searcher.add_best", return_value=False):
        return searcher.search(asked, limit=None, **options)


NARROWED = st.sampled_from(
    [{}, {}, {}, {"filter": query.Term("text", "word1")}, {"mask": query.Term("text", "word0")}, {"mask": {5, 7, 8000}}]
)


@settings(max_examples=1500, deadline=None)
@given(asked=queries(), limit=st.sampled_from([1, 3, 10, 10, 40]), options=NARROWED)
@pytest.mark.timeout(1200)
def test_the_best_by_bounds_are_the_best(searcher: Any, asked: Any, limit: int, options: dict[str, Any]) -> None:
    everything = without_bounds(searcher, asked, **options)
    few = searcher.search(asked, limit=limit, **options)
    wanted = {document: score for score, document in everything.top_n}
    assert [score for score, _ in few.top_n] == pytest.approx([score for score, _ in ordered(everything)[:limit]])
    for score, document in few.top_n:
        assert score == pytest.approx(wanted[document])
    assert len({document for _, document in few.top_n}) == len(few.top_n)
    assert len(few) == len(everything)
    whole = searcher.search(asked, limit=None, **options)
    assert {document for _, document in whole.top_n} == set(wanted)
    assert few.docs() == set(wanted)


def test_of_equal_scores_the_first_documents_are_the_best(searcher: Any) -> None:
    asked = query.Prefix("text", "word1")
    everything = without_bounds(searcher, asked)
    assert searcher.search(asked, limit=10).top_n == everything.top_n[:10]


@given(
    values=st.lists(st.integers(0, 30), max_size=600),
    cuts=st.lists(st.integers(0, 600), max_size=4),
    wanted=st.integers(1, 40),
)
def test_the_best_come_out_however_they_come_in(values: list[int], cuts: list[int], wanted: int) -> None:
    best, held = Best(wanted), np.array(values, dtype=np.float64)
    for begin, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(values)], strict=True):
        part = held[begin:end]
        best.add(np.arange(len(part), dtype=np.uint16), part, begin)
    whole = sorted(((value, -document) for document, value in enumerate(held.tolist())), reverse=True)[:wanted]
    assert best.pairs() == [(value, -negative) for value, negative in whole]
    assert sorted(held[best_places(held, wanted)].tolist(), reverse=True) == [value for value, _ in whole]


def test_a_document_that_comes_anew_is_held_once(tmp_path: Path) -> None:
    best = Best(3)
    best.add(np.array([1, 2, 3]), np.array([5.0, 4.0, 3.0]), 0)
    best.add(np.array([2, 3, 7]), np.array([3.5, 3.0, 3.2]), 0, anew=True)
    assert best.pairs() == [(5.0, 1), (4.0, 2), (3.2, 7)]
