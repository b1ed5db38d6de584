"""The frozen values of stories as readers see them: a story, its members with why they are here, copies of a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Story:
    """Articles about one event. `title` is the headline of its most central article; an ended story has none."""

    id: int
    title: str
    lead_article_id: int | None
    first_at: datetime
    last_at: datetime
    articles: int
    outlets: int
    continues: int | None  # the closed story this one goes on from
    evidence: Mapping[str, Any]  # why it continues, was split off or took others in
    created_at: datetime
    language: str = ""  # of the headline
    lead_outlet: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether none of its articles is held any more. Its id stays its own."""
        return self.articles == 0


@dataclass(frozen=True, slots=True)
class RankedStory:
    """A story of now: its outlets that wrote for themselves, how many of its articles are copies, and its rank."""

    story: Story
    independent_outlets: int
    copies: int
    score: float  # independent outlets x freshness
    outlet_names: tuple[str, ...]  # at the most ten, those of the newest articles first


@dataclass(frozen=True, slots=True)
class StoryMember:
    """Why an article is in a story, and whose copy it is."""

    article_id: int
    story_id: int
    placed_at: datetime
    method: str  # new, joined, copy, hand
    score: float
    evidence: Mapping[str, Any]
    copy: CopyLink | None = None


@dataclass(frozen=True, slots=True)
class CopyLink:
    """An article whose text is another's, and how much of it."""

    article_id: int
    original_id: int
    shared: int
    containment: float
    evidence: tuple[str, ...]
