"""Results as Whoosh has them, of which nothing is made before it is asked for: rows, totals, what marks hits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from whoosh import highlight, sorting
from whoosh.searching import Hit, Results


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
            raise IndexError(f"results[{n!r}]: there are only {len(self.top_n)} hits")
        return self._hit(n)

    def __iter__(self) -> Iterator[ArraysHit]:
        return map(self._hit, range(len(self.top_n)))

    def _hit(self, at: int) -> ArraysHit:
        score, document = self.top_n[at]
        return ArraysHit(self, document, at, score)


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
        self, matching: Callable[[], Iterator[Any]], number: Callable[[], int], total: int | None = None
    ) -> None:
        self._matching = matching
        self._number = number
        self._total = total

    def count(self) -> int:
        """Return how many documents match."""
        if self._total is None:
            self._total = self._number()
        return self._total

    def computes_count(self) -> bool:
        """Say that the count is exact."""
        return True

    def all_ids(self) -> Iterator[int]:
        """Yield the numbers of all matches."""
        for docs in self._matching():
            yield from docs.tolist()


class Counts(sorting.FacetMap):  # type: ignore[misc]
    """Groups with their sizes."""

    def __init__(self, counts: dict[Any, int]) -> None:
        self._counts = counts

    def as_dict(self) -> dict[Any, int]:
        """Return the groups."""
        return self._counts
