"""Results as Whoosh has them, of which nothing is made before it is asked for: rows, totals, what marks hits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import highlight, sorting
from whoosh.searching import Hit, Results

from index.search.arrays.leaves import Leaf

_KEPT_HITS = 100
"""So many hits keep their rows for whoever asks again."""


class ArraysResults(Results):  # type: ignore[misc]
    """The best hits of a search."""

    def __init__(
        self,
        searcher: Any,
        q: Any,
        top_n: list[tuple[float, int]],
        *,
        later: Later,
        facetmaps: Mapping[str, Any],
        runtime: float,
    ) -> None:
        """Hold the scores and numbers of hits, best first; `later` knows what else matches."""
        self.searcher = searcher
        self.q = q
        self.top_n = top_n
        self.docset: set[int] | None = None
        self._facetmaps = facetmaps
        self.runtime = runtime
        self.collector = later
        self._total: int | None = None
        self._char_cache: dict[Any, Any] = {}
        self._highlighter: Any = None
        self._hits: dict[int, ArraysHit] = {}

    @property
    def highlighter(self) -> Any:
        """What marks words in texts of hits."""
        if self._highlighter is None:
            self._highlighter = highlight.Highlighter()
        return self._highlighter

    @highlighter.setter
    def highlighter(self, highlighter: Any) -> None:
        self._highlighter = highlighter

    def __getitem__(self, n: Any) -> Any:
        if isinstance(n, slice):
            return [self._hit(at) for at in range(*n.indices(len(self.top_n)))]
        if n >= len(self.top_n):
            raise IndexError(f"results[{n!r}]: the results end before, at {len(self.top_n)}")
        return self._hit(n)

    def __iter__(self) -> Iterator[ArraysHit]:
        return map(self._hit, range(len(self.top_n)))

    def _hit(self, at: int) -> ArraysHit:
        hit = self._hits.get(at)
        if hit is None:
            score, document = self.top_n[at]
            hit = ArraysHit(self, document, at, score)
            if len(self._hits) < _KEPT_HITS:
                self._hits[at] = hit
        return hit


class ArraysHit(Hit):  # type: ignore[misc]
    """A hit whose row is read once."""

    _fields: dict[str, Any] | None

    def __getitem__(self, fieldname: str) -> Any:
        fields = self._fields
        if fields is None:
            fields = self._fields = self.searcher.stored_fields(self.docnum)
        return fields[fieldname] if fieldname in fields else super().__getitem__(fieldname)


class Later:
    """What Whoosh's results ask a collector for after the search: all matches are found when somebody wants them."""

    def __init__(
        self, matching: Callable[[], Iterator[NDArray[Any]]], leaves: Sequence[Leaf], total: int | None
    ) -> None:
        """Take what yields the matches of each leaf, and their number where it is known already."""
        self._matching = matching
        self._leaves = leaves
        self._total = total

    def count(self) -> int:
        """Return how many documents match."""
        if self._total is None:
            self._total = sum(map(len, self._matching()))
        return self._total

    def computes_count(self) -> bool:
        """Say that the count is exact."""
        return True

    def all_ids(self) -> Iterator[int]:
        """Yield the numbers of all matches."""
        for leaf, docs in zip(self._leaves, self._matching(), strict=True):
            yield from (docs.astype(np.int64) + leaf.base).tolist()


class Counts(sorting.FacetMap):  # type: ignore[misc]
    """Groups with their sizes."""

    def __init__(self, counts: dict[Any, int]) -> None:
        self._counts = counts

    def as_dict(self) -> dict[Any, int]:
        """Return the groups."""
        return self._counts
