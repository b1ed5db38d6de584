"""In which order an engine gives what it found."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from config.settings import load_settings
from index.search.aliases import with_aliases
from index.search.backend import SearchRequest
from index.search.fields import NEARNESS
from index.search.nearness import CANDIDATES
from index.search.query import Alias, Group, Node, Term, Word
from index.search.query_parser import parse as parse_query

NOW = datetime(2024, 6, 30, tzinfo=UTC)


def parse(text: str) -> Node | None:
    return parse_query(text, limits=load_settings(environ={}).search).root


def test_more_matching_words_rank_higher(fill, ids):
    fill("alpha alpha alpha alpha", "alpha beta gamma delta", "beta other words here")
    assert ids("alpha beta")[0] == 2


def test_title_matches_rank_before_text_matches(backend, document, ids):
    backend.apply(
        [document(1, "Other things", "border closed now"), document(2, "Border closed", "other things now")], (), 1
    )
    assert ids("border closed") == [2, 1]


def test_rare_words_weigh_more(backend, document, ids):
    backend.apply([document(n, "", "common filler") for n in range(1, 9)], (), 1)
    backend.apply([document(9, "", "rare filler")], (), 2)
    assert ids("common rare")[0] == 9


def test_short_texts_rank_before_long_ones(fill, ids):
    fill("alpha " + "filler " * 300, "alpha filler", "nothing")
    assert ids("alpha") == [2, 1]


def test_outlet_and_author_words_rank_below_the_text(backend, document, ids):
    backend.apply(
        [document(1, "x", "y z", outlet="storm"), document(2, "storm", "y z"), document(3, "x", "storm z")], (), 1
    )
    assert ids("storm")[0] == 2
    assert ids("storm")[-1] == 1


def test_words_side_by_side_gain_over_words_apart(fill, ids):
    apart = "border one two three four five six seven eight nine talks"
    fill("one two three four five six seven eight nine border talks", apart, "border", "y")
    assert ids("border talks")[:2] == [1, 2]  # of equals the second would be first


def test_nearness_is_worth_little(fill, backend):
    apart = "border one two three four five six seven eight nine talks"
    fill(apart, "one two three four five six seven eight nine border talks", "x", "y")
    near, far = backend.search(SearchRequest(parse("border talks"))).hits
    assert far[1] < near[1] <= far[1] * (1 + NEARNESS) + 1e-9


def test_a_word_typed_twice_counts_more_than_once_and_less_than_twice(backend, fill):
    fill("border one", "talks one", "x", "y")
    once, twice = (
        dict(backend.search(SearchRequest(parse(text))).hits) for text in ("border talks", "border talks border")
    )
    assert once[1] == pytest.approx(once[2])
    assert twice[2] == pytest.approx(once[2])
    assert twice[1] == pytest.approx(once[1] * (1 + math.log(2)))


def test_demands_and_brackets_have_no_neighbours_outside(fill, backend):
    apart = "border one two three four five six seven eight nine talks"
    fill(apart, "one two three four five six seven eight nine border talks", "x", "y")
    for text in ("+border talks", "(border OR talks)", "border OR talks"):
        scores = [score for _, score in backend.search(SearchRequest(parse(text))).hits]
        assert scores[0] == pytest.approx(scores[1]), text


def test_only_the_best_candidates_are_looked_at_for_nearness(backend, document):
    filler = "one two three four five six seven eight nine"
    many = [document(n, "", f"border {filler} talks") for n in range(2, CANDIDATES + 2)]
    backend.apply([document(1, "", f"{filler} border talks"), *many], (), 1)
    # The oldest of equals is the last of them, and behind the candidates nobody is looked at.
    hits = backend.search(SearchRequest(parse("border talks"), limit=CANDIDATES + 10)).hits
    assert (len(hits), hits[-1][0]) == (CANDIDATES + 1, 1)


def test_aliases_rank_below_the_word_typed(fill, ids):
    fill("kiev today", "kyiv today", "paris today")
    assert ids(Alias(Word("kyiv"), (Word("kiev"),), weight=0.5)) == [2, 1]


def test_a_rare_alias_does_not_outrank_the_word_typed(fill, ids):
    fill("kiev today", *["kyiv today"] * 8, *["paris today"] * 8)
    assert ids(Alias(Word("kyiv"), (Word("kiev"),), weight=0.5))[-1] == 1


def test_an_alias_of_an_unknown_word_still_finds(fill, ids):
    fill("kiev today", "paris today")
    assert ids(Alias(Word("kyyiv"), (Word("kiev"),), weight=0.5)) == [1]


def test_an_alias_of_an_unknown_word_counts_in_full(backend, fill):
    fill("kiev today", "paris today", "paris")
    plain = dict(backend.search(SearchRequest(parse("kiev"))).hits)
    other = dict(backend.search(SearchRequest(Alias(Word("kyyiv"), (Word("kiev"),), weight=0.5))).hits)
    assert other[1] == pytest.approx(plain[1])


def test_the_words_of_a_name_are_neighbours_of_the_words_beside_it(fill, ids):
    text = "one atomic agency two grossi three"
    fill(text, text.replace("two grossi three", "grossi two three"), *["energy today"] * 3)
    named = with_aliases(parse("atomic agency grossi"), {("atomic", "agency"): ("AEA",)})
    assert ids(named.root)[0] == 2


def test_an_alias_counts_once_not_twice(fill, backend):
    fill("kyiv kiev today", "kyiv other today", "paris today today")
    root = Alias(Word("kyiv"), (Word("kiev"),), weight=0.5)
    typed = dict(backend.search(SearchRequest(Word("kyiv"))).hits)
    both = dict(backend.search(SearchRequest(root)).hits)
    assert both[1] == pytest.approx(typed[1])


def test_a_name_of_several_words_is_worth_one(fill, ids):
    fill("atomic energy agency agency atomic energy energy", "grossi", *["energy today", "atomic today", "agency"] * 2)
    name = with_aliases(parse("atomic energy agency grossi"), {("atomic", "energy", "agency"): ("AEA",)})
    assert ids(parse("atomic energy agency grossi"))[0] == 1
    assert ids(name.root)[0] == 2


def test_ties_are_broken_by_newest_then_highest_id(backend, document, ids):
    backend.apply(
        [
            document(1, "", "alpha", sort_at=NOW),
            document(2, "", "alpha", sort_at=NOW - timedelta(days=1)),
            document(3, "", "alpha", sort_at=NOW - timedelta(days=1)),
        ],
        (),
        1,
    )
    assert ids("alpha") == [1, 3, 2]


def test_sorting_by_date(backend, document, ids):
    backend.apply([document(n, "", "alpha", sort_at=NOW - timedelta(days=n % 3)) for n in range(1, 4)], (), 1)
    assert ids("alpha", sort="newest") == [3, 1, 2]
    assert ids("alpha", sort="oldest") == [2, 1, 3]


def test_fresh_articles_gain_only_when_now_is_given(backend, document, ids):
    backend.apply(
        [
            document(1, "", "alpha filler filler filler", sort_at=NOW - timedelta(days=300)),
            document(2, "", "alpha filler filler filler filler", sort_at=NOW),
            document(3, "", "nothing"),
        ],
        (),
        1,
    )
    assert ids("alpha") == [1, 2]
    assert ids("alpha", now=NOW) == [2, 1]


def test_an_old_headline_stays_before_a_fresh_mention(backend, document, ids):
    backend.apply(
        [
            document(1, "Volcano erupts", "ash", sort_at=NOW - timedelta(days=365)),
            document(2, "Weather", "volcano " + "filler " * 80, sort_at=NOW),
            document(3, "x", "y"),
        ],
        (),
        1,
    )
    assert ids("volcano", now=NOW) == [1, 2]


def test_without_a_query_newest_come_first(backend, document, ids):
    backend.apply([document(n, "a", sort_at=NOW + timedelta(days=n)) for n in (2, 1, 3)], (), 1)
    assert ids(None) == [3, 2, 1]


def test_filters_in_the_tree_leave_scores_alone(backend, document):
    backend.apply([document(1, "", "alpha", outlet="a1"), document(2, "", "beta")], (), 1)
    alone = dict(backend.search(SearchRequest(Word("alpha"))).hits)[1]
    filtered = Group(must=(Term("outlet", "a1"),), should=(Word("alpha"),))
    assert dict(backend.search(SearchRequest(filtered)).hits)[1] == pytest.approx(alone)


def test_scores_do_not_depend_on_how_documents_were_committed(make_backend, document):
    documents = [document(n, f"alpha {'beta ' * (n % 3)}", "gamma " * n + "alpha") for n in range(1, 31)]
    at_once, in_steps = make_backend(), make_backend()
    at_once.apply(documents, (), 1)
    for position, one in enumerate(reversed(documents), start=1):
        in_steps.apply([one], (), position)
    request = SearchRequest(Group(should=(Word("alpha"), Word("beta"))), limit=30)
    first, second = at_once.search(request).hits, in_steps.search(request).hits
    assert [article_id for article_id, _ in first] == [article_id for article_id, _ in second]
    assert [score for _, score in first] == pytest.approx([score for _, score in second])


def test_deleted_documents_leave_the_statistics(make_backend, document):
    kept = [document(n, "", "alpha beta" if n % 2 else "alpha") for n in range(1, 9)]
    gone = [document(n, "", "beta " * 50) for n in range(100, 120)]
    clean, used = make_backend(), make_backend()
    clean.apply(kept, (), 1)
    used.apply([*kept, *gone], (), 1)
    used.apply([], [one.article_id for one in gone], 2)
    request = SearchRequest(Group(should=(Word("alpha"), Word("beta"))))
    assert dict(used.search(request).hits) == pytest.approx(dict(clean.search(request).hits))
