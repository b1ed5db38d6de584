"""The peer that story clustering is measured beside: TF-IDF in one pass, the usual plain code."""

from __future__ import annotations

import re
from collections import Counter
from math import log, sqrt

from index.stories.values import StoryText

_WORD = re.compile(r"\w+")


class SinglePass:
    """Each article joins the cluster whose centroid is most alike, from `threshold` on; likeness halves in a month."""

    def __init__(self, threshold: float = 0.22, decay_days: float = 60.0) -> None:
        self._threshold, self._decay_days = threshold, decay_days
        self._documents: Counter[str] = Counter()
        self._seen = 0
        self._clusters: list[tuple[dict[str, float], float]] = []
        self._with: dict[str, set[int]] = {}

    def place(self, text: StoryText) -> int:
        """Return the cluster of an article."""
        counted = Counter(_WORD.findall(f"{text.title} {text.text}".lower())[:250])
        self._documents.update(counted.keys())
        self._seen += 1
        raw = {
            term: (1 + log(times)) * log((self._seen + 1) / (self._documents[term] + 0.5))
            for term, times in counted.items()
        }
        length = sqrt(sum(value * value for value in raw.values())) or 1.0
        vector = {term: value / length for term, value in raw.items()}
        day = text.at.timestamp() / 86_400
        likeness: dict[int, float] = {}
        for term, value in vector.items():
            for number in self._with.get(term, ()):
                likeness[number] = likeness.get(number, 0.0) + value * self._clusters[number][0][term]
        best, number = max(
            ((self._decayed(value, one, day), one) for one, value in likeness.items()), default=(0.0, -1)
        )
        if best < self._threshold:
            self._clusters.append(({}, day))
            number = len(self._clusters) - 1
        self._add(number, vector, day)
        return number

    def _decayed(self, value: float, number: int, day: float) -> float:
        centroid, last = self._clusters[number]
        length = sqrt(sum(one * one for one in centroid.values())) or 1.0
        return value / length * 0.5 ** (abs(day - last) / self._decay_days)

    def _add(self, number: int, vector: dict[str, float], day: float) -> None:
        centroid, last = self._clusters[number]
        for term, value in vector.items():
            centroid[term] = centroid.get(term, 0.0) + value
            self._with.setdefault(term, set()).add(number)
        self._clusters[number] = (centroid, max(day, last))
