"""Totals, pages, facets, limits and the small questions around a search."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from index.search.backend import FACETS, SearchRequest
from index.search.query import Group, Phrase, Prefix, Term, Word
from index.search.query_parser import parse


def test_an_empty_index_answers_with_nothing(backend):
    answer = backend.search(SearchRequest(Word("alpha"), facets=FACETS))
    assert (answer.total, answer.hits) == (0, ())
    assert all(answer.facets[name] == () for name in FACETS)
    assert backend.position() == 0
    assert backend.count() == 0
    assert backend.frequencies(["alpha"]) == {"alpha": 0}
    assert backend.corrections("alpha") == []
    assert backend.suggest("alp") == []


def test_total_counts_all_matches_whatever_the_limit(fill, backend):
    fill(*["alpha"] * 25)
    answer = backend.search(SearchRequest(Word("alpha"), limit=10))
    assert answer.total == 25
    assert len(answer.hits) == 10


def test_pages_make_one_long_list(fill, backend):
    fill(*[f"alpha {'beta ' * (n % 5)}" for n in range(23)])
    root = Group(should=(Word("alpha"), Word("beta")))
    whole = backend.search(SearchRequest(root, limit=100)).hits
    pages = [backend.search(SearchRequest(root, offset=at, limit=5)).hits for at in range(0, 30, 5)]
    assert sum(pages, ()) == whole


def test_facets_count_over_all_matches_most_first(backend, document):
    backend.apply(
        [
            document(1, "alpha", outlet="bbc", topics=("war", "iran"), authors=("A B",)),
            document(2, "alpha", outlet="bbc", topics=("war",), language="fr"),
            document(3, "alpha", outlet="cnn", sort_at=datetime(2023, 1, 5, tzinfo=UTC)),
            document(4, "other", outlet="rt"),
        ],
        (),
        1,
    )
    facets = backend.search(SearchRequest(Word("alpha"), limit=1, facets=FACETS)).facets
    assert facets["outlet"] == (("bbc", 2), ("cnn", 1))
    assert facets["topic"] == (("war", 2), ("iran", 1))
    assert facets["language"] == (("en", 2), ("fr", 1))
    assert facets["author"] == (("A B", 1),)
    assert facets["month"] == (("2024-06", 2), ("2023-01", 1))


def test_facets_are_only_made_when_asked_for(fill, backend):
    fill("alpha")
    assert backend.search(SearchRequest(Word("alpha"))).facets == {}


def test_facets_respect_filters(backend, document):
    backend.apply([document(1, "alpha", outlet="a1"), document(2, "alpha", outlet="b1")], (), 1)
    request = SearchRequest(Word("alpha"), filters=(Term("outlet", "a1"),), facets=("outlet",))
    assert backend.search(request).facets["outlet"] == (("a1", 1),)


def test_a_beginning_that_stands_for_too_many_words_is_cut_and_said(make_backend, document):
    backend = make_backend(max_prefix_words=5)
    backend.apply([document(n, "", f"prefix{n:03d}") for n in range(20)], (), 1)
    answer = backend.search(SearchRequest(Prefix("prefix")))
    assert answer.total == 5
    assert "prefix*" in answer.cut


def test_a_question_may_be_given_less_than_the_budget(fill, backend):
    fill("alpha")
    assert "was cut" in backend.search(SearchRequest(Word("alpha"), budget_s=0.0)).cut
    assert backend.search(SearchRequest(Word("alpha"))).cut == ""


def test_a_search_out_of_budget_says_so(make_backend, document):
    backend = make_backend(budget_s=1e-9)
    backend.apply([document(1, "", "alpha")], (), 1)
    assert "cut" in backend.search(SearchRequest(Word("alpha"))).cut


def test_frequencies_are_those_of_the_word_as_typed(fill, backend):
    fill("sanctions us", "sanction US", "sanctioned U.S.", "other")
    assert backend.frequencies(["sanctions", "US", "zzz", "the"]) == {"sanctions": 3, "US": 2, "zzz": 0, "the": 0}


def test_corrections_are_close_words_commonest_first(fill, backend):
    fill("ukraine", "ukraine", "ukrain", "other")
    assert backend.corrections("ukrane")[0] == "ukraine"
    assert backend.corrections("qqqqqq") == []


def test_long_words_are_corrected_by_two_edits_that_begin_alike(fill, backend):
    fill("in Cincinnati", "in Cincinnati", "the cinema", "unrelated")
    assert backend.corrections("cincinatti") == ["cincinnati"]
    assert backend.corrections("zincinatti") == []
    assert backend.corrections("cinma") == ["cinema"]
    assert backend.corrections("cnma") == []


def test_suggestions_complete_the_last_word_from_titles(backend, document):
    backend.apply(
        [
            document(1, "North Korea fires missile", "norwegian"),
            document(2, "North wind", ""),
            document(3, "Norway", ""),
        ],
        (),
        1,
    )
    assert backend.suggest("nor") == ["north", "norway"]
    assert backend.suggest("wind north mis") == ["wind north missile"]


@pytest.mark.parametrize("text", ["", " ", "…", "a"])
def test_too_little_is_not_completed(fill, backend, text):
    fill("alpha")
    assert backend.suggest(text) == []


def test_words_no_document_has_are_named(fill, backend, limits):
    fill("troops at the border")
    root = parse('troops zzunknown "no such row" -neverseen', limits=limits).root
    assert set(backend.search(SearchRequest(root)).unknown) == {
        Word("zzunknown"),
        Phrase(("no", "such", "row")),
        Word("neverseen"),
    }


def test_names_are_matched_as_a_whole_and_counted(backend, document):
    names = (("country", "kr"), ("country", "us"), ("person", "chang-ho-jin"))
    backend.apply(
        [document(1, text="alpha", names=names), document(2, text="alpha", names=(("country", "us"),))], (), 1
    )
    facets = backend.search(SearchRequest(Word("alpha"), facets=FACETS)).facets
    assert facets["country"] == (("us", 2), ("kr", 1))
    assert facets["person"] == (("chang-ho-jin", 1),)
    for field, value, ids in (
        ("country", "kr", [1]),
        ("country", "us", [1, 2]),
        ("person", "us", []),
        ("place", "kr", []),
    ):
        hits = backend.search(SearchRequest(Term(field, value))).hits
        assert sorted(article_id for article_id, _ in hits) == ids
