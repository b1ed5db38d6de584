"""The stories articles may join, and how those like an article are found among thousands. Decides nothing.

Stories read from a table sleep: they are found by the keys of their words, and their articles are unpacked when one of
them is looked at. What is answered is the same as if all were awake.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

import numpy as np

from index.stories.joining import cosine
from index.stories.open_story import Member, OpenStory
from index.stories.packing import key_of
from index.stories.postings import Postings
from index.stories.text import heaviest
from index.stories.values import Features, Kept

CANDIDATE_WORDS = 15
CANDIDATES = 6

EVERYWHERE = 100
"""A word in more stories than this, and in more than one of eight, finds none: each is found by rarer ones."""


class OpenStories:
    """Stories by id, articles by id, stories by word."""

    def __init__(self) -> None:
        self._stories: dict[int, OpenStory] = {}
        self._asleep: dict[int, list[tuple[Kept, bool]]] = {}  # articles by id, and whether they are silent
        self._story_of: dict[int, int] = {}
        self._with: Postings[str] = Postings(key_of)

    def __len__(self) -> int:
        return len(self._stories) + len(self._asleep)

    def __getitem__(self, story_id: int) -> OpenStory:
        return self._stories.get(story_id) or self._awake(story_id)

    def __contains__(self, story_id: int) -> bool:
        return story_id in self._stories or story_id in self._asleep

    def lay(self, kept: Sequence[Kept]) -> None:
        """Take articles of a table, by id, into stories that sleep; before anything else."""
        self._story_of = {one.article_id: one.story_id for one in kept}
        keys, owners, counts = [], [], []
        for one in kept:
            root = one.original_id
            silent = root is not None and self._story_of.get(root) == one.story_id
            self._asleep.setdefault(one.story_id, []).append((one, silent))
            if not silent:
                keys.append(one.packed.key_bytes())
                owners.append(one.story_id)
                counts.append(one.packed.terms)
        words = np.frombuffer(b"".join(keys), dtype="<u8")
        self._with.lay(words, np.repeat(np.array(owners, dtype=np.int64), counts))

    def ended_before(self, moment: datetime) -> Iterator[int]:
        """Yield the stories whose last article is older than a moment."""
        for story in list(self._stories.values()):
            if story.last_at is not None and story.last_at < moment:
                yield story.id
        for story_id, members in list(self._asleep.items()):
            if max(one.at for one, _ in members) < moment:
                yield story_id

    def story_of(self, article_id: int) -> int | None:
        """Return the story of an article, None where it is not held."""
        return self._story_of.get(article_id)

    def stories_of(self, articles: Collection[int]) -> list[int]:
        """Return the stories of those articles that are held, by their ids."""
        return sorted({self._story_of[one] for one in articles if one in self._story_of})

    def add(self, story_id: int, member: Member, *, silent: bool) -> None:
        """Put an article into a story, which begins with it where it is not held."""
        if story_id not in self:
            self._stories[story_id] = OpenStory(story_id)
        story = self[story_id]
        story.add(member, silent=silent)
        self._story_of[member.article_id] = story_id
        if not silent:
            self._index(story, member)

    def take(self, article_id: int) -> Member:
        """Take an article out of its story, which ends with its last one."""
        story = self[self._story_of.pop(article_id)]
        member = story.remove(article_id)
        self._unindex(story, member)
        if not story.members:
            del self._stories[story.id]
        return member

    def hear(self, article_id: int, *, silent: bool) -> None:
        """Let an article be silent in its story, or speak."""
        story = self[self._story_of[article_id]]
        if silent != (article_id in story.silent):
            story.hear(article_id, silent=silent)
            (self._unindex if silent else self._index)(story, story.members[article_id])

    def like(self, features: Features, *, but: Collection[int]) -> list[OpenStory]:
        """Return the stories most like an article by its heaviest words, most alike first, a few; none of `but`."""
        partial: dict[int, float] = {}
        most = max(EVERYWHERE, len(self) // 8)
        for term in heaviest(features.terms, CANDIDATE_WORDS):
            holders = self._with.holders(term)
            if len(holders) > most:
                continue
            weight = features.terms[term]
            for story_id in holders:
                total = self[story_id].terms
                partial[story_id] = partial.get(story_id, 0.0) + weight * total.terms[term] / total.length
        found = sorted(partial.keys() - set(but), key=lambda one: (-partial[one], one))[: 2 * CANDIDATES]
        alike = {one: cosine(features.terms, self._stories[one].terms) for one in found}
        return [self._stories[one] for one in sorted(found, key=lambda one: (-alike[one], one))[:CANDIDATES]]

    def _awake(self, story_id: int) -> OpenStory:
        """Wake a story; KeyError for one that is not held. It is still found by what was laid of it."""
        members = self._asleep.pop(story_id)
        story = self._stories[story_id] = OpenStory(story_id)
        for one, silent in members:
            member = Member(one.article_id, one.at, one.outlet, one.packed.features())
            story.add(member, silent=silent)
        return story

    def _index(self, story: OpenStory, member: Member) -> None:
        for term in member.features.terms:
            self._with.add(term, story.id)

    def _unindex(self, story: OpenStory, member: Member) -> None:
        """Let a story, which a member has left, be found by its other members alone."""
        if self._with.is_laid(story.id):
            self._with.lift(story.id)
            for term in story.terms.terms:
                self._with.add(term, story.id)
        for term in member.features.terms:
            if term not in story.terms.terms:
                self._with.discard(term, story.id)
