"""Articles into stories, one after the other, each placed by what came before. Holds open stories; touches no database.

The same articles in the same order give the same placements, with a restart in between (`restore`) or without. Nothing
reads a clock: an article is judged by its own time, so a date in the future or the past spoils only its own place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from index.records import JsonObject
from index.stories.copies import CopyIndex, CopyText, copy_text
from index.stories.joining import SURE, TIMES, asked_of, features_beside, score_of
from index.stories.open_stories import OpenStories
from index.stories.open_story import Member, OpenStory
from index.stories.text import (
    Counts,
    agency_of,
    as_written,
    counts_of,
    heaviest,
    shared_terms,
    shingles_of,
    unit,
    weigh,
)
from index.stories.values import CopyOf, Features, Kept, Placement, StoryText
from index.stories.weights import JoinWeights, Weights

OPEN_FOR = timedelta(days=30)
"""A story closes so long after its last article; one before its first does not join it either."""

HEADLINE_WORDS = 20
"""An article with a shorter text is judged as a headline."""

EVIDENCE_WORDS = 6

MOST_MERGED = 3
"""A story is compared with so many others when an article comes into it."""

MOST_ASKED = 20
"""So many members of the smaller story, the latest, are asked whether they would join the larger."""


class Clusterer:
    """The stories still open, and the placing of articles among them."""

    def __init__(
        self, weights: Weights, *, term_counts: Mapping[str, int] | None = None, articles_seen: int = 0
    ) -> None:
        self._weights = weights
        self._documents: Counter[str] = Counter(weights.prior_terms)
        self._documents.update(term_counts or {})
        self._shipped = weights.prior_articles
        self._seen = self._shipped + articles_seen
        self._changed: Counter[str] = Counter()
        self._stories = OpenStories()
        self._copies = CopyIndex()
        self._apart: dict[int, set[int]] = {}
        self._counts: dict[int, Counts] = {}  # of articles read ahead

    @property
    def articles_seen(self) -> int:
        """Return how many articles the counts of words come from, the shipped ones not counted."""
        return self._seen - self._shipped

    @property
    def open_stories(self) -> int:
        """Return how many stories are held."""
        return len(self._stories)

    def place(
        self,
        text: StoryText,
        *,
        new_id: Callable[[], int],
        together: frozenset[int] = frozenset(),
        apart: frozenset[int] = frozenset(),
    ) -> Placement:
        """Place an article that is not placed yet; `new_id` is asked for an id only where it begins a story.

        `together` and `apart` are articles that a person said belong, or do not belong, with this one.
        """
        counts = self._read(text)
        features = self._features(text, counts)
        for other in apart:
            self.keep_apart(text.id, other)
        held = copy_text(text.id, text.at, text.outlet, features.shingles, features.agency)
        found = self._copies.find(held)
        if found is None:
            self._learn(counts)
        story_id, method, score, evidence, continues = self._decide(text, features, found, together, new_id)
        self._hold(story_id, Member(text.id, text.at, text.outlet, features), held, None if found is None else found[0])
        copy, changes = self._name_original(held, found)
        merged: tuple[int, ...] = ()
        if method in ("joined", "new"):
            story_id, merged = self._merge_like(self._stories[story_id], features, text.at)
        return Placement(text.id, story_id, method, score, evidence, copy, continues, merged, changes)

    def features_of(self, text: StoryText) -> Features:
        """Return what is kept of an article, its words weighed by the counts of this moment."""
        return self._features(text, self._read(text))

    def read_ahead(self, texts: Iterable[StoryText]) -> set[str]:
        """Read articles that will be placed or looked at next; return their words."""
        self._counts = {text.id: counts_of(text) for text in texts}
        return {term for counts in self._counts.values() for term in (*counts.terms, *counts.title)}

    def know(self, term_counts: Mapping[str, int]) -> None:
        """Add in how many articles words stood, for words nothing was known of so far."""
        self._documents.update(term_counts)

    def _read(self, text: StoryText) -> Counts:
        return self._counts.pop(text.id, None) or counts_of(text)

    def beside(self, text: StoryText) -> list[tuple[int, Mapping[str, float]]]:
        """Return the stories an article would be judged beside, most alike first, with what it is judged by."""
        features = self.features_of(text)
        return [(story.id, features_beside(features, text.at, story)) for story in self._stories.like(features, but=())]

    def judge_by(self, weights: Weights) -> None:
        """Judge by other weights from now on; the counts of words stay."""
        self._weights = weights

    def restore(
        self, article_id: int, story_id: int, at: datetime, outlet: str, features: Features, copy_of: int | None
    ) -> None:
        """Put back an article placed before a restart, in any order; all of them, and all is as it was."""
        held = copy_text(article_id, at, outlet, features.shingles, features.agency)
        self._hold(story_id, Member(article_id, at, outlet, features), held, copy_of)

    def restore_all(self, kept: Sequence[Kept]) -> None:
        """Put back all articles placed before a restart, by their ids, into an empty clusterer; none is looked at."""
        self._stories.lay(kept)
        self._copies.lay(kept)

    def holds(self, article_id: int) -> bool:
        """Say whether an article is held."""
        return self._stories.story_of(article_id) is not None

    def held_features(self, article_id: int) -> Features | None:
        """Return what is kept of an article; None where it is not held."""
        story_id = self._stories.story_of(article_id)
        return None if story_id is None else self._stories[story_id].members[article_id].features

    def keep_apart(self, a: int, b: int) -> None:
        """Keep two articles in different stories from now on, as a person decided. After a restart, say it again."""
        self._apart.setdefault(a, set()).add(b)
        self._apart.setdefault(b, set()).add(a)

    def drop_before(self, moment: datetime) -> None:
        """Forget the stories whose last article is older than `moment`, with their articles."""
        for story in [self._stories[one] for one in list(self._stories.ended_before(moment))]:
            # Copies first: an original that goes before them would be followed by one of them, each time.
            for article_id in sorted(story.members, key=lambda one: self._copies.original_of(one) is None):
                self.remove(article_id)

    def move(self, article_id: int, story_id: int) -> None:
        """Put an article into another story, as a person decided; the story may be new."""
        member = self._stories.take(article_id)
        self._stories.add(story_id, member, silent=False)
        self._settle(article_id)

    def remove(self, article_id: int) -> Mapping[int, CopyOf]:
        """Forget an article; where it is not held, nothing happens.

        Return the copies that have another original now; of these none is the new original itself.
        """
        if self._stories.story_of(article_id) is None:
            return {}
        self._stories.take(article_id)
        for other in self._apart.pop(article_id, set()):
            self._apart[other].discard(article_id)
        heir = self._copies.remove(article_id)
        if heir is None:
            return {}
        self._settle(heir)
        return self._copies.named(heir)

    def merge(self, into: int, gone: int) -> None:
        """Put all articles of one story into another."""
        if gone in self._stories and gone != into:
            for article_id in list(self._stories[gone].members):
                self.move(article_id, into)

    def term_counts_changed(self) -> Mapping[str, int]:
        """Return by how much the counts of words grew since this was last called."""
        changed, self._changed = self._changed, Counter()
        return dict(changed)

    def copy_pairs(self) -> Iterator[tuple[int, int]]:
        """Yield the pairs of articles held that have one text."""
        return self._copies.pairs()

    def _features(self, text: StoryText, counts: Counts) -> Features:
        terms = weigh(counts.terms, self._documents, self._seen)
        names = unit({term: terms[term] for term in counts.names if term in terms})
        title = weigh(counts.title, self._documents, self._seen)
        return Features(terms, title, names, shingles_of(text.text), counts.words, agency_of(text))

    def _learn(self, counts: Counts) -> None:
        self._documents.update(counts.terms.keys())
        self._changed.update(counts.terms.keys())
        self._seen += 1

    def _decide(
        self,
        text: StoryText,
        features: Features,
        found: tuple[int, CopyOf] | None,
        together: frozenset[int],
        new_id: Callable[[], int],
    ) -> tuple[int, str, float, JsonObject, int | None]:
        """Return story, method, score, evidence and the story that a new one continues."""
        barred = self._stories.stories_of(self._apart.get(text.id, ()))
        by_hand = [one for one in self._stories.stories_of(together) if one not in barred]
        if by_hand:
            return by_hand[0], "hand", 1.0, {"with": sorted(together)}, None
        if found is not None:
            match = found[1]
            of = self._stories.story_of(match.original_id)
            if of is not None and of not in barred:
                evidence = {"has_text_of": match.original_id, "shared": match.shared, "share": match.containment}
                return of, "copy", match.containment, evidence, None
        weights, alike = self._weights_for(features), self._stories.like(features, but=barred)
        beside = [(features_beside(features, text.at, story), story) for story in alike]
        for score, story in _judged(beside, weights):
            if story.days_from(text.at) <= OPEN_FOR.days and not story.was_over(text.at):
                return story.id, "joined", round(score, 4), _evidence(features, text, story), None
        for _, story in _judged(beside, _but_for_time(weights)):
            # What is older than the story it is like, and came late, goes on from nothing.
            if story.last_at is not None and story.last_at <= text.at:
                return new_id(), "new", 0.0, _evidence(features, text, story), story.id
        return new_id(), "new", 0.0, {}, None

    def _merge_like(self, story: OpenStory, features: Features, at: datetime) -> tuple[int, tuple[int, ...]]:
        """Merge the story an article came into with those it belongs with; return its id now and those that are gone.

        Long stories begin in several places. Two are one where the latest members of the smaller would, on the mean,
        join the larger: the question asked of an article, put to each. The story that began first keeps its id.
        """
        gone: list[int] = []
        for other in self._stories.like(features, but=())[:MOST_MERGED]:
            if other is story or other.days_from(at) > OPEN_FOR.days or other.id in self._barred(story):
                continue
            if _one_after_the_other(story, other):
                continue
            small, large = sorted((story, other), key=lambda one: (len(one.members), -one.id))
            if not self._would_join(small, large):
                continue
            into, out = sorted((story, other), key=lambda one: (one.first_at or at, one.id))
            self.merge(into.id, out.id)
            gone.append(out.id)
            story = into
        return story.id, tuple(gone)

    def _would_join(self, small: OpenStory, large: OpenStory) -> bool:
        """Say whether the latest members of a story reach on the mean what their weights want of a merge."""
        asked = small.speaking()[:MOST_ASKED]
        missing = sum(self._weights_for(one.features).merge for one in asked)
        for left, one in zip(range(len(asked), 0, -1), asked, strict=True):
            if missing > left:  # Not even if all who are left were sure.
                return False
            missing -= score_of(features_beside(one.features, one.at, large), self._weights_for(one.features))
        return missing <= 0

    def _barred(self, story: OpenStory) -> list[int]:
        """Return the stories that a person keeps apart from one of this story's articles."""
        if not self._apart:
            return []
        return self._stories.stories_of({other for one in story.members for other in self._apart.get(one, ())})

    def _weights_for(self, features: Features) -> JoinWeights:
        return self._weights.headline if features.words < HEADLINE_WORDS else self._weights.text

    def _hold(self, story_id: int, member: Member, held: CopyText, root: int | None) -> None:
        self._copies.add(held, root)
        self._stories.add(story_id, member, silent=False)
        self._settle(member.article_id)

    def _settle(self, article_id: int) -> None:
        """Let an article, and where it is an original its copies, be silent where its story has its original."""
        for one in (article_id, *self._copies.copies_of(article_id)):
            root, story = self._copies.original_of(one), self._stories.story_of(one)
            if story is not None:
                self._stories.hear(one, silent=root is not None and self._stories.story_of(root) == story)

    def _name_original(
        self, held: CopyText, found: tuple[int, CopyOf] | None
    ) -> tuple[CopyOf | None, Mapping[int, CopyOf]]:
        """Return what an article placed is a copy of, or the copies that it turned out to be the original of."""
        if found is None:
            return None, {}
        root = found[0]
        if not self._copies.is_better_original(held, root):
            original = self._copies.text_of(root)
            return (found[1] if original is None else self._copies.as_copy(held, original)), {}
        self._copies.reroot(root, held.article_id)
        self._settle(held.article_id)
        return None, self._copies.named(held.article_id)


def _judged(
    beside: Sequence[tuple[Mapping[str, float], OpenStory]], weights: JoinWeights
) -> list[tuple[float, OpenStory]]:
    """Return the stories an article belongs to by its score, best first; closed ones too."""
    scored = [(score_of(features, weights), story, asked_of(features, weights)) for features, story in beside]
    reached = [(score, story) for score, story, asked in scored if score >= asked]
    return sorted(reached, key=lambda one: (-one[0], one[1].id))


def _but_for_time(weights: JoinWeights) -> JoinWeights:
    """Return the weights as they are for an article that comes while a story runs."""
    factors = {name: one for name, one in weights.factors.items() if name not in TIMES}
    return replace(weights, factors=factors, threshold=max(SURE, weights.threshold))


def _one_after_the_other(a: OpenStory, b: OpenStory) -> bool:
    """Say whether one story was over when the other began."""
    return any(two.first_at is not None and one.was_over(two.first_at) for one, two in ((a, b), (b, a)))


def _evidence(features: Features, text: StoryText, story: OpenStory) -> JsonObject:
    words = shared_terms(heaviest(features.terms, 40), story.terms.terms)[:EVIDENCE_WORDS]
    return {"words": as_written(words, text), "days": round(story.days_from(text.at), 2)}
