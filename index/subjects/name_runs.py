"""Names among words: runs of capital words with their particles, and the titles before them. Pure.

A name here is what is written like one; whether a person or a body bears it is told by the words around.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from index.subjects.quote_marks import MASK, STOP_MASK
from index.subjects.reporting import Reporting
from index.subjects.sentences import ABBREVIATIONS, word_set

_TOKEN = re.compile(rf"[^\s\u2014\u2013{MASK}{STOP_MASK}]+")
_CUTS = f"\u2014\u2013{MASK}{STOP_MASK}"
_CUT = re.compile(f"[{_CUTS}]")
_PARTICLES = word_set("de la le von van bin ibn al el da dos du di del della y e ben abu zu ter of d'")
_ARTICLES = frozenset({"der", "den", "dem", "la", "las", "los"})
_AROUND_LEFT = "([{<•·\"'“”„«‘’*•-"
_AROUND_RIGHT = ".,;:!?)]}>\"'“”»’…*،؛"
_POSSESSIVE = re.compile(r"['’]s?$")
LONGEST_NAME = 8
_COMPANY = frozenset({"inc", "corp", "co", "ltd", "plc", "llc", "group", "p", "sons"})


@dataclass(slots=True)
class Token:
    """A word between blanks: where it stands, itself without the marks around it, and what is asked of it most.

    Not frozen, for a text has thousands of them and frozen ones take twice as long to make; nobody changes one.
    """

    start: int
    end: int
    written: str
    core: str
    lower: str  # the core in lower case
    is_capital: bool  # written like a name or a part of one
    pauses: bool  # a comma, a stop, a dash or quoted speech follows
    ends: bool  # no name goes on behind it: it pauses, or it is a possessive


def tokens_in(text: str, start: int, end: int) -> list[Token]:
    """Return the words of a stretch; quoted speech and dashes are between them."""
    found = []
    has_cuts = _CUT.search(text, start, end) is not None
    for match in _TOKEN.finditer(text, start, end):
        written = match.group()
        core, lower, is_capital, pauses, is_possessive = _read(written)
        at = match.end()
        if has_cuts and not pauses:
            after = text[at : min(end, at + 3)].lstrip()[:1]
            pauses = bool(after) and after in _CUTS
        found.append(Token(match.start(), at, written, core, lower, is_capital, pauses, pauses or is_possessive))
    return found


@lru_cache(maxsize=1 << 16)
def _read(written: str) -> tuple[str, str, bool, bool, bool]:
    """Return a word's core, that in lower case, and whether it is like a name, pauses by itself, is a possessive."""
    core = written.lstrip(_AROUND_LEFT).rstrip(_AROUND_RIGHT)
    is_possessive = written.endswith(("'s", "’s"))
    if is_possessive:
        core = _POSSESSIVE.sub("", core)
    lower = core.lower()
    last = written.rstrip("\"'”’»“")[-1:]
    if last == ".":
        pauses = not (len(core) == 1 or lower in ABBREVIATIONS or "." in core)
    else:
        pauses = not last or last in ",;:!?)]…،"
    is_capital = bool(core) and core[0].isupper() and any(map(str.isalpha, core))
    return core, lower, is_capital, pauses, is_possessive


def run_before(tokens: Sequence[Token], stop: int, words: Reporting) -> int:
    """Return where the run of capital words that ends right before `stop` begins; `stop` where there is none."""
    at = stop
    while at > 0 and stop - at < LONGEST_NAME:
        token = tokens[at - 1]
        if at < stop and token.ends and not token.written.endswith("."):
            break
        if at < stop and tokens[at].written.startswith("("):
            break
        is_name = token.is_capital and token.lower not in words.no_part_of_names
        if not is_name and not (1 < at < stop and (_joins(tokens, at - 1) or _joins_company(tokens, at, stop))):
            break
        at -= 1
        if at < stop and at > 0 and tokens[at - 1].ends:
            break
    while at < stop and (not tokens[at].is_capital or _is_article(tokens[at], words)):
        at += 1
    return at


