"""Articles into stories, one after the other, each placed by what came before. Holds open stories; touches no database.

The same articles in the same order give the same placements, with a restart in between (`restore`) or without. Nothing
reads a clock: an article is judged by its own time, so a date in the future or the past spoils only its own place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from index.records import JsonObject
from index.stories.joining import cosine, features_beside, score_of
from index.stories.open_story import Member, OpenStory
from index.stories.text import counts_of, heaviest, shared_terms, shingles_of, unit, weigh
from index.stories.values import Features, Placement, StoryText
from index.stories.weights import JoinWeights, Weights

OPEN_FOR = timedelta(days=30)
"""A story closes so long after its last article."""

HEADLINE_WORDS = 20
"""An article with a shorter text is judged as a headline."""

CANDIDATE_WORDS = 15
CANDIDATES = 6
EVIDENCE_WORDS = 6


class Clusterer:
    """The stories still open, and the placing of articles among them."""

    def __init__(
        self, weights: Weights, *, term_counts: Mapping[str, int] | None = None, articles_seen: int = 0
    ) -> None:
        self._weights = weights
        self._documents: Counter[str] = Counter(weights.prior_terms)
        self._documents.update(term_counts or {})
        self._seen = weights.prior_articles + articles_seen
        self._changed: Counter[str] = Counter()
        self._stories: dict[int, OpenStory] = {}
        self._story_of: dict[int, int] = {}
        self._stories_with: dict[str, dict[int, None]] = {}
        self._apart: dict[int, set[int]] = {}

    @property
    def articles_seen(self) -> int:
        """Return how many articles the counts of words come from, the shipped ones not counted."""
        return self._seen - self._weights.prior_articles

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
        features = self.features_of(text)
        self._learn(text)
        for other in apart:
            self.keep_apart(text.id, other)
        placement = self._decide(text, features, new_id, together)
        self._add(placement.story_id, Member(text.id, text.at, text.outlet, features))
        return placement

    def features_of(self, text: StoryText) -> Features:
        """Return what is kept of an article, its words weighed by the counts of this moment."""
        counts = counts_of(text)
        terms = weigh(counts.terms, self._documents, self._seen)
        names = unit({term: terms[term] for term in counts.names if term in terms})
        title = weigh(counts.title, self._documents, self._seen)
        return Features(terms, title, names, shingles_of(text.text), counts.words)

    def restore(
        self, article_id: int, story_id: int, at: datetime, outlet: str, features: Features, copy_of: int | None
    ) -> None:
        """Put back an article placed before a restart, in any order; all of them, and all is as it was."""
        self._add(story_id, Member(article_id, at, outlet, features, copy_of))

    def held_features(self, article_id: int) -> Features | None:
        """Return what is kept of an article; None where it is not held."""
        story = self._stories.get(self._story_of.get(article_id, -1))
        return None if story is None else story.members[article_id].features

    def keep_apart(self, a: int, b: int) -> None:
        """Keep two articles in different stories from now on, as a person decided. After a restart, say it again."""
        self._apart.setdefault(a, set()).add(b)
        self._apart.setdefault(b, set()).add(a)

    def drop_before(self, moment: datetime) -> None:
        """Forget the stories whose last article is older than `moment`."""
        for story in [one for one in self._stories.values() if one.last_at is not None and one.last_at < moment]:
            for article_id in list(story.members):
                self.remove(article_id)

    def move(self, article_id: int, story_id: int) -> None:
        """Put an article into another story, as a person decided; the story may be new."""
        member = self._take(article_id)
        self._add(story_id, member)

    def remove(self, article_id: int) -> None:
        """Forget an article; where it is not held, nothing happens."""
        if article_id in self._story_of:
            self._take(article_id)

    def merge(self, into: int, gone: int) -> None:
        """Put all articles of one story into another."""
        if gone in self._stories and gone != into:
            for article_id in list(self._stories[gone].members):
                self.move(article_id, into)

    def term_counts_changed(self) -> Mapping[str, int]:
        """Return by how much the counts of words grew since this was last called."""
        changed, self._changed = self._changed, Counter()
        return dict(changed)

    def _learn(self, text: StoryText) -> None:
        terms = counts_of(text).terms
        self._documents.update(terms.keys())
        self._changed.update(terms.keys())
        self._seen += 1

    def _decide(
        self, text: StoryText, features: Features, new_id: Callable[[], int], together: frozenset[int]
    ) -> Placement:
        by_hand = sorted(self._story_of[one] for one in together if one in self._story_of)
        if by_hand:
            return Placement(text.id, by_hand[0], "hand", 1.0, {"with": sorted(together)})
        weights = self._weights.headline if features.words < HEADLINE_WORDS else self._weights.text
        best, continues = self._best(text, features, weights)
        if best is not None:
            return Placement(text.id, best[1], "joined", best[0], self._evidence(text, features, best[1]))
        return Placement(text.id, new_id(), "new", 0.0, {}, continues=continues)

    def _best(
        self, text: StoryText, features: Features, weights: JoinWeights
    ) -> tuple[tuple[float, int] | None, int | None]:
        """Return score and id of the story to join, else the closed story that would have been joined."""
        scored = []
        for story in self._candidates(features, text.id):
            score = score_of(features_beside(features, text.at, story), weights)
            if score >= weights.threshold:
                scored.append((score, story.id))
        scored.sort(key=lambda one: (-one[0], one[1]))
        open_ = [one for one in scored if self._is_open(one[1], text.at)]
        closed = [one for one in scored if not self._is_open(one[1], text.at)]
        return (open_[0] if open_ else None), (closed[0][1] if closed else None)

    def _is_open(self, story_id: int, at: datetime) -> bool:
        return self._stories[story_id].days_from(at) <= OPEN_FOR.days

    def _candidates(self, features: Features, article_id: int) -> list[OpenStory]:
        kept_apart = {self._story_of[one] for one in self._apart.get(article_id, ()) if one in self._story_of}
        partial: dict[int, float] = {}
        for term in heaviest(features.terms, CANDIDATE_WORDS):
            weight = features.terms[term]
            for story_id in self._stories_with.get(term, ()):
                if story_id not in kept_apart:
                    total = self._stories[story_id].terms
                    partial[story_id] = partial.get(story_id, 0.0) + weight * total.terms[term] / total.length
        first = sorted(partial, key=lambda one: (-partial[one], one))[: 2 * CANDIDATES]
        alike = {one: cosine(features.terms, self._stories[one].terms) for one in first}
        return [self._stories[one] for one in sorted(first, key=lambda one: (-alike[one], one))[:CANDIDATES]]

    def _evidence(self, text: StoryText, features: Features, story_id: int) -> JsonObject:
        story = self._stories[story_id]
        words = shared_terms(heaviest(features.terms, 40), story.terms.terms)[:EVIDENCE_WORDS]
        return {"words": words, "days": round(story.days_from(text.at), 2)}

    def _add(self, story_id: int, member: Member) -> None:
        story = self._stories.setdefault(story_id, OpenStory(story_id))
        story.add(member)
        self._story_of[member.article_id] = story_id
        if member.copy_of is None:
            for term in member.features.terms:
                self._stories_with.setdefault(term, {})[story_id] = None

    def _take(self, article_id: int) -> Member:
        story = self._stories[self._story_of.pop(article_id)]
        member = story.remove(article_id)
        for term in member.features.terms:
            if term not in story.terms.terms and story.id in self._stories_with.get(term, ()):
                del self._stories_with[term][story.id]
                if not self._stories_with[term]:
                    del self._stories_with[term]
        if not story.members:
            del self._stories[story.id]
        return member
