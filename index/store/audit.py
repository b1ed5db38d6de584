"""The log of changes: who did what, when, and what was before and after. Nothing here decides who may."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select

from index.account_records import Act
from index.store.account_tables import acts
from index.store.columns import storable
from index.store.engine import Transaction

MOST_DETAIL_CHARS = 2000


def note_act(tx: Transaction, *, by: str, act: str, subject: str, detail: str = "", now: datetime) -> None:
    """Log a change, in the transaction that makes it.

    `by` is a user's name, or user@machine of the command line; `act` is a verb phrase such as `paused the schedule`;
    `subject` is what was changed (an outlet, `job 7`); `detail` tells what was before and after, in words.
    """
    values = {"by": storable(by), "act": storable(act), "subject": storable(subject)}
    tx.execute(insert(acts).values(at=now, detail=storable(detail)[:MOST_DETAIL_CHARS], **values))


def list_acts(
    tx: Transaction, *, by: str | None = None, subject: str | None = None, before: int | None = None, limit: int = 50
) -> list[Act]:
    """Return the newest changes first, those before the one numbered `before` where it is named."""
    query = select(acts).order_by(acts.c.id.desc()).limit(limit)
    if by is not None:
        query = query.where(acts.c.by == by)
    if subject is not None:
        query = query.where(acts.c.subject == subject)
    if before is not None:
        query = query.where(acts.c.id < before)
    return [_act(row) for row in tx.execute(query)]


def _act(row: Row[Any]) -> Act:
    return Act(row.id, row.at, row.by, row.act, row.subject, row.detail)
