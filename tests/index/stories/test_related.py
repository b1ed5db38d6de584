"""Ranking what is related: weights of the kinds, caps, and the same answer whatever the order of the ties."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.records import Role
from index.stories.related import CAPS, SHOWN, apart, hub_discount, related_to, telling_words
from index.stories.ties import (
    DEGREE_READ,
    Brief,
    Citer,
    CopyTie,
    LinkTie,
    NameTie,
    SharedTarget,
    StoryBrief,
    Surroundings,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def brief(number, *, outlet="a", hours=0, title="", story_id=None):
    return Brief(number, title or f"Headline {number}", outlet, "en", NOW + timedelta(hours=hours), story_id)


def near(*others, **ties):
    return Surroundings(
        subjects=ties.pop("subjects", (brief(1),)), others={one.id: one for one in others}, held=1000, **ties
    )


def link(from_id, to_id, role=Role.INLINE, sentence="As they said."):
    return LinkTie(from_id, to_id, role, sentence)


def weight_of(surroundings, article_id=2):
    return {one.article.id: one.weight for one in related_to(surroundings, now=NOW).items}.get(article_id, 0.0)


@pytest.mark.parametrize(("degree", "expected"), [(0, 1.0), (1, 1.0), (3, 0.5), (100, 0.15)])
def test_hubs_say_less(degree, expected):
    assert hub_discount(degree) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(0, "the same minute"), (20, "20 min apart"), (240, "4 h apart"), (-240, "4 h apart"), (4320, "3 days apart")],
)
def test_time_is_told_in_its_unit(minutes, expected):
    assert apart(NOW, NOW + timedelta(minutes=minutes)) == expected


def test_telling_words_leave_out_what_says_nothing():
    title = "The attack on the consulate: what is known of the attack"
    assert telling_words(title, "en") == ("attack", "consulate", "known")


def test_kinds_are_ranked_copy_story_link_and_the_rest():
    other = brief(2, outlet="b")
    copied = near(other, copies=(CopyTie(2, 1, 40, 1.0),))
    story = near(other, members=(2,))
    linked = near(other, links=(link(2, 1),))
    listed = near(brief(2), links=(link(2, 1, Role.BACKLINK),))
    shared = near(other, shared=tuple(SharedTarget(f"t{n}", "page", Role.INLINE, (2,), 2) for n in range(2)))
    weights = [weight_of(one) for one in (copied, linked, story, shared, listed)]
    assert weights == sorted(weights, reverse=True)
    assert min(weights) > 0


def test_a_link_in_the_outlets_own_list_weighs_less_than_in_the_text_and_in_anothers_list():
    own, foreign = brief(2), brief(2, outlet="b")
    listed = link(2, 1, Role.BACKLINK)
    weights = [weight_of(near(own, links=(listed,))), weight_of(near(foreign, links=(listed,)))]
    assert weights[0] < weights[1] < weight_of(near(own, links=(link(2, 1),)))


def test_a_link_to_what_everybody_links_to_weighs_less():
    rare = near(brief(2), links=(link(1, 2),), degrees={2: 1})
    hub = near(brief(2), links=(link(1, 2),), degrees={2: DEGREE_READ})
    assert weight_of(hub) < weight_of(rare)


def test_shared_hubs_weigh_less_and_are_said():
    def sharing(degree):
        return near(brief(2), shared=tuple(SharedTarget(f"t{n}", "page", Role.INLINE, (2,), degree) for n in range(2)))

    assert weight_of(sharing(DEGREE_READ)) < weight_of(sharing(2)) / 2
    [found] = related_to(sharing(DEGREE_READ), now=NOW).items
    assert found.reasons[0].text == "both cite 2 pages: t0; t1 (each cited by 100 articles or more)"


def test_topics_of_related_lists_alone_relate_nothing():
    topics = tuple(SharedTarget(f"t{n}", "topic", Role.BACKLINK, (2,), 2) for n in range(5))
    assert weight_of(near(brief(2), shared=topics)) == 0


def test_a_list_of_everything_ties_less_together():
    few = tuple(Citer(9 + n, f"c{n}", (2,)) for n in range(2))
    many = tuple(Citer(9 + n, f"c{n}", (2, *range(100, 148))) for n in range(2))
    assert weight_of(near(brief(2), citers=many)) < weight_of(near(brief(2), citers=few))


def test_reasons_stand_together_the_strongest_first_and_no_article_twice():
    found = related_to(
        near(brief(2), members=(2,), links=(link(2, 1), link(2, 1)), copies=(CopyTie(2, 1, 40, 0.9),)), now=NOW
    )
    [only] = found.items
    assert sorted(reason.kind for reason in only.reasons) == ["copy", "link", "story"]
    assert [reason.weight for reason in only.reasons] == sorted((r.weight for r in only.reasons), reverse=True)
    assert only.weight > only.reasons[0].weight


def test_each_kind_is_capped_and_the_rest_counted():
    others = [brief(number) for number in range(2, 60)]
    found = related_to(near(*others, members=tuple(range(2, 60))), now=NOW)
    assert (len(found.items), found.left_out) == (CAPS["story"], {"not_shown": 58 - CAPS["story"]})


def test_what_the_story_shares_must_stand_in_two_of_its_headlines():
    subjects = (brief(1, title="Convoy at sea"), brief(3, title="Convoy sails"), brief(4, title="Grain prices"))
    names = (NameTie("person/x", "X", "person", 2),)
    found = related_to(
        near(
            brief(2, title="Grain convoy"),
            subjects=subjects,
            of_story=True,
            names=names,
            names_of={2: frozenset({"person/x"})},
        ),
        now=NOW,
    )
    assert [reason.text for reason in found.items[0].reasons] == ["the same names: X; in both headlines: convoy"]


def test_an_earlier_story_is_spoken_for_by_one_article():
    told = StoryBrief(7, "Old", 3, NOW - timedelta(days=99), NOW - timedelta(days=90), 2)
    names = tuple(NameTie(f"person/{n}", n.upper(), "person", 2) for n in "xy")
    has = frozenset(name.key for name in names)
    others = (brief(2, story_id=7), brief(3, story_id=7))
    found = related_to(near(*others, stories={7: told}, names=names, names_of={2: has, 3: has}), now=NOW)
    assert [(one.article.id, one.reasons[0].kind) for one in found.items] == [(2, "earlier")]


def test_a_common_name_relates_nothing():
    names = tuple(NameTie(f"country/{n}", n.upper(), "country", 101, common=True) for n in "xy")
    has = frozenset(name.key for name in names)
    assert weight_of(near(brief(2), names=names, names_of={2: has})) == 0


NUMBERS = st.integers(1, 30)
TIES = st.fixed_dictionaries(
    {
        "links": st.lists(st.builds(link, NUMBERS, NUMBERS, st.sampled_from(Role)), max_size=40),
        # An article is the copy of one other at the most, as its row says.
        "copies": st.lists(
            st.builds(CopyTie, NUMBERS, NUMBERS, st.integers(20, 99), st.floats(0.1, 1)).filter(
                lambda one: one.article_id != one.original_id
            ),
            max_size=10,
            unique_by=lambda one: one.article_id,
        ),
        "members": st.lists(NUMBERS, max_size=30, unique=True),
        "shared": st.lists(
            st.builds(
                SharedTarget,
                st.sampled_from(["t", "u"]),
                st.sampled_from(["article", "document", "page", "topic"]),
                st.sampled_from([Role.INLINE, Role.BACKLINK]),
                st.lists(NUMBERS, max_size=9, unique=True).map(tuple),
                st.integers(1, DEGREE_READ),
            ),
            max_size=10,
        ),
        "citers": st.lists(
            st.builds(Citer, NUMBERS, st.just("c"), st.lists(NUMBERS, max_size=9).map(tuple)),
            max_size=10,
            unique_by=lambda one: one.id,
        ),
    }
)


@given(TIES, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_any_ties_give_a_bounded_list_whatever_their_order(ties, shuffler: random.Random):
    others = [brief(number, hours=number % 5, outlet="ab"[number % 2]) for number in range(2, 31)]

    def ranked():
        return related_to(near(*others, **{name: tuple(found) for name, found in ties.items()}), now=NOW)

    first = ranked()
    for found in ties.values():
        shuffler.shuffle(found)
    assert ranked() == first
    ids = [one.article.id for one in first.items]
    assert len(ids) == len(set(ids)) <= SHOWN
    assert 1 not in ids
    assert all(0 < reason.weight < 1 for one in first.items for reason in one.reasons)
