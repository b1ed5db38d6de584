"""Alerts as they are kept: from their first sight to their end, and what was told of them on which channel."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from index.alerts.records import Alert, AlertKind, Due, Said, Telling, Told
from index.store.alert_tables import alert_tellings as tellings
from index.store.alert_tables import alerts
from index.store.columns import storable
from index.store.engine import Transaction

MOST_AT_ONCE = 500


def open_alerts(tx: Transaction) -> list[Alert]:
    """Return the alerts that have not ended, by key."""
    query = select(alerts).where(alerts.c.ended_at.is_(None)).order_by(alerts.c.key, alerts.c.id)
    return [_alert(row) for row in tx.execute(query)]


def keep_alert(tx: Transaction, alert: Alert) -> Alert:
    """Write an alert, a new one where its id is 0, and return it with its id."""
    values = {
        "subject": storable(alert.subject),
        "state": alert.state,
        "sentence": storable(alert.sentence),
        "settled_at": alert.settled_at,
        "cleared_at": alert.cleared_at,
        "ended_at": alert.ended_at,
    }
    if alert.id:
        query = update(alerts).where(alerts.c.id == alert.id).values(**values).returning(alerts)
        return _alert(tx.execute(query).one())
    values |= {"key": storable(alert.key), "kind": alert.kind.value, "first_at": alert.first_at}
    return _alert(tx.execute(insert(alerts).values(**values).returning(alerts)).one())


def forget_alert(tx: Transaction, alert_id: int) -> None:
    """Forget an alert of which nothing was told."""
    tx.execute(delete(tellings).where(tellings.c.alert_id == alert_id))
    tx.execute(delete(alerts).where(alerts.c.id == alert_id))


def tell_on(tx: Transaction, alert_id: int, said: Said, channels: Collection[str], *, now: datetime) -> None:
    """Let something be told of an alert on these channels, once on each."""
    query = select(tellings.c.channel).where(tellings.c.alert_id == alert_id, tellings.c.said == said.value)
    held = set(tx.execute(query).scalars())
    rows = [_new(alert_id, channel, said, now) for channel in sorted(set(channels) - held)]
    if rows:
        tx.execute(insert(tellings), rows)


def channels_that_know(tx: Transaction, alert_id: int) -> set[str]:
    """Return the channels on which an alert was told to have begun, or to come and go."""
    query = select(tellings.c.channel).where(tellings.c.alert_id == alert_id, tellings.c.told_at.is_not(None))
    return set(tx.execute(query.where(tellings.c.said != Said.OVER.value)).scalars())


def drop_untold(tx: Transaction, alert_id: int, *, now: datetime) -> None:
    """Let what was not told of an alert yet stay unsaid."""
    query = update(tellings).where(tellings.c.alert_id == alert_id, tellings.c.next_try_at.is_not(None))
    tx.execute(query.values(dropped_at=now, next_try_at=None))


def told_last_at(tx: Transaction, channel: str) -> datetime | None:
    """Return when a message was last taken on a channel."""
    query = select(func.max(tellings.c.told_at)).where(tellings.c.channel == channel)
    return tx.execute(query).scalar()


def claim_due(tx: Transaction, channel: str, *, now: datetime, lease: timedelta) -> list[Due]:
    """Take what is due on a channel, to be told in one message; nobody else is given it for the time of the lease.

    The attempt counts from here: what a sender that died had taken comes again when the lease is over.
    """
    query = select(tellings.c.id).where(tellings.c.channel == channel, tellings.c.next_try_at <= now)
    ids = list(tx.execute(query.order_by(tellings.c.id).limit(MOST_AT_ONCE)).scalars())
    if not ids:
        return []
    taken = update(tellings).where(tellings.c.id.in_(ids))
    tx.execute(taken.values(attempts=tellings.c.attempts + 1, next_try_at=now + lease))
    rows = {row.id: _telling(row) for row in tx.execute(select(tellings).where(tellings.c.id.in_(ids)))}
    about = {one.alert_id for one in rows.values()}
    held = {row.id: _alert(row) for row in tx.execute(select(alerts).where(alerts.c.id.in_(about)))}
    return [Due(rows[one], held[rows[one].alert_id]) for one in ids]


def note_told(tx: Transaction, due: Sequence[Due], *, now: datetime) -> None:
    """Keep that a message was taken. Of an alert that ended meanwhile its end is to be told as well."""
    query = update(tellings).where(tellings.c.id.in_([one.telling.id for one in due]))
    tx.execute(query.values(told_at=now, dropped_at=None, next_try_at=None, last_error=""))
    begun = {one.alert.id for one in due if one.telling.said is not Said.OVER}
    ended = select(alerts.c.id).where(alerts.c.id.in_(begun), alerts.c.ended_at.is_not(None))
    for alert_id in tx.execute(ended).scalars().all():
        channels = [one.telling.channel for one in due if one.alert.id == alert_id]
        tell_on(tx, alert_id, Said.OVER, channels, now=now)


def note_failed(tx: Transaction, due: Due, *, error: str, again_at: datetime | None, now: datetime) -> None:
    """Keep why a telling failed and when it is tried again; None: it is given up."""
    values: dict[str, Any] = {"last_error": storable(error), "next_try_at": again_at}
    if again_at is None:
        values["dropped_at"] = now
    still = (tellings.c.id == due.telling.id, tellings.c.next_try_at.is_not(None))
    tx.execute(update(tellings).where(*still).values(**values))


def list_alerts(tx: Transaction, *, limit: int = 50, only_open: bool = False) -> list[Told]:
    """Return alerts with what was told of them: those that have not ended first, each kind with the newest first."""
    query = select(alerts).order_by(alerts.c.ended_at.is_not(None), alerts.c.first_at.desc(), alerts.c.id.desc())
    if only_open:
        query = query.where(alerts.c.ended_at.is_(None))
    found = [_alert(row) for row in tx.execute(query.limit(limit))]
    about = select(tellings).where(tellings.c.alert_id.in_([one.id for one in found])).order_by(tellings.c.id)
    told: dict[int, list[Telling]] = {}
    for row in tx.execute(about):
        told.setdefault(row.alert_id, []).append(_telling(row))
    return [Told(one, tuple(told.get(one.id, ()))) for one in found]


def count_unsent(tx: Transaction) -> tuple[int, int]:
    """Count what is to be told and was not yet, and of it what failed at least once."""
    failed = func.count().filter(tellings.c.last_error != "")
    row = tx.execute(select(func.count(), failed).where(tellings.c.next_try_at.is_not(None))).one()
    return int(row[0]), int(row[1])


def _new(alert_id: int, channel: str, said: Said, now: datetime) -> dict[str, Any]:
    return {
        "alert_id": alert_id,
        "channel": channel,
        "said": said.value,
        "made_at": now,
        "attempts": 0,
        "next_try_at": now,
        "last_error": "",
    }


def _alert(row: Row[Any]) -> Alert:
    return Alert(
        id=row.id,
        key=row.key,
        kind=AlertKind(row.kind),
        subject=row.subject,
        state=row.state,
        sentence=row.sentence,
        first_at=row.first_at,
        settled_at=row.settled_at,
        cleared_at=row.cleared_at,
        ended_at=row.ended_at,
    )


def _telling(row: Row[Any]) -> Telling:
    return Telling(
        id=row.id,
        alert_id=row.alert_id,
        channel=row.channel,
        said=Said(row.said),
        made_at=row.made_at,
        told_at=row.told_at,
        dropped_at=row.dropped_at,
        attempts=row.attempts,
        next_try_at=row.next_try_at,
        last_error=row.last_error,
    )
