"""The follower that works out what is in one article by itself: topics and names, and what other steps add.

A step takes a batch of changed articles and says which of them the index must read once more. New rules read the whole
log again; an article whose subjects are others then gets a change of its own, so that the index follows. That change
comes back here, makes no difference, and ends it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from config.settings import Settings
from index.records import StoredArticle
from index.store import Transaction
from index.store.changes import add_change
from index.store.subjects import save_subjects
from index.subjects.reading import rules_version, subject_reader


class Step(Protocol):
    """One thing worked out from each article by itself."""

    version: str

    def take(self, tx: Transaction, changed: Sequence[StoredArticle]) -> Collection[int]:
        """Work it out and keep it; return the ids whose index document is another than when they were last taken."""
        ...


class SubjectsStep:
    """Topics and names."""

    def __init__(self, settings: Settings) -> None:
        """Read the rules in force; nothing is made ready before the first article."""
        self.version = rules_version(settings.topics_file)
        self._reader = subject_reader(settings.topics_file, self.version)

    def take(self, tx: Transaction, changed: Sequence[StoredArticle]) -> Collection[int]:
        """Read articles and keep what was found."""
        return save_subjects(tx, {one.id: self._reader.read(one.title, one.text, one.language) for one in changed})


class SubjectsFollower:
    """All steps, in their order."""

    name = "subjects"
    begins_anew = True

    def __init__(self, settings: Settings) -> None:
        """Make the steps ready."""
        self._steps: tuple[Step, ...] = (SubjectsStep(settings),)
        self.version = sha256(" ".join(step.version for step in self._steps).encode()).hexdigest()[:16]

    def take(self, tx: Transaction, changed: Sequence[StoredArticle], gone: Sequence[int], *, now: datetime) -> None:
        """Take changed articles; the rows of those that are gone went with them."""
        again: set[int] = set()
        for step in self._steps:
            again.update(step.take(tx, changed))
        for article in changed:
            if article.id in again:
                add_change(tx, article.id, kind="upsert", revision=article.revision, now=now)

    def forget(self) -> None:
        """Nothing of the archive is held in memory."""
