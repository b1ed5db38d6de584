"""Text into words: tokens, folding, stems. One meaning for all engines, for queries and for marks in snippets.

Every text is read twice:

* **Exact tokens**, one per word with its position: NFKC, lower case, accents of Latin and Greek letters and vowel marks
  of Arabic, Persian and Hebrew dropped, ё read as е. Hyphens and dashes separate (`Mazar-i-Sharif` is three tokens,
  side by side); an apostrophe joins (`Qur'an` is `quran`) except before a possessive s and after an elision (`l'Iran`).
  The words of a short list, `CAPITALS`, mean one thing in capitals and another without: `US`, `IT`, `WHO`. For these
  the token keeps its capitals: a text's `US` and `U.S.` are the token `US`, its `us` is the token `us`; `USA` is the
  token `US` too. So a phrase goes through: "US troops" finds `U.S. troops`. Asked for in capitals, only the capitals
  match; quoted without (`"us"`), both do (`alternatives`). All other words are the same in any case. In a text or a
  query that is in capitals throughout, capitals say nothing and only dotted ones keep them.
* **Stems**, a bag without positions: Snowball in the text's language (`languages`), then accents folded. Stop words of
  the language are left out; a pair joined by a hyphen adds its joined form (`cease-fire` is found by `ceasefire`).

Chinese, Japanese and Korean runs become pairs of neighbouring characters, both as tokens and as stems.
Not in here: what a query leaf means in these words (`lookups`), and anything about an engine.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import cast

import snowballstemmer

from index.search.languages import CAPITALS, CONTENT_WORDS, ELISIONS, LANGUAGES, MEANT_IN_LOWER_CASE, language_of

MAX_TOKEN_CHARS = 64
_REMEMBERED_CHARS = 40
_FIRST, _SECOND = itemgetter(0), itemgetter(1)

Read = tuple[tuple[str, ...], tuple[str, ...]]


SAME_IN_CAPITALS = {"USA": "US"}

_CJK = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"
)
# Combining marks that are part of a word: Latin, Indic, Thai; not the stops among them (danda and its like).
_MARKS = "\u0300-\u036f\u0900-\u0963\u0966-\u096f\u0971-\u0e4e\u0e50-\u0e59\u0e5c-\u0e7f"
_LETTER = rf"(?:[^\W_{_CJK}][{_MARKS}]*)"
_PIECE = re.compile(
    rf"(?P<dotted>(?<![\w.'])[^\W\d_{_CJK}](?:\.[^\W\d_{_CJK}])+(?![\w']))\.?"
    rf"|(?P<word>{_LETTER}+(?:'{_LETTER}+)*)"
    rf"|(?P<run>[{_CJK}]+)"
)
_PAIR = re.compile(rf"(?<![\w.'-])({_LETTER}{{1,24}})-({_LETTER}{{1,24}})(?!['.]?\w|-)")

# Apostrophes of all kinds become one; vowel marks and invisible characters go.
_APOSTROPHES = "’‘ʼʻ`´′＇ʹ"
_DROPPED = (
    *(0x00AD, 0x0640, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060),
    *(*range(0x0591, 0x05BE), 0x05BF, 0x05C1, 0x05C2, 0x05C7, *range(0x064B, 0x0660), 0x0670),
)
_CLEAN: dict[int, str | None] = {
    **dict.fromkeys(map(ord, _APOSTROPHES), "'"),
    **dict.fromkeys(_DROPPED, None),
    **{zero + digit: str(digit) for zero in (0x0660, 0x06F0) for digit in range(10)},
    ord("ё"): "е",
    ord("Ё"): "Е",
}
_PLAIN = dict(zip("øœæđłðıħςأإآٱىيئكؤةۀ", list("oœædlðihσاااایییکوهه"), strict=True)) | {
    "æ": "ae",
    "œ": "oe",
    "ð": "d",
    "þ": "th",
    "ß": "ss",
}
_LETTERS = str.maketrans(_PLAIN)
_AROUND = ".,;:!?\"'()[]“”‘’»«"
_ACCENTS = dict.fromkeys(range(0x300, 0x370))


@dataclass(frozen=True, slots=True)
class Words:
    """A text in words: `exact` tokens in their order, `stems` as a bag (repeated as often as they occur)."""

    exact: list[str]
    stems: list[str]


def analyse(text: str, language: str) -> Words:
    """Read a text of `language` (an ISO code; "" is taken for English) into exact tokens and stems.

    About 0.3 ms for 500 words once its words were met before: chunks between white space are remembered, boundedly.
    """
    code, shouted = _code(language), is_shouted(text)
    remembered = _reader(code, shouted)
    chunks = text.split()
    if max(map(len, chunks), default=0) <= _REMEMBERED_CHARS:
        read = list(map(remembered, chunks))
    else:
        read = [
            remembered(chunk) if len(chunk) <= _REMEMBERED_CHARS else _read(chunk, code, shouted) for chunk in chunks
        ]
    return Words([*chain.from_iterable(map(_FIRST, read))], [*chain.from_iterable(map(_SECOND, read))])


def reader_of(text: str, language: str) -> Callable[[str], tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return what reads one chunk of `text` (a stretch without white space) into its exact tokens and its stems.

    For those who must know where a token stands; all chunks together give what `analyse` gives.
    """
    code, shouted = _code(language), is_shouted(text)
    remembered = _reader(code, shouted)
    return lambda chunk: remembered(chunk) if len(chunk) <= _REMEMBERED_CHARS else _read(chunk, code, shouted)


