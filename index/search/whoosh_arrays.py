"""Segments whose postings are arrays (the package `arrays`), read without copying by all threads and processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import BusyError
from index.search.arrays.field import FieldArrays
from index.search.arrays.index import ArraysIndex
from index.search.arrays.toc import read_contents
from index.search.arrays.upkeep import POLL_S, WAIT_S, Outcome
from index.search.backend import IndexDocument
from index.search.whoosh_columns import Codes, Docs, Properties
from index.search.whoosh_match import wide
from index.search.whoosh_postings import PlacedList, PostingList
from index.search.whoosh_schema import ARRAYS_SCHEMA, fields_with_columns, said_with
from index.search.whoosh_segments import INDEX_NAME, Part, Rows, Segments, Snapshot

FEW = 4
"""So many tokens are looked up one by one; the postings of more are taken together."""


class MappedList:
    """The postings of a token as they lie in the file."""

    __slots__ = ("_begin", "_end", "_field", "_number", "documents")
    repeats = False

    def __init__(self, field: FieldArrays, number: int) -> None:
        """Take the postings of the token with a number."""
        self._field, self._number = field, number
        self._begin, self._end = field.extent(number)
        self.documents: Docs = field.docs[self._begin : self._end]

    def frequencies(self, chosen: Codes | None = None) -> NDArray[Any]:
        """Return how often the token is in each document, or in chosen ones."""
        field = self._field
        if field.has_often(self._begin, self._end):
            found = field.frequencies(self._begin, self._end)
            return found if chosen is None else found[chosen]
        impacts = field.impacts[self._begin : self._end]
        return (impacts if chosen is None else impacts[chosen]) >> 8

    def places(self, chosen: Codes) -> tuple[Codes, Codes]:
        """Return where the token stands in chosen documents, and how many places each has."""
        return self._field.positions(self._number, chosen)


class MappedLists:
    """The postings of several tokens, taken together: a document may be there more than once."""

    repeats = True

    def __init__(self, field: FieldArrays, numbers: Codes) -> None:
        """Take the postings of the tokens with some numbers, ascending."""
        self._field = field
        begins, ends = field.starts[numbers].astype(np.int64), field.starts[numbers + 1].astype(np.int64)
        self._runs = list(zip(begins.tolist(), ends.tolist(), strict=True))
        self._postings: Codes | slice = slice(self._runs[0][0], self._runs[-1][1])
        if int(numbers[-1]) - int(numbers[0]) >= len(numbers):  # else they lie side by side
            counts = ends - begins
            after = np.cumsum(counts)
            self._postings = np.arange(int(after[-1])) + np.repeat(begins - (after - counts), counts)

    @cached_property
    def documents(self) -> Docs:
        """The documents, token by token."""
        return wide(self._field.docs[self._postings])

    def frequencies(self, chosen: Codes | None = None) -> NDArray[Any]:
        """Return how often the token of each posting is in its document."""
        if len(self._field.often):
            found: NDArray[Any] = np.concatenate([self._field.frequencies(*run) for run in self._runs])
        else:
            found = self._field.impacts[self._postings] >> 8
        return found if chosen is None else found[chosen]


class ArraysSegments(Segments):
    """Reads and writes files of arrays."""

    outlives_commits = True

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._index = ArraysIndex(folder, ARRAYS_SCHEMA, INDEX_NAME)

    def create(self) -> None:
        """Make an empty index in the folder."""
        ArraysIndex.create(self.folder, ARRAYS_SCHEMA, INDEX_NAME)

    def latest_commit(self) -> int:
        """Return the number of the newest commit, -1 when the folder holds none."""
        return int(self._index.latest_generation())

    def writer(self) -> Any:
        """Return a writer; what is open stays open over its commit. A merge has the lock for some milliseconds."""
        return self._index.writer(timeout=WAIT_S, delay=POLL_S)

    def fields_of(self, document: IndexDocument) -> dict[str, object]:
        """Return what is handed to the writer for a document."""
        return fields_with_columns(document)

    def put_position(self, writer: Any, position: int) -> None:
        """Say the position with the commit."""
        writer.say(**said_with(position))

    def posting_list(self, part: Part, field: str, token: bytes, *, places: bool) -> PlacedList | None:
        """Return the postings of a token in a part as they lie in the file."""
        arrays = self._field(part, field)
        number = -1 if arrays is None else arrays.find(token)
        return None if arrays is None or number < 0 else MappedList(arrays, number)

    def any_of(self, part: Part, field: str, tokens: Sequence[bytes]) -> list[PostingList]:
        """Return lists that together are the postings of some tokens in a part."""
        arrays = self._field(part, field)
        if arrays is None:
            return []
        if len(tokens) <= FEW:
            return [MappedList(arrays, number) for token in tokens if (number := arrays.find(token)) >= 0]
        numbers = arrays.find_all(list(tokens))
        numbers = np.sort(numbers[numbers >= 0])
        return [MappedLists(arrays, numbers)] if len(numbers) else []

    def frequencies(self, part: Part, field: str, tokens: Sequence[bytes]) -> Codes:
        """Return in how many documents of a part each of some tokens is, deleted ones included."""
        arrays = self._field(part, field)
        found = np.zeros(len(tokens), dtype=np.int64)
        if arrays is not None and len(tokens):
            numbers = arrays.find_all(list(tokens))
            known = np.flatnonzero(numbers >= 0)
            found[known] = arrays.starts[numbers[known] + 1].astype(np.int64) - arrays.starts[numbers[known]]
        return found

    def beginning_with(
        self, part: Part, field: str, beginning: bytes, most: int
    ) -> tuple[Sequence[bytes], Sequence[int]]:
        """Return the first `most` tokens that begin so, and in how many documents each is, deleted ones included."""
        arrays = self._field(part, field)
        if arrays is None:
            return [], []
        low, high = arrays.beginning_with(beginning)
        high = min(high, low + most)
        starts = arrays.starts[low : high + 1].astype(np.int64)
        return list(arrays.terms_between(low, high)), (starts[1:] - starts[:-1]).tolist()

    def merge(self) -> bool:
        """Merge some segments if enough of a size have gathered and nobody else is merging."""
        return bool(self._index.merge())

    def purge(self) -> bool:
        """Write the first segment with deleted documents anew."""
        done = self._index.purge()
        if done is Outcome.BUSY:
            raise BusyError(f"{self.folder}: another process is merging the index; wait for it to end, then repeat.")
        return done is not Outcome.NOTHING

    def documents_to_read(self, commit: int) -> int:
        """Return how many documents are in segments of a commit that are not open yet."""
        contents = read_contents(self._index.contents_path(commit))
        return sum(one.documents for one in contents.segments if one.name not in self._rows)

    def check(self, snapshot: Snapshot) -> None:
        """Raise DamagedFileError where a file of a snapshot was cut or has grown, or is found to be damaged."""
        for part in snapshot.parts:
            part.segment.data.file.check_size()
            self._index.open_segments.checks.raise_found(part.name)

    def check_whole(self, snapshot: Snapshot) -> None:
        """Raise DamagedFileError where a file is damaged, when all of it has been read against its checksums."""
        self._index.open_segments.checks.wait()
        self.check(snapshot)

    def forget(self, snapshot: Snapshot) -> None:
        """Do nothing: no thread has anything of its own, and what is in no commit is let go when the next is read."""

    def close(self) -> None:
        """Let go of all files; who still reads one has it until he is done."""
        self._index.open_segments.keep(set())

    def _segments(self, commit: int) -> tuple[Sequence[Any], Mapping[str, int]]:
        found = self._index.commit(commit)
        for one in found.segments:
            one.data = self._index.open_segments.get(one.segment_id())
        self._index.open_segments.keep({one.segment_id() for one in found.segments})
        return found.segments, found.said

    def _read_rows(self, segment: Any) -> Rows:
        return Rows(Properties(segment.data.columns, segment.data.documents))

    def _field(self, part: Part, field: str) -> FieldArrays | None:
        found: FieldArrays | None = part.segment.data.fields.get(field)
        return found
