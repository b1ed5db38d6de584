"""What `said:` finds, for `find`: the articles that quote one of a name, and the sentence that shows it."""

from __future__ import annotations

from collections.abc import Collection

from index.search.query import LinkedTo, Node, walk
from index.store import Transaction
from index.store.quotations import MOST_IDS, ids_quoting, sentences_said, words_of_name

SAID = "said"
"""The direction of a LinkedTo that asks for quotations."""


def ids_said_by(tx: Transaction, name: str, notes: list[str]) -> frozenset[int]:
    """Return the articles in which one of that name is quoted; nobody, or too many, is said in a note."""
    if not words_of_name(name):
        notes.append(f'said: takes a name, as said:"Chang Ho-jin"; {name[:40]!r} is none.')
        return frozenset()
    ids = ids_quoting(tx, name)
    if not ids:
        notes.append(f"Nobody of the name {name[:80]!r} is quoted in the articles held.")
    elif len(ids) == MOST_IDS:
        notes.append(f"{name[:80]!r} is quoted in very many articles; the last {MOST_IDS:,} stored are searched.")
    return ids


def shown_sentences(tx: Transaction, root: Node | None, article_ids: Collection[int]) -> dict[int, str]:
    """Return, by article, the first quoted sentence that a demanded `said:` of the query found."""
    found: dict[int, str] = {}
    for node in walk(root, excluded=False):
        if isinstance(node, LinkedTo) and node.direction == SAID:
            found = {**sentences_said(tx, article_ids, node.target), **found}
    return found
