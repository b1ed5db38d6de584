"""Folding of ranked hits: a table."""

import pytest

from index.folding import Fold, fold, stories_among

RANKED = [(number, 10.0 - number) for number in range(1, 8)]


def folded(**given):
    values = {"story_of": {}, "original_of": {}, **given}
    return [(one.article_id, one.same_text, one.more_in_story) for one in fold(RANKED, **values)]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        pytest.param({}, [(number, (), 0) for number in range(1, 8)], id="nothing to fold"),
        pytest.param(
            {"original_of": {2: 5, 4: 5}},
            [(1, (), 0), (2, (4, 5), 0), (3, (), 0), (6, (), 0), (7, (), 0)],
            id="copies under the first found, be it no original",
        ),
        pytest.param(
            {"story_of": {1: 9, 3: 9, 4: 9, 6: 9}},
            [(1, (), 0), (2, (), 0), (3, (), 2), (5, (), 0), (7, (), 0)],
            id="two of a story, the second says how many more",
        ),
        pytest.param(
            {"story_of": {1: 9, 2: 9, 3: 9, 4: 9}, "original_of": {4: 3, 5: 1}},
            [(1, (5,), 0), (2, (), 2), (6, (), 0), (7, (), 0)],
            id="copies of what is not shown are not shown either",
        ),
        pytest.param(
            {"story_of": {1: 9, 3: 9, 4: 9}, "most_of_story": None},
            [(number, (), 0) for number in range(1, 8)],
            id="all of a story where it was asked for",
        ),
    ],
)
def test_fold(given, shown):
    assert folded(**given) == shown


def test_every_article_is_counted_once():
    story_of, original_of = {1: 9, 2: 9, 3: 9, 4: 8, 5: 8, 6: 8, 7: 8}, {5: 4, 7: 4}
    found = fold(RANKED, story_of=story_of, original_of=original_of)
    assert sum(1 + len(one.same_text) + one.more_in_story for one in found) == len(RANKED)
    assert all(isinstance(one, Fold) for one in found)


def test_articles_without_a_story_are_stories_of_their_own():
    assert stories_among(RANKED, {1: 5, 2: 5, 3: 6}) == 6
