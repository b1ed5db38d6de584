"""Sets of documents of a segment: ascending numbers, bisected where one is short, else put into slots. Pure.

Numbers of 16 bits are widened before they are used as places: numpy converts them anyway, and three times as slowly.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.search.whoosh_columns import NOBODY, Codes, Docs, Flags

SPARSE = 16
"""Of a segment less than one document in so many is few: numbers are sorted and bisected, else slots are filled."""

_BISECTED = 24


def united(sets: Sequence[Docs], size: int) -> tuple[Docs, Flags | None]:
    """Return what is in any of some sets (not always ascending), and the same as flags where those were made anyway."""
    if not sets:
        return NOBODY, None
    if sum(map(len, sets)) * SPARSE < size:
        numbers = np.concatenate(sets)
        numbers.sort()
        return numbers[np.append(True, numbers[1:] != numbers[:-1])] if len(numbers) else numbers, None
    flags = np.zeros(size, dtype=bool)
    for one in sets:
        flags[wide(one)] = True
    return np.flatnonzero(flags), flags


def wide(documents: Docs) -> Codes:
    """Return document numbers as numpy likes them."""
    return documents.astype(np.int64, copy=False)


def contained(documents: Docs, among: Docs, size: int) -> Flags:
    """Return which documents are among others; both ascending, each once."""
    if not len(among):
        return np.zeros(len(documents), dtype=bool)
    if len(documents) * _BISECTED < len(among) or len(among) * SPARSE < size:
        at = among.searchsorted(documents.astype(among.dtype, copy=False))
        return np.asarray(among[np.minimum(at, len(among) - 1)] == documents)
    flags = np.zeros(size, dtype=bool)
    flags[wide(among)] = True
    return flags.take(documents)


def shared(first: Docs, second: Docs, size: int) -> tuple[Codes, Codes]:
    """Return where in each of two sets those are that both have."""
    if len(first) > len(second):
        theirs, mine = shared(second, first, size)
        return mine, theirs
    if not len(first):
        return NOBODY, NOBODY
    if len(first) * _BISECTED < len(second) or len(second) * SPARSE < size:
        at = np.minimum(second.searchsorted(first.astype(second.dtype, copy=False)), len(second) - 1)
        mine = np.flatnonzero(second[at] == first)
        return mine, at[mine]
    places = np.zeros(size, dtype=np.int32)
    places[wide(second)] = np.arange(1, len(second) + 1, dtype=np.int32)
    at = places.take(first)
    mine = np.flatnonzero(at)
    return mine, at[mine].astype(np.int64) - 1
