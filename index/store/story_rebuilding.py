"""Reading all articles for a rebuild of the stories, and putting the new stories in the place of the old."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, select, update

from index.records import ArticleFlag
from index.store.engine import Transaction
from index.store.stories import shown_at
from index.store.story_placing import (
    add_stories,
    add_term_counts,
    count_edit,
    keep_copies,
    keep_features,
    keep_members,
    redirect,
    renew_stories,
)
from index.store.story_tables import copies, stories, story_features, story_members, story_terms
from index.store.tables import articles, changes, revisions
from index.stories.values import CopyOf, Placement, StoryText

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class NewStory:
    """A story as worked out anew."""

    id: int
    at: datetime
    continues: int | None
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NewState:
    """All that is put in the place of the old stories."""

    stories: Sequence[NewStory]
    members: Sequence[tuple[Placement, int]]
    redirects: Mapping[int, int]
    copies: Mapping[int, CopyOf]
    features: Mapping[int, tuple[datetime, str]]
    terms: Mapping[str, int]


def arrivals(tx: Transaction, *, until: int) -> list[int]:
    """Return the ids of the articles held in the order in which the change log first told of them."""
    first = func.min(changes.c.position)
    query = (
        select(changes.c.article_id)
        .join(articles, articles.c.id == changes.c.article_id)
        .where(changes.c.position <= until)
        .group_by(changes.c.article_id)
        .order_by(first)
    )
    return list(tx.execute(query).scalars())


def texts_of(tx: Transaction, article_ids: Sequence[int]) -> list[StoryText]:
    """Return articles as they are placed, in the order asked for; those no longer held are left out."""
    found: dict[int, StoryText] = {}
    current = and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.revision)
    columns = (articles.c.id, articles.c.outlet, articles.c.language, articles.c.title, articles.c.flags)
    query = select(*columns, shown_at.label("at"), revisions.c.text).join(revisions, current)
    for start in range(0, len(article_ids), _CHUNK):
        for row in tx.execute(query.where(articles.c.id.in_(article_ids[start : start + _CHUNK]))):
            found[row.id] = StoryText(
                id=row.id,
                outlet=row.outlet,
                at=row.at,
                language=row.language,
                title=row.title,
                text=row.text,
                is_agency=ArticleFlag.AGENCY.value in row.flags,
            )
    return [found[article_id] for article_id in article_ids if article_id in found]


def stories_now(tx: Transaction) -> dict[int, int]:
    """Return the story of every article that has one."""
    return {row.article_id: row.story_id for row in tx.execute(select(story_members))}


def replace_stories(tx: Transaction, state: NewState, *, now: datetime) -> None:
    """Put new stories in the place of the old, in this transaction; what did not change keeps when it was placed."""
    placed_at = {row.article_id: (row.story_id, row.placed_at) for row in tx.execute(select(story_members))}
    begun = {row.id: row for row in tx.execute(select(stories.c.id, stories.c.evidence))}
    emptied = {story_id for story_id, _ in placed_at.values()}
    fresh = [one for one in state.stories if one.id not in begun]
    for table in (copies, story_features, story_members, story_terms):
        tx.execute(delete(table))
    add_stories(tx, [_row(one, now) for one in fresh])
    for one in state.stories:
        if one.id in begun:
            evidence = _with(begun[one.id].evidence, one)
            values = {"continues": one.continues, "evidence": evidence}
            tx.execute(update(stories).where(stories.c.id == one.id).values(**values))
    for story_id, into in state.redirects.items():
        note = "most of its articles are there since all stories were worked out anew"
        redirect(tx, story_id, into, evidence={"merged_into": into, "by": "", "note": note, "at": now.isoformat()})
    keep_members(tx, state.members, now=now, before=placed_at)
    keep_copies(tx, state.copies)
    keep_features(tx, state.features)
    add_term_counts(tx, state.terms)
    renew_stories(tx, emptied | {one.id for one in state.stories})
    count_edit(tx)


def _with(evidence: Mapping[str, Any], one: NewStory) -> dict[str, Any]:
    """What a person said of a story stays; why it continues another is as it was worked out now."""
    by_hand = {key: value for key, value in evidence.items() if key in ("split_from", "by", "note", "at")}
    return {**by_hand, **one.evidence}


def _row(one: NewStory, now: datetime) -> dict[str, Any]:
    return {
        "id": one.id,
        "first_at": one.at,
        "last_at": one.at,
        "continues": one.continues,
        "evidence": dict(one.evidence),
        "created_at": now,
    }
