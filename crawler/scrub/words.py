"""Word for word into filler: the same word always becomes the same filler, in its script, case and about its length.

So whatever was equal on the page (headline and og:title, byline and JSON-LD author) is equal afterwards. Several words
become one, so it cannot be turned back.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from crawler.scrub.vocabulary import CHARACTERS, NAMES, SCRIPT_LANGUAGES, VOCABULARY

_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u0900-\u0903"
    "\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09d7\u0a01-\u0a03\u0a3c-\u0a51\u0a81-\u0a83\u0abc-\u0acd"
    "\u0b01-\u0b03\u0b3c-\u0b57\u0b82\u0bbe-\u0bcd\u0c00-\u0c04\u0c3e-\u0c56\u0c81-\u0c83\u0cbc-\u0cd6\u0d00-\u0d03"
    "\u0d3b-\u0d4d\u0d81-\u0d83\u0dca-\u0ddf\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u200c\u200d"
)
WORD = re.compile(rf"(?:[^\W\d_][{_MARKS}]*)+")

_NAME_JOINTS = "by von par por di door av af от автор oleh przez and und et y e og och en"
KEPT_WORDS = frozenset(_NAME_JOINTS.split())
"""What stands before and between names: kept everywhere, so that a byline still splits into the same names."""

_SCRIPTS = (
    ("latin", "\u0041", "\u024f"), ("greek", "\u0370", "\u03ff"), ("cyrillic", "\u0400", "\u052f"),
    ("hebrew", "\u0590", "\u05ff"), ("arabic", "\u0600", "\u06ff"), ("arabic", "\u0750", "\u077f"),
    ("devanagari", "\u0900", "\u097f"), ("thai", "\u0e00", "\u0e7f"), ("hangul", "\u1100", "\u11ff"),
    ("latin", "\u1e00", "\u1eff"), ("greek", "\u1f00", "\u1fff"), ("hiragana", "\u3040", "\u309f"),
    ("katakana", "\u30a0", "\u30ff"), ("han", "\u3400", "\u9fff"), ("hangul", "\uac00", "\ud7af"),
    ("arabic", "\ufb50", "\ufeff"),
)  # fmt: skip
_GLUED = re.compile(r"(?<=[a-zà-öø-ÿа-я])(?=[A-ZÀ-ÖØ-ÞА-Я])")
LONGEST = 14
FEWEST = 4
"""Words a length must have to choose from; else its neighbours are taken in."""


class Words:
    """One page's substitution. `language` is that of its text, `names` the words of persons' names on it.

    `salt` chooses among substitutions: another one helps where two names of a page became one.
    """

    def __init__(self, language: str, *, names: Iterable[str] = (), salt: int = 0) -> None:
        """Deal out the invented names first: no two name words of a page become one while there are enough."""
        self.language = language
        self.salt = salt
        self._known: dict[str, str] = {}
        taken: set[str] = set()
        for name in sorted({folded_word(name) for name in names if len(name) > 1}):
            choice = NAMES.get(script_of(name), "").split()
            if not choice:
                continue
            start = self._number(f"name {name}", len(choice))
            ring = [*choice[start:], *choice[:start]]
            chosen = next((one for one in ring if one not in taken and folded_word(one) != name), ring[0])
            taken.add(chosen)
            self._known[name] = chosen.lower()

    def word(self, word: str) -> str:
        """Return the filler of one word, in the case it is written in."""
        if word.casefold() in KEPT_WORDS:
            return word
        if len(word) == 1 and script_of(word) in SCRIPT_LANGUAGES:
            return word
        key = folded_word(word)
        filler = self._known.get(key)
        if filler is None and _GLUED.search(word):
            # Paragraphs run together ("the endThe next") are the same words as apart.
            return "".join(self.word(part) for part in _GLUED.split(word))
        if filler is None:
            filler = self._known[key] = self._filler(key)
        return _in_case_of(word, filler)

    def number(self, digits: str) -> str:
        """Return other digits, as many, without a new zero in front."""
        first = str(1 + self._number(f"first {digits}", 9)) if digits[0] != "0" else "0"
        rest = "".join(str(self._number(f"digit {place} {digits}", 10)) for place in range(1, len(digits)))
        return first + rest

    def token(self, token: str) -> str:
        """Return an opaque mark (a hash, a video's id) of the same length and kinds of signs."""
        signs = []
        for place, sign in enumerate(token):
            if sign.isdigit():
                signs.append(str(self._number(f"{place} {token}", 10)))
            elif sign.isascii() and sign.isalpha():
                letter = chr(ord("a") + self._number(f"{place} {token}", 26))
                signs.append(letter.upper() if sign.isupper() else letter)
            else:
                signs.append(sign)
        return "".join(signs)

    def _filler(self, key: str) -> str:
        script = script_of(key)
        if script not in SCRIPT_LANGUAGES:
            return "".join(self._sign(sign, place) for place, sign in enumerate(key))
        language = self.language if _script_of_language(self.language) == script else SCRIPT_LANGUAGES[script]
        if len(key) > LONGEST:
            half = len(key) // 2
            return self._filler(key[:half]) + self._filler(key[half:])
        choice = [one for one in _of_length(language, len(key)) if folded_word(one) != key]
        return choice[self._number(key, len(choice))]

    def _sign(self, sign: str, place: int) -> str:
        """A sign of the same script; of a script we hold no signs of, another letter near it."""
        listed = CHARACTERS.get(script_of(sign)) or _letters_near(ord(sign))
        choice = [one for one in listed if one != sign]
        if not choice or not sign.isalpha():
            return sign
        return choice[self._number(f"sign {sign}", len(choice))]

    def _number(self, text: str, below: int) -> int:
        digest = hashlib.blake2s(f"{self.salt} {text}".encode("utf-8", "replace"), digest_size=4).digest()
        return int.from_bytes(digest, "big") % below


def script_of(text: str) -> str:
    """Return the script of a word's first sign, "other" for those not listed."""
    first = text[0]
    return next((name for name, low, high in _SCRIPTS if low <= first <= high), "other")


def folded_word(word: str) -> str:
    """Return a word without case and Latin accents, as it stands in the address made from a headline."""
    plain = unicodedata.normalize("NFKC", word).casefold()
    return ascii_letters(plain) if script_of(plain or "a") == "latin" else plain


def ascii_letters(text: str) -> str:
    """Return a text with its Latin accents taken off; what has no plain form stays."""
    apart = unicodedata.normalize("NFKD", text.translate({0x131: "i", 0xF8: "o", 0xE6: "ae", 0x142: "l", 0x111: "d"}))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


@cache
def _of_length(language: str, length: int) -> tuple[str, ...]:
    """The words of a language nearest to a length, at least FEWEST of them."""
    words = dict.fromkeys(word for word in VOCABULARY[language].split() if len(word) > 1)
    for reach in range(LONGEST):
        near = tuple(word for word in words if abs(len(word) - length) <= reach)
        if len(near) >= FEWEST:
            return near
    return tuple(words)


@cache
def _script_of_language(language: str) -> str:
    return script_of(VOCABULARY[language]) if language in VOCABULARY else ""


@cache
def _letters_near(code: int) -> str:
    """The letters without case of the block of 128 signs a sign stands in."""
    start = code & ~0x7F
    return "".join(chr(one) for one in range(start, start + 128) if unicodedata.category(chr(one)) == "Lo")


def _in_case_of(word: str, filler: str) -> str:
    if word.isupper() and len(word) > 1:
        return filler.upper()
    return filler[:1].upper() + filler[1:] if word[:1].isupper() else filler
