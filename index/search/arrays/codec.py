"""The codec: how Whoosh reads a segment of arrays. Everything a Whoosh reader asks of a segment is answered here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from whoosh.codec.base import Codec, FieldCursor, PerDocumentReader, TermsReader
from whoosh.reading import TermNotFound

from index.search.arrays.columns import ColumnReader
from index.search.arrays.field import FieldArrays
from index.search.arrays.fuzzy import numbers_within
from index.search.arrays.layout import LENGTH_OF_CODE
from index.search.arrays.matcher import ArraysMatcher, term_info
from index.search.arrays.segment import ArraysSegment, OpenSegments, SegmentData

Term = tuple[str, bytes]


class ArraysCodec(Codec):  # type: ignore[misc]
    """Reads segments that `segments` opens; they are written by our own writer, not through the codec."""

    length_stats = False

    def __init__(self, segments: OpenSegments) -> None:
        """Read what is open in `segments`."""
        self.segments = segments

    def terms_reader(self, storage: Any, segment: Any) -> ArraysTerms:
        """Return what reads the terms of a segment."""
        return ArraysTerms(self.segments.get(segment.segment_id()))

    def per_document_reader(self, storage: Any, segment: Any) -> ArraysDocuments:
        """Return what reads the documents of a segment."""
        return ArraysDocuments(self.segments.get(segment.segment_id()), segment)

    def new_segment(self, storage: Any, indexname: str) -> ArraysSegment:
        """Return a segment with a new name."""
        return ArraysSegment(self, indexname)

    def automata(self, storage: Any, segment: Any) -> Near:
        """Return what finds near spellings."""
        return Near()


class Near:
    """Near spellings by the arrays instead of an automaton."""

    def terms_within(self, cursor: Any, text: str, maxdist: int, prefix: int = 0) -> Iterator[str]:
        """Yield the terms at `maxdist` edits at the most that share a prefix."""
        if cursor.field is not None:
            for number in numbers_within(cursor.field, text, maxdist, prefix).tolist():
                yield cursor.field.term(number).decode("utf-8")


class ArraysTerms(TermsReader):  # type: ignore[misc]
    """The terms of a segment, in order of field and bytes."""

    def __init__(self, data: SegmentData) -> None:
        """Read a segment."""
        self.data = data

    def __contains__(self, term: Term) -> bool:
        field = self.data.fields.get(term[0])
        return field is not None and field.find(term[1]) >= 0

    def indexed_field_names(self) -> list[str]:
        """Return the fields that have terms."""
        return [name for name, field in self.data.fields.items() if field.terms]

    def cursor(self, fieldname: str, fieldobj: Any) -> ArraysCursor:
        """Return a cursor over the terms of a field."""
        return ArraysCursor(self.data.fields.get(fieldname), fieldobj)

    def terms(self) -> Iterator[Term]:
        """Yield all terms."""
        for name in sorted(self.data.fields):
            field = self.data.fields[name]
            yield from ((name, term) for term in field.terms_between(0, field.terms))

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[Term]:
        """Yield the terms from one on, through the fields that follow too."""
        for name in sorted(self.data.fields):
            if name >= fieldname:
                field = self.data.fields[name]
                low = field.place_of(prefix) if name == fieldname else 0
                yield from ((name, term) for term in field.terms_between(low, field.terms))

    def items(self) -> Iterator[tuple[Term, Any]]:
        """Yield all terms with their statistics."""
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[Term, Any]]:
        """Yield the terms from one on with their statistics."""
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> Any:
        """Return the statistics of a term. Raises TermNotFound."""
        return term_info(*self._found(fieldname, text))

    def frequency(self, fieldname: str, text: bytes) -> float:
        """Return how often a term is in all documents, times the weight of its field."""
        field = self.data.fields.get(fieldname)
        number = -1 if field is None else field.find(text)
        if field is None or number < 0:
            return 0
        return float(field.frequencies(*field.extent(number)).sum()) * field.boost

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """Return in how many documents a term is."""
        field = self.data.fields.get(fieldname)
        return 0 if field is None else field.document_frequency(text)

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> ArraysMatcher:
        """Return a matcher over the postings of a term. Raises TermNotFound."""
        field, number = self._found(fieldname, text)
        return ArraysMatcher(field, number, format_, scorer, (fieldname, text))

    def _found(self, fieldname: str, text: bytes) -> tuple[FieldArrays, int]:
        field = self.data.fields.get(fieldname)
        number = -1 if field is None else field.find(text)
        if field is None or number < 0:
            raise TermNotFound(f"No term {fieldname}:{text!r}")
        return field, number


class ArraysCursor(FieldCursor):  # type: ignore[misc]
    """A place among the terms of a field; `field` is None where the segment has no such field."""

    def __init__(self, field: FieldArrays | None, fieldobj: Any) -> None:
        """Stand at the first term."""
        self.field = field
        self._fieldobj = fieldobj
        self._at = 0

    def first(self) -> str | None:
        """Go to the first term and return it."""
        self._at = 0
        return self.text()

    def find(self, term: str | bytes) -> str | None:
        """Go to the first term that is not before another and return it."""
        if self.field is not None:
            self._at = self.field.place_of(term if isinstance(term, bytes) else self._fieldobj.to_bytes(term))
        return self.text()

    def next(self) -> str | None:
        """Go to the next term and return it."""
        self._at += 1
        return self.text()

    def text(self) -> str | None:
        """Return the term it stands at, None behind the last."""
        if self.field is None or not self.is_valid():
            return None
        return str(self._fieldobj.from_bytes(self.field.term(self._at)))

    def term_info(self) -> Any:
        """Return the statistics of the term it stands at."""
        return None if self.field is None else term_info(self.field, self._at)

    def is_valid(self) -> bool:
        """Say whether it stands at a term."""
        return self.field is not None and self._at < self.field.terms


class ArraysDocuments(PerDocumentReader):  # type: ignore[misc]
    """What is known of each document: lengths, columns, stored fields, and whether it is deleted at this commit."""

    def __init__(self, data: SegmentData, segment: Any) -> None:
        """Read a segment as it is at a commit."""
        self.data = data
        self._segment = segment

    def doc_count(self) -> int:
        """Return how many documents are not deleted."""
        return int(self._segment.doc_count())

    def doc_count_all(self) -> int:
        """Return how many documents there are."""
        return self.data.documents

    def has_deletions(self) -> bool:
        """Say whether any is deleted."""
        return bool(self._segment.has_deletions())

    def is_deleted(self, docnum: int) -> bool:
        """Say whether one is deleted."""
        return bool(self._segment.is_deleted(docnum))

    def deleted_docs(self) -> Any:
        """Return the numbers of the deleted."""
        return self._segment.deleted_docs()

    def supports_columns(self) -> bool:
        """Say that there are columns."""
        return True

    def has_column(self, fieldname: str) -> bool:
        """Say whether there is a column of a field."""
        return fieldname in self.data.columns

    def list_columns(self) -> list[str]:
        """Return the fields with columns."""
        return list(self.data.columns)

    def column_reader(self, fieldname: str, column: Any) -> ColumnReader:
        """Return what reads a column."""
        return ColumnReader(self.data.columns[fieldname])

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Return the length of a field of a document, as exact as one byte tells it."""
        field = self.data.fields.get(fieldname)
        code = 0 if field is None or field.lengths is None else int(field.lengths[docnum])
        return int(LENGTH_OF_CODE[code]) if code else default

    def field_length(self, fieldname: str) -> int:
        """Return the sum of the lengths of a field."""
        field = self.data.fields.get(fieldname)
        return 0 if field is None else field.total_length

    def min_field_length(self, fieldname: str) -> int:
        """Return the least length of a field that a document has."""
        lengths = self._lengths(fieldname)
        return int(lengths.min()) if len(lengths) else 0

    def max_field_length(self, fieldname: str) -> int:
        """Return the greatest length of a field."""
        lengths = self._lengths(fieldname)
        return int(lengths.max()) if len(lengths) else 0

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """Return the stored fields of a document."""
        return self.data.stored(docnum)

    def _lengths(self, fieldname: str) -> Any:
        field = self.data.fields.get(fieldname)
        codes = LENGTH_OF_CODE[:0] if field is None or field.lengths is None else field.lengths
        return LENGTH_OF_CODE[codes[codes > 0]] if len(codes) else LENGTH_OF_CODE[:0]
