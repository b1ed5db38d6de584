"""The peer of the index: SQLite FTS5 over the same articles, with its own stemmer and its own bm25."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from index.search.backend import IndexDocument


class Fts5:
    """A full-text table beside a plain one, as one would build search on SQLite by hand."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = sqlite3.connect(path)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA cache_size=-65536")  # 64 MB, what our engine keeps of posting lists
        self.connection.execute("CREATE TABLE meta (id INTEGER PRIMARY KEY, outlet TEXT, topic TEXT, at INTEGER)")
        self.connection.execute("CREATE VIRTUAL TABLE words USING fts5(title, text, tokenize='porter unicode61')")

    def add(self, documents: Sequence[IndexDocument]) -> None:
        """Add documents in one commit."""
        with self.connection:
            self.connection.executemany(
                "INSERT INTO meta VALUES (?, ?, ?, ?)",
                [(one.article_id, one.outlet, one.topics[0], int(one.sort_at.timestamp())) for one in documents],
            )
            self.connection.executemany(
                "INSERT INTO words (rowid, title, text) VALUES (?, ?, ?)",
                [(one.article_id, one.title, one.text) for one in documents],
            )

    def search(self, match: str, *, outlet: str = "", after: int = 0, newest: bool = False) -> tuple[int, list[int]]:
        """Return the total, the ids of the best 20, and count by outlet as a facet would."""
        where, values = "words MATCH ?", [match]
        if outlet:
            where, values = f"{where} AND outlet = ?", [*values, outlet]
        if after:
            where, values = f"{where} AND at >= ?", [*values, str(after)]
        order = "at DESC" if newest else "bm25(words, 3.0, 1.0)"
        source = f"words JOIN meta ON meta.id = words.rowid WHERE {where}"
        found = self.connection.execute(f"SELECT id FROM {source} ORDER BY {order} LIMIT 20", values).fetchall()
        counts = self.connection.execute(f"SELECT outlet, count(*) FROM {source} GROUP BY outlet", values).fetchall()
        return sum(number for _, number in counts), [row[0] for row in found]

    def bytes(self) -> int:
        """Return the bytes on disk."""
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return self.path.stat().st_size

    def close(self) -> None:
        """Close the file."""
        self.connection.close()
