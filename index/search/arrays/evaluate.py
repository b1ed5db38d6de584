"""A Whoosh query on one segment, answered with arrays: which documents match, ascending, and their scores.

What is not known here raises Unsupported, and the searcher lets Whoosh's own matchers answer from the same arrays. Two
things are meant otherwise than Whoosh does them: NOT adds nothing to a score (there: 1), and a query with
`constantscore` gives every match its boost (there: at times the score of the words it stands for).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from whoosh import query
from whoosh.query.qcore import _NullQuery

from index.search.arrays.bounded import all_lists, sum_of
from index.search.arrays.field import FieldArrays
from index.search.arrays.fuzzy import numbers_within
from index.search.arrays.layout import Ints
from index.search.arrays.leaves import Docs, Leaf, Postings, Statistics
from index.search.arrays.phrases import side_by_side
from index.search.arrays.ranges import Within, within
from index.search.arrays.rows import ascending, distinct, intersection
from index.search.arrays.scoring import Scores


class Unsupported(Exception):  # noqa: N818 - no error: another way is taken
    """This query is answered by Whoosh's matchers."""


@dataclass(frozen=True, slots=True)
class Match:
    """Documents of a leaf, ascending, and their scores (None where nobody asked)."""

    docs: Docs
    scores: Scores | None

    def at(self, chosen: Any) -> Match:
        """Return some of them."""
        return Match(self.docs[chosen], None if self.scores is None else self.scores[chosen])


NOTHING = Match(np.empty(0, dtype=np.uint16), np.empty(0))


