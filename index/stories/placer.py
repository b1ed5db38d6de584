"""Placing articles one after the other with a window that stays small: the clusterer, and what it may forget. Pure.

What is forgotten, and when, is decided by articles and their dates alone, never by a clock or by how many came at a
time: the same articles in the same order are placed alike, whatever was done in between.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from index.stories.clustering import OPEN_FOR, Clusterer
from index.stories.decided import Decided
from index.stories.packing import pack
from index.stories.values import CopyOf, Features, Kept, Placement, StoryText
from index.stories.weights import load_weights

KEPT_FOR: timedelta = 2 * OPEN_FOR
"""A closed story is known as long again as it was open, so that what goes on from it can say so."""

CHECKED_EVERY = 100
"""Articles, by their ids, after which the window is looked over."""

RECENT = 2_000
"""The articles that came last. The window reaches back from the date that nine in ten of them are younger than: an
archive that is imported beside a crawl has its own time, and a single old page opens no old window."""

MOST_HELD = 10_000
"""Articles held at the most, about 50 kB each (measured); of more the stories that ended first are forgotten."""

SEEN = ""
"""The key under which word counts hold the number of articles they come from; no word is empty."""


@dataclass(frozen=True, slots=True)
class Window:
    """What was kept between two sessions: articles seen, the articles held, and the ids and dates that came last.

    In how many articles words stand is asked for article by article (`Placer.read_ahead`).
    """

    seen: int
    held: Sequence[Kept]  # by id
    recent: Iterable[tuple[int, datetime]]  # newest first
    last_id: int = 0


@dataclass(frozen=True, slots=True)
class _Held:
    """Where an article of the window is."""

    at: datetime
    outlet: str
    story_id: int
    original_id: int | None


class Placer:
    """The clusterer with its window. What it forgets is told, so that it can be dropped where it is kept too."""

    def __init__(self, window: Window, decided: Decided) -> None:
        self._clusterer = Clusterer(load_weights(), articles_seen=window.seen)
        self._clusterer.restore_all(window.held)
        self._known: set[str] = set()  # words whose counts were asked for
        self._decided = decided
        self._held = {one.article_id: _Held(one.at, one.outlet, one.story_id, one.original_id) for one in window.held}
        for article_id in decided.apart:
            self._say_apart(article_id)
        self._recent = deque(sorted(window.recent), maxlen=RECENT)
        self._block = window.last_id // CHECKED_EVERY
        self._dropped: list[int] = []
        self._seen = self._clusterer.articles_seen

    def read_ahead(
        self, texts: Iterable[StoryText], term_counts: Callable[[Collection[str]], Mapping[str, int]]
    ) -> None:
        """Read articles that come next, and ask in how many articles their words stand, each word once."""
        unknown = self._clusterer.read_ahead(texts) - self._known
        if unknown:
            self._clusterer.know(term_counts(unknown))
            self._known |= unknown

    def place(self, text: StoryText, *, new_id: Callable[[], int]) -> tuple[Placement, str]:
        """Place an article that has no story yet; return where and why, and what is to be kept of it."""
        if text.id // CHECKED_EVERY != self._block:
            self._block = text.id // CHECKED_EVERY
            self._forget_the_old()
        placement = self._clusterer.place(
            text,
            new_id=new_id,
            together=self._decided.with_(text.id),
            apart=self._decided.without(text.id),
        )
        self._held[text.id] = _Held(text.at, text.outlet, placement.story_id, None)
        self._note_copies({text.id: placement.copy} | dict(placement.copy_changes))
        for gone in placement.merged:
            self._move_all(gone, placement.story_id)
        self._recent.append((text.id, text.at))
        return placement, pack(self._features(text.id))

    def refresh(self, text: StoryText) -> str | None:
        """Know an edited article by its new text; it stays in its story, and copy or original.

        None where nothing is to be kept anew: it left the window, or its words are the same (what they weigh is not
        taken anew, or it would matter how often an article is looked at).
        """
        held = self._held.get(text.id)
        if held is None:
            return None
        features = self._clusterer.features_of(text)
        if held.at == text.at and held.outlet == text.outlet and _same_words(features, self._features(text.id)):
            return None
        copies = [one for one in sorted(self._held) if self._held[one].original_id == text.id]
        known = [(one, self._features(one)) for one in copies]
        for one in (*copies, text.id):  # copies first: an original that goes before them is followed by one of them
            self._clusterer.remove(one)
        self._held[text.id] = replace(held, at=text.at, outlet=text.outlet)
        for one, its_features in ((text.id, features), *known):
            its = self._held[one]
            self._clusterer.restore(one, its.story_id, its.at, its.outlet, its_features, its.original_id)
            self._say_apart(one)
        return pack(features)

    def remove(self, article_id: int) -> Mapping[int, CopyOf]:
        """Forget an article that is no longer held; return the copies that have another original now."""
        changed = self._clusterer.remove(article_id)
        self._held.pop(article_id, None)
        self._note_copies(changed)
        kept = [one for one in self._recent if one[0] != article_id]
        self._recent = deque(kept, maxlen=RECENT)
        return changed

    def take_dropped(self) -> list[int]:
        """Return the articles that left the window since this was last called."""
        dropped, self._dropped = self._dropped, []
        return dropped

    def take_term_counts(self) -> dict[str, int]:
        """Return by how much word counts grew since this was last called, the number of articles with them."""
        before, self._seen = self._seen, self._clusterer.articles_seen
        seen = self._seen - before  # copies are not counted
        counts = dict(self._clusterer.term_counts_changed())
        return {**counts, SEEN: seen} if seen else counts

    def _features(self, article_id: int) -> Features:
        features = self._clusterer.held_features(article_id)
        assert features is not None
        return features

    def _note_copies(self, found: Mapping[int, CopyOf | None]) -> None:
        for article_id, copy in found.items():
            if copy is not None:
                for one, original in ((copy.original_id, None), (article_id, copy.original_id)):
                    if one in self._held:
                        self._held[one] = replace(self._held[one], original_id=original)

    def _move_all(self, gone: int, into: int) -> None:
        for one, held in self._held.items():
            if held.story_id == gone:
                self._held[one] = replace(held, story_id=into)

    def _say_apart(self, article_id: int) -> None:
        for other in self._decided.without(article_id):
            self._clusterer.keep_apart(article_id, other)

    def _forget_the_old(self) -> None:
        if not self._recent:
            return
        dates = sorted(at for _, at in self._recent)
        tenth = dates[len(dates) // 10]
        moment = tenth - KEPT_FOR if tenth.year > 1 else tenth
        if len(self._held) > MOST_HELD:
            moment = max(moment, sorted(held.at for held in self._held.values())[-MOST_HELD])
        self._clusterer.drop_before(moment)
        gone = [one for one in self._held if not self._clusterer.holds(one)]
        for article_id in gone:
            del self._held[article_id]
        self._dropped += gone


def _same_words(a: Features, b: Features) -> bool:
    return (
        (a.words, a.shingles, a.agency) == (b.words, b.shingles, b.agency)
        and a.title.keys() == b.title.keys()
        and a.terms.keys() == b.terms.keys()
        and a.names.keys() == b.names.keys()
    )


def resolved(merged: Mapping[int, int], story_id: int) -> int:
    """Return the story that took this one in, through any number of merges."""
    while story_id in merged:
        story_id = merged[story_id]
    return story_id


def note_merges(merged: dict[int, int], placement: Placement) -> None:
    """Keep which stories an article showed to be one."""
    for gone in placement.merged:
        if gone != placement.story_id:
            merged[gone] = placement.story_id


def note_copies(found: dict[int, CopyOf], placement: Placement) -> None:
    """Keep whose copies articles are, the newest finding last; an original is no copy."""
    for article_id, copy in ({placement.article_id: placement.copy} | dict(placement.copy_changes)).items():
        if copy is not None:
            found.pop(copy.original_id, None)
            found[article_id] = copy
