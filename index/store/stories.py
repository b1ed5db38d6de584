"""Stories read: by id through redirects, by article, in lists; their members with evidence, and copies of texts.

Placing articles is in story_placing.py, what a person decides in story_edits.py. A story's row is never deleted: its
id is its own for ever, merged ids redirect, and one without articles has ended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, case, func, or_, select

from index.errors import NotFoundError
from index.store.engine import Transaction
from index.store.story_tables import article_topics, copies, stories, story_members
from index.store.tables import articles
from index.story_records import CopyLink, RankedStory, Story, StoryMember

_CHUNK = 500
_MOST_REDIRECTS = 100
RANKED = 500  # stories with the newest articles that a list of now is chosen from
_NAMES = 10
HALF_LIFE_H = 24.0
"""Hours after which a story without a new article counts half in the list of now."""

shown_at = case((articles.c.sort_at > articles.c.first_seen_at, articles.c.first_seen_at), else_=articles.c.sort_at)
"""The instant of an article in its story: its own date, but none later than when it was first seen."""


def get_story(tx: Transaction, story_id: int) -> Story | None:
    """Return a story; of one that was merged the story that took it in."""
    return stories_by_id(tx, [story_id]).get(story_id)


def held_story(tx: Transaction, story_id: int) -> Story:
    """Return a story that has articles, through redirects. Raises NotFoundError, which says what became of it."""
    found = get_story(tx, story_id) if abs(story_id) < 2**63 else None
    if found is None:
        raise NotFoundError(f"There is no story {story_id}.")
    if found.has_ended:
        raise NotFoundError(f"Story {story_id} has ended: none of its articles is held any more.")
    return found


def stories_by_id(tx: Transaction, story_ids: Collection[int]) -> dict[int, Story]:
    """Return the stories of these ids, each under the id asked for, merged ones as the story that took them in."""
    leads_to = _redirects(tx, story_ids)
    query = select(stories, articles.c.language, articles.c.outlet).join(
        articles, articles.c.id == stories.c.lead_article_id, isouter=True
    )
    rows = _in_chunks(tx, query, stories.c.id, set(leads_to.values()))
    found = {row.id: _story(row) for row in rows}
    return {asked: found[target] for asked, target in leads_to.items() if target in found}


def stories_of_articles(tx: Transaction, article_ids: Collection[int]) -> dict[int, int]:
    """Return the id of each article's story; a statement for every 500 articles."""
    query = select(story_members.c.article_id, story_members.c.story_id)
    return {row.article_id: row.story_id for row in _in_chunks(tx, query, story_members.c.article_id, article_ids)}


def headlines_in_stories(tx: Transaction, article_ids: Collection[int]) -> list[tuple[str, int | None]]:
    """Return the headline and the story of each article, in no order."""
    query = select(articles.c.title, story_members.c.story_id).join(
        story_members, story_members.c.article_id == articles.c.id, isouter=True
    )
    return [(row.title, row.story_id) for row in _in_chunks(tx, query, articles.c.id, article_ids)]


def article_ids_of_story(tx: Transaction, story_id: int) -> frozenset[int]:
    """Return the articles of a story, through redirects; none for an id that is no story."""
    target = _redirects(tx, [story_id])[story_id] if abs(story_id) < 2**63 else story_id
    query = select(story_members.c.article_id).where(story_members.c.story_id == target)
    return frozenset(tx.execute(query).scalars()) if abs(story_id) < 2**63 else frozenset()


def members_of(tx: Transaction, story_id: int) -> list[StoryMember]:
    """Return the members of a story (not through redirects) by time, each with why it is there."""
    query = _members().where(story_members.c.story_id == story_id)
    return [_member(row) for row in tx.execute(query.order_by(shown_at, story_members.c.article_id))]


def member_page(
    tx: Transaction, story_id: int, *, limit: int, offset: int = 0, copies_shown: int
) -> list[tuple[StoryMember, list[StoryMember], int]]:
    """Return members by time, each with the first copies of its text in the story and how many there are.

    A copy whose original is in the story stands under it, and is no member of the list itself. Two statements.
    """
    original = story_members.alias("original")
    beside = (original.c.article_id == copies.c.original_id) & (original.c.story_id == story_members.c.story_id)
    in_story = _members().where(story_members.c.story_id == story_id)
    heads = in_story.join(original, beside, isouter=True).where(original.c.article_id.is_(None))
    heads = heads.order_by(shown_at, story_members.c.article_id).limit(limit).offset(offset)
    found = [_member(row) for row in tx.execute(heads)]
    original_id = copies.c.original_id
    place = func.row_number().over(partition_by=original_id, order_by=(shown_at, story_members.c.article_id))
    total = func.count().over(partition_by=original_id)
    ranked = in_story.add_columns(place.label("place"), total.label("total"))
    ranked = ranked.where(copies.c.original_id.in_([one.article_id for one in found]))
    below = ranked.subquery()
    rows = tx.execute(select(below).where(below.c.place <= copies_shown).order_by(below.c.original_id, below.c.place))
    under: dict[int, tuple[list[StoryMember], int]] = {}
    for row in rows:
        under.setdefault(row.original_id, ([], row.total))[0].append(_member(row))
    return [(one, *under.get(one.article_id, ([], 0))) for one in found]


