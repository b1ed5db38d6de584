"""The segments of a snapshot as a search sees them, and what is true over all of them: frequencies, average lengths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.search.arrays.field import FieldArrays
from index.search.arrays.layout import BLOCK, OFTEN, Ints, heads_of
from index.search.arrays.scoring import Scores, Scoring, plain_scoring
from index.search.arrays.segment import SegmentData

Docs = NDArray[Any]
_WITHIN = np.arange(BLOCK)
_REMEMBERED_TERMS = 1 << 14


@dataclass(frozen=True, slots=True)
class Leaf:
    """One segment: where its document numbers begin, and which documents are alive (None: all)."""

    data: SegmentData
    reader: Any
    base: int
    alive: NDArray[np.bool_] | None
    order: int = 0
    """Which of the segments of its snapshot it is."""

    @property
    def size(self) -> int:
        """How many documents it has."""
        return self.data.documents


@dataclass(slots=True)
class Postings:
    """The postings of a term in one leaf, and how they are scored: `factor` times what `scoring` says of the impact."""

    field: FieldArrays
    number: int
    begin: int
    end: int
    factor: float
    scoring: Scoring
    _most: float = -1.0

    @property
    def docs(self) -> Docs:
        """The documents, ascending."""
        return self.field.docs[self.begin : self.end]

    def scores(self) -> Scores:
        """Return the score of every posting."""
        found: Scores = self.scoring.table.take(self.field.impacts[self.begin : self.end])
        found *= self.factor
        if self.field.has_often(self.begin, self.end):
            self._mend(found, np.arange(self.begin, self.end))
        return found

    def scores_at(self, postings: Docs) -> Scores:
        """Return the scores of some postings, numbered as in the field."""
        found: Scores = self.scoring.table.take(self.field.impacts.take(postings))
        found *= self.factor
        if self.field.has_often(self.begin, self.end):
            self._mend(found, postings)
        return found

    @property
    def size(self) -> int:
        """In how many documents the term is."""
        return self.end - self.begin

    def bounds(self) -> Scores:
        """Return for every block of postings a score none in it is above."""
        first, last = self.begin // BLOCK, -(-self.end // BLOCK)
        found: Scores = self.scoring.bound.take(self.field.block_codes[first:last])
        found *= self.factor
        return found

    def most(self) -> float:
        """Return a score no posting is above."""
        if self._most < 0:
            self._most = float(self.bounds().max()) if self.size else 0.0
        return self._most

    def blocks(self, chosen: Ints) -> tuple[Docs, Scores]:
        """Return the documents and scores of some blocks, which are numbered as `bounds` does, ascending."""
        first, field = self.begin // BLOCK, self.field
        last = int(chosen[-1]) + first
        if last >= len(field.doc_rows) or field.has_often(self.begin, self.end):
            postings = ((chosen + first)[:, None] * BLOCK + _WITHIN).ravel()
            postings = postings[(postings >= self.begin) & (postings < self.end)]
            return field.docs[postings], self.scores_at(postings)
        rows = chosen + first
        docs, scores = field.doc_rows[rows].ravel(), self.scoring.table.take(field.impact_rows[rows].ravel())
        scores *= self.factor
        # Blocks are cut from the postings of a field: the first and the last of a term may hold others' too.
        before = self.begin % BLOCK if not int(chosen[0]) else 0
        behind = max(0, (last + 1) * BLOCK - self.end)
        return docs[before : len(docs) - behind], scores[before : len(scores) - behind]

    def _mend(self, found: Scores, postings: Docs) -> None:
        """Score anew what is more often in its document than an impact can say."""
        impacts = self.field.impacts[postings]
        at = np.flatnonzero((impacts >> 8) == OFTEN)
        if not len(at):
            return
        rows = self.field.often[:, 0].searchsorted(postings[at])
        weights = self.field.often[rows, 1] * self.field.boost
        found[at] = self.scoring.exact(weights, impacts[at] & 0xFF) * self.factor


class Statistics:
    """What scores need to know of the whole snapshot. Kept by a searcher; safe for several threads."""

    def __init__(self, leaves: Sequence[Leaf], schema: Any, weighting: Any) -> None:
        """Know nothing yet."""
        self.leaves = leaves
        self.schema = schema
        self.weighting = weighting
        self.documents = sum(leaf.size for leaf in leaves)
        self._averages: dict[str, float] = {}
        self._terms: dict[tuple[str, bytes], tuple[float, tuple[int, ...]]] = {}
        self._frequencies: dict[str, dict[str | bytes, float]] = {}
        self._scorings: dict[tuple[str, int], Scoring] = {}
        self._kinds: dict[str, tuple[Callable[[Any], bytes], bool]] = {
            name: (field.to_bytes, bool(field.scorable)) for name, field in schema.items()
        }

    def knows(self, name: str) -> bool:
        """Say whether there is a field of this name."""
        return name in self._kinds or name in self.schema

    def bytes_of(self, name: str, text: Any) -> bytes | None:
        """Return a term as the index has it, None for a value the field cannot have and for a field there is not."""
        if not self.knows(name):
            return None
        try:
            return bytes(self._kind(name)[0](text))
        except ValueError:
            return None

    def _kind(self, name: str) -> tuple[Callable[[Any], bytes], bool]:
        """What makes bytes of a value of a field, and whether the field is scored."""
        found = self._kinds.get(name)
        if found is None:  # one of those a schema names by a pattern
            field = self.schema[name]
            found = field.to_bytes, bool(field.scorable)
        return found

    def average(self, name: str) -> float:
        """Return the average length of a field."""
        found = self._averages.get(name)
        if found is None:
            total = sum(leaf.data.fields[name].total_length for leaf in self.leaves if name in leaf.data.fields)
            found = self._averages[name] = (total / (self.documents or 1)) or 1.0
        return found

    def term(self, name: str, term: bytes) -> tuple[float, tuple[int, ...]]:
        """Return a term's inverse document frequency over all segments, as Whoosh counts it, and its number in each.

        Deleted documents count; the number is -1 where a segment has not got the term.
        """
        found = self._terms.get((name, term))
        if found is None:
            frequency, numbers = 0, []
            for leaf in self.leaves:
                field = leaf.data.fields.get(name)
                number = -1 if field is None else field.find(term)
                numbers.append(number)
                if field is not None and number >= 0:
                    begin, end = field.extent(number)
                    frequency += end - begin
            if len(self._terms) >= _REMEMBERED_TERMS:
                self._terms = {}
            idf = log(self.documents / (frequency + 1)) + 1
            found = self._terms[(name, term)] = (idf, tuple(numbers))
        return found

    def collection_frequencies(self, name: str, words: Sequence[str | bytes]) -> NDArray[np.float64]:
        """Return for each of some words how often it is in all documents, times the weight of the field."""
        known = self._frequencies.setdefault(name, {})
        unknown = [word for word in words if word not in known]
        if len(known) + len(unknown) > _REMEMBERED_TERMS:
            known, unknown = {}, list(words)
            self._frequencies[name] = known
        if unknown:
            unknown.sort()
            terms = [word.encode("utf-8", "replace") if isinstance(word, str) else word for word in unknown]
            heads, totals = heads_of(terms), np.zeros(len(terms))
            for leaf in self.leaves:
                if name in leaf.data.fields:
                    totals += leaf.data.fields[name].collection_frequencies(terms, heads)
            known.update(zip(unknown, totals.tolist(), strict=True))
        return np.array(list(map(known.__getitem__, words)))

    def postings(self, leaf: Leaf, name: str, term: bytes, boost: float = 1.0) -> Postings | None:
        """Return the postings of a term in a leaf, None where there are none."""
        idf, numbers = self.term(name, term)
        number = numbers[leaf.order]
        return None if number < 0 else self._postings(leaf, name, number, idf, boost)

    def postings_of(self, leaf: Leaf, name: str, field: FieldArrays, number: int, boost: float) -> Postings:
        """Return the postings of the term with a number."""
        return self._postings(leaf, name, number, self.term(name, field.term(number))[0], boost)

    def _postings(self, leaf: Leaf, name: str, number: int, idf: float, boost: float) -> Postings:
        field = leaf.data.fields[name]
        begin, end = field.extent(number)
        scoring = self._scorings.get((name, leaf.order))
        if scoring is None:
            scoring = self._scorings[(name, leaf.order)] = self._scoring(leaf, name)
        return Postings(field, number, begin, end, idf * boost if self._kind(name)[1] else boost, scoring)

    def _scoring(self, leaf: Leaf, name: str) -> Scoring:
        if not self._kind(name)[1]:
            return plain_scoring(leaf.data.fields[name].boost)
        weighting = self.weighting
        b = weighting._field_B.get(name, weighting.B)
        return leaf.data.scoring(name, average=self.average(name), b=b, k1=weighting.K1)
