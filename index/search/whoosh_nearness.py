"""How close the words of a pair stand in each of some documents, from their places. The formula is `scoring`'s."""

from __future__ import annotations

import numpy as np

from index.search.fields import NEAR_TOKENS
from index.search.nearness import Pair, fields_of, forms_of
from index.search.whoosh_columns import Docs, Numbers
from index.search.whoosh_leaves import PLACE_BITS, Leaves
from index.search.whoosh_segments import Part


def closeness_of(leaves: Leaves, part: Part, pair: Pair, documents: Docs) -> Numbers:
    """Return `scoring.closeness` of a pair in documents of a part, ascending: 0 where it is not near."""
    nearest = np.zeros(len(documents))
    for field in fields_of(pair):
        some = leaves.places(part, field, forms_of(pair[0]), documents)
        others = leaves.places(part, field, forms_of(pair[1]), documents) if len(some) else some
        if not len(some) or not len(others):
            continue
        before = np.searchsorted(others, some, side="left") - 1
        after = np.searchsorted(others, some, side="right")
        # Places of two documents are further apart than NEAR_TOKENS, whatever the documents.
        behind = np.where(before >= 0, some - others[np.maximum(before, 0)], NEAR_TOKENS + 1)
        ahead = np.where(after < len(others), others[np.minimum(after, len(others) - 1)] - some, NEAR_TOKENS + 1)
        distances = np.minimum(behind, ahead)
        near = distances <= NEAR_TOKENS
        rows = np.searchsorted(documents, some[near] >> PLACE_BITS)
        np.maximum.at(nearest, rows, 1.0 / distances[near])
    return nearest
