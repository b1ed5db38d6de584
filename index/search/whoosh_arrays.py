"""Segments whose postings are arrays (the package `arrays`), read without copying by all threads and processes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.search.arrays.field import FieldArrays
from index.search.arrays.index import ArraysIndex
from index.search.arrays.toc import read_contents
from index.search.arrays.upkeep import POLL_S, WAIT_S
from index.search.whoosh_postings import PostingList
from index.search.whoosh_schema import SCHEMA
from index.search.whoosh_segments import INDEX_NAME, Part, Segments, Snapshot


class ArraysSegments(Segments):
    """Reads and writes files of arrays."""

    outlives_commits = True

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._index = ArraysIndex(folder, SCHEMA, INDEX_NAME)

    def create(self) -> None:
        """Make an empty index in the folder."""
        ArraysIndex.create(self.folder, SCHEMA, INDEX_NAME)

    def latest_commit(self) -> int:
        """Return the number of the newest commit, -1 when the folder holds none."""
        return int(self._index.latest_generation())

    def writer(self) -> Any:
        """Return a writer; what is open stays open over its commit. A merge has the lock for some milliseconds."""
        return self._index.writer(timeout=WAIT_S, delay=POLL_S)

    def posting_list(self, part: Part, field: str, token: str, *, places: bool) -> PostingList | None:
        """Return the postings of a token in a part as they lie in the file."""
        arrays = self._field(part, field)
        number = -1 if arrays is None else arrays.find(token.encode("utf-8", "replace"))
        if arrays is None or number < 0:
            return None
        begin, end = arrays.extent(number)
        found = None
        if places and arrays.places is not None and arrays.place_starts is not None:
            found = arrays.places[int(arrays.place_starts[number]) : int(arrays.place_starts[number + 1])]
        documents, frequencies = arrays.docs[begin:end], arrays.frequencies(begin, end)
        return PostingList(documents.astype(np.int64), frequencies.astype(np.float64), found)

    def frequency(self, part: Part, field: str, token: str) -> int:
        """Return in how many documents of a part a token is, deleted ones included."""
        arrays = self._field(part, field)
        return 0 if arrays is None else arrays.document_frequency(token.encode("utf-8", "replace"))

    def beginning_with(self, part: Part, field: str, beginning: str, most: int) -> Sequence[tuple[str, int]]:
        """Return the first `most` tokens that begin so, with the number of documents each is in."""
        arrays = self._field(part, field)
        if arrays is None:
            return []
        low, high = arrays.beginning_with(beginning.encode("utf-8", "replace"))
        high = min(high, low + most)
        words = [term.decode("utf-8", "replace") for term in arrays.terms_between(low, high)]
        counts = np.diff(arrays.starts[low : high + 1].astype(np.int64)).tolist()
        return list(zip(words, counts, strict=True))

    def merge(self) -> bool:
        """Merge some segments if enough of a size have gathered and nobody else is merging."""
        return bool(self._index.merge())

    def documents_to_read(self, commit: int) -> int:
        """Return how many documents are in segments of a commit that are not open yet."""
        contents = read_contents(self._index.contents_path(commit))
        return sum(one.documents for one in contents.segments if one.name not in self._rows)

    def check(self, snapshot: Snapshot) -> None:
        """Raise DamagedFileError where a file of a snapshot was cut or has grown since it was opened."""
        for part in snapshot.parts:
            part.segment.data.file.check_size()

    def forget(self, snapshot: Snapshot) -> None:
        """Do nothing: no thread has anything of its own, and what is in no commit is let go when the next is read."""

    def close(self) -> None:
        """Let go of all files; who still reads one has it until he is done."""
        self._index.open_segments.keep(set())

    def _segments(self, commit: int) -> Sequence[Any]:
        segments = self._index.commit(commit).segments
        for one in segments:
            one.data = self._index.open_segments.get(one.segment_id())
        self._index.open_segments.keep({one.segment_id() for one in segments})
        return segments

    def _stored(self, segment: Any) -> Iterator[Any]:
        return (segment.data.stored(number) for number in range(segment.data.documents))

    def _field(self, part: Part, field: str) -> FieldArrays | None:
        found: FieldArrays | None = part.segment.data.fields.get(field)
        return found