def member(tx: Transaction, article_id: int) -> StoryMember | None:
    """Return why an article is in its story."""
    query = (
        select(story_members, copies.c.original_id, copies.c.shared, copies.c.containment)
        .add_columns(copies.c.evidence.label("copy_evidence"))
        .join(copies, copies.c.article_id == story_members.c.article_id, isouter=True)
        .where(story_members.c.article_id == article_id)
    )
    row = tx.execute(query).first()
    return None if row is None else _member(row)


def _members() -> Select[Any]:
    return (
        select(story_members, copies.c.original_id, copies.c.shared, copies.c.containment)
        .add_columns(copies.c.evidence.label("copy_evidence"))
        .join(articles, articles.c.id == story_members.c.article_id)
        .join(copies, copies.c.article_id == story_members.c.article_id, isouter=True)
    )


def continued_by(tx: Transaction, story_id: int) -> list[Story]:
    """Return the stories that go on from this one, or from one that is part of it now, earliest first."""
    before = select(stories.c.id).where(or_(stories.c.id == story_id, stories.c.merged_into == story_id))
    query = (
        select(stories.c.id)
        .where(stories.c.continues.in_(before), stories.c.merged_into.is_(None), stories.c.articles > 0)
        .where(stories.c.id != story_id)
        .order_by(stories.c.first_at, stories.c.id)
    )
    ids = list(tx.execute(query).scalars())
    found = stories_by_id(tx, ids)
    return [found[one] for one in ids]


def list_stories(
    tx: Transaction, *, now: datetime, limit: int, offset: int = 0, least_articles: int = 2, topic: str = ""
) -> list[RankedStory]:
    """Return the stories of now: by how many outlets wrote for themselves, times freshness.

    Fresh is what had an article lately, counted from `now` or, in an archive of older texts, from its newest article.
    Chosen from the 500 stories with the newest articles; four statements, whatever their number. With a security
    topic, those of them with an article on it.
    """
    query = (
        select(stories.c.id, stories.c.last_at)
        .where(stories.c.merged_into.is_(None), stories.c.articles >= max(1, least_articles))
        .order_by(stories.c.last_at.desc(), stories.c.id.desc())
        .limit(RANKED)
    )
    if topic:
        on_it = select(story_members.c.story_id).join(
            article_topics, article_topics.c.article_id == story_members.c.article_id
        )
        query = query.where(stories.c.id.in_(on_it.where(article_topics.c.topic == topic)))
    last_at = {row.id: row.last_at for row in tx.execute(query)}
    if not last_at:
        return []
    newest = min(now, max(last_at.values()))
    names, copied = _voices(tx, list(last_at))
    ranks = {}
    for story_id, at in last_at.items():
        age_h = max(0.0, (newest - at).total_seconds() / 3600)
        ranks[story_id] = len(names[story_id][0]) * 2 ** (-age_h / HALF_LIFE_H)
    order = sorted(last_at, key=lambda one: (-ranks[one], -last_at[one].timestamp(), -one))[offset : offset + limit]
    found = stories_by_id(tx, order)
    return [
        RankedStory(found[one], len(names[one][0]), copied[one], round(ranks[one], 4), tuple(names[one][1])[:_NAMES])
        for one in order
    ]


def count_stories(tx: Transaction, *, least_articles: int = 1) -> int:
    """Return how many stories there are with at least so many articles."""
    query = select(func.count()).select_from(stories)
    query = query.where(stories.c.merged_into.is_(None), stories.c.articles >= max(1, least_articles))
    return int(tx.execute(query).scalar_one())


def copies_of(tx: Transaction, article_ids: Collection[int]) -> dict[int, list[CopyLink]]:
    """Return the articles whose text is that of these, by original; originals without a copy are left out."""
    found: dict[int, list[CopyLink]] = {}
    query = select(copies).order_by(copies.c.original_id, copies.c.article_id)
    for row in _in_chunks(tx, query, copies.c.original_id, article_ids):
        found.setdefault(row.original_id, []).append(_copy(row))
    return found


