"""What goes into the clusterer and comes out of it: texts, their features, copies, placements. No decisions here."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import numpy as np

from index.records import JsonObject

FEATURES_VERSION = 1


@dataclass(frozen=True, slots=True)
class StoryText:
    """An article as the clusterer reads it.

    `at` is aware UTC: when it was published, else first seen. `is_agency` says that the outlet is a news agency.
    """

    id: int
    outlet: str
    at: datetime
    language: str
    title: str
    text: str
    is_agency: bool = False


@dataclass(frozen=True, slots=True)
class Features:
    """What is kept of an article while its story is open: its words with their weights, its shingles, its byline.

    Weights are whole numbers, so that sums over a story are the same in any order. `terms` and `title` are of unit
    length (`SCALE` of text.py); `names` are those of `terms` that are names or numbers. `shingles` are hashes in the
    order of the text. `agency` is the agency that the article names as its source, or is.
    """

    terms: Mapping[str, int]
    title: Mapping[str, int]
    names: Mapping[str, int] = field(default_factory=dict)
    shingles: tuple[int, ...] = ()
    words: int = 0
    agency: str = ""


class KeptFeatures(Protocol):
    """Features as they were kept, read only where asked for (packing.py makes them)."""

    @property
    def terms(self) -> int:
        """Return how many words are weighed."""
        ...

    @property
    def anchors(self) -> int:
        """Return how many anchors the text is found by."""
        ...

    @property
    def kept(self) -> int:
        """Return how many different shingles there are."""
        ...

    def key_bytes(self) -> bytes:
        """Return the keys of the words, eight bytes each."""
        ...

    def anchor_bytes(self) -> bytes:
        """Return the anchors, four bytes each."""
        ...

    def features(self) -> Features:
        """Return the features."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """An article placed before a restart: where it is, whose copy it is, and what is known of it."""

    article_id: int
    story_id: int
    at: datetime
    outlet: str
    original_id: int | None
    packed: KeptFeatures


@dataclass(frozen=True, slots=True)
class CopyOf:
    """That an article has the text of another one, held earlier or later.

    `shared` counts the shingles both have, of those kept (one in four); `containment` is their share in the shorter
    text. `evidence` says in words why `original_id` is taken for the original.
    """

    original_id: int
    shared: int
    containment: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an article was placed, and why.

    `method` is `new` (first of its story), `joined`, `copy` (joined the story of the text it has) or `hand` (a person
    said so). `continues` is a story, closed or still open, that a new one goes on from.

    `merged` are stories that this article showed to be one with `story_id`: the clusterer has moved their articles
    there already; whoever keeps stories has them redirect.

    `copy_changes` are copies among the articles held that have another original now that this one is known, by the
    id of the copy: this article turned out to be the original of one taken for an original so far.
    """

    article_id: int
    story_id: int
    method: str
    score: float
    evidence: JsonObject
    copy: CopyOf | None = None
    continues: int | None = None
    merged: tuple[int, ...] = ()
    copy_changes: Mapping[int, CopyOf] = field(default_factory=dict)


def features_to_json(features: Features) -> JsonObject:
    """Return features as they are kept in a table; `features_from_json` gives equal ones back."""
    packed = np.array(features.shingles, dtype="<u4").tobytes()
    return {
        "v": FEATURES_VERSION,
        "terms": dict(features.terms),
        "title": dict(features.title),
        "names": dict(features.names),
        "shingles": base64.b64encode(packed).decode("ascii"),
        "words": features.words,
        "agency": features.agency,
    }


def features_from_json(value: JsonObject) -> Features:
    """Return the features kept as `value`."""
    packed = np.frombuffer(base64.b64decode(value["shingles"]), dtype="<u4")
    return Features(
        terms=value["terms"],
        title=value["title"],
        names=value["names"],
        shingles=tuple(packed.tolist()),
        words=value["words"],
        agency=value["agency"],
    )
