"""Excerpts of an article's text with the words of a query marked, as HTML that holds nothing but <mark>. Pure.

Made from the text of the database when a page is answered, never stored. What is marked is decided by `lookups` and
`analysis`, so a mark is what the engine matched: stems, exact words, rows of words, beginnings.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from index.search.analysis import fold, is_cjk, reader_of
from index.search.fields import AUTHOR, OUTLET_WORDS, TEXT, TEXT_EXACT, TITLE, TITLE_EXACT
from index.search.lookups import lookup_of
from index.search.query import Node, Phrase, Prefix, Word, walk

MOST_CHARS = 60_000
"""Characters of a text that are looked through; a longer text still shows its best place among these."""

_CHUNK = re.compile(r"\S+")
_ENDS = (".", "!", "?", "…", "。", "؟", ".”", ".»", '."')
Span = tuple[int, int, int]  # start, end, number of the leaf


@dataclass(slots=True)
class _Wanted:
    """What to look for: single tokens and stems to the number of their leaf, rows of exact tokens, CJK runs."""

    stems: dict[str, int] = field(default_factory=dict)
    exact: dict[str, int] = field(default_factory=dict)
    rows: list[tuple[tuple[frozenset[str], ...], int]] = field(default_factory=list)
    beginnings: list[tuple[str, int]] = field(default_factory=list)
    runs: list[tuple[str, int]] = field(default_factory=list)


def snippet_html(text: str, root: Node | None, language: str, *, length: int = 240) -> str:
    """Return about `length` characters around the place with most different words of the query, escaped and marked.

    Without a match (a filter, a title hit) the beginning of the text.
    """
    flat = " ".join(text[:MOST_CHARS].split())
    spans = _spans(flat, root, language)
    start, end = _window(flat, spans, length)
    before = "… " if start > 0 else ""
    after = " …" if end < len(flat) else ""
    return before + _marked(flat, spans, start, end) + after


def marked_html(text: str, root: Node | None, language: str) -> str:
    """Return a whole short text (a title) escaped, with the words of the query marked."""
    spans = _spans(text[:MOST_CHARS], root, language)
    return _marked(text, spans, 0, len(text))


def _wanted(root: Node | None, language: str) -> _Wanted:
    wanted = _Wanted()
    languages = (language,) if language else ()
    for number, node in enumerate(walk(root, excluded=False)):
        if not isinstance(node, Word | Phrase | Prefix) or node.field == "author":
            continue
        typed = " ".join(node.words) if isinstance(node, Phrase) else node.text
        if is_cjk(typed):
            wanted.runs.append((typed, number))
            continue
        lookup = lookup_of(node, languages)
        if lookup.beginning:
            wanted.beginnings.append((lookup.beginning, number))
        for name, steps in lookup.steps:
            if name in (AUTHOR, OUTLET_WORDS):
                continue
            if name in (TEXT, TITLE):
                wanted.stems.update(dict.fromkeys(steps[0], number))
            elif name in (TEXT_EXACT, TITLE_EXACT) and len(steps) == 1:
                wanted.exact.update(dict.fromkeys(steps[0], number))
            else:
                wanted.rows.append((steps, number))
    return wanted


def _spans(text: str, root: Node | None, language: str) -> list[Span]:
    """Where the text has words of the query, in order, not overlapping."""
    wanted = _wanted(root, language)
    read = reader_of(text, language)
    found: list[Span] = []
    # Each distinct word is judged once, and only those that match are looked for: most of a text is passed over in C.
    chunks = set(text.split())
    if not wanted.rows and (begins := _beginnings(wanted, language)) is not None:
        chunks = {chunk for chunk in chunks if begins(chunk)}
    words = {chunk: read(chunk) for chunk in chunks}
    judged = {chunk: number for chunk, both in words.items() if (number := _number_of(*both, wanted)) is not None}
    if judged:
        either = "|".join(re.escape(chunk) for chunk in sorted(judged, key=len, reverse=True))
        found += [
            (*_core(match.group(), match.start()), judged[match.group()])
            for match in re.finditer(rf"(?<!\S)(?:{either})(?!\S)", text)
        ]
    held = {token for exact, _ in words.values() for token in exact} if wanted.rows else set()
    rows = [(steps, number) for steps, number in wanted.rows if all(step & held for step in steps)]
    if rows:
        row = [
            (token, *_core(match.group(), match.start()))
            for match in _CHUNK.finditer(text)
            for token in words[match.group()][0]
        ]
        for steps, number in rows:
            found += _of_row(row, steps, number)
    for run, number in wanted.runs:
        found += [(at.start(), at.end(), number) for at in re.finditer(re.escape(run), text)]
    return _apart(found)


def _beginnings(wanted: _Wanted, language: str) -> Callable[[str], object] | None:
    """What says whether a chunk may hold a word of the query, by its first two letters; None where they tell nothing.

    English stems keep them, but for `tying` and its like, whose stem is tie. Apostrophes join words and dots leave them
    out, so chunks with either are always read.
    """
    if language not in ("en", ""):
        return None
    begins = {token[:2].lower() for token in (*wanted.stems, *wanted.exact, *(one for one, _ in wanted.beginnings))}
    if not all(begin.isascii() for begin in begins):
        return None
    either = "|".join(
        f"{re.escape(begin[:1])}{'[iy]' if begin[1:] == 'i' else re.escape(begin[1:])}" for begin in begins
    )
    return re.compile(rf"(?<![a-z0-9])(?:{either})|[^\x00-\x7f]|[.'`_]\w" if either else r"[^\x00-\x7f]", re.I).search


def _number_of(exact: Sequence[str], stems: Sequence[str], wanted: _Wanted) -> int | None:
    for token in exact:
        if token in wanted.exact:
            return wanted.exact[token]
        for beginning, number in wanted.beginnings:
            if token.startswith(beginning) or fold(token).startswith(beginning):
                return number
    return next((wanted.stems[root] for root in stems if root in wanted.stems), None)


def _of_row(row: Sequence[tuple[str, int, int]], steps: Sequence[frozenset[str]], number: int) -> list[Span]:
    size = len(steps)
    return [
        (row[at][1], row[at + size - 1][2], number)
        for at in range(len(row) - size + 1)
        if row[at][0] in steps[0] and all(row[at + step][0] in steps[step] for step in range(1, size))
    ]


def _core(chunk: str, start: int) -> tuple[int, int]:
    """Where a chunk's word is without the punctuation around it."""
    head = next((at for at, char in enumerate(chunk) if char.isalnum()), 0)
    tail = next((at for at, char in enumerate(reversed(chunk)) if char.isalnum()), 0)
    return start + head, start + len(chunk) - tail


