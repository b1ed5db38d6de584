"""Posting lists as a search reads them, and those of Whoosh's own codec: read whole and remembered, within bounds.

Whoosh hands postings out one by one; here a block is taken as it lies on disk. That is private to the pinned version of
Whoosh, so a list that does not look as expected is read one by one after all.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import W3LeafMatcher

from index.search.whoosh_columns import Codes, Docs, Numbers

REMEMBERED_BYTES = 64 << 20


class PostingList(Protocol):
    """Which documents a token is in, or several; how often is read only for those somebody asks for."""

    @property
    def documents(self) -> Docs:
        """The documents: ascending and each once, unless `repeats`."""
        ...

    @property
    def repeats(self) -> bool:
        """Whether these are the postings of several tokens, one after the other."""
        ...

    def frequencies(self, chosen: Codes | None = None) -> NDArray[Any]:
        """Return how often it is in each document, or in chosen ones (counted from the first of the list)."""
        ...


class PlacedList(PostingList, Protocol):
    """The postings of one token, which say where it stands too."""

    def places(self, chosen: Codes) -> tuple[Codes, Codes]:
        """Return where it stands in chosen documents, ascending in each, and how many places each has."""
        ...


@dataclass(frozen=True, slots=True)
class HeldList:
    """A list in memory. Places are those of all documents, one after the other."""

    documents: Docs
    counts: NDArray[Any]
    all_places: NDArray[np.uint32] | None = None
    repeats: bool = False

    @property
    def size(self) -> int:
        """Bytes held."""
        places = 0 if self.all_places is None else self.all_places.nbytes
        return self.documents.nbytes + self.counts.nbytes + places

    def frequencies(self, chosen: Codes | None = None) -> NDArray[Any]:
        """Return how often the token is in each document, or in chosen ones."""
        return self.counts if chosen is None else self.counts[chosen]

    def places(self, chosen: Codes) -> tuple[Codes, Codes]:
        """Return where the token stands in chosen documents, and how many places each has."""
        assert self.all_places is not None
        whole = self.counts.astype(np.int64)
        counts = whole[chosen]
        starts = (np.cumsum(whole) - whole)[chosen]
        ends = np.cumsum(counts)
        at = np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(starts - (ends - counts), counts)
        return self.all_places[at].astype(np.int64), counts


class PostingLists:
    """Lists by (segment, field, token), the ones used longest ago forgotten first. Safe for several threads."""

    def __init__(self, most_bytes: int = REMEMBERED_BYTES) -> None:
        """Remember nothing yet."""
        self._most_bytes = most_bytes
        self._bytes = 0
        self._lists: OrderedDict[tuple[str, str, bytes, bool], HeldList] = OrderedDict()
        self._guard = threading.Lock()

    def read(self, reader: Any, segment: str, field: str, token: bytes, *, places: bool) -> HeldList | None:
        """Return the list of a token, None where the segment does not have it."""
        key = (segment, field, token, places)
        with self._guard:
            held = self._lists.get(key)
            if held is not None:
                self._lists.move_to_end(key)
                return held
        if (field, token) not in reader:
            return None
        found = _read(reader.postings(field, token), places=places)
        with self._guard:
            if key not in self._lists:
                self._lists[key] = found
                self._bytes += found.size
                while self._bytes > self._most_bytes and len(self._lists) > 1:
                    self._bytes -= self._lists.popitem(last=False)[1].size
        return found


def _read(matcher: Any, *, places: bool) -> HeldList:
    # Deletions are in the snapshot: the filter Whoosh puts around a list is taken off.
    matcher = getattr(matcher, "child", matcher)
    documents: list[Any] = []
    frequencies: list[Any] = []
    values: list[bytes] = []
    if isinstance(matcher, W3LeafMatcher):
        while matcher.is_active():
            matcher._read_data()
            gaps, weights, block = matcher._data
            ids = np.cumsum(np.asarray(gaps, dtype=np.int64))
            documents.append(ids)
            frequencies.append(_weights(weights, len(ids)))
            if places:
                values += block
            matcher._next_block()
    else:
        while matcher.is_active():
            documents.append(np.array([matcher.id()], dtype=np.int64))
            frequencies.append(np.array([matcher.weight()], dtype=np.float64))
            if places:
                values.append(matcher.value())
            matcher.next()
    empty = np.empty(0, np.int64)
    return HeldList(
        np.concatenate(documents) if documents else empty,
        np.concatenate(frequencies) if frequencies else empty.astype(np.float64),
        np.frombuffer(b"".join(values), dtype=np.uint32) if places else None,
    )


def _weights(weights: Any, number: int) -> Numbers:
    if weights is None:
        return np.ones(number)
    if isinstance(weights, float):
        return np.full(number, weights)
    return np.asarray(weights, dtype=np.float64)
