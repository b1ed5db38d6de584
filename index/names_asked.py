"""Names in a question: what filters ask for as a condition of the engine, and a sentence for what no article names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from index.search.fields import NAMES
from index.search.known_names import label_of, slug_named
from index.search.query import Node, Phrase, Prefix, Term, Word, walk
from index.search.query_text import text_of
from index.store import Transaction
from index.store.subjects import is_named

MOST_TOLD = 3


def slugs_asked(kinds: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return the slugs of names as typed, by kind; what is no country stays as it is and finds nothing."""
    return {kind: tuple(slug_named(kind, value) or value for value in values) for kind, values in kinds.items()}


def notes_on_names(tx: Transaction, root: Node | None) -> list[str]:
    """Return a sentence for every name of a query that no article held has."""
    return [
        f"No article held names the {node.field} {label_of(node.field, node.value) or node.value}."
        for node in walk(root)
        if isinstance(node, Term) and node.field in NAMES and not is_named(tx, node.field, node.value)
    ]


def notes_on_nothing(root: Node | None, count: Callable[[Node], int]) -> list[str]:
    """Return a sentence for every topic, language and author asked for that no article has; a few are looked at."""
    asked = [
        node
        for node in walk(root, excluded=False)
        if (isinstance(node, Term) and node.field in ("topic", "language"))
        or (isinstance(node, Word | Phrase | Prefix) and node.field == "author")
    ]
    return [f"No article held has {text_of(node)}." for node in asked[:MOST_TOLD] if not count(node)]
