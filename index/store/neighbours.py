"""Articles within two link steps of an address, in either direction; bounded, so that no hub floods an answer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from index.store.citations import UNCOUNTED_ROLES
from index.store.columns import storable
from index.store.engine import Transaction
from index.store.tables import addresses, links
from index.wrapped import link_key

MOST_FIRST = 1_000
"""Articles of the first step whose own links are followed."""

MOST_IDS = 10_000
_CHUNK = 400


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The articles found, without the one asked for; `cut`: there are more, which were not followed."""

    ids: frozenset[int]
    cut: bool


def neighbours_of(tx: Transaction, url: str, *, most_first: int = MOST_FIRST, most: int = MOST_IDS) -> Neighbours:
    """Return the articles that link to an address or are linked from it, and those one step further.

    Furniture and bylines are no steps. What several articles merely cite both is none either: only articles are.
    """
    key = link_key(storable(url))
    own = tx.execute(select(addresses.c.article_id).where(addresses.c.url_key == key)).scalar()
    first = _linking_to_key(tx, key, most_first + 1)
    if own is not None:
        first |= _step(tx, [own], most_first + 1)
    first.discard(own or 0)
    cut = len(first) > most_first
    followed = sorted(first, reverse=True)[:most_first]
    found = set(followed)
    for start in range(0, len(followed), _CHUNK):
        found |= _step(tx, followed[start : start + _CHUNK], most + 1)
        if len(found) > most:
            cut = True
            break
    found.discard(own or 0)
    return Neighbours(frozenset(sorted(found, reverse=True)[:most]), cut)


def _linking_to_key(tx: Transaction, key: str, most: int) -> set[int]:
    query = select(links.c.article_id).where(links.c.url_key == key, *_is_step())
    return set(tx.execute(query.distinct().order_by(links.c.article_id.desc()).limit(most)).scalars())


def _step(tx: Transaction, ids: Collection[int], most: int) -> set[int]:
    """The articles that these link to, and those that link to these; the newest ids first."""
    out = select(links.c.target_article_id).where(links.c.article_id.in_(ids), links.c.target_article_id.is_not(None))
    back = select(links.c.article_id).where(links.c.target_article_id.in_(ids))
    found: set[int] = set()
    for query, column in ((out, links.c.target_article_id), (back, links.c.article_id)):
        rows = tx.execute(query.where(*_is_step()).distinct().order_by(column.desc()).limit(most))
        found.update(rows.scalars())
    return found


def _is_step() -> tuple[ColumnElement[bool], ...]:
    return (links.c.revision_to.is_(None), links.c.role.not_in(UNCOUNTED_ROLES))
