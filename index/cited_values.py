"""Cited addresses, who cites them, and the stories of those: values, without I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from index.records import Role


@dataclass(frozen=True, slots=True)
class CitedAddress:
    """An address that articles link to, with how many articles of how many outlets do. `article_id`: it is held."""

    url: str
    citers: int
    outlets: int
    first_seen_at: datetime
    example_text: str = ""
    article_id: int | None = None


@dataclass(frozen=True, slots=True)
class CitingArticle:
    """An article that links to an address, with the words linked and the sentence around them."""

    id: int
    title: str
    outlet: str
    language: str
    at: datetime
    text: str
    context: str
    role: Role
    url: str  # as the article writes it


@dataclass(frozen=True, slots=True)
class HubStory:
    """A story of articles that cite an address, and how many of them it has."""

    id: int
    title: str
    last_at: datetime
    citers: int
