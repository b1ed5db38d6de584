"""Links as ties between articles: who links where, what two link to, who links to both. Bounded rows and statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CompoundSelect, Row, Select, func, literal, literal_column, select, union_all

from index.records import Role
from index.store.engine import Transaction
from index.store.tables import articles, links
from index.stories.ties import DEGREE_READ, Citer, LinkTie, SharedTarget

LINKS_OF_ONE = 200
LINKS_OF_MANY = 40
CITERS_OF_ONE = 200
CITERS_OF_MANY = 30
TARGETS = 60
CITERS_FOLLOWED = 60
TARGETS_OF_CITER = 50

_NO_TIE = (Role.FURNITURE.value, Role.BYLINE.value)
_CURRENT = links.c.revision_to.is_(None)
_TIES = links.c.role.not_in(_NO_TIE)


def links_from(tx: Transaction, own: Sequence[int], left_out: Counter[str]) -> list[Row[Any]]:
    """The links of the subjects, those of each limited: one of them may have five thousand."""
    limit = LINKS_OF_ONE if len(own) == 1 else LINKS_OF_MANY
    parts = [
        _link_columns()
        .where(links.c.article_id == one, _CURRENT, _TIES)
        .where(links.c.url_key.is_not(None))
        .order_by(links.c.id)
        .limit(limit + 1)
        for one in own
    ]
    rows, left_out["links_out"] = _limited(tx, parts, limit, "article_id", newest=False)
    return rows


def links_to(tx: Transaction, own: Sequence[int], left_out: Counter[str]) -> list[Row[Any]]:
    """The links of other articles to the subjects, the newest of each."""
    limit = CITERS_OF_ONE if len(own) == 1 else CITERS_OF_MANY
    parts = [
        _link_columns()
        .where(links.c.target_article_id == one, _CURRENT, _TIES, links.c.article_id != one)
        .order_by(links.c.id.desc())
        .limit(limit + 1)
        for one in own
    ]
    mine = set(own)
    rows, left_out["links_in"] = _limited(tx, parts, limit, "target_article_id", newest=True)
    return [row for row in rows if row.article_id not in mine]


def _limited(
    tx: Transaction, parts: Sequence[Select[Any]], limit: int, per: str, *, newest: bool
) -> tuple[list[Row[Any]], int]:
    """Read the parts in one statement; return the rows, those over a part's limit left out, and how many were cut."""
    if not parts:
        return [], 0
    counts: Counter[Any] = Counter()
    kept = []
    for row in sorted(tx.execute(together(parts)), key=lambda row: row.id, reverse=newest):
        key = row._mapping[per]
        counts[key] += 1
        if counts[key] <= limit:
            kept.append(row)
    return kept, sum(1 for count in counts.values() if count > limit)


def shared_targets(
    tx: Transaction, outward: Sequence[Row[Any]], own: Sequence[int], left_out: Counter[str]
) -> list[SharedTarget]:
    """What the subjects link to, with the other articles that do: the targets most subjects have come first."""
    mine = set(own)
    targets: dict[tuple[str, Any], list[Row[Any]]] = {}
    for row in outward:
        held = row.target_article_id is not None
        if not (held and row.target_article_id in mine):
            key = ("article", row.target_article_id) if held else ("key", row.url_key)
            targets.setdefault(key, []).append(row)
    inline = {key: any(row.role != Role.BACKLINK.value for row in rows) for key, rows in targets.items()}
    ranked = sorted(targets, key=lambda key: (not inline[key], -len({row.article_id for row in targets[key]})))
    left_out["targets"] += max(0, len(ranked) - TARGETS)
    ranked = ranked[:TARGETS]
    citing = _citing(tx, ranked)
    found = []
    for number, key in enumerate(ranked):
        others = tuple(one for one in dict.fromkeys(citing.get(number, ())) if one not in mine)
        if others:
            first = min(targets[key], key=lambda row: (row.role == Role.BACKLINK.value, row.id))
            found.append(_shared_target(key[0], first, others, degree=len(set(citing[number]))))
    return _with_titles(tx, found, ranked)


def _citing(tx: Transaction, ranked: Sequence[tuple[str, Any]]) -> dict[int, list[int]]:
    """For each target by its number the newest articles that link to it, at most DEGREE_READ; one statement."""
    parts = []
    for number, (kind, value) in enumerate(ranked):
        column = links.c.target_article_id if kind == "article" else links.c.url_key
        query = select(literal(number).label("number"), links.c.article_id, links.c.id)
        query = query.where(column == value, _CURRENT, _TIES)
        parts.append(query.order_by(links.c.id.desc()).limit(DEGREE_READ))
    found: dict[int, list[int]] = {}
    rows = tx.execute(together(parts)).all() if parts else ()
    for row in sorted(rows, key=lambda row: -row.id):
        found.setdefault(row.number, []).append(row.article_id)
    return found


