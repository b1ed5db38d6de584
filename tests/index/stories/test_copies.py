"""One text in many outlets: found cut short, with another head, before or after its original; furniture is no text."""

from datetime import timedelta

import pytest

from index.stories.copies import CopyIndex, copy_text
from index.stories.text import agency_of, shingles_of
from index.stories.values import StoryText

from .streams import START


def prose(seed: int, words: int) -> str:
    """Return words in an order that no other seed has."""
    return " ".join(f"w{(seed * 7919 + at * at * 31 + at * seed) % 9973}" for at in range(words))


def put(index: CopyIndex, number: int, text: str, *, hours: float = 0, outlet: str = "", agency: str = ""):
    held = copy_text(number, START + timedelta(hours=hours), outlet or f"o{number}.example", shingles_of(text), agency)
    found = index.find(held)
    index.add(held, None if found is None else found[0])
    return found


@pytest.mark.parametrize(("words", "kept"), [(400, 400), (400, 220), (900, 200)])
def test_a_copy_cut_short_is_found_whichever_came_first(words: int, kept: int):
    whole = prose(1, words)
    cut = " ".join(whole.split()[:kept])
    for first, second in ((whole, cut), (cut, whole)):
        index = CopyIndex()
        assert put(index, 1, first) is None
        found = put(index, 2, second, hours=5)
        assert found is not None
        assert found[0] == 1
        assert found[1].containment > 0.9


def test_a_passage_quoted_from_another_article_makes_no_copy():
    index = CopyIndex()
    put(index, 1, prose(1, 500))
    assert put(index, 2, " ".join(prose(1, 500).split()[:150]) + " " + prose(2, 400)) is None


def test_what_an_outlet_prints_under_every_article_is_no_shared_text():
    index = CopyIndex()
    notice = prose(9, 130)
    for number in range(1, 4):
        put(index, number, prose(number + 10, 300) + " " + notice, outlet="gazette.example", hours=number)
    assert put(index, 9, prose(40, 90) + " " + notice, outlet="gazette.example", hours=9) is None


def test_a_text_older_than_a_month_is_not_looked_at():
    index = CopyIndex()
    put(index, 1, prose(1, 300))
    assert put(index, 2, prose(1, 300), hours=24 * 31) is None


def test_the_agency_is_the_original_though_it_was_read_later():
    index = CopyIndex()
    put(index, 1, prose(1, 300))
    agency = copy_text(2, START + timedelta(hours=3), "apnews.com", shingles_of(prose(1, 300)), "=AP")
    assert index.is_better_original(agency, 1)
    index.add(agency, 1)
    index.reroot(1, 2)
    assert (index.original_of(1), index.original_of(2)) == (2, None)
    assert "its outlet is a news agency" in index.named(2)[1].evidence


def test_when_an_original_goes_the_earliest_copy_takes_its_place():
    index = CopyIndex()
    for number in (1, 2, 3):
        put(index, number, prose(1, 300), hours=number)
    assert index.remove(1) == 2
    assert index.copies_of(2) == [3]
    assert put(index, 4, prose(1, 300), hours=9)[0] == 2


def test_every_pair_of_a_group_is_named():
    index = CopyIndex()
    for number in (1, 2, 3):
        put(index, number, prose(1, 300), hours=number)
    put(index, 4, prose(2, 300))
    assert list(index.pairs()) == [(1, 2), (1, 3), (2, 3)]


def test_nothing_is_left_of_texts_that_were_removed():
    index = CopyIndex()
    for number in range(1, 6):
        put(index, number, prose(1 + number % 2, 200 + 60 * number), hours=number)
    for number in range(1, 6):
        index.remove(number)
    assert not any(vars(index).values())


@pytest.mark.parametrize(
    ("text", "outlet", "agency"),
    [
        ("KYIV (Reuters) - Talks went on.", "gazette.example", "Reuters"),
        ("By Associated Press\nTalks went on.", "gazette.example", "AP"),
        ("Talks went on. (AFP)", "gazette.example", "AFP"),
        ("Talks went on, the Reuters correspondent was told.", "gazette.example", ""),
        ("Talks went on.", "apnews.com", "=AP"),
    ],
)
def test_the_agency_of_a_dateline_a_byline_or_the_outlet_itself(text: str, outlet: str, agency: str):
    assert agency_of(StoryText(1, outlet, START, "en", "Talks", text)) == agency