def tokens(text: str) -> list[str]:
    """Return the exact tokens of a text in their order."""
    return analyse(text, "-").exact


def stem(word: str, language: str) -> str:
    """Return the stem of one word (lower case or not) in `language`, folded; the folded word where nothing stems it."""
    return _stem(_clean(word).lower(), _code(language))


def fold(word: str) -> str:
    """Return a word without case, accents and letter variants."""
    return _fold(_clean(word).lower())


def joined_pairs(text: str) -> list[str]:
    """Return what stands on both sides of a single hyphen as one lower-case word: `cease-fire` as ceasefire."""
    joined = ("".join(found.groups()) for found in _PAIR.finditer(_clean(text).lower()))
    return [word for word in joined if not word.isdigit()]


def without_apostrophes(word: str) -> str:
    """Return a word without its elision and its possessive s: `l'Iran` and `Iran's` are `Iran`."""
    head, mark, tail = _clean(word).partition("'")
    if mark and head.lower() in ELISIONS:
        return tail
    return head if mark and tail in ("s", "S", "") else word


def is_capital(word: str) -> bool:
    """Say whether a word of two letters or more is in capitals throughout, dots allowed: `US`, `U.S.`, `НАТО`."""
    return word.isupper() and sum(map(str.isalpha, word)) >= 2 and word == word.upper() and word != word.lower()


def is_shouted(text: str) -> bool:
    """Say whether a text is in capitals throughout and not just a few short names: then capitals say nothing."""
    if not text.isupper():
        return False
    words = text.split()
    return len(words) > 3 or any(sum(map(str.isalpha, word)) > 5 for word in words)


def alternatives(token: str) -> tuple[str, ...]:
    """Return the exact tokens that answer a query token: a lower-case one is met by its capitals too."""
    if token in CAPITALS:
        return (token, token.upper())
    same = SAME_IN_CAPITALS.get(token.upper())
    return (token,) if same is None or same == token else (token, same)


def is_stop(token: str, languages: Iterable[str] = ()) -> bool:
    """Say whether a folded token says nothing in one of `languages` (empty: in any of the twenty)."""
    if token in CONTENT_WORDS:
        return False
    codes = [_code(language) for language in languages] or list(LANGUAGES)
    return any(token in _stop_words(code) for code in codes)


def is_cjk(text: str) -> bool:
    """Say whether a text has a Chinese, Japanese or Korean character."""
    return _CJK_RUN.search(text) is not None


_CJK_RUN = re.compile(f"[{_CJK}]")


def _code(language: str) -> str:
    known = language_of(language)
    return known.code if known is not None else "-"