def run_after(tokens: Sequence[Token], start: int) -> int:
    """Return where the run of capital words that begins at `start` stops; `start` where there is none."""
    at = start
    while at < len(tokens) and at - start < LONGEST_NAME:
        token = tokens[at]
        if at > start and token.written.startswith("("):
            break
        if token.is_capital:
            at += 1
            if token.ends:
                break
        elif at > start and at + 1 < len(tokens) and _joins(tokens, at):
            at += 1
        else:
            break
    return at


def _joins_company(tokens: Sequence[Token], at: int, stop: int) -> bool:
    """Whether `and` before `at` is inside the name of a firm: Davis Water and Waste Industries Inc."""
    before = tokens[at - 2]
    is_firm = any(token.lower in _COMPANY for token in tokens[at:stop])
    return is_firm and tokens[at - 1].lower in ("and", "&") and before.is_capital and not before.ends


def _joins(tokens: Sequence[Token], at: int) -> bool:
    """Whether the word at `at` joins two parts of one name: Ursula von der Leyen, Bank of England."""
    before = tokens[at - 1]
    if before.ends or tokens[at].ends:
        return False
    if tokens[at].lower in _ARTICLES:
        return before.lower in ("von", "van", "de") and not before.ends
    if tokens[at].lower not in _PARTICLES:
        return False
    if tokens[at].lower in ("von", "van", "de"):
        following = next((token for token in tokens[at + 1 : at + 3] if token.lower not in _ARTICLES), None)
        return before.is_capital and following is not None and following.is_capital
    return before.is_capital and at + 1 < len(tokens) and tokens[at + 1].is_capital


def name_in(run: Sequence[Token], words: Reporting, *, language: str = "en") -> tuple[int, bool]:
    """Return how many words of a run are titles, and whether it names a body. All may be titles."""
    lower = [token.lower for token in run]
    is_body = any(word in words.bodies for word in lower)
    titles = _titles_in(lower, words, language)
    rest = lower[titles:]
    if titles and rest and any(word in words.bodies for word in rest):
        return 0, True
    if titles == len(lower) and is_body:
        return 0, True
    if titles and rest:
        is_body = False
    if not titles and not is_body and len(rest) > 2 and rest[0] in words.not_names | words.peoples:
        titles = 1
    titles += _nouns_before(lower[titles:], language, is_first=not titles, is_body=is_body)
    while 0 < titles < len(lower) and not run[titles].is_capital:
        titles += 1
    return titles, is_body


def _titles_in(lower: Sequence[str], words: Reporting, language: str) -> int:
    """How many words up to the last title there are: `Secretary of State` is three."""
    made_up = lower[0].endswith(("-based", "-in-law")) or "-of-" in lower[0]
    is_noun = len(lower) > 2 and lower[0] in words.persons  # Model Chrissy Teigen
    titles = 1 if is_noun or (len(lower) > 1 and made_up) else 0
    for at, word in enumerate(lower):
        joined = language == "de" and any(word.endswith(title) for title in words.titles if len(title) > 4)
        if word in words.titles or joined or (at and at == titles + 1 and lower[at - 1] == "of"):
            titles = at + 1
    return titles


def _nouns_before(rest: Sequence[str], language: str, *, is_first: bool, is_body: bool) -> int:
    """How many words before a name are no part of it where nouns have capitals, or countries stand before names."""
    if language == "de" and "von" in rest[1:2] and len(rest) > 3 and rest[2] not in _ARTICLES:
        return 2  # Nominierung von Boris Nadeschdin
    if language == "de" and is_first and len(rest) > 2 and not set(rest) & _PARTICLES:
        return len(rest) - 2
    if language in ("ru", "uk") and len(rest) == 3 and not is_body and not rest[1].endswith(("ич", "вна")):
        return 1  # президент России Владимир Путин
    return 0


def written(run: Sequence[Token]) -> str:
    """Return the words of a run as one name, the marks around each but the stops of initials left out."""
    return " ".join(token.core + ("." if _has_stop(token) else "") for token in run if token.core)


def _has_stop(token: Token) -> bool:
    """Whether the full stop behind a word is part of it: J., Jr., U.S."""
    is_short = len(token.core) == 1 or token.lower in ABBREVIATIONS or "." in token.core
    return is_short and token.written.rstrip(",;:").endswith(".")


def _is_article(token: Token, words: Reporting) -> bool:
    return token.lower in words.the or token.lower in words.a or token.lower in words.of
