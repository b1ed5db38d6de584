"""One open segment: its fields, columns and stored values, read from one mapped file and shared by all who read."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from whoosh.codec.base import Segment

from index.search.arrays.checking import Checks
from index.search.arrays.columns import Column
from index.search.arrays.container import ArrayFile, open_array_file
from index.search.arrays.errors import DamagedFileError
from index.search.arrays.field import FieldArrays
from index.search.arrays.scoring import Scoring, bm25_scoring
from index.search.arrays.stored import unpacked

EXTENSION = ".arrays"


class SegmentData:
    """What is in the file of a segment. It never changes, so any number of threads and commits may share it."""

    def __init__(self, file: ArrayFile) -> None:
        """Take an open file."""
        self.file = file
        self.documents = int(file.meta["documents"])
        grouped: dict[str, dict[str, Any]] = {}
        columns: dict[str, dict[str, Any]] = {}
        for name, values in file.arrays.items():
            field, _, part = name.rpartition("/")
            if field:
                grouped.setdefault(field, {})[part] = values
            else:
                field, _, part = name.rpartition("|")
                columns.setdefault(field, {})[part] = values
        stored = columns.pop("")
        self.all_stored, self.stored_at = stored["stored"], stored["stored_at"]
        self.fields = {
            name: FieldArrays(grouped[name], boost=said["boost"], total_length=said["total"])
            for name, said in file.meta["fields"].items()
        }
        self.columns = {
            name: Column(columns[name], _default(default)) for name, default in file.meta["columns"].items()
        }
        self._scoring: dict[tuple[str, float, float, float], Scoring] = {}

    def stored(self, document: int) -> dict[str, Any]:
        """Return the stored fields of a document."""
        data = self.stored_bytes(document)
        return unpacked(data) if data else {}

    def stored_bytes(self, document: int) -> bytes:
        """Return the stored fields of a document as they lie."""
        return bytes(self.all_stored[self.stored_at[document] : self.stored_at[document + 1]].tobytes())

    def scoring(self, name: str, *, average: float, b: float, k1: float) -> Scoring:
        """Return how postings of a field are scored where its average length is known."""
        key = (name, average, b, k1)
        found = self._scoring.get(key)
        if found is None:
            if len(self._scoring) > 32:
                self._scoring = {}
            found = bm25_scoring(average=average, boost=self.fields[name].boost, b=b, k1=k1)
            self._scoring[key] = found
        return found


def _default(said: Any) -> Any:
    """The default of a column as it is told in the header: JSON has no bytes and no tuples."""
    match said:
        case None:
            return b""
        case list():
            return ()
        case _:
            return said


class OpenSegments:
    """Opens segments of a folder once and keeps them over commits, until no table of contents names them."""

    def __init__(self, folder: Path) -> None:
        """Open nothing yet."""
        self.folder = folder
        self.checks = Checks()
        self._open: dict[str, SegmentData] = {}
        self._guard = threading.Lock()

    def get(self, name: str) -> SegmentData:
        """Return a segment, opened the first time and checked then or soon. Raises FileNotFoundError or ArraysError."""
        path = self.folder / f"{name}{EXTENSION}"
        self.checks.raise_found(name)
        with self._guard:
            data = self._open.get(name)
            if data is None:
                try:
                    data = SegmentData(open_array_file(path))
                except (KeyError, ValueError, TypeError) as error:
                    raise DamagedFileError(f"{name}{EXTENSION} lacks what a segment has ({error})") from error
                self._open[name] = data
                if data.file.unchecked:
                    self.checks.add(path, data.file)
            return data

    def whole(self, name: str) -> SegmentData:
        """Return a segment when all of it is checked: what is damaged must not be written anew with good checksums."""
        self.get(name)
        self.checks.wait()
        return self.get(name)

    def keep(self, names: set[str]) -> None:
        """Forget all segments but those named; who still reads one has it until he is done."""
        with self._guard:
            self._open = {name: data for name, data in self._open.items() if name in names}


class ArraysSegment(Segment):  # type: ignore[misc]
    """A segment as Whoosh knows it: a name, a number of documents, and which of them are deleted."""

    def __init__(self, codec: Any, indexname: str, *, segid: str = "", documents: int = 0) -> None:
        """Name a new segment, or one that is there by its `segid`."""
        super().__init__(indexname)
        if segid:
            self.segid = segid
        self._codec = codec
        self._documents = documents
        self._deleted: set[int] = set()
        self.data: SegmentData | None = None  # set by who wants to read it though later commits may drop it

    def codec(self) -> Any:
        """Return the codec that reads it."""
        return self._codec

    def should_assemble(self) -> bool:
        """Say that there is one file anyway."""
        return False

    def set_doc_count(self, doccount: int) -> None:
        """Set the number of documents."""
        self._documents = doccount

    def doc_count_all(self) -> int:
        """Return the number of documents, deleted or not."""
        return self._documents

    def deleted_count(self) -> int:
        """Return how many are deleted."""
        return len(self._deleted)

    def deleted_docs(self) -> frozenset[int]:
        """Return the numbers of the deleted."""
        return frozenset(self._deleted)

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Mark a document as deleted, or no longer."""
        if not 0 <= docnum < self._documents:
            raise IndexError(f"no document {docnum} in segment {self.segment_id()}")
        if delete:
            self._deleted.add(docnum)
        else:
            self._deleted.discard(docnum)

    def is_deleted(self, docnum: int) -> bool:
        """Say whether a document is deleted."""
        return docnum in self._deleted
