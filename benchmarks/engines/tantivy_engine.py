"""tantivy by its Python package, one thread, English stems, texts stored as it is meant to be used."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tantivy


class Tantivy:
    """One index; commits are left to its writer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "index"
        self.folder.mkdir(exist_ok=True)
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw")
        builder.add_text_field("title", stored=True, tokenizer_name="en_stem")
        builder.add_text_field("text", stored=True, tokenizer_name="en_stem")
        builder.add_text_field("outlet", stored=True, tokenizer_name="raw", fast=True)
        builder.add_text_field("topic", stored=True, tokenizer_name="raw")
        builder.add_date_field("at", stored=True, indexed=True, fast=True)
        self.schema = builder.build()
        self.index = tantivy.Index(self.schema, path=str(self.folder))

    def build(self, articles: Iterable[dict[str, Any]]) -> None:
        """Index articles."""
        writer = self.index.writer(256_000_000, 1)
        for one in articles:
            given = {name: one[name] for name in ("title", "text", "outlet", "topic")}
            at = datetime.fromtimestamp(one["at"], UTC)
            writer.add_document(tantivy.Document(id=str(one["id"]), at=at, **given))
        writer.commit()
        writer.wait_merging_threads()

    def settle(self) -> None:
        """Nothing is left to do."""

    def open(self) -> None:
        """Be ready for questions."""
        self.index.reload()
        self.searcher = self.index.searcher()

    def size_bytes(self) -> int:
        """Return the bytes of the index, texts included."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    def ask(self, kind: str, asked: list[Any]) -> list[int]:
        """Answer a question with the ids of ten articles."""
        make = tantivy.Query
        match kind:
            case "rare term" | "common term":
                return self._run(self._parsed(asked[0]))
            case "common term, total":
                return self._run(self._parsed(asked[0]), count=True)
            case "2 terms AND":
                return self._run(self._parsed(f"{asked[0]} {asked[1]}"))
            case "3 terms OR":
                return self._run(self._parsed(" OR ".join(asked)))
            case "phrase":
                return self._run(self._parsed(f'"{" ".join(asked)}"'))
            case "prefix":
                return self._run(make.regex_query(self.schema, "text", asked[0] + ".*"))
            case "fuzzy, 1 edit":
                return self._run(make.fuzzy_term_query(self.schema, "text", asked[0], distance=1))
            case "term, dates":
                begin, end = (datetime.fromtimestamp(at, UTC) for at in asked[1:])
                dates = make.range_query(self.schema, "at", tantivy.FieldType.Date, begin, end)
                must = tantivy.Occur.Must
                both = [(must, self._parsed(asked[0])), (must, make.const_score_query(dates, 0.0))]
                return self._run(make.boolean_query(both))
            case "sorted by date":
                return self._run(self._parsed(asked[0]), order_by_field="at")
            case "facet by outlet":
                parsed = self._parsed(asked[0])
                self.searcher.aggregate(parsed, {"by": {"terms": {"field": "outlet", "size": 50}}})
                return self._run(parsed)
            case "highlight 10":
                return self._highlight(self._parsed(" OR ".join(asked)))
            case "more like this":
                own = make.term_query(self.schema, "id", str(asked[0]))
                address = self.searcher.search(own, 1, count=False).hits[0][1]
                options = {"min_doc_frequency": 2, "min_term_frequency": 1, "max_query_terms": 5, "min_word_length": 4}
                return self._run(make.more_like_this_query(address, **options))
        raise KeyError(kind)

    def _parsed(self, text: str) -> Any:
        return self.index.parse_query(text, ["text"], conjunction_by_default=True)

    def _run(self, asked: Any, *, count: bool = False, **options: Any) -> list[int]:
        found = []
        for _, address in self.searcher.search(asked, 10, count=count, **options).hits:
            document = self.searcher.doc(address)
            found.append((int(document["id"][0]), document["title"], document["outlet"], document["at"])[0])
        return found

    def _highlight(self, asked: Any) -> list[int]:
        marker = tantivy.SnippetGenerator.create(self.searcher, asked, self.schema, "text")
        marker.set_max_num_chars(200)
        found = []
        for _, address in self.searcher.search(asked, 10, count=False).hits:
            document = self.searcher.doc(address)
            marker.snippet_from_doc(document).to_html()
            found.append(int(document["id"][0]))
        return found
