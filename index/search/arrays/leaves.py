"""The segments of a snapshot as a search sees them, and what is true over all of them: frequencies, average lengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.search.arrays.field import FieldArrays
from index.search.arrays.layout import OFTEN
from index.search.arrays.scoring import Scores, Scoring, plain_scoring
from index.search.arrays.segment import SegmentData

Docs = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One segment: where its document numbers begin, and which documents are alive (None: all)."""

    data: SegmentData
    reader: Any
    base: int
    alive: NDArray[np.bool_] | None

    @property
    def size(self) -> int:
        """How many documents it has."""
        return self.data.documents


@dataclass(frozen=True, slots=True)
class Postings:
    """The postings of a term in one leaf, and how they are scored: `factor` times what `scoring` says of the impact."""

    field: FieldArrays
    number: int
    begin: int
    end: int
    factor: float
    scoring: Scoring

    @property
    def docs(self) -> Docs:
        """The documents, ascending."""
        return self.field.docs[self.begin : self.end]

    def scores(self) -> Scores:
        """Return the score of every posting."""
        found: Scores = self.scoring.table[self.field.impacts[self.begin : self.end]]
        found *= self.factor
        if self.field.has_often(self.begin, self.end):
            self._mend(found, np.arange(self.begin, self.end))
        return found

    def scores_at(self, postings: Docs) -> Scores:
        """Return the scores of some postings, numbered as in the field."""
        found: Scores = self.scoring.table[self.field.impacts[postings]]
        found *= self.factor
        if self.field.has_often(self.begin, self.end):
            self._mend(found, postings)
        return found

    def bounds(self) -> Scores:
        """Return for every block of postings a score none in it is above."""
        found: Scores = self.field.bounds(self.begin, self.end, self.scoring.bound) * self.factor
        return found

    def most(self) -> float:
        """Return a score no posting is above."""
        if self.begin == self.end:
            return 0.0
        return float(self.bounds().max())

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
        self._idf: dict[tuple[str, bytes], float] = {}
        self._plain_scoring: dict[float, Scoring] = {}

    def average(self, name: str) -> float:
        """Return the average length of a field."""
        found = self._averages.get(name)
        if found is None:
            total = sum(leaf.data.fields[name].total_length for leaf in self.leaves if name in leaf.data.fields)
            found = self._averages[name] = (total / (self.documents or 1)) or 1.0
        return found

    def frequency(self, name: str, term: bytes) -> int:
        """Return in how many documents a term is, deleted ones included."""
        return sum(leaf.data.fields[name].document_frequency(term) for leaf in self.leaves if name in leaf.data.fields)

    def idf(self, name: str, term: bytes) -> float:
        """Return the inverse document frequency of a term over all segments, as Whoosh counts it."""
        found = self._idf.get((name, term))
        if found is None:
            if len(self._idf) > 1 << 16:
                self._idf = {}
            found = self._idf[(name, term)] = log(self.documents / (self.frequency(name, term) + 1)) + 1
        return found

    def postings(self, leaf: Leaf, name: str, term: bytes, boost: float = 1.0) -> Postings | None:
        """Return the postings of a term in a leaf, None where there are none."""
        field = leaf.data.fields.get(name)
        number = -1 if field is None else field.find(term)
        if field is None or number < 0:
            return None
        return self.postings_of(leaf, name, field, number, term, boost)

    def postings_of(
        self, leaf: Leaf, name: str, field: FieldArrays, number: int, term: bytes, boost: float
    ) -> Postings:
        """Return the postings of the term with a number."""
        begin, end = field.extent(number)
        if not self.schema[name].scorable:
            return Postings(field, number, begin, end, boost, self._plain(field.boost))
        weighting = self.weighting
        b = weighting._field_B.get(name, weighting.B)
        scoring = leaf.data.scoring(name, average=self.average(name), b=b, k1=weighting.K1)
        return Postings(field, number, begin, end, self.idf(name, term) * boost, scoring)

    def _plain(self, boost: float) -> Scoring:
        """The scores of a field that is not scored: its weights as they are."""
        found = self._plain_scoring.get(boost)
        if found is None:
            found = self._plain_scoring[boost] = plain_scoring(boost)
        return found
