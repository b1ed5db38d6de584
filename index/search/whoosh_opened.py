"""The snapshot that all threads of a process read, and how the next takes its place without keeping them waiting."""

from __future__ import annotations

import errno
import threading
from pathlib import Path

from config.errors import WatchfloorError
from index.errors import IndexDamagedError
from index.search.whoosh_codecs import segments_of
from index.search.whoosh_damage import DAMAGE, told_of
from index.search.whoosh_generations import Generations
from index.search.whoosh_segments import Segments, Snapshot

TRIES = 5
"""A commit may remove files between reading its number and opening them; seen once in 12,501 openings."""

READ_AT_ONCE = 2000
"""Documents that are read while a search waits, in some milliseconds; more are read beside the searches."""

Commit = tuple[Path, int]


class Opened:
    """What this process has open of the folder of an index."""

    def __init__(self, generations: Generations, codec: str) -> None:
        self.generations = generations
        self.codec = codec
        self._guard = threading.Lock()
        self._segments: Segments | None = None
        self._snapshot: Snapshot | None = None
        self._starting = threading.Lock()
        self._opening: threading.Thread | None = None
        self._failed: Commit | None = None

    def newest(self) -> Snapshot | None:
        """Return the newest snapshot, opened anew only after a commit or a switch; None where there is no index.

        Raises IndexDamagedError saying what mends it.
        """
        folder = self.generations.current()
        if folder is None:
            return None
        with self._guard:
            for attempt in range(TRIES):
                try:
                    return self._reopened(folder)
                except FileNotFoundError as error:
                    # A commit or a switch took the files away while we were opening them: look again.
                    folder = self.generations.current() or folder
                    if attempt == TRIES - 1:
                        raise told_of(self.generations, error) from error
                except DAMAGE as error:
                    raise told_of(self.generations, error) from error
        return None

    def at_hand(self) -> Snapshot | None:
        """Return a snapshot to search: the newest, or the one before while opening the newest would take long.

        Raises IndexDamagedError, also for files that were cut while they were open.
        """
        found = self._at_hand()
        if found is not None:
            self.check(found)
        return found

    def _at_hand(self) -> Snapshot | None:
        held = self._snapshot
        if held is None or not held.segments.outlives_commits:
            return self.newest()
        try:
            self.check(held)
        except IndexDamagedError:
            return self.newest()  # a rebuild may have mended it
        if self._guard.locked():
            return held  # another thread is opening the next
        folder = self.generations.current()
        if folder is None:
            return None
        try:
            segments = held.segments if folder == held.segments.folder else segments_of(folder, self.codec)
            commit = segments.latest_commit()
            if segments is held.segments and commit == held.commit:
                return held
            documents = segments.documents_to_read(commit)
        except DAMAGE:
            return self.newest()  # which looks again, and tells what is wrong
        if documents <= READ_AT_ONCE or self._failed == (folder, commit):
            return self.newest()
        self._open_beside((folder, commit))
        return held

    def is_used(self) -> bool:
        """Say whether anything was asked of the index through this."""
        return self._snapshot is not None

    def check(self, snapshot: Snapshot, *, whole: bool = False) -> None:
        """Raise IndexDamagedError where files of a snapshot were cut or found damaged since they were opened.

        With `whole` all checksums are read first, for which a search does not wait.
        """
        try:
            (snapshot.segments.check_whole if whole else snapshot.segments.check)(snapshot)
        except DAMAGE as error:
            raise told_of(self.generations, error) from error

    def close(self) -> None:
        """Close what this thread has open."""
        with self._guard:
            if self._segments is not None:
                self._segments.close()
            self._segments = self._snapshot = None

    def _reopened(self, folder: Path) -> Snapshot:
        if self._segments is None or self._segments.folder != folder:
            self._segments = segments_of(folder, self.codec)
        commit = self._segments.latest_commit()
        if commit < 0:
            raise FileNotFoundError(errno.ENOENT, "it holds no commit", f"{folder.name}: its table of contents")
        held = self._snapshot
        if held is None or held.segments is not self._segments or held.commit != commit:
            held = self._snapshot = self._segments.snapshot(commit)
        return held

    def _open_beside(self, wanted: Commit) -> None:
        with self._starting:
            if self._opening is None or not self._opening.is_alive():
                self._opening = threading.Thread(target=self._open, args=(wanted,), name="open index", daemon=True)
                self._opening.start()

    def _open(self, wanted: Commit) -> None:
        try:
            self.newest()
        except WatchfloorError:
            self._failed = wanted  # the next search opens it itself and tells
