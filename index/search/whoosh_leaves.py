"""The words of a query in Whoosh's postings: which documents of each segment a leaf matches, and what it weighs there.

Which documents match is found at once, for a leaf scores by how many they are over the whole index; what it weighs is
worked out only of documents somebody asks for. Frequencies of all forms are added, each divided by its field's length,
as `scoring` says. Documents that are deleted are in no answer.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence

import numpy as np

from config.counting import counted
from index.search.arrays.rows import first_of_equal
from index.search.arrays.rows import shared as common
from index.search.lookups import Lookup
from index.search.whoosh_columns import Codes, Docs, Flags, Numbers
from index.search.whoosh_match import SPARSE, contained, shared, united, wide
from index.search.whoosh_postings import HeldList, PlacedList, PostingList
from index.search.whoosh_segments import Part, Snapshot

PLACE_BITS = 24
"""A document's tokens are numbered in so many bits: 8 MiB of text hold fewer."""

Row = Sequence[Sequence[bytes]]
"""Steps for neighbouring places, each the tokens it may be."""

MOST_WORDS = 2000
"""Words that begin alike: so many of a segment are looked at."""


class OutOfTime(Exception):  # noqa: N818 - no error: the leaf is left out, and that is said
    """The budget ran out within a phrase: one of common words is a large part of it."""


class FoundLeaf:
    """What was found of a leaf: for each part the documents, ascending, and the posting lists they came from."""

    def __init__(self, snapshot: Snapshot, lists: Sequence[Sequence[tuple[str, PostingList]]]) -> None:
        """Take the lists of each part, with their fields."""
        self.snapshot = snapshot
        self._lists = lists
        self.weighed = 0
        self._documents: list[Docs] = []
        self._flags: list[Flags | None] = []
        for part, given in zip(snapshot.parts, lists, strict=True):
            sets = [one.documents for _, one in given]
            if len(given) == 1 and not given[0][1].repeats:
                found, flags = wide(sets[0]), None
            else:
                found, flags = united(sets, part.size)
            self._documents.append(part.living(found))
            self._flags.append(flags)
        self.number = sum(map(len, self._documents))

    def documents(self, at: int) -> Docs:
        """Return the documents of the part with a number."""
        return self._documents[at]

    def among(self, at: int, documents: Docs) -> Flags:
        """Return which of some documents of a part, all of them held, it matches."""
        flags = self._flags[at]
        return (
            contained(documents, self._documents[at], self.snapshot.parts[at].size)
            if flags is None
            else flags.take(documents)
        )

    def weights(self, at: int, documents: Docs) -> Numbers:
        """Return the weighted frequency in each of some documents of a part, all of which it matches."""
        part, lists = self.snapshot.parts[at], self._lists[at]
        self.weighed += len(documents)
        postings = sum(len(one.documents) for _, one in lists)
        if postings > 4 * len(documents) or postings * SPARSE < part.size:
            return self._by_document(part, lists, documents)
        if len(lists) == 1 and len(documents) == postings:
            return self._all(part, *lists[0])
        if any(one.repeats for _, one in lists):
            every = np.concatenate([wide(one.documents) for _, one in lists])
            weights = np.concatenate([self._all(part, field, one) for field, one in lists])
            return np.asarray(np.bincount(every, weights, minlength=part.size).take(documents))
        slots = np.zeros(part.size)
        for field, one in lists:
            slots[wide(one.documents)] += self._all(part, field, one)
        return slots.take(documents)

    def _by_document(self, part: Part, lists: Sequence[tuple[str, PostingList]], documents: Docs) -> Numbers:
        found = np.zeros(len(documents))
        for field, one in lists:
            lengths, factors = part.properties.lengths(field), self.snapshot.lengths(field).factors
            if len(one.documents) == 0 or not len(documents):
                continue
            if one.repeats:
                at = np.minimum(np.searchsorted(documents, one.documents), len(documents) - 1)
                theirs = np.flatnonzero(documents[at] == one.documents)
                weights = one.frequencies(theirs) * factors(lengths.take(one.documents[theirs]))
                found += np.bincount(at[theirs], weights, minlength=len(documents))
            else:
                mine, theirs = shared(documents, one.documents, part.size)
                found[mine] += one.frequencies(theirs) * factors(lengths.take(documents[mine]))
        return found

    def _all(self, part: Part, field: str, one: PostingList) -> Numbers:
        factors = self.snapshot.lengths(field)
        if factors.alike:
            return np.asarray(one.frequencies() * factors.weight)
        return np.asarray(one.frequencies() * factors.factors(part.properties.lengths(field).take(one.documents)))


