"""Keeping where articles were placed: members, copies, features, word counts, and what stories look like after it.

Every function works on many articles with a number of statements that grows by chunks alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from index.store.columns import storable
from index.store.engine import Transaction
from index.store.followers import follower_state, set_follower_state
from index.store.stories import shown_at
from index.store.story_tables import (
    copies,
    stories,
    story_features,
    story_members,
    story_terms,
)
from index.store.tables import articles
from index.stories.leads import Voice, most_central
from index.stories.packing import unpacked
from index.stories.values import CopyOf, Kept, Placement

_CHUNK = 400
_TERMS_AT_ONCE = 2000
VOICES = 30
"""Articles of one story that are compared to find its headline: the first that are no copies."""

_EDITS = "stories:edits"  # a counter among the followers: stories were changed by other hands than the follower's


def next_story_id(tx: Transaction) -> int:
    """Return the id after all that were ever given.

    Rows of stories are never deleted and one process writes at a time, so the highest id is the last one given: the
    same articles get the same ids on both databases, also after a transaction that did not commit.
    """
    return int(tx.execute(select(func.coalesce(func.max(stories.c.id), 0))).scalar_one()) + 1


def edits_made(tx: Transaction) -> int:
    """Return how often stories were changed by a person or a rebuild: what is held in memory is then out of date."""
    return follower_state(tx, _EDITS)[0]


def count_edit(tx: Transaction) -> None:
    """Tell all who hold stories in memory that they were changed."""
    set_follower_state(tx, _EDITS, edits_made(tx) + 1, "1")


def add_stories(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add stories of the given ids; counts and headline come with `renew_stories`."""
    empty = {"title": "", "lead_article_id": None, "articles": 0, "outlets": 0, "merged_into": None}
    if rows:
        tx.execute(insert(stories), [{**empty, **row} for row in rows])


def keep_members(
    tx: Transaction,
    placed: Sequence[tuple[Placement, int]],
    *,
    now: datetime,
    before: Mapping[int, tuple[int, datetime]] | None = None,
) -> None:
    """Keep where articles were placed: each with the story it is in when all of them are.

    `before` tells the story each was in and since when: who is in the same story is there since then.
    """
    known = before or {}
    rows = []
    for one, story_id in placed:
        was_in, since = known.get(one.article_id, (None, now))
        row = {"article_id": one.article_id, "story_id": story_id, "placed_at": since if was_in == story_id else now}
        rows.append({**row, "method": one.method, "score": one.score, "evidence": one.evidence})
    _replace(tx, story_members, rows)


def merge_members(tx: Transaction, merged: Mapping[int, int], *, resolve: Callable[[int], int], now: datetime) -> None:
    """Move the members of stories that an article showed to be one; the ids of those taken in redirect."""
    for gone in merged:
        into = resolve(gone)
        tx.execute(update(story_members).where(story_members.c.story_id == gone).values(story_id=into))
        why = {
            "merged_into": into,
            "by": "",
            "note": "an article that belongs to both came later",
            "at": now.isoformat(),
        }
        redirect(tx, gone, into, evidence=why)


def redirect(tx: Transaction, gone: int, into: int, *, evidence: Mapping[str, Any]) -> None:
    """Let a story lead to the one that took it in, with those that led to it; no story continues a part of itself."""
    either = or_(stories.c.id == gone, stories.c.merged_into == gone)
    tx.execute(update(stories).where(either).values(merged_into=into))
    tx.execute(update(stories).where(stories.c.id == gone).values(evidence=dict(evidence), continues=None))
    tx.execute(update(stories).where(stories.c.continues == gone).values(continues=into))
    tx.execute(update(stories).where(stories.c.id == into, stories.c.continues == into).values(continues=None))


def keep_copies(tx: Transaction, found: Mapping[int, CopyOf]) -> None:
    """Keep copies, also of articles placed before; no original stays a copy of another."""
    drop_copies(tx, {copy.original_id for copy in found.values()})
    _replace(tx, copies, [_copy_row(article_id, copy) for article_id, copy in found.items()])


def drop_copies(tx: Transaction, article_ids: Collection[int]) -> None:
    """Forget that these are copies."""
    for chunk in _chunks(article_ids):
        tx.execute(delete(copies).where(copies.c.article_id.in_(chunk)))


def keep_features(tx: Transaction, features: Mapping[int, tuple[datetime, str]]) -> None:
    """Keep what the clusterer knows of articles, packed."""
    rows = [{"article_id": key, "at": at, "features": value} for key, (at, value) in features.items()]
    _replace(tx, story_features, rows)


