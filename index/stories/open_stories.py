"""The stories articles may join, and how those like an article are found among thousands. Decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from index.stories.joining import cosine
from index.stories.open_story import Member, OpenStory
from index.stories.text import heaviest
from index.stories.values import Features

CANDIDATE_WORDS = 15
CANDIDATES = 6


class OpenStories:
    """Stories by id, articles by id, stories by word."""

    def __init__(self) -> None:
        self._stories: dict[int, OpenStory] = {}
        self._story_of: dict[int, int] = {}
        self._with: dict[str, set[int]] = {}

    def __iter__(self) -> Iterator[OpenStory]:
        return iter(self._stories.values())

    def __len__(self) -> int:
        return len(self._stories)

    def __getitem__(self, story_id: int) -> OpenStory:
        return self._stories[story_id]

    def __contains__(self, story_id: int) -> bool:
        return story_id in self._stories

    def story_of(self, article_id: int) -> int | None:
        """Return the story of an article, None where it is not held."""
        return self._story_of.get(article_id)

    def stories_of(self, articles: Collection[int]) -> list[int]:
        """Return the stories of those articles that are held, by their ids."""
        return sorted({self._story_of[one] for one in articles if one in self._story_of})

    def add(self, story_id: int, member: Member, *, silent: bool) -> None:
        """Put an article into a story, which begins with it where it is not held."""
        story = self._stories.setdefault(story_id, OpenStory(story_id))
        story.add(member, silent=silent)
        self._story_of[member.article_id] = story_id
        if not silent:
            self._index(story, member)

    def take(self, article_id: int) -> Member:
        """Take an article out of its story, which ends with its last one."""
        story = self._stories[self._story_of.pop(article_id)]
        member = story.remove(article_id)
        self._unindex(story, member)
        if not story.members:
            del self._stories[story.id]
        return member

    def hear(self, article_id: int, *, silent: bool) -> None:
        """Let an article be silent in its story, or speak."""
        story = self._stories[self._story_of[article_id]]
        if silent != (article_id in story.silent):
            story.hear(article_id, silent=silent)
            (self._unindex if silent else self._index)(story, story.members[article_id])

    def like(self, features: Features, *, but: Collection[int]) -> list[OpenStory]:
        """Return the stories most like an article by its heaviest words, most alike first, a few; none of `but`."""
        partial: dict[int, float] = {}
        for term in heaviest(features.terms, CANDIDATE_WORDS):
            weight = features.terms[term]
            for story_id in self._with.get(term, ()):
                total = self._stories[story_id].terms
                partial[story_id] = partial.get(story_id, 0.0) + weight * total.terms[term] / total.length
        found = sorted(partial.keys() - set(but), key=lambda one: (-partial[one], one))[: 2 * CANDIDATES]
        alike = {one: cosine(features.terms, self._stories[one].terms) for one in found}
        return [self._stories[one] for one in sorted(found, key=lambda one: (-alike[one], one))[:CANDIDATES]]

    def _index(self, story: OpenStory, member: Member) -> None:
        for term in member.features.terms:
            self._with.setdefault(term, set()).add(story.id)

    def _unindex(self, story: OpenStory, member: Member) -> None:
        for term in member.features.terms:
            if term not in story.terms.terms and term in self._with:
                self._with[term].discard(story.id)
                if not self._with[term]:
                    del self._with[term]
