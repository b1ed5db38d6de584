"""Lines of text: what a line without its place in the page still shows, and how texts are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

MAX_HTML_CHARS = 4_000_000
"""A page over this is cut before the body is looked for; metadata is read from the whole of it."""

LINE_CHARS = 160
"""A longer line is never furniture."""

_TIME_LINE = re.compile(
    r"^(?:(?:published|updated|last updated|posted|publié|mis à jour|aktualisiert|stand|veröffentlicht)\b.{0,60}"
    r"|\d{1,2}[:.]\d{2}(?:\s*[ap]m)?|\d{1,2}\s+\w+\s+\d{4}.{0,20}|\w+\s+\d{1,2},\s+\d{4}.{0,20}"
    r"|\d+\s+(?:min|minutes?)\s+(?:read|de lecture).*)$",
    re.IGNORECASE,
)
_PROMPT = re.compile(
    r"^(?:read (?:more|also|next)|see also|also read|more on this|related(?: (?:stories|articles|content))?|"
    r"advertisement|"
    r"recommended(?: stories)?|sign up|subscribe|newsletter|share(?: this)?(?: article)?|follow us|click here|"
    r"lire aussi|à lire aussi|il vous reste|"
    r"lesen sie auch|mehr zum thema|lea también|leia também|leggi anche|lees ook|les også|"
    r"läs också|"
    r"читайте также|関連記事|story continues below|continue reading|skip to)\b.{0,120}$",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(r"^(?:©|\(c\)|copyright\b).{0,200}$", re.IGNORECASE)


def paragraphs_in(text: str) -> list[str]:
    """Return the non-empty lines of a text, white space folded."""
    return [line for raw in text.split("\n") if (line := " ".join(raw.split()).removeprefix("- ").strip())]


def filtered(paragraphs: Sequence[str], *, title: str, authors: Sequence[str]) -> list[str]:
    """Drop the lines that are the page's furniture: headline, byline, time stamp, "read also" and the like.

    Lines at the edges are judged more strictly than those between; a long line is never dropped.
    """
    heading = folded(title)
    names = {folded(name) for name in authors}
    kept: list[str] = []
    for number, line in enumerate(paragraphs):
        plain = folded(line)
        if not plain:
            continue
        if plain == heading and heading:
            continue
        if kept and line == kept[-1]:
            continue
        if len(line) <= LINE_CHARS and _is_byline(plain, names):
            continue
        if is_furniture_line(line, number=number):
            continue
        kept.append(line)
    return kept


def is_furniture_line(line: str, *, number: int) -> bool:
    """Say whether a short line is a prompt, a copyright notice or, among the first six, a time stamp."""
    if len(line) > LINE_CHARS:
        return False
    return bool(_PROMPT.match(line) or _COPYRIGHT.match(line) or (number < 6 and _TIME_LINE.match(line)))


def _is_byline(plain: str, names: set[str]) -> bool:
    bare = re.sub(r"^(?:by|von|par|por|di|door|av|af)\s+", "", plain)
    if bare in names:
        return True
    return bool(names) and all(part in names for part in re.split(r"\s+(?:and|und|et|y|e|og|och)\s+", bare))


def folded(text: str) -> str:
    """Fold a text for comparison: compatibility forms, case, quotes, white space, no punctuation at the ends."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = plain.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2013: "-", 0x2014: "-"})
    return " ".join(plain.split()).strip(" .:!?\"'-")
