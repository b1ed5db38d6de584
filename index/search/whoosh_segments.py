"""What is open of a Whoosh index: its segments at one commit, and their columns. Reading segments is their codec's.

A segment never changes, so what is known of it is shared by all commits and threads; a new commit costs what is new in
it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.search.backend import IndexDocument
from index.search.fields import FIELDS
from index.search.whoosh_columns import Codes, Docs, Flags, Names, Numbers, Properties
from index.search.whoosh_postings import PlacedList, PostingList
from index.search.whoosh_schema import decoded

INDEX_NAME = "MAIN"
Position = tuple[int, int]
"""The position in the change log, and the version of fields and words."""


@dataclass(slots=True)
class Rows:
    """What is known of the documents of one segment, shared by all; a position's row counts as no article."""

    properties: Properties
    positions: dict[int, Position] = field(default_factory=dict)  # by the number of their row; none in arrays


class Part:
    """A segment at one commit: which of its documents are articles that are held, and what is true of those."""

    def __init__(self, segment: Any, rows: Rows, deleted: frozenset[int]) -> None:
        """Take a segment without its deleted documents."""
        self.segment = segment
        self.name: str = segment.segment_id()
        self.properties = rows.properties
        self.positions = rows.positions
        self.deleted = deleted
        self.size = rows.properties.documents
        self.alive: Flags | None = None  # None: all of them
        if deleted or rows.positions:
            self.alive = np.ones(self.size, dtype=bool)
            self.alive[[*deleted, *rows.positions]] = False
        self.documents = self.size if self.alive is None else int(np.count_nonzero(self.alive))

    @cached_property
    def everything(self) -> Docs:
        """The documents that are held."""
        return np.arange(self.size) if self.alive is None else np.flatnonzero(self.alive)

    @cached_property
    def totals(self) -> dict[str, int]:
        """The sum of the lengths of every field over what is held."""
        totals, properties = self.properties.totals, self.properties
        if self.alive is None:
            return totals
        gone = np.flatnonzero(~self.alive)
        return {name: totals[name] - int(properties.lengths(name)[gone].sum(dtype=np.int64)) for name in totals}

    @cached_property
    def languages(self) -> frozenset[str]:
        """The languages of what is held."""
        column = self.properties.named("language")
        if column is None or column.codes is None:
            return frozenset()
        codes: Sequence[int] = range(column.names)
        if self.alive is not None:
            codes = np.flatnonzero(np.bincount(column.codes[self.alive], minlength=1)).tolist()
        return frozenset(decoded(column.name(code)) for code in codes) - {""}

    def living(self, documents: Docs) -> Docs:
        """Return those of some documents that are held."""
        return documents if self.alive is None else documents[self.alive.take(documents)]


class Lengths:
    """What a word in a field adds to the frequency of a document, by the length of the field: `scoring` as a table."""

    def __init__(self, name: str, average: float) -> None:
        """Know the average length over the index."""
        shape = FIELDS[name]
        self.weight, self._b, self._average = shape.weight, shape.b, average
        self.alike = shape.b == 0.0
        """Whether the length does not matter: the factor is the weight of the field."""
        self._table: Numbers = self._worked_out(np.arange(1 << 13))

    def factors(self, lengths: NDArray[Any]) -> Numbers:
        """Return the factor of each of some lengths."""
        last = len(self._table) - 1
        if not len(lengths) or int(lengths.max()) <= last:
            return self._table.take(lengths)
        found: Numbers = self._table.take(np.minimum(lengths, last))
        long = np.flatnonzero(lengths > last)
        found[long] = self._worked_out(lengths[long])
        return found

    def _worked_out(self, lengths: NDArray[Any]) -> Numbers:
        relative = lengths / self._average if self._average > 0 else np.ones(len(lengths))
        found: Numbers = self.weight / (1.0 - self._b + self._b * relative)
        return found


@dataclass(slots=True)
class Snapshot:
    """An index at one commit. `lengths` are worked out for the first question that needs them."""

    segments: Segments  # what opened it: its names and readers belong together
    commit: int
    parts: list[Part]
    position: int = 0
    schema_version: int = 0
    documents: int = 0
    languages: frozenset[str] = frozenset()
    _lengths: dict[str, Lengths] = field(default_factory=dict)

    def lengths(self, name: str) -> Lengths:
        """Return what the lengths of a field mean."""
        found = self._lengths.get(name)
        if found is None:
            whole = sum(part.totals[name] for part in self.parts)
            found = self._lengths[name] = Lengths(name, whole / max(self.documents, 1))
        return found

    def contents(self) -> Iterator[tuple[int, int]]:
        """Yield (article id, revision) of every article held."""
        for part in self.parts:
            ids, revisions = part.properties.article_id, part.properties.revision
            for begin in range(0, len(part.everything), 4096):
                some = part.everything[begin : begin + 4096]
                yield from zip(ids[some].tolist(), revisions[some].tolist(), strict=True)


