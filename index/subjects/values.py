"""What is found in an article beside what is written down of it: topics with their evidence, and names."""

from __future__ import annotations

from dataclasses import dataclass

from index.records import JsonObject

ANY_TOPIC = "security"
"""The topic of every article that has at least one of the others."""


@dataclass(frozen=True, slots=True)
class WordFound:
    """A word or row of words of a rule: as it stands in the text, the rule, where it stands and what it adds."""

    written: str
    rule: str
    where: str  # title, lead or text: the weightiest place it stands in
    times: int
    adds: float


@dataclass(frozen=True, slots=True)
class TopicFound:
    """A topic an article is about: what its words add up to, what was needed, and what was left out of account."""

    topic: str
    score: float
    needed: float
    words: tuple[WordFound, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NameFound:
    """A name in an article. `forms` are the ways it is written there, commonest first; `why` says how it was known."""

    kind: str  # country, place, organisation, person, weapon, treaty
    slug: str
    label: str
    mentions: int
    forms: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Subjects:
    """All that was found in one article; topics by score, names by kind and mentions."""

    topics: tuple[TopicFound, ...] = ()
    names: tuple[NameFound, ...] = ()


def evidence_json(found: TopicFound) -> JsonObject:
    """Return why an article has a topic, as it is kept and shown."""
    return {
        "score": round(found.score, 2),
        "needed": found.needed,
        "words": [
            {
                "written": one.written,
                "rule": one.rule,
                "where": one.where,
                "times": one.times,
                "adds": round(one.adds, 2),
            }
            for one in found.words
        ],
        "left_out": list(found.left_out),
    }
