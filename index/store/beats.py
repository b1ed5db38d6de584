"""Signs of life: each process of a part says every few seconds that it works, and how its disk and index are."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, insert, select, update

from index.alerts.records import Beat, Part
from index.store.alert_tables import beats
from index.store.columns import storable
from index.store.engine import Transaction

KEPT = timedelta(days=7)


def note_beat(tx: Transaction, beat: Beat) -> None:
    """Keep the newest sign of life of a process."""
    values = {
        "at": beat.at,
        "ended_at": beat.ended_at,
        "free_mb": beat.free_mb,
        "least_mb": beat.least_mb,
        "position": beat.position,
    }
    host = storable(beat.host)
    held = (beats.c.part == beat.part.value, beats.c.host == host, beats.c.pid == beat.pid)
    if tx.execute(update(beats).where(*held).values(started_at=beat.started_at, **values)).rowcount:
        return
    tx.execute(
        insert(beats).values(part=beat.part.value, host=host, pid=beat.pid, started_at=beat.started_at, **values)
    )
    _forget_old(tx, beat)


def list_beats(tx: Transaction) -> list[Beat]:
    """Return the last sign of life of every process of the last days, those of one part together, the newest first."""
    query = select(beats).order_by(beats.c.part, beats.c.at.desc(), beats.c.host, beats.c.pid)
    return [
        Beat(
            part=Part(row.part),
            host=row.host,
            pid=row.pid,
            started_at=row.started_at,
            at=row.at,
            ended_at=row.ended_at,
            free_mb=row.free_mb,
            least_mb=row.least_mb,
            position=row.position,
        )
        for row in tx.execute(query)
    ]


def _forget_old(tx: Transaction, beat: Beat) -> None:
    """Forget processes of a part that are long gone, but the newest."""
    newest = select(func.max(beats.c.at)).where(beats.c.part == beat.part.value).scalar_subquery()
    tx.execute(delete(beats).where(beats.c.part == beat.part.value, beats.c.at < beat.at - KEPT, beats.c.at < newest))
