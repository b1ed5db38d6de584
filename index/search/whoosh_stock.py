"""Segments in Whoosh's own codec. Kept as the oracle of the arrays, and for whoever wants Whoosh's plain files.

A Whoosh reader used by two threads gives wrong answers, and `refresh()` leaks a file at every commit. So every thread
opens readers of its own for each segment.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, FileIndex
from whoosh.reading import SegmentReader
from whoosh.writing import SegmentWriter

from index.search.backend import IndexDocument
from index.search.whoosh_columns import Codes, properties_of
from index.search.whoosh_postings import PlacedList, PostingLists
from index.search.whoosh_schema import STOCK_SCHEMA, Row, RowCodec, fields_with_row, position_fields, row_of
from index.search.whoosh_segments import INDEX_NAME, Part, Position, Rows, Segments, Snapshot


class _WatchedStorage(FileStorage):  # type: ignore[misc]
    """A folder that remembers which files were opened, so that those Whoosh forgets on damage can be closed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self.opened: list[Any] = []

    def open_file(self, name: str, **kwargs: Any) -> Any:
        file = super().open_file(name, **kwargs)
        self.opened.append(file.file)
        return file


@contextmanager
def _watched(folder: Path) -> Iterator[_WatchedStorage]:
    """Give a storage to open something with; when that fails, close what it had opened by then."""
    storage = _WatchedStorage(folder)
    try:
        yield storage
    except BaseException:
        for file in storage.opened:
            file.close()
        raise
    storage.opened.clear()


class StockSegments(Segments):
    """Reads and writes Whoosh's own files."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.storage = FileStorage(str(folder))
        self.lists = PostingLists()
        self._local = threading.local()

    def create(self) -> None:
        """Make an empty index in the folder."""
        FileIndex.create(self.storage, STOCK_SCHEMA, INDEX_NAME)

    def latest_commit(self) -> int:
        """Return the number of the newest commit, -1 when the folder holds none."""
        return int(TOC._latest_generation(self.storage, INDEX_NAME))

    def writer(self) -> Any:
        """Return a writer that keeps no lengths: they are in the rows."""
        storage = FileStorage(str(self.folder))
        return SegmentWriter(FileIndex(storage, schema=STOCK_SCHEMA, indexname=INDEX_NAME), codec=RowCodec())

    def fields_of(self, document: IndexDocument) -> dict[str, object]:
        """Return what is handed to the writer for a document."""
        return fields_with_row(document)

    def purge(self) -> bool:
        """Merge all segments into one where any has deleted documents."""
        segments, _ = self._segments(self.latest_commit())
        if not any(segment.has_deletions() for segment in segments):
            return False
        self.writer().commit(optimize=True)
        return True

    def put_position(self, writer: Any, position: int) -> None:
        """Add the row that carries the position."""
        writer.add_document(**position_fields(position))

    def posting_list(self, part: Part, field: str, token: bytes, *, places: bool) -> PlacedList | None:
        """Return the postings of a token in a part, remembered within bounds."""
        name = part.segment.segment_id()
        return self.lists.read(self._reader(part), name, field, token, places=places)

    def frequencies(self, part: Part, field: str, tokens: Sequence[bytes]) -> Codes:
        """Return in how many documents of a part each of some tokens is, deleted ones included."""
        reader = self._reader(part)
        found = (int(reader.doc_frequency(field, token)) if (field, token) in reader else 0 for token in tokens)
        return np.fromiter(found, dtype=np.int64, count=len(tokens))

    def beginning_with(
        self, part: Part, field: str, beginning: bytes, most: int
    ) -> tuple[Sequence[bytes], Sequence[int]]:
        """Return the first `most` tokens that begin so, and in how many documents each is, deleted ones included."""
        reader = self._reader(part)
        found = list(islice(reader.expand_prefix(field, beginning), most))
        return found, [int(reader.doc_frequency(field, text)) for text in found]

    def forget(self, snapshot: Snapshot) -> None:
        """Close this thread's readers of segments a snapshot no longer has."""
        readers: dict[str, Any] = self._local.__dict__.setdefault("readers", {})
        alive = {part.segment.segment_id() for part in snapshot.parts}
        for name in [name for name in readers if name not in alive]:
            readers.pop(name).close()

    def close(self) -> None:
        """Close this thread's readers; those of other threads end with them."""
        for reader in self._local.__dict__.pop("readers", {}).values():
            reader.close()
        self.storage.close()

    def _segments(self, commit: int) -> tuple[Sequence[Any], Mapping[str, int]]:
        with _watched(self.folder) as storage:
            segments: Sequence[Any] = TOC.read(storage, INDEX_NAME, gen=commit, schema=STOCK_SCHEMA).segments
        return segments, {}

    def _read_rows(self, segment: Any) -> Rows:
        rows: list[Row | None] = [None] * segment.doc_count_all()
        positions: dict[int, Position] = {}
        reader = self._open(segment)
        try:
            for number in range(segment.doc_count_all()):
                row = row_of(reader.stored_fields(number))
                if isinstance(row, Row):
                    rows[number] = row
                else:
                    positions[number] = row
        finally:
            reader.close()
        return Rows(properties_of(rows), positions)

    def _reader(self, part: Part) -> Any:
        """This thread's reader of a segment."""
        readers: dict[str, Any] = self._local.__dict__.setdefault("readers", {})
        name = part.segment.segment_id()
        if name not in readers:
            readers[name] = self._open(part.segment)
        return readers[name]

    def _open(self, segment: Any) -> Any:
        with _watched(self.folder) as storage:
            return SegmentReader(storage, STOCK_SCHEMA, segment)