class Leaves:
    """Looks leaves up in one snapshot, on one thread. `cut` says what a limit left out.

    `ends_at`: the thread's processor time after which a phrase is given up.
    """

    def __init__(self, snapshot: Snapshot, *, max_prefix_words: int) -> None:
        """Look up in `snapshot`."""
        self.ends_at = math.inf
        self.segments = snapshot.segments
        self.snapshot = snapshot
        self.max_prefix_words = max_prefix_words
        self.cut = ""

    def find(self, lookup: Lookup) -> FoundLeaf:
        """Look a leaf up in all parts. Raises OutOfTime within a phrase."""
        rows: list[tuple[str, Row]] = [(field, [_encoded(tokens) for tokens in row]) for field, row in lookup.steps]
        if lookup.beginning:
            rows = [(field, [self._beginning(field, lookup.beginning)]) for field in lookup.fields]
        return FoundLeaf(self.snapshot, [self._lists(part, rows) for part in self.snapshot.parts])

    def places(self, part: Part, field: str, tokens: Iterable[str], documents: Docs) -> Codes:
        """Return where tokens stand in documents of a part: number << PLACE_BITS | place, ascending."""
        found = [np.empty(0, np.int64)]
        for token in _encoded(tokens):
            one = self._list(part, field, token)
            if one is not None:
                found.append(_keys(one, documents, part.size))
        if len(found) == 2:
            return found[1]
        return np.unique(np.concatenate(found))

    def words(self, field: str, beginning: str) -> dict[str, int]:
        """Return the words of a field that begin so, with the number of documents each is in, at most 2,000 a part."""
        return {word.decode("utf-8", "replace"): count for word, count in self._words(field, beginning).items()}

    def held(self, field: str, words: Iterable[str]) -> dict[str, int]:
        """Return those of some words that are held, with in how many documents, deleted ones included."""
        asked = sorted(words)
        tokens = [word.encode("utf-8", "replace") for word in asked]
        counts = np.zeros(len(asked), dtype=np.int64)
        for part in self.snapshot.parts:
            counts += self.segments.frequencies(part, field, tokens)
        return {asked[at]: int(counts[at]) for at in np.flatnonzero(counts).tolist()}

    def _words(self, field: str, beginning: str) -> dict[bytes, int]:
        counts: dict[bytes, int] = {}
        for part in self.snapshot.parts:
            words, numbers = self.segments.beginning_with(part, field, beginning.encode("utf-8", "replace"), MOST_WORDS)
            if not counts:
                counts = dict(zip(words, numbers, strict=True))
                continue
            for word, number in zip(words, numbers, strict=True):
                counts[word] = counts.get(word, 0) + number
        return counts

    def _beginning(self, field: str, beginning: str) -> list[bytes]:
        counts = self._words(field, beginning)
        if len(counts) <= self.max_prefix_words:
            return sorted(counts)
        self.cut = (
            f"{beginning}* stands for more than {counted(self.max_prefix_words, 'word')}; the commonest were searched."
        )
        return sorted(counts, key=lambda word: (-counts[word], word))[: self.max_prefix_words]

    def _lists(self, part: Part, rows: Sequence[tuple[str, Row]]) -> list[tuple[str, PostingList]]:
        found: list[tuple[str, PostingList]] = []
        for field, row in rows:
            if len(row) == 1:
                found += [(field, one) for one in self.segments.any_of(part, field, row[0])]
            elif (one := self._row(part, field, row)) is not None:
                found.append((field, one))
        return found

    def _row(self, part: Part, field: str, steps: Row) -> PostingList | None:
        """How often the steps stand side by side: places shifted back to where the row begins, and intersected."""
        present: list[list[PlacedList]] = []
        for step in steps:
            lists = [self._list(part, field, token) for token in step]
            present.append([one for one in lists if one is not None])
            if not present[-1]:
                return None
        order = sorted(range(len(steps)), key=lambda at: sum(len(one.documents) for one in present[at]))
        candidates = self._any(present[order[0]], part)
        for at in order[1:]:
            self._go_on()
            candidates = candidates[contained(candidates, self._any(present[at], part), part.size)]
        begins: Codes | None = None
        for at in order:
            if not len(candidates):
                return None
            self._go_on()
            keys = [_keys(one, candidates, part.size) for one in present[at]]
            places = (keys[0] if len(keys) == 1 else np.unique(np.concatenate(keys))) - at
            begins = places if begins is None else common(begins, places)
            documents = begins >> PLACE_BITS
            candidates = documents[first_of_equal(documents)]
        if begins is None or not len(begins):
            return None
        counts = np.bincount(np.searchsorted(candidates, begins >> PLACE_BITS), minlength=len(candidates))
        return HeldList(candidates, counts)

    def _go_on(self) -> None:
        if time.thread_time() >= self.ends_at:
            raise OutOfTime

    def _any(self, lists: Sequence[PostingList], part: Part) -> Docs:
        return lists[0].documents if len(lists) == 1 else united([one.documents for one in lists], part.size)[0]

    def _list(self, part: Part, field: str, token: bytes) -> PlacedList | None:
        return self.segments.posting_list(part, field, token, places=True)


def _encoded(tokens: Iterable[str]) -> list[bytes]:
    return [token.encode("utf-8", "replace") for token in sorted(tokens)]


def _keys(one: PlacedList, candidates: Docs, size: int) -> Codes:
    """Document and place, in one number, of every occurrence in the candidates; ascending."""
    mine, theirs = shared(candidates, one.documents, size)
    if not len(mine):
        return mine
    places, counts = one.places(theirs)
    keys: Codes = (np.repeat(candidates[mine].astype(np.int64), counts) << PLACE_BITS) + places
    return keys
