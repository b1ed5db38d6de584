"""Documents of one new segment while they come in, and the arrays they become. Memory is bounded by who fills it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from whoosh import formats

from index.search.arrays.building import Parts, Stream, parts_of
from index.search.arrays.columns import Counts, Values, column_parts
from index.search.arrays.errors import UnsupportedFieldError
from index.search.arrays.stored import packed
from index.search.arrays.tokens import ChunkReader, Numbered, expanded

_MOST_VALUES = 1 << 14
_KEPT = (formats.Existence, formats.Frequency, formats.Positions)
Items = tuple[tuple[bytes, int, tuple[int, ...]], ...]


class WordBuffer:
    """Words of one field, document after document. The three ways in are for three kinds of fields."""

    def __init__(self, name: str, field: Any, reader: ChunkReader | None) -> None:
        """Collect words of a field; `reader` is what reads its text in stretches, if anything can."""
        check_field(name, field)
        self.name = name
        self.field = field
        self.reader = reader
        self.ready = bool(getattr(field, "ready_tokens", False))
        self.has_places = bool(getattr(field, "keeps_places", field.format.supports("positions")))
        self.documents = array("i")
        self.sizes = array("i")
        self._first_places = array("i")
        self._numbered = Numbered()
        self._number: Callable[[str], int] = self._numbered.__getitem__
        self._ids: list[Any] = []
        self._terms: dict[bytes, int] = {}
        self._places: list[Any] = []
        self._known: dict[Any, Items] = {}

    def add(self, document: int, value: Any) -> int:
        """Add the value of a document; return how many words or stretches it has."""
        if self.ready:
            ids = np.fromiter(map(self._number, value), dtype=np.int32)
        elif self.reader is not None and isinstance(value, str):
            chunks = value.split()
            ids = np.fromiter(map(self._number, chunks), dtype=np.int32)
            if len(ids):
                self._first_places.append(self.reader.first_place(chunks))
        else:
            if self.reader is not None:
                raise UnsupportedFieldError(f"field {self.name}: a text is expected, not {type(value).__name__}")
            ids = self._indexed(value)
        if len(ids):
            self._ids.append(ids)
            self.documents.append(document)
            self.sizes.append(len(ids))
        return len(ids)

    def stream(self) -> Stream:
        """Return all words that came in."""
        ids = np.concatenate(self._ids) if self._ids else np.empty(0, dtype=np.int32)
        sizes = np.frombuffer(self.sizes, dtype=np.int32).astype(np.int64)
        numbers = np.frombuffer(self.documents, dtype=np.int32).astype(np.int64)
        documents = np.repeat(numbers, sizes)
        if self._terms:
            places = np.concatenate(self._places).astype(np.int64) if self.has_places else None
            return Stream(list(self._terms), ids, documents, places)
        texts: list[str] = list(self._numbered)
        if self.reader is not None:
            words = Numbered()
            of_chunks = [tuple(map(words.__getitem__, self.reader.words_of(chunk))) for chunk in texts]
            ids, counts = expanded(ids, of_chunks)
            documents = np.repeat(documents, counts)
            texts = list(words)
            sizes = np.bincount(documents, minlength=int(numbers[-1]) + 1 if len(numbers) else 0)[numbers]
        places = None
        if self.has_places:
            first = np.frombuffer(self._first_places, dtype=np.int32) if self.reader is not None else 0
            places = np.arange(len(ids)) - np.repeat(np.cumsum(sizes) - sizes - first, sizes)
        return Stream([text.encode("utf-8", "replace") for text in texts], ids, documents, places)

    def _indexed(self, value: Any) -> Any:
        """Ask the field itself for its words."""
        try:
            items = self._known.get(value)
        except TypeError:  # a list has no hash
            items = None
        if items is None:
            items = tuple(self._items(value))
            if len(self._known) >= _MOST_VALUES:
                self._known.clear()
            if isinstance(value, int | str | bytes) and len(items) <= 64:
                self._known[value] = items
        ids: list[int] = []
        for term, frequency, places in items:
            ids += [self._terms.setdefault(term, len(self._terms))] * frequency
            if self.has_places:
                self._places.append(np.array(places, dtype=np.int64))
        return np.array(ids, dtype=np.int32)

    def _items(self, value: Any) -> Any:
        decode = self.field.format.decode_positions if self.has_places else None
        for term, frequency, weight, data in self.field.index(value):
            if abs(weight - frequency * self.field.format.field_boost) > 1e-9:
                raise UnsupportedFieldError(f"field {self.name}: boosts of single words are not kept")
            yield term, frequency, tuple(decode(data)) if decode else ()


class Batch:
    """Documents of one segment."""

    def __init__(self, schema: Any, readers: Mapping[str, ChunkReader]) -> None:
        """Collect documents of a schema; `readers` are kept from batch to batch."""
        self.schema = schema
        self.documents = 0
        self.words = 0
        self._readers = readers
        self._buffers: dict[str, WordBuffer] = {}
        self._columns: dict[str, Values] = {}
        self._stored: list[bytes] = []

    def add(self, given: Mapping[str, Any]) -> None:
        """Add a document: its fields by name, `_stored_NAME` for another value to store or order by."""
        stored: dict[str, Any] = {}
        for name in sorted(name for name in given if not name.startswith("_")):
            value, field = given[name], self.schema[name]
            if value is None:
                continue
            if field.indexed:
                self.words += self._buffer(name, field).add(self.documents, value)
            kept = given.get(f"_stored_{name}", value)
            if field.stored and kept is not None:
                stored[name] = kept
            if field.column_type and kept is not None:
                self._columns.setdefault(name, {})[self.documents] = field.to_column_value(kept)
        self._stored.append(packed(stored) if stored else b"")
        self.documents += 1

    def abandon(self) -> int:
        """End a document that failed half-way; return its number, for it has to be deleted."""
        self._stored.append(b"")
        self.documents += 1
        return self.documents - 1

    def build(self) -> tuple[dict[str, Any], Parts]:
        """Return what is to be said of the segment, and its arrays."""
        arrays: Parts = {}
        fields: dict[str, dict[str, Any]] = {}
        for name, buffer in self._buffers.items():
            scorable = bool(buffer.field.scorable)
            parts, total = parts_of(buffer.stream(), self.documents, scorable=scorable)
            fields[name] = {"total": total, "boost": buffer.field.format.field_boost, "scorable": scorable}
            arrays |= {f"{name}/{part}": values for part, values in parts.items()}
        columns = {}
        for name, values in self._columns.items():
            kind = self.schema[name].column_type
            columns[name] = kind.default_value()
            parts = column_parts(values, self.documents, columns[name], narrow=isinstance(kind, Counts))
            arrays |= {f"{name}|{part}": array_ for part, array_ in parts.items()}
        arrays |= stored_parts(self._stored)
        defaults = {name: None if isinstance(default, bytes) else default for name, default in columns.items()}
        return {"documents": self.documents, "fields": fields, "columns": defaults}, arrays

    def _buffer(self, name: str, field: Any) -> WordBuffer:
        buffer = self._buffers.get(name)
        if buffer is None:
            buffer = self._buffers[name] = WordBuffer(name, field, self._readers.get(name))
        return buffer


def stored_parts(stored: list[bytes]) -> Parts:
    """Return stored documents as arrays."""
    at = np.zeros(len(stored) + 1, dtype=np.int64)
    np.cumsum(np.fromiter(map(len, stored), dtype=np.int64, count=len(stored)), out=at[1:])
    return {"|stored": np.frombuffer(b"".join(stored), dtype=np.uint8), "|stored_at": at}


def check_field(name: str, field: Any) -> None:
    """Refuse a field that asks for what the arrays do not keep. Raises UnsupportedFieldError."""
    if not getattr(field, "ready_tokens", False) and type(field.format) not in _KEPT:
        raise UnsupportedFieldError(
            f"field {name}: {type(field.format).__name__} is not kept, only existence, frequencies and positions"
        )
    if field.vector:
        raise UnsupportedFieldError(f"field {name}: term vectors are not kept")
