"""The nodes of a query that only filter: whole values, dates and ids, answered from the columns of a segment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from datetime import time as clock

import numpy as np

from index.search.fields import SEVERAL
from index.search.query import Dates, Term
from index.search.whoosh_columns import NOBODY, Docs, Flags
from index.search.whoosh_match import contained, wide
from index.search.whoosh_nodes import Matching
from index.search.whoosh_schema import NAMED, encoded
from index.search.whoosh_segments import Part


class TermNode(Matching):
    """A whole value of an outlet, a language or a property with several values."""

    def __init__(self, parts: Sequence[Part], node: Term) -> None:
        """Look the value up. Raises KeyError for another field."""
        if node.field not in (*NAMED, *SEVERAL):
            raise KeyError(node.field)
        self.parts = parts
        self._columns = [part.properties.named(node.field) for part in parts]
        name = encoded(node.value)
        self._codes = [-1 if column is None else column.code_of(name) for column in self._columns]
        self._flags: dict[int, Flags] = {}

    def size(self, at: int) -> int:
        """Return 0 where no document of a part has the value, else a guess: half of them."""
        return 0 if self._codes[at] < 0 else self.parts[at].documents // 2 + 1

    def documents(self, at: int) -> Docs:
        """Return those that have it."""
        return self.parts[at].living(np.flatnonzero(self._all(at))) if self.size(at) else NOBODY

    def among(self, at: int, documents: Docs) -> Flags:
        """Return which have it."""
        if not self.size(at):
            return np.zeros(len(documents), dtype=bool)
        column = self._columns[at]
        if column is not None and column.codes is not None and column.documents is None:
            return np.asarray(column.codes.take(documents) == self._codes[at])
        return self._all(at).take(documents)

    def _all(self, at: int) -> Flags:
        flags = self._flags.get(at)
        if flags is None:
            column = self._columns[at]
            assert column is not None
            assert column.codes is not None
            have = column.codes == self._codes[at]
            if column.documents is not None:
                flags = np.zeros(self.parts[at].size, dtype=bool)
                flags[wide(column.documents[have])] = True
            else:
                flags = have
            self._flags[at] = flags
        return flags


class DatesNode(Matching):
    """Articles from one day to before another."""

    def __init__(self, parts: Sequence[Part], node: Dates) -> None:
        self.parts = parts
        self._after = -np.inf if node.after is None else _midnight(node.after)
        self._before = np.inf if node.before is None else _midnight(node.before)

    def size(self, at: int) -> int:
        """Return 0 where a part is of other times, else all."""
        part = self.parts[at]
        if not part.documents:
            return 0
        earliest, latest = part.properties.span
        return 0 if latest < self._after or earliest >= self._before else part.documents

    def documents(self, at: int) -> Docs:
        """Return the articles of these days."""
        everything = self.parts[at].everything
        return everything[self.among(at, everything)]

    def among(self, at: int, documents: Docs) -> Flags:
        """Return which are of these days."""
        if not self.size(at):
            return np.zeros(len(documents), dtype=bool)
        earliest, latest = self.parts[at].properties.span
        if earliest >= self._after and latest < self._before:
            return np.ones(len(documents), dtype=bool)
        moments = self.parts[at].properties.sort_at.take(documents)
        return (moments >= self._after) & (moments < self._before)


class IdsNode(Matching):
    """Some articles by their ids."""

    def __init__(self, parts: Sequence[Part], ids: Iterable[int]) -> None:
        self.parts = parts
        wanted = np.sort(np.fromiter(ids, dtype=np.int64))
        self._found = [part.living(part.properties.numbers_of(wanted)) for part in parts]

    def size(self, at: int) -> int:
        """Return how many are in a part."""
        return len(self._found[at])

    def documents(self, at: int) -> Docs:
        """Return those."""
        return self._found[at]

    def among(self, at: int, documents: Docs) -> Flags:
        """Return which are among them."""
        return contained(documents, self._found[at], self.parts[at].size)


def _midnight(day: date) -> float:
    return datetime.combine(day, clock(), UTC).timestamp()
