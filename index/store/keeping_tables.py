"""The tables of what goes: takedowns with what is left to do, raw records to be overwritten, when upkeep was done."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table, Text

from index.store.columns import Json, UtcDateTime
from index.store.tables import Id, metadata

# Each takedown, with what is still to be done of it: a process may be killed between the database and the files.
takedowns = Table(
    "takedowns",
    metadata,
    Column("id", Id, primary_key=True),
    Column("url", Text, nullable=False),
    Column("article_id", Id, index=True),
    Column("outlet", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("counts", Json, nullable=False),
    Column("pending", Json, nullable=False),  # of raw, index, database; empty: nothing of the text is left
    Column("ended_at", UtcDateTime),
    Column("lifted_at", UtcDateTime),
    Column("lifted_by", Text, nullable=False),
    sqlite_autoincrement=True,
)

# Raw records that are no page's any more and still lie in their file; whoever sees the row overwrites them.
removals = Table(
    "removals",
    metadata,
    Column("id", Id, primary_key=True),
    Column("warc_file", Text, nullable=False),
    Column("warc_offset", BigInteger, nullable=False),
    Column("warc_length", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# Work that is done once in a while by whichever scheduler comes first: when it was last begun.
upkeep = Table(
    "upkeep",
    metadata,
    Column("name", Text, primary_key=True),
    Column("begun_at", UtcDateTime, nullable=False),
)
