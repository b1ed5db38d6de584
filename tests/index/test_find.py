"""The one search entry: what bounds it, and what it says of an index that is not the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from index.find import find_articles
from index.search.backend import SearchAnswer, SearchRequest
from index.search.memory_backend import MemoryBackend
from index.store import Store, open_store
from index.sync import sync
from tests.factories import an_article, register, save

COST_S = 0.7


@pytest.fixture
def archive(settings, now) -> Iterator[Store]:
    store = open_store(settings)
    register(store, now, "gazette")
    save(store, an_article("ports", "Ports were closed, ships wait.", title="Ports closed"), now)
    save(store, an_article("fr", "Des électeurs attendent.", title="Électeurs", language="fr"), now)
    yield store
    store.close()


class Slow(MemoryBackend):
    """The reference, with a clock of its own that goes on at every question."""

    def __init__(self, **given: object) -> None:
        super().__init__(**given)  # type: ignore[arg-type]
        self.at = 100.0
        self.allowed: list[float | None] = []

    def search(self, request: SearchRequest) -> SearchAnswer:
        self.allowed.append(request.budget_s)
        self.at += COST_S
        return super().search(replace(request, budget_s=None))


def test_all_questions_of_one_search_share_its_budget(archive, settings, now, monkeypatch):
    backend = Slow(settings=settings.search)
    sync(archive, backend, settings=settings)
    monkeypatch.setattr("index.find.thread_time", lambda: backend.at)
    asked = " ".join(f"+nothing{number}" for number in range(20)) + " ports"
    found = find_articles(archive, backend, asked, settings=settings, now=now)
    assert backend.allowed == pytest.approx([1.0, 0.3])
    assert any("cut after 1 s" in note for note in found.notes)


def test_index_behind_the_database_is_said(archive, settings, now):
    backend = MemoryBackend(settings=settings.search)
    empty = find_articles(archive, backend, "ports", settings=settings, now=now)
    assert any("index is empty" in note for note in empty.notes)
    sync(archive, backend, settings=settings)
    assert find_articles(archive, backend, "ports", settings=settings, now=now).notes == ()
    save(archive, an_article("late", "Ports again."), now)
    late = find_articles(archive, backend, "ports", settings=settings, now=now)
    assert any("1 change behind" in note for note in late.notes)


@pytest.mark.parametrize("query", ["lang:fr-CA", "lang:FR", "lang:French", "lang:fr_FR"])
def test_language_is_found_by_any_of_its_names(query, archive, settings, now):
    backend = MemoryBackend(settings=settings.search)
    sync(archive, backend, settings=settings)
    assert [
        hit.article.language for hit in find_articles(archive, backend, query, settings=settings, now=now).hits
    ] == ["fr"]


def test_language_that_is_only_one_choice_does_not_stem_the_others(archive, settings, now):
    backend = MemoryBackend(settings=settings.search)
    sync(archive, backend, settings=settings)
    found = find_articles(archive, backend, "lang:fr OR closing", settings=settings, now=now, relax=False)
    assert found.total == 2


def test_name_whose_other_form_was_found_is_no_slip(archive, settings, now):
    save(archive, an_article("zelensky", "Zelensky spoke."), now)
    backend = MemoryBackend(settings=settings.search)
    sync(archive, backend, settings=settings)
    found = find_articles(archive, backend, "Zelenskyy", settings=settings, now=now)
    assert (found.total, found.did_you_mean) == (1, None)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hawa iian ferry", "hawaiian ferry"),
        ("the ferry hawai ian", "the ferry hawaiian"),
        ("ports hawa iian", "ports hawaiian"),
    ],
)
def test_halves_of_a_known_word_are_that_word(archive, settings, now, typed, meant):
    save(
        archive, an_article("hawaii", "A Hawaiian boat with the ports of call of a ferry.", title="Hawaiian boat"), now
    )
    backend = MemoryBackend(settings=settings.search)
    sync(archive, backend, settings=settings)
    found = find_articles(archive, backend, typed, settings=settings, now=now)
    assert found.hits[0].article.title == "Hawaiian boat"
    assert found.did_you_mean == meant


def test_two_known_words_are_not_joined(archive, settings, now):
    save(archive, an_article("rail", "A rail way and a railway."), now)
    backend = MemoryBackend(settings=settings.search)
    sync(archive, backend, settings=settings)
    assert find_articles(archive, backend, "rail way", settings=settings, now=now).did_you_mean is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('said:"Anna Berg"', ["Ports closed"]),
        ("said:berg ports", ["Ports closed"]),
        ("said:berg harvest", []),
        ("-said:berg ports", []),
        ("said:berg OR lang:fr", ["Ports closed", "Électeurs"]),
        ("said:melnyk", []),
    ],
)
def test_articles_that_quote_one_of_a_name(archive, settings, now, query, found):
    save(archive, an_article("ports", "Ports were shut.\n\nThe ports wait, Anna Berg said.", title="Ports closed"), now)
    backend = MemoryBackend(settings=settings.search)
    sync(archive, backend, settings=settings)
    page = find_articles(archive, backend, query, settings=settings, now=now, relax=False)
    assert sorted(hit.article.title for hit in page.hits) == found


def test_the_quoted_sentence_is_shown(archive, settings, now):
    text = "Ports were shut.\n\nThe ports wait, Anna Berg said."
    save(archive, an_article("ports", text, title="Ports closed"), now)
    backend = MemoryBackend(settings=settings.search)
    sync(archive, backend, settings=settings)
    (hit,) = find_articles(archive, backend, "said:berg ports", settings=settings, now=now).hits
    assert hit.snippet_html == "The <mark>ports</mark> wait, Anna Berg said."


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("said:melnyk", "Nobody of the name 'melnyk' is quoted in the articles held."),
        ('said:"?!"', "said: takes a name, as said:\"Chang Ho-jin\"; '?!' is none."),
    ],
)
def test_a_name_nobody_has_is_said(archive, settings, now, query, note):
    backend = MemoryBackend(settings=settings.search)
    sync(archive, backend, settings=settings)
    found = find_articles(archive, backend, query, settings=settings, now=now)
    assert note in found.notes


def test_optional_letters_side_by_side_are_an_acronym(archive, settings, now):
    backend = MemoryBackend(settings=settings.search)
    save(archive, an_article("us", "The U.S. said a lot.", title="Foreign affairs"), now)
    sync(archive, backend, settings=settings)
    found = find_articles(archive, backend, "U S policies", settings=settings, now=now)
    assert [hit.article.title for hit in found.hits] == ["Foreign affairs"]


def test_a_word_written_together_is_searched_apart(archive, settings, now):
    backend = MemoryBackend(settings=settings.search)
    save(archive, an_article("zone", "A safe zone was opened.", title="Zone"), now)
    sync(archive, backend, settings=settings)
    found = find_articles(archive, backend, "safezone", settings=settings, now=now)
    assert (found.did_you_mean, [hit.article.title for hit in found.hits]) == ('"safe zone"', ["Zone"])


@pytest.mark.parametrize(("common", "meant"), [(99, None), (100, "ships minister")])
def test_a_word_a_hundred_times_rarer_is_only_suggested(common, meant, archive, settings, now):
    backend = MemoryBackend(settings=settings.search)
    for number in range(common):
        save(archive, an_article(f"m{number}", "The minister spoke."), now)
    save(archive, an_article("slip", "The ministr spoke."), now)
    sync(archive, backend, settings=settings)
    found = find_articles(archive, backend, "ships ministr", settings=settings, now=now)
    assert (found.did_you_mean, found.total) == (meant, 2)
