"""The best few of many matches, without scoring all of them where bounds can tell that most are not among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.search.arrays.layout import BLOCK, Ints
from index.search.arrays.leaves import Docs, Leaf, Postings
from index.search.arrays.scoring import Scores

_ROW = 128
_SCORE_ALL = 2048
_FIRST_BLOCKS = 16
_SLACK = 1 - 1e-9
"""Sums of the same scores in another order differ in their last digits: what is that near a bound is looked at."""


@dataclass(slots=True)
class Best:
    """The `wanted` best of all leaves so far, by value, then by document number, lowest first."""

    wanted: int
    found: list[tuple[float, int]] = field(default_factory=list)  # (value, -document)

    @property
    def least(self) -> float:
        """What a value must reach to be among the best; minus infinity while there is room."""
        return self.found[-1][0] if len(self.found) == self.wanted else -np.inf

    def add(self, docs: Docs, values: NDArray[Any], base: int) -> None:
        """Add matches of a leaf whose documents begin at `base`."""
        chosen = best_places(values, self.wanted)
        pairs = zip(values[chosen].tolist(), (-(docs[chosen].astype(np.int64) + base)).tolist(), strict=True)
        self.found = nlargest(self.wanted, [*self.found, *pairs])

    def pairs(self) -> list[tuple[float, int]]:
        """Return (value, document), best first."""
        return [(value, -negative) for value, negative in self.found]


def best_places(values: NDArray[Any], wanted: int) -> Ints:
    """Return where the greatest values are, of equal ones the first; ascending."""
    size = len(values)
    if size <= wanted:
        return np.arange(size)
    rows = size // _ROW
    if rows <= wanted:
        return _greatest(values, wanted)
    # Of some rows the greatest: the least of the best of these is no greater than the last of the best of all.
    tops = values[: rows * _ROW].reshape(rows, _ROW).max(axis=1)
    places = np.flatnonzero(values >= np.partition(tops, rows - wanted)[rows - wanted])
    found: Ints = places[_greatest(values[places], wanted)]
    return found


def _greatest(values: NDArray[Any], wanted: int) -> Ints:
    if len(values) <= wanted:
        return np.arange(len(values))
    last = np.partition(values, len(values) - wanted)[len(values) - wanted]
    above = np.flatnonzero(values > last)
    equal = np.flatnonzero(values == last)[: wanted - len(above)]
    return np.sort(np.concatenate([above, equal]))


def add_term(best: Best, leaf: Leaf, one: Postings) -> None:
    """Add the best documents of one term."""
    size = one.end - one.begin
    if size <= _SCORE_ALL or size <= 4 * best.wanted:
        _add_alive(best, leaf, one.docs, one.scores())
        return
    bounds = one.bounds()
    order = np.argsort(-bounds, kind="stable")
    first, rest = order[:_FIRST_BLOCKS], order[_FIRST_BLOCKS:]
    _add_blocks(best, leaf, one, first)
    within = rest[bounds[rest] >= best.least * _SLACK]
    if len(within):
        _add_blocks(best, leaf, one, within)


def _add_blocks(best: Best, leaf: Leaf, one: Postings, blocks: Ints) -> None:
    first = one.begin // BLOCK
    postings = (np.sort(blocks)[:, None] * BLOCK + first * BLOCK + np.arange(BLOCK)).ravel()
    postings = postings[(postings >= one.begin) & (postings < one.end)]
    _add_alive(best, leaf, one.field.docs[postings], one.scores_at(postings))


def add_any(best: Best, leaf: Leaf, lists: Sequence[Postings]) -> None:
    """Add the best documents with any of some terms.

    The terms with the most to give come first. As soon as what is left of them cannot lift a document into the best by
    itself, it is looked up only for documents that others have brought near enough.
    """
    ordered = sorted(((one.most(), one) for one in lists), key=lambda pair: -pair[0])
    left = sum(most for most, _ in ordered)
    sums = np.zeros(leaf.size)
    least = best.least
    for at, (most, one) in enumerate(ordered):
        if left < least * _SLACK:
            _add_near(best, leaf, sums, [rest for _, rest in ordered[at:]], least - left)
            return
        docs = one.docs
        sums[docs] += one.scores()
        left -= most
        if at + 1 < len(ordered) and leaf.alive is None and len(docs) >= best.wanted:
            partly = sums[docs]
            places = best_places(partly, best.wanted)
            least = max(least, float(partly[places].min()))
    docs = np.flatnonzero(sums)
    _add_alive(best, leaf, docs, sums[docs])


def _add_near(best: Best, leaf: Leaf, sums: Scores, rest: Sequence[Postings], limit: float) -> None:
    docs = np.flatnonzero(sums >= max(limit * _SLACK, np.finfo(np.float64).tiny))
    scores = sums[docs]
    for one in rest:
        listed = one.docs
        at = np.minimum(listed.searchsorted(docs.astype(listed.dtype)), len(listed) - 1)
        met = np.flatnonzero(listed[at] == docs)
        scores[met] += one.scores_at(at[met] + one.begin)
    _add_alive(best, leaf, docs, scores)


def _add_alive(best: Best, leaf: Leaf, docs: Docs, scores: Scores) -> None:
    if leaf.alive is not None:
        alive = leaf.alive[docs]
        docs, scores = docs[alive], scores[alive]
    if len(docs):
        best.add(docs, scores, leaf.base)
