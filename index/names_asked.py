"""Names in a question: what filters ask for as a condition of the engine, and a sentence for what no article names."""

from __future__ import annotations

from collections.abc import Mapping

from index.search.fields import NAMES
from index.search.known_names import label_of, slug_named
from index.search.query import Node, Term, walk
from index.store import Transaction
from index.store.subjects import is_named


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
