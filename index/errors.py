"""Errors of the archive and the index, each carrying the subject it is about."""

from __future__ import annotations

from config.errors import TryAgainError, UsageError, WatchfloorError

REBUILD = "run `watchfloor index rebuild`"


class StoreError(WatchfloorError):
    """The database cannot be opened or does not have the schema this version needs."""


class BusyError(TryAgainError):
    """Another process holds the lock (a crawl of the same outlet, the index writer)."""


DATABASE_LOST = (StoreError, BusyError)
"""What the database raises to one who had it open a moment ago: it went away, or somebody keeps it to himself."""


class IndexDamagedError(WatchfloorError):
    """The index does not open; `mended_by` says what to do. `rebuilding`: it is being made anew just now."""

    def __init__(self, told: str, *, mended_by: str = REBUILD, rebuilding: bool = False) -> None:
        self.mended_by = "it is being made anew, wait for that to end" if rebuilding else mended_by
        super().__init__(f"{told}; {self.mended_by}.")
        self.rebuilding = rebuilding


class IndexOutdatedError(IndexDamagedError):
    """The index was made by an older version; the next sync makes it anew from the database."""


class QueryTooLargeError(UsageError):
    """The only queries answered by a sentence: over the length limit, or brackets nested too deep."""


class NotFoundError(UsageError):
    """Nothing is held under the id, name or URL asked for."""


class TakenDownError(NotFoundError):
    """What was held under the id or address was taken down; the sentence says what and when."""


class ArchiveFileError(UsageError):
    """A WARC or import file cannot be read; names the file, the position and what to do."""
