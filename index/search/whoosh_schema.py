"""How a document lies in Whoosh: ready tokens into postings, everything else into columns or one stored row.

Words are made by `analysis`, so Whoosh's analysers are never run; lengths are exact, where Whoosh would keep one lossy
byte. The position in the change log is in the same commit as the documents: said in the table of contents of arrays, a
row of its own in Whoosh's codec.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from whoosh import columns, fields, formats
from whoosh.codec.whoosh3 import W3Codec

from index.search.analysis import analyse, tokens
from index.search.arrays.columns import Counts, Several
from index.search.backend import IndexDocument
from index.search.fields import AUTHOR, OUTLET_WORDS, SCHEMA_VERSION, SEVERAL, TEXT, TEXT_EXACT, TITLE, TITLE_EXACT

ROW = "row"
LENGTHS = (TITLE, TEXT, TITLE_EXACT, TEXT_EXACT, AUTHOR, OUTLET_WORDS)
"""Fields whose lengths are kept, in this order."""

POSITION_ROW = "position"
# Whoosh keeps the weight of a posting, which is our frequency, beside its value; Frequency would want it twice.
_FORMAT = formats.Existence()
Posting = tuple[bytes, int, float, bytes]


class Places(formats.Format):  # type: ignore[misc]
    """Positions as 32-bit numbers one after the other: a whole posting list is read at once, as one array."""

    posting_size = -1

    def fixed_value_size(self) -> None:
        """Say that postings differ in size."""


_PLACES = Places()


class RowCodec(W3Codec):  # type: ignore[misc]
    """Whoosh's codec without field lengths, which are in the row: it looks for their file at every posting."""

    length_stats = False

    def __init__(self) -> None:
        """Write long blocks: a list is read as a whole."""
        super().__init__(blocklimit=4096)


class StemField(fields.FieldType):  # type: ignore[misc]
    """A bag of ready words with their frequencies."""

    # What the arrays ask: values are words already, and whether their positions are kept.
    ready_tokens = True
    keeps_places = False

    def __init__(self) -> None:
        """Index without analyser, lengths or storage."""
        self.format = _FORMAT
        self.analyzer = None
        self.scorable = False
        self.stored = False
        self.unique = False
        self.vector = None
        self.column_type = None
        self.multitoken_query = "default"
        self.spelling = False

    def index(self, value: Sequence[str], **_: Any) -> Iterator[Posting]:
        """Yield one posting for each distinct word."""
        for word, count in Counter(value).items():
            yield word.encode("utf-8"), count, float(count), b""


class TokenField(StemField):
    """Ready tokens in their order, with positions."""

    keeps_places = True

    def __init__(self) -> None:
        """Index with positions."""
        super().__init__()
        self.format = _PLACES

    def index(self, value: Sequence[str], **_: Any) -> Iterator[Posting]:
        """Yield one posting for each distinct token."""
        places: defaultdict[str, list[int]] = defaultdict(list)
        for position, token in enumerate(value):
            places[token].append(position)
        for token, positions in places.items():
            yield token.encode("utf-8"), len(positions), float(len(positions)), array("I", positions).tobytes()


_WORDS: dict[str, fields.FieldType] = {
    TITLE: StemField(),
    TEXT: StemField(),
    TITLE_EXACT: TokenField(),
    TEXT_EXACT: TokenField(),
    AUTHOR: TokenField(),
    OUTLET_WORDS: TokenField(),
}

STOCK_SCHEMA = fields.Schema(**_WORDS, **{ROW: fields.STORED()})
"""Whoosh's own codec: everything but the words is in a stored row."""

NUMBERS = ("article_id", "revision", "sort_at", "month")
NAMED = ("outlet", "language")


def length_of(field: str) -> str:
    """Return the name of the column with the lengths of a field."""
    return f"length_{field}"


def of_several(kind: str) -> str:
    """Return the name of the column with any number of values: `author` is the name of a field of words already."""
    return f"{kind}_names"


