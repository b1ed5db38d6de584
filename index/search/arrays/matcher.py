"""A posting list of the arrays as Whoosh's matchers walk one: for the queries that are not answered by arrays."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

import numpy as np
from whoosh.matching import ListMatcher
from whoosh.query.spans import Span
from whoosh.reading import TermInfo

from index.search.arrays.field import FieldArrays
from index.search.arrays.layout import LENGTH_OF_CODE


class ArraysMatcher(ListMatcher):  # type: ignore[misc]
    """Walks the postings of one term; positions are looked up where they are asked for."""

    def __init__(self, field: FieldArrays, number: int, format_: Any, scorer: Any, term: tuple[str, bytes]) -> None:
        """Stand at the first posting of the term."""
        begin, end = field.extent(number)
        weights = field.frequencies(begin, end) * field.boost
        self._i: int = 0
        super().__init__(
            field.docs[begin:end].tolist(),
            weights=weights.tolist(),
            format=format_,
            scorer=scorer,
            term=term,
            terminfo=term_info(field, number),
        )
        self._field = field
        self._number = number

    def copy(self) -> ArraysMatcher:
        """Return another walker at the same place."""
        other = ArraysMatcher(self._field, self._number, self._format, self._scorer, self._term)
        other._i = int(self._i)
        return other

    def skip_to(self, id: int) -> None:  # noqa: A002 - Whoosh's name
        """Go to the first posting at or after a document."""
        self._i = bisect_left(self._ids, id, self._i)

    def supports(self, astype: str) -> bool:
        """Say what can be had of a posting."""
        return (astype == "positions" and self._field.places is not None) or astype in ("frequency", "weight")

    def value_as(self, astype: str) -> Any:
        """Return what is kept of the posting it stands at."""
        if astype == "positions":
            return self._field.positions(self._number, np.array([self._i]))[0].tolist()
        weight = self._weights[self._i]
        return round(weight / self._field.boost) if astype == "frequency" else weight

    def spans(self) -> list[Any]:
        """Return where the term stands in the document."""
        return [Span(place) for place in self.value_as("positions")]


def term_info(field: FieldArrays, number: int) -> Any:
    """Return Whoosh's statistics of a term."""
    begin, end = field.extent(number)
    frequencies, docs = field.frequencies(begin, end), field.docs[begin:end]
    lengths = np.ones(1) if field.lengths is None else LENGTH_OF_CODE[field.impacts[begin:end] & 0xFF]
    return TermInfo(
        weight=float(frequencies.sum()) * field.boost,
        df=end - begin,
        minlength=int(lengths.min()),
        maxlength=int(lengths.max()),
        maxweight=float(frequencies.max()) * field.boost,
        minid=int(docs[0]),
        maxid=int(docs[-1]),
    )
