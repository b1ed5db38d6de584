"""A query tree, node by node: which documents of a segment match, and what those score that somebody asks about.

A node is asked in three ways. `documents` gives all that match; `among` says which of some do, which is cheap where the
rest of the question leaves few; `scores` counts for documents that match. `size` is a bound, to begin with the rarest.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from index.search.fields import K1, MORE_WORDS
from index.search.scoring import alias_share, idf
from index.search.whoosh_columns import NOBODY, Codes, Docs, Flags, Numbers
from index.search.whoosh_leaves import FoundLeaf
from index.search.whoosh_match import shared, united
from index.search.whoosh_segments import Part

Parts = Sequence[Part]


class Matching(ABC):
    """One node over all parts of a snapshot; `at` is the number of a part."""

    ranked = False
    """Whether its scores mean anything."""

    @abstractmethod
    def size(self, at: int) -> int:
        """Return how many documents of a part match at the most."""

    @abstractmethod
    def documents(self, at: int) -> Docs:
        """Return the documents of a part that match, ascending."""

    @abstractmethod
    def among(self, at: int, documents: Docs) -> Flags:
        """Return which of some documents of a part, all of them held, match."""

    def scores(self, at: int, documents: Docs) -> Numbers:
        """Return the scores of documents that match."""
        return np.zeros(len(documents))


class Everything(Matching):
    """All that is held."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def size(self, at: int) -> int:
        """Return how many are held."""
        return self.parts[at].documents

    def documents(self, at: int) -> Docs:
        """Return what is held."""
        return self.parts[at].everything

    def among(self, at: int, documents: Docs) -> Flags:
        """Say yes."""
        return np.ones(len(documents), dtype=bool)


class LeafNode(Matching):
    """A word, a phrase or a beginning, that was looked up."""

    ranked = True

    def __init__(self, found: FoundLeaf, emphasis: float = 1.0) -> None:
        self.found = found
        self.emphasis = emphasis
        self.inverse = idf(found.snapshot.documents, found.number)

    def size(self, at: int) -> int:
        """Return how many match."""
        return len(self.found.documents(at))

    def documents(self, at: int) -> Docs:
        """Return those that match."""
        return self.found.documents(at)

    def among(self, at: int, documents: Docs) -> Flags:
        """Return which match."""
        return self.found.among(at, documents)

    def scores(self, at: int, documents: Docs) -> Numbers:
        """Return the scores by BM25F."""
        if not len(documents):
            return np.zeros(0)
        weights = self.found.weights(at, documents)
        scores = weights / (K1 + weights)
        scores *= self.emphasis * self.inverse * (K1 + 1.0)
        return scores


class Nothing(Matching):
    """A leaf that was not looked up: the budget had run out."""

    ranked = True

    def size(self, at: int) -> int:
        """Return 0."""
        return 0

    def documents(self, at: int) -> Docs:
        """Return none."""
        return NOBODY

    def among(self, at: int, documents: Docs) -> Flags:
        """Say no."""
        return np.zeros(len(documents), dtype=bool)


