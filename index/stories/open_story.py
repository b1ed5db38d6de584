"""One story while articles may still join it: its members, and sums of their vectors that no order changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import sqrt

from index.stories.values import Features


@dataclass(frozen=True, slots=True)
class Member:
    """An article of a story. A copy tells nothing new: it counts in the times of its story, not in its words."""

    article_id: int
    at: datetime
    outlet: str
    features: Features
    copy_of: int | None = None


class Sum:
    """The sum of vectors in whole numbers, with its length."""

    __slots__ = ("_square", "terms")

    def __init__(self) -> None:
        self.terms: dict[str, int] = {}
        self._square = 0

    def add(self, vector: Mapping[str, int], sign: int = 1) -> None:
        """Add a vector, or take it away again with `sign` -1."""
        terms = self.terms
        for term, value in vector.items():
            before = terms.get(term, 0)
            after = before + sign * value
            self._square += after * after - before * before
            if after:
                terms[term] = after
            else:
                del terms[term]

    @property
    def length(self) -> float:
        """Return the length of the sum."""
        return sqrt(self._square)


@dataclass(slots=True)
class OpenStory:
    """A story: members by article id, sums over those that are no copies."""

    id: int
    members: dict[int, Member] = field(default_factory=dict)
    terms: Sum = field(default_factory=Sum)
    title: Sum = field(default_factory=Sum)
    names: Sum = field(default_factory=Sum)
    first_at: datetime | None = None
    last_at: datetime | None = None
    _originals: list[Member] | None = None

    def add(self, member: Member) -> None:
        """Take an article in."""
        self.members[member.article_id] = member
        self._count(member, 1)
        self.first_at = member.at if self.first_at is None else min(self.first_at, member.at)
        self.last_at = member.at if self.last_at is None else max(self.last_at, member.at)

    def remove(self, article_id: int) -> Member:
        """Let an article go."""
        member = self.members.pop(article_id)
        self._count(member, -1)
        self.first_at = min((one.at for one in self.members.values()), default=None)
        self.last_at = max((one.at for one in self.members.values()), default=None)
        return member

    def originals(self) -> list[Member]:
        """Return the members that are no copies, latest first."""
        if self._originals is None:
            found = [one for one in self.members.values() if one.copy_of is None]
            self._originals = sorted(found, key=lambda one: (one.at, one.article_id), reverse=True)
        return self._originals

    def days_from(self, at: datetime) -> float:
        """Return the days between a moment and the time this story ran; 0 inside it."""
        if self.first_at is None or self.last_at is None:
            return 0.0
        gap = max(self.first_at - at, at - self.last_at)
        return max(0.0, gap.total_seconds() / 86_400)

    def __iter__(self) -> Iterator[Member]:
        return iter(self.members.values())

    def _count(self, member: Member, sign: int) -> None:
        self._originals = None
        if member.copy_of is None:
            self.terms.add(member.features.terms, sign)
            self.title.add(member.features.title, sign)
            self.names.add(member.features.names, sign)
