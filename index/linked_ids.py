"""What links:, linkedfrom: and near: of a query mean: ids of articles, bounded, with a sentence where some are cut."""

from __future__ import annotations

from index.search.query import LinkedTo
from index.store import Transaction
from index.store.links import ids_linked_from, ids_linking_to
from index.store.neighbours import neighbours_of

MOST_CITING = 50_000
"""Citing articles that a search looks through, the newest ones."""


def linked_ids(tx: Transaction, node: LinkedTo, notes: list[str]) -> frozenset[int]:
    """Return the articles a link field names; what was cut is added to `notes`."""
    url = node.target if "://" in node.target else f"https://{node.target}"
    if node.direction == "near":
        near = neighbours_of(tx, url)
        if near.cut:
            notes.append(f"near: leads to more articles than are followed; the {len(near.ids):,} newest are searched.")
        if not near.ids:
            notes.append(f"No article held is linked with {url[:80]}.")
        return near.ids
    if node.direction == "from":
        linked = ids_linked_from(tx, url)
        if not linked:
            notes.append(f"No article held is linked from {url[:80]}.")
        return linked
    found = ids_linking_to(tx, url, limit=MOST_CITING + 1)
    if len(found) > MOST_CITING:
        notes.append(f"links: has more citing articles than are looked through; the {MOST_CITING:,} newest are.")
        return frozenset(sorted(found)[-MOST_CITING:])
    if not found:
        notes.append(f"No article held links to {url[:80]}.")
    return found
