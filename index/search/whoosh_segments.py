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

import numpy as np
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC
from whoosh.reading import SegmentReader

from index.search.fields import FIELDS
from index.search.whoosh_columns import Columns, Flags, Names, Numbers, columns_of, joined
from index.search.whoosh_postings import PostingLists
from index.search.whoosh_schema import LENGTHS, SCHEMA, Row, row_of

INDEX_NAME = "MAIN"


@dataclass(slots=True)
class SegmentRows:
    """The rows of one segment by document number, shared by all threads; a position's row counts as no article."""

    columns: Columns
    positions: dict[int, tuple[int, int]]  # document number -> (position, schema version)
    by_article: dict[int, int]


@dataclass(slots=True)
class Part:
    """A segment at one commit: its rows, which of them are deleted, and where its numbers begin in a snapshot."""

    segment: Any
    rows: SegmentRows
    deleted: frozenset[int]
    base: int


@dataclass(slots=True)
class Snapshot:
    """An index at one commit. Documents are numbered over all parts; `alive` says which of them are articles held."""

    segments: Segments  # what opened it: its names and readers belong together
    commit: int
    parts: list[Part]
    columns: Columns
    alive: Flags
    position: int = 0
    schema_version: int = 0
    documents: int = 0
    factors: dict[str, Numbers] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()

    def contents(self) -> Iterator[tuple[int, int]]:
        """Yield (article id, revision) of every article held."""
        ids, revisions = self.columns.article_id[self.alive], self.columns.revision[self.alive]
        yield from zip(ids.tolist(), revisions.tolist(), strict=True)


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
        self.names = Names()
        self.lists = PostingLists()
        self._rows: dict[str, SegmentRows] = {}
        self._local = threading.local()

    def latest_commit(self) -> int:
        """Return the number of the newest commit, -1 when the folder holds none."""
        return int(TOC._latest_generation(self.storage, INDEX_NAME))

    def newest(self) -> Snapshot:
        """Open the index at its newest commit."""
        return self.snapshot(self.latest_commit())

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
        return _snapshot(self, commit, parts)

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
            number_of = segment.doc_count_all()
            rows: list[Row | None] = [None] * number_of
            positions: dict[int, tuple[int, int]] = {}
            for number in range(number_of):
                row = row_of(reader.stored_fields(number))
                if isinstance(row, Row):
                    rows[number] = row
                else:
                    positions[number] = row
            by_article = {row.article_id: number for number, row in enumerate(rows) if row is not None}
            return SegmentRows(columns_of(rows, self.names), positions, by_article)
        finally:
            reader.close()


def _snapshot(segments: Segments, commit: int, parts: list[Part]) -> Snapshot:
    """Join the parts and work out what is true of the whole: position, documents, length factors, languages."""
    columns = joined([part.rows.columns for part in parts])
    alive = columns.article_id >= 0
    position = version = 0
    for part in parts:
        gone = [part.base + number for number in part.deleted]
        alive[gone] = False
        for number, (reached, of_version) in part.rows.positions.items():
            if number not in part.deleted and reached >= position:
                position, version = reached, of_version
    documents = int(alive.sum())
    factors = {}
    for name in LENGTHS:
        shape, lengths = FIELDS[name], columns.lengths[name]
        average = float(lengths[alive].sum()) / max(documents, 1)
        relative = lengths / average if average > 0 else np.ones_like(lengths)
        factors[name] = np.where(alive, shape.weight / (1.0 - shape.b + shape.b * relative), 0.0)
    languages = {segments.names.of("language", code) for code in np.unique(columns.language[alive]).tolist()}
    return Snapshot(
        segments,
        commit,
        parts,
        columns,
        alive,
        position=position,
        schema_version=version,
        documents=documents,
        factors=factors,
        languages=frozenset(languages - {""}),
    )
