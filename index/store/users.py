"""Users: added, disabled, given another role or password, each noted in the log of changes.

Password hashes are made and read elsewhere; here they are opaque texts. What ends a user's sessions ends them in the
same transaction.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from config.errors import UsageError
from index.account_records import Role, User, checked_name, name_key
from index.errors import NotFoundError
from index.store.account_tables import sessions, users
from index.store.audit import note_act
from index.store.engine import Transaction


def add_user(tx: Transaction, name: str, *, role: Role, password_hash: str, by: str, now: datetime) -> User:
    """Add a user. Raises UsageError for a name that is taken, in whatever capitals, or is none."""
    checked_name(name)
    if _row_of(tx, name) is not None:
        raise UsageError(f"{name}: there is a user of that name; `watchfloor user list` names all.")
    values = {"name": name, "name_key": name_key(name), "password_hash": password_hash, "role": role.value}
    row = tx.execute(insert(users).values(created_at=now, **values).returning(users)).one()
    note_act(tx, by=by, act="added the user", subject=_subject(name), detail=f"role {role.value}", now=now)
    return _user(row)


def list_users(tx: Transaction) -> list[User]:
    """Return all users by name, disabled ones too, each with the number of sessions kept of him."""
    open_ones = select(sessions.c.user_id, func.count().label("number")).group_by(sessions.c.user_id).subquery()
    query = select(users, open_ones.c.number).outerjoin(open_ones, open_ones.c.user_id == users.c.id)
    return [_user(row, row.number or 0) for row in tx.execute(query.order_by(users.c.name_key))]


def get_user(tx: Transaction, name: str) -> User | None:
    """Return the user of a name, in whatever capitals."""
    row = _row_of(tx, name)
    return None if row is None else _user(row)


def password_hash_of(tx: Transaction, name: str) -> tuple[User, str] | None:
    """Return a user with the hash of his password, for whoever checks a password; disabled users too."""
    row = _row_of(tx, name)
    return None if row is None else (_user(row), row.password_hash)


def disable_user(tx: Transaction, name: str, *, by: str, now: datetime) -> User:
    """Let a user sign in no more, and end his sessions. The last admin who can sign in stays.

    Raises NotFoundError for an unknown user, UsageError for the last admin.
    """
    row = _required(tx, name)
    if row.disabled_at is not None:
        return _user(row)
    _refuse_last_admin(tx, row, "be disabled")
    return _changed(tx, row, {"disabled_at": now}, act="disabled the user", detail="", by=by, now=now)


def enable_user(tx: Transaction, name: str, *, by: str, now: datetime) -> User:
    """Let a disabled user sign in again, with the password he had. Raises NotFoundError for an unknown user."""
    row = _required(tx, name)
    if row.disabled_at is None:
        return _user(row)
    return _changed(tx, row, {"disabled_at": None}, act="enabled the user", detail="", by=by, now=now)


def set_role(tx: Transaction, name: str, role: Role, *, by: str, now: datetime) -> User:
    """Give a user another role, and end his sessions. The last admin who can sign in keeps his.

    Raises NotFoundError for an unknown user, UsageError for the last admin.
    """
    row = _required(tx, name)
    if row.role == role.value:
        return _user(row)
    _refuse_last_admin(tx, row, "be given another role")
    detail = f"before: {row.role}; now: {role.value}"
    return _changed(tx, row, {"role": role.value}, act="changed the role of", detail=detail, by=by, now=now)


def set_password(tx: Transaction, name: str, password_hash: str, *, by: str, now: datetime) -> User:
    """Keep another password hash of a user, and end his sessions. Raises NotFoundError for an unknown user."""
    row = _required(tx, name)
    values = {"password_hash": password_hash}
    return _changed(tx, row, values, act="changed the password of", detail="", by=by, now=now)


def keep_better_hash(tx: Transaction, user: User, *, of: str, better: str) -> None:
    """Keep a hash of the same password under today's costs, unless the password was changed meanwhile."""
    query = update(users).where(users.c.id == user.id, users.c.password_hash == of)
    tx.execute(query.values(password_hash=better))


def has_admin(tx: Transaction) -> bool:
    """Say whether an admin can sign in."""
    return tx.execute(select(users.c.id).where(*_admins()).limit(1)).first() is not None


def user_of_row(row: Row[Any]) -> User:
    """Make the value of a row that has the columns of a user."""
    return _user(row)


def _changed(
    tx: Transaction, row: Row[Any], values: dict[str, Any], *, act: str, detail: str, by: str, now: datetime
) -> User:
    ended = tx.execute(delete(sessions).where(sessions.c.user_id == row.id)).rowcount
    told = "; ".join(part for part in (detail, "sessions ended" if ended else "") if part)
    note_act(tx, by=by, act=act, subject=_subject(row.name), detail=told, now=now)
    return _user(tx.execute(update(users).where(users.c.id == row.id).values(**values).returning(users)).one())


def _refuse_last_admin(tx: Transaction, row: Row[Any], what: str) -> None:
    if row.role != Role.ADMIN.value or row.disabled_at is not None:
        return
    if tx.execute(select(users.c.id).where(*_admins(), users.c.id != row.id).limit(1)).first() is None:
        raise UsageError(
            f"{row.name} is the only admin who can sign in and cannot {what}; make another first: "
            "`watchfloor user role NAME admin`."
        )


def _admins() -> tuple[Any, ...]:
    return (users.c.role == Role.ADMIN.value, users.c.disabled_at.is_(None))


def _row_of(tx: Transaction, name: str) -> Row[Any] | None:
    return tx.execute(select(users).where(users.c.name_key == name_key(name))).first()


def _required(tx: Transaction, name: str) -> Row[Any]:
    row = _row_of(tx, name)
    if row is None:
        raise NotFoundError(f"{name[:80]}: there is no user of that name; `watchfloor user list` names all.")
    return row


def _subject(name: str) -> str:
    return f"user {name}"


def _user(row: Row[Any], open_sessions: int = 0) -> User:
    return User(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        signed_in_at=row.signed_in_at,
        sessions=open_sessions,
    )
