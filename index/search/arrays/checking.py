"""Checksums of large files, read beside the searches: opening an index does not wait for its gigabytes.

What is small is checked when it is opened. A large file is read through once by a thread, in pieces and not through its
map, so that a file that is cut meanwhile is an error and not the end of the process. What does not fit is raised by
whoever asks next.
"""

from __future__ import annotations

import threading
import zlib
from collections import deque
from pathlib import Path

from index.search.arrays.container import ArrayFile
from index.search.arrays.errors import DamagedFileError

PIECE = 1 << 20


class Checks:
    """Reads files through, one after the other, and remembers what was wrong with any."""

    def __init__(self) -> None:
        """Have nothing to do yet."""
        self._waiting: deque[tuple[Path, ArrayFile]] = deque()
        self._faults: dict[str, str] = {}
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, path: Path, file: ArrayFile) -> None:
        """Check a file soon."""
        with self._guard:
            self._waiting.append((path, file))
            if self._thread is None or not self._thread.is_alive():  # it is dead in a process that was forked
                self._thread = threading.Thread(target=self._run, name="checksums", daemon=True)
                self._thread.start()

    def raise_found(self, name: str) -> None:
        """Raise DamagedFileError if the file of a segment was found to be damaged by now."""
        fault = self._faults.get(name)
        if fault is not None:
            raise DamagedFileError(fault)

    def wait(self) -> None:
        """Wait until all is checked."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while True:
            with self._guard:
                if not self._waiting:
                    self._thread = None
                    return
                path, file = self._waiting.popleft()
            fault = fault_of(path, file)
            if fault:
                self._faults[path.stem] = fault


def fault_of(path: Path, file: ArrayFile) -> str:
    """Read what of a file is not checked yet; return what is wrong, "" where nothing is or the file is gone."""
    try:
        with path.open("rb") as opened:
            for name, (offset, size, checksum) in file.unchecked.items():
                opened.seek(offset)
                found, left = 0, size
                while left and (piece := opened.read(min(PIECE, left))):
                    found, left = zlib.crc32(piece, found), left - len(piece)
                if left or f"{found:08x}" != checksum:
                    return f"{path.name} is not as it was written: the checksum of {name} differs"
    except FileNotFoundError:
        return ""  # a later commit has taken it away
    except OSError as error:
        return f"{path.name} cannot be read ({error.strerror})"
    return ""
