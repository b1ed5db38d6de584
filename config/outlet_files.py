"""The outlet files of folders that may be edited while a process runs: read anew when one has changed."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

from config.outlets import OutletSpec, read_outlet_files

log = logging.getLogger(__name__)


class OutletFiles:
    """The outlets of the folders, read anew when a file there has changed."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folders)
        self._seen: frozenset[tuple[str, int, int]] | None = None
        self._specs: dict[str, OutletSpec] = {}

    def specs(self) -> dict[str, OutletSpec]:
        """Return them; of a file with faults, which are told once, what was read last."""
        seen = frozenset(_stamps(self._folders))
        if seen != self._seen:
            files = read_outlet_files(self._folders)
            for fault in files.faults:
                log.warning("outlet file left as it was: %s", fault)
            self._specs = {**self._specs, **files.specs} if files.faults else files.specs
            self._seen = seen
        return self._specs


def _stamps(folders: Iterable[Path]) -> Iterable[tuple[str, int, int]]:
    for folder in folders:
        for path in folder.glob("*.toml") if folder.is_dir() else ():
            try:
                seen = path.stat()
            except OSError:
                continue  # it went away between the list and the look
            yield str(path), seen.st_mtime_ns, seen.st_size
