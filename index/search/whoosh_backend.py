"""The embedded engine: Whoosh's files, locks and commits under our words and our ranking.

Reading is safe from any thread; writing is one process at a time. Every commit carries the position in the change log,
so documents and position can never disagree, whenever the process is killed.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from whoosh.index import LockError

from config.errors import StorageFullError, WatchfloorError
from config.settings import SearchSettings
from index.errors import BusyError, IndexDamagedError
from index.search.analysis import fold, tokens
from index.search.backend import IndexDocument, SearchAnswer, SearchRequest
from index.search.fields import SCHEMA_VERSION, TEXT_EXACT, TITLE_EXACT
from index.search.lookups import lookup_of, word_typed
from index.search.spelling import corrections_of
from index.search.whoosh_codecs import CODECS, segments_of
from index.search.whoosh_damage import DAMAGE, told_of
from index.search.whoosh_generations import Generations
from index.search.whoosh_leaves import Leaves
from index.search.whoosh_opened import Opened
from index.search.whoosh_search import TreeSearch
from index.search.whoosh_segments import Segments, Snapshot

Answer = TypeVar("Answer")

TRIES = 5
"""A question is asked again where a commit or a rebuild took away a file the thread had not opened yet."""


class WhooshBackend:
    """SearchBackend over a folder of generations."""

    name = "whoosh"

    def __init__(self, folder: Path, *, settings: SearchSettings) -> None:
        """Open nothing yet: an empty folder is an empty index."""
        self.settings = settings
        self.generations = Generations(folder)
        self.opened = Opened(self.generations, settings.codec)
        self._rebuilding = False

    def position(self) -> int:
        """Return the position of the newest commit, 0 for an index made for other fields or in another codec.

        While that takes long to open it is the position of what searches answer from, except to whoever writes.
        """
        snapshot = self.opened.newest() if self.generations.is_mine() else self.opened.at_hand()
        return snapshot.position if snapshot is not None and self._is_current(snapshot) else 0

    def exclusive(self) -> AbstractContextManager[None]:
        """Hold the writer's lock. Raises BusyError while another process has it."""
        return self.generations.exclusive()

    def apply(self, documents: Sequence[IndexDocument], deleted: Sequence[int], position: int) -> None:
        """Add, replace and remove in one commit that carries `position`."""
        if self._rebuilding:
            raise BusyError(f"{self.generations.folder}: the index is being rebuilt; wait for it to end, then repeat.")
        with self.exclusive():
            newest = self.opened.newest()
            if newest is not None and self._is_current(newest, or_empty=True):
                self.generations.sweep(keep=newest.segments.folder)  # what a killed rebuild left
                self._commit(newest.segments, self.opened.newest, documents, deleted, position)
                self._show()
                return
            folder = self.generations.new()
            segments = segments_of(folder, self.settings.codec)
            segments.create()
            self._commit(segments, segments.newest, documents, deleted, position)
            segments.close()
            self.generations.switch(folder)
            self.generations.sweep(keep=folder)
            self._show()

    def search(self, request: SearchRequest) -> SearchAnswer:
        """Answer a request; an empty index answers with nothing."""

        def ask(leaves: Leaves) -> SearchAnswer:
            settings = self.settings
            return TreeSearch(leaves, budget_s=settings.budget_s, recency_weight=settings.recency_weight).answer(
                request
            )

        return self._asked(ask, SearchAnswer(0, (), dict.fromkeys(request.facets, ())))

    def frequencies(self, words: Sequence[str]) -> dict[str, int]:
        """Return for each word as typed in how many documents it is."""

        def ask(leaves: Leaves) -> dict[str, int]:
            languages = tuple(sorted(leaves.snapshot.languages))
            return {word: leaves.find(lookup_of(word_typed(word), languages)).number for word in words}

        return self._asked(ask, dict.fromkeys(words, 0))

    def corrections(self, word: str, limit: int = 3) -> list[str]:
        """Return words of the index close to `word`, commonest first."""

        def ask(leaves: Leaves) -> list[str]:
            return corrections_of(
                fold(word),
                held=lambda edits: leaves.held(TEXT_EXACT, edits),
                beginning=lambda letters: leaves.words(TEXT_EXACT, letters),
                limit=limit,
            )

        return self._asked(ask, [])

    def suggest(self, prefix: str, limit: int = 8) -> list[str]:
        """Return completions of the last word of `prefix` from words of titles, commonest first."""
        words = tokens(prefix)
        if not words or len(words[-1]) < 2:
            return []

        def ask(leaves: Leaves) -> list[str]:
            counts = leaves.words(TITLE_EXACT, words[-1])
            before = prefix.split()[:-1]
            best = sorted(counts, key=lambda word: (-counts[word], word))[:limit]
            return [" ".join([*before, word]) for word in best]

        return self._asked(ask, [])

    def contents(self) -> Iterator[tuple[int, int]]:
        """Yield (article id, revision) of every document."""
        snapshot = self.opened.newest()
        if snapshot is not None:
            self.opened.check(snapshot, whole=True)
            yield from snapshot.contents()

    def count(self) -> int:
        """Return how many documents are held."""
        snapshot = self.opened.newest()
        return 0 if snapshot is None else snapshot.documents

    def rebuild(self, batches: Iterable[tuple[Sequence[IndexDocument], int]]) -> None:
        """Fill a new generation, then switch to it; whatever fails before leaves the old one in force."""
        with self.exclusive(), self.generations.making_anew():
            old = self._current_or_none()
            self.generations.sweep(keep=old)
            folder = self.generations.new()
            self._rebuilding = True
            try:
                segments = segments_of(folder, self.settings.codec)
                segments.create()
                for documents, position in batches:
                    self._commit(segments, segments.newest, documents, (), position)
                while segments.merge():
                    pass
                segments.close()
                self.generations.switch(folder)
            except BaseException:
                self.generations.sweep(keep=old)
                raise
            finally:
                self._rebuilding = False
            self.generations.sweep(keep=folder)
            self._show()

    def tidy(self) -> bool:
        """Merge some segments if that is due and nobody else does it; say whether it was done. Others may write."""
        newest = self.opened.newest()
        if newest is None or not self._is_current(newest):
            return False
        try:
            return newest.segments.merge()
        except DAMAGE as error:
            if self._current_or_none() != newest.segments.folder:
                return False  # a rebuild has ended and swept what was being merged
            raise self._failed(newest.segments, error) from error

    def purge(self) -> None:
        """Write segments with deleted documents anew, and sweep what killed rebuilds left. Others may commit meanwhile.

        While another process makes the index anew there is nothing to purge yet: BusyError.
        """
        if self.generations.being_made_anew():
            raise BusyError(f"{self.generations.folder}: the index is being rebuilt; wait for it to end, then repeat.")
        newest = self.opened.newest()
        if newest is not None:
            try:
                while newest.segments.purge():
                    pass
            except (LockError, *DAMAGE) as error:
                raise self._failed(newest.segments, error) from error
        with suppress(BusyError), self.exclusive():  # who writes now sweeps as well
            self.generations.sweep(keep=self.generations.current())
        self._show()

    def close(self) -> None:
        """Close what this thread has open."""
        self.opened.close()

    def _is_current(self, snapshot: Snapshot, *, or_empty: bool = False) -> bool:
        """Say whether an index was made for today's fields and in the codec of the settings."""
        versions = (0, SCHEMA_VERSION) if or_empty else (SCHEMA_VERSION,)
        return snapshot.schema_version in versions and isinstance(snapshot.segments, CODECS[self.settings.codec])

    def _commit(
        self,
        segments: Segments,
        newest: Callable[[], Snapshot | None],
        documents: Sequence[IndexDocument],
        deleted: Sequence[int],
        position: int,
    ) -> None:
        """Commit once: old rows out, new rows and the position in. Of a repeated id the last counts.

        `newest` gives what the folder holds now; its rows are read once, however many commits follow each other. It
        is asked when the writer has its lock: a merge before that has given documents other numbers.
        """
        latest = {document.article_id: segments.fields_of(document) for document in documents}
        writer: Any = None
        try:
            writer = segments.writer()
            held = newest()
            assert held is not None
            for number in _numbers_of(held, {*latest, *deleted}):
                writer.delete_document(number)
            for fields in latest.values():
                writer.add_document(**fields)
            segments.put_position(writer, position)
            writer.commit()
        except (LockError, *DAMAGE) as error:
            _abandon(writer)
            raise self._failed(segments, error) from error
        except BaseException:
            _abandon(writer)
            raise

    def _failed(self, segments: Segments, error: BaseException) -> WatchfloorError:
        """Return what is to be raised when writing into a folder failed."""
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return StorageFullError(f"{segments.folder}: the disk is full; free space, then repeat.")
        if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return StorageFullError(f"{segments.folder}: cannot be written ({error.strerror}).")
        if isinstance(error, LockError):
            return BusyError(f"{segments.folder}: another process is writing; wait for it to end, then repeat.")
        return told_of(self.generations, error)

    def _leaves(self, snapshot: Snapshot) -> Leaves:
        # Its own segments: another thread may have gone on to the next index meanwhile.
        snapshot.segments.forget(snapshot)
        return Leaves(snapshot, max_prefix_words=self.settings.max_prefix_words)

    def _asked(self, ask: Callable[[Leaves], Answer], nothing: Answer) -> Answer:
        """Ask the newest snapshot, `nothing` where there is no index. Raises IndexDamagedError saying what mends it.

        A commit or a rebuild may take away files of a snapshot that this thread had not opened yet: then the question
        is asked again of the next one.
        """
        for attempt in range(TRIES):
            snapshot = self.opened.at_hand()
            if snapshot is None:
                return nothing
            try:
                answer = ask(self._leaves(snapshot))
            except FileNotFoundError as error:
                if attempt == TRIES - 1:
                    raise told_of(self.generations, error) from error
            except DAMAGE as error:
                raise told_of(self.generations, error) from error
            else:
                self.opened.check(snapshot)  # of a file cut meanwhile the rest of a page reads as zeros
                return answer
        return nothing

    def _show(self) -> None:
        """Open what was committed, so that this process sees it whatever it takes: searches would not wait for it."""
        if self.opened.is_used():
            self.opened.newest()

    def _current_or_none(self) -> Path | None:
        try:
            return self.generations.current()
        except IndexDamagedError:
            return None


def _numbers_of(snapshot: Snapshot, article_ids: set[int]) -> list[int]:
    """The document numbers to remove: those of the articles, and the position row of the commit before."""
    wanted = np.array(sorted(article_ids), dtype=np.int64)
    numbers: list[int] = []
    base = 0
    for part in snapshot.parts:
        found = part.living(part.properties.numbers_of(wanted)).tolist()
        numbers += [base + number for number in (*found, *part.positions) if number not in part.deleted]
        base += part.size
    return numbers


def _abandon(writer: Any) -> None:
    """Give up a writer and its lock: Whoosh keeps it for the life of the process after a failed commit."""
    if writer is None or writer.is_closed:
        return
    try:
        writer.cancel()
    except DAMAGE:
        if writer.writelock is not None:
            writer.writelock.release()