def drop_features(tx: Transaction, article_ids: Collection[int]) -> None:
    """Drop the features of articles that no later one can belong to."""
    for chunk in _chunks(article_ids):
        tx.execute(delete(story_features).where(story_features.c.article_id.in_(chunk)))


def add_term_counts(tx: Transaction, counts: Mapping[str, int]) -> None:
    """Add to the number of articles each word stands in."""
    rows = [{"term": storable(term), "articles": number} for term, number in sorted(counts.items()) if number]
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    if rows:
        # One statement for all rows: with the rows written into it, it would be compiled anew each time.
        query = dialect.insert(story_terms)
        total = story_terms.c.articles + query.excluded.articles
        tx.execute(query.on_conflict_do_update(index_elements=[story_terms.c.term], set_={"articles": total}), rows)


def subtract_term_counts(tx: Transaction, counts: Mapping[str, int]) -> None:
    """Take from the number of articles each word stands in; a word of no article goes."""
    which = story_terms.c.term == bindparam("word")
    rows = [{"word": storable(term), "less": number} for term, number in sorted(counts.items())]
    if rows:
        tx.execute(update(story_terms).where(which).values(articles=story_terms.c.articles - bindparam("less")), rows)
        gone = [{"word": row["word"]} for row in rows]
        tx.execute(delete(story_terms).where(which, story_terms.c.articles <= 0), gone)


def term_counts(tx: Transaction, terms: Collection[str]) -> dict[str, int]:
    """Return in how many articles each of these words stands, of those that were seen."""
    query = select(story_terms.c.term, story_terms.c.articles)
    wanted = sorted({storable(term) for term in terms})
    found = {}
    for start in range(0, len(wanted), _TERMS_AT_ONCE):
        chunk = wanted[start : start + _TERMS_AT_ONCE]
        found.update({row.term: row.articles for row in tx.execute(query.where(story_terms.c.term.in_(chunk)))})
    return found


def count_members(tx: Transaction) -> int:
    """Return how many articles are in stories."""
    return int(tx.execute(select(func.count()).select_from(story_members)).scalar_one())


def recent_members(tx: Transaction, limit: int) -> list[tuple[int, datetime]]:
    """Return (article id, instant) of the articles that were placed last, newest first."""
    query = (
        select(story_members.c.article_id, shown_at.label("at"))
        .join(articles, articles.c.id == story_members.c.article_id)
        .order_by(story_members.c.article_id.desc())
        .limit(limit)
    )
    return [(row.article_id, row.at) for row in tx.execute(query)]


def window_held(tx: Transaction) -> list[Kept]:
    """Return the articles of the window, by id."""
    query = (
        select(story_features.c.article_id, story_members.c.story_id, story_features.c.at, articles.c.outlet)
        .add_columns(copies.c.original_id, story_features.c.features)
        .join(story_members, story_members.c.article_id == story_features.c.article_id)
        .join(articles, articles.c.id == story_features.c.article_id)
        .join(copies, copies.c.article_id == story_features.c.article_id, isouter=True)
        .order_by(story_features.c.article_id)
    )
    return [
        Kept(article_id, story_id, at, outlet, original_id, unpacked(features))
        for article_id, story_id, at, outlet, original_id, features in tx.execute(query)
    ]


def placed_now(tx: Transaction, article_ids: Collection[int]) -> dict[int, tuple[int, int | None]]:
    """Return the story of each article that has one, and whose copy it is."""
    query = select(story_members.c.article_id, story_members.c.story_id, copies.c.original_id).join(
        copies, copies.c.article_id == story_members.c.article_id, isouter=True
    )
    found = {}
    for chunk in _chunks(article_ids):
        for row in tx.execute(query.where(story_members.c.article_id.in_(chunk))):
            found[row.article_id] = (row.story_id, row.original_id)
    return found


def leave_story(tx: Transaction, article_id: int) -> None:
    """Take an article out of its story, before its rows are dropped; its words leave the story's headline at once.

    Where it was the original of copies, an agency's or the earliest of them takes its place.
    """
    story_id = tx.execute(select(story_members.c.story_id).where(story_members.c.article_id == article_id)).scalar()
    query = (
        select(copies, shown_at.label("at"), story_features.c.features)
        .join(articles, articles.c.id == copies.c.article_id)
        .join(story_features, story_features.c.article_id == copies.c.article_id, isouter=True)
        .where(copies.c.original_id == article_id)
    )
    left = sorted(tx.execute(query).all(), key=_rank)
    drop_copies(tx, [article_id, *(row.article_id for row in left)])
    if len(left) > 1:
        rows = [{**row._mapping, "original_id": left[0].article_id} for row in left[1:]]
        for row in rows:
            del row["at"], row["features"]
            row["evidence"] = ["the original is no longer held; this is the likeliest of its copies"]
        tx.execute(insert(copies), rows)
    tx.execute(delete(story_features).where(story_features.c.article_id == article_id))
    tx.execute(delete(story_members).where(story_members.c.article_id == article_id))
    if story_id is not None:
        renew_stories(tx, [story_id])


