"""Whoosh twice: its own codec, and our arrays under the same schema and query parser. Texts are in a database."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from whoosh import fields, index, qparser, query, sorting
from whoosh.analysis import StemmingAnalyzer

from index.search.arrays.index import ArraysIndex
from index.search.arrays.snippets import snippet

BATCH = 5000


def schema() -> Any:
    """Return the schema both use."""
    stems = StemmingAnalyzer()
    return fields.Schema(
        id=fields.ID(stored=True, unique=True),
        title=fields.TEXT(stored=True, analyzer=stems, field_boost=2.0),
        text=fields.TEXT(analyzer=stems),
        outlet=fields.ID(stored=True, sortable=True),
        topic=fields.KEYWORD(stored=True),
        at=fields.DATETIME(stored=True, sortable=True),
    )


class Stock:
    """Whoosh as it is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.texts = sqlite3.connect(folder / "texts.sqlite3")
        self.texts.execute("CREATE TABLE IF NOT EXISTS texts (id INTEGER PRIMARY KEY, text TEXT)")
        self.index = self._create()
        self.parser = self._parser()
        self.parser.add_plugin(qparser.FuzzyTermPlugin())

    def _parser(self) -> Any:
        return qparser.QueryParser("text", schema())

    def _create(self) -> Any:
        (self.folder / "index").mkdir(exist_ok=True)
        return index.create_in(self.folder / "index", schema())

    def build(self, articles: Iterable[dict[str, Any]]) -> None:
        """Index articles."""
        while part := list(itertools.islice(articles, BATCH)):
            self.keep(part)
            self.add(part)

    def keep(self, articles: list[dict[str, Any]]) -> None:
        """Put the texts into the database, as whoever uses an index has them there anyway."""
        with self.texts:
            rows = [(one["id"], one["text"]) for one in articles]
            self.texts.executemany("INSERT OR REPLACE INTO texts VALUES (?, ?)", rows)

    def add(self, articles: list[dict[str, Any]]) -> None:
        """Commit articles."""
        writer = self.index.writer()
        for one in articles:
            at = datetime.fromtimestamp(one["at"], UTC).replace(tzinfo=None)
            writer.add_document(
                id=str(one["id"]), title=one["title"], text=one["text"], outlet=one["outlet"], topic=one["topic"], at=at
            )
        writer.commit()

    def settle(self) -> None:
        """Do what is done when there is nothing else to do."""

    def open(self) -> None:
        """Be ready for questions."""
        self.searcher = self.index.searcher()

    def size_bytes(self) -> int:
        """Return the bytes of the index, texts left out."""
        return sum(path.stat().st_size for path in (self.folder / "index").rglob("*") if path.is_file())

    def ask(self, kind: str, asked: list[Any]) -> list[int]:
        """Answer a question with the ids of ten articles, their titles, outlets and dates read too."""
        match kind:
            case "rare term" | "common term":
                return self._hits(asked[0])
            case "common term, total":
                found = self.searcher.search(self.parser.parse(asked[0]), limit=10)
                assert len(found)
                return self._read(found)
            case "2 terms AND":
                return self._hits(f"{asked[0]} {asked[1]}")
            case "3 terms OR":
                return self._hits(" OR ".join(asked))
            case "phrase":
                return self._hits(f'"{" ".join(asked)}"')
            case "prefix":
                return self._hits(f"{asked[0]}*")
            case "fuzzy, 1 edit":
                return self._hits(f"{asked[0]}~1")
            case "term, dates":
                begin, end = (datetime.fromtimestamp(at, UTC).replace(tzinfo=None) for at in asked[1:])
                both = query.And([self.parser.parse(asked[0]), query.DateRange("at", begin, end)])
                return self._read(self.searcher.search(both, limit=10))
            case "sorted by date":
                return self._hits(asked[0], sortedby="at", reverse=True)
            case "facet by outlet":
                found = self.searcher.search(
                    self.parser.parse(asked[0]), limit=10, groupedby="outlet", maptype=sorting.Count
                )
                assert found.groups("outlet")
                return self._read(found)
            case "highlight 10":
                return self.highlight(" OR ".join(asked))
            case "more like this":
                number = self.searcher.document_number(id=str(asked[0]))
                return self._read(self.searcher.more_like(number, "text", text=self._texts([asked[0]])[asked[0]]))
        raise KeyError(kind)

    def highlight(self, text: str) -> list[int]:
        """Mark ten hits."""
        found = self.searcher.search(self.parser.parse(text), limit=10)
        texts = self._texts([int(hit["id"]) for hit in found])
        for hit in found:
            hit.highlights("text", text=texts[int(hit["id"])])
        return self._read(found)

    def _hits(self, text: str, **options: Any) -> list[int]:
        return self._read(self.searcher.search(self.parser.parse(text), limit=10, **options))

    def _read(self, found: Any) -> list[int]:
        rows = [(int(hit["id"]), hit["title"], hit["outlet"], hit["at"]) for hit in found]
        return [row[0] for row in rows]

    def _texts(self, ids: list[int]) -> dict[int, str]:
        marks = ",".join("?" * len(ids))
        return dict(self.texts.execute(f"SELECT id, text FROM texts WHERE id IN ({marks})", ids))


class Arrays(Stock):
    """Whoosh with our arrays."""

    def _create(self) -> Any:
        return ArraysIndex.create(self.folder / "index", schema())

    def _parser(self) -> Any:
        return self.index.parser("text")

    def settle(self) -> None:
        """Merge what is due."""
        while self.index.merge():
            pass

    def highlight(self, text: str) -> list[int]:
        """Mark ten hits."""
        asked = self.parser.parse(text)
        found = self.searcher.search(asked, limit=10)
        wanted = {word for name, word in asked.iter_all_terms() if name == "text"}
        texts = self._texts([int(hit["id"]) for hit in found])
        reader = self.index.reader_of("text")
        for hit in found:
            snippet(reader, texts[int(hit["id"])], wanted)
        return self._read(found)
