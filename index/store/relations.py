"""Reading what stands near an article or a story: bounded rows, a fixed number of statements however much there is.

Nothing is decided here (stories/related.py does). What is not read because there is too much of it is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import func, literal, or_, select

from index.errors import NotFoundError
from index.store.engine import Transaction
from index.store.link_ties import (
    TARGETS,
    citers_of,
    degrees_of,
    link_tie,
    links_from,
    links_to,
    shared_targets,
    together,
)
from index.store.story_tables import article_names, copies, stories, story_members
from index.store.tables import articles
from index.stories.ties import (
    Brief,
    Citer,
    CopyTie,
    LinkTie,
    NameTie,
    SharedTarget,
    StoryBrief,
    Surroundings,
)

SUBJECTS = 60
"""Articles of a story whose ties are read: its first and its newest ones."""

NAMES = 30
ARTICLES_OF_NAME = 100
MEMBERS_AROUND = 60
COPIES = 100
OTHERS = 300
"""Articles in any tie that are looked at, those in the most ties first."""

_STEPS_BACK = 3


def surroundings_of_article(tx: Transaction, article_id: int) -> Surroundings:
    """Return what stands near an article; at most twenty statements. Raises NotFoundError."""
    found = _briefs(tx, [article_id])
    if article_id not in found:
        raise NotFoundError(f"There is no article {article_id}. It may have been merged with another, or taken down.")
    subject = found[article_id]
    members = _members_around(tx, subject.story_id, article_id) if subject.story_id is not None else []
    return _surroundings(tx, [subject], story_id=subject.story_id, members=members, of_story=False, left_out=Counter())


def surroundings_of_story(tx: Transaction, story_id: int) -> Surroundings:
    """Return what stands near the articles of a story; at most twenty statements. Raises NotFoundError."""
    if not _stories(tx, [story_id]):
        raise NotFoundError(f"There is no story {story_id}.")
    ids, cut = _subjects_of(tx, story_id)
    subjects = sorted(_briefs(tx, ids).values(), key=lambda one: (one.at, one.id))
    left_out = Counter({"story_articles": cut} if cut else {})
    return _surroundings(tx, subjects, story_id=story_id, members=(), of_story=True, left_out=left_out)


def _surroundings(
    tx: Transaction,
    subjects: Sequence[Brief],
    *,
    story_id: int | None,
    members: Sequence[int],
    of_story: bool,
    left_out: Counter[str],
) -> Surroundings:
    own = [one.id for one in subjects]
    outward = links_from(tx, own, left_out)
    inward = links_to(tx, own, left_out)
    shared = shared_targets(tx, outward, own, left_out)
    citers = citers_of(tx, inward, own, left_out)
    copied = _copies(tx, own, left_out)
    names, named = _names(tx, own, left_out)
    before, after = _continued(tx, story_id)
    ties = [link_tie(row) for row in (*outward, *inward) if row.target_article_id is not None]
    counts = _ties_of_each(members, copied, ties, shared, citers, named)
    chosen = _chosen(counts, own, left_out)
    told = _stories(tx, [*before, *after, *([story_id] if story_id is not None else [])])
    leads = [story.lead_article_id for story in told.values() if story.lead_article_id is not None]
    others = _briefs(tx, {*chosen, *leads} - set(own))
    theirs = {one.story_id for one in others.values() if one.story_id is not None} - told.keys()
    return Surroundings(
        subjects=tuple(subjects),
        others=others,
        story=told.get(story_id) if story_id is not None else None,
        of_story=of_story,
        stories={**_stories(tx, sorted(theirs)), **told},
        members=tuple(members),
        copies=tuple(copied),
        links=tuple(ties),
        shared=tuple(shared),
        citers=tuple(citers),
        degrees=degrees_of(tx, _linked(ties, citers)),
        names=tuple(names),
        names_of=_names_of(tx, list(others), [name.key for name in names]),
        held=int(tx.execute(select(func.max(articles.c.id))).scalar() or 0),
        earlier_stories=tuple(before),
        later_stories=tuple(after),
        left_out={name: count for name, count in sorted(left_out.items()) if count},
    )


def _ties_of_each(
    members: Sequence[int],
    copied: Sequence[CopyTie],
    ties: Sequence[LinkTie],
    shared: Sequence[SharedTarget],
    citers: Sequence[Citer],
    named: Sequence[int],
) -> Counter[int]:
    """How closely each article is tied: one text or story counts most, then a link, then what is shared."""
    return Counter(
        [
            *list(members) * 9,
            *(other for tie in copied for other in [tie.article_id, tie.original_id] * 9),
            *(other for tie in ties for other in [tie.from_id, tie.to_id] * 5),
            *(one for target in shared for one in target.citers),
            *(one for citer in citers for one in citer.targets),
            *named,
        ]
    )


def _chosen(counts: Counter[int], own: Sequence[int], left_out: Counter[str]) -> list[int]:
    for article_id in own:
        counts.pop(article_id, None)
    ranked = sorted(counts, key=lambda one: (-counts[one], -one))
    left_out["articles"] += max(0, len(ranked) - OTHERS)
    return ranked[:OTHERS]


def _linked(ties: Iterable[LinkTie], citers: Sequence[Citer]) -> list[int]:
    """The articles whose citers are counted: those linked to, and those that two citers name."""
    named = Counter(target for citer in citers for target in set(citer.targets))
    twice = sorted((one for one, count in named.items() if count > 1), key=lambda one: (-named[one], one))
    return list(dict.fromkeys([*sorted({tie.to_id for tie in ties})[:TARGETS], *twice[:TARGETS]]))


def _briefs(tx: Transaction, ids: Collection[int]) -> dict[int, Brief]:
    """The articles held of these ids with the story each is in; one statement, for at most OTHERS of them."""
    if not ids:
        return {}
    columns = (articles.c.id, articles.c.title, articles.c.outlet, articles.c.language, articles.c.sort_at)
    query = select(*columns, story_members.c.story_id).join(
        story_members, story_members.c.article_id == articles.c.id, isouter=True
    )
    rows = tx.execute(query.where(articles.c.id.in_(sorted(set(ids)))).order_by(articles.c.id))
    return {row.id: Brief(row.id, row.title, row.outlet, row.language, row.sort_at, row.story_id) for row in rows}


def _stories(tx: Transaction, ids: Sequence[int]) -> dict[int, StoryBrief]:
    if not ids:
        return {}
    columns = ("id", "title", "articles", "first_at", "last_at", "lead_article_id")
    query = select(*(stories.c[name] for name in columns))
    rows = tx.execute(query.where(stories.c.id.in_(sorted(set(ids)))).order_by(stories.c.id))
    return {
        row.id: StoryBrief(row.id, row.title, row.articles, row.first_at, row.last_at, row.lead_article_id)
        for row in rows
    }


def _members_around(tx: Transaction, story_id: int, article_id: int) -> list[int]:
    """The articles of a story that arrived shortly before and after one: a story may have thousands."""
    column = story_members.c.article_id
    inside = select(column).where(story_members.c.story_id == story_id)
    before = inside.where(column < article_id).order_by(column.desc()).limit(MEMBERS_AROUND)
    after = inside.where(column > article_id).order_by(column).limit(MEMBERS_AROUND)
    return sorted(tx.execute(together([before, after])).scalars())


def _subjects_of(tx: Transaction, story_id: int) -> tuple[list[int], int]:
    column = story_members.c.article_id
    inside = select(column).where(story_members.c.story_id == story_id)
    ends = [inside.order_by(order).limit(SUBJECTS // 2) for order in (column, column.desc())]
    ids = sorted(set(tx.execute(together(ends)).scalars()))
    held = tx.execute(select(stories.c.articles).where(stories.c.id == story_id)).scalar_one()
    return ids, max(0, held - len(ids)) if len(ids) == SUBJECTS else 0


def _copies(tx: Transaction, own: Sequence[int], left_out: Counter[str]) -> list[CopyTie]:
    """Copies of the subjects, their originals, and other copies of those; ten thousand may have one text."""
    originals = select(copies.c.original_id).where(copies.c.article_id.in_(own))
    mine = select(copies).where(copies.c.article_id.in_(own)).order_by(copies.c.article_id).limit(COPIES)
    theirs = select(copies).where(
        or_(copies.c.original_id.in_(own), copies.c.original_id.in_(originals)), copies.c.article_id.not_in(own)
    )
    theirs = theirs.order_by(copies.c.article_id.desc()).limit(COPIES + 1)
    rows = tx.execute(together([mine, theirs])).all()
    ids = set(own)
    outer = [row for row in rows if row.article_id not in ids]
    left_out["copies"] += len(outer) > COPIES
    kept = [row for row in rows if row.article_id in ids] + outer[:COPIES]
    return [CopyTie(row.article_id, row.original_id, row.shared, row.containment) for row in kept]


def _names(tx: Transaction, own: Sequence[int], left_out: Counter[str]) -> tuple[list[NameTie], list[int]]:
    """The names that most subjects have, with how common each is; and the articles that have the rare ones."""
    holders = func.count().label("holders")
    query = (
        select(article_names.c.kind, article_names.c.slug, func.min(article_names.c.label).label("label"), holders)
        .where(article_names.c.article_id.in_(own))
        .group_by(article_names.c.kind, article_names.c.slug)
        .order_by(holders.desc(), func.sum(article_names.c.mentions).desc(), article_names.c.kind, article_names.c.slug)
    )
    if len(own) > 2:
        query = query.having(holders > 1)  # a name of one article among many is not the story's
    rows = tx.execute(query.limit(NAMES + 1)).all()
    left_out["names"] += len(rows) > NAMES
    rows = rows[:NAMES]
    parts = [
        select(literal(number).label("number"), article_names.c.article_id)
        .where(article_names.c.kind == row.kind, article_names.c.slug == row.slug)
        .order_by(article_names.c.article_id.desc())
        .limit(ARTICLES_OF_NAME + 1)
        for number, row in enumerate(rows)
    ]
    having: dict[int, list[int]] = {}
    for row in tx.execute(together(parts)) if parts else ():
        having.setdefault(row.number, []).append(row.article_id)
    names, near = [], []
    for number, row in enumerate(rows):
        found = having.get(number, [])
        common = len(found) > ARTICLES_OF_NAME
        names.append(NameTie(f"{row.kind}/{row.slug}", row.label, row.kind, len(found), common))
        near += [] if common else found
    return names, near


def _names_of(tx: Transaction, ids: Sequence[int], keys: Sequence[str]) -> dict[int, frozenset[str]]:
    """Which of the subject's names other articles have."""
    if not ids or not keys:
        return {}
    slugs = sorted({key.partition("/")[2] for key in keys})
    query = select(article_names.c.article_id, article_names.c.kind, article_names.c.slug)
    query = query.where(article_names.c.article_id.in_(ids), article_names.c.slug.in_(slugs))
    found: dict[int, set[str]] = {}
    for row in tx.execute(query):
        found.setdefault(row.article_id, set()).add(f"{row.kind}/{row.slug}")
    wanted = frozenset(keys)
    return {article_id: frozenset(has & wanted) for article_id, has in found.items()}


def _continued(tx: Transaction, story_id: int | None) -> tuple[list[int], list[int]]:
    """The stories before this one, the nearest first, and those after it; merged ones by what they are now."""
    if story_id is None:
        return [], []
    after = select(stories.c.id).where(stories.c.continues == story_id, stories.c.merged_into.is_(None))
    later = list(tx.execute(after.order_by(stories.c.id).limit(_STEPS_BACK)).scalars())
    earlier: list[int] = []
    at: int | None = story_id
    for _ in range(_STEPS_BACK):
        row = tx.execute(select(stories.c.continues, stories.c.merged_into).where(stories.c.id == at)).first()
        if row is None or (row.merged_into or row.continues) is None:
            break
        at = row.merged_into or row.continues
        if row.merged_into is not None and earlier:
            earlier.pop()  # it was merged: the one it is now comes instead
        if at == story_id or at in earlier:
            break
        earlier.append(at)
    return earlier, later
