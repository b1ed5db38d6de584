"""The names in all articles, each once, for completion: how often it stands in them, and how lately.

`heat` grows with every article that has the name and lasts: one of today counts twice one of thirty days ago. It is
kept as a logarithm that does not depend on when it is read (each article adds 2^(its day / 30)), so that the hottest
names are an order of an index, and nothing has to be worked out anew as days pass.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, union_all, update

from index.records import Hub
from index.search.known_names import BEYOND, starts_of
from index.store.engine import Transaction
from index.store.story_tables import article_names, name_words, names
from index.store.tables import NAMES_HUB, articles, hubs, links

HALF_LIFE_DAYS = 30.0
MOST_BEGINNING = 50
MOST_COUNTED = 100
"""Topics of outlets that begin alike, and articles of each, that are looked at."""

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_CHUNK = 400

Key = tuple[str, str]
"""(kind, slug)."""


@dataclass(frozen=True, slots=True)
class KnownName:
    """A name that articles have. `word` is the beginning it was found by, "" where it was asked for by its slug."""

    kind: str
    slug: str
    label: str
    articles: int
    heat: float
    word: str = ""


def count_names(
    tx: Transaction,
    added: Iterable[tuple[int, str, str, str]],
    dropped: Iterable[tuple[int, str, str]] = (),
) -> None:
    """Count names that articles have now, as (article id, kind, slug, label), and those they have no longer.

    Called after the rows of the articles were written. Statements do not grow with the articles of a batch.
    """
    fresh, gone = list(added), list(dropped)
    when = _instants(tx, {row[0] for row in fresh} | {row[0] for row in gone})
    heats: defaultdict[Key, list[float]] = defaultdict(list)
    lost: defaultdict[Key, list[float]] = defaultdict(list)
    labels: dict[Key, str] = {}
    for article_id, kind, slug, label in fresh:
        heats[kind, slug].append(when.get(article_id, 0.0))
        labels.setdefault((kind, slug), label)
    for article_id, kind, slug in gone:
        lost[kind, slug].append(when.get(article_id, 0.0))
    held = _held(tx, {*heats, *lost})
    _add(tx, {key: labels[key] for key in heats if key not in held}, heats)
    changed = []
    for key, name in held.items():
        number = name.articles + len(heats.get(key, ())) - len(lost.get(key, ()))
        heat = _with(name.heat, heats.get(key, ()))
        for one in lost.get(key, ()):
            heat = _without(heat, one)
        changed.append((key, number, heat))
    _change(tx, changed)


def uncount_names_of(tx: Transaction, article_id: int) -> None:
    """Take the names of an article that is about to be dropped out of the counts; one nobody else has goes."""
    query = select(article_names.c.kind, article_names.c.slug).where(article_names.c.article_id == article_id)
    keys = [(row.kind, row.slug) for row in tx.execute(query)]
    tx.execute(delete(article_names).where(article_names.c.article_id == article_id))
    count_names(tx, (), [(article_id, *key) for key in keys])


def names_beginning(tx: Transaction, keys: Sequence[str], *, kinds: Collection[str], limit: int) -> list[KnownName]:
    """Return the hottest names that have one of the keys at the start of a word, each for every key. Two statements."""
    if not keys or not kinds:
        return []
    found = union_all(*(_beginning(key, kinds, limit * 2).select() for key in keys))  # a name may have two such words
    words = {(row.kind, row.slug, row.word): None for row in tx.execute(found)}
    held = _held(tx, {(kind, slug) for kind, slug, _ in words})
    named = [replace(held[kind, slug], word=word) for kind, slug, word in words if (kind, slug) in held]
    return sorted(named, key=lambda name: (-name.heat, name.kind, name.slug))


def _beginning(key: str, kinds: Collection[str], limit: int) -> Any:
    """The hottest words that begin so: a range of the primary key."""
    word = name_words.c.word
    query = select(name_words).where(word >= key, word < key + BEYOND, name_words.c.kind.in_(sorted(kinds)))
    return query.order_by(name_words.c.heat.desc(), name_words.c.slug).limit(limit).subquery()


def names_with(tx: Transaction, kind: str, key: str, *, limit: int) -> list[KnownName]:
    """Return the hottest names of a kind that have these folded words, side by side and whole, at any place."""
    word = name_words.c.word
    side_by_side = or_(word == key, and_(word >= f"{key} ", word < f"{key} {BEYOND}"))
    of_kind = select(name_words.c.slug).where(name_words.c.kind == kind, side_by_side)
    query = select(names).where(names.c.kind == kind, names.c.slug.in_(of_kind))
    return [_known(row) for row in tx.execute(query.order_by(names.c.heat.desc(), names.c.slug).limit(limit))]


def names_of_slugs(tx: Transaction, keys: Collection[Key]) -> list[KnownName]:
    """Return those of the names that some article has, the hottest first. One statement for every 400."""
    found = _held(tx, keys)
    return sorted(found.values(), key=lambda name: (-name.heat, name.kind, name.slug))


def hottest_names(tx: Transaction, *, kinds: Collection[str], least: int = 1, limit: int) -> list[KnownName]:
    """Return the names that articles, `least` of them, have most and most lately. One statement, by index."""
    of_kind = [select(names).where(names.c.kind == kind, names.c.articles >= least) for kind in sorted(kinds)]
    hottest = [query.order_by(names.c.heat.desc()).limit(limit).subquery().select() for query in of_kind]
    found = [_known(row) for row in tx.execute(union_all(*hottest))] if hottest else []
    return sorted(found, key=lambda name: (-name.heat, name.kind, name.slug))[:limit]


def topics_beginning(tx: Transaction, slug: str, *, limit: int) -> list[Hub]:
    """Return topics of outlets whose slug begins so, those most articles name first.

    By index: of the first hubs that begin so, up to so many articles each are counted.
    """
    bytewise = hubs.c.slug if tx.dialect.name == "sqlite" else hubs.c.slug.collate("C")
    named = select(links.c.article_id).where(NAMES_HUB, links.c.hub_id == hubs.c.id).limit(MOST_COUNTED)
    number = select(func.count()).select_from(named.correlate(hubs).subquery()).scalar_subquery()
    query = select(hubs, number.label("citers")).where(bytewise >= slug, bytewise < slug + BEYOND)
    rows = tx.execute(query.order_by(bytewise).limit(MOST_BEGINNING)).all()
    best: dict[str, Hub] = {}
    for row in sorted(rows, key=lambda row: (-row.citers, row.slug)):
        if row.citers:
            best.setdefault(row.slug, Hub(row.slug, row.label, row.outlet or None, row.url, row.citers))
    return list(best.values())[:limit]


def _known(row: Any) -> KnownName:
    return KnownName(row.kind, row.slug, row.label, row.articles, row.heat)


def _held(tx: Transaction, keys: Collection[Key]) -> dict[Key, KnownName]:
    wanted, slugs = set(keys), sorted({slug for _, slug in keys})
    found: dict[Key, KnownName] = {}
    for start in range(0, len(slugs), _CHUNK):
        for row in tx.execute(select(names).where(names.c.slug.in_(slugs[start : start + _CHUNK]))):
            if (row.kind, row.slug) in wanted:
                found[row.kind, row.slug] = _known(row)
    return found


def _instants(tx: Transaction, article_ids: Collection[int]) -> dict[int, float]:
    """When articles count, in half lives: by their own date, but none later than they were first seen."""
    wanted, found = sorted(article_ids), {}
    for start in range(0, len(wanted), _CHUNK):
        query = select(articles.c.id, articles.c.sort_at, articles.c.first_seen_at)
        for row in tx.execute(query.where(articles.c.id.in_(wanted[start : start + _CHUNK]))):
            found[row.id] = half_lives(min(row.sort_at, row.first_seen_at))
    return found


def half_lives(at: datetime) -> float:
    """Return an instant in half lives of heat."""
    return (at - _EPOCH).total_seconds() / 86400 / HALF_LIFE_DAYS


def _with(heat: float | None, more: Iterable[float]) -> float:
    """Add logarithms to base 2 of what is summed."""
    for one in more:
        if heat is None:
            heat = one
        else:
            high, low = max(heat, one), min(heat, one)
            heat = high + math.log2(1.0 + 2.0 ** (low - high))
    return 0.0 if heat is None else heat


def _without(heat: float, one: float) -> float:
    """Take one away again; where it made up most of the sum what is left cannot be told, and stays a little lower."""
    share = 2.0 ** min(0.0, one - heat)
    return heat + math.log2(max(0.25, 1.0 - share))


def rows_of_name(key: Key, found: Sequence[tuple[str, float]]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the rows of a name as articles have it, given as (label, instant in half lives); the first label stays."""
    kind, slug = key
    label = found[0][0]
    row = {
        "kind": kind,
        "slug": slug,
        "label": label,
        "articles": len(found),
        "heat": _with(None, [at for _, at in found]),
    }
    return row, [{"word": word, "kind": kind, "slug": slug, "heat": row["heat"]} for word in starts_of(label)]


