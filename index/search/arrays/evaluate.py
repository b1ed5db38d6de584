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
from whoosh import fields, query
from whoosh.query.qcore import _NullQuery

from index.search.arrays.field import FieldArrays
from index.search.arrays.fuzzy import numbers_within
from index.search.arrays.layout import Ints
from index.search.arrays.leaves import Docs, Leaf, Postings, Statistics
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
                return first.at(intersection(first.docs, second.docs, self.leaf.size)[0])
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
        if term.fieldname not in self.statistics.schema:
            return None
        try:
            text = self.statistics.schema[term.fieldname].to_bytes(term.text)
        except ValueError:
            return None
        return self.statistics.postings(self.leaf, term.fieldname, text, term.boost)

    def _term(self, term: Any, *, scored: bool) -> Match:
        found = self.postings(term)
        if found is None:
            return NOTHING
        return Match(found.docs, found.scores() if scored else None)

    def _and(self, asked: Any, *, scored: bool) -> Match:
        wanted = [one for one in asked.subqueries if not isinstance(one, query.Not)]
        unwanted = [one.query for one in asked.subqueries if isinstance(one, query.Not)]
        if not asked.subqueries:
            return NOTHING
        if wanted and all(type(one) is query.Term for one in wanted):
            found = self._all_terms(wanted, scored=scored)
        elif wanted:
            found = self._all([self.match(one, scored=scored) for one in wanted])
        else:
            found = self._inverse(NOTHING, scored=scored)
        for one in unwanted:
            if len(found.docs):
                found = without(found, self.match(one, scored=False), self.leaf.size)
        return boosted(found, asked.boost if len(asked.subqueries) > 1 else 1.0)

    def _all_terms(self, terms: Sequence[Any], *, scored: bool) -> Match:
        """Documents with all terms: from the rarest on, and scored when all are met."""
        lists = self._lists(terms)
        return NOTHING if lists is None else self._all_lists(lists, scored=scored)

    def _lists(self, terms: Sequence[Any]) -> list[Postings] | None:
        """The postings of all terms, None where one has none."""
        lists = []
        for term in terms:
            found = self.postings(term)
            if found is None:
                return None
            lists.append(found)
        return lists

    def _all_lists(self, lists: Sequence[Postings], *, scored: bool) -> Match:
        present = sorted(lists, key=lambda one: one.end - one.begin)
        docs = present[0].docs
        at = [np.arange(present[0].begin, present[0].end)]
        for one in present[1:]:
            kept, other = intersection(docs, one.docs, self.leaf.size)
            docs = docs[kept]
            at = [*(postings[kept] for postings in at), other + one.begin]
            if not len(docs):
                return NOTHING
        if not scored:
            return Match(docs, None)
        scores = present[0].scores_at(at[0])
        for one, postings in zip(present[1:], at[1:], strict=True):
            scores += one.scores_at(postings)
        return Match(docs, scores)

    def _all(self, found: Sequence[Match]) -> Match:
        ordered = sorted(found, key=lambda one: len(one.docs))
        met = ordered[0]
        for other in ordered[1:]:
            mine, theirs = intersection(met.docs, other.docs, self.leaf.size)
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
        flags = np.zeros(self.leaf.size, dtype=bool)
        for one in found:
            flags[one.docs] = True
        docs = np.flatnonzero(flags)
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
        mine, theirs = intersection(first.docs, second.docs, self.leaf.size)
        assert first.scores is not None
        assert second.scores is not None
        scores = first.scores.copy()
        scores[mine] += second.scores[theirs]
        return Match(first.docs, scores)

    def _phrase(self, asked: Any, *, scored: bool) -> Match:
        """Documents where the words stand side by side: places moved back to the first word, and intersected."""
        if asked.fieldname not in self.statistics.schema:
            return NOTHING
        field = self.leaf.data.fields.get(asked.fieldname)
        if field is None:
            return NOTHING
        if field.places is None:
            raise Unsupported("positions")
        present = self._lists([query.Term(asked.fieldname, word) for word in asked.words])
        if present is None:
            return NOTHING
        docs = self._all_lists(present, scored=False).docs
        if not len(docs):
            return NOTHING
        begins: Ints | None = None
        for distance, one in sorted(enumerate(present), key=lambda pair: pair[1].end - pair[1].begin):
            chosen = intersection(docs, one.docs, self.leaf.size)[1]
            places, counts = field.positions(one.number, chosen)
            keys = (np.repeat(docs[: len(chosen)].astype(np.int64), counts) << 32) + places - distance + (1 << 16)
            begins = keys if begins is None else shared(begins, keys)
            docs = begins >> 32
            docs = docs[np.append(True, docs[1:] != docs[:-1])] if len(docs) else docs
            if not len(docs):
                return NOTHING
        if not scored:
            return Match(docs, None)
        sums = np.zeros(len(docs))
        for one in present:
            sums += one.scores_at(intersection(docs, one.docs, self.leaf.size)[1] + one.begin)
        return Match(docs, sums * asked.boost)

    def _range(self, asked: Any, *, scored: bool) -> Match:
        schema = self.statistics.schema
        column = self.leaf.data.columns.get(asked.fieldname)
        if asked.fieldname not in schema or asked.fieldname not in self.leaf.data.fields:
            return NOTHING
        numbers = None if column is None else column.numbers
        if column is None or numbers is None or not asked.constantscore:
            return self.match(asked._compile_query(self.leaf.reader), scored=scored)
        field = schema[asked.fieldname]
        # A DateRange has made numbers of its dates already, the numbers that are in the column.
        prepared = (lambda value: value) if isinstance(field, fields.DATETIME) else field.to_column_value
        start = None if asked.start is None else prepared(asked.start)
        end = None if asked.end is None else prepared(asked.end)

        def within(values: Any) -> Any:
            flags = values == values
            if start is not None:
                flags = flags & (values > start if asked.startexcl else values >= start)
            if end is not None:
                flags = flags & (values < end if asked.endexcl else values <= end)
            return flags

        if within(np.asarray(column.default)):
            # Documents without a value have the default in the column: the words know which have one.
            return self.match(asked._compile_query(self.leaf.reader), scored=scored)
        return constant(np.flatnonzero(within(numbers)), asked.boost, scored=scored)

    def _every(self, asked: Any, *, scored: bool) -> Match:
        if asked.fieldname is None:
            return constant(np.arange(self.leaf.size), asked.boost, scored=scored)
        field = self.leaf.data.fields.get(asked.fieldname)
        if field is None or asked.fieldname not in self.statistics.schema:
            return NOTHING
        return constant(self._among(field, 0, field.terms), asked.boost, scored=scored)

    def _multi(self, asked: Any, *, scored: bool) -> Match:
        """Documents with any of the terms a query stands for."""
        name = asked.field()
        field = self.leaf.data.fields.get(name)
        if field is None or name not in self.statistics.schema:
            return NOTHING
        numbers = self._numbers(asked, field)
        constantly = getattr(asked, "constantscore", False)
        if constantly or not scored:
            if isinstance(numbers, range):
                return constant(self._among(field, numbers.start, numbers.stop), asked.boost, scored=scored)
            flags = np.zeros(self.leaf.size, dtype=bool)
            for number in numbers.tolist():
                begin, end = field.extent(number)
                flags[field.docs[begin:end]] = True
            return constant(np.flatnonzero(flags), asked.boost, scored=scored)
        found = []
        for number in numbers if isinstance(numbers, range) else numbers.tolist():
            one = self.statistics.postings_of(self.leaf, name, field, number, field.term(number), asked.boost)
            found.append(Match(one.docs, one.scores()))
        return self._any(found, scored=True)

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
        flags = np.zeros(self.leaf.size, dtype=bool)
        flags[field.docs[int(field.starts[low]) : int(field.starts[high])]] = True
        return np.flatnonzero(flags)


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


def intersection(first: Docs, second: Docs, size: int) -> tuple[Ints, Ints]:
    """Return where in each of two ascending rows of documents those are that both have."""
    if len(first) > len(second):
        theirs, mine = intersection(second, first, size)
        return mine, theirs
    if len(first) * 24 < len(second):
        first = first.astype(second.dtype, copy=False)  # else the long one would be converted
        at = np.minimum(second.searchsorted(first), len(second) - 1)
        mine = np.flatnonzero(second[at] == first)
        return mine, at[mine]
    places = np.zeros(size, dtype=np.int32)
    places[second] = np.arange(1, len(second) + 1, dtype=np.int32)
    at = places[first]
    mine = np.flatnonzero(at)
    return mine, (at[mine] - 1).astype(np.int64)


def shared(first: Ints, second: Ints) -> Ints:
    """Return what two rows of ascending values have in common."""
    if len(first) > len(second):
        first, second = second, first
    if 16 * len(first) < len(second):
        at = np.minimum(second.searchsorted(first), len(second) - 1)
        found: Ints = first[second[at] == first]
        return found
    both = np.concatenate([first, second])
    both.sort()  # in no time: numbers alone are sorted by the processor's own vectors
    return np.asarray(both[:-1][both[1:] == both[:-1]])
