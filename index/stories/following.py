"""The follower that places articles in stories: as they change, a batch in one transaction with its position.

An article is placed once. An edited one keeps its story; one that is gone has left it already (`leave_story`). Hand
edits and rebuilds are seen by their count (`edits_made`): what is in memory is then read anew from the tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from index.following import Keep
from index.records import ArticleFlag, StoredArticle
from index.store import Transaction
from index.store.story_edits import decisions
from index.store.story_placing import (
    add_stories,
    add_term_counts,
    drop_features,
    edits_made,
    keep_copies,
    keep_features,
    keep_members,
    merge_members,
    next_story_id,
    placed_now,
    recent_members,
    renew_stories,
    term_counts,
    window_held,
)
from index.stories.decided import implied
from index.stories.placer import RECENT, SEEN, Placer, Window, note_copies, note_merges, resolved
from index.stories.values import CopyOf, Placement, StoryText

VERSION = "1"


def story_text(article: StoredArticle) -> StoryText:
    """Return an article as it is placed: by its own date, but none later than when it was first seen."""
    return StoryText(
        id=article.id,
        outlet=article.outlet,
        at=min(article.sort_at, article.first_seen_at),
        language=article.language,
        title=article.title,
        text=article.text,
        is_agency=ArticleFlag.AGENCY in article.flags,
    )


@dataclass(slots=True)
class _Batch:
    """What one transaction is to keep."""

    next_id: int
    placed: list[Placement] = field(default_factory=list)
    features: dict[int, tuple[datetime, str]] = field(default_factory=dict)
    begun: dict[int, StoryText] = field(default_factory=dict)  # new stories by id, with their first article
    merged: dict[int, int] = field(default_factory=dict)
    copies: dict[int, CopyOf] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    dropped: Sequence[int] = ()
    terms: Mapping[str, int] = field(default_factory=dict)

    def new_id(self, text: StoryText) -> int:
        self.next_id += 1
        self.begun[self.next_id - 1] = text
        return self.next_id - 1


class StoryFollower:
    """Keeps stories up to date with the articles; see the protocol `Follower`."""

    name = "stories"
    version = VERSION
    begins_anew = False  # better rules hold from now on; `watchfloor stories rebuild` works all out anew

    def __init__(self) -> None:
        self._placer: Placer | None = None
        self._edits = 0

    def work_out(
        self, tx: Transaction, changed: Sequence[StoredArticle], gone: Sequence[int], *, now: datetime
    ) -> Keep:
        """Place new articles, know edited ones by their new text, forget those that are gone."""
        placer = self._ready(tx)
        known = placed_now(tx, [article.id for article in changed])
        batch = _Batch(next_story_id(tx))
        # By id, as they arrived: where one stands twice in a batch it is placed where it stood first, in any batches.
        texts = [story_text(article) for article in sorted(changed, key=lambda one: one.id)]
        placer.read_ahead(texts, lambda terms: term_counts(tx, terms))
        for article_id in gone:
            batch.copies.update(placer.remove(article_id))
        for text in texts:
            if text.id in known:
                batch.touched.add(known[text.id][0])
                renewed = placer.refresh(text)
                if renewed is not None:
                    batch.features[text.id] = (text.at, renewed)
            else:
                _place(placer, batch, text)
        batch.dropped = placer.take_dropped()
        batch.terms = placer.take_term_counts()

        def keep(tx: Transaction) -> bool:
            if edits_made(tx) != self._edits:
                return False  # a person or a rebuild moved articles meanwhile
            _keep(tx, batch, now=now)
            return True

        return keep

    def forget(self) -> None:
        """Drop the window; it is read anew from the tables before the next article."""
        self._placer = None

    def _ready(self, tx: Transaction) -> Placer:
        edits = edits_made(tx)
        if self._placer is None or edits != self._edits:
            recent = recent_members(tx, RECENT)
            last_id = recent[0][0] if recent else 0
            seen = term_counts(tx, [SEEN]).get(SEEN, 0)
            self._placer = Placer(Window(seen, window_held(tx), recent, last_id), implied(decisions(tx)))
            self._edits = edits
        return self._placer


def _place(placer: Placer, batch: _Batch, text: StoryText) -> None:
    placement, features = placer.place(text, new_id=lambda: batch.new_id(text))
    batch.placed.append(placement)
    batch.features[text.id] = (text.at, features)
    note_merges(batch.merged, placement)
    note_copies(batch.copies, placement)
    batch.touched.update((placement.story_id, *placement.merged))


def _keep(tx: Transaction, batch: _Batch, *, now: datetime) -> None:
    by_story = {one.story_id: one for one in batch.placed if one.method == "new"}
    rows = []
    for story_id, text in batch.begun.items():
        first = by_story.get(story_id)
        continues = first.continues if first is not None else None
        rows.append(
            {
                "id": story_id,
                "first_at": text.at,
                "last_at": text.at,
                "continues": None if continues is None else resolved(batch.merged, continues),
                "evidence": dict(first.evidence) if first is not None and continues is not None else {},
                "created_at": now,
            }
        )
    add_stories(tx, rows)
    members = [(one, resolved(batch.merged, one.story_id)) for one in batch.placed]
    keep_members(tx, members, now=now)
    merge_members(tx, batch.merged, resolve=lambda one: resolved(batch.merged, one), now=now)
    keep_features(tx, batch.features)
    keep_copies(tx, batch.copies)
    drop_features(tx, batch.dropped)
    add_term_counts(tx, batch.terms)
    renew_stories(tx, {one for story in batch.touched for one in (story, resolved(batch.merged, story))})