def _add(tx: Transaction, labels: Mapping[Key, str], heats: Mapping[Key, Sequence[float]]) -> None:
    made = [rows_of_name(key, [(label, at) for at in heats[key]]) for key, label in labels.items()]
    if made:
        tx.execute(insert(names), [row for row, _ in made])
    if words := [word for _, words_of_it in made for word in words_of_it]:
        tx.execute(insert(name_words), words)


def _change(tx: Transaction, changed: Sequence[tuple[Key, int, float]]) -> None:
    kept = [
        {"its_kind": kind, "its_slug": slug, "articles": number, "heat": heat}
        for (kind, slug), number, heat in changed
        if number > 0
    ]
    gone = [{"its_kind": kind, "its_slug": slug} for (kind, slug), number, _ in changed if number <= 0]
    for table, rows in ((names, gone), (name_words, gone)):
        if rows:
            which = (table.c.kind == bindparam("its_kind"), table.c.slug == bindparam("its_slug"))
            tx.execute(delete(table).where(*which), rows)
    if kept:
        of_word = (name_words.c.kind == bindparam("its_kind"), name_words.c.slug == bindparam("its_slug"))
        tx.execute(update(name_words).where(*of_word).values(heat=bindparam("heat")), kept)
        which = (names.c.kind == bindparam("its_kind"), names.c.slug == bindparam("its_slug"))
        tx.execute(update(names).where(*which).values(articles=bindparam("articles"), heat=bindparam("heat")), kept)
