"""What a reader means by `country:`, `person:` and the like: a name in any language we know, or a code. Pure but for
reading the gazetteers once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection
from functools import lru_cache

from config.names import load_gazetteer, slug_of_name
from index.search.analysis import tokens

_MOST_CHARS = 100
MOST_STARTS = 6
"""Words of a name from which on it can be typed."""

BEYOND = "\U0010ffff"
"""Comes after every text that goes on: what begins with a text lies between it and it with this."""


def slug_named(kind: str, value: str) -> str:
    """Return the slug of what is named so; "" for a country nobody has.

    Other kinds have names that no gazetteer lists (people found by rules): these become the slug they would have.
    """
    value = value[:_MOST_CHARS]
    known = _known(kind).get(_key(value))
    if known is not None:
        return known
    return "" if kind == "country" else slug_of_name(value)


def label_of(kind: str, slug: str) -> str:
    """Return how a listed name is shown, "" for one that is not listed."""
    return _labels(kind).get(slug, "")


def starts_of(name: str) -> list[str]:
    """Return what of a name can be typed: its folded words from each of them on."""
    words = _key(name).split()
    return list(dict.fromkeys(" ".join(words[at:])[:_MOST_CHARS] for at in range(min(len(words), MOST_STARTS))))


def known_beginning(key: str, *, kinds: Collection[str], limit: int) -> list[tuple[str, str]]:
    """Return (kind, slug) of listed names with a word, in any language, from which on they begin with a folded key."""
    starts = _starts()
    found: dict[tuple[str, str], None] = {}
    for _, kind, slug in starts[bisect_left(starts, (key,)) : bisect_left(starts, (key + BEYOND,))]:
        if kind in kinds and len(found) < limit:
            found[kind, slug] = None
    return list(found)


@lru_cache(maxsize=1)
def _starts() -> list[tuple[str, str, str]]:
    """By every word from which on a listed name can be typed: (folded words, kind, slug), in order."""
    return sorted(
        {
            (start, entry.kind, entry.slug)
            for entry in load_gazetteer().entries
            for form in (entry.label, *entry.alone, *(form for given in entry.forms.values() for form in given))
            for start in starts_of(form.replace("*", ""))
        }
    )


@lru_cache(maxsize=8)
def _known(kind: str) -> dict[str, str]:
    """By its tokens, every form of every entry of a kind; of forms that two share the first entry has it."""
    known: dict[str, str] = {}
    entries = [entry for entry in load_gazetteer().entries if entry.kind == kind]
    for entry in entries:
        for form in (entry.slug, entry.label):
            known.setdefault(_key(form), entry.slug)
    for entry in entries:
        forms = [form for given in entry.forms.values() for form in given]
        for form in (*forms, *entry.alone):
            known.setdefault(_key(form.replace("*", "")), entry.slug)
    return known


@lru_cache(maxsize=8)
def _labels(kind: str) -> dict[str, str]:
    return {entry.slug: entry.label for entry in load_gazetteer().entries if entry.kind == kind}


def _key(name: str) -> str:
    return " ".join(tokens(name)).lower()
