"""Passwords: hashed by argon2id, checked, and refused in words when weak. The only place that knows argon2."""

from __future__ import annotations

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from config.errors import TryAgainError, UsageError

LEAST_CHARS = 10
MOST_CHARS = 256

_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
"""64 MiB and about a tenth of a second of one core each."""

_AT_ONCE = threading.BoundedSemaphore(2)
"""Hashes worked out at once in one process: signing in may take neither its memory nor all its cores."""

_WAIT_S = 10.0


def hashed(password: str) -> str:
    """Return the hash of a password, with its salt and its costs."""
    with _Turn():
        return _HASHER.hash(_bytes_of(password))


def fits(password: str, kept: str | None) -> bool:
    """Say whether a password is the one of a kept hash. None, for a name unknown, takes as long and is never right."""
    against = _nobody() if kept is None else kept
    with _Turn():
        try:
            _HASHER.verify(against, _bytes_of(password))
        except (Argon2Error, InvalidHashError):
            return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Say whether a hash was made under other costs than today's."""
    return _HASHER.check_needs_rehash(kept)


def checked_password(password: str, name: str) -> str:
    """Return a password that may be set for the user `name`. Raises UsageError with what to do about another."""
    if len(password) < LEAST_CHARS:
        raise UsageError(
            f"This password has fewer than {LEAST_CHARS} characters; a few words in a row are easily kept."
        )
    if len(password) > MOST_CHARS:
        raise UsageError(f"This password has more than {MOST_CHARS} characters; take a shorter one.")
    if len(set(password)) < 5:
        raise UsageError("This password repeats fewer than five different characters; take another.")
    if name.lower() in password.lower() and len(password) < len(name) + LEAST_CHARS:
        raise UsageError("This password is the user's name with little more; take another.")
    return password


def _bytes_of(password: str) -> bytes:
    """One accented letter is the same on every keyboard, composed or not."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


class _Turn:
    """A place among the hashes worked out at once. Raises TryAgainError when none gets free."""

    def __enter__(self) -> None:
        if not _AT_ONCE.acquire(timeout=_WAIT_S):
            raise TryAgainError("Too many sign in at once; repeat this in a minute.")

    def __exit__(self, *_: object) -> None:
        _AT_ONCE.release()


_made: list[str] = []


def _nobody() -> str:
    """The hash of a password that nobody has, under today's costs; made once."""
    if not _made:
        _made.append(_HASHER.hash("nobody has this password"))
    return _made[0]
