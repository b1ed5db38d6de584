"""What is open of a Whoosh index: its segments at one commit, and their rows. How segments are read is their codec's.

Rows never change within a segment, so they are read once and shared by all commits and threads.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from index.search.fields import FIELDS
from index.search.whoosh_columns import Columns, Flags, Names, Numbers, columns_of, joined
from index.search.whoosh_postings import PostingList
from index.search.whoosh_schema import LENGTHS, Row, row_of

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


class Segments(ABC):
    """Opens snapshots of one index folder, keeping what they share; one kind for each codec."""

    outlives_commits = False
    """Whether a snapshot can be read though a later commit has taken away files of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names = Names()
        self._rows: dict[str, SegmentRows] = {}

    @abstractmethod
    def create(self) -> None:
        """Make an empty index in the folder."""

    @abstractmethod
    def latest_commit(self) -> int:
        """Return the number of the newest commit, -1 when the folder holds none."""

    @abstractmethod
    def writer(self) -> Any:
        """Return Whoosh's writer."""

    @abstractmethod
    def posting_list(self, part: Part, field: str, token: str, *, places: bool) -> PostingList | None:
        """Return the postings of a token in a part, None where it has none. Safe for several threads."""

    @abstractmethod
    def frequency(self, part: Part, field: str, token: str) -> int:
        """Return in how many documents of a part a token is, deleted ones included."""

    @abstractmethod
    def beginning_with(self, part: Part, field: str, beginning: str, most: int) -> Sequence[tuple[str, int]]:
        """Return the first `most` tokens that begin so, with the number of documents each is in."""

    def merge(self) -> bool:
        """Do one step of what makes searches faster and need not be done at once; say whether there was anything."""
        return False

    def documents_to_read(self, commit: int) -> int:
        """Return how many documents have to be read before a snapshot of a commit is open."""
        return 0

    def check(self, snapshot: Snapshot) -> None:
        """Raise where what a snapshot has open was changed by someone else since."""
        return

    @abstractmethod
    def forget(self, snapshot: Snapshot) -> None:
        """Close what this thread has open of segments a snapshot no longer has."""

    @abstractmethod
    def close(self) -> None:
        """Close what this thread has open."""

    @abstractmethod
    def _segments(self, commit: int) -> Sequence[Any]:
        """Return the segments of a commit."""

    @abstractmethod
    def _stored(self, segment: Any) -> Iterable[Any]:
        """Yield the stored fields of every document of a segment."""

    def newest(self) -> Snapshot:
        """Open the index at its newest commit."""
        return self.snapshot(self.latest_commit())

    def snapshot(self, commit: int) -> Snapshot:
        """Open the index at a commit. Raises what Whoosh raises for damaged or vanished files."""
        parts: list[Part] = []
        base = 0
        for segment in self._segments(commit):
            name = segment.segment_id()
            if name not in self._rows:
                self._rows[name] = self._read_rows(segment)
            deleted = frozenset(segment.deleted_docs() if segment.has_deletions() else ())
            parts.append(Part(segment, self._rows[name], deleted, base))
            base += segment.doc_count_all()
        alive = {part.segment.segment_id() for part in parts}
        self._rows = {name: rows for name, rows in self._rows.items() if name in alive}
        return _snapshot(self, commit, parts)

    def _read_rows(self, segment: Any) -> SegmentRows:
        rows: list[Row | None] = [None] * segment.doc_count_all()
        positions: dict[int, tuple[int, int]] = {}
        for number, stored in enumerate(self._stored(segment)):
            row = row_of(stored)
            if isinstance(row, Row):
                rows[number] = row
            else:
                positions[number] = row
        by_article = {row.article_id: number for number, row in enumerate(rows) if row is not None}
        return SegmentRows(columns_of(rows, self.names), positions, by_article)


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
