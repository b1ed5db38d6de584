"""Which words of a query stand next to each other, and how near they must be in a text to gain. Pure, engine-neutral.

Only the best candidates by plain score are looked at (`CANDIDATES`), only their exact tokens, and only so many pairs:
what nearness costs does not grow with the archive. A candidate can only gain, so it stays before all the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from index.search.analysis import alternatives, is_cjk, tokens
from index.search.fields import TEXT_EXACT, TITLE_EXACT
from index.search.query import Alias, Group, Node, Phrase, Word

CANDIDATES = 200
"""Of an answer in the order of plain scores, so many from the first are looked at."""

MOST_PAIRS = 12

Pair = tuple[Word, Word]


def pairs_of(root: Node | None) -> list[Pair]:
    """Return the pairs of neighbouring plain words in a query, at most `MOST_PAIRS`; stop words are gone by now.

    Demanded words are neighbours of demanded ones, optional of optional; of an alias what was typed counts. Written
    ORs and brackets say that words do not belong together.
    """
    if not isinstance(root, Group) or root.any_of:
        return []
    return [*_neighbours(root.must), *_neighbours(root.should)][:MOST_PAIRS]


def fields_of(pair: Pair) -> tuple[str, ...]:
    """Return the fields in which a pair is looked for."""
    return (TITLE_EXACT,) if pair[0].field == "title" else (TITLE_EXACT, TEXT_EXACT)


def forms_of(word: Word) -> tuple[str, ...]:
    """Return the exact tokens of a plain word."""
    return alternatives(tokens(word.text)[0])


def _neighbours(nodes: Sequence[Node]) -> list[Pair]:
    row: list[Word | None] = [word for node in nodes for word in _words(node)]
    return [
        (one, other)
        for one, other in pairwise(row)
        if one is not None and other is not None and one.field == other.field
    ]


def _words(node: Node) -> list[Word | None]:
    """The plain words a node stands for; None where the row of neighbours breaks off."""
    match node:
        case Word(text, field=field) if field != "author" and len(tokens(text)) == 1 and not is_cjk(text):
            return [node]
        case Alias(Phrase(), others):  # a name of several words: they are typed ones too, and neighbours
            apart = [other.should for other in others if isinstance(other, Group)]
            return [word for child in (apart[-1] if apart else ()) for word in _words(child)] or [None]
        case Alias(typed):
            below = (*typed.must, *typed.should) if isinstance(typed, Group) else (typed,)
            return [word for child in below for word in (_words(child) if isinstance(child, Word) else [None])]
        case _:
            return [None]
