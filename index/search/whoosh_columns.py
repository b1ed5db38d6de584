"""What is known of documents without their words, as one array for each property: filters, facets and orders are
arithmetic on these. Rows in, arrays out; no files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.search.fields import SEVERAL
from index.search.whoosh_schema import LENGTHS, Row

Numbers = NDArray[np.float64]
Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]
NO_ARTICLE = -1


class Names:
    """Numbers for names (outlets, languages, topics, authors), the same over all segments of an index."""

    def __init__(self) -> None:
        """Start empty."""
        self._codes: dict[str, dict[str, int]] = {}
        self._names: dict[str, list[str]] = {}

    def code(self, kind: str, name: str) -> int:
        """Return the number of a name, a new one for a new name."""
        codes = self._codes.setdefault(kind, {})
        if name not in codes:
            self._names.setdefault(kind, []).append(name)
            codes[name] = len(codes)
        return codes[name]

    def known(self, kind: str, name: str) -> int:
        """Return the number of a name, -1 for one that no document has."""
        return self._codes.get(kind, {}).get(name, -1)

    def of(self, kind: str, code: int) -> str:
        """Return the name a number stands for."""
        return self._names[kind][code]


@dataclass(frozen=True, slots=True)
class Several:
    """A property with any number of values a document: the values of all, and the document each belongs to."""

    codes: Codes
    documents: Codes


@dataclass(frozen=True, slots=True)
class Columns:
    """The properties of documents 0, 1, 2, ... `article_id` is -1 where a number is no article."""

    article_id: Codes
    revision: Codes
    sort_at: Numbers  # seconds since 1970, UTC
    month: Codes  # year x 12 + month - 1
    outlet: Codes
    language: Codes
    several: dict[str, Several]  # by the fields of SEVERAL
    lengths: dict[str, Numbers]


def columns_of(rows: Sequence[Row | None], names: Names) -> Columns:
    """Turn rows into columns."""

    def numbers(values: list[Any], kind: type = np.int64) -> Any:
        return np.array(values, dtype=kind)

    def several(kind: str, values: list[tuple[str, ...]]) -> Several:
        pairs = [(names.code(kind, name), at) for at, given in enumerate(values) for name in dict.fromkeys(given)]
        return Several(numbers([code for code, _ in pairs]), numbers([at for _, at in pairs]))

    return Columns(
        article_id=numbers([NO_ARTICLE if row is None else row.article_id for row in rows]),
        revision=numbers([0 if row is None else row.revision for row in rows]),
        sort_at=numbers([0.0 if row is None else row.sort_at.timestamp() for row in rows], np.float64),
        month=numbers([0 if row is None else row.sort_at.year * 12 + row.sort_at.month - 1 for row in rows]),
        outlet=numbers([0 if row is None else names.code("outlet", row.outlet) for row in rows]),
        language=numbers([0 if row is None else names.code("language", row.language) for row in rows]),
        several={kind: several(kind, [() if row is None else row.several(kind) for row in rows]) for kind in SEVERAL},
        lengths={
            name: numbers([0.0 if row is None else row.lengths[slot] for row in rows], np.float64)
            for slot, name in enumerate(LENGTHS)
        },
    )


def joined(parts: Sequence[Columns]) -> Columns:
    """Put the columns of segments one after the other."""
    bases = np.cumsum([0, *(len(part.article_id) for part in parts)])

    def together(name: str) -> Any:
        return np.concatenate([getattr(part, name) for part in parts]) if parts else np.empty(0, np.int64)

    def several(name: str) -> Several:
        given: list[Several] = [part.several[name] for part in parts]
        if not given:
            return Several(np.empty(0, np.int64), np.empty(0, np.int64))
        documents = [one.documents + base for one, base in zip(given, bases[:-1], strict=True)]
        return Several(np.concatenate([one.codes for one in given]), np.concatenate(documents))

    return Columns(
        article_id=together("article_id"),
        revision=together("revision"),
        sort_at=together("sort_at"),
        month=together("month"),
        outlet=together("outlet"),
        language=together("language"),
        several={kind: several(kind) for kind in SEVERAL},
        lengths={
            name: np.concatenate([part.lengths[name] for part in parts]) if parts else np.empty(0, np.float64)
            for name in LENGTHS
        },
    )
