"""The follower that works out what an article is about and whom it names.

New rules read the whole log again; an article whose subjects are others then gets a change of its own, so that the
index follows. That change comes back here, makes no difference, and ends it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.settings import Settings
from index.following import Keep
from index.records import StoredArticle
from index.store import Transaction
from index.store.changes import add_changes
from index.store.subjects import save_subjects
from index.subjects.reading import rules_version, subject_reader


class SubjectsFollower:
    """Keeps topics and names; where new rules find others in an article, the index is told by a change of the log."""

    name = "subjects"
    begins_anew = True

    def __init__(self, settings: Settings) -> None:
        """Read the rules in force; nothing is made ready before the first article."""
        self.version = rules_version(settings.topics_file)
        self._reader = subject_reader(settings.topics_file, self.version)

    def work_out(
        self, tx: Transaction, changed: Sequence[StoredArticle], gone: Sequence[int], *, now: datetime
    ) -> Keep:
        """Read changed articles; the rows of those that are gone went with them."""
        found = {one.id: self._reader.read(one.title, one.text, one.language) for one in changed}

        def keep(tx: Transaction) -> bool:
            differ = set(save_subjects(tx, found))
            add_changes(tx, {one.id: one.revision for one in changed if one.id in differ}, kind="upsert", now=now)
            return True

        return keep

    def forget(self) -> None:
        """Nothing of the archive is held in memory."""
