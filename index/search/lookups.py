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
from index.search.fields import AUTHOR, OUTLET_WORDS, TEXT, TEXT_EXACT, TITLE, TITLE_EXACT
from index.search.languages import LANGUAGES
from index.search.query import Leaf, Phrase, Prefix, Word

Steps = tuple[frozenset[str], ...]
EXACT_FIELDS = (TITLE_EXACT, TEXT_EXACT, AUTHOR, OUTLET_WORDS)
FIELDS_OF = {"": EXACT_FIELDS, "title": (TITLE_EXACT,), "author": (AUTHOR,)}


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
            return _row(tokens(" ".join(leaf.words)), leaf.field)
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
    if word.field == "title":
        return Lookup(_stem_steps(roots, word.field))
    step = (frozenset(alternatives(found[0])),)
    return Lookup((*_stem_steps(roots, ""), (AUTHOR, step), (OUTLET_WORDS, step)))


def _row(found: Sequence[str], field: str) -> Lookup:
    if not found:
        return Lookup()
    steps = tuple(frozenset(alternatives(token)) for token in found)
    return Lookup(tuple((name, steps) for name in FIELDS_OF[field]))


def _stem_steps(roots: frozenset[str], field: str) -> tuple[tuple[str, Steps], ...]:
    return tuple((name, (roots,)) for name in ((TITLE,) if field == "title" else (TITLE, TEXT)))


def _roots(text: str, found: str, languages: Sequence[str]) -> frozenset[str]:
    """The distinct stems of a word. Where a capital name is meant (us, usa), its stem is the name's own."""
    roots = {root for language in languages or tuple(LANGUAGES) for root in analyse(text, language).stems}
    forms = alternatives(found)
    if len(forms) > 1 or not roots:
        roots.update(form.lower() for form in forms)
    return frozenset(roots)
