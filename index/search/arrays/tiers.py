"""Which segments to merge: as soon as enough of one size have gathered, and never into one that is too large. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from index.search.arrays.layout import MOST_DOCUMENTS

FAN = 4
MOSTLY_DELETED = 0.3

MOST_AT_ONCE = 32
"""Segments merged in one step: each takes memory by the words it has, hundreds of small ones more than a large one."""


@dataclass(frozen=True, slots=True)
class Pile:
    """A segment by its size."""

    documents: int
    deleted: int

    @property
    def alive(self) -> int:
        """Documents that stay."""
        return self.documents - self.deleted


def to_merge(piles: Sequence[Pile], *, everything: bool = False) -> list[int]:
    """Return the numbers of the segments to merge into one, in their order; none when nothing is due.

    Segments are classed by powers of four; four of one class are merged, so a document is written about once a
    class. With `everything` the smallest are merged as long as they fit, until each segment is nearly as large as one
    may be. A segment of which much is deleted is written anew by itself.
    """
    if everything:
        return _fitting(piles, sorted(range(len(piles)), key=lambda at: piles[at].alive))
    classes: dict[int, list[int]] = {}
    for at, pile in enumerate(piles):
        classes.setdefault(int(log(max(pile.alive, 1), FAN) + 1e-9), []).append(at)
    for size in sorted(classes):
        if len(classes[size]) >= FAN:
            chosen = _fitting(piles, classes[size])
            if chosen:
                return chosen
    for at, pile in enumerate(piles):
        if pile.documents and pile.deleted > MOSTLY_DELETED * pile.documents:
            return [at]
    return []


def _fitting(piles: Sequence[Pile], numbers: Sequence[int]) -> list[int]:
    """Return as many of some segments, from the first on, as fit into one step; none where that is fewer than two."""
    chosen: list[int] = []
    documents = 0
    for at in numbers:
        if len(chosen) < MOST_AT_ONCE and documents + piles[at].alive <= MOST_DOCUMENTS:
            chosen.append(at)
            documents += piles[at].alive
    return sorted(chosen) if len(chosen) > 1 else []