ARRAYS_SCHEMA = fields.Schema(
    **_WORDS,
    article_id=fields.COLUMN(columns.NumericColumn("q")),
    revision=fields.COLUMN(columns.NumericColumn("q")),
    sort_at=fields.COLUMN(columns.NumericColumn("d", default=0.0)),
    month=fields.COLUMN(columns.NumericColumn("q")),
    **{name: fields.COLUMN(columns.RefBytesColumn()) for name in NAMED},
    **{of_several(kind): fields.COLUMN(Several()) for kind in SEVERAL},
    **{length_of(name): fields.COLUMN(Counts()) for name in LENGTHS},
)
"""Arrays: every property is a column. The position is in the table of contents."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of an indexed document without its words. `lengths` are in the order of LENGTHS."""

    article_id: int
    revision: int
    sort_at: datetime
    outlet: str
    language: str
    topics: tuple[str, ...]
    authors: tuple[str, ...]
    lengths: tuple[int, ...]
    names: tuple[tuple[str, str], ...] = ()


def words_of(document: IndexDocument) -> dict[str, list[str]]:
    """Return the words of a document, field by field."""
    title, text = analyse(document.title, document.language), analyse(document.text, document.language)
    return {
        TITLE: title.stems,
        TEXT: text.stems,
        TITLE_EXACT: title.exact,
        TEXT_EXACT: text.exact,
        AUTHOR: [token for name in document.authors for token in tokens(name)],
        OUTLET_WORDS: tokens(document.outlet.replace("_", " ")),
    }


def fields_with_row(document: IndexDocument) -> dict[str, object]:
    """Return what is handed to the writer of Whoosh's own codec for a document."""
    words = words_of(document)
    row = (
        document.article_id,
        document.revision,
        document.sort_at.timestamp(),
        document.outlet,
        document.language,
        document.topics,
        document.authors,
        tuple(len(words[name]) for name in LENGTHS),
        document.names,
    )
    return {**words, ROW: row}


def fields_with_columns(document: IndexDocument) -> dict[str, object]:
    """Return what is handed to the writer of arrays for a document; what it has not is None."""
    words = words_of(document)
    return {
        **words,
        **numbers_of(document),
        "outlet": encoded(document.outlet) or None,
        "language": encoded(document.language) or None,
        **{of_several(kind): tuple(map(encoded, values_of(document, kind))) or None for kind in SEVERAL},
        **{length_of(name): len(words[name]) for name in LENGTHS},
    }


def numbers_of(document: IndexDocument | Row) -> dict[str, float]:
    """Return the properties of a document that are numbers."""
    return {
        "article_id": document.article_id,
        "revision": document.revision,
        "sort_at": document.sort_at.timestamp(),
        "month": document.sort_at.year * 12 + document.sort_at.month - 1,
    }


def encoded(name: str) -> bytes:
    """Return a name as it lies in a column; half a character in it is kept, for it came that way."""
    return name.encode("utf-8", "surrogatepass")


def decoded(name: bytes) -> str:
    """Return a name of a column."""
    return name.decode("utf-8", "surrogatepass")


def values_of(document: IndexDocument | Row, kind: str) -> tuple[str, ...]:
    """Return a document's values of a field that may have any number of them."""
    match kind:
        case "topic":
            return document.topics
        case "author":
            return document.authors
        case _:
            return tuple(slug for own, slug in document.names if own == kind)


def position_fields(position: int) -> dict[str, object]:
    """Return the row that carries the position and the version of fields and words."""
    return {ROW: (POSITION_ROW, *said_with(position).values())}


def said_with(position: int) -> dict[str, int]:
    """Return what is said with a commit: the position, and the version of fields and words."""
    return {"position": position, "schema_version": SCHEMA_VERSION}


def row_of(stored: Any) -> Row | tuple[int, int]:
    """Read a stored row: a document's, or (position, schema version)."""
    values = stored[ROW]
    if values[0] == POSITION_ROW:
        return int(values[1]), int(values[2])
    article_id, revision, seconds, outlet, language, topics, authors, lengths, *rest = values
    moment = datetime.fromtimestamp(seconds, UTC)
    # An index of the version before answers until it is rebuilt; it has no names.
    # An index of arrays keeps rows as JSON, which knows no tuples.
    names = tuple((str(kind), str(slug)) for kind, slug in rest[0]) if rest else ()
    return Row(article_id, revision, moment, outlet, language, tuple(topics), tuple(authors), tuple(lengths), names)
