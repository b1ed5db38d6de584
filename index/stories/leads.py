"""Which article's headline stands for a story: the one whose words are nearest to all of them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Voice:
    """An article that may speak for its story. `terms` are its weighted words, none where they are no longer kept."""

    article_id: int
    title: str
    terms: Mapping[str, int]
    is_lead: bool = False  # it speaks for the story now


def most_central(voices: Sequence[Voice]) -> Voice:
    """Return the voice most like all together; those handed in first win a tie. `voices` must not be empty.

    Where their words are no longer kept the one that speaks now goes on, else the first.
    """
    total: Counter[str] = Counter()
    for voice in voices:
        total.update(voice.terms)
    known = [voice for voice in voices if voice.terms and voice.title]
    if not known:
        return next((voice for voice in voices if voice.is_lead), voices[0])
    return max(known, key=lambda voice: sum(weight * total[term] for term, weight in voice.terms.items()))
