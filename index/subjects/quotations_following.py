"""The follower that reads the quotations of every article that changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from index.following import Keep
from index.records import StoredArticle
from index.store import Transaction
from index.store.quotations import quotation_rows, replace_quotations
from index.subjects.quotations import RULES, quotations_in
from index.subjects.reporting import REPORTING_FILE


class QuotationsFollower:
    """Keeps who is quoted in each article; new rules or verbs read all articles again."""

    name = "quotations"
    begins_anew = True

    def __init__(self, path: Path = REPORTING_FILE) -> None:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        self.version = f"{RULES}-{digest[:12]}"

    def work_out(
        self, tx: Transaction, changed: Sequence[StoredArticle], gone: Sequence[int], *, now: datetime
    ) -> Keep:
        """Read the quotations that take the place of those articles had; those of articles that are gone went."""
        rows = quotation_rows({one.id: quotations_in(one.text, one.language) for one in changed})

        def keep(tx: Transaction) -> bool:
            replace_quotations(tx, [*(one.id for one in changed), *gone], rows)
            return True

        return keep

    def forget(self) -> None:
        """Nothing is held in memory."""
