"""How a word of a gazetteer changes in a sentence: endings, and particles written in front. Data and pure functions.

Words come folded (`index.search.analysis.fold`). A word is kept as its stem; a word of a text is that word when what
is left behind the stem is an ending of its language. Endings of adjectives (`иранский`, `iransk`) are written small.
"""

from __future__ import annotations

from functools import lru_cache

from index.search.analysis import fold

LEAST_STEM = 4
"""Letters a stem has at the least: shorter words are taken as they stand."""

_CASES = {
    "ru": "а я у ю е и ы о й ь ой ей ом ем ем ью ами ями ам ям ах ях ов ев ии ию ией ий ая яя ое ее ые ие ого его ому "
    "ему ым им ых их ую юю",
    "uk": "а я у ю е и і ї є о й ь ою ею єю ом ем єм ові еві ами ями ам ям ах ях ів їв ій ії ією ий ої ої ому ім им их "
    "іх ю",
    "fi": "n a an ta ssa sta on en in un lla lta lle ksi na ia issa ista iin illa ille ilta ina aan een oon i",
    "de": "s",
    "sv": "s",
    "no": "s",
    "da": "s",
    "ar": "ا ی یه ه ین یین یون یا",
    "fa": "ی ها های",
    "tr": "",
}
_ADJECTIVES = {
    "ru": [
        f"{link}ск{end}"
        for link in ("", "й", "ь", "н", "ан", "иан", "ий")
        for end in ["ий", "ая", "ое", "ие", "ого", "ой", "ому", "ую", "им", "ом", "их", "ими"]
    ],
    "uk": [
        f"{link}ськ{end}"
        for link in ("", "й", "н", "ан")
        for end in ["ий", "а", "е", "і", "ого", "ої", "ому", "у", "им", "ій", "ою", "их", "ими"]
    ],
    "fi": [
        f"{link}lai{end}"
        for link in ("", "i")
        for end in ["nen", "sen", "set", "sta", "sia", "sten", "sille", "silta", "sissa", "sessa", "seen", "sten"]
    ],
    "de": [f"{link}isch{end}" for link in ("", "es", "an") for end in ("", "e", "en", "er", "es", "em")],
    "sv": [f"{link}sk{end}" for link in ("", "i") for end in ("", "a", "e", "t")],
    "no": [f"{link}sk{end}" for link in ("", "i") for end in ("", "e")],
    "da": [f"{link}sk{end}" for link in ("", "i") for end in ("", "e")],
}
_SHORTENED = {
    "ru": ("ая", "яя", "ое", "ее", "ые", "ие", "ый", "ой", "ия", *"аяоеиыйь"),
    "uk": ("ий", *"аяоеиіїєйь"),
    "de": ("e", "a"),
    "sv": ("a", "e"),
    "no": ("a", "e"),
    "da": ("a", "e"),
    "ar": ("ا",),
}
_FRONT = {
    # and, so / in, for, like / the; "for the" drops a letter
    "ar": [f"{joins}{to}{the}" for joins in ("", "و", "ف") for to in ("", "ب", "ل", "ک") for the in ("", "ال", "ل")],
    "he": [f"{joins}{that}{to}" for joins in ("", "ו") for that in ("", "ש") for to in ("", "ב", "ל", "מ", "כ", "ה")],
}
_LEAST_BEHIND_FRONT = 3
BEGINS = frozenset({"ko"})
"""Languages that write particles behind a name: every word of a gazetteer is the beginning of a word of the text."""


@lru_cache(maxsize=64)
def endings_of(language: str) -> dict[str, bool]:
    """Return the endings of a language, folded, each with whether the word may then be written small."""
    cases = {fold(ending): False for ending in _CASES.get(language, "").split()}
    return cases | {fold(ending): True for ending in _ADJECTIVES.get(language, ())}


@lru_cache(maxsize=64)
def longest_ending(language: str) -> int:
    """Return the letters of the longest ending."""
    return max(map(len, endings_of(language)), default=0)


def stem_of(word: str, language: str) -> str:
    """Return what of a folded word stays in all its forms; the whole word where nothing else is known."""
    if not endings_of(language):
        return word
    for ending in map(fold, _SHORTENED.get(language, ())):
        if word.endswith(ending) and len(word) - len(ending) >= LEAST_STEM:
            return word.removesuffix(ending)
    return word


def changes(word: str, language: str) -> bool:
    """Say whether a folded word has forms of its own; very short ones are taken as they stand."""
    return bool(endings_of(language)) and len(stem_of(word, language)) >= LEAST_STEM


def without_front(word: str, language: str) -> tuple[str, ...]:
    """Return a folded word of a text, and what it may be without the particles written in front of it."""
    fronts = _FRONT.get(language)
    if fronts is None:
        return (word,)
    rests = (word[len(front) :] for front in fronts if front and word.startswith(front))
    return (word, *dict.fromkeys(rest for rest in rests if len(rest) >= _LEAST_BEHIND_FRONT))


def bare(word: str, language: str) -> str:
    """Return a folded word of a gazetteer without its article, which a text may put others in front of."""
    if language == "ar" and word.startswith("ال") and len(word) > 2 + _LEAST_BEHIND_FRONT:
        return word[2:]
    return word
