"""The product's own way: typed queries, our parser, WhooshBackend with everything it does. Texts are in a database."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.settings import load_settings
from index.search.backend import IndexDocument, SearchRequest
from index.search.query import Node
from index.search.query_parser import parse
from index.search.snippets import snippet_html
from index.search.whoosh_backend import WhooshBackend

BATCH = 500
NOT_OURS = ("more like this",)
"""Kinds that no request of ours stands for; a slip is searched with the corrections the product would offer."""


class Watchfloor:
    """Our backend, as a sync fills it and a search asks it: every answer has its total."""

    leaves_out = NOT_OURS

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.limits = load_settings(environ={}).search
        self.texts = sqlite3.connect(folder / "texts.sqlite3")
        columns = "id INTEGER PRIMARY KEY, title TEXT, outlet TEXT, at INTEGER, text TEXT"
        self.texts.execute(f"CREATE TABLE IF NOT EXISTS texts ({columns})")
        self.backend = self._backend()

    def build(self, articles: Iterable[dict[str, Any]]) -> None:
        """Index articles, a commit for as many as the product takes at once."""
        position = 0
        while part := list(itertools.islice(articles, BATCH)):
            with self.texts:
                rows = [(one["id"], one["title"], one["outlet"], one["at"], one["text"]) for one in part]
                self.texts.executemany("INSERT OR REPLACE INTO texts VALUES (?, ?, ?, ?, ?)", rows)
            position += len(part)
            self.backend.apply([document_of(one) for one in part], (), position)

    def settle(self) -> None:
        """Merge what is due, as the end of a sync does."""
        while self.backend.tidy():
            pass

    def open(self) -> None:
        """Open what was built, as a process does that only reads."""
        self.backend.close()
        self.backend = self._backend()
        assert self.backend.count()

    def size_bytes(self) -> int:
        """Return the bytes of the index, texts left out."""
        return sum(path.stat().st_size for path in (self.folder / "index").rglob("*") if path.is_file())

    def ask(self, kind: str, asked: list[Any]) -> list[int]:
        """Answer a question with the ids of ten articles, their titles, outlets and dates read too."""
        match kind:
            case "rare term" | "common term" | "common term, total":
                return self._hits(asked[0])
            case "2 terms AND":
                return self._hits(f"+{asked[0]} +{asked[1]}")
            case "3 terms OR":
                return self._hits(" OR ".join(asked))
            case "phrase":
                return self._hits(f'"{" ".join(asked)}"')
            case "prefix":
                return self._hits(f"{asked[0]}*")
            case "fuzzy, 1 edit":
                return self._hits(" OR ".join([asked[0], *self.backend.corrections(asked[0], 3)]))
            case "term, dates":
                begin, end = (datetime.fromtimestamp(at, UTC).date().isoformat() for at in asked[1:])
                return self._hits(f"+{asked[0]} after:{begin} before:{end}")
            case "sorted by date":
                return self._hits(asked[0], sort="newest")
            case "facet by outlet":
                return self._hits(asked[0], facets=("outlet",))
            case "highlight 10":
                return self._highlight(" OR ".join(asked))
        raise KeyError(kind)

    def _backend(self) -> WhooshBackend:
        return WhooshBackend(self.folder / "index", settings=self.limits)

    def _parsed(self, text: str) -> Node | None:
        return parse(text, limits=self.limits).root

    def _hits(self, text: str, **options: Any) -> list[int]:
        answer = self.backend.search(SearchRequest(self._parsed(text), limit=10, **options))
        rows = self._rows([article_id for article_id, _ in answer.hits], "id, title, outlet, at")
        return [row[0] for row in rows]

    def _highlight(self, text: str) -> list[int]:
        root = self._parsed(text)
        answer = self.backend.search(SearchRequest(root, limit=10))
        rows = self._rows([article_id for article_id, _ in answer.hits], "id, title, outlet, at, text")
        for row in rows:
            snippet_html(row[4], root, "en")
        return [row[0] for row in rows]

    def _rows(self, ids: list[int], columns: str) -> list[tuple[Any, ...]]:
        marks = ",".join("?" * len(ids))
        found = {row[0]: row for row in self.texts.execute(f"SELECT {columns} FROM texts WHERE id IN ({marks})", ids)}
        return [found[one] for one in ids]


def document_of(one: dict[str, Any]) -> IndexDocument:
    """Return an article of the benchmark as what a sync hands over; its id gives it an author, one of 200."""
    return IndexDocument(
        article_id=one["id"],
        revision=1,
        outlet=one["outlet"],
        language="en",
        title=one["title"],
        text=one["text"],
        authors=(f"Author {one['id'] % 200}",),
        topics=(one["topic"],),
        sort_at=datetime.fromtimestamp(one["at"], UTC),
    )
