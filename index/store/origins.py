"""Reading a story's reports with all that says where their news is from: a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, and_, func, or_, select

from config.counting import counted
from index.errors import NotFoundError
from index.records import DateFlag, DateReading, Role
from index.store.engine import Transaction
from index.store.outlets import outlet_titles
from index.store.story_tables import copies, stories, story_members
from index.store.tables import articles, links, outlet_hosts, revisions
from index.stories.attribution import SourceNames
from index.stories.origins import CopyStep, LinkStep, Origins, Report, dated, origins_of

REPORTS_READ = 500
"""Reports of one story that are looked at, the earliest. Later ones hold no first report; they are counted."""

TEXTS_READ = 200
"""Texts read for the sources they name: those of reports that neither copy nor link, the earliest."""

_LINKS_READ = 20_000
_TEXT_CHARS = 8000
_CHUNK = 500
_IN_TEXT = (Role.INLINE.value, Role.SOURCE.value)


def origins_of_story(tx: Transaction, story_id: int) -> Origins:
    """Find the origins of a story's news. Raises NotFoundError for a story that is not there."""
    if tx.execute(select(stories.c.id).where(stories.c.id == story_id)).first() is None:
        raise NotFoundError(f"There is no story {story_id}.")
    rows, left = _reports(tx, story_id)
    titles = outlet_titles(tx)
    names = SourceNames(titles)
    ids = [row.id for row in rows]
    copied = _copies(tx, ids)
    linked, missing = _links(tx, story_id, ids)
    silent = [row.id for row in rows if row.id not in copied and row.id not in linked][:TEXTS_READ]
    texts = _texts(tx, silent)
    reports = [
        Report(
            id=row.id,
            title=row.title,
            outlet=row.outlet,
            dated=dated(_reading(row, "published"), _reading(row, "updated"), row.first_seen_at),
            agency=names.agency_in(row.authors),
            copy=copied.get(row.id),
            links=tuple(linked.get(row.id, ())),
            named=tuple(names.named_in(texts[row.id], row.language, own=row.outlet)) if row.id in texts else (),
            not_held=missing.get(row.id, 0),
        )
        for row in rows
    ]
    return origins_of(reports, titles, not_looked_at=left)


def _reports(tx: Transaction, story_id: int) -> tuple[Sequence[Row[Any]], int]:
    light = ("id", "title", "outlet", "language", "authors", "first_seen_at")
    dates = tuple(f"{name}_{part}" for name in ("published", "updated") for part in ("at", "text", "method", "flags"))
    query = (
        select(*(articles.c[name] for name in (*light, *dates)))
        .join(story_members, story_members.c.article_id == articles.c.id)
        .where(story_members.c.story_id == story_id)
        .order_by(articles.c.sort_at, articles.c.id)
        .limit(REPORTS_READ)
    )
    rows = tx.execute(query).all()
    if len(rows) < REPORTS_READ:
        return rows, 0
    held = select(func.count()).select_from(story_members).where(story_members.c.story_id == story_id)
    return rows, int(tx.execute(held).scalar_one()) - len(rows)


def _copies(tx: Transaction, ids: Sequence[int]) -> dict[int, CopyStep]:
    found = {}
    for chunk in _chunks(ids):
        query = select(copies, articles.c.outlet, articles.c.title).join(
            articles, articles.c.id == copies.c.original_id
        )
        for row in tx.execute(query.where(copies.c.article_id.in_(chunk))):
            why = "".join(f"; {words}" for words in row.evidence)
            text = f"{row.containment:.0%} of the shorter text is the same, {counted(row.shared, 'run')} of words{why}"
            found[row.article_id] = CopyStep(row.original_id, text, row.outlet, row.title)
    return found


def _links(tx: Transaction, story_id: int, ids: Sequence[int]) -> tuple[dict[int, list[LinkStep]], dict[int, int]]:
    """Links in the texts to other articles of the story, and how many lead to pages of known outlets not held."""
    found: dict[int, list[LinkStep]] = {}
    missing: dict[int, int] = {}
    inside = select(story_members.c.article_id).where(story_members.c.story_id == story_id)
    of_outlet = select(outlet_hosts.c.host)
    for chunk in _chunks(ids):
        query = (
            select(
                links.c.article_id,
                links.c.target_article_id,
                links.c.context,
                links.c.text,
                links.c.revision_from,
                links.c.first_seen_at,
            )
            .where(links.c.article_id.in_(chunk), links.c.revision_to.is_(None), links.c.role.in_(_IN_TEXT))
            .where(
                or_(
                    links.c.target_article_id.in_(inside),
                    and_(links.c.target_article_id.is_(None), links.c.host.in_(of_outlet)),
                )
            )
            .order_by(links.c.article_id, links.c.id)
            .limit(_LINKS_READ)
        )
        for row in tx.execute(query):
            if row.target_article_id is None:
                missing[row.article_id] = missing.get(row.article_id, 0) + 1
            elif row.target_article_id != row.article_id:
                seen = row.first_seen_at if row.revision_from > 1 else None
                step = LinkStep(row.target_article_id, row.context or row.text, seen)
                found.setdefault(row.article_id, []).append(step)
    return found, missing


def _texts(tx: Transaction, ids: Sequence[int]) -> Mapping[int, str]:
    query = select(articles.c.id, func.substr(revisions.c.text, 1, _TEXT_CHARS).label("text")).join(
        revisions, and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.revision)
    )
    return {row.id: row.text for chunk in _chunks(ids) for row in tx.execute(query.where(articles.c.id.in_(chunk)))}


def _reading(row: Row[Any], name: str) -> DateReading:
    values = row._mapping
    flags = tuple(DateFlag(flag) for flag in values[f"{name}_flags"])
    return DateReading(values[f"{name}_text"], values[f"{name}_at"], values[f"{name}_method"], flags)


def _chunks(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK)]
