"""What a leaf of a query (word, phrase, beginning of a word) means in the words of the index. Engine-neutral, pure.

A leaf becomes one `Lookup`: for each field the steps to be met at neighbouring positions. One step is a plain look-up
of any of its tokens. All engines and the marks in snippets use these, so they agree on what matches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.search.analysis import (
    alternatives,
    analyse,
    fold,
    is_capital,
    is_cjk,
    is_stop,
    joined_pairs,
    stem,
    tokens,
    without_apostrophes,
)
from index.search.english_spellings import other_spellings
from index.search.fields import AUTHOR, OUTLET_WORDS, TEXT, TEXT_EXACT, TITLE, TITLE_EXACT
from index.search.languages import LANGUAGES, MEANT_IN_LOWER_CASE
from index.search.peoples import SAME_COUNTRY
from index.search.query import Leaf, Phrase, Prefix, Word

Steps = tuple[frozenset[str], ...]
EXACT_FIELDS = (TITLE_EXACT, TEXT_EXACT, AUTHOR, OUTLET_WORDS)
TEXTS_EXACT = (TITLE_EXACT, TEXT_EXACT)
FIELDS_OF = {"": EXACT_FIELDS, "title": (TITLE_EXACT,), "author": (AUTHOR,)}

_AFTER_APOSTROPHE = frozenset(["t", "m", "d", "re", "ve", "ll"])
_BEFORE_APOSTROPHE = frozenset(["o", "y"])
"""Parts of words that a text holds as one token (don't, O'Neill), and that stand apart where marks were dropped."""

MOST_STEPS = 64
"""So many tokens of a word or phrase are compared: a word may be a chain of thousands (`a-a-a`, a page of Chinese)."""

_LONG_PHRASE = 4
_MOST_READINGS = 6


@dataclass(frozen=True, slots=True)
class Lookup:
    """Where and as what a leaf is looked up; a document matches when it does in any field.

    `steps` maps a field to token sets for neighbouring positions (one set: a plain look-up). Fields of stems have one
    step. With `beginning` there are no steps: any exact token that starts with it matches, in `fields`.
    """

    steps: tuple[tuple[str, Steps], ...] = ()
    beginning: str = ""
    fields: tuple[str, ...] = ()


def lookup_of(leaf: Leaf, languages: Sequence[str]) -> Lookup:
    """Return what `leaf` means, its stems made in `languages` (those asked for, else those the index holds).

    A leaf without any token (only punctuation) has no steps and matches nothing.
    """
    match leaf:
        case Prefix():
            found = tokens(leaf.text)
            if len(found) != 1:
                return _row(found, leaf.field)
            return Lookup(beginning=fold(found[0]), fields=FIELDS_OF[leaf.field])
        case Phrase():
            return _phrase(tokens(" ".join(leaf.words)), leaf.field)
        case Word():
            found = tokens(leaf.text)
            if len(found) == 1 and len(found[0]) == 1 and is_cjk(found[0]):
                # Its runs are indexed as pairs: one character is the first of a pair, or stands alone.
                return Lookup(beginning=found[0], fields=FIELDS_OF[leaf.field])
            return _word(leaf, languages)


def word_typed(text: str) -> Word:
    """Return the Word a bare word of a query stands for: exact when it is in capitals."""
    return Word(text, exact=is_capital(text))


def _word(word: Word, languages: Sequence[str]) -> Lookup:
    if word.exact or word.field == "author":
        return _row(tokens(word.text), word.field)
    text = without_apostrophes(word.text)
    found = tokens(text)
    if len(found) > 1:
        row = _row(found, word.field)
        roots = frozenset(stem(pair, language) for pair in joined_pairs(text) for language in languages or LANGUAGES)
        return Lookup((*row.steps, *_stem_steps(roots, word.field))) if roots and not is_cjk(text) else row
    if not found or is_stop(found[0].lower(), languages):
        return _row(found, word.field)
    roots = _roots(text, found[0], languages)
    more, whole = _english(found[0]) if not languages or "en" in languages else (roots, frozenset())
    stems = _stem_steps(roots | more, word.field)
    if whole:
        stems += tuple((name, (whole,)) for name in ((TITLE_EXACT,) if word.field == "title" else TEXTS_EXACT))
    if word.field == "title":
        return Lookup(stems)
    step = (frozenset(alternatives(found[0])),)
    return Lookup((*stems, (AUTHOR, step), (OUTLET_WORDS, step)))


def _english(found: str) -> tuple[frozenset[str], frozenset[str]]:
    """Other spellings of an English word and the people of a country: stems, and tokens whose stem is another word's.

    `organization` has the stem organ, so that `organisation` finds it as it stands.
    """
    others = other_spellings(found)
    whole = {other for other in others if other[-len("ization") :].count("iz") and "iz" not in stem(other, "en")}
    roots = {stem(other, "en") for other in (*others, *SAME_COUNTRY.get(found, ())) if other not in whole}
    return frozenset(roots), frozenset(whole)


def _row(found: Sequence[str], field: str) -> Lookup:
    if not found:
        return Lookup()
    steps = tuple(frozenset(alternatives(token)) for token in found[:MOST_STEPS])
    return Lookup(tuple((name, steps) for name in FIELDS_OF[field]))


def _phrase(found: Sequence[str], field: str) -> Lookup:
    """A row of tokens, and the rows a text may hold in its place: quotes are often typed without their marks."""
    found = found[:MOST_STEPS]
    if len(found) < 2:
        return _row(found, field)
    readings = [tuple(frozenset(alternatives(token)) for token in reading) for reading in readings_of(found)]
    if len(found) >= _LONG_PHRASE:
        first, *between, last = readings[0]
        readings[0] = (first | _halved_at(found[0], -1), *between, last | _halved_at(found[-1], 0))
    return Lookup(tuple((name, steps) for steps in readings for name in FIELDS_OF[field]))


def readings_of(found: Sequence[str]) -> list[tuple[str, ...]]:
    """Return a row of tokens as it is and with parts joined: `u s troops` also as U.S. troops, `don t` also as don't.

    Bounded: beyond a few places either all are joined or none.
    """
    places = _joints(found)
    if len(places) > 2:
        chosen = [places, *([place] for place in places[: _MOST_READINGS - 2])]
    else:
        chosen = [[place] for place in places] + ([places] if len(places) == 2 else [])
    rows: dict[tuple[str, ...], None] = {tuple(found): None}
    for some in chosen:
        row = list(found)
        for start, end, joined in reversed(some):
            row[start:end] = [joined]
        rows[tuple(row)] = None
    return list(rows)


def _joints(found: Sequence[str]) -> list[tuple[int, int, str]]:
    """Where parts stand that may be one token in a text: from, to, and that token; none overlap."""
    places: list[tuple[int, int, str]] = []
    at = 0
    while at < len(found):
        end = at
        while end < len(found) and len(found[end]) == 1 and found[end].isalpha() and not is_cjk(found[end]):
            end += 1
        if end - at >= 3 and found[at] in ("a", "i"):
            at += 1  # the word before an acronym: in `a U S court` it is no part of it
        if end - at >= 2:
            places.append((at, end, tokens(".".join(found[at:end]))[0]))
            at = end
            continue
        pair = found[at : at + 2]
        if len(pair) == 2 and (pair[1] in _AFTER_APOSTROPHE or pair[0] in _BEFORE_APOSTROPHE):
            places.append((at, at + 2, "".join(pair).lower()))
            at += 1
        at += 1
    return places


def _halved_at(token: str, side: int) -> frozenset[str]:
    """The names in capitals of which a phrase that was cut out of a text may hold only half: `in the U` of U.S."""
    return frozenset(name.upper() for name in MEANT_IN_LOWER_CASE if len(token) == 1 and name[side] == token)


def _stem_steps(roots: frozenset[str], field: str) -> tuple[tuple[str, Steps], ...]:
    return tuple((name, (roots,)) for name in ((TITLE,) if field == "title" else (TITLE, TEXT)))


def _roots(text: str, found: str, languages: Sequence[str]) -> frozenset[str]:
    """The distinct stems of a word. Where a capital name is meant (us, usa), its stem is the name's own."""
    roots = {root for language in languages or tuple(LANGUAGES) for root in analyse(text, language).stems}
    forms = alternatives(found)
    if len(forms) > 1 or not roots:
        roots.update(form.lower() for form in forms)
    return frozenset(roots)
