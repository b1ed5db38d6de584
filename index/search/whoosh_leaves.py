"""The words of a query in Whoosh's postings: how much each leaf weighs in every document of a snapshot.

Frequencies of all forms are added, each divided by its field's length, as `scoring` says. Documents that are deleted
weigh nothing, so nobody above meets them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from config.counting import counted
from index.search.lookups import Lookup, Steps
from index.search.whoosh_columns import Codes, Flags, Numbers
from index.search.whoosh_postings import PostingList
from index.search.whoosh_segments import Part, Snapshot

PLACE_BITS = 24
"""A document's tokens are numbered in so many bits: 8 MiB of text hold fewer."""


class Leaves:
    """Looks leaves up in one snapshot, on one thread. `cut` says what a limit left out."""

    def __init__(self, snapshot: Snapshot, *, max_prefix_words: int) -> None:
        """Look up in `snapshot`."""
        self.segments = snapshot.segments
        self.snapshot = snapshot
        self.max_prefix_words = max_prefix_words
        self.cut = ""

    def weights(self, lookup: Lookup) -> Numbers:
        """Return the weighted frequency of every document, 0 where the lookup does not match."""
        found = np.zeros(len(self.snapshot.alive))
        steps: Sequence[tuple[str, Steps]] = lookup.steps
        if lookup.beginning:
            steps = [(field, (frozenset(self._beginning(field, lookup.beginning)),)) for field in lookup.fields]
        for field, row in steps:
            factors = self.snapshot.factors[field]
            for part in self.snapshot.parts:
                pairs = self._step(part, field, row[0]) if len(row) == 1 else self._row(part, field, row)
                for documents, frequencies in pairs:
                    numbers = documents + part.base
                    found[numbers] += frequencies * factors[numbers]
        return found

    def places(self, field: str, tokens: Iterable[str], numbers: Codes) -> Codes:
        """Return where tokens stand in documents (numbers ascending): number << PLACE_BITS | place, ascending."""
        found = [np.empty(0, np.int64)]
        for part in self.snapshot.parts:
            end = part.base + len(part.rows.columns.article_id)
            inside = numbers[np.searchsorted(numbers, part.base) : np.searchsorted(numbers, end)] - part.base
            lists = [self._list(part, field, token, places=True) for token in sorted(tokens)] if len(inside) else []
            found += [_keys(one, inside) + (part.base << PLACE_BITS) for one in lists if one is not None]
        return np.unique(np.concatenate(found))

    def words(self, field: str, beginning: str) -> dict[str, int]:
        """Return the words of a field that begin so, with the number of documents each is in, at most 2,000."""
        counts: dict[str, int] = {}
        for part in self.snapshot.parts:
            for word, number in self.segments.beginning_with(part, field, beginning, 2000):
                counts[word] = counts.get(word, 0) + number
        return counts

    def holds(self, field: str, word: str) -> int:
        """Return in how many documents a word is, deleted ones included: for suggestions only."""
        return sum(self.segments.frequency(part, field, word) for part in self.snapshot.parts)

    def _beginning(self, field: str, beginning: str) -> list[str]:
        counts = self.words(field, beginning)
        if len(counts) <= self.max_prefix_words:
            return list(counts)
        self.cut = (
            f"{beginning}* stands for more than {counted(self.max_prefix_words, 'word')}; the commonest were searched."
        )
        return sorted(counts, key=lambda word: (-counts[word], word))[: self.max_prefix_words]

    def _step(self, part: Part, field: str, tokens: Iterable[str]) -> list[tuple[Codes, Numbers]]:
        """Documents and frequencies of each of the tokens; a document may be in several."""
        found = [self._list(part, field, token) for token in sorted(tokens)]
        return [(one.documents, one.frequencies) for one in found if one is not None]

    def _row(self, part: Part, field: str, steps: Steps) -> list[tuple[Codes, Numbers]]:
        """How often the steps stand side by side: places shifted back to where the row begins, and intersected."""
        lists = [[self._list(part, field, token, places=True) for token in sorted(step)] for step in steps]
        present = [[one for one in step if one is not None] for step in lists]
        if not all(present):
            return []
        order = sorted(range(len(steps)), key=lambda at: sum(len(one.documents) for one in present[at]))
        candidates = _documents(present[order[0]])
        for at in order[1:]:
            candidates = candidates[_contained(candidates, _documents(present[at]))]
        begins: Codes | None = None
        for at in order:
            keys = [_keys(one, candidates) for one in present[at]]
            places = (keys[0] if len(keys) == 1 else np.unique(np.concatenate(keys))) - at
            begins = places if begins is None else begins[_contained(begins, places)]
            if not len(begins):
                return []
            candidates = np.unique(begins >> PLACE_BITS)
        assert begins is not None
        documents, counts = np.unique(begins >> PLACE_BITS, return_counts=True)
        return [(documents, counts.astype(np.float64))]

    def _list(self, part: Part, field: str, token: str, *, places: bool = False) -> PostingList | None:
        return self.segments.posting_list(part, field, token, places=places)


def _documents(lists: Sequence[PostingList]) -> Codes:
    return lists[0].documents if len(lists) == 1 else np.unique(np.concatenate([one.documents for one in lists]))


def _contained(values: Codes, among: Codes) -> Flags:
    """Which values are among others; both ascending, each once."""
    at = np.minimum(np.searchsorted(among, values), max(len(among) - 1, 0))
    return among[at] == values if len(among) else np.zeros(len(values), dtype=bool)


def _keys(one: PostingList, candidates: Codes) -> Codes:
    """Document and place, in one number, of every occurrence in the candidates; ascending."""
    assert one.places is not None
    chosen = np.flatnonzero(_contained(one.documents, candidates))
    counts = one.frequencies[chosen].astype(np.int64)
    starts = (np.cumsum(one.frequencies) - one.frequencies).astype(np.int64)[chosen]
    inside = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    places = one.places[np.repeat(starts, counts) + inside].astype(np.int64)
    keys: Codes = (np.repeat(one.documents[chosen], counts) << PLACE_BITS) + places
    return keys
