"""Names in a question: what filters ask for as a condition of the engine, and a sentence for what no article names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from index.search.known_names import label_of, slug_named, starts_of
from index.search.query import Node, Phrase, Prefix, Term, Word, walk
from index.search.query_text import text_of
from index.store import Transaction
from index.store.names import names_with
from index.store.subjects import is_named

MOST_TOLD = 3
MOST_NAMES = 10
"""Names that one word may mean, the freshest and most frequent."""


def slugs_asked(kinds: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return the slugs of names as typed, by kind; what is no country stays as it is and finds nothing."""
    return {kind: tuple(slug_named(kind, value) or value for value in values) for kind, values in kinds.items()}


def names_meant(tx: Transaction, node: Term, notes: list[str]) -> tuple[str, ...]:
    """Return the slugs of a name that is asked for, or those of the names that have its words (`person:berg`).

    What no article has is returned as it is, which finds nothing, and said.
    """
    if is_named(tx, node.field, node.value):
        return (node.value,)
    label = label_of(node.field, node.value)
    words = starts_of(node.value.replace("-", " "))
    found = names_with(tx, node.field, words[0], limit=MOST_NAMES) if words and not label else []
    if not found:
        notes.append(f"No article held names the {node.field} {label or node.value}.")
        return (node.value,)
    notes.append(f"{text_of(node)} is read as {', '.join(name.label for name in found)}.")
    return tuple(name.slug for name in found)


def notes_on_nothing(root: Node | None, count: Callable[[Node], int]) -> list[str]:
    """Return a sentence for every topic, language and author asked for that no article has; a few are looked at."""
    asked = [
        node
        for node in walk(root, excluded=False)
        if (isinstance(node, Term) and node.field in ("topic", "language"))
        or (isinstance(node, Word | Phrase | Prefix) and node.field == "author")
    ]
    return [f"No article held has {text_of(node)}." for node in asked[:MOST_TOLD] if not count(node)]
