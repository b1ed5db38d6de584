"""All stories worked out anew from the articles, in the order they came, with today's rules and what persons decided.

Nothing is written before the whole is worked out; then one transaction puts it in the place of the old. Killed before,
the old stories answer as if nothing had been begun; killed in it, the database takes it back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from index.store import Store, Transaction
from index.store.changes import changes_after, last_change
from index.store.followers import set_follower_state
from index.store.story_edits import decisions
from index.store.story_placing import next_story_id
from index.store.story_rebuilding import (
    NewState,
    NewStory,
    arrivals,
    replace_stories,
    stories_now,
    texts_of,
)
from index.stories.decided import implied
from index.stories.following import StoryFollower
from index.stories.identity import identities
from index.stories.placer import Placer, Window, note_copies, note_merges, resolved
from index.stories.values import CopyOf, Placement, StoryText

READ_AT_ONCE = 200

OnProgress = Callable[[int, int], None]
"""Called with (done, all) after every batch."""


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What a rebuild did: stories that kept their id, new ones, and old ids that redirect now."""

    articles: int
    stories: int
    kept: int
    new: int
    redirected: int


@dataclass(slots=True)
class _Work:
    """Everything placed so far; stories by number, in the order they began."""

    placer: Placer
    placed: dict[int, Placement] = field(default_factory=dict)
    features: dict[int, tuple[datetime, str]] = field(default_factory=dict)
    copies: dict[int, CopyOf] = field(default_factory=dict)
    merged: dict[int, int] = field(default_factory=dict)
    began: dict[int, StoryText] = field(default_factory=dict)
    terms: dict[str, int] = field(default_factory=dict)

    def take(self, text: StoryText) -> None:
        """Place an article; one that was placed before is known by its text of now."""
        known = self.placed.get(text.id)
        if known is None:
            placement, features = self.placer.place(text, new_id=lambda: self._begin(text))
            self.placed[text.id] = placement
            self.features[text.id] = (text.at, features)
            note_merges(self.merged, placement)
            note_copies(self.copies, placement)
        elif (renewed := self.placer.refresh(text)) is not None:
            self.features[text.id] = (text.at, renewed)
        for term, number in self.placer.take_term_counts().items():
            self.terms[term] = self.terms.get(term, 0) + number
        for article_id in self.placer.take_dropped():
            self.features.pop(article_id, None)

    def lose(self, article_id: int) -> None:
        """Forget an article that went meanwhile."""
        self.placed.pop(article_id, None)
        self.features.pop(article_id, None)
        self.copies.pop(article_id, None)
        for copy in [key for key, value in self.copies.items() if value.original_id == article_id]:
            del self.copies[copy]
        self.copies.update(self.placer.remove(article_id))

    def _begin(self, text: StoryText) -> int:
        number = len(self.began) + 1
        self.began[number] = text
        return number


def rebuild_stories(store: Store, *, now: datetime | None = None, progress: OnProgress | None = None) -> RebuildReport:
    """Work out all stories anew and put them in the place of the old ones; the same articles give the same stories.

    Readers and crawls go on meanwhile; what they change is taken in at the end.
    """
    moment = now or datetime.now(UTC)
    with store.read() as tx:
        end = last_change(tx)
        decided = implied(decisions(tx))
        order = arrivals(tx, until=end)
    work = _Work(Placer(Window(0, (), ()), decided))
    for start in range(0, len(order), READ_AT_ONCE):
        with store.read() as tx:
            texts = texts_of(tx, order[start : start + READ_AT_ONCE])
        for text in texts:
            work.take(text)
        if progress is not None:
            progress(min(start + READ_AT_ONCE, len(order)), len(order))
    while True:
        with store.read() as tx:
            reached = _catch_up(tx, work, end)
        if reached == end:
            break
        end = reached
    with store.write() as tx:
        while (reached := _catch_up(tx, work, end)) != end:
            end = reached
        report = _swap(tx, work, now=moment)
        set_follower_state(tx, StoryFollower.name, end, StoryFollower.version)
    return report


def _catch_up(tx: Transaction, work: _Work, after: int) -> int:
    """Take what changed after a position of the log; return how far that is."""
    changes = changes_after(tx, after, READ_AT_ONCE)
    ids = list(dict.fromkeys(change.article_id for change in reversed(changes)))[::-1]
    texts = texts_of(tx, ids)
    for article_id in set(ids) - {text.id for text in texts}:
        work.lose(article_id)
    for text in texts:
        work.take(text)
    return changes[-1].position if changes else after


def _swap(tx: Transaction, work: _Work, *, now: datetime) -> RebuildReport:
    new = {article_id: resolved(work.merged, one.story_id) for article_id, one in work.placed.items()}
    old = stories_now(tx)
    named = identities(old, new, next_id=next_story_id(tx))
    rows = _stories(work, named.ids)
    members = [(one, named.ids[new[article_id]]) for article_id, one in work.placed.items()]
    state = NewState(
        stories=rows,
        members=members,
        redirects=named.redirects,
        copies={key: copy for key, copy in work.copies.items() if copy.original_id in work.placed},
        features=work.features,
        terms=work.terms,
    )
    replace_stories(tx, state, now=now)
    known = set(old.values())
    kept = sum(1 for story_id in named.ids.values() if story_id in known)
    return RebuildReport(len(new), len(named.ids), kept, len(named.ids) - kept, len(named.redirects))


def _stories(work: _Work, ids: Mapping[int, int]) -> Sequence[NewStory]:
    first_of = {one.story_id: one for one in work.placed.values() if one.method == "new"}
    rows = []
    for number, story_id in sorted(ids.items()):
        first = first_of.get(number)
        continues = None if first is None or first.continues is None else resolved(work.merged, first.continues)
        goes_on = ids.get(continues) if continues is not None and continues != number else None
        evidence = dict(first.evidence) if first is not None and goes_on is not None else {}
        rows.append(NewStory(story_id, work.began[number].at, goes_on, evidence))
    return rows
