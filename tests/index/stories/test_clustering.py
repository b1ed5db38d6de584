"""Articles into stories: the same each time, with a restart or without; what a person decided is kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.stories.clustering import Clusterer
from index.stories.text import as_written
from index.stories.values import Placement, StoryText, features_from_json, features_to_json
from index.stories.weights import load_weights

from .streams import START, article, telling

SHORT = settings(max_examples=25, deadline=None)
STEPS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 5), st.integers(0, 24 * 50)), min_size=1, max_size=25
)  # event, variant, hours


def stream(steps: list[tuple[int, int, int]]) -> list[StoryText]:
    return [
        article(number, event=event, variant=variant, hours=hours)
        for number, (event, variant, hours) in enumerate(steps, 1)
    ]


def place_all(texts: list[StoryText], *, restart_after: int | None = None) -> list[Placement]:
    """Place texts in turn, as the store does; after so many, a new clusterer gets back what was kept."""
    clusterer, numbers = Clusterer(load_weights()), count(1)
    terms: dict[str, int] = {}
    kept: dict[int, tuple[StoryText, dict[str, object]]] = {}
    story_of: dict[int, int] = {}
    copy_of: dict[int, int] = {}
    found = []
    for at, text in enumerate(texts):
        if at == restart_after:
            seen = clusterer.articles_seen
            clusterer = Clusterer(load_weights(), term_counts=terms, articles_seen=seen)
            for one, (held, features) in sorted(kept.items(), reverse=True):
                clusterer.restore(
                    one, story_of[one], held.at, held.outlet, features_from_json(features), copy_of.get(one)
                )
        kept[text.id] = (text, features_to_json(clusterer.features_of(text)))
        placement = clusterer.place(text, new_id=lambda: next(numbers))
        found.append(placement)
        story_of[text.id] = placement.story_id
        story_of |= {one: placement.story_id for one, story in story_of.items() if story in placement.merged}
        if placement.copy is not None:
            copy_of[text.id] = placement.copy.original_id
        copy_of |= {one: copy.original_id for one, copy in placement.copy_changes.items()}
        for term, more in clusterer.term_counts_changed().items():
            terms[term] = terms.get(term, 0) + more
    return found


def test_articles_of_one_event_are_one_story_and_of_two_events_two():
    texts = [article(number, event=number % 2, hours=number) for number in range(1, 9)]
    stories = [placement.story_id for placement in place_all(texts)]
    assert len(set(stories)) == 2
    assert stories[0::2] == [stories[0]] * 4
    assert stories[1::2] == [stories[1]] * 4


def test_the_evidence_of_a_join_names_words_both_have():
    joined = place_all([article(1, event=0), article(2, event=0, hours=2)])[1]
    assert joined.method == "joined"
    assert {"aru", "tanker"} & set(joined.evidence["words"])
    assert joined.evidence["days"] == pytest.approx(2 / 24, abs=0.01)


@pytest.mark.parametrize(
    ("stem", "text", "written"),
    [
        ("hillari", "Hillary Clinton", "hillary"),
        ("port", "A portal of ports", "ports"),
        ("port", "No portal, the port", "port"),
        ("cabl", "Le câble est coupé", "câble"),
        ("sarn", "Nothing of it", "sarn"),
    ],
)
def test_evidence_has_words_as_the_article_writes_them(stem, text, written):
    assert as_written([stem], replace(article(1, event=0), title="", text=text)) == [written]


@SHORT
@given(STEPS)
def test_the_same_articles_in_the_same_order_are_placed_the_same(steps: list[tuple[int, int, int]]):
    assert place_all(stream(steps)) == place_all(stream(steps))


@SHORT
@given(STEPS, st.data())
def test_a_restart_at_any_article_changes_no_placement(steps: list[tuple[int, int, int]], data: st.DataObject):
    cut = data.draw(st.integers(0, len(steps)))
    assert place_all(stream(steps), restart_after=cut) == place_all(stream(steps))


@SHORT
@given(STEPS, st.data())
def test_articles_a_person_keeps_apart_are_never_in_one_story(steps: list[tuple[int, int, int]], data: st.DataObject):
    clusterer, numbers = Clusterer(load_weights()), count(1)
    story_of: dict[int, int] = {}
    pairs = []
    for text in stream(steps):
        apart = data.draw(st.frozensets(st.sampled_from(sorted(story_of)), max_size=2)) if story_of else frozenset()
        placement = clusterer.place(text, new_id=lambda: next(numbers), apart=apart)
        story_of[text.id] = placement.story_id
        story_of |= {one: placement.story_id for one, story in story_of.items() if story in placement.merged}
        pairs += [(text.id, other) for other in apart]
        assert all(story_of[one] != story_of[other] for one, other in pairs)


def test_an_article_a_person_puts_with_another_goes_there_whatever_it_says():
    clusterer, numbers = Clusterer(load_weights()), count(1)
    first = clusterer.place(article(1, event=0), new_id=lambda: next(numbers))
    placed = clusterer.place(article(2, event=3), new_id=lambda: next(numbers), together=frozenset({1}))
    assert (placed.story_id, placed.method) == (first.story_id, "hand")


def test_after_a_month_of_silence_a_new_story_continues_the_old_one():
    first, second, third = place_all(
        [article(1, event=0), article(2, event=0, hours=24 * 29), article(3, event=0, hours=24 * 60)]
    )
    assert second.story_id == first.story_id
    assert (third.method, third.continues) == ("new", first.story_id)


def test_an_older_article_that_comes_late_continues_no_later_story():
    later, older = place_all([article(1, event=0, hours=24 * 60), article(2, event=0)])
    assert older.story_id != later.story_id
    assert (older.method, older.continues) == ("new", None)


def test_an_article_that_comes_late_joins_by_its_own_time():
    first, late, early = place_all(
        [article(1, event=0, hours=48), article(2, event=0, hours=1), article(3, event=0, hours=-24 * 40)]
    )
    assert late.story_id == first.story_id
    assert early.story_id != first.story_id


@pytest.mark.parametrize("at", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)])
def test_a_date_out_of_all_bounds_spoils_only_its_own_place(at: datetime):
    odd = replace(article(2, event=0), at=at)
    first, alone, third = place_all([article(1, event=0), odd, article(3, event=0, hours=3)])
    assert alone.story_id != first.story_id
    assert third.story_id == first.story_id


@pytest.mark.parametrize(("title", "text"), [("", ""), ("?!", "..."), ("", "\n \n")])
def test_an_article_without_words_is_a_story_of_its_own(title: str, text: str):
    bare = [StoryText(number, "gazette.example", START, "en", title, text) for number in (1, 2)]
    assert [placement.method for placement in place_all([article(3, event=0), *bare])] == ["new"] * 3


def test_a_title_alone_joins_its_story():
    titled = replace(article(2, event=0, hours=1), title="Tanker fire in Aru harbour: crew rescued", text="")
    first, second = place_all([article(1, event=0), titled])
    assert second.story_id == first.story_id


def test_stories_older_than_the_moment_are_forgotten_and_others_kept():
    clusterer, numbers = Clusterer(load_weights()), count(1)
    clusterer.place(article(1, event=0), new_id=lambda: next(numbers))
    clusterer.place(article(2, event=1, hours=24 * 40), new_id=lambda: next(numbers))
    clusterer.drop_before(START + timedelta(days=30))
    again = clusterer.place(article(3, event=0, hours=24 * 41), new_id=lambda: next(numbers))
    kept = clusterer.place(article(4, event=1, hours=24 * 41), new_id=lambda: next(numbers))
    assert (again.method, again.continues, kept.method) == ("new", None, "joined")


def test_a_later_article_that_belongs_to_both_merges_two_beginnings_of_one_story():
    clusterer, numbers = Clusterer(load_weights()), count(1)
    for number in (1, 2):
        apart = article(number, event=0, variant=number, hours=number)
        clusterer.place(apart, new_id=lambda: next(numbers))
    clusterer.move(2, 99)
    placed = clusterer.place(article(3, event=0, variant=4, hours=3), new_id=lambda: next(numbers))
    assert (placed.story_id, placed.merged) == (1, (99,))


def test_many_copies_of_one_text_are_kept_in_the_room_of_one():
    clusterer, numbers = Clusterer(load_weights()), count(1)
    text = " ".join(telling(0, variant) for variant in range(6))
    for number in range(1, 1001):
        copy = StoryText(number, f"o{number % 50}.example", START + timedelta(minutes=number), "en", "Aru fire", text)
        placement = clusterer.place(copy, new_id=lambda: next(numbers))
        assert placement.story_id == 1
        assert number == 1 or (placement.copy is not None and placement.copy.original_id == 1)
    counted = clusterer.term_counts_changed()
    assert max(counted.values()) == 1
