"""The headlines an article had, one after another. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from index.records import StoredRevision
from index.revising import essence


@dataclass(frozen=True, slots=True)
class Titled:
    """A headline, and the revision and instant it was first seen with; until the next one it stayed."""

    title: str
    since: datetime
    revision: int


def title_history(revisions: Iterable[StoredRevision]) -> list[Titled]:
    """Return the headlines of an article from its revisions, oldest first; one that comes back is told again."""
    told: list[Titled] = []
    for revision in revisions:
        if not told or essence(told[-1].title) != essence(revision.title):
            told.append(Titled(revision.title, revision.seen_at, revision.number))
    return told
