"""Quotations kept: of an article, and the articles in which one of a name is quoted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select

from index.search.analysis import tokens
from index.store.columns import storable
from index.store.engine import Transaction
from index.store.story_tables import quotation_speakers, quotations
from index.subjects.quotations import Quotation

MOST_IDS = 50_000
"""Articles that one name is looked up in, those stored last."""

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class StoredQuotation:
    """A quotation of an article. `speaker` is "" where the text names nobody, `quote` where the words are its own."""

    article_id: int
    position: int
    speaker: str
    role: str
    verb: str
    quote: str
    sentence: str


def words_of_name(name: str) -> list[str]:
    """Return the words of a name as they are compared: folded, no accents, hyphens between two words."""
    return [token.lower() for token in tokens(storable(name))]


@dataclass(frozen=True, slots=True)
class QuotationRows:
    """What is to be written of the quotations of some articles."""

    quotations: Sequence[Mapping[str, Any]]
    speakers: Sequence[Mapping[str, Any]]


def quotation_rows(found: Mapping[int, Sequence[Quotation]]) -> QuotationRows:
    """Return the rows of quotations by article; reads nothing, so that it needs no turn to write."""
    rows: list[Mapping[str, Any]] = []
    speakers: dict[tuple[str, int, str], None] = {}
    for article_id, quoted in found.items():
        for one in quoted:
            words = words_of_name(one.speaker)
            key = f" {' '.join(words)} " if words else ""
            speakers.update(dict.fromkeys((word, article_id, key) for word in words))
            rows.append(
                {
                    "article_id": article_id,
                    "position": one.position,
                    "speaker": storable(one.speaker),
                    "speaker_key": key,
                    "role": storable(one.role),
                    "verb": storable(one.verb),
                    "quote": storable(one.quote),
                    "sentence": storable(one.sentence),
                }
            )
    named = [{"word": word, "article_id": one, "speaker_key": key} for word, one, key in speakers]
    return QuotationRows(rows, named)


def replace_quotations(tx: Transaction, article_ids: Collection[int], rows: QuotationRows) -> None:
    """Keep these quotations in the place of those that articles had; so many statements whatever their number."""
    drop_quotations(tx, article_ids)
    if rows.quotations:
        tx.execute(insert(quotations), rows.quotations)
    if rows.speakers:
        tx.execute(insert(quotation_speakers), rows.speakers)


def drop_quotations(tx: Transaction, article_ids: Collection[int]) -> None:
    """Drop the quotations of articles."""
    wanted = sorted(set(article_ids))
    for start in range(0, len(wanted), _CHUNK):
        for table in (quotations, quotation_speakers):
            tx.execute(delete(table).where(table.c.article_id.in_(wanted[start : start + _CHUNK])))


def quotations_of(tx: Transaction, article_id: int) -> list[StoredQuotation]:
    """Return the quotations of an article in the order of its text."""
    query = select(quotations).where(quotations.c.article_id == article_id).order_by(quotations.c.position)
    return [
        StoredQuotation(row.article_id, row.position, row.speaker, row.role, row.verb, row.quote, row.sentence)
        for row in tx.execute(query)
    ]


def ids_quoting(tx: Transaction, name: str, *, limit: int = MOST_IDS) -> frozenset[int]:
    """Return the articles that quote one whose name has these words in this order; at most `limit`, the last stored.

    Read by the key of the longest word, which few names share.
    """
    words = words_of_name(name)
    if not words:
        return frozenset()
    query = (
        select(quotation_speakers.c.article_id)
        .where(quotation_speakers.c.word == max(words, key=len))
        .distinct()
        .order_by(quotation_speakers.c.article_id.desc())
        .limit(limit)
    )
    if len(words) > 1:
        query = query.where(quotation_speakers.c.speaker_key.like(_pattern(words)))
    return frozenset(tx.execute(query).scalars())


def sentences_said(tx: Transaction, article_ids: Collection[int], name: str) -> dict[int, str]:
    """Return the first sentence in which one of that name is quoted, by article."""
    words = words_of_name(name)
    wanted = sorted(set(article_ids))[:_CHUNK]
    if not words or not wanted:
        return {}
    named = (quotations.c.article_id.in_(wanted), quotations.c.speaker_key.like(_pattern(words)))
    first = (
        select(quotations.c.article_id, func.min(quotations.c.position).label("position"))
        .where(*named)
        .group_by(quotations.c.article_id)
        .subquery()
    )
    query = select(quotations.c.article_id, quotations.c.sentence).join(
        first,
        (first.c.article_id == quotations.c.article_id) & (first.c.position == quotations.c.position),
    )
    return {row.article_id: row.sentence for row in tx.execute(query)}


def _pattern(words: Sequence[str]) -> str:
    """What a key is like that has these words in this order; words hold no sign that LIKE reads."""
    return "% " + " %".join(words) + " %"