class Evaluator:
    """Answers queries on one leaf."""

    def __init__(self, statistics: Statistics, leaf: Leaf) -> None:
        """Use the statistics of the snapshot the leaf belongs to."""
        self.statistics = statistics
        self.leaf = leaf

    def match(self, asked: Any, *, scored: bool) -> Match:
        """Answer a query, deleted documents included. Raises Unsupported."""
        match asked:
            case query.Term() if type(asked) is query.Term and not asked.minquality:
                return self._term(asked, scored=scored)
            case query.And() if type(asked) is query.And:
                return self._and(asked, scored=scored)
            case query.Or() if type(asked) is query.Or and not asked.scale:
                return self._or(asked, scored=scored)
            case query.Not():
                return self._inverse(self.match(asked.query, scored=False), scored=scored)
            case query.AndNot():
                kept = self.match(asked.a, scored=scored)
                return without(kept, self.match(asked.b, scored=False), self.leaf.size)
            case query.Require():
                first, second = self.match(asked.a, scored=scored), self.match(asked.b, scored=False)
                return first.at(intersection(first.docs, second.docs)[0])
            case query.AndMaybe():
                return self._and_maybe(asked, scored=scored)
            case query.Phrase() if asked.slop == 1 and len(asked.words) > 1:
                return self._phrase(asked, scored=scored)
            case query.NumericRange():
                return self._range(asked, scored=scored)
            case query.ConstantScoreQuery():
                return constant(self.match(asked.child, scored=False).docs, asked.score, scored=scored)
            case query.Every():
                return self._every(asked, scored=scored)
            case _NullQuery():
                return NOTHING
            case _ if isinstance(asked, query.MultiTerm):
                return self._multi(asked, scored=scored)
        raise Unsupported(type(asked).__name__)

    def postings(self, term: Any) -> Postings | None:
        """Return the postings of a Term query, None where it cannot match."""
        text = self.statistics.bytes_of(term.fieldname, term.text)
        return None if text is None else self.statistics.postings(self.leaf, term.fieldname, text, term.boost)

    def lists(self, terms: Sequence[Any]) -> list[Postings] | None:
        """Return the postings of all Term queries, None where one has none."""
        lists = []
        for term in terms:
            found = self.postings(term)
            if found is None:
                return None
            lists.append(found)
        return lists

    def words_of(self, phrase: Any) -> list[Postings] | None:
        """Return the postings of the words of a phrase, None where it cannot match. Raises Unsupported."""
        field = self.leaf.data.fields.get(phrase.fieldname)
        if field is None or not self.statistics.knows(phrase.fieldname):
            return None
        if field.places is None:
            raise Unsupported("positions")
        return self.lists([query.Term(phrase.fieldname, word, boost=phrase.boost) for word in phrase.words])

    def within(self, asked: Any) -> Within | None:
        """Return what says which documents a range of numbers keeps, None where only its words know."""
        return within(self.leaf, self.statistics.schema, asked)

    def _term(self, term: Any, *, scored: bool) -> Match:
        found = self.postings(term)
        if found is None:
            return NOTHING
        return Match(found.docs, found.scores() if scored else None)

    def _and(self, asked: Any, *, scored: bool) -> Match:
        if not asked.subqueries:
            return NOTHING
        wanted, ranges = [], []
        for one in asked.subqueries:
            keeps = self.within(one) if isinstance(one, query.NumericRange) else None
            if keeps is not None:
                ranges.append((keeps, one))
            elif not isinstance(one, query.Not):
                wanted.append(one)
        if not wanted and ranges:
            wanted.append(ranges.pop()[1])
        if wanted and all(type(one) is query.Term for one in wanted):
            found = self._all_terms(wanted, scored=scored)
        elif wanted:
            found = self._all([self.match(one, scored=scored) for one in wanted])
        else:
            found = self._inverse(NOTHING, scored=scored)
        for keeps, one in ranges:  # which are asked about those documents only that the rest has left
            found = found.at(keeps(found.docs))
            if found.scores is not None:
                found = Match(found.docs, found.scores + one.boost)
        for one in asked.subqueries:
            if isinstance(one, query.Not) and len(found.docs):
                found = without(found, self.match(one.query, scored=False), self.leaf.size)
        return boosted(found, asked.boost if len(asked.subqueries) > 1 else 1.0)

    def _all_terms(self, terms: Sequence[Any], *, scored: bool) -> Match:
        """Documents with all terms: from the rarest on, and scored when all are met."""
        lists = self.lists(terms)
        met = None if lists is None else all_lists(lists)
        if lists is None or met is None:
            return NOTHING
        docs, at = met
        return Match(docs, sum_of(lists, at) if scored else None)

    def _all(self, found: Sequence[Match]) -> Match:
        ordered = sorted(found, key=lambda one: len(one.docs))
        met = ordered[0]
        for other in ordered[1:]:
            mine, theirs = intersection(met.docs, other.docs)
            scores = None
            if met.scores is not None and other.scores is not None:
                scores = met.scores[mine] + other.scores[theirs]
            met = Match(met.docs[mine], scores)
        return met

    def _or(self, asked: Any, *, scored: bool) -> Match:
        boost = asked.boost if len(asked.subqueries) > 1 else 1.0
        found = [self.match(one, scored=scored) for one in asked.subqueries]
        return boosted(self._any([one for one in found if len(one.docs)], scored=scored), boost)

    def _any(self, found: Sequence[Match], *, scored: bool) -> Match:
        if not found:
            return NOTHING
        if len(found) == 1:
            return found[0]
        docs = distinct([one.docs for one in found], self.leaf.size)
        if not scored:
            return Match(docs, None)
        sums = np.zeros(self.leaf.size)
        for one in found:
            assert one.scores is not None
            sums[one.docs] += one.scores
        return Match(docs, sums[docs])

    def _inverse(self, found: Match, *, scored: bool) -> Match:
        flags = np.ones(self.leaf.size, dtype=bool)
        flags[found.docs] = False
        docs = np.flatnonzero(flags)
        return Match(docs, np.zeros(len(docs)) if scored else None)

    def _and_maybe(self, asked: Any, *, scored: bool) -> Match:
        first = self.match(asked.a, scored=scored)
        if not scored:
            return first
        second = self.match(asked.b, scored=True)
        mine, theirs = intersection(first.docs, second.docs)
        assert first.scores is not None
        assert second.scores is not None
        scores = first.scores.copy()
        scores[mine] += second.scores[theirs]
        return Match(first.docs, scores)

    def _phrase(self, asked: Any, *, scored: bool) -> Match:
        """Documents where the words stand side by side: places moved back to the first word, and intersected."""
        lists = self.words_of(asked)
        met = None if lists is None else all_lists(lists)
        if lists is None or met is None:
            return NOTHING
        docs, at = met
        chosen = side_by_side(lists, at)
        scores = sum_of(lists, [postings[chosen] for postings in at]) if scored else None
        return Match(docs[chosen], scores)

    def _range(self, asked: Any, *, scored: bool) -> Match:
        keeps = self.within(asked)
        if keeps is None:
            return self.match(asked._compile_query(self.leaf.reader), scored=scored)
        return constant(keeps(slice(None)).nonzero()[0], asked.boost, scored=scored)

    def _every(self, asked: Any, *, scored: bool) -> Match:
        if asked.fieldname is None:
            return constant(np.arange(self.leaf.size), asked.boost, scored=scored)
        field = self.leaf.data.fields.get(asked.fieldname)
        if field is None or not self.statistics.knows(asked.fieldname):
            return NOTHING
        return constant(self._among(field, 0, field.terms), asked.boost, scored=scored)

    def _multi(self, asked: Any, *, scored: bool) -> Match:
        """Documents with any of the terms a query stands for."""
        name = asked.field()
        field = self.leaf.data.fields.get(name)
        if field is None or not self.statistics.knows(name):
            return NOTHING
        if getattr(asked, "constantscore", False) or not scored:
            return constant(self.docs_of(asked, field), asked.boost, scored=scored)
        found = []
        for number in self._numbers(asked, field):
            one = self.statistics.postings_of(self.leaf, name, field, int(number), asked.boost)
            found.append(Match(one.docs, one.scores()))
        return self._any(found, scored=True)

    def docs_of(self, asked: Any, field: FieldArrays) -> Docs:
        """Return the documents with any of the terms a query stands for."""
        numbers = self._numbers(asked, field)
        if isinstance(numbers, range):
            return self._among(field, numbers.start, numbers.stop)
        extents = map(field.extent, numbers.tolist())
        return distinct([field.docs[begin:end] for begin, end in extents], self.leaf.size)

    def _numbers(self, asked: Any, field: FieldArrays) -> range | Ints:
        match asked:
            case query.Prefix() if asked.text:
                text = self.statistics.schema[asked.fieldname].to_bytes(asked.text)
                return range(*field.beginning_with(text))
            case query.FuzzyTerm():
                return numbers_within(field, asked.text, int(asked.maxdist), asked.prefixlength)
            case _:
                terms = [field.find(term) for term in asked._btexts(self.leaf.reader)]
                return np.array(sorted({number for number in terms if number >= 0}), dtype=np.int64)

    def _among(self, field: FieldArrays, low: int, high: int) -> Ints:
        """The documents of terms that are side by side."""
        if high - low < 2:
            return field.docs[slice(*field.extent(low))] if low < high else field.docs[:0]
        return ascending(field.docs[field.extent(low)[0] : field.extent(high - 1)[1]], self.leaf.size)


def boosted(found: Match, boost: float) -> Match:
    """Return a match with its scores times a boost."""
    return found if boost == 1.0 or found.scores is None else Match(found.docs, found.scores * boost)


def constant(docs: Docs, score: float, *, scored: bool) -> Match:
    """Return a match in which all have one score."""
    return Match(docs, np.full(len(docs), score) if scored else None)


def without(found: Match, other: Match, size: int) -> Match:
    """Return a match without the documents of another."""
    if not len(other.docs) or not len(found.docs):
        return found
    flags = np.ones(size, dtype=bool)
    flags[other.docs] = False
    return found.at(flags[found.docs])