def _rank(row: Row[Any]) -> tuple[bool, datetime, int]:
    """What makes an original, as the clusterer has it: the agency itself, else the earliest."""
    is_agency = row.features is not None and unpacked(row.features).features().agency.startswith("=")
    return (not is_agency, row.at, row.article_id)


def renew_stories(tx: Transaction, story_ids: Collection[int]) -> None:
    """Count anew what stories hold and choose their headlines; one without articles has ended, and keeps its id."""
    told, ended = [], []
    for chunk in _chunks(story_ids):
        counted = {row.story_id: row for row in tx.execute(_counts(chunk))}
        leads = _leads(tx, chunk)
        for story_id in chunk:
            if story_id not in counted:
                ended.append({"renewed": story_id})
                continue
            row, (lead_id, title) = counted[story_id], leads[story_id]
            values = (row.number, row.outlets, row.first_at, row.last_at, lead_id, title)
            told.append({"renewed": story_id, **dict(zip(_RENEWED, values, strict=True))})
    renew = update(stories).where(stories.c.id == bindparam("renewed"))
    if told:
        tx.execute(renew.values({name: bindparam(name) for name in _RENEWED}), told)
    if ended:
        tx.execute(renew.values(articles=0, outlets=0, title="", lead_article_id=None), ended)


_RENEWED = ("articles", "outlets", "first_at", "last_at", "lead_article_id", "title")


def _counts(story_ids: Sequence[int]) -> Any:
    return (
        select(story_members.c.story_id, func.count().label("number"))
        .add_columns(func.count(articles.c.outlet.distinct()).label("outlets"))
        .add_columns(func.min(shown_at).label("first_at"), func.max(shown_at).label("last_at"))
        .join(articles, articles.c.id == story_members.c.article_id)
        .where(story_members.c.story_id.in_(story_ids))
        .group_by(story_members.c.story_id)
    )


def _leads(tx: Transaction, story_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """The article whose headline stands for each story, and that headline."""
    own = copies.c.article_id.is_(None)
    order = func.row_number().over(
        partition_by=story_members.c.story_id, order_by=(own.desc(), shown_at, story_members.c.article_id)
    )
    ranked = (
        select(story_members.c.story_id, story_members.c.article_id, articles.c.title, order.label("place"))
        .add_columns(stories.c.lead_article_id)
        .join(articles, articles.c.id == story_members.c.article_id)
        .join(stories, stories.c.id == story_members.c.story_id)
        .join(copies, copies.c.article_id == story_members.c.article_id, isouter=True)
        .where(story_members.c.story_id.in_(story_ids))
        .subquery()
    )
    query = (
        select(ranked, story_features.c.features)
        .join(story_features, story_features.c.article_id == ranked.c.article_id, isouter=True)
        .where((ranked.c.place <= VOICES) | (ranked.c.article_id == ranked.c.lead_article_id))
        .order_by(ranked.c.story_id, ranked.c.place)
    )
    voices: dict[int, list[Voice]] = {}
    for row in tx.execute(query):
        terms = unpacked(row.features).features().terms if row.features is not None else {}
        voice = Voice(row.article_id, row.title, terms, is_lead=row.article_id == row.lead_article_id)
        voices.setdefault(row.story_id, []).append(voice)
    found = {story_id: most_central(held) for story_id, held in voices.items()}
    return {story_id: (voice.article_id, voice.title) for story_id, voice in found.items()}


def _copy_row(article_id: int, copy: CopyOf) -> dict[str, Any]:
    return {
        "article_id": article_id,
        "original_id": copy.original_id,
        "shared": copy.shared,
        "containment": copy.containment,
        "evidence": list(copy.evidence),
    }


def _replace(tx: Transaction, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    for chunk in _chunks([row["article_id"] for row in rows]):
        tx.execute(delete(table).where(table.c.article_id.in_(chunk)))
    if rows:
        tx.execute(insert(table), [dict(row) for row in rows])


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _CHUNK):
        yield wanted[start : start + _CHUNK]
