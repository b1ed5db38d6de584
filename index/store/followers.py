"""How far each follower of the change log has read, and by which version of its rules."""

from __future__ import annotations

from sqlalchemy import insert, select, update

from index.store.engine import Transaction
from index.store.story_tables import followers


def follower_state(tx: Transaction, name: str) -> tuple[int, str]:
    """Return (position, version) of a follower; (0, "") for one that has read nothing yet."""
    row = tx.execute(select(followers).where(followers.c.name == name)).first()
    return (0, "") if row is None else (row.position, row.version)


def set_follower_state(tx: Transaction, name: str, position: int, version: str) -> None:
    """Keep how far a follower has read, in the transaction that keeps what it worked out."""
    values = {"position": position, "version": version}
    done = tx.execute(update(followers).where(followers.c.name == name).values(**values))
    if not done.rowcount:
        tx.execute(insert(followers).values(name=name, **values))
