"""A Whoosh searcher that answers the usual queries with arrays, and any other as Whoosh does, from the same arrays.

One may be shared by any number of threads: nothing it holds changes but what it remembers.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import log
from typing import Any

import numpy as np
from whoosh import classify, query, scoring, sorting
from whoosh.reading import EmptyReader, ReaderClosed
from whoosh.searching import Searcher

from index.search.arrays.best import Best
from index.search.arrays.evaluate import Evaluator, Match, Unsupported
from index.search.arrays.leaves import Docs, Leaf, Statistics
from index.search.arrays.planning import add_best
from index.search.arrays.results import ArraysResults, Counts, Later

_BY_ARRAYS = frozenset({"limit", "sortedby", "reverse", "groupedby", "maptype", "filter", "mask", "optimize", "scored"})


class ArraysSearcher(Searcher):  # type: ignore[misc]
    """Searches a reader of an index of arrays."""

    def __init__(self, reader: Any, **options: Any) -> None:
        """Search what `reader` reads."""
        super().__init__(reader, **options)
        self.leaves: list[Leaf] = []
        if self.parent is None and not isinstance(reader, EmptyReader):
            self.leaves = [_leaf(one, base, order) for order, (one, base) in enumerate(reader.leaf_readers())]
            self._bases = [leaf.base for leaf in self.leaves]
            self.stored_fields = self._stored_fields  # which Whoosh takes from the reader, through four calls
        self.statistics = Statistics(self.leaves, self.schema, self.weighting)

    def search(self, q: Any, **asked: Any) -> Any:
        """Answer a query as Whoosh's searcher does; see there for the options."""
        limit = asked.get("limit", 10)
        if limit is not None and limit < 1:
            raise ValueError("limit must be >= 1")
        if self._by_arrays(asked):
            try:
                return self._search(q, limit, asked)
            except Unsupported:
                pass  # Whoosh's own matchers know the query
        return super().search(q, **asked)

    def key_terms_from_text(
        self, fieldname: str, text: str, numterms: int = 5, model: Any = classify.Bo1Model, normalize: bool = True
    ) -> list[tuple[str, float]]:
        """Return the words of a text that tell it best from the others, with their weights."""
        if model is not classify.Bo1Model or not self.leaves:
            found: list[tuple[str, float]] = super().key_terms_from_text(
                fieldname, text, numterms=numterms, model=model, normalize=normalize
            )
            return found
        field = self.schema[fieldname]
        reader = self._ix.reader_of(fieldname) if self._ix is not None else None
        if reader is None:
            counts: dict[Any, float] = {term: weight for term, _, weight, _ in field.index(text)}
            return self._telling(fieldname, counts, numterms, normalize=normalize)
        boost = field.format.field_boost
        return self._telling(fieldname, reader.counts_in(text), numterms, boost=boost, normalize=normalize)

    def document_number(self, **kw: Any) -> int | None:
        """Return the number of the first document that has a term in a field, None where there is none."""
        if len(kw) != 1 or not self.leaves:
            found: int | None = super().document_number(**kw)
            return found
        ((name, value),) = kw.items()
        text = self.statistics.bytes_of(name, value)
        if text is None:
            return None
        for leaf in self.leaves:
            met = self.statistics.postings(leaf, name, text)
            if met is None:
                continue
            docs = met.docs if leaf.alive is None else met.docs[leaf.alive[met.docs]]
            if len(docs):
                return int(docs[0]) + leaf.base
        return None

    def _stored_fields(self, docnum: int) -> dict[str, Any]:
        """Return the stored fields of a document."""
        if self.ixreader.is_closed:
            raise ReaderClosed
        leaf = self.leaves[bisect_right(self._bases, docnum) - 1]
        return leaf.data.stored(docnum - leaf.base)

    def _telling(
        self, name: str, counts: Mapping[Any, float], wanted: int, *, boost: float = 1.0, normalize: bool
    ) -> list[tuple[str, float]]:
        """Bo1: a word weighs by how often it is here, against how often it would be by chance."""
        documents, words = self.doc_count_all(), list(counts)
        totals = self.statistics.collection_frequencies(name, words)
        present = totals.nonzero()[0]
        if not len(present):
            return []
        share = totals[present] / documents
        weights = np.array(list(counts.values()), dtype=np.float64)[present] * boost
        weights *= np.log2((1 + share) / share)
        weights += np.log2(1 + share)
        most = float(weights.max())
        norm = most
        if normalize:
            f = most / documents
            norm = (most * log((1 + f) / f) + log(1 + f)) / log(2)
        telling = (weights >= np.sort(weights)[-min(wanted, len(weights))]).nonzero()[0]
        decode = self.schema[name].from_bytes
        best = []
        for at in telling.tolist():
            word = words[int(present[at])]
            best.append((-float(weights[at]) / norm, decode(word) if isinstance(word, bytes) else word))
        return [(word, -negative) for negative, word in sorted(best)[:wanted]]

    def _by_arrays(self, asked: dict[str, Any]) -> bool:
        """Say whether nothing is asked for that only Whoosh's collectors know."""
        if not self.leaves or type(self.weighting) is not scoring.BM25F:
            return False
        if any(value for name, value in asked.items() if name not in _BY_ARRAYS) or asked.get("scored", True) is False:
            return False
        grouped, ordered = asked.get("groupedby"), asked.get("sortedby")
        if grouped and not (isinstance(grouped, str) and asked.get("maptype") is sorting.Count):
            return False
        if ordered and not isinstance(ordered, str):
            return False
        return not (asked.get("reverse") and not ordered)

    def _search(self, q: Any, limit: int | None, asked: dict[str, Any]) -> Any:
        began = time.perf_counter()
        ordered, grouped = asked.get("sortedby"), asked.get("groupedby")
        total: int | None = None
        best = Best(self.doc_count_all() if limit is None else limit)
        groups: Counter[Any] = Counter()
        leaves = self._narrowed(asked)
        is_best = not ordered and add_best(best, self.statistics, leaves, q)
        if not is_best or grouped:
            total = 0
            for leaf in leaves:
                found = self._matching(leaf, q, scored=not (is_best or ordered))
                total += len(found.docs)
                if grouped:
                    self._count(groups, leaf, grouped, found)
                if len(found.docs) and not is_best:
                    values = found.scores if not ordered else self._keys(leaf, ordered, found)
                    assert values is not None
                    best.add(found.docs, values if not ordered or asked.get("reverse") else -values, leaf.base)
        pairs = best.pairs()
        if ordered and not asked.get("reverse"):
            pairs = [(-value, document) for value, document in pairs]
        maps = {grouped: Counts(dict(groups))} if grouped else {}
        later = Later(lambda: (self._matching(leaf, q, scored=False).docs for leaf in leaves), leaves, total)
        return ArraysResults(self, q, pairs, later=later, facetmaps=maps, runtime=time.perf_counter() - began)

    def _matching(self, leaf: Leaf, q: Any, *, scored: bool) -> Match:
        found = Evaluator(self.statistics, leaf).match(q, scored=scored)
        return found if leaf.alive is None else found.at(leaf.alive[found.docs])

    def _narrowed(self, asked: dict[str, Any]) -> Sequence[Leaf]:
        """Return the leaves with those documents alone alive that a filter keeps and a mask does not hide."""
        kept, hidden = asked.get("filter"), asked.get("mask")
        if kept is None and hidden is None:
            return self.leaves
        found = []
        for leaf in self.leaves:
            alive = np.ones(leaf.size, dtype=bool) if leaf.alive is None else leaf.alive.copy()
            if kept is not None:
                flags = np.zeros(leaf.size, dtype=bool)
                flags[self._given(leaf, kept)] = True
                alive &= flags
            if hidden is not None:
                alive[self._given(leaf, hidden)] = False
            found.append(replace(leaf, alive=alive))
        return found

    def _given(self, leaf: Leaf, given: Any) -> Docs:
        """Return what a filter or mask stands for: a query, or document numbers."""
        if isinstance(given, query.Query):
            return Evaluator(self.statistics, leaf).match(given, scored=False).docs
        numbers = np.array(sorted(self._filter_to_comb(given)), dtype=np.int64) - leaf.base
        return numbers[(numbers >= 0) & (numbers < leaf.size)]

    def _keys(self, leaf: Leaf, name: str, found: Match) -> Any:
        column = leaf.data.columns.get(name)
        if column is None or column.numbers is None:
            raise Unsupported(name)
        return column.numbers[found.docs]

    def _count(self, groups: Counter[Any], leaf: Leaf, name: str, found: Match) -> None:
        column = leaf.data.columns.get(name)
        if column is None or column.codes is None:
            raise Unsupported(name)
        distinct = column.distinct
        counts = np.bincount(column.codes[found.docs], minlength=len(distinct))
        for code in np.flatnonzero(counts).tolist():
            groups[self.schema[name].from_column_value(distinct[code])] += int(counts[code])


def _leaf(reader: Any, base: int, order: int) -> Leaf:
    alive = None
    if reader.has_deletions():
        alive = np.ones(reader.doc_count_all(), dtype=bool)
        alive[list(reader.deleted_docs_set)] = False
    return Leaf(reader._terms.data, reader, base, alive, order)
