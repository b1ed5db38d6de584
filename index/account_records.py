"""Who may do what here, as frozen values: roles, users, sessions, and the log of what they did. No I/O here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from config.errors import UsageError

MOST_NAME_CHARS = 64
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)


class Role(StrEnum):
    """What a user may do; each may do what those before it may.

    `reader` keeps searches, `operator` runs the crawls, `admin` looks after users and what cannot be undone.
    """

    READER = "reader"
    OPERATOR = "operator"
    ADMIN = "admin"

    def reaches(self, needed: Role) -> bool:
        """Say whether this role may do what `needed` may."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in. `disabled_at` is None while he may."""

    id: int
    name: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None = None
    signed_in_at: datetime | None = None
    sessions: int = 0


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The user of a request, and the digest of the token that says so."""

    user: User
    token_digest: str


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lasts: without a request, and at the most."""

    idle: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Act:
    """One change that somebody made: when, who, what, to what, and what was before and after, in words."""

    id: int
    at: datetime
    by: str
    act: str
    subject: str
    detail: str = ""


def checked_name(name: str) -> str:
    """Return a user's name. Raises UsageError for one that cannot be told from others on a page."""
    if not _NAME.fullmatch(name) or len(name) > MOST_NAME_CHARS:
        raise UsageError(
            f"{name[:80]!r} is no name for a user: write letters of ASCII, digits, dots, hyphens and underscores, "
            f"{MOST_NAME_CHARS} at the most, beginning with a letter or digit."
        )
    return name


def name_key(name: str) -> str:
    """Return what two spellings of one name have in common."""
    return name.lower()


@dataclass(frozen=True, slots=True)
class SlowSearch:
    """A search that took longer than it should; `cut` is what its budget did not allow, in words."""

    at: datetime
    query: str
    took_ms: int
    hits: int
    cut: str = ""
