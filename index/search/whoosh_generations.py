"""Index folders: one in force, named by a pointer that is replaced in one step; one writer at a time.

A rebuild fills a folder beside the one in force and moves the pointer when it is whole. What a killed rebuild leaves
behind is swept by the next writer. Nothing of Whoosh is known here.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.errors import StorageFullError
from index.errors import BusyError, IndexDamagedError

POINTER = "current"
LOCK = "writer.lock"
REBUILD_LOCK = "rebuild.lock"
PREFIX = "gen-"


class Generations:
    """The folder that holds the generations of one index."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock_file: int | None = None
        self._depth = 0
        self._owner: int | None = None
        self._guard = threading.Lock()

    def current(self) -> Path | None:
        """Return the folder in force, None while there is no index. Raises IndexDamagedError for a broken pointer."""
        name = self._named()
        while name is not None:
            path = self.folder / name
            try:
                if name.startswith(PREFIX) and path.is_dir():
                    return path
            except PermissionError as error:
                raise self.unreadable(error) from error
            # Between the two looks a rebuild may have moved the pointer and swept what it named before.
            again = self._named()
            if again == name:
                raise self.damaged(f"the pointer names {name[:40]!r}, which is not there")
            name = again
        return None

    def _named(self) -> str | None:
        try:
            return (self.folder / POINTER).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        except PermissionError as error:
            raise self.unreadable(error) from error
        except (OSError, UnicodeDecodeError) as error:
            raise self.damaged(f"the pointer {POINTER} cannot be read") from error

    def new(self) -> Path:
        """Make an empty folder for the next generation. Only under the lock."""
        path = self.folder / f"{PREFIX}{secrets.token_hex(6)}"
        try:
            path.mkdir(mode=0o700, parents=True)
        except OSError as error:
            raise StorageFullError(f"{self.folder}: cannot be written ({error.strerror}).") from error
        return path

    def switch(self, path: Path) -> None:
        """Put `path` in force, in one step that survives a crash."""
        temporary = self.folder / f"{POINTER}.{secrets.token_hex(4)}"
        with temporary.open("w", encoding="ascii") as file:
            file.write(path.name)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.folder / POINTER)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def sweep(self, keep: Path | None) -> None:
        """Remove every generation but `keep`, and left-over pointers. Only under the lock."""
        for path in self.folder.glob(f"{PREFIX}*"):
            if path != keep:
                shutil.rmtree(path, ignore_errors=True)
        for path in self.folder.glob(f"{POINTER}.*"):
            path.unlink(missing_ok=True)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the writer's lock; the thread that has it may enter again. Raises BusyError while another has it.

        A full disk anywhere inside is raised as StorageFullError: Whoosh meets it when it closes files, too.
        """
        with self._guard:
            if self._depth and self._owner != threading.get_ident():
                raise BusyError(f"{self.folder}: another thread is writing the index; wait for it to end, then repeat.")
            if self._depth == 0:
                self._acquire()
                self._owner = threading.get_ident()
            self._depth += 1
        try:
            yield
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise StorageFullError(
                f"{self.folder}: the disk is full; free space, then repeat. The index as it was is kept."
            ) from error
        finally:
            with self._guard:
                self._depth -= 1
                if self._depth == 0 and self._lock_file is not None:
                    os.close(self._lock_file)  # which releases the lock, as the end of the process would
                    self._lock_file = self._owner = None

    def is_mine(self) -> bool:
        """Say whether this thread has the writer's lock."""
        return bool(self._depth) and self._owner == threading.get_ident()

    @contextmanager
    def making_anew(self) -> Iterator[None]:
        """Let other processes know, while it lasts, that a new generation is being filled. Only under the lock."""
        descriptor = os.open(self.folder / REBUILD_LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)  # others have it only while they look
            yield
        finally:
            os.close(descriptor)

    def being_made_anew(self) -> bool:
        """Say whether some process is filling a new generation."""
        try:
            descriptor = os.open(self.folder / REBUILD_LOCK, os.O_RDONLY)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def damaged(self, what: str) -> IndexDamagedError:
        """Return the error that says what is wrong and how to mend it."""
        return IndexDamagedError(f"{self.folder}: the index is damaged ({what})", rebuilding=self.being_made_anew())

    def unreadable(self, error: PermissionError) -> IndexDamagedError:
        """Return the error that says what may not be read."""
        return IndexDamagedError(
            f"{self.folder}: the index cannot be read ({Path(error.filename or '').name}: {error.strerror})",
            mended_by="give the user of this process the right to read all of the folder",
            rebuilding=self.being_made_anew(),
        )

    def _acquire(self) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StorageFullError(f"{self.folder}: cannot be written ({error.strerror}).") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise BusyError(
                f"{self.folder}: another process is writing the index; wait for it to end, then repeat."
            ) from None
        self._lock_file = descriptor