def _shared_target(kind: str, row: Row[Any], others: tuple[int, ...], *, degree: int) -> SharedTarget:
    if kind == "key":
        kind = "topic" if row.hub_id is not None else "document" if row.role == Role.SOURCE.value else "page"
    label = row.text if kind == "article" else f"{row.text} ({row.host})" if row.text and row.host else row.url or ""
    target = row.target_article_id if kind == "article" else None
    return SharedTarget(label, kind, Role(row.role), others, degree, target_id=target)


def _with_titles(tx: Transaction, found: list[SharedTarget], ranked: Sequence[tuple[str, Any]]) -> list[SharedTarget]:
    """Call targets that are held by their headline instead of by the words of a link."""
    ids = [value for kind, value in ranked if kind == "article"]
    if not ids:
        return found
    titles = dict(tx.execute(select(articles.c.id, articles.c.title).where(articles.c.id.in_(ids))).all())
    return [
        SharedTarget(
            titles.get(one.target_id, one.label) if one.target_id is not None else one.label,
            one.kind,
            one.weight_role,
            one.citers,
            one.degree,
            one.target_id,
        )
        for one in found
    ]


def citers_of(tx: Transaction, inward: Sequence[Row[Any]], own: Sequence[int], left_out: Counter[str]) -> list[Citer]:
    """The articles that link to the subjects, with what else they link to; one statement for both."""
    mine = set(own)
    ids = sorted({row.article_id for row in inward}, reverse=True)
    left_out["citers"] += max(0, len(ids) - CITERS_FOLLOWED)
    ids = ids[:CITERS_FOLLOWED]
    parts = [
        select(links.c.article_id, links.c.target_article_id, links.c.id)
        .where(links.c.article_id == one, _CURRENT, _TIES, links.c.target_article_id.is_not(None))
        .order_by(links.c.id)
        .limit(TARGETS_OF_CITER)
        for one in ids
    ]
    if not parts:
        return []
    targets: dict[int, list[int]] = {}
    for row in sorted(tx.execute(together(parts)), key=lambda row: row.id):
        if row.target_article_id not in mine and row.target_article_id != row.article_id:
            targets.setdefault(row.article_id, []).append(row.target_article_id)
    titles = dict(tx.execute(select(articles.c.id, articles.c.title).where(articles.c.id.in_(ids))).all())
    return [Citer(one, titles.get(one, ""), tuple(dict.fromkeys(targets[one]))) for one in ids if one in targets]


def degrees_of(tx: Transaction, ids: Sequence[int]) -> Mapping[int, int]:
    """How many articles link to each, counted no further than DEGREE_READ; one statement."""
    if not ids:
        return {}
    some = select(links.c.article_id).where(links.c.target_article_id == articles.c.id, _CURRENT, _TIES)
    inner = some.limit(DEGREE_READ).correlate(articles).subquery()
    degree = select(func.count(inner.c.article_id.distinct())).correlate(articles).scalar_subquery()
    query = select(articles.c.id, degree.label("degree")).where(articles.c.id.in_(sorted(set(ids))))
    return {row.id: row.degree for row in tx.execute(query)}


def _link_columns() -> Select[Any]:
    columns = ("id", "article_id", "url", "url_key", "host", "text", "role", "context", "target_article_id", "hub_id")
    return select(*(links.c[name] for name in columns))


def link_tie(row: Row[Any]) -> LinkTie:
    """Return a row of `links_from` or `links_to` as a tie; both its ends are held."""
    return LinkTie(row.article_id, row.target_article_id, Role(row.role), row.context or row.text)


def together(parts: Sequence[Select[Any]]) -> CompoundSelect[Any] | Select[Any]:
    """Put limited selects together; SQLite takes no brackets round them, so each becomes a subquery.

    Rows come by the names of their columns, as the driver gives them: numbers and text only, no dates, no JSON. To
    name the columns of sixty subqueries took longer than to read them.
    """
    whole: list[Select[Any]] = [select(literal_column("*")).select_from(part.subquery()) for part in parts]
    return whole[0] if len(whole) == 1 else union_all(*whole)
