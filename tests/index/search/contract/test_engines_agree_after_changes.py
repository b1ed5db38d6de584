"""Engines against the readable reference when articles were replaced and deleted, page by page, in every order.

Ours works differently on few and on many documents; each way is forced in turn.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from index.search import whoosh_best, whoosh_facets, whoosh_leaves, whoosh_match
from index.search.backend import FACETS, IndexDocument, SearchRequest
from index.search.memory_backend import MemoryBackend
from index.search.query import Alias, Dates, Group, Ids, Phrase, Prefix, Term, Word

WORDS = [
    "troops",
    "border",
    "talks",
    "sanctions",
    "missile",
    "kyiv",
    "minister",
    "election",
    "strait",
    "harbour",
    "frigate",
    "cable",
]
NOW = datetime(2024, 6, 1, tzinfo=UTC)


def a_random_document(dice: random.Random, article_id: int, revision: int) -> IndexDocument:
    return IndexDocument(
        article_id=article_id,
        revision=revision,
        outlet=dice.choice(["gazette", "post", "herald"]),
        language=dice.choice(["en", "en", "de", ""]),
        title=" ".join(dice.choices(WORDS, k=dice.randint(1, 5))),
        text=" ".join(dice.choices(WORDS, weights=range(1, len(WORDS) + 1), k=dice.randint(0, 30))),
        authors=tuple(dice.sample(["Fiona Nanna", "B. Berg", "Č. Ďuriš"], k=dice.randint(0, 2))),
        topics=tuple(dice.sample(["war", "iran", "cyber"], k=dice.randint(0, 3))),
        sort_at=datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=dice.randint(0, 4000)),
        names=tuple(dice.sample([("country", "iran"), ("country", "oman"), ("person", "berg")], k=dice.randint(0, 3))),
    )


def a_random_node(dice: random.Random, depth: int = 0) -> object:
    word = lambda: Word(dice.choice([*WORDS, "nowhere"]), field=dice.choice(["", "", "", "title"]))  # noqa: E731
    match dice.randrange(12 if depth < 2 else 7):
        case 0:
            return Phrase(tuple(dice.choices(WORDS, k=2)))
        case 1:
            return Prefix(dice.choice(["tro", "min", "str", "xyz"]))
        case 2:
            return Term(*dice.choice([("outlet", "post"), ("topic", "war"), ("country", "oman"), ("language", "de")]))
        case 3:
            return Dates(date(2024, 2, dice.randint(1, 28)), dice.choice([None, date(2024, 5, 1)]))
        case 4:
            return Ids(frozenset(dice.sample(range(1, 200), k=dice.choice([1, 5, 60]))))
        case 5 | 6:
            return word()
        case 7:
            return Alias(word(), (word(), Phrase(tuple(dice.choices(WORDS, k=2)))), 0.5)
        case _:
            below = lambda most: tuple(a_random_node(dice, depth + 1) for _ in range(dice.randint(0, most)))  # noqa: E731
            return Group(below(2), below(3), below(1) if dice.random() < 0.3 else ())


@pytest.fixture(scope="module")
def commits():
    """Commits of added, replaced and deleted articles."""
    dice = random.Random(5)
    made = []
    for revision in range(1, 7):
        ids = dice.sample(range(1, 200), k=60)
        documents = [a_random_document(dice, article_id, revision) for article_id in ids[:50]]
        made.append((documents, ids[50:] if revision > 2 else []))
    return made


@pytest.mark.parametrize("way", ["as it is", "slots", "sorted"])
def test_engine_agrees_after_replacing_and_deleting(backend, commits, limits, monkeypatch, way):
    if way != "as it is":
        monkeypatch.setattr(whoosh_best, "WHOLE_ORDER", 0)
        for module in (whoosh_match, whoosh_leaves, whoosh_facets):
            monkeypatch.setattr(module, "SPARSE", 10**6 if way == "slots" else 0)
    reference = MemoryBackend(settings=limits)
    for position, (documents, deleted) in enumerate(commits, start=1):
        for engine in (reference, backend):
            engine.apply(documents, deleted, position)
        if position == 4:
            backend.tidy()
    assert sorted(backend.contents()) == sorted(reference.contents())
    assert backend.position() == len(commits)
    dice = random.Random(6)
    found = 0
    for _ in range(60):
        root = dice.choice([None, *(a_random_node(dice) for _ in range(6))])
        request = SearchRequest(
            root,
            filters=tuple(a_random_node(dice, 3) for _ in range(dice.choice([0, 0, 1]))),
            sort=dice.choice(["relevance", "relevance", "newest", "oldest"]),
            offset=dice.choice([0, 0, 3]),
            limit=dice.choice([0, 1, 10, 300]),
            facets=FACETS,
            now=dice.choice([None, NOW]),
        )
        expected, got = reference.search(request), backend.search(request)
        assert got.total == expected.total, request
        assert [one for one, _ in got.hits] == [one for one, _ in expected.hits], request
        assert [score for _, score in got.hits] == pytest.approx([score for _, score in expected.hits]), request
        assert got.facets == expected.facets, request
        assert got.unknown == expected.unknown, request
        found += expected.total > 0
    assert found > 30
    assert backend.frequencies(WORDS) == reference.frequencies(WORDS)
