"""Adding, replacing and deleting documents. A commit writes new segments and a table; it never merges (`upkeep` does).

Documents are gathered and built in batches, so memory is bounded however many are added. What is not committed leaves
only files that no table names, which the next commit takes away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whoosh.fields import UnknownFieldError
from whoosh.index import FileIndex, LockError
from whoosh.util.filelock import try_for
from whoosh.writing import IndexingError, IndexWriter

from index.search.arrays.batch import Batch
from index.search.arrays.container import write_array_file
from index.search.arrays.errors import UnsupportedFieldError
from index.search.arrays.layout import MOST_DOCUMENTS
from index.search.arrays.searcher import ArraysSearcher
from index.search.arrays.segment import EXTENSION, ArraysSegment

if TYPE_CHECKING:
    from index.search.arrays.index import ArraysIndex

BATCH_DOCUMENTS = 5000
BATCH_WORDS = 8_000_000


class ArraysWriter(IndexWriter):  # type: ignore[misc]
    """The one writer of an index; it holds Whoosh's lock until it commits or cancels."""

    def __init__(
        self,
        index: ArraysIndex,
        timeout: float = 0.0,
        delay: float = 0.1,
        batch_documents: int = BATCH_DOCUMENTS,
        **_: Any,
    ) -> None:
        """Take the lock. Raises LockError while another has it. Other options of Whoosh's writer mean nothing here."""
        self.index = index
        self.storage = index.storage
        self.writelock = index.lock("WRITELOCK")
        self.is_closed = True
        if not try_for(self.writelock.acquire, timeout=timeout, delay=delay):
            self.writelock = None
            raise LockError
        try:
            commit = index.commit()
        except BaseException:
            self.writelock.release()
            raise
        self.is_closed = False
        self.schema = commit.schema
        self.segments = commit.segments
        self.generation = commit.generation + 1
        self._said = commit.said
        self._batch_documents = min(batch_documents, MOST_DOCUMENTS)
        self._batch = Batch(self.schema, index.readers)
        self._in_group = False
        self._added: list[ArraysSegment] = []
        self._refused: set[int] = set()  # of the batch: documents that failed half-way or were replaced since
        self._unique: dict[tuple[str, bytes], tuple[int, int]] = {}  # (number of the batch, document) of a unique value

    def add_document(self, **fields: Any) -> None:
        """Add a document. Raises UnknownFieldError, UnsupportedFieldError and what a field raises for its value."""
        self._check_state()
        for name in fields:
            if name.endswith("_boost") and name.startswith("_"):
                raise UnsupportedFieldError(f"{name}: boosts of single documents are not kept")
            if not name.startswith("_") and name not in self.schema:
                raise UnknownFieldError(f"No field named {name!r} in {self.schema}")
        if self._batch.documents >= MOST_DOCUMENTS:
            raise UnsupportedFieldError(f"a group of more than {MOST_DOCUMENTS} documents does not fit into a segment")
        try:
            self._batch.add(fields)
        except BaseException:
            # Some of its fields are in already: it counts as a document, and a deleted one.
            self._refused.add(self._batch.abandon())
            raise
        for name in self._unique_fields(fields):
            key = (name, self.schema[name].to_bytes(fields[name]))
            self._unique[key] = (len(self._added), self._batch.documents - 1)
        self._flush_if_full()

    def say(self, **said: int) -> None:
        """Keep numbers with the commit, in the place of those of the commit before; merging does not change them."""
        self._check_state()
        self._said = said

    def start_group(self) -> None:
        """Keep the documents that follow in one segment, as nested queries need them."""
        self._in_group = True

    def end_group(self) -> None:
        """End a group."""
        self._in_group = False
        self._flush_if_full()

    def add_field(self, fieldname: str, fieldtype: Any, **_: Any) -> None:
        """Refuse: the schema is handed in by whoever opens the index, which is made anew for another one."""
        raise UnsupportedFieldError(f"{fieldname}: an index of arrays keeps the fields it was made with; make it anew")

    def remove_field(self, fieldname: str, **_: Any) -> None:
        """Refuse, as `add_field` does."""
        self.add_field(fieldname, None)

    def update_document(self, **fields: Any) -> None:
        """Add a document in the place of those with its unique values, of this writer too."""
        self._check_state()
        for name in self._unique_fields(fields):
            term = self.schema[name].to_bytes(fields[name])
            for segment in self.segments:
                field = self.index.open_segments.get(segment.segment_id()).fields.get(name)
                number = -1 if field is None else field.find(term)
                if field is not None and number >= 0:
                    begin, end = field.extent(number)
                    for document in field.docs[begin:end].tolist():
                        segment.delete_document(document)
            if (name, term) in self._unique:
                batch, document = self._unique[(name, term)]
                if batch == len(self._added):
                    self._refused.add(document)
                else:
                    self._added[batch].delete_document(document)
        self.add_document(**fields)

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Delete a committed document by its number over all segments."""
        self._check_state()
        for segment in self.segments:
            if docnum < segment.doc_count_all():
                segment.delete_document(docnum, delete=delete)
                return
            docnum -= segment.doc_count_all()
        raise IndexingError(f"No document ID {docnum!r} in this index")

    def is_deleted(self, docnum: int) -> bool:
        """Say whether a committed document is deleted."""
        for segment in self.segments:
            if docnum < segment.doc_count_all():
                return bool(segment.is_deleted(docnum))
            docnum -= segment.doc_count_all()
        return True

    def reader(self, **_: Any) -> Any:
        """Return a reader of the commit before, with what this writer has deleted."""
        return FileIndex._reader(self.storage, self.schema, self.segments, self.generation)

    def searcher(self, **options: Any) -> ArraysSearcher:
        """Return a searcher of the commit before, with what this writer has deleted."""
        return ArraysSearcher(self.reader(), fromindex=self.index, **options)

    def commit(self, mergetype: Any = None, optimize: bool | None = None, merge: bool | None = None) -> None:
        """Write what was added and deleted, in one step. Only `optimize` merges, after it; the others mean nothing."""
        self._check_state()
        self._flush()
        self.index.save([*self.segments, *self._added], self.generation, self._said)
        self._finish()
        if optimize:
            self.index.merge(everything=True)

    def cancel(self) -> None:
        """Forget what was added and deleted."""
        self._check_state()
        for segment in self._added:
            (self.index.folder / segment.make_filename(EXTENSION)).unlink(missing_ok=True)
        self._finish()

    def _flush_if_full(self) -> None:
        full = self._batch.documents >= self._batch_documents or self._batch.words >= BATCH_WORDS
        if full and not self._in_group:
            self._flush()

    def _flush(self) -> None:
        if not self._batch.documents:
            return
        said, arrays = self._batch.build()
        segment = self.index.codec.new_segment(self.storage, self.index.indexname)
        write_array_file(self.index.folder / segment.make_filename(EXTENSION), said, arrays)
        segment.set_doc_count(self._batch.documents)
        for document in self._refused:
            segment.delete_document(document)
        self._added.append(segment)
        self._batch = Batch(self.schema, self.index.readers)
        self._refused = set()

    def _check_state(self) -> None:
        if self.is_closed:
            raise IndexingError("This writer is closed")

    def _finish(self) -> None:
        if self.writelock is not None:
            self.writelock.release()
        self.is_closed = True
