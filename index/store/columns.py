"""Column types and value cleaning shared by the tables: UTC instants, JSON, text that every database can hold."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""NUL and lone surrogates: PostgreSQL cannot hold the first, UTF-8 not the second."""


MOST_ID = 2**63 - 1
"""No column of ids holds more, and no database takes more for a value of one."""


def known_id(number: int) -> int:
    """Return a number that may be an id; 0, which nothing has, for one that no database could look up."""
    return number if 0 < number <= MOST_ID else 0


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC in and out; stored with zone on PostgreSQL, as naive UTC on SQLite."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Use timestamptz where there is one."""
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values: nobody could say later what they meant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"only aware datetimes are stored, not {value!r}")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON().with_variant(JSONB(), "postgresql")

MOST_ID = 2**63 - 1
"""The largest number of a row that either database can be asked for."""

BytewiseText = Text().with_variant(Text(collation="C"), "postgresql")
"""Text in the order of its characters, whatever the server's language: what begins with a word is a range of it."""


def storable(text: str) -> str:
    """Return `text` without NUL and lone surrogates."""
    return _UNSTORABLE.sub("", text)


def storable_or_none(text: str | None) -> str | None:
    """Return `text` without NUL and lone surrogates, or None."""
    return None if text is None else storable(text)
