"""An index of arrays in a folder: Whoosh's files, generations and locks, with segments and a table of our own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, EmptyIndexError, FileIndex, clean_files

from index.search.arrays.batch import check_field
from index.search.arrays.codec import ArraysCodec
from index.search.arrays.container import VERSION
from index.search.arrays.errors import OtherVersionError
from index.search.arrays.parsing import ArraysQueryParser
from index.search.arrays.searcher import ArraysSearcher
from index.search.arrays.segment import ArraysSegment, OpenSegments
from index.search.arrays.toc import Contents, SegmentEntry, description_of, read_contents, write_contents
from index.search.arrays.tokens import ChunkReader, chunk_reader
from index.search.arrays.upkeep import Outcome, merge_beside, purge_beside
from index.search.arrays.writer import ArraysWriter

NAME = "MAIN"
TRIES = 20


@dataclass(frozen=True, slots=True)
class Commit:
    """What Whoosh reads of a table of contents, and what was said with the commit."""

    schema: Any
    segments: list[ArraysSegment]
    generation: int
    said: dict[str, int] = field(default_factory=dict)
    version: int = VERSION
    release: tuple[int, int, int] = (VERSION, 0, 0)


class ArraysIndex(FileIndex):  # type: ignore[misc]
    """A folder opened with the schema it was made for. Segments stay open over commits."""

    def __init__(self, folder: Path, schema: Any, indexname: str = NAME) -> None:
        """Open nothing yet. Raises UnsupportedFieldError for a schema the arrays cannot keep."""
        for name, kind in schema.items():
            if kind.indexed and kind.format is not None:
                check_field(name, kind)
        self.folder = folder
        self.storage = FileStorage(str(folder))
        self.indexname = indexname
        self._schema = schema
        self.open_segments = OpenSegments(folder)
        self.codec = ArraysCodec(self.open_segments)
        readers = {name: chunk_reader(kind) for name, kind in schema.items()}
        self.readers: dict[str, ChunkReader] = {name: one for name, one in readers.items() if one is not None}

    @classmethod
    def create(cls, folder: Path, schema: Any, indexname: str = NAME) -> ArraysIndex:
        """Make an empty index in a folder, which may be there already."""
        folder.mkdir(parents=True, exist_ok=True)
        index = cls(folder, schema, indexname)
        write_contents(index.contents_path(0), Contents(0, description_of(schema), ()))
        return index

    def contents_path(self, generation: int) -> Path:
        """Return where the table of contents of a commit is."""
        return self.folder / str(TOC._filename(self.indexname, generation))

    def commit(self, generation: int | None = None) -> Commit:
        """Read the table of a commit, the newest if none is named.

        Raises EmptyIndexError where there is none, FileNotFoundError for one that is gone, and ArraysError.
        """
        contents = self._newest() if generation is None else read_contents(self.contents_path(generation))
        if contents.schema != description_of(self._schema):
            raise OtherVersionError(f"{self.folder.name}: the index was made for other fields")
        return Commit(
            self._schema, [self._segment(one) for one in contents.segments], contents.generation, contents.said
        )

    def save(self, segments: Sequence[ArraysSegment], generation: int, said: Mapping[str, int] | None = None) -> None:
        """Write the table of a new commit, and take away files that it does not name. Only under the writer's lock.

        Without `said` what the commit before said goes on to be true.
        """
        if said is None:
            said = read_contents(self.contents_path(generation - 1)).said
        entries = tuple(SegmentEntry(one.segment_id(), one.doc_count_all(), one.deleted_docs()) for one in segments)
        contents = Contents(generation, description_of(self._schema), entries, dict(said))
        write_contents(self.contents_path(generation), contents)
        clean_files(self.storage, self.indexname, generation, segments)
        for left in self.folder.glob(f"_{self.indexname}_*.toc.*"):
            left.unlink(missing_ok=True)
        self.open_segments.keep({one.segment_id() for one in segments})

    def merge(self, *, everything: bool = False) -> Outcome:
        """Merge once what is due, while others may commit; true when something was merged (see `upkeep`)."""
        return merge_beside(self, everything=everything)

    def purge(self) -> Outcome:
        """Write one segment of which something is deleted anew, so that no file holds it (see `upkeep`)."""
        return purge_beside(self)

    def reader(self, reuse: Any = None) -> Any:
        """Return a reader of the newest commit; what is open already is shared, so `reuse` means nothing."""
        return super().reader()

    def searcher(self, **options: Any) -> ArraysSearcher:
        """Return a searcher of the newest commit; threads may share it."""
        return ArraysSearcher(self.reader(), fromindex=self, **options)

    def parser(self, fieldname: str, **options: Any) -> ArraysQueryParser:
        """Return a query parser for a field; options are those of Whoosh's."""
        return ArraysQueryParser(fieldname, self._schema, readers=self.readers, **options)

    def writer(self, procs: int = 1, **options: Any) -> ArraysWriter:
        """Return a writer. Raises LockError while there is another."""
        return ArraysWriter(self, **options)

    def reader_of(self, fieldname: str) -> ChunkReader | None:
        """Return what reads texts of a field in stretches, None where the field has to do it itself."""
        return self.readers.get(fieldname)

    def _newest(self) -> Contents:
        """Read the newest table; a commit may take one away between its number being read and itself."""
        for attempt in range(TRIES):
            generation = int(self.latest_generation())
            if generation < 0:
                raise EmptyIndexError(f"{self.folder}: there is no index")
            try:
                return read_contents(self.contents_path(generation))
            except FileNotFoundError:
                if attempt == TRIES - 1:
                    raise
        raise AssertionError

    def _read_toc(self) -> Commit:
        return self.commit()

    def _segment(self, entry: SegmentEntry) -> ArraysSegment:
        prefix = f"{self.indexname}_"
        segment = ArraysSegment(
            self.codec, self.indexname, segid=entry.name.removeprefix(prefix), documents=entry.documents
        )
        for number in entry.deleted:
            segment.delete_document(number)
        return segment
