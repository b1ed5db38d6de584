"""What connects articles, as values: links, shared targets, co-citations, copies, names, stories. No decisions here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from index.records import Role

DEGREE_READ = 100
"""Citers looked at of one target. A target with more counts as one with this many: it says next to nothing anyway."""


@dataclass(frozen=True, slots=True)
class Brief:
    """An article, as far as relating it needs."""

    id: int
    title: str
    outlet: str
    language: str
    at: datetime  # the first of published, updated, first seen
    story_id: int | None = None


@dataclass(frozen=True, slots=True)
class StoryBrief:
    """A story, as far as relating to it needs."""

    id: int
    title: str
    articles: int
    first_at: datetime
    last_at: datetime
    lead_article_id: int | None


@dataclass(frozen=True, slots=True)
class CopyTie:
    """That one article has the text of another, the original."""

    article_id: int
    original_id: int
    shared: int
    containment: float


@dataclass(frozen=True, slots=True)
class LinkTie:
    """A link from one article held to another, furniture and bylines left out."""

    from_id: int
    to_id: int
    role: Role
    sentence: str


@dataclass(frozen=True, slots=True)
class SharedTarget:
    """What the subject links to and others do too: an article held, or a document or page that is not."""

    label: str
    kind: str  # article, document, page, topic (a hub of an outlet's related lists)
    weight_role: Role  # the role of the subject's own link
    citers: tuple[int, ...]  # other articles that link to it, newest first, at the most DEGREE_READ
    degree: int  # how many articles link to it, DEGREE_READ meaning "or more"
    target_id: int | None = None  # of an article held


@dataclass(frozen=True, slots=True)
class Citer:
    """An article that links to the subject, and the other articles it links to."""

    id: int
    title: str
    targets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NameTie:
    """A name that the subject has, and in how many articles held it stands (`common`: too many to look at)."""

    key: str
    label: str
    kind: str
    articles: int
    common: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that stands near an article, or near the articles of a story.

    `subjects` are the article itself, or the story's articles; `others` every article that stands in any tie.
    `names_of` gives the keys of the subject's names that each other article has too. `left_out` says what was not
    looked at because there is too much of it, by what it is.
    """

    subjects: tuple[Brief, ...]
    others: Mapping[int, Brief] = field(default_factory=dict)
    story: StoryBrief | None = None
    of_story: bool = False  # the subject is the story, not the article
    stories: Mapping[int, StoryBrief] = field(default_factory=dict)
    members: tuple[int, ...] = ()
    copies: tuple[CopyTie, ...] = ()
    links: tuple[LinkTie, ...] = ()
    shared: tuple[SharedTarget, ...] = ()
    citers: tuple[Citer, ...] = ()
    degrees: Mapping[int, int] = field(default_factory=dict)
    names: tuple[NameTie, ...] = ()
    names_of: Mapping[int, frozenset[str]] = field(default_factory=dict)
    held: int = 0  # articles held
    earlier_stories: tuple[int, ...] = ()  # that the subject's story goes on from
    later_stories: tuple[int, ...] = ()  # that go on from it
    left_out: Mapping[str, int] = field(default_factory=dict)
