"""The fields of the index: names, what each holds, weights and the constants of the ranking. No engine in here.

Every text stands in the index twice (`analysis`): as a bag of stems without stop words, for recall, and as the row of
exact tokens with their positions, for quotes, capitals, phrases and beginnings of words.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SCHEMA_VERSION = 5
"""Raise it when fields or the words made for them change: an index of another version has to be rebuilt."""


class Kind(StrEnum):
    """What a field holds."""

    STEMS = "stems"  # a bag of stems: frequencies, no positions
    TOKENS = "tokens"  # exact tokens: frequencies and positions
    KEYWORD = "keyword"  # whole values, matched as a whole, never ranked
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `weight` and `b` are those of BM25F; they mean nothing for keywords and numbers."""

    name: str
    kind: Kind
    weight: float = 1.0
    b: float = 0.75


TITLE = "title"
TEXT = "text"
TITLE_EXACT = "title_exact"
TEXT_EXACT = "text_exact"
AUTHOR = "author"
OUTLET_WORDS = "outlet_words"

NAMES = ("country", "place", "organisation", "person", "weapon", "treaty")
"""Kinds of names in the text, each a field of whole values: the slugs of the gazetteers."""

SEVERAL = ("topic", "author", *NAMES)
"""Fields of whole values of which a document has any number."""

# Title weight 3, k1 1.2, b .75 for text and .5 for title: measured on TIME, Cranfield and a news set (ndcg@10 .756,
# .527, .784); weight 5 changed nothing. Author and outlet are low: they help `nanna ukraine` and must not outrank a
# headline.
FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("article_id", Kind.NUMBER),
        Field("revision", Kind.NUMBER),
        Field("sort_at", Kind.NUMBER),
        Field("outlet", Kind.KEYWORD),
        Field("language", Kind.KEYWORD),
        Field("topic", Kind.KEYWORD),
        Field("author_name", Kind.KEYWORD),  # whole names as written, for the facet
        *(Field(name, Kind.KEYWORD) for name in NAMES),
        Field(TITLE, Kind.STEMS, weight=3.0, b=0.5),
        Field(TEXT, Kind.STEMS),
        Field(TITLE_EXACT, Kind.TOKENS, weight=3.0, b=0.5),
        Field(TEXT_EXACT, Kind.TOKENS),
        Field(AUTHOR, Kind.TOKENS, weight=0.5, b=0.0),
        Field(OUTLET_WORDS, Kind.TOKENS, weight=0.3, b=0.0),
    )
}

RANKED = tuple(field.name for field in FIELDS.values() if field.kind in (Kind.STEMS, Kind.TOKENS))
"""Fields with words; an engine keeps the sum of their lengths, for the average length BM25F divides by."""

K1 = 1.2
MORE_WORDS = 0.1
"""A document that matches all of a group's words gains this share over the plain sum; fewer words, less.

Measured on 257 questions for a subject in a country over the newswire: mean average precision .304 at .2, .307 at .1.
"""

NEARNESS = 0.03
"""A document gains up to this share when all neighbouring words of the query stand side by side in it.

On the newswire: headlines found first 147 of 150 at 0, 149 at .03; topics ndcg@10 .903 at 0 and .03, .890 at .1.
"""

NEAR_TOKENS = 8
"""Words further apart than this are not near."""

HALF_LIFE_DAYS = 7.0
"""Age at which a fresh article has lost half of what recency gives it."""
