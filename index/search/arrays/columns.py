"""Values by document: numbers as one array, anything else as codes into the distinct values in their order.

A property of which a document has any number of values lies as the codes of all of them, document by document, and the
documents they belong to.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import columns as whoosh_columns

from index.search.arrays.building import Parts
from index.search.arrays.errors import UnsupportedFieldError

Values = dict[int, Any]


class Several(whoosh_columns.Column):  # type: ignore[misc]
    """The column of a field with any number of values a document: a tuple of bytes, each once."""

    def default_value(self, reverse: bool = False) -> tuple[bytes, ...]:
        """Return what a document without a value has."""
        return ()


class Counts(whoosh_columns.NumericColumn):  # type: ignore[misc]
    """Whole numbers from 0 on, kept in 16 bits where all fit, else in 32."""

    def __init__(self) -> None:
        """Give documents without a value 0."""
        super().__init__("I", default=0)


def column_parts(values: Values, documents: int, default: Any, *, narrow: bool = False) -> Parts:
    """Return the arrays of a column; documents without a value have the default. `narrow` numbers are Counts."""
    if isinstance(default, tuple):
        return _several_parts(values)
    if isinstance(default, bytes):
        distinct = sorted({default, *values.values()})
        code = {value: at for at, value in enumerate(distinct)}
        codes = np.full(documents, code[default], dtype=np.uint16 if len(distinct) < 1 << 16 else np.uint32)
        codes[list(values)] = [code[value] for value in values.values()]
        return {"codes": codes, **distinct_parts(distinct)}
    given = [default, *values.values()]
    kind = (np.uint16 if max(given) < 1 << 16 else np.uint32) if narrow else _number_type(given)
    numbers = np.full(documents, default, dtype=kind)
    numbers[list(values)] = list(values.values())
    return {"numbers": numbers}


def distinct_parts(distinct: list[bytes]) -> Parts:
    """Return the distinct values of a column as arrays."""
    sizes = np.fromiter(map(len, distinct), dtype=np.int64, count=len(distinct))
    at = np.zeros(len(distinct) + 1, dtype=np.int64)
    np.cumsum(sizes, out=at[1:])
    return {"values": np.frombuffer(b"".join(distinct), dtype=np.uint8), "value_at": at}


def _several_parts(values: Values) -> Parts:
    distinct = sorted({value for given in values.values() for value in given})
    code = {value: at for at, value in enumerate(distinct)}
    owned = [(document, code[value]) for document in sorted(values) for value in dict.fromkeys(values[document])]
    pairs = np.array(owned, dtype=np.int64).reshape(-1, 2)
    return {
        "documents": pairs[:, 0].astype(np.uint16 if not len(pairs) or pairs[-1, 0] < 1 << 16 else np.uint32),
        "codes": pairs[:, 1].astype(np.uint16 if len(distinct) < 1 << 16 else np.uint32),
        **distinct_parts(distinct),
    }


class Column:
    """A column of one segment: `numbers`, or `codes` into `distinct`; of several values also whose each code is."""

    def __init__(self, arrays: Parts, default: Any) -> None:
        """Take the arrays of a column."""
        self.default = default
        self.numbers = arrays.get("numbers")
        self.codes = arrays.get("codes")
        self.documents = arrays.get("documents")
        self._values = arrays.get("values")
        self._value_at = arrays.get("value_at")

    @property
    def distinct(self) -> list[bytes]:
        """The distinct values in their order."""
        assert self._values is not None
        assert self._value_at is not None
        text, at = self._values.tobytes(), self._value_at.tolist()
        return [text[a:b] for a, b in itertools.pairwise(at)]

    @property
    def names(self) -> int:
        """How many distinct values there are."""
        return 0 if self._value_at is None else len(self._value_at) - 1

    def name(self, code: int) -> bytes:
        """Return the value a code stands for."""
        assert self._values is not None
        assert self._value_at is not None
        return bytes(self._values[self._value_at[code] : self._value_at[code + 1]].tobytes())

    def code_of(self, name: bytes) -> int:
        """Return the code of a value, -1 for one that no document has: by bisection, nothing else is read."""
        at = bisect_left(range(self.names), name, key=self.name)
        return at if at < self.names and self.name(at) == name else -1

    def __getitem__(self, document: int) -> Any:
        if self.numbers is not None:
            return self.numbers[document].item()
        assert self.codes is not None
        if self.documents is None:
            return self.name(int(self.codes[document]))
        low, high = self.documents.searchsorted([document, document + 1]).tolist()
        return tuple(map(self.name, self.codes[low:high].tolist()))

    def __len__(self) -> int:
        held = self.numbers if self.numbers is not None else self.codes
        return 0 if held is None else len(held)


class ColumnReader(whoosh_columns.ColumnReader):  # type: ignore[misc]
    """A column as Whoosh's sorting and grouping read it."""

    def __init__(self, column: Column) -> None:
        """Read `column`."""
        self._column = column
        self._reverse = False

    def __getitem__(self, document: int) -> Any:
        return self._column[document]

    def __len__(self) -> int:
        return len(self._column)

    def sort_key(self, document: int) -> Any:
        """Return what a document is ordered by."""
        value = self._column[document]
        return -value if self._reverse and not isinstance(value, bytes) else value

    def set_reverse(self) -> None:
        """Give keys that order the other way. Raises UnsupportedFieldError: of texts there are none over segments."""
        if self._column.numbers is None:
            raise UnsupportedFieldError("a column of texts has no keys that order the other way; reverse the results")
        self._reverse = True

    def load(self) -> list[Any]:
        """Return all values."""
        if self._column.numbers is not None:
            return list(self._column.numbers.tolist())
        return [self._column[document] for document in range(len(self._column))]


def _number_type(values: list[Any]) -> NDArray[Any] | type:
    if any(isinstance(value, float) for value in values):
        return np.float64
    return np.int64 if max(values) < 1 << 63 else np.uint64
