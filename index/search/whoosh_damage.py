"""What opening an index can raise, and the sentence for each cause that says what to do."""

from __future__ import annotations

import errno
import pickle
import struct
import zlib

from whoosh.index import IndexError as WhooshIndexError

from config.errors import TryAgainError, WatchfloorError
from index.errors import IndexDamagedError, IndexOutdatedError
from index.search.arrays.errors import ArraysError, NewerVersionError, OtherVersionError
from index.search.whoosh_generations import Generations

DAMAGE = (
    *(
        OSError,
        EOFError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        AssertionError,
        NameError,
        ArithmeticError,
    ),
    *(WhooshIndexError, MemoryError, ImportError, pickle.UnpicklingError, struct.error, zlib.error, ArraysError),
)
"""What Whoosh raises on files that are not what they were: it reads lengths, offsets and pickles as they come."""


def told_of(generations: Generations, error: BaseException) -> WatchfloorError:
    """Return what is to be raised in the place of one of DAMAGE."""
    folder = generations.folder
    anew = generations.being_made_anew()
    if isinstance(error, FileNotFoundError):
        return generations.damaged(f"{error.filename or 'a file'} is missing")
    if isinstance(error, PermissionError):
        return generations.unreadable(error)
    if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
        return TryAgainError(f"{folder}: too many files are open; raise the limit (ulimit -n), then repeat.")
    if isinstance(error, NewerVersionError):
        return IndexDamagedError(
            f"{folder}: the index was made by a newer version ({error})",
            mended_by="use that version, or run `watchfloor index rebuild`",
            rebuilding=anew,
        )
    if isinstance(error, OtherVersionError):
        return IndexOutdatedError(
            f"{folder}: the index was made by another version ({error})",
            mended_by="run `watchfloor index sync`, which makes it anew",
            rebuilding=anew,
        )
    return generations.damaged(str(error) if isinstance(error, ArraysError) else f"{type(error).__name__}: {error}")