def _apart(found: Iterable[Span]) -> list[Span]:
    """In order; of spans that overlap the longer."""
    kept: list[Span] = []
    for span in sorted(found, key=lambda span: (span[0], -span[1])):
        if kept and span[0] < kept[-1][1]:
            continue
        kept.append(span)
    return kept


def _window(text: str, spans: Sequence[Span], length: int) -> tuple[int, int]:
    """The stretch with most different leaves, then most marks, then the earliest; from a sentence's or word's begin."""
    if len(text) <= length:
        return 0, len(text)
    best, best_worth = 0, (0, 0)
    last = 0
    for first, span in enumerate(spans):
        last = max(last, first)
        while last < len(spans) and spans[last][1] <= span[0] + length:
            last += 1
        inside = spans[first:last]
        worth = (len({number for _, _, number in inside}), len(inside))
        if worth > best_worth:
            best, best_worth = span[0], worth
    start = _begin(text, best, length)
    end = min(len(text), start + length)
    if end < len(text):
        space = text.rfind(" ", start + length // 2, end)
        end = space if space > 0 else end
    return start, end


def _begin(text: str, at: int, length: int) -> int:
    """The begin of the sentence that holds `at` if it is near, else a word's begin a little before."""
    if at < length // 3:
        return 0
    near = text[at - length // 3 : at]
    ends = [near.rfind(f"{end} ") + len(end) + 1 for end in _ENDS if near.rfind(f"{end} ") >= 0]
    if ends:
        return at - len(near) + max(ends)
    space = near.rfind(" ", 0, length // 6)
    return at - len(near) + space + 1 if space >= 0 else at


def _marked(text: str, spans: Sequence[Span], start: int, end: int) -> str:
    parts: list[str] = []
    at = start
    for first, last, _ in spans:
        if first < at or last > end:
            continue
        parts += [html.escape(text[at:first]), "<mark>", html.escape(text[first:last]), "</mark>"]
        at = last
    return "".join([*parts, html.escape(text[at:end])])


def plain_of(snippet: str) -> str:
    """Return a snippet without its marks, for a terminal."""
    return html.unescape(snippet.replace("<mark>", "").replace("</mark>", ""))
