"""Engines under the contract: every test here runs on each of them and has to see the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import SearchSettings, load_settings
from index.search.backend import IndexDocument, SearchBackend, SearchRequest
from index.search.memory_backend import MemoryBackend
from index.search.query import Node
from index.search.query_parser import parse
from index.search.whoosh_backend import WhooshBackend

Make = Callable[..., SearchBackend]
ENGINES: dict[str, Callable[[Path, SearchSettings], SearchBackend]] = {
    "memory": lambda _, settings: MemoryBackend(settings=settings),
    "whoosh": lambda folder, settings: WhooshBackend(folder, settings=settings.model_copy(update={"codec": "arrays"})),
    "whoosh stock": lambda folder, settings: WhooshBackend(
        folder, settings=settings.model_copy(update={"codec": "stock"})
    ),
}


@pytest.fixture
def limits() -> SearchSettings:
    """The default search settings."""
    return load_settings(environ={}).search


@pytest.fixture(params=sorted(ENGINES))
def make_backend(request: pytest.FixtureRequest, tmp_path: Path, limits: SearchSettings) -> Iterator[Make]:
    """Make an empty engine of the kind under test; keyword arguments change its settings."""
    made: list[SearchBackend] = []

    def make(**changes: object) -> SearchBackend:
        settings = limits.model_copy(update=changes)
        made.append(ENGINES[request.param](tmp_path / f"index-{len(made)}", settings))
        return made[-1]

    yield make
    for backend in made:
        backend.close()


@pytest.fixture
def backend(make_backend: Make) -> SearchBackend:
    """An empty engine."""
    return make_backend()


def a_document(article_id: int, title: str = "", text: str = "", **other: object) -> IndexDocument:
    values: dict[str, object] = {
        "revision": 1,
        "outlet": "gazette",
        "language": "en",
        "authors": (),
        "topics": (),
        "sort_at": datetime(2024, 6, 1, tzinfo=UTC),
        **other,
    }
    return IndexDocument(article_id=article_id, title=title, text=text, **values)  # type: ignore[arg-type]


@pytest.fixture
def document() -> Callable[..., IndexDocument]:
    """Make a document by id, title, text and whatever else differs."""
    return a_document


@pytest.fixture
def fill(backend: SearchBackend) -> Callable[..., SearchBackend]:
    """Index texts as documents 1, 2, 3, ...; a document stays what it is."""

    def put(*texts: str | IndexDocument) -> SearchBackend:
        documents = [a_document(at, "", one) if isinstance(one, str) else one for at, one in enumerate(texts, start=1)]
        backend.apply(documents, (), 1)
        return backend

    return put


@pytest.fixture
def ids(backend: SearchBackend, limits: SearchSettings) -> Callable[..., list[int]]:
    """Search for a typed query (or a tree) and return the article ids in their order."""

    def search(query: str | Node | None, **request: object) -> list[int]:
        root = parse(query, limits=limits).root if isinstance(query, str) else query
        answer = backend.search(SearchRequest(root, limit=100, **request))  # type: ignore[arg-type]
        return [article_id for article_id, _ in answer.hits]

    return search
