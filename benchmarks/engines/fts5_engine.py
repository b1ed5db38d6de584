"""SQLite FTS5 with its own stemmer and bm25, the texts in a table it reads from."""

from __future__ import annotations

import itertools
import math
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

BATCH = 5000
LETTERS = "abcdefghijklmnopqrstuvwxyz"
_TOP = (
    "WITH best AS (SELECT rowid AS id, rank AS score FROM words WHERE words MATCH ? ORDER BY rank LIMIT 10) "
    "SELECT a.id, a.title, a.outlet, a.at FROM best JOIN articles a ON a.id = best.id ORDER BY best.score"
)
_JOINED = "SELECT a.id, a.title, a.outlet, a.at FROM words JOIN articles a ON a.id = words.rowid WHERE words MATCH ?"


class Fts5:
    """One file: articles, their words, and the vocabulary for what FTS5 has no operator for."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "fts5.sqlite3"
        self.connection = sqlite3.connect(self.path)
        self.connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;"
            "CREATE TABLE articles (id INTEGER PRIMARY KEY, outlet, topic, at INTEGER, title TEXT, text TEXT);"
            "CREATE INDEX by_outlet ON articles (outlet); CREATE INDEX by_at ON articles (at);"
            "CREATE VIRTUAL TABLE words USING fts5(title, text, content='articles', content_rowid='id',"
            " tokenize='porter unicode61');"
            "CREATE VIRTUAL TABLE vocabulary USING fts5vocab('words', 'row');"
        )

    def build(self, articles: Iterable[dict[str, Any]]) -> None:
        """Index articles."""
        while part := list(itertools.islice(articles, BATCH)):
            self.add(part)

    def add(self, articles: list[dict[str, Any]]) -> None:
        """Commit articles."""
        with self.connection:
            self.connection.executemany(
                "INSERT INTO articles VALUES (:id, :outlet, :topic, :at, :title, :text)", articles
            )
            self.connection.executemany("INSERT INTO words (rowid, title, text) VALUES (:id, :title, :text)", articles)

    def settle(self) -> None:
        """Write the log into the file."""
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def open(self) -> None:
        """Be ready for questions."""

    def size_bytes(self) -> int:
        """Return the bytes of the file, texts included."""
        return self.path.stat().st_size

    def ask(self, kind: str, asked: list[Any]) -> list[int]:
        """Answer a question with the ids of ten articles."""
        match kind:
            case "rare term" | "common term":
                return self._best(f"text:{asked[0]}")
            case "common term, total":
                self.connection.execute(
                    "SELECT count(*) FROM words WHERE words MATCH ?", (f"text:{asked[0]}",)
                ).fetchone()
                return self._best(f"text:{asked[0]}")
            case "2 terms AND":
                return self._best(f"text:({asked[0]} AND {asked[1]})")
            case "3 terms OR":
                return self._best(f"text:({' OR '.join(asked)})")
            case "phrase":
                return self._best(f'text:"{" ".join(asked)}"')
            case "prefix":
                return self._best(f"text:{asked[0]}*")
            case "fuzzy, 1 edit":
                near = self._near(asked[0])
                return self._best("text:(" + " OR ".join(f'"{word}"' for word in near) + ")") if near else []
            case "term, dates":
                return self._joined(asked[0], "AND a.at BETWEEN ? AND ? ORDER BY words.rank", asked[1:])
            case "sorted by date":
                return self._joined(asked[0], "ORDER BY a.at DESC", [])
            case "facet by outlet":
                counted = "SELECT a.outlet, count(*) FROM words JOIN articles a ON a.id = words.rowid"
                self.connection.execute(f"{counted} WHERE words MATCH ? GROUP BY 1", (f"text:{asked[0]}",)).fetchall()
                return self._best(f"text:{asked[0]}")
            case "highlight 10":
                marked = "SELECT rowid, snippet(words, 1, '<b>', '</b>', '', 32) FROM words WHERE words MATCH ?"
                rows = self.connection.execute(f"{marked} ORDER BY rank LIMIT 10", (f"text:({' OR '.join(asked)})",))
                return [row[0] for row in rows.fetchall()]
            case "more like this":
                return self._alike(asked[0])
        raise KeyError(kind)

    def _best(self, match: str) -> list[int]:
        return [row[0] for row in self.connection.execute(_TOP, (match,)).fetchall()]

    def _joined(self, word: str, rest: str, values: list[Any]) -> list[int]:
        rows = self.connection.execute(f"{_JOINED} {rest} LIMIT 10", (f"text:{word}", *values))
        return [row[0] for row in rows.fetchall()]

    def _near(self, word: str) -> list[str]:
        """The words of the index at one edit: there is no operator, so all spellings are looked up."""
        cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
        spelt = {word} | {head + tail[1:] for head, tail in cuts if tail}
        spelt |= {head + letter + tail[1:] for head, tail in cuts if tail for letter in LETTERS}
        spelt |= {head + letter + tail for head, tail in cuts for letter in LETTERS}
        found = []
        for part in itertools.batched(sorted(spelt), 500) if hasattr(itertools, "batched") else _parts(sorted(spelt)):
            marks = ",".join("?" * len(part))
            rows = self.connection.execute(f"SELECT term FROM vocabulary WHERE term IN ({marks})", part)
            found += [row[0] for row in rows]
        return found

    def _alike(self, article_id: int) -> list[int]:
        """There is no operator: the five words that tell most are asked for."""
        text = self.connection.execute("SELECT text FROM articles WHERE id = ?", (article_id,)).fetchone()[0]
        total = self.connection.execute("SELECT count(*) FROM articles").fetchone()[0]
        counts = Counter(word for word in re.findall(r"\w+", text.lower()) if len(word) > 3)
        weighed = []
        for word, count in counts.most_common(60):
            row = self.connection.execute("SELECT doc FROM vocabulary WHERE term = ?", (word,)).fetchone()
            if row:
                weighed.append((count * math.log(total / row[0]), word))
        best = [word for _, word in sorted(weighed, reverse=True)[:5]]
        return self._best("text:(" + " OR ".join(f'"{word}"' for word in best) + ")")


def _parts(values: list[str]) -> list[list[str]]:
    return [values[at : at + 500] for at in range(0, len(values), 500)]
