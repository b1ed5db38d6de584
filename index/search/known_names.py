"""What a reader means by `country:`, `person:` and the like: a name in any language we know, or a code. Pure but for
reading the gazetteers once.
"""

from __future__ import annotations

from functools import lru_cache

from config.names import load_gazetteer, slug_of_name
from index.search.analysis import tokens

_MOST_CHARS = 100


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