class Segments(ABC):
    """Opens snapshots of one index folder, keeping what they share; one kind for each codec."""

    outlives_commits = False
    """Whether a snapshot can be read though a later commit has taken away files of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names = Names()
        self._rows: dict[str, Rows] = {}
        self._parts: dict[str, Part] = {}

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
    def fields_of(self, document: IndexDocument) -> dict[str, object]:
        """Return what is handed to the writer for a document."""

    @abstractmethod
    def put_position(self, writer: Any, position: int) -> None:
        """Put the position into the commit of a writer."""

    @abstractmethod
    def posting_list(self, part: Part, field: str, token: bytes, *, places: bool) -> PlacedList | None:
        """Return the postings of a token in a part, None where it has none. Safe for several threads."""

    @abstractmethod
    def frequencies(self, part: Part, field: str, tokens: Sequence[bytes]) -> Codes:
        """Return in how many documents of a part each of some tokens is, deleted ones included."""

    @abstractmethod
    def beginning_with(
        self, part: Part, field: str, beginning: bytes, most: int
    ) -> tuple[Sequence[bytes], Sequence[int]]:
        """Return the first `most` tokens that begin so, and in how many documents each is, deleted ones included."""

    def any_of(self, part: Part, field: str, tokens: Sequence[bytes]) -> list[PostingList]:
        """Return lists that together are the postings of some tokens in a part."""
        found = (self.posting_list(part, field, token, places=False) for token in tokens)
        return [one for one in found if one is not None]

    def merge(self) -> bool:
        """Do one step of what makes searches faster and need not be done at once; say whether there was anything."""
        return False

    @abstractmethod
    def purge(self) -> bool:
        """Write a segment with deleted documents anew; say whether there was one. Only under the writer's lock.

        Raises BusyError while another process is merging.
        """

    def documents_to_read(self, commit: int) -> int:
        """Return how many documents have to be read before a snapshot of a commit is open."""
        return 0

    def check(self, snapshot: Snapshot) -> None:
        """Raise where what a snapshot has open was changed by someone else, or found to be damaged, since."""
        return

    def check_whole(self, snapshot: Snapshot) -> None:
        """Raise where anything of a snapshot is damaged, when all of it has been read against its checksums."""
        return

    @abstractmethod
    def forget(self, snapshot: Snapshot) -> None:
        """Close what this thread has open of segments a snapshot no longer has."""

    @abstractmethod
    def close(self) -> None:
        """Close what this thread has open."""

    @abstractmethod
    def _segments(self, commit: int) -> tuple[Sequence[Any], Mapping[str, int]]:
        """Return the segments of a commit, and what was said with it."""

    @abstractmethod
    def _read_rows(self, segment: Any) -> Rows:
        """Return what is known of the documents of a segment."""

    def newest(self) -> Snapshot:
        """Open the index at its newest commit."""
        return self.snapshot(self.latest_commit())

    def snapshot(self, commit: int) -> Snapshot:
        """Open the index at a commit. Raises what Whoosh raises for damaged or vanished files."""
        segments, said = self._segments(commit)
        parts = [self._part(segment) for segment in segments]
        self._parts = {part.name: part for part in parts}
        self._rows = {name: rows for name, rows in self._rows.items() if name in self._parts}
        self.names.keep(set(self._parts))
        position, version = _position(parts, said)
        return Snapshot(
            self,
            commit,
            parts,
            position=position,
            schema_version=version,
            documents=sum(part.documents for part in parts),
            languages=frozenset().union(*(part.languages for part in parts)),
        )

    def _part(self, segment: Any) -> Part:
        """A segment as it is at a commit; the one of the commit before where nothing of it was deleted since."""
        name = segment.segment_id()
        deleted = frozenset(segment.deleted_docs() if segment.has_deletions() else ())
        held = self._parts.get(name)
        if held is not None and held.deleted == deleted:
            return held
        if name not in self._rows:
            self._rows[name] = self._read_rows(segment)
        return Part(segment, self._rows[name], deleted)


def _position(parts: Sequence[Part], said: Mapping[str, int]) -> Position:
    position, version = said.get("position", 0), said.get("schema_version", 0)
    for part in parts:
        for number, (reached, of_version) in part.positions.items():
            if number not in part.deleted and reached >= position:
                position, version = reached, of_version
    return position, version
