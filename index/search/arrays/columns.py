"""Values by document: numbers as one array, anything else as codes into the distinct values in their order."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import columns as whoosh_columns

from index.search.arrays.building import Parts
from index.search.arrays.errors import UnsupportedFieldError

Values = dict[int, Any]


def column_parts(values: Values, documents: int, default: Any) -> Parts:
    """Return the arrays of a column; documents without a value have the default."""
    if isinstance(default, bytes):
        distinct = sorted({default, *values.values()})
        code = {value: at for at, value in enumerate(distinct)}
        codes = np.full(documents, code[default], dtype=np.uint16 if len(distinct) < 1 << 16 else np.uint32)
        codes[list(values)] = [code[value] for value in values.values()]
        return {"codes": codes, **distinct_parts(distinct)}
    numbers = np.full(documents, default, dtype=_number_type([default, *values.values()]))
    numbers[list(values)] = list(values.values())
    return {"numbers": numbers}


def distinct_parts(distinct: list[bytes]) -> Parts:
    """Return the distinct values of a column as arrays."""
    sizes = np.fromiter(map(len, distinct), dtype=np.int64, count=len(distinct))
    at = np.zeros(len(distinct) + 1, dtype=np.int64)
    np.cumsum(sizes, out=at[1:])
    return {"values": np.frombuffer(b"".join(distinct), dtype=np.uint8), "value_at": at}


class Column:
    """A column of one segment: `numbers`, or `codes` into `distinct`."""

    def __init__(self, arrays: Parts, default: Any) -> None:
        """Take the arrays of a column."""
        self.default = default
        self.numbers = arrays.get("numbers")
        self.codes = arrays.get("codes")
        self._values = arrays.get("values")
        self._value_at = arrays.get("value_at")

    @property
    def distinct(self) -> list[bytes]:
        """The distinct values in their order."""
        assert self._values is not None
        assert self._value_at is not None
        text, at = self._values.tobytes(), self._value_at.tolist()
        return [text[a:b] for a, b in itertools.pairwise(at)]

    def __getitem__(self, document: int) -> Any:
        if self.numbers is not None:
            return self.numbers[document].item()
        assert self.codes is not None
        assert self._values is not None
        assert self._value_at is not None
        code = int(self.codes[document])
        return self._values[self._value_at[code] : self._value_at[code + 1]].tobytes()

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
