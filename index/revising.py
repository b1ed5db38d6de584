"""Whether an outlet edited an article between two states of it. Pure.

What a reader would not call an edit makes no revision: punctuation, white space, capitals, dashes and quotation marks
of another style, and lines of the page (see page_lines.py). A word, a digit, a sign of money or percent, a question
mark, a name is one.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from index.page_lines import without_page_lines

NO_LABELS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class State:
    """What a reader sees of an article at one time. `text` is paragraphs joined by a blank line."""

    title: str
    authors: tuple[str, ...]
    text: str


def digest_of(title: str, text: str) -> str:
    """Return the sha256 of title and text with white space folded: equal for the same text at another address."""
    folded = " ".join(title.split()) + "\n\n" + " ".join(text.split())
    return hashlib.sha256(folded.encode("utf-8", "replace")).hexdigest()


def is_edit(old: State, new: State, *, labels: Collection[str] = NO_LABELS) -> bool:
    """Say whether the outlet edited the article from one state to the next.

    `labels` are the words of links that belong to the page (furniture, related lists): a paragraph that is nothing
    but one of them is no text. The order of authors counts for nothing.
    """
    if old == new:
        return False
    if essence(old.title) != essence(new.title):
        return True
    if sorted(map(essence, old.authors)) != sorted(map(essence, new.authors)):
        return True
    known = {essence(label) for label in labels} - {""}
    return _text_essence(old.text, known) != _text_essence(new.text, known)


def paragraphs_of(text: str) -> list[str]:
    """Return the paragraphs of a text, white space folded, those of the page left out."""
    folded = (" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    return without_page_lines(paragraph for paragraph in folded if paragraph)


def essence(text: str) -> str:
    """Return what counts of a text: letters without case, digits, signs that mean something.

    White space and punctuation are left out, so that "co-operate" is "cooperate" and a line break is nothing; between
    digits a break stays, of one kind for marks in a number and of another for what stands between two numbers.
    """
    plain = _DROPPED.sub("", unicodedata.normalize("NFKC", text)).casefold().replace("\u0307", "")
    kept = "".join(_counting(char) for char in plain)
    kept = _IN_NUMBER.sub("\x01", kept)  # 3,000 and 3.000; not 3000, not 3-000
    kept = _BETWEEN_NUMBERS.sub("\x02", kept)
    kept = _SIGN.sub("\x03", kept)  # -5 is not 5
    return _BLANK.sub("", kept)


# Soft hyphens, marks of direction, joiners; Arabic and Hebrew vowel signs and the stretched line.
_DROPPED = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u0640\u064b-\u065f\u0670\u0591-\u05c7]")
_COUNTS = frozenset("%‰§&@#/?")
_DASHES = frozenset("-‐‑‒–—―−")
_MARKS_IN_NUMBER = frozenset(".,:'’·٫٬")
_NOTHING_SAID = frozenset("|`´^¨©®™") | frozenset("•▪►")

_IN_NUMBER = re.compile(r"(?<=\d),(?=\d)")
_BETWEEN_NUMBERS = re.compile(r"(?<=\d)[ ,-]+(?=\d)")
_SIGN = re.compile(r"(?<![^\s,])-(?=\d)")
_BLANK = re.compile(r"[\s,-]+")


@lru_cache(maxsize=4096)
def _counting(char: str) -> str:
    """Return a character that counts, "," for marks inside numbers, "-" for dashes and " " for all that does not."""
    if char.isalnum() or char in _COUNTS:
        return char
    if char == "؟":
        return "?"
    if char in _DASHES:
        return "-"
    if char in _MARKS_IN_NUMBER:
        return ","
    kind = unicodedata.category(char)
    if kind[0] in "PZC" or char in _NOTHING_SAID:
        return " "
    return char  # vowel signs of Indian scripts, money, mathematics


def _text_essence(text: str, labels: Collection[str]) -> str:
    found = (essence(paragraph) for paragraph in paragraphs_of(text))
    return "".join(part for part in found if part not in labels)  # how paragraphs are cut is white space
