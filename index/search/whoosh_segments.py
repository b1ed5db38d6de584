"""What is open of a Whoosh index: its segments at one commit, their rows, and readers that no two threads share.

A Whoosh reader used by two threads gives wrong answers, and `refresh()` leaks a file at every commit. So rows, which
never change within a segment, are read once and shared, and every thread opens readers of its own for each segment.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC
from whoosh.reading import SegmentReader

from index.search.whoosh_schema import LENGTHS, SCHEMA, Row, row_of

INDEX_NAME = "MAIN"


@dataclass(slots=True)
class SegmentRows:
    """The rows of one segment by document number (None for a position row), shared by all threads."""

    rows: list[Row | None]
    positions: dict[int, tuple[int, int]]  # document number -> (position, schema version)
    by_article: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Part:
    """A segment at one commit: its rows, which of them are deleted, and where its numbers begin in a snapshot."""

    segment: Any
    rows: SegmentRows
    deleted: frozenset[int]
    base: int


@dataclass(slots=True)
class Snapshot:
    """An index at one commit."""

    folder: Path
    commit: int
    parts: list[Part]
    position: int = 0
    schema_version: int = 0
    documents: int = 0
    average_lengths: dict[str, float] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()

    def row(self, number: int) -> Row:
        """Return the row of a document by its number in this snapshot."""
        for part in reversed(self.parts):
            if number >= part.base:
                row = part.rows.rows[number - part.base]
                if row is None:
                    break
                return row
        raise IndexError(f"there is no document {number}")

    def live(self) -> Iterator[tuple[int, Row]]:
        """Yield (number, row) of every document that is not deleted."""
        for part in self.parts:
            for number, row in enumerate(part.rows.rows):
                if row is not None and number not in part.deleted:
                    yield part.base + number, row


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


class Segments:
    """Opens snapshots of one index folder, keeping what they share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.storage = FileStorage(str(folder))
        self._rows: dict[str, SegmentRows] = {}
        self._local = threading.local()

    def latest_commit(self) -> int:
        """Return the number of the newest commit, -1 when the folder holds none."""
        return int(TOC._latest_generation(self.storage, INDEX_NAME))

    def snapshot(self, commit: int) -> Snapshot:
        """Open the index at a commit. Raises what Whoosh raises for damaged or vanished files."""
        with _watched(self.folder) as storage:
            toc = TOC.read(storage, INDEX_NAME, gen=commit, schema=SCHEMA)
        parts: list[Part] = []
        base = 0
        for segment in toc.segments:
            name = segment.segment_id()
            if name not in self._rows:
                self._rows[name] = self._read_rows(segment)
            deleted = frozenset(segment.deleted_docs() if segment.has_deletions() else ())
            parts.append(Part(segment, self._rows[name], deleted, base))
            base += segment.doc_count_all()
        alive = {part.segment.segment_id() for part in parts}
        self._rows = {name: rows for name, rows in self._rows.items() if name in alive}
        snapshot = Snapshot(self.folder, commit, parts)
        _count(snapshot)
        return snapshot

    def reader(self, part: Part) -> Any:
        """Return this thread's reader of a segment."""
        readers: dict[str, Any] = self._local.__dict__.setdefault("readers", {})
        name = part.segment.segment_id()
        if name not in readers:
            readers[name] = self._open(part.segment)
        return readers[name]

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

    def _open(self, segment: Any) -> Any:
        with _watched(self.folder) as storage:
            return SegmentReader(storage, SCHEMA, segment)

    def _read_rows(self, segment: Any) -> SegmentRows:
        reader = self._open(segment)
        try:
            rows: list[Row | None] = [None] * segment.doc_count_all()
            positions: dict[int, tuple[int, int]] = {}
            by_article: dict[int, int] = {}
            for number in range(segment.doc_count_all()):
                row = row_of(reader.stored_fields(number))
                if isinstance(row, Row):
                    rows[number] = row
                    by_article[row.article_id] = number
                else:
                    positions[number] = row
            return SegmentRows(rows, positions, by_article)
        finally:
            reader.close()


def _count(snapshot: Snapshot) -> None:
    """Fill in what is true of the whole snapshot: position, number of documents, average lengths, languages."""
    totals = [0] * len(LENGTHS)
    languages: set[str] = set()
    for part in snapshot.parts:
        for number, (position, version) in part.rows.positions.items():
            if number not in part.deleted and position >= snapshot.position:
                snapshot.position, snapshot.schema_version = position, version
    for _, row in snapshot.live():
        snapshot.documents += 1
        languages.add(row.language)
        for slot, length in enumerate(row.lengths):
            totals[slot] += length
    documents = max(snapshot.documents, 1)
    snapshot.average_lengths = {name: total / documents for name, total in zip(LENGTHS, totals, strict=True)}
    snapshot.languages = frozenset(languages - {""})
