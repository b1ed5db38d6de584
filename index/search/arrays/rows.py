"""Ascending rows of document numbers against each other: what two have in common, and where. Pure."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.search.arrays.layout import MOST_DOCUMENTS, Ints

Docs = NDArray[Any]
_SEARCHED = 24
"""So many times as long the longer of two rows has to be for looking up each of the shorter to pay."""
_NUMBERS = np.arange(MOST_DOCUMENTS, dtype=np.uint16)
_of_thread = threading.local()


def intersection(first: Docs, second: Docs) -> tuple[Ints, Ints]:
    """Return where in each of two rows those documents of a segment are that both have."""
    if len(first) > len(second):
        theirs, mine = intersection(second, first)
        return mine, theirs
    if not len(first):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    at: NDArray[Any]
    if len(first) * _SEARCHED < len(second):
        at = second.searchsorted(first.astype(second.dtype, copy=False))  # else the long one would be converted
    else:
        # Every document of one row finds a place in the slots. What other slots hold is left from before: it names a
        # place where another document is, or none.
        slots = _slots()
        slots[second] = _NUMBERS[: len(second)]
        at = slots.take(first)
    mine = (second.take(at, mode="clip") == first).nonzero()[0]
    return mine, at.take(mine).astype(np.int64)


def distinct(rows: list[Docs], size: int) -> Docs:
    """Return the documents that are in any of some rows, ascending."""
    if len(rows) == 1:
        return rows[0]
    docs = np.concatenate(rows) if rows else np.empty(0, dtype=np.uint16)
    return ascending(docs, size)


def ascending(docs: Docs, size: int) -> Docs:
    """Return documents in their order, each once."""
    if len(docs) * 4 < size:
        docs = np.sort(docs)
        return docs[first_of_equal(docs)]
    flags = np.zeros(size, dtype=bool)
    flags[docs] = True
    return flags.nonzero()[0]


def first_of_equal(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Say of ascending values which are not equal to the one before."""
    found = np.empty(len(values), dtype=bool)
    found[:1] = True
    np.not_equal(values[1:], values[:-1], out=found[1:])
    return found


def shared(first: NDArray[Any], second: NDArray[Any]) -> NDArray[Any]:
    """Return what two rows of ascending values, each of them once, have in common."""
    if len(first) > len(second):
        first, second = second, first
    if 16 * len(first) < len(second):
        at = np.minimum(second.searchsorted(first), len(second) - 1)
        found: NDArray[Any] = first[second[at] == first]
        return found
    both = np.concatenate([first, second])
    both.sort()  # in no time: numbers alone are sorted by the processor's own vectors
    return np.asarray(both[:-1][both[1:] == both[:-1]])


def _slots() -> NDArray[np.uint16]:
    found: NDArray[np.uint16] | None = getattr(_of_thread, "slots", None)
    if found is None:
        found = _of_thread.slots = np.zeros(MOST_DOCUMENTS, dtype=np.uint16)
    return found
