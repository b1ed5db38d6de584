"""Changed after cited: links whose target was edited after the citing article linked to it.

When did it link? Where the link was there from the first revision, when the article was published; else when the link
was first seen. When was the target edited? Between the last time its old text was seen and the first time the new one
was. Where the two overlap nobody can say which came first, and a notice says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, case, exists, func, or_, select

from index.records import Role
from index.recurring import without_blocks
from index.revising import State
from index.store.engine import Transaction
from index.store.recurring import left_out_of
from index.store.tables import IS_EDIT, articles, links, pages, revisions

CITES = (Role.INLINE, Role.SOURCE)
"""Roles of links that cite; a list of related articles does not."""

MOST_EDITS = 5000
"""Edits looked through for the list of the newest."""

_citing = articles.alias("citing")
_target = articles.alias("target")
_current = revisions.alias("current")
_then, _after, _begun = (revisions.alias(name) for name in ("seen_then", "after", "begun"))


@dataclass(frozen=True, slots=True)
class Notice:
    """A citation of an earlier text. `cited_revision` is the newest state of the target seen when it was cited."""

    link_id: int
    article_id: int
    article_title: str
    article_outlet: str
    article_at: datetime
    text: str
    context: str
    target_id: int
    target_title: str
    target_outlet: str
    target_language: str
    cited_at: datetime
    cited_by: str  # "published" or "seen": how we know when it was cited
    cited_revision: int
    revision: int  # the target's current one
    held_until: datetime  # the last time the cited text was seen
    edited_by: datetime  # the first time a later one was
    last_edited_by: datetime
    changes: str  # the sentence of the newest edit

    @property
    def is_certain(self) -> bool:
        """Whether an edit came after the citation for sure; else the first edit seen may have come before it."""
        return self.held_until >= self.cited_at or self.revision > self.cited_revision + 1

    @property
    def edits(self) -> int:
        """How many edits of the target were seen since."""
        return self.revision - self.cited_revision


@dataclass(frozen=True, slots=True)
class EditedTarget:
    """An article that was edited after others cited it, with some of those who cite an earlier text of it."""

    article_id: int
    title: str
    outlet: str
    language: str
    edited_by: datetime
    changes: str
    citers: int
    notices: tuple[Notice, ...]


def notices_in(tx: Transaction, article_id: int, *, limit: int = 200) -> list[Notice]:
    """Return the notices about what an article cites, in the order of its links; one statement."""
    query = _notices().where(links.c.article_id == article_id).order_by(links.c.position, links.c.id).limit(limit)
    return [_notice(row) for row in tx.execute(query)]


def notices_about(tx: Transaction, article_ids: Collection[int], *, limit: int = 200) -> list[Notice]:
    """Return the notices about citations of these articles, newest citing article first; one statement."""
    query = _notices().where(links.c.target_article_id.in_(sorted(set(article_ids))))
    query = query.order_by(_citing.c.sort_at.desc(), links.c.id).limit(limit)
    return [_notice(row) for row in tx.execute(query)]


def count_citing_earlier(tx: Transaction, article_id: int) -> int:
    """Return how many articles cite an earlier text of this one; one statement."""
    query = _joined(select(func.count(links.c.article_id.distinct())))
    return int(tx.execute(query.where(links.c.target_article_id == article_id)).scalar_one())


def newest_edited_targets(
    tx: Transaction, *, limit: int = 20, offset: int = 0, citers_shown: int = 5
) -> list[EditedTarget]:
    """Return articles edited after others cited them, newest edit first; two statements.

    Of the newest 5,000 edits.
    """
    newest = select(revisions.c.id).where(IS_EDIT).order_by(revisions.c.seen_at.desc(), revisions.c.id.desc())
    cited_before = (
        exists()
        .where(links.c.target_article_id == _target.c.id, links.c.article_id != _target.c.id, _is_citation())
        .where(links.c.article_id == _citing.c.id, _cited_at() < _current.c.seen_at)
    )
    query = (
        select(
            _target.c.id, _target.c.title, _target.c.outlet, _target.c.language, _current.c.seen_at, _current.c.changes
        )
        .select_from(_current)
        .join(_target, and_(_target.c.id == _current.c.article_id, _target.c.revision == _current.c.number))
        .where(_current.c.id.in_(newest.limit(MOST_EDITS)), cited_before)
        .order_by(_current.c.seen_at.desc(), _current.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    rows = tx.execute(query).all()
    counted = _citers(tx, [row.id for row in rows])
    found = _some_of_each(tx, [row.id for row in rows], citers_shown)
    return [
        EditedTarget(
            article_id=row.id,
            title=row.title,
            outlet=row.outlet,
            language=row.language,
            edited_by=row.seen_at,
            changes=row.changes,
            citers=counted.get(row.id, 0),
            notices=tuple(found.get(row.id, ())),
        )
        for row in rows
    ]


def states_of(tx: Transaction, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], State]:
    """Return the states of revisions by (article id, number), to be compared; one statement.

    What was left out of one of an article's, since its outlet repeats it, is left out of all of them.
    """
    pairs = sorted(set(wanted))
    if not pairs:
        return {}
    which = or_(*(and_(revisions.c.article_id == one, revisions.c.number == number) for one, number in pairs))
    rows = tx.execute(select(revisions).where(which)).all()
    keys: defaultdict[int, set[str]] = defaultdict(set)
    for row in rows:
        keys[row.article_id] |= left_out_of(row.trace)
    texts = [without_blocks(row.text, keys[row.article_id]) for row in rows]
    return {
        (row.article_id, row.number): State(row.title, tuple(row.authors), text)
        for row, text in zip(rows, texts, strict=True)
    }


def _cited_at() -> Any:
    """When a link was made: at publication where it stood in the first revision, else when it was first seen."""
    return case((_by_publication(), _citing.c.sort_at), else_=links.c.first_seen_at)


def _by_publication() -> Any:
    return and_(
        links.c.revision_from == 1, _citing.c.sort_by == "published", _citing.c.sort_at <= links.c.first_seen_at
    )


def _is_citation() -> Any:
    return and_(links.c.revision_to.is_(None), links.c.role.in_([role.value for role in CITES]))


def _joined(query: Select[Any]) -> Select[Any]:
    """Citations whose target's current text was first seen after they were made."""
    return (
        query.select_from(links)
        .join(_citing, _citing.c.id == links.c.article_id)
        .join(_target, and_(_target.c.id == links.c.target_article_id, _target.c.revision > 1))
        .join(_current, and_(_current.c.article_id == _target.c.id, _current.c.number == _target.c.revision))
        .where(links.c.article_id != links.c.target_article_id, _is_citation(), _current.c.seen_at > _cited_at())
    )


