"""Stories in an answer: the page of folded hits, and the articles that `story:` names. Reads the database only."""

from __future__ import annotations

from index.folding import MOST_OF_STORY, Fold, fold, stories_among
from index.search.backend import SearchAnswer
from index.search.query import LinkedTo, Query, walk
from index.store import Transaction
from index.store.stories import article_ids_of_story, originals_of, stories_of_articles


def story_asked(tx: Transaction, target: str, notes: list[str]) -> frozenset[int]:
    """The articles of the story that `story:` names, through redirects."""
    number = target.strip().lstrip("#")
    if not (number.isascii() and number.isdecimal()):
        notes.append(f"{target[:40]!r} is no story; write its number, as story:12.")
        return frozenset()
    found = article_ids_of_story(tx, int(number)) if len(number) < 19 else frozenset()
    if not found:
        notes.append(f"There is no story {number[:20]} with articles.")
    return found


def hits_of_page(
    tx: Transaction, answer: SearchAnswer, query: Query, *, page: int, per_page: int, folded: bool
) -> tuple[list[Fold], int, int | None]:
    """The hits of one page, how many pages there are, and of how many stories the articles found are."""
    if not folded:
        return [Fold(key, score) for key, score in answer.hits], pages_of(answer.total, per_page), None
    ids = [key for key, _ in answer.hits]
    story_of = stories_of_articles(tx, ids)
    asked = any(isinstance(node, LinkedTo) and node.direction == "story" for node in walk(query.root))
    most = None if asked else MOST_OF_STORY
    shown = fold(answer.hits, story_of=story_of, original_of=originals_of(tx, ids), most_of_story=most)
    complete = len(ids) >= answer.total
    stories_total = stories_among(answer.hits, story_of) if complete else None
    return shown[(page - 1) * per_page : page * per_page], pages_of(len(shown), per_page), stories_total


def pages_of(total: int, per_page: int) -> int:
    """Return how many pages so many hits fill; an empty answer has one."""
    return max(1, -(-total // per_page))
