"""Folding ranked hits: copies of one text under the first of them, and a few hits a story. Pure.

A page of folded hits cannot be asked of an engine, which knows neither copies nor stories: they change after an article
was indexed. So the best `WINDOW` ids are asked for, folded here as one list, and the list is cut into pages: every page
is a piece of the same list, no hit is on two pages, and the last page is known. Of an answer with more articles than
the window only that much is folded, which is said; unfolded, all of it can be paged through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WINDOW = 1_000
MOST_OF_STORY = 2


@dataclass(frozen=True, slots=True)
class Fold:
    """A hit that is shown, the articles with its text folded under it, and how many more its story has found."""

    article_id: int
    score: float
    same_text: tuple[int, ...] = ()
    more_in_story: int = 0


def fold(
    ranked: Sequence[tuple[int, float]],
    *,
    story_of: Mapping[int, int],
    original_of: Mapping[int, int],
    most_of_story: int | None = MOST_OF_STORY,
) -> list[Fold]:
    """Return the hits to show, in their order; what is folded counts at the hit it stands under.

    The first hit of a text stands for its copies, whichever it is. Hits of a story beyond `most_of_story` (None: all
    are shown) count at the last of it that is shown.
    """
    shown: list[list[int]] = []  # article ids, the one shown first
    scores: list[float] = []
    more: list[int] = []
    at_text: dict[int, int] = {}
    at_story: dict[int, list[int]] = {}
    for article_id, score in ranked:
        text = original_of.get(article_id, article_id)
        story = story_of.get(article_id)
        places = at_story.setdefault(story, []) if story is not None else []
        if text in at_text:
            shown[at_text[text]].append(article_id)
        elif most_of_story is not None and len(places) >= most_of_story:
            more[places[-1]] += 1
        else:
            at_text[text] = len(shown)
            places.append(len(shown))
            shown.append([article_id])
            scores.append(score)
            more.append(0)
    return [Fold(ids[0], score, tuple(ids[1:]), hidden) for ids, score, hidden in zip(shown, scores, more, strict=True)]


def stories_among(ranked: Sequence[tuple[int, float]], story_of: Mapping[int, int]) -> int:
    """Return how many stories these articles are of; one that has none yet counts as one of its own."""
    found = {story_of[article_id] for article_id, _ in ranked if article_id in story_of}
    return len(found) + sum(article_id not in story_of for article_id, _ in ranked)
