"""The best few of many matches: which they are, of arrays of values that come one after the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.search.arrays.layout import Ints
from index.search.arrays.leaves import Docs

SLACK = 1 - 1e-9
"""Sums of the same scores in another order differ in their last digits: what is that near a bound is looked at."""
_ROW = 128
_SORTED_AT_ONCE = 64


@dataclass(slots=True)
class Best:
    """The `wanted` best of all leaves so far, by value, then by document number, lowest first."""

    wanted: int
    found: list[tuple[float, int]] = field(default_factory=list)  # (value, -document), best first
    least: float = -np.inf
    """What a value must reach to be among the best; minus infinity while there is room."""

    @property
    def limit(self) -> float:
        """Who is certainly below this need not be looked at."""
        return self.least * SLACK if self.least > 0 else self.least

    def add(self, docs: Docs, values: NDArray[Any], base: int, *, anew: bool = False) -> None:
        """Add matches of a leaf whose documents begin at `base`, ascending.

        With `anew` some may be held already, with a value that is no less than the one they come with.
        """
        if self.found:
            near = (values >= self.least).nonzero()[0] if self.least > -np.inf else None
            if near is not None and len(near) < len(values):
                if not len(near):
                    return
                docs, values = docs[near], values[near]
        if len(values) > _SORTED_AT_ONCE:
            chosen = best_places(values, self.wanted)
            docs, values = docs[chosen], values[chosen]
        pairs = list(zip(values.tolist(), (-(docs.astype(np.int64) + base)).tolist(), strict=True))
        if anew:
            held = {document for _, document in self.found}
            pairs = [pair for pair in pairs if pair[1] not in held]
        self.found += pairs
        self.found.sort(reverse=True)
        del self.found[self.wanted :]
        if len(self.found) == self.wanted:
            self.least = self.found[-1][0]

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
    tops.partition(rows - wanted)
    places = (values >= tops[rows - wanted]).nonzero()[0]
    found: Ints = places[_greatest(values[places], wanted)]
    return found


def _greatest(values: NDArray[Any], wanted: int) -> Ints:
    size = len(values)
    if size <= wanted:
        return np.arange(size)
    ordered = values.copy()
    ordered.partition(size - wanted)
    last = ordered[size - wanted]
    found: Ints = (values >= last).nonzero()[0]
    if len(found) > wanted:  # more are equal to the last than there is room for
        above = (values[found] > last).nonzero()[0]
        equal = (values[found] == last).nonzero()[0][: wanted - len(above)]
        found = np.sort(np.concatenate([found[above], found[equal]]))
    return found
