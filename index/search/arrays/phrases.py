"""Words that stand side by side: their places, moved back to the first of them, are the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.search.arrays.layout import Ints
from index.search.arrays.leaves import Postings
from index.search.arrays.rows import first_of_equal, shared

_SHORT = 1 << 16


def side_by_side(lists: Sequence[Postings], at: Sequence[Ints]) -> Ints:
    """Return which of some documents have terms side by side; `at` has for each term its postings in the documents."""
    documents = np.arange(len(at[0]))
    begins: NDArray[Any] | None = None
    for distance in sorted(range(len(lists)), key=lambda distance: lists[distance].size):
        field = lists[distance].field
        places, counts = field.places_at(lists[distance].number, at[distance][documents])
        begins_here = _keys(documents, places, counts, len(lists) - 1 - distance)
        begins = begins_here if begins is None else shared(*_alike(begins, begins_here))
        documents = begins >> begins.dtype.type(16 if begins.dtype == np.uint32 else 32)
        documents = documents[first_of_equal(documents)].astype(np.int64)
        if not len(documents):
            break
    return documents


def _keys(documents: Ints, places: NDArray[Any], counts: Ints, ahead: int) -> NDArray[Any]:
    """Return document and place as one number each: of 32 bits where both are short, which is sorted twice as fast."""
    if places.dtype == np.uint16 and len(places) and int(places.max()) + ahead < _SHORT and int(documents[-1]) < _SHORT:
        keys: NDArray[Any] = np.repeat(documents.astype(np.uint32) << np.uint32(16), counts)
        keys += places
        keys += np.uint32(ahead)
        return keys
    return np.asarray(np.repeat(documents << 32, counts) + places + ahead)


def _alike(first: NDArray[Any], second: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return two rows of keys in one form: places of one may be short and of the other not."""
    if first.dtype == second.dtype:
        return first, second
    return _wide(first), _wide(second)


def _wide(keys: NDArray[Any]) -> NDArray[Any]:
    if keys.dtype != np.uint32:
        return keys
    wide = keys.astype(np.int64)
    return ((wide >> 16) << 32) + (wide & 0xFFFF)
