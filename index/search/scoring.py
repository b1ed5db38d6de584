"""The ranking formula, shared by all engines so that they order alike. Pure arithmetic; no index in here.

A leaf (word, phrase, word beginning) scores BM25F: its frequencies in the fields, each divided by the field's length
and multiplied by the field's weight, are summed before they saturate. All forms of a leaf (stems, alternatives) count
as one term: frequencies are added, the document frequency is the size of the union over forms and fields. Terms, dates
and ids match without scoring.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from index.search.fields import FIELDS, HALF_LIFE_DAYS, K1, MORE_WORDS, NEAR_TOKENS, NEARNESS
from index.search.query import Leaf, Word

DAY_S = 86400.0


def idf(documents: int, documents_with: int) -> float:
    """Return the inverse document frequency log(1 + (N - df + .5) / (df + .5)); never negative."""
    return math.log(1.0 + (documents - documents_with + 0.5) / (documents_with + 0.5))


def weighted_frequency(field: str, frequency: float, length: float, average_length: float) -> float:
    """Return what `frequency` occurrences in one field add to the frequency of the whole document."""
    shape = FIELDS[field]
    relative = length / average_length if average_length > 0 else 1.0
    return shape.weight * frequency / (1.0 - shape.b + shape.b * relative)


def leaf_score(weighted: float, inverse_frequency: float) -> float:
    """Return the score of a leaf from the sum of its weighted frequencies over the fields."""
    return inverse_frequency * weighted * (K1 + 1.0) / (K1 + weighted)


def emphasis(leaf: Leaf) -> float:
    """Return what the score of a leaf is multiplied by: a word typed twice counts 1.7 times, thrice 2.1 times."""
    return 1.0 + math.log(leaf.times) if isinstance(leaf, Word) else 1.0


def group_score(scores: Sequence[float], ranked: int) -> float:
    """Return the score of a group from those of its ranked children that match, out of `ranked` that could.

    Children that only filter (terms, dates, ids) are in neither.
    """
    total = sum(scores)
    if ranked < 2 or not scores:
        return total
    return total * (1.0 + MORE_WORDS * (len(scores) - 1) / (ranked - 1))


def alias_scores(typed: Mapping[int, float], others: Sequence[Mapping[int, float]], weight: float) -> dict[int, float]:
    """Return for every document the best of the typed form's score and the others' at `weight`.

    A rarer form would score higher by its rarity alone; so none of the others gets more than `weight` of the best
    that the typed form gets anywhere. Where that is nowhere, the others are all there is, and count in full.
    """
    scores = dict(typed)
    most = max(typed.values(), default=0.0)
    for found in others:
        share = alias_share(most, max(found.values(), default=0.0), weight)
        for document, score in found.items():
            scores[document] = max(scores.get(document, 0.0), share * score)
    return scores


def alias_share(most: float, highest: float, weight: float) -> float:
    """Return what the scores of another form count, from the best that each form gets anywhere."""
    if most <= 0:
        return 1.0
    return weight * min(1.0, most / highest) if highest > 0 else weight


def recency_factor(sort_at: datetime, now: datetime, weight: float) -> float:
    """Return 1 + weight x 2^(-age / 7 days); an article dated in the future is as old as one of now."""
    age_days = max(0.0, (now - sort_at).total_seconds() / DAY_S)
    return 1.0 + weight * math.exp2(-age_days / HALF_LIFE_DAYS)


def closeness(distance: int) -> float:
    """Return 1 for words side by side, less the further apart they stand, 0 beyond `NEAR_TOKENS`."""
    return 1.0 / distance if 0 < distance <= NEAR_TOKENS else 0.0


def nearness_factor(gains: Sequence[tuple[float, float]]) -> float:
    """Return 1 to 1 + NEARNESS from the (weight, closeness) of every pair of neighbouring words of a query.

    A pair weighs what the commoner of its words does (`idf`): that two rare words meet says more.
    """
    whole = sum(weight for weight, _ in gains)
    return 1.0 + NEARNESS * sum(weight * near for weight, near in gains) / whole if whole > 0 else 1.0