class GroupNode(Matching):
    """All of `must`, else any of `should`, without `must_not`."""

    def __init__(
        self, parts: Parts, must: Sequence[Matching], should: Sequence[Matching], must_not: Sequence[Matching]
    ) -> None:
        self.parts = parts
        self.must, self.should, self.must_not = must, should, must_not
        alone = not must and len(should) == 1  # then an option is a demand
        self._ranked = [*((one, True) for one in must if one.ranked), *((one, alone) for one in should if one.ranked)]
        self.ranked = bool(self._ranked)
        self._documents: dict[int, Docs] = {}

    def size(self, at: int) -> int:
        """Return a bound."""
        if self.must:
            return min(one.size(at) for one in self.must)
        held = self.parts[at].documents
        return min(held, sum(one.size(at) for one in self.should)) if self.should else held

    def documents(self, at: int) -> Docs:
        """Return those that match, from the rarest demand on."""
        found = self._documents.get(at)
        if found is None:
            found = self._documents[at] = self._matching(at)
        return found

    def _matching(self, at: int) -> Docs:
        if self.must:
            found = met_by_all(at, self.must)
        elif len(self.should) == 1:
            found = self.should[0].documents(at)
        elif self.should:
            found = united([one.documents(at) for one in self.should], self.parts[at].size)[0]
        else:
            found = self.parts[at].everything
        return found[self._allowed(at, found)] if self.must_not else found

    def among(self, at: int, documents: Docs) -> Flags:
        """Return which match."""
        flags = np.ones(len(documents), dtype=bool)
        if self.must:
            for one in sorted(self.must, key=lambda one: one.size(at)):
                flags &= one.among(at, documents)
        elif self.should:
            flags = np.logical_or.reduce([one.among(at, documents) for one in self.should])
        return flags & self._allowed(at, documents)

    def scores(self, at: int, documents: Docs) -> Numbers:
        """Return the sums of the scores of children, with what a document gains that matches more of them."""
        if len(self._ranked) == 1 and self._ranked[0][1]:
            return self._ranked[0][0].scores(at, documents)
        if not len(documents):
            return np.zeros(0)
        sums, met = np.zeros(len(documents)), np.zeros(len(documents), dtype=np.int64)
        for child, certain in self._ranked:
            if certain:
                sums += child.scores(at, documents)
                met += 1
                continue
            mine, theirs = self._both(at, child, documents)
            if len(mine):
                sums[mine] += child.scores(at, theirs)
                met[mine] += 1
        if len(self._ranked) > 1:
            sums *= 1.0 + MORE_WORDS * np.maximum(met - 1, 0) / (len(self._ranked) - 1)
        return sums

    def _both(self, at: int, child: Matching, documents: Docs) -> tuple[Codes, Docs]:
        """Which of some documents match a child: where they are, and they themselves."""
        if child.size(at) <= len(documents):
            own = child.documents(at)
            mine, theirs = shared(documents, own, self.parts[at].size)
            return mine, own if len(theirs) == len(own) else own[theirs]
        mine = np.flatnonzero(child.among(at, documents))
        return mine, documents[mine]

    def _allowed(self, at: int, documents: Docs) -> Flags:
        flags = np.ones(len(documents), dtype=bool)
        for one in self.must_not:
            flags &= ~one.among(at, documents)
        return flags


class AliasNode(Matching):
    """What was typed, or any of others at a share of their scores; the best one counts (`scoring.alias_scores`)."""

    ranked = True

    def __init__(self, parts: Parts, typed: Matching, others: Sequence[Matching], weight: float) -> None:
        self.parts = parts
        self.nodes = (typed, *others)
        self.weight = weight
        self._documents: dict[int, Docs] = {}
        self._scored: list[list[tuple[Docs, Numbers]]] = []
        self._shares: list[float] = []

    def size(self, at: int) -> int:
        """Return a bound."""
        return min(self.parts[at].documents, sum(one.size(at) for one in self.nodes))

    def documents(self, at: int) -> Docs:
        """Return those that match."""
        found = self._documents.get(at)
        if found is None:
            found = self._documents[at] = united([one.documents(at) for one in self.nodes], self.parts[at].size)[0]
        return found

    def among(self, at: int, documents: Docs) -> Flags:
        """Return which match."""
        return np.asarray(np.logical_or.reduce([one.among(at, documents) for one in self.nodes]))

    def scores(self, at: int, documents: Docs) -> Numbers:
        """Return the best score of any form."""
        self._score_all()
        best = np.zeros(len(documents))
        for (own, scores), share in zip(self._scored[at], self._shares, strict=True):
            mine, theirs = shared(documents, own, self.parts[at].size)
            best[mine] = np.maximum(best[mine], share * scores[theirs])
        return best

    def _score_all(self) -> None:
        """Score all forms everywhere: what the others may get depends on the best score of any document."""
        if self._shares:
            return
        for at in range(len(self.parts)):
            found = [(one, one.documents(at)) for one in self.nodes]
            self._scored.append([(own, one.scores(at, own)) for one, own in found])
        highest = [
            max((float(part[slot][1].max(initial=0.0)) for part in self._scored), default=0.0)
            for slot in range(len(self.nodes))
        ]
        most, *others = highest
        self._shares = [1.0, *(alias_share(most, other, self.weight) for other in others)]


def met_by_all(at: int, nodes: Sequence[Matching]) -> Docs:
    """Return the documents of a part that match all of some nodes, from the rarest on."""
    first, *others = sorted(nodes, key=lambda one: one.size(at))
    found = first.documents(at) if first.size(at) else NOBODY
    for one in others:
        if not len(found):
            break
        flags = one.among(at, found)
        found = found if bool(flags.all()) else found[flags]
    return found