@lru_cache(maxsize=32)
def _stop_words(code: str) -> frozenset[str]:
    """The stop words of a language, folded as tokens are."""
    if code not in LANGUAGES:
        return frozenset()
    return frozenset(_fold(word) for word in LANGUAGES[code].stop) - MEANT_IN_LOWER_CASE


@lru_cache(maxsize=64)
def _reader(code: str, shouted: bool) -> Callable[[str], Read]:
    """`_read` for one language with a bounded memory of its own: nine of ten chunks of news were met before."""
    return lru_cache(maxsize=1 << 17)(lambda chunk: _read(chunk, code, shouted))


def _read(chunk: str, code: str, shouted: bool) -> Read:
    """Read what stands between two white spaces."""
    core = chunk.strip(_AROUND)
    if core.isascii() and core.isalpha() and len(core) < len(chunk):
        return _reader(code, shouted)(core)
    clean = _clean(chunk)
    exact: list[str] = []
    stems: list[str] = []
    for found in _PIECE.finditer(clean):
        piece = found.group(found.lastgroup or 0)
        if found.lastgroup == "run":
            pairs = [piece[at : at + 2] for at in range(max(1, len(piece) - 1))]
            exact += pairs
            stems += pairs
        elif found.lastgroup == "dotted":
            _add_word(piece.replace(".", "").upper(), code, exact, stems, in_capitals=True)
        else:
            for part in _apart(piece, code) if "'" in piece else (piece,):
                _add_word(part, code, exact, stems, in_capitals=not shouted and part.isalpha() and is_capital(part))
    if "-" in clean:
        stems += [_stem(pair, code) for pair in joined_pairs(clean)]
    return tuple(exact), tuple(stems)


def _add_word(part: str, code: str, exact: list[str], stems: list[str], *, in_capitals: bool) -> None:
    word = SAME_IN_CAPITALS.get(part, part)
    lower = word.lower()
    folded = _fold(lower)[:MAX_TOKEN_CHARS]
    if word != part or (in_capitals and folded in CAPITALS):
        exact.append(folded.upper())
        stems.append(folded)
        return
    exact.append(folded)
    if folded not in _stop_words(code) and folded not in MEANT_IN_LOWER_CASE:
        stems.append(_stem(lower, code))


def _apart(piece: str, code: str) -> list[str]:
    """Split a word at its apostrophes where they separate, join it where they do not."""
    parts = piece.split("'")
    words: list[str] = []
    while len(parts) > 1 and parts[0].lower() in ELISIONS:
        words.append(parts.pop(0))
    if code == "tr":
        return [*words, parts[0]]
    if len(parts) > 1 and parts[-1] in ("s", "S"):
        return [*words, "".join(parts[:-1]), parts[-1]]
    return [*words, "".join(parts)]


def _clean(text: str) -> str:
    if text.isascii():
        return text.replace("`", "'")
    return unicodedata.normalize("NFKC", text).translate(_CLEAN)


@lru_cache(maxsize=1 << 16)
def _stem(word: str, code: str) -> str:
    # A Snowball stemmer keeps its word in itself: one for each word, so that threads cannot mix theirs.
    name = LANGUAGES[code].stemmer if code in LANGUAGES else ""
    if not name or len(word) > MAX_TOKEN_CHARS or not word.isalpha():
        return _fold(word)[:MAX_TOKEN_CHARS]
    return _fold(cast("str", snowballstemmer.stemmer(name).stemWord(word)))


@lru_cache(maxsize=1 << 16)
def _fold(word: str) -> str:
    if word.isascii():
        return word
    plain = word.translate(_LETTERS)
    if all("\u0400" <= char < "\u1e00" or char > "\u2000" for char in plain):
        return plain
    # Marks of Latin and Greek letters go; those of Cyrillic, Kana and others make other letters and stay.
    return "".join(
        char
        if "\u0400" <= char < "\u1e00" or char > "\u2000"
        else unicodedata.normalize("NFD", char).translate(_ACCENTS)
        for char in plain
    )
