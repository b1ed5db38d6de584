"""Every engine against the readable reference: the same documents, the same order, the same scores."""

from __future__ import annotations

import random

import pytest

from index.search.backend import FACETS, SearchRequest
from index.search.memory_backend import MemoryBackend
from index.search.query_parser import parse

TEXT = "troops border talks sanctions missile US us NATO kyiv Kiev cease-fire it WHO ministers minister election the of"
WORDS = TEXT.split()
QUERIES = [
    "troops",
    "troops border sanctions",
    "+troops talks -missile",
    '"troops border"',
    '"us" talks',
    "US sanctions",
    "(troops OR talks) minister",
    "(troops OR talks OR missile) -sanctions",
    "mini* elect*",
    "title:troops border",
    "+(troops talks) -(missile kyiv)",
    "cease-fire ceasefire",
    "author:nanna troops",
    "outlet:gazette troops OR outlet:post talks",
    "after:2024-03 talks",
    '-"the border" sanctions',
    "gazette nanna",
    "troops border talks sanctions missile election minister",
    "+troops +border +talks kyiv missile",
    "title:minister title:election troops border",
    '"the U S" border',
    "talks of troops and border talks and more talks",
    "+troops +troops border kiev border",
]


@pytest.fixture(scope="module")
def documents():
    from datetime import UTC, datetime, timedelta

    from index.search.backend import IndexDocument

    chance = random.Random(11)
    return [
        IndexDocument(
            article_id=n,
            revision=1,
            outlet=chance.choice(["gazette", "post"]),
            language=chance.choice(["en", "en", "de", ""]),
            title=" ".join(chance.choices(WORDS, k=chance.randint(1, 6))),
            text=" ".join(chance.choices(WORDS, k=chance.randint(0, 60))),
            authors=("Fiona Nanna",) if n % 5 == 0 else (),
            topics=tuple(chance.sample(["war", "iran", "cyber"], k=n % 3)),
            sort_at=datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=n % 150),
        )
        for n in range(1, 201)
    ]


@pytest.mark.parametrize("text", QUERIES)
def test_engine_answers_as_the_reference_does(backend, documents, limits, text):
    reference = MemoryBackend(settings=limits)
    reference.apply(documents, (), 1)
    for at in range(0, 200, 50):
        backend.apply(documents[at : at + 50], (), at)
    request = SearchRequest(parse(text, limits=limits).root, limit=200, facets=FACETS)
    expected, got = reference.search(request), backend.search(request)
    assert got.total == expected.total
    assert dict(got.hits) == pytest.approx(dict(expected.hits))
    assert [one for one, _ in got.hits[:10]] == [one for one, _ in expected.hits[:10]]
    assert got.facets == expected.facets
    assert expected.total > 0
