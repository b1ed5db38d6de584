"""The labelled stories beside the checkout, and streams over them: with the true stories, and judged by weights."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.stories.clustering import Clusterer
from index.stories.labelled_files import Line, cluster_lines, read_articles, read_rows
from index.stories.scoring import Scores, score_clusters, score_copies
from index.stories.values import StoryText
from index.stories.weights import JoinWeights, Weights, load_weights

SHARED = Path(__file__).parent.parent.parent / "shared"
SETS = {"text": "news-fulltext-dev.jsonl.gz", "headline": "headlines-dev.jsonl.gz"}
NEVER = JoinWeights(0.0, {}, 2.0)

WeightsOf = Callable[[str], JoinWeights]
"""The weights by which an article is judged, by its labelled story."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Articles in the order of their times, with the story each belongs to."""

    texts: tuple[StoryText, ...]
    story: Mapping[int, str]

    def without(self, stories: Collection[str]) -> Labelled:
        """Return the set without some stories."""
        texts = tuple(text for text in self.texts if self.story[text.id] not in stories)
        return Labelled(texts, self.story)


def read_set(kind: str) -> Labelled:
    """Read the set of a kind, `text` or `headline`."""
    lines: list[Line] = read_articles(str(SHARED / "stories" / SETS[kind]))
    texts = sorted((line.text for line in lines), key=lambda one: (one.at, one.id))
    return Labelled(tuple(texts), {line.text.id: line.cluster or "" for line in lines})


def scores_as_shipped(labelled: Labelled) -> Scores:
    """Place a set as `watchfloor stories cluster` does it, and score the result."""
    lines = [Line(text.id, text, labelled.story[text.id], dated=True) for text in labelled.texts]
    placed, _ = cluster_lines(lines, load_weights())
    truth = {str(text.id): labelled.story[text.id] for text in labelled.texts}
    return score_clusters(truth, {str(one): str(story) for one, story in placed.items()})


def wire_copies() -> tuple[float, float, int, int]:
    """Return precision, recall and numbers of the labelled wire copies."""
    _, pairs = cluster_lines(read_articles(str(SHARED / "stories" / SETS["text"])), load_weights())
    rows = (row for _, row in read_rows(str(SHARED / "stories" / "wire-copies-dev.jsonl.gz")))
    return score_copies([(row["a"], row["b"], row["label"]) for row in rows], [(str(a), str(b)) for a, b in pairs])


def folds(labelled: Labelled, number: int, seed: int) -> list[frozenset[str]]:
    """Share the stories of a set out into folds by chance."""
    names = sorted({labelled.story[text.id] for text in labelled.texts})
    random.Random(seed).shuffle(names)
    return [frozenset(names[start::number]) for start in range(number)]


def examples(
    labelled: Labelled, prior: Weights, names: Collection[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what each article is judged by beside the true stories so far, and whether it belongs to each."""
    clusterer, numbers = Clusterer(prior), count(1)
    members: dict[str, list[int]] = {}
    name_of: dict[int, str] = {}
    rows, right = [], []
    for text in labelled.texts:
        story = labelled.story[text.id]
        for other, beside in clusterer.beside(text):
            rows.append([beside[name] for name in names])
            right.append(float(name_of[other] == story))
        held = members.setdefault(story, [])
        placed = clusterer.place(text, new_id=lambda: next(numbers), together=frozenset(held))
        name_of[placed.story_id] = story
        held.append(text.id)
    return np.array(rows), np.array(right)


def stream(labelled: Labelled, prior: Weights, weights_of: WeightsOf) -> Scores:
    """Place a set article by article, each judged by the weights for its story, and score the result."""
    clusterer, numbers = Clusterer(prior), count(1)
    placed: dict[int, int] = {}
    for text in labelled.texts:
        by = weights_of(labelled.story[text.id])
        clusterer.judge_by(Weights(by, by))
        placement = clusterer.place(text, new_id=lambda: next(numbers))
        placed[text.id] = placement.story_id
        for gone in placement.merged:
            placed.update({one: placement.story_id for one, story in placed.items() if story == gone})
    truth = {str(text.id): labelled.story[text.id] for text in labelled.texts}
    return score_clusters(truth, {str(one): str(story) for one, story in placed.items()})
