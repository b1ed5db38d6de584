"""An archive whose state at every position of its change log is known, so that any answer can be judged.

Commit `p` replaces some articles, takes one away, brings back the one taken away three commits before, and puts a stamp
with the number `p` in the place of the stamp before. An answer that holds the stamp tells its position by it.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import nlargest

from index.search.backend import IndexDocument

STAMP = 1 << 40
"""Article ids from here on are stamps; the number above it is the position."""

GROUPS = ("alpha", "betony", "gamut", "delphic")
OUTLETS = ("gazette", "herald", "courier")
AWAY = 3
KEPT = 1000
"""Positions whose answers are kept: a reader is never that far behind."""

REPLACED = 12
NEWEST = 10
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
_WORDS = [f"{one}{two}{three}" for one in "bdfgklmn" for two in ("ar", "el", "in", "os", "ur") for three in "aeiou"]


@dataclass(frozen=True, slots=True)
class State:
    """What is held at a position: revisions by article."""

    position: int
    revisions: dict[int, int]

    @property
    def contents(self) -> set[tuple[int, int]]:
        """Every (article id, revision) an index at this position holds."""
        return {*self.revisions.items(), (STAMP + self.position, 1)}


@dataclass(frozen=True, slots=True)
class Answers:
    """What is to be answered at a position: counts by word, outlet and author, and the newest articles by word."""

    articles: int
    groups: dict[str, int]
    outlets: dict[str, int]
    authors: dict[str, int]
    newest: dict[str, tuple[int, ...]]


class Archive:
    """The states of an archive of so many articles, worked out as they are asked for. Safe for several threads."""

    def __init__(self, articles: int) -> None:
        self.articles = articles
        self._guard = threading.Lock()
        self._position = 1
        self._revisions = dict.fromkeys(range(1, articles + 1), 1)
        self._answers = {1: self._told(self._revisions)}

    def answers(self, position: int) -> Answers:
        """Return what is to be answered at a position."""
        with self._guard:
            while self._position < position:
                self._position += 1
                self._advance(self._revisions, self._position)
                self._answers[self._position] = self._told(self._revisions)
                self._answers.pop(self._position - KEPT, None)
            return self._answers[position]

    def state(self, position: int) -> State:
        """Return all that is true at a position, worked out from the first on."""
        revisions = dict.fromkeys(range(1, self.articles + 1), 1)
        for at in range(2, position + 1):
            self._advance(revisions, at)
        return State(position, revisions)

    def changes(self, position: int, revisions: dict[int, int]) -> tuple[list[IndexDocument], list[int]]:
        """Bring revisions from the position before to this one; return the documents and the ids of the commit."""
        changed, gone = self._advance(revisions, position)
        documents = [self.document(key, revisions[key]) for key in changed]
        return [*documents, _stamp(position)], [gone, STAMP + position - 1]

    def batches(self, state: State, size: int = 500) -> Iterator[tuple[list[IndexDocument], int]]:
        """Yield all documents of a state as a rebuild wants them, the position with the last."""
        made = [self.document(key, revision) for key, revision in state.revisions.items()]
        for begin in range(0, len(made), size):
            yield made[begin : begin + size], 0
        yield [_stamp(state.position)], state.position

    def document(self, key: int, revision: int) -> IndexDocument:
        """Return an article at a revision."""
        dice = random.Random(key * 1_000_003 + revision)
        group = _group(key, revision)
        body = " ".join(dice.choices(_WORDS, k=dice.randint(40, 160)))
        return IndexDocument(
            article_id=key,
            revision=revision,
            outlet=_outlet(key),
            language="en",
            title=f"Steady {group} {key}",
            text=f"{body} marked {group} {dice.choice(_WORDS)}",
            authors=(_author(revision),),
            topics=(),
            sort_at=BEGIN + timedelta(minutes=revision * self.articles + key),
        )

    def _advance(self, revisions: dict[int, int], position: int) -> tuple[list[int], int]:
        """Change revisions as commit `position` does; return which articles were replaced, and which one went."""
        back = 1 + (position - AWAY) * 7 % self.articles
        gone = 1 + position * 7 % self.articles
        dice = random.Random(position)
        away = {1 + (position - ago) * 7 % self.articles for ago in range(AWAY)}
        chosen = {dice.randint(1, self.articles) for _ in range(REPLACED)} - away
        if position > AWAY:
            chosen.add(back)
        changed = sorted(chosen - {gone})
        for key in changed:
            revisions[key] = position
        revisions.pop(gone, None)
        return changed, gone

    def _told(self, revisions: dict[int, int]) -> Answers:
        groups: dict[str, list[tuple[int, int]]] = {name: [] for name in GROUPS}
        for key, revision in revisions.items():
            groups[_group(key, revision)].append((revision * self.articles + key, key))
        newest = {name: tuple(key for _, key in nlargest(NEWEST, held)) for name, held in groups.items()}
        return Answers(
            articles=len(revisions),
            groups={name: len(held) for name, held in groups.items()},
            outlets=dict(Counter(map(_outlet, revisions))),
            authors=dict(Counter(map(_author, revisions.values()))),
            newest=newest,
        )


def _stamp(position: int) -> IndexDocument:
    return IndexDocument(
        article_id=STAMP + position,
        revision=1,
        outlet="stamps",
        language="en",
        title="Steady stamped",
        text="stamped",
        authors=(),
        topics=(),
        sort_at=datetime(2999, 1, 1, tzinfo=UTC),
    )


def _group(key: int, revision: int) -> str:
    return GROUPS[(key + revision) % len(GROUPS)]


def _outlet(key: int) -> str:
    return OUTLETS[key % len(OUTLETS)]


def _author(revision: int) -> str:
    return f"Author {revision % 5}"
