"""Counting values over what was found: each segment in its own codes, then over all segments by name."""

from __future__ import annotations

import numpy as np

from index.search.arrays.columns import Column
from index.search.whoosh_columns import Codes, Docs, Names
from index.search.whoosh_match import SPARSE
from index.search.whoosh_segments import Part

MONTH = "month"


class Facet:
    """The counts of one facet while segments are gone through."""

    def __init__(self, name: str, names: Names) -> None:
        self.name = name
        self._names = names
        self._counts = np.zeros(0, dtype=np.int64)

    def add(self, part: Part, documents: Docs) -> None:
        """Count what was found in a part."""
        if not len(documents):
            return
        if self.name == MONTH:
            months = part.properties.month.take(documents)
            first = int(months.min())
            counts = np.bincount(months - first)
            self._add(np.arange(first, first + len(counts)), counts)
            return
        column = part.properties.named(self.name)
        if column is not None and column.codes is not None:
            counts = np.bincount(_codes(column, part, documents), minlength=column.names)
            self._add(self._names.table(part.name, self.name, column), counts)

    def counted(self) -> tuple[tuple[str, int], ...]:
        """Return (value, count), most first, then by name; what has no name is left out."""
        codes = np.flatnonzero(self._counts).tolist()
        counts = self._counts[codes].tolist()
        if self.name == MONTH:
            pairs = [(_month(code), count) for code, count in zip(codes, counts, strict=True)]
        else:
            names = self._names.of(self.name)
            pairs = [(names[code], count) for code, count in zip(codes, counts, strict=True)]
        return tuple(sorted((pair for pair in pairs if pair[0]), key=lambda pair: (-pair[1], pair[0])))

    def _add(self, numbers: Codes, counts: Codes) -> None:
        most = int(numbers.max(initial=-1)) + 1
        if most > len(self._counts):
            self._counts = np.concatenate([self._counts, np.zeros(most - len(self._counts), dtype=np.int64)])
        self._counts[numbers] += counts


def _codes(column: Column, part: Part, documents: Docs) -> Codes:
    """The codes of some documents of a part, as often as they have them."""
    codes, owners = column.codes, column.documents
    assert codes is not None
    if len(documents) == part.size:
        return codes
    if owners is None:
        return codes.take(documents)
    if len(documents) * SPARSE < part.size:
        wanted = documents.astype(owners.dtype, copy=False)
        begins, ends = owners.searchsorted(wanted), owners.searchsorted(wanted, side="right")
        sizes = ends - begins
        after = np.cumsum(sizes)
        chosen: Codes = codes[np.arange(int(after[-1])) + np.repeat(begins - (after - sizes), sizes)]
        return chosen
    flags = np.zeros(part.size, dtype=bool)
    flags[documents] = True
    return codes.take(np.flatnonzero(flags.take(owners)))


def _month(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
