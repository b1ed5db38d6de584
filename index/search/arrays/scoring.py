"""BM25F as Whoosh counts it, without idf, for every impact at once: a posting list is scored by looking up. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.search.arrays.layout import LENGTH_OF_CODE, OFTEN

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scoring:
    """Scores of a field. `table` has one for every impact (frequency, length code), `bound` one that none is above.

    They differ where a frequency is as great as an impact can say: that stands for any greater one.
    """

    table: Scores
    bound: Scores
    k1: float
    norms: Scores | None  # by length code; None: a field that is not scored, whose weights are its scores

    def exact(self, weights: NDArray[Any], codes: NDArray[Any]) -> Scores:
        """Return the scores of weights an impact cannot say."""
        if self.norms is None:
            return weights.astype(np.float64)
        found: Scores = weights * (self.k1 + 1) / (weights + self.norms[codes])
        return found


def bm25_scoring(*, average: float, boost: float, b: float, k1: float) -> Scoring:
    """Return the scores of a field with lengths."""
    weights = (np.arange(256, dtype=np.float64) * boost)[:, None]
    norms = k1 * ((1 - b) + b * LENGTH_OF_CODE / average)
    table = weights * (k1 + 1) / (weights + norms[None, :] + (weights == 0))
    bound = table.copy()
    bound[OFTEN] = k1 + 1
    return Scoring(table.ravel(), bound.ravel(), k1, norms)


def plain_scoring(boost: float) -> Scoring:
    """Return the scores of a field without lengths: how often a word is there, times the weight of the field."""
    table = np.repeat(np.arange(256, dtype=np.float64) * boost, 256)
    bound = table.copy()
    bound[OFTEN << 8 :] = np.inf
    return Scoring(table, bound, 0.0, None)
