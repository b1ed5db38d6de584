"""Join or not: the features of an article beside a story, and their logistic score. Pure functions of values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import exp, log

from index.stories.open_story import OpenStory, Sum
from index.stories.text import SCALE, dot
from index.stories.values import Features
from index.stories.weights import JoinWeights

MOST_COMPARED = 40
"""An article is compared with so many members of a story, the latest: a long story costs no more than a short one."""

TIMES = frozenset({"days", "late"})
"""The features that tell how long a story was silent before the article."""

SAME_DAY = 0.5
"""So many days are no time at all in `late`: headlines were labelled by days, and say nothing of hours."""

HEADLINES = 3
SHARED_TITLE = 0.05
SURE = 0.5
"""An article whose headline shares next to no word with those of three articles or more joins them only where it is
sure: a rocket's launch has the satellite in its texts, not in its headlines."""


def cosine(vector: Mapping[str, int], total: Sum) -> float:
    """Return how alike an article's vector and a story's sum are, 0 to 1."""
    length = total.length
    return dot(vector, total.terms) / (SCALE * length) if length else 0.0


def features_beside(features: Features, at: datetime, story: OpenStory) -> dict[str, float]:
    """Return what the join is judged by, by name."""
    members = story.speaking()[:MOST_COMPARED]
    alike = sorted((dot(features.terms, one.features.terms) / SCALE**2 for one in members), reverse=True)
    best_three = alike[:3]
    days = story.days_from(at)
    return {
        "centroid": cosine(features.terms, story.terms),
        "title": cosine(features.title, story.title),
        "names": cosine(features.names, story.names),
        "best": alike[0] if alike else 0.0,
        "best_three": sum(best_three) / len(best_three) if best_three else 0.0,
        "days": log(1 + days),
        "late": log(1 + max(0.0, days - SAME_DAY)),
        "size": log(len(story.speaking()) or 1),
    }


def score_of(beside: Mapping[str, float], weights: JoinWeights) -> float:
    """Return the probability, as learned, that the article belongs to the story."""
    total = weights.bias + sum(factor * beside[name] for name, factor in weights.factors.items())
    return 1 / (1 + exp(-max(-60.0, min(60.0, total))))


def asked_of(beside: Mapping[str, float], weights: JoinWeights) -> float:
    """Return the score from which an article joins a story."""
    strange = beside["title"] < SHARED_TITLE and beside["size"] >= log(HEADLINES)
    return max(weights.threshold, SURE) if strange else weights.threshold