def _notices() -> Select[Any]:
    then = select(func.max(_then.c.number)).where(_then.c.article_id == _target.c.id, _then.c.seen_at <= _cited_at())
    after = select(func.min(_after.c.seen_at)).where(
        _after.c.article_id == _target.c.id, _after.c.seen_at > _cited_at(), _after.c.number > 1
    )
    first_after = after.correlate_except(_after).scalar_subquery()
    shown = select(func.max(pages.c.seen_at)).where(pages.c.article_id == _target.c.id, pages.c.seen_at < first_after)
    begun = select(func.max(_begun.c.seen_at)).where(
        _begun.c.article_id == _target.c.id, _begun.c.seen_at < first_after
    )
    shown_at = shown.correlate_except(pages).scalar_subquery()
    begun_at = func.coalesce(begun.correlate_except(_begun).scalar_subquery(), _target.c.first_seen_at)
    return _joined(
        select(
            links.c.id.label("link_id"),
            links.c.article_id,
            _citing.c.title.label("article_title"),
            _citing.c.outlet.label("article_outlet"),
            _citing.c.sort_at.label("article_at"),
            links.c.text,
            links.c.context,
            _target.c.id.label("target_id"),
            _target.c.title.label("target_title"),
            _target.c.outlet.label("target_outlet"),
            _target.c.language.label("target_language"),
            _cited_at().label("cited_at"),
            case((_by_publication(), "published"), else_="seen").label("cited_by"),
            func.coalesce(then.correlate_except(_then).scalar_subquery(), 1).label("cited_revision"),
            _target.c.revision,
            func.coalesce(shown_at, begun_at).label("shown_at"),
            begun_at.label("begun_at"),
            first_after.label("edited_by"),
            _current.c.seen_at.label("last_edited_by"),
            _current.c.changes,
        )
    )


def _citers(tx: Transaction, article_ids: list[int]) -> dict[int, int]:
    query = _joined(select(links.c.target_article_id, func.count(links.c.article_id.distinct())))
    query = query.where(links.c.target_article_id.in_(article_ids)).group_by(links.c.target_article_id)
    return dict(tx.execute(query).all())


def _some_of_each(tx: Transaction, article_ids: list[int], most: int) -> dict[int, list[Notice]]:
    """Return the newest citations of each article, each citing article once."""
    rank = func.row_number().over(
        partition_by=links.c.target_article_id, order_by=(_citing.c.sort_at.desc(), links.c.id)
    )
    ranked = _joined(select(links.c.id, rank.label("place"))).where(links.c.target_article_id.in_(article_ids))
    first = ranked.subquery()
    shown = select(first.c.id).where(first.c.place <= most)
    query = _notices().where(links.c.id.in_(shown)).order_by(_citing.c.sort_at.desc(), links.c.id)
    found: dict[int, list[Notice]] = {}
    for row in tx.execute(query):
        found.setdefault(row.target_id, []).append(_notice(row))
    return found


def _notice(row: Row[Any]) -> Notice:
    values = dict(row._mapping)
    shown, begun = values.pop("shown_at"), values.pop("begun_at")
    return Notice(**values, held_until=max(shown, begun))
