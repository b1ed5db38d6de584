"""One story while articles may still join it: its members, and sums of their vectors that no order changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import sqrt

from index.stories.values import Features

MANY = 5
QUIET_DAYS = 7.0
QUIET_SPANS = 3.0
"""A story told by `MANY` articles is over once it was silent for a week, and for three times as long as it ran. Of one
with fewer articles nobody knows how often to expect one."""


@dataclass(frozen=True, slots=True)
class Member:
    """An article of a story."""

    article_id: int
    at: datetime
    outlet: str
    features: Features


class Sum:
    """The sum of vectors in whole numbers, with its length."""

    __slots__ = ("_square", "length", "terms")

    def __init__(self) -> None:
        self.terms: dict[str, int] = {}
        self.length = 0.0
        self._square = 0

    def add(self, vector: Mapping[str, int], sign: int = 1) -> None:
        """Add a vector, or take it away again with `sign` -1."""
        terms, square = self.terms, self._square
        for term, value in vector.items():
            before = terms.get(term, 0)
            after = before + sign * value
            square += after * after - before * before
            if after:
                terms[term] = after
            else:
                terms.pop(term, None)
        self._square = square
        self.length = sqrt(square)


@dataclass(slots=True)
class OpenStory:
    """A story: members by article id, and sums over those that speak.

    Silent are copies of a text that the story has already: they count in its times, not in its words.
    """

    id: int
    members: dict[int, Member] = field(default_factory=dict)
    silent: set[int] = field(default_factory=set)
    terms: Sum = field(default_factory=Sum)
    title: Sum = field(default_factory=Sum)
    names: Sum = field(default_factory=Sum)
    first_at: datetime | None = None
    last_at: datetime | None = None
    _speaking: list[Member] | None = None

    def add(self, member: Member, *, silent: bool) -> None:
        """Take an article in."""
        self.members[member.article_id] = member
        if silent:
            self.silent.add(member.article_id)
        else:
            self._count(member, 1)
        self.first_at = member.at if self.first_at is None else min(self.first_at, member.at)
        self.last_at = member.at if self.last_at is None else max(self.last_at, member.at)

    def remove(self, article_id: int) -> Member:
        """Let an article go."""
        self.hear(article_id, silent=True)
        self.silent.discard(article_id)
        member = self.members.pop(article_id)
        if member.at in (self.first_at, self.last_at):
            self.first_at = min((one.at for one in self.members.values()), default=None)
            self.last_at = max((one.at for one in self.members.values()), default=None)
        return member

    def hear(self, article_id: int, *, silent: bool) -> None:
        """Let a member be silent or speak from now on."""
        if silent != (article_id in self.silent):
            (self.silent.add if silent else self.silent.discard)(article_id)
            self._count(self.members[article_id], -1 if silent else 1)

    def speaking(self) -> list[Member]:
        """Return the members that are no silent copies, latest first."""
        if self._speaking is None:
            found = [one for key, one in self.members.items() if key not in self.silent]
            self._speaking = sorted(found, key=lambda one: (one.at, one.article_id), reverse=True)
        return self._speaking

    def days_from(self, at: datetime) -> float:
        """Return the days between a moment and the time this story ran; 0 inside it."""
        if self.first_at is None or self.last_at is None:
            return 0.0
        gap = max(self.first_at - at, at - self.last_at)
        return max(0.0, gap.total_seconds() / 86_400)

    def was_over(self, at: datetime) -> bool:
        """Say whether all that was to come had come by a moment, as far as can be told: a burst, then silence."""
        if self.first_at is None or self.last_at is None or len(self.members) - len(self.silent) < MANY:
            return False
        silent, ran = at - self.last_at, self.last_at - self.first_at
        return silent.total_seconds() > 86_400 * QUIET_DAYS and silent > QUIET_SPANS * ran

    def _count(self, member: Member, sign: int) -> None:
        self._speaking = None
        self.terms.add(member.features.terms, sign)
        self.title.add(member.features.title, sign)
        self.names.add(member.features.names, sign)
