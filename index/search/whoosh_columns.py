"""What is known of the documents of a segment without their words: filters, facets and orders are arithmetic on this.

The columns of arrays are read where they lie in the mapped file; those of Whoosh's own codec are made from its rows.
What is worked out of a segment (the order of its ids, the sums of its lengths) is so when it is asked for, once.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.search.arrays.columns import Column, Values, column_parts
from index.search.fields import SEVERAL
from index.search.whoosh_schema import (
    LENGTHS,
    NAMED,
    NUMBERS,
    Row,
    decoded,
    encoded,
    length_of,
    numbers_of,
    of_several,
    values_of,
)

Numbers = NDArray[np.float64]
Codes = NDArray[np.int64]
Docs = NDArray[Any]
"""Documents of a segment, ascending; 16 bits where they are read from a file."""
Flags = NDArray[np.bool_]
NO_ARTICLE = -1
NOBODY: Docs = np.empty(0, dtype=np.int64)


class Properties:
    """The properties of the documents 0, 1, 2, ... of a segment. An article id is -1 where a number is no article."""

    def __init__(self, columns: Mapping[str, Column], documents: int) -> None:
        """Take the columns of a segment; one that no document has a value in may be absent."""
        self.documents = documents
        self.columns = columns

    @cached_property
    def article_id(self) -> Codes:
        """The ids of the articles."""
        return np.asarray(self._numbers("article_id"))

    @cached_property
    def revision(self) -> Codes:
        """The revisions of the articles."""
        return np.asarray(self._numbers("revision"))

    @cached_property
    def sort_at(self) -> Numbers:
        """Seconds since 1970, UTC."""
        return np.asarray(self._numbers("sort_at"))

    @cached_property
    def month(self) -> Codes:
        """Year x 12 + month - 1."""
        return np.asarray(self._numbers("month"))

    @cached_property
    def span(self) -> tuple[float, float]:
        """The earliest and the latest moment."""
        return float(self.sort_at.min()), float(self.sort_at.max())

    @cached_property
    def totals(self) -> dict[str, int]:
        """The sum of the lengths of every field."""
        return {name: int(self.lengths(name).sum(dtype=np.int64)) for name in LENGTHS}

    def lengths(self, field: str) -> NDArray[Any]:
        """Return how many words each document has in a field."""
        return np.asarray(self._numbers(length_of(field)))

    def named(self, kind: str) -> Column | None:
        """Return the column of a property of names, None where no document has one."""
        return self.columns.get(of_several(kind) if kind in SEVERAL else kind)

    def numbers_of(self, article_ids: Codes) -> Docs:
        """Return the numbers of the documents of some articles (in order of their ids), ascending, if they are here."""
        ids, order = self._by_id
        if not len(ids):
            return NOBODY
        first, last = np.searchsorted(article_ids, [ids[0], ids[-1] + 1]).tolist()
        article_ids = article_ids[first:last]
        at = np.minimum(ids.searchsorted(article_ids), len(ids) - 1)
        found = np.unique(at[ids[at] == article_ids])
        return found if order is None else np.sort(order[found])

    @cached_property
    def _by_id(self) -> tuple[Codes, Codes | None]:
        """The ids in their order, and whose they are; None where they lie in order already, as most do."""
        ids = self.article_id
        if bool((ids[1:] >= ids[:-1]).all()):
            return ids, None
        order = np.argsort(ids, kind="stable")
        return ids[order], order

    def _numbers(self, name: str) -> Any:
        column = self.columns.get(name)
        if column is None or column.numbers is None:
            return np.full(self.documents, 0)
        return column.numbers


def properties_of(rows: Sequence[Row | None]) -> Properties:
    """Turn the rows of Whoosh's own codec into columns."""
    held = {at: row for at, row in enumerate(rows) if row is not None}
    numbers = {at: numbers_of(row) for at, row in held.items()}
    values: dict[str, tuple[Values, Any]] = {
        name: ({at: one[name] for at, one in numbers.items()}, _DEFAULTS.get(name, 0)) for name in NUMBERS
    }
    values |= {name: ({at: encoded(getattr(row, name)) for at, row in held.items()}, b"") for name in NAMED}
    for kind in SEVERAL:
        values[of_several(kind)] = ({at: tuple(map(encoded, values_of(row, kind))) for at, row in held.items()}, ())
    for slot, name in enumerate(LENGTHS):
        values[length_of(name)] = ({at: row.lengths[slot] for at, row in held.items()}, 0)
    columns = {
        name: Column(column_parts(given, len(rows), default), default) for name, (given, default) in values.items()
    }
    return Properties(columns, len(rows))


_DEFAULTS = {"article_id": NO_ARTICLE, "sort_at": 0.0}


class Names:
    """Numbers for names (outlets, languages, topics, authors), the same over all segments of an index.

    A segment has its own numbers; a table from those to these is made when the first question needs it.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._numbers: dict[str, dict[str, int]] = {}
        self._tables: dict[tuple[str, str], Codes] = {}
        self._guard = threading.Lock()

    def table(self, segment: str, kind: str, column: Column) -> Codes:
        """Return for each code of a column of a segment the number of its name."""
        with self._guard:
            found = self._tables.get((segment, kind))
            if found is None:
                numbers = self._numbers.setdefault(kind, {})
                names = map(decoded, column.distinct)
                found = np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.int64)
                self._tables[segment, kind] = found
            return found

    def of(self, kind: str) -> list[str]:
        """Return the names of a kind by their numbers."""
        with self._guard:
            return list(self._numbers.get(kind, ()))

    def keep(self, segments: set[str]) -> None:
        """Forget the tables of all other segments."""
        with self._guard:
            self._tables = {key: table for key, table in self._tables.items() if key[0] in segments}
