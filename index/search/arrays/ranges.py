"""Which documents a range of numbers or dates keeps, by the column of its field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import fields

from index.search.arrays.leaves import Leaf

Within = Callable[[Any], NDArray[np.bool_]]
"""Says of documents, given as an array of numbers or a slice, whether their value is in the range."""


def within(leaf: Leaf, schema: Any, asked: Any) -> Within | None:
    """Return what says whether a range keeps a document, None where the column does not know.

    It does not where there is none, and where the default lies in the range: documents without a value have it too.
    """
    name = asked.fieldname
    column = leaf.data.columns.get(name)
    if name not in schema or name not in leaf.data.fields:
        return _none
    numbers = None if column is None else column.numbers
    if column is None or numbers is None or not asked.constantscore:
        return None
    field = schema[name]
    # A DateRange has made numbers of its dates already, the numbers that are in the column.
    prepared = (lambda value: value) if isinstance(field, fields.DATETIME) else field.to_column_value
    start = None if asked.start is None else prepared(asked.start)
    end = None if asked.end is None else prepared(asked.end)

    def is_between(values: Any) -> Any:
        above = None if start is None else values > start if asked.startexcl else values >= start
        below = None if end is None else values < end if asked.endexcl else values <= end
        if above is None or below is None:
            return values == values if above is below else below if above is None else above
        return above & below

    if is_between(np.asarray(column.default)):
        return None
    return lambda docs: is_between(numbers[docs])


def _none(docs: Any) -> NDArray[np.bool_]:
    return np.zeros(0 if isinstance(docs, slice) else len(docs), dtype=bool)