def originals_of(tx: Transaction, article_ids: Collection[int]) -> dict[int, int]:
    """Return for each of these that is a copy whose it is."""
    query = select(copies.c.article_id, copies.c.original_id)
    return {row.article_id: row.original_id for row in _in_chunks(tx, query, copies.c.article_id, article_ids)}


def copy_counts(tx: Transaction, article_ids: Collection[int]) -> dict[int, int]:
    """Return for each of these how many other articles have its text, whether it is the original or a copy."""
    original = originals_of(tx, article_ids)
    query = select(copies.c.original_id, func.count().label("number")).group_by(copies.c.original_id)
    wanted = {original.get(article_id, article_id) for article_id in article_ids}
    numbers = {row.original_id: row.number for row in _in_chunks(tx, query, copies.c.original_id, wanted)}
    counted = {article_id: numbers.get(original.get(article_id, article_id), 0) for article_id in article_ids}
    return {article_id: number for article_id, number in counted.items() if number}


def outlet_counts(tx: Transaction, story_id: int) -> dict[str, int]:
    """Return how many articles each outlet has in a story, most first."""
    query = (
        select(articles.c.outlet, func.count().label("number"))
        .join(story_members, story_members.c.article_id == articles.c.id)
        .where(story_members.c.story_id == story_id)
        .group_by(articles.c.outlet)
        .order_by(func.count().desc(), articles.c.outlet)
    )
    return {row.outlet: row.number for row in tx.execute(query)}


def _voices(tx: Transaction, story_ids: Sequence[int]) -> tuple[dict[int, tuple[set[str], dict[str, None]]], Any]:
    """For each story: the outlets with a text of their own, all outlets newest first; and how many are copies."""
    query = (
        select(story_members.c.story_id, articles.c.outlet, copies.c.article_id.is_(None).label("own"))
        .add_columns(func.count().label("number"), func.max(articles.c.sort_at).label("newest"))
        .join(articles, articles.c.id == story_members.c.article_id)
        .join(copies, copies.c.article_id == story_members.c.article_id, isouter=True)
        .group_by(story_members.c.story_id, articles.c.outlet, copies.c.article_id.is_(None))
    )
    rows = list(_in_chunks(tx, query, story_members.c.story_id, story_ids))
    names: dict[int, tuple[set[str], dict[str, None]]] = {one: (set(), {}) for one in story_ids}
    copied = dict.fromkeys(story_ids, 0)
    for row in sorted(rows, key=lambda row: (row.newest, row.outlet), reverse=True):
        own, all_names = names[row.story_id]
        all_names[row.outlet] = None
        if row.own:
            own.add(row.outlet)
        else:
            copied[row.story_id] += row.number
    return names, copied


def _redirects(tx: Transaction, story_ids: Iterable[int]) -> dict[int, int]:
    """Return where each id leads: itself, or the story that took it in."""
    leads_to = {story_id: story_id for story_id in story_ids}
    query = select(stories.c.id, stories.c.merged_into).where(stories.c.merged_into.is_not(None))
    for _ in range(_MOST_REDIRECTS):
        steps = {row.id: row.merged_into for row in _in_chunks(tx, query, stories.c.id, set(leads_to.values()))}
        if not steps:
            break
        leads_to = {asked: steps.get(target, target) for asked, target in leads_to.items()}
    return leads_to


def _in_chunks(tx: Transaction, query: Select[Any], column: Any, ids: Collection[int]) -> Iterator[Row[Any]]:
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _CHUNK):
        yield from tx.execute(query.where(column.in_(wanted[start : start + _CHUNK])))


def _story(row: Row[Any]) -> Story:
    return Story(
        id=row.id,
        title=row.title,
        lead_article_id=row.lead_article_id,
        first_at=row.first_at,
        last_at=row.last_at,
        articles=row.articles,
        outlets=row.outlets,
        continues=row.continues,
        evidence=row.evidence,
        created_at=row.created_at,
        language=row.language or "",
        lead_outlet=row.outlet or "",
    )


def _member(row: Row[Any]) -> StoryMember:
    copy = None
    if row.original_id is not None:
        copy = CopyLink(row.article_id, row.original_id, row.shared, row.containment, tuple(row.copy_evidence))
    return StoryMember(
        article_id=row.article_id,
        story_id=row.story_id,
        placed_at=row.placed_at,
        method=row.method,
        score=row.score,
        evidence=row.evidence,
        copy=copy,
    )


def _copy(row: Row[Any]) -> CopyLink:
    return CopyLink(row.article_id, row.original_id, row.shared, row.containment, tuple(row.evidence))
