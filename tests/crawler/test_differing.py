"""What differs between two readings of a page, as a table."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.differing import compare, state_of
from index.records import Article, ArticleFlag, DateFlag, DateReading, Link, Role
from tests.factories import a_link, an_article

AT = datetime(2026, 11, 20, 7, tzinfo=UTC)
X, Y = "https://x.example/1", "https://y.example/2"


def told(before: Article, after: Article) -> dict[str, str]:
    return {change.field: change.told for change in compare(state_of(before), state_of(after))}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {}, {}),
        ({"title": "Old"}, {"title": "New"}, {"title": "Old -> New"}),
        ({"authors": ()}, {"authors": ("Ana Ruiz", "Li Wei")}, {"authors": "none -> Ana Ruiz, Li Wei"}),
        (
            {"published": DateReading(None, None, "rule", (DateFlag.MISSING,))},
            {"published": DateReading("20 November", AT, "rule")},
            {"published": "none [missing] -> 2026-11-20T07:00:00Z ('20 November')"},
        ),
        ({}, {"published": DateReading(None, None, "another rule")}, {}),
        ({}, {"flags": (ArticleFlag.LIVE,)}, {"flags": "none -> live"}),
        ({"read_minutes": 3}, {"read_minutes": None}, {"read_minutes": "3 -> none"}),
        (
            {"text": "One.\n\nBuy this.\n\nTwo."},
            {"text": "One.\n\nTwo."},
            {"text": "paragraphs +0 -1, characters +0 -9"},
        ),
        ({"text": "One."}, {"text": "One, edited."}, {"text": "paragraphs +1 -1, characters +12 -4"}),
        ({"text": "One\x00."}, {"text": "One."}, {}),
    ],
)
def test_a_field_that_differs_is_told_in_a_line(before, after, expected):
    assert told(an_article(**before), an_article(**after)) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((), (a_link(X), a_link(Y, role=Role.SOURCE)), "+1 inline, +1 source"),
        ((a_link(X), a_link(X)), (a_link(X),), "-1 inline"),
        ((a_link(X),), (a_link(X, role=Role.FURNITURE),), "1 from inline to furniture"),
        (
            (a_link(X, context="He said this."),),
            (a_link(X, context="She said this."),),
            "1 with another sentence around",
        ),
        ((a_link(X), a_link(Y)), (a_link(Y), a_link(X)), "another order"),
        ((a_link(None, "Iran", Role.BACKLINK),), (), "-1 backlink"),
    ],
)
def test_links_that_differ_are_counted_by_role(before: tuple[Link, ...], after: tuple[Link, ...], expected: str):
    assert told(an_article(links=before), an_article(links=after)) == {"links": expected}


def test_paragraphs_that_came_and_went_are_shown():
    (change,) = compare(state_of(an_article(text="One.\n\nTwo.")), state_of(an_article(text="One.\n\nThree.")))
    assert (change.values["added"], change.values["removed"]) == (["Three."], ["Two."])


def test_a_text_of_very_many_paragraphs_is_compared_in_bounded_time():
    long = "\n\n".join(f"Paragraph {number}." for number in range(20_000))
    (change,) = compare(state_of(an_article(text=long)), state_of(an_article(text=long + "\n\nOne more.")))
    assert (change.values["paragraphs_added"], change.values["paragraphs_removed"]) == (1, 0)


def test_fields_only_one_state_knows_are_not_compared():
    after = state_of(an_article(title="New"))
    assert [change.field for change in compare({"title": "Old"}, after)] == ["title"]
