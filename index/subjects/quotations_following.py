"""The follower that reads the quotations of every article that changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from index.records import StoredArticle
from index.store import Transaction
from index.store.quotations import drop_quotations, replace_quotations
from index.subjects.quotations import RULES, quotations_in
from index.subjects.reporting import REPORTING_FILE


class QuotationsFollower:
    """Keeps who is quoted in each article; new rules or verbs read all articles again."""

    name = "quotations"
    begins_anew = True

    def __init__(self, path: Path = REPORTING_FILE) -> None:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        self.version = f"{RULES}-{digest[:12]}"

    def take(self, tx: Transaction, changed: Sequence[StoredArticle], gone: Sequence[int], *, now: datetime) -> None:
        """Replace the quotations of articles that changed; those of articles that are gone went with them."""
        for article in changed:
            replace_quotations(tx, article.id, quotations_in(article.text, article.language))
        drop_quotations(tx, gone)

    def forget(self) -> None:
        """Nothing is held in memory."""
