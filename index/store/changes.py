"""The change log: what the index must still learn, read by position. Numbers appear in the order of commits."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from sqlalchemy import and_, func, insert, or_, select

from index.records import Change
from index.search.backend import IndexDocument
from index.store.engine import Transaction
from index.store.subjects import name_slugs, topic_slugs
from index.store.tables import articles, changes, hubs, links, revisions

_CHUNK = 500


def add_change(tx: Transaction, article_id: int, *, kind: str, revision: int, now: datetime) -> int:
    """Append a change and return its position.

    Numbers appear in the order of commits because there is one writer at a time (see engine.py): no transaction with a
    lower number can commit after one with a higher number was read, so no change is ever passed over.
    """
    values = {"article_id": article_id, "kind": kind, "revision": revision, "at": now}
    return int(tx.execute(insert(changes).returning(changes.c.position), values).scalar_one())


def add_changes(tx: Transaction, revisions_by_id: Mapping[int, int], *, kind: str, now: datetime) -> None:
    """Append a change of each of these articles, in their order, with its revision."""
    rows = [{"article_id": one, "kind": kind, "revision": number, "at": now} for one, number in revisions_by_id.items()]
    if rows:
        tx.execute(insert(changes), rows)


def touched_after(tx: Transaction, position: int, article_ids: Collection[int]) -> bool:
    """Say whether behind a position of the log one of these articles was changed, or any article removed."""
    later = select(changes.c.position).where(changes.c.position > position)
    if tx.execute(later.limit(1)).first() is None:
        return False
    either = or_(changes.c.kind == "delete", changes.c.article_id.in_(list(article_ids)))
    return tx.execute(later.where(either).limit(1)).first() is not None


def changes_after(tx: Transaction, position: int, limit: int, *, until: int | None = None) -> list[Change]:
    """Return at most `limit` changes after `position`, in order, none behind the position `until`."""
    query = select(changes).where(changes.c.position > position)
    if until is not None:
        query = query.where(changes.c.position <= until)
    rows = tx.execute(query.order_by(changes.c.position).limit(limit))
    return [Change(row.position, row.article_id, row.kind, row.revision) for row in rows]


def last_change(tx: Transaction) -> int:
    """Return the position of the newest change, 0 when there is none."""
    return int(tx.execute(select(func.coalesce(func.max(changes.c.position), 0))).scalar_one())


def documents_for(tx: Transaction, article_ids: Collection[int]) -> list[IndexDocument]:
    """Return what the index needs of these articles, by id; those no longer held are left out."""
    wanted = sorted(set(article_ids))
    documents: list[IndexDocument] = []
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        topics, subjects = topics_of(tx, chunk), topic_slugs(tx, chunk)
        names = name_slugs(tx, chunk)
        query = (
            select(articles, revisions.c.text)
            .join(
                revisions,
                and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.revision),
            )
            .where(articles.c.id.in_(chunk))
            .order_by(articles.c.id)
        )
        documents += [
            IndexDocument(
                article_id=row.id,
                revision=row.revision,
                outlet=row.outlet,
                language=row.language,
                title=row.title,
                text=row.text,
                authors=tuple(row.authors),
                topics=tuple(dict.fromkeys((*topics.get(row.id, ()), *subjects.get(row.id, ())))),
                sort_at=row.sort_at,
                names=names.get(row.id, ()),
            )
            for row in tx.execute(query)
        ]
    return documents


def topics_of(tx: Transaction, article_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Return the slugs of the hubs that each article's own related list names, in their order on the page."""
    query = (
        select(links.c.article_id, hubs.c.slug)
        .join(hubs, hubs.c.id == links.c.hub_id)
        .where(links.c.article_id.in_(list(article_ids)), links.c.revision_to.is_(None))
        .order_by(links.c.article_id, links.c.position)
    )
    found: dict[int, dict[str, None]] = {}
    for article_id, slug in tx.execute(query):
        found.setdefault(article_id, {})[slug] = None
    return {article_id: tuple(slugs) for article_id, slugs in found.items()}


def all_document_ids(tx: Transaction, after_id: int, limit: int) -> list[int]:
    """Return the next `limit` article ids after `after_id`, ascending."""
    query = select(articles.c.id).where(articles.c.id > after_id).order_by(articles.c.id).limit(limit)
    return list(tx.execute(query).scalars())


def held(tx: Transaction) -> Iterator[tuple[int, int]]:
    """Yield (article id, revision) of every article held, by id."""
    for row in tx.execute(select(articles.c.id, articles.c.revision).order_by(articles.c.id)):
        yield row.id, row.revision
