"""What a person decides of stories: articles split off, stories merged, an article that is not of its story.

Each decision changes the stories at once and is kept as pairs of articles (story_constraints), which the clusterer
obeys for what comes later and when stories are worked out anew. The newest decision wins over older ones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import and_, delete, insert, or_, select, update

from config.counting import counted
from config.errors import UsageError
from index.errors import NotFoundError
from index.store.audit import note_act
from index.store.columns import storable
from index.store.engine import Transaction
from index.store.stories import held_story, stories_of_articles
from index.store.story_placing import add_stories, count_edit, next_story_id, redirect, renew_stories
from index.store.story_tables import copies, story_constraints, story_members
from index.stories.decided import APART, TOGETHER, Pair
from index.story_records import Story

NOTE_CHARS = 500
_CHUNK = 400


def split_story(
    tx: Transaction, story_id: int, article_ids: Collection[int], *, by: str, note: str, now: datetime
) -> Story:
    """Move articles of a story into a new one and keep that they are apart from those that stay; return the new one.

    Raises NotFoundError for a story that is none, UsageError where an article is not in it or none would stay.
    """
    story = held_story(tx, story_id)
    members = _members(tx, story.id)
    moved = sorted(set(article_ids))
    if not moved:
        raise UsageError("Name the articles that are to leave the story.")
    strangers = [one for one in moved if one not in members]
    if strangers:
        raise UsageError(f"Not in story {story.id}: article {', '.join(map(str, strangers[:10]))}.")
    left = sorted(members - set(moved))
    if not left:
        raise UsageError(f"All articles of story {story.id} were named; leave out those that are to stay.")
    new_id = next_story_id(tx)
    evidence = {"split_from": story.id, "by": _by(by), "note": _note(note), "at": now.isoformat()}
    times = {"first_at": story.first_at, "last_at": story.last_at}
    add_stories(tx, [{"id": new_id, **times, "continues": None, "evidence": evidence, "created_at": now}])
    _move(tx, moved, new_id, evidence)
    _part_copies(tx, moved, left)
    _forget(tx, TOGETHER, moved, left, now=now)
    pairs = [Pair(TOGETHER, moved[0], other) for other in moved[1:]]
    pairs += [Pair(APART, moved[0], other) for other in left]
    _remember(tx, pairs, by=by, note=note, now=now)
    renew_stories(tx, [story.id, new_id])
    count_edit(tx)
    detail = f"{counted(len(moved), 'article')} into story {new_id}{_told(note)}"
    note_act(tx, by=by, act="split", subject=f"story {story.id}", detail=detail, now=now)
    return held_story(tx, new_id)


def not_this_story(tx: Transaction, article_id: int, *, by: str, note: str, now: datetime) -> Story:
    """Take one article out of its story into one of its own, and keep it out; return the new one."""
    story_id = stories_of_articles(tx, [article_id]).get(article_id)
    if story_id is None:
        raise NotFoundError(f"Article {article_id} is in no story.")
    return split_story(tx, story_id, [article_id], by=by, note=note, now=now)


def merge_stories(tx: Transaction, into: int, gone: Collection[int], *, by: str, note: str, now: datetime) -> Story:
    """Make stories one: the ids of those `gone` redirect to `into` from now on, and their articles are kept together.

    Raises NotFoundError for a story that is none, UsageError where nothing is left to merge.
    """
    target = held_story(tx, into)
    others = [one for one in dict.fromkeys(held_story(tx, key).id for key in gone) if one != target.id]
    if not others:
        raise UsageError(f"Name a story other than {target.id} to merge into it.")
    own = sorted(_members(tx, target.id))
    for other in others:
        theirs = sorted(_members(tx, other))
        evidence = {"merged_from": other, "by": _by(by), "note": _note(note), "at": now.isoformat()}
        _move(tx, theirs, target.id, evidence)
        _forget(tx, APART, own, theirs, now=now)
        _remember(tx, [Pair(TOGETHER, own[0], one) for one in theirs], by=by, note=note, now=now)
        own = sorted([*own, *theirs])
        redirect(tx, other, target.id, evidence={**evidence, "merged_into": target.id})
    renew_stories(tx, [target.id, *others])
    count_edit(tx)
    detail = f"{', '.join(str(one) for one in others)} into {target.id}{_told(note)}"
    note_act(tx, by=by, act="merged", subject=f"story {target.id}", detail=detail, now=now)
    return held_story(tx, target.id)


def decisions(tx: Transaction) -> list[Pair]:
    """Return all that persons decided, oldest first."""
    query = select(story_constraints).order_by(story_constraints.c.id)
    return [Pair(row.kind, row.article_a, row.article_b) for row in tx.execute(query)]


def decisions_about(tx: Transaction, story_id: int) -> list[dict[str, object]]:
    """Return what was decided about the articles of a story: who, when, why, of how many; oldest first."""
    found: dict[tuple[str, datetime, str, str], set[int]] = {}
    inside = select(story_members.c.article_id).where(story_members.c.story_id == story_id)
    either = or_(story_constraints.c.article_a.in_(inside), story_constraints.c.article_b.in_(inside))
    for row in tx.execute(select(story_constraints).where(either).order_by(story_constraints.c.id)):
        found.setdefault((row.kind, row.at, row.by, row.note), set()).update((row.article_a, row.article_b))
    ordered = sorted(found.items(), key=lambda item: (item[0][1], item[0][0]))
    return [
        {"kind": kind, "at": at, "by": by, "note": note, "articles": sorted(articles)}
        for (kind, at, by, note), articles in ordered
    ]


def _members(tx: Transaction, story_id: int) -> set[int]:
    return set(tx.execute(select(story_members.c.article_id).where(story_members.c.story_id == story_id)).scalars())


def _move(tx: Transaction, article_ids: Sequence[int], story_id: int, evidence: dict[str, object]) -> None:
    values = {"story_id": story_id, "method": "hand", "score": 1.0, "evidence": evidence}
    for chunk in _chunks(article_ids):
        tx.execute(update(story_members).where(story_members.c.article_id.in_(chunk)).values(**values))


def _part_copies(tx: Transaction, moved: Sequence[int], left: Sequence[int]) -> None:
    """A copy in another story than its original is folded under nothing: that the texts are alike is kept no longer."""
    inside, outside = set(moved), set(left)
    for chunk in _chunks([*moved, *left]):
        rows = tx.execute(select(copies.c.article_id, copies.c.original_id).where(copies.c.article_id.in_(chunk)))
        parted = [row.article_id for row in rows if (row.article_id in inside) != (row.original_id in inside)]
        parted = [one for one in parted if one in inside or one in outside]
        tx.execute(delete(copies).where(copies.c.article_id.in_(parted)))


def _forget(tx: Transaction, kind: str, ours: Sequence[int], theirs: Sequence[int], *, now: datetime) -> None:
    """Drop older decisions that the newest one overrules; what else belonged together stays so."""
    a, b = story_constraints.c.article_a, story_constraints.c.article_b
    rest: set[int] = set()
    overruled: list[int] = []
    inside, outside = set(ours), set(theirs)
    for chunk in _chunks(ours):
        query = select(story_constraints).where(and_(story_constraints.c.kind == kind, or_(a.in_(chunk), b.in_(chunk))))
        for row in tx.execute(query):
            ends = {row.article_a, row.article_b}
            if ends & inside and ends & outside:
                overruled.append(row.id)
                rest |= ends & outside
    for chunk in _chunks(overruled):
        tx.execute(delete(story_constraints).where(story_constraints.c.id.in_(chunk)))
    if kind == TOGETHER and len(rest) > 1:
        first, *others = sorted(rest)
        at = {"by": "", "note": "kept from a decision that was overruled in part"}
        rows = [{"kind": kind, "article_a": first, "article_b": one, "at": now, **at} for one in others]
        tx.execute(insert(story_constraints), rows)


def _remember(tx: Transaction, pairs: Sequence[Pair], *, by: str, note: str, now: datetime) -> None:
    said = {"by": _by(by), "note": _note(note), "at": now}
    rows = [{"kind": pair.kind, "article_a": pair.a, "article_b": pair.b, **said} for pair in pairs]
    if rows:
        tx.execute(insert(story_constraints), rows)


def _by(by: str) -> str:
    return storable(by)[:NOTE_CHARS]


def _note(note: str) -> str:
    return storable(note)[:NOTE_CHARS]


def _told(note: str) -> str:
    return f": {note}" if note else ""


def _chunks(ids: Iterable[int]) -> Iterable[list[int]]:
    wanted = sorted(set(ids))
    return (wanted[start : start + _CHUNK] for start in range(0, len(wanted), _CHUNK))
