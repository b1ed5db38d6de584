"""Sessions of users and tries to sign in. Tokens are never kept, only their digests; so are the names typed.

A try is counted before its password is looked at, so that many at once are not one.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from index.account_records import SessionLimits, SignedIn, User
from index.store.account_tables import sessions, sign_in_tries, site_secrets, users
from index.store.engine import Transaction
from index.store.users import user_of_row

FREE_TRIES = 5
"""So many wrong tries are answered at once."""

FIRST_WAIT = timedelta(seconds=30)
"""The wait after the tries that are free; doubled with each that follows."""

LONGEST_WAIT = timedelta(minutes=15)
NO_WAIT = timedelta(0)

FORGOTTEN_AFTER = timedelta(days=1)
"""Without a try for so long, earlier ones no longer count."""

SEEN_EVERY = timedelta(minutes=1)
"""A session in use is written down so often at the most."""


def begin_session(tx: Transaction, user: User, *, token_digest: str, replacing: str | None, now: datetime) -> None:
    """Begin a session under a new token, and end the one that the browser came with."""
    if replacing is not None:
        tx.execute(delete(sessions).where(sessions.c.token_digest == replacing))
    tx.execute(insert(sessions).values(token_digest=token_digest, user_id=user.id, created_at=now, seen_at=now))
    tx.execute(update(users).where(users.c.id == user.id).values(signed_in_at=now))


def user_of_session(tx: Transaction, token_digest: str, *, limits: SessionLimits, now: datetime) -> SignedIn | None:
    """Return who is signed in by a token; None where it is unknown, has ended, or its user is disabled."""
    query = select(users).join(sessions, sessions.c.user_id == users.c.id)
    query = query.where(
        sessions.c.token_digest == token_digest,
        sessions.c.seen_at > now - limits.idle,
        sessions.c.created_at > now - limits.longest,
        users.c.disabled_at.is_(None),
    )
    row = tx.execute(query).first()
    return None if row is None else SignedIn(user_of_row(row), token_digest)


def is_due_to_be_seen(tx: Transaction, token_digest: str, now: datetime) -> bool:
    """Say whether it is time to write down that a session is in use."""
    query = select(sessions.c.seen_at).where(sessions.c.token_digest == token_digest)
    seen_at = tx.execute(query).scalar()
    return seen_at is not None and now - seen_at >= SEEN_EVERY


def note_seen(tx: Transaction, token_digest: str, now: datetime) -> None:
    """Write down that a session is in use."""
    tx.execute(update(sessions).where(sessions.c.token_digest == token_digest).values(seen_at=now))


def end_session(tx: Transaction, token_digest: str) -> None:
    """End a session; one that has ended already stays so."""
    tx.execute(delete(sessions).where(sessions.c.token_digest == token_digest))


def end_sessions_over(tx: Transaction, *, limits: SessionLimits, now: datetime) -> int:
    """Remove the sessions past their end, and the tries that no longer count; return how many sessions they were."""
    over = (sessions.c.seen_at <= now - limits.idle) | (sessions.c.created_at <= now - limits.longest)
    tx.execute(delete(sign_in_tries).where(sign_in_tries.c.last_at <= now - FORGOTTEN_AFTER))
    return int(tx.execute(delete(sessions).where(over)).rowcount)


def end_sessions_of(tx: Transaction, user: User) -> int:
    """End every session of a user; return how many there were."""
    return int(tx.execute(delete(sessions).where(sessions.c.user_id == user.id)).rowcount)


def end_all_sessions(tx: Transaction) -> None:
    """End every session: of a database brought back nobody knows which of them were ended since."""
    tx.execute(delete(sessions))


def begin_try(tx: Transaction, subjects: list[str], now: datetime) -> timedelta:
    """Count a try to sign in for each subject (a digest of a name, of a network), and return how long it must wait.

    Zero: the password may be looked at. Else nothing is counted. Waits grow with the wrong tries.
    """
    query = select(sign_in_tries).where(sign_in_tries.c.subject.in_(subjects))
    rows = [row for row in tx.execute(query.with_for_update()) if now - row.last_at < FORGOTTEN_AFTER]
    waits = [row.wait_until - now for row in rows if row.wait_until is not None]
    longest: timedelta = max([NO_WAIT, *waits])
    if longest > NO_WAIT:
        return longest
    before = {row.subject: row.failures for row in rows}
    for subject in subjects:
        failures = before.get(subject, 0) + 1
        wait = wait_after(failures)
        values = {"failures": failures, "last_at": now, "wait_until": now + wait if wait else None}
        tx.execute(delete(sign_in_tries).where(sign_in_tries.c.subject == subject))
        tx.execute(insert(sign_in_tries).values(subject=subject, **values))
    return NO_WAIT


def forget_tries(tx: Transaction, subject: str) -> None:
    """Forget the wrong tries of a subject, as a right one does for its name."""
    tx.execute(delete(sign_in_tries).where(sign_in_tries.c.subject == subject))


def take_back_try(tx: Transaction, subject: str) -> None:
    """Count one try less, as a right one does for its network: those that were wrong before it still count."""
    mine = sign_in_tries.c.subject == subject
    failures = tx.execute(select(sign_in_tries.c.failures).where(mine)).scalar() or 0
    if failures <= 1:
        tx.execute(delete(sign_in_tries).where(mine))
    else:
        tx.execute(update(sign_in_tries).where(mine).values(failures=failures - 1, wait_until=None))


def wait_after(failures: int) -> timedelta:
    """Return how long the next try must wait after so many wrong ones."""
    if failures < FREE_TRIES:
        return NO_WAIT
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << min(failures - FREE_TRIES, 20)))


def secret(tx: Transaction, name: str) -> str | None:
    """Return a secret of this site, None before it is made."""
    return tx.execute(select(site_secrets.c.value).where(site_secrets.c.name == name)).scalar()


def make_secret(tx: Transaction, name: str) -> str:
    """Return a secret of this site, made where there is none."""
    held = secret(tx, name)
    if held is not None:
        return held
    value = secrets.token_hex(32)
    tx.execute(insert(site_secrets).values(name=name, value=value))
    return value
