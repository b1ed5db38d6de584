"""The postings of one field of one segment, read from its arrays. Nothing is copied before it is asked for."""

from __future__ import annotations

import itertools
import mmap
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.search.arrays.layout import BLOCK, Ints, heads_of
from index.search.arrays.rows import first_of_equal
from index.search.arrays.scoring import Scores

_REMEMBERED_TERMS = 4096
_HEAD_BYTES = 8
_FEW = 256
_WITHIN = np.arange(BLOCK)
_BEFORE = np.tri(BLOCK, k=-1, dtype=np.uint16)
"""For each place in a block which places are before it."""


class FieldArrays:
    """Terms by number in their order, postings by number in the order of terms, then documents."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], *, boost: float, total_length: int) -> None:
        """Take the arrays of a field, named by `layout`."""
        self.boost = boost
        self.total_length = total_length
        self.blob = arrays["blob"]
        self.term_at = arrays["term_at"]
        self.heads = arrays["heads"]
        self.tails = arrays["tails"]
        self.tail_order = arrays["tail_order"]
        self.sizes = arrays["sizes"]
        self.wide = arrays["wide"]
        self.letters = arrays["letters"]
        self.starts = arrays["starts"]
        self.docs = arrays["docs"]
        self.impacts = arrays["impacts"]
        self.block_most = arrays["block_most"]
        self.block_least = arrays["block_least"]
        self.places = arrays.get("places")
        self.place_starts = arrays.get("place_starts")
        self.block_places = arrays.get("block_places")
        self.lengths = arrays.get("lengths")
        self.often = arrays["often"].reshape(-1, 2)
        self.terms = len(self.heads)
        self._found: dict[bytes, int] = {}
        # Single numbers are had from these in a fifth of the time.
        self._starts, self._heads, self._blob = self.starts.data, self.heads.data, self.blob.data
        self._term_at = self.term_at.data
        for often in (self.heads, self.starts, self.term_at, self.block_most, self.block_least):
            often[:: mmap.PAGESIZE // often.itemsize].max(initial=0)  # mapped now, not while somebody waits
        whole = len(self.docs) // BLOCK * BLOCK
        self.doc_rows = self.docs[:whole].reshape(-1, BLOCK)
        self.impact_rows = self.impacts[:whole].reshape(-1, BLOCK)

    @cached_property
    def block_codes(self) -> NDArray[np.uint16]:
        """For each block of postings an impact with the greatest frequency and the least length of any in it."""
        found: NDArray[np.uint16] = (self.block_most.astype(np.uint16) << 8) | self.block_least
        return found

    def term(self, number: int) -> bytes:
        """Return a term."""
        return self._blob[self._term_at[number] : self._term_at[number + 1]].tobytes()

    def terms_between(self, low: int, high: int) -> Iterator[bytes]:
        """Yield the terms low, low + 1, ... high - 1; a part at a time is read."""
        for begin in range(low, high, 4096):
            at = self.term_at[begin : min(begin + 4096, high) + 1].tolist()
            text = self.blob[at[0] : at[-1]].tobytes()
            yield from (text[a - at[0] : b - at[0]] for a, b in itertools.pairwise(at))

    def find(self, term: bytes) -> int:
        """Return the number of a term, -1 for one that is not there."""
        number = self._found.get(term)
        if number is None:
            at = self.place_of(term)
            number = at if at < self.terms and self.term(at) == term else -1
            if len(self._found) >= _REMEMBERED_TERMS:
                self._found = {}
            self._found[term] = number
        return number

    def place_of(self, term: bytes) -> int:
        """Return the number of the first term that is not before `term`: by bisection on the mapped arrays."""
        head = int.from_bytes(term[:_HEAD_BYTES].ljust(_HEAD_BYTES, b"\0"), "big")
        low = bisect_left(self._heads, head)
        if low == self.terms or self._heads[low] != head:
            return low
        high = bisect_right(self._heads, head, low)
        return bisect_left(range(high), term, lo=low, hi=high, key=self.term)

    def beginning_with(self, prefix: bytes) -> tuple[int, int]:
        """Return the numbers (from, to) of the terms that begin so; their postings are side by side."""
        low = self.place_of(prefix)
        after = prefix.rstrip(b"\xff")
        if not after:
            return low, self.terms
        return low, self.place_of(after[:-1] + bytes([after[-1] + 1]))

    def ending_with(self, suffix: bytes) -> NDArray[np.uint32]:
        """Return the numbers of the terms that end so, as far as the last eight bytes tell; in no order."""
        ending = suffix[-_HEAD_BYTES:][::-1]
        low = int.from_bytes(ending.ljust(_HEAD_BYTES, b"\0"), "big")
        high = int.from_bytes(ending.ljust(_HEAD_BYTES, b"\xff"), "big")
        first = int(self.tails.searchsorted(np.uint64(low)))
        last = int(self.tails.searchsorted(np.uint64(high), side="right"))
        return self.tail_order[first:last]

    def extent(self, number: int) -> tuple[int, int]:
        """Return the postings (from, to) of a term."""
        return self._starts[number], self._starts[number + 1]

    def document_frequency(self, term: bytes) -> int:
        """Return in how many documents a term is, deleted ones included."""
        number = self.find(term)
        if number < 0:
            return 0
        begin, end = self.extent(number)
        return end - begin

    def frequencies(self, begin: int, end: int) -> Ints:
        """Return how often the term of each posting is in its document."""
        found = (self.impacts[begin:end] >> 8).astype(np.int64)
        for posting, frequency in self._often_within(begin, end):
            found[posting - begin] = frequency
        return found

    def collection_frequencies(self, terms: list[bytes], heads: NDArray[np.uint64]) -> Scores:
        """Return for each of some terms how often it is in all documents, times the weight of the field.

        `heads` are theirs (`heads_of`); in their order they are found sooner.
        """
        numbers = self.find_all(terms, heads)
        known = (numbers >= 0).nonzero()[0]
        found = np.zeros(len(terms))
        chosen = numbers[known]
        if self.place_starts is not None:
            found[known] = self.place_starts.take(chosen + 1).astype(np.int64) - self.place_starts.take(chosen)
        else:
            extents = zip(known.tolist(), map(self.extent, chosen.tolist()), strict=True)
            for at, (begin, end) in extents:
                found[at] = self.frequencies(begin, end).sum()
        return found * self.boost

    def find_all(self, terms: list[bytes], heads: NDArray[np.uint64] | None = None) -> Ints:
        """Return the numbers of many terms at once, -1 for those that are not there. `heads` are theirs, if known."""
        heads = heads_of(terms) if heads is None else heads
        found = np.full(len(terms), -1, dtype=np.int64)
        if not self.terms:
            return found
        low = np.minimum(self.heads.searchsorted(heads), self.terms - 1)
        # Of terms that begin alike the shortest comes first: one of eight bytes or fewer is that or is not there.
        begun = (self.heads.take(low) == heads).nonzero()[0].tolist()
        for at, number in zip(begun, low[begun].tolist(), strict=True):
            term = terms[at]
            if self.term(number) == term:
                found[at] = number
            elif len(term) > _HEAD_BYTES:
                found[at] = self.find(term)
        return found

    def has_often(self, begin: int, end: int) -> bool:
        """Say whether a posting in between is too frequent for its impact."""
        return len(self.often) > 0 and bool(self._often_within(begin, end))

    def positions(self, number: int, chosen: Ints) -> tuple[Ints, Ints]:
        """Return for ascending postings of a term, counted from its first, all positions, and how many each has."""
        places, counts = self.places_at(number, chosen + self.extent(number)[0])
        return places.astype(np.int64), counts

    def places_at(self, number: int, postings: Ints) -> tuple[NDArray[Any], Ints]:
        """Return for ascending postings of a term all positions, one after the other, and how many each has."""
        assert self.places is not None
        begin, end = self.extent(number)
        # Blocks begin before the term does: what is too frequent for its impact there would be counted short as well.
        if 4 * len(postings) < end - begin and not self.has_often(begin // BLOCK * BLOCK, end):
            counts, starts = self._places_within_blocks(postings)
        else:
            assert self.place_starts is not None
            frequencies = self.frequencies(begin, end)
            chosen = postings - begin
            counts = frequencies[chosen]
            starts = frequencies.cumsum()[chosen] - counts + int(self.place_starts[number])
        ends = counts.cumsum()
        if not len(ends) or int(ends[-1]) == len(ends):
            return self.places[starts], counts
        at = np.arange(int(ends[-1])) + (starts - ends + counts).repeat(counts)
        return self.places[at], counts

    def _places_within_blocks(self, postings: Ints) -> tuple[Ints, Ints]:
        """How many positions ascending postings have and where they begin: counted within their blocks alone."""
        assert self.block_places is not None
        block = postings // BLOCK
        if len(block) and int(block[-1]) < len(self.impact_rows) and len(block) <= _FEW:
            frequencies = self.impact_rows[block] >> 8
            counts = (self.impacts.take(postings) >> 8).astype(np.int64)
            before = (frequencies * _BEFORE[postings % BLOCK]).sum(axis=1, dtype=np.int64)
            return counts, before + self.block_places.take(block)
        new = first_of_equal(block)
        blocks = block[new]
        if len(blocks) and int(blocks[-1]) < len(self.impact_rows):
            frequencies = self.impact_rows[blocks] >> 8
        else:
            frequencies = self.impacts[np.minimum(blocks[:, None] * BLOCK + _WITHIN, len(self.impacts) - 1)] >> 8
        ends = frequencies.cumsum(axis=1, dtype=np.uint16)  # of 128 that are 255 at the most
        at = (new.cumsum() - 1) * BLOCK + postings % BLOCK
        counts = frequencies.ravel().take(at).astype(np.int64)
        return counts, ends.ravel().take(at) - counts + self.block_places.take(block)

    def _often_within(self, begin: int, end: int) -> list[tuple[int, int]]:
        if not len(self.often):
            return []
        low, high = self.often[:, 0].searchsorted([begin, end])
        return [(int(posting), int(frequency)) for posting, frequency in self.often[low:high].tolist()]
