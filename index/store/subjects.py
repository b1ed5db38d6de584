"""What articles are about and name: topics with their evidence, and names; written by the follower, read by pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Select, delete, func, insert, select

from index.records import JsonObject, StoredArticle
from index.store.engine import Transaction
from index.store.names import count_names
from index.store.story_tables import article_names, article_topics
from index.store.tables import articles
from index.subjects.values import ANY_TOPIC, NameFound, Subjects, evidence_json

READ = ""
"""The topic of the row that says an article was read, whatever was found in it."""

_CHUNK = 400
_Rows = tuple[dict[str, Any], dict[tuple[str, str], tuple[str, int]]]


def save_subjects(tx: Transaction, found: Mapping[int, Subjects]) -> tuple[int, ...]:
    """Write what was found in articles and return the ids of those read before whose topics or names are others now.

    Only what differs is written. Evidence that alone differs is written and not counted: no index holds it.
    """
    held = _held(tx, list(found))
    changed: list[int] = []
    drop_topics, drop_names, topics, names = [], [], [], []
    more: list[tuple[int, str, str, str]] = []
    fewer: list[tuple[int, str, str]] = []
    for article_id, subjects in found.items():
        rows = _rows_of(subjects)
        before = held.get(article_id, ({}, {}))
        if rows[0] != before[0]:
            drop_topics.append(article_id)
            topics += [{"article_id": article_id, "topic": slug, "evidence": why} for slug, why in rows[0].items()]
        if rows[1] != before[1]:
            drop_names.append(article_id)
            names += [
                {"article_id": article_id, "kind": kind, "slug": slug, "label": label, "mentions": mentions}
                for (kind, slug), (label, mentions) in rows[1].items()
            ]
            more += [(article_id, *key, rows[1][key][0]) for key in rows[1].keys() - before[1].keys()]
            fewer += [(article_id, *key) for key in before[1].keys() - rows[1].keys()]
        if READ in before[0] and (rows[0].keys() != before[0].keys() or rows[1].keys() != before[1].keys()):
            changed.append(article_id)
    for table, ids, fresh in ((article_topics, drop_topics, topics), (article_names, drop_names, names)):
        for start in range(0, len(ids), _CHUNK):
            tx.execute(delete(table).where(table.c.article_id.in_(ids[start : start + _CHUNK])))
        if fresh:
            tx.execute(insert(table), fresh)
    if more or fewer:
        count_names(tx, sorted(more), fewer)
    return tuple(changed)


def topic_slugs(tx: Transaction, article_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Return the security topics of articles, `security` among them where there is any."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    query = select(article_topics.c.article_id, article_topics.c.topic).where(
        article_topics.c.article_id.in_(list(article_ids)), article_topics.c.topic != READ
    )
    for article_id, topic in tx.execute(query.order_by(article_topics.c.article_id, article_topics.c.topic)):
        found[article_id].append(topic)
    return {article_id: tuple(slugs) for article_id, slugs in found.items()}


def name_slugs(tx: Transaction, article_ids: Collection[int]) -> dict[int, tuple[tuple[str, str], ...]]:
    """Return (kind, slug) of the names in articles."""
    found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    columns = (article_names.c.article_id, article_names.c.kind, article_names.c.slug)
    query = select(*columns).where(article_names.c.article_id.in_(list(article_ids))).order_by(*columns)
    for article_id, kind, slug in tx.execute(query):
        found[article_id].append((kind, slug))
    return {article_id: tuple(pairs) for article_id, pairs in found.items()}


def topics_with_evidence(tx: Transaction, article_id: int) -> list[tuple[str, JsonObject]]:
    """Return the security topics of an article and why, the highest score first."""
    query = select(article_topics.c.topic, article_topics.c.evidence).where(
        article_topics.c.article_id == article_id, article_topics.c.topic.not_in((READ, ANY_TOPIC))
    )
    rows = [(row.topic, row.evidence) for row in tx.execute(query)]
    return sorted(rows, key=lambda row: (-row[1].get("score", 0), row[0]))


def names_of(tx: Transaction, article_id: int) -> list[NameFound]:
    """Return the names in an article, those mentioned most first."""
    query = select(article_names).where(article_names.c.article_id == article_id)
    rows = tx.execute(query.order_by(article_names.c.mentions.desc(), article_names.c.slug))
    return [NameFound(row.kind, row.slug, row.label, row.mentions) for row in rows]


def count_by_topic(tx: Transaction) -> dict[str, int]:
    """Return how many articles each security topic has."""
    query = select(article_topics.c.topic, func.count()).where(article_topics.c.topic != READ)
    return dict(tx.execute(query.group_by(article_topics.c.topic)).all())


def articles_of_topic(tx: Transaction, topic: str, *, limit: int, offset: int = 0) -> list[StoredArticle]:
    """Return the articles of a security topic without their text, newest first."""
    from index.store.articles import articles_by_id  # which itself needs the change log, and that this module

    query: Select[Any] = (
        select(articles.c.id)
        .join(article_topics, article_topics.c.article_id == articles.c.id)
        .where(article_topics.c.topic == topic)
        .order_by(articles.c.sort_at.desc(), articles.c.id.desc())
    )
    ids = list(tx.execute(query.limit(limit).offset(offset)).scalars())
    found = articles_by_id(tx, ids)
    return [found[article_id] for article_id in ids if article_id in found]


def name_labels(tx: Transaction, kind: str, slugs: Collection[str]) -> dict[str, str]:
    """Return the label of each name as articles have it; one statement."""
    if not slugs:
        return {}
    query = select(article_names.c.slug, func.min(article_names.c.label)).where(
        article_names.c.kind == kind, article_names.c.slug.in_(sorted(set(slugs)))
    )
    return dict(tx.execute(query.group_by(article_names.c.slug)).all())


def is_named(tx: Transaction, kind: str, slug: str) -> bool:
    """Say whether any article has this name."""
    query = select(article_names.c.article_id).where(article_names.c.kind == kind, article_names.c.slug == slug)
    return tx.execute(query.limit(1)).first() is not None


def _rows_of(subjects: Subjects) -> _Rows:
    topics: dict[str, Any] = {READ: {}}
    for found in subjects.topics:
        topics[found.topic] = evidence_json(found)
    if subjects.topics:
        topics[ANY_TOPIC] = {"topics": [found.topic for found in subjects.topics]}
    return topics, {(name.kind, name.slug): (name.label, name.mentions) for name in subjects.names}


def _held(tx: Transaction, article_ids: list[int]) -> dict[int, _Rows]:
    held: dict[int, _Rows] = {}
    for start in range(0, len(article_ids), _CHUNK):
        chunk = article_ids[start : start + _CHUNK]
        for row in tx.execute(select(article_topics).where(article_topics.c.article_id.in_(chunk))):
            held.setdefault(row.article_id, ({}, {}))[0][row.topic] = row.evidence
        for row in tx.execute(select(article_names).where(article_names.c.article_id.in_(chunk))):
            held.setdefault(row.article_id, ({}, {}))[1][(row.kind, row.slug)] = (row.label, row.mentions)
    return held
