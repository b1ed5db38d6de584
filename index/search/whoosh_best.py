"""The best of what was found, in their order, without putting everything in order. Arithmetic only.

An order is by a key, highest first; ties by newest, then by id, highest first (for the oldest first all the other way).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.search.whoosh_columns import Codes, Docs, Numbers
from index.search.whoosh_segments import Part

EQUAL = 2e-9
"""Scores are compared in nine digits: two that are further apart than this are never equal."""

WHOLE_ORDER = 512
"""Of up to so many no limit is worked out."""

_ONE_BY_ONE = 32


@dataclass(frozen=True, slots=True)
class Candidates:
    """Documents of several parts: the number of the part, the document in it, and its score."""

    parts: Codes
    documents: Codes
    scores: Numbers

    def at(self, chosen: Codes | slice) -> Candidates:
        """Return some of them, in an order."""
        return Candidates(self.parts[chosen], self.documents[chosen], self.scores[chosen])


def limit_of(keys: Sequence[Numbers], wanted: int) -> float:
    """Return a key that at least `wanted` reach: from the greatest of rows, the keys themselves are not ordered."""
    held = sum(map(len, keys))
    if held <= max(wanted, WHOLE_ORDER):
        return -np.inf
    row = max(1, min(128, held // (4 * wanted)))
    most = [np.maximum.reduceat(one, np.arange(0, len(one), row)) for one in keys if len(one)]
    pooled = np.concatenate(most)
    if len(pooled) < wanted:
        return -np.inf
    return float(np.partition(pooled, len(pooled) - wanted)[len(pooled) - wanted])


def above(found: Sequence[Docs], keys: Sequence[Numbers], limit: float) -> Candidates:
    """Return the documents whose keys reach a limit, with their keys as scores."""
    parts, documents, scores = [], [], []
    for at, (numbers, values) in enumerate(zip(found, keys, strict=True)):
        chosen = slice(None) if limit == -np.inf else np.flatnonzero(values >= limit)
        documents.append(numbers[chosen].astype(np.int64))
        scores.append(values[chosen])
        parts.append(np.full(len(documents[-1]), at))
    if not parts:
        return Candidates(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    return Candidates(np.concatenate(parts), np.concatenate(documents), np.concatenate(scores))


def ordered(candidates: Candidates, parts: Sequence[Part], wanted: int, *, oldest: bool = False) -> Candidates:
    """Return the first `wanted` in their order: by score, or oldest first (then scores do not count)."""
    keys = np.zeros(len(candidates.scores)) if oldest else np.round(candidates.scores, 9)
    if len(keys) > wanted and not oldest:
        limit = np.partition(keys, len(keys) - wanted)[len(keys) - wanted]
        near = np.flatnonzero(keys >= limit)  # ties at the edge stay, so that the order below decides on them
        candidates, keys = candidates.at(near), keys[near]
    moments = gathered(candidates, parts, _moments)
    ids = gathered(candidates, parts, _ids)
    order = np.lexsort((ids, moments) if oldest else (-ids, -moments, -keys))
    return candidates.at(order[:wanted])


def gathered(candidates: Candidates, parts: Sequence[Part], column: Callable[[Part], Numbers | Codes]) -> NDArray[Any]:
    """Return what a column says of candidates."""
    if len(candidates.parts) <= _ONE_BY_ONE:
        pairs = zip(candidates.parts.tolist(), candidates.documents.tolist(), strict=True)
        return np.array([column(parts[at])[number] for at, number in pairs])
    found = None
    for at in np.flatnonzero(np.bincount(candidates.parts)).tolist():
        values = column(parts[at])
        if found is None:
            found = np.empty(len(candidates.parts), dtype=values.dtype)
        mine = np.flatnonzero(candidates.parts == at)
        found[mine] = values[candidates.documents[mine]]
    return np.empty(0) if found is None else found


def _moments(part: Part) -> Numbers:
    return part.properties.sort_at


def _ids(part: Part) -> Codes:
    return part.properties.article_id
