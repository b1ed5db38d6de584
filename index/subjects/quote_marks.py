"""Where quoted speech stands in a paragraph: quote marks of all styles, and dialogue behind a dash. Pure, linear.

A quoted word or two, and the title of a work, are no speech: they are left in the text around them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MASK = "\ufffc"  # stands for every character of quoted speech
STOP_MASK = "\ufffb"  # its last one, where the speech ends a sentence
_MARKS = re.compile("[\"“”„‟«»‹›「」『』‘’‚'＂]")
_CLOSERS = {
    '"': '"”“＂',
    "＂": '＂"',
    "“": '”"',
    "‟": '”"',
    "„": '“”"‟',
    "”": '”"',
    "«": "»",
    "»": "«",
    "‹": "›",
    "「": "」",
    "『": "』",
    "‘": "’'",
    "'": "'’",
    "‚": "‘’'",
}
_SINGLE = "‘'‚"
_OPENS_BEFORE = " \t\u00a0\u202f([{—–-:;,.…/"
_ENDS = ".!?…؟。！？"
_PAUSES = ",،、，;"
_DASH = re.compile(r"[—–―-]\s*(?=\S)")
_DASH_TURN = re.compile(r"(?:(?<=[,.!?…])\s?|\s)[—–―]\s?")
_DASH_LANGUAGES = frozenset({"ru", "uk", "be", "es", "fr", "pt", "pl", "tr", "it", "sv", "bg"})
_DASH_BEHIND = re.compile(r",\s?[—–]")  # «…», — сказала
_MOST_SINGLE_CHARS = 1200
_MOST_UNCLOSED_CHARS = 4000


@dataclass(frozen=True, slots=True)
class Speech:
    """A stretch of quoted text with its marks [start, end) and without them [inner_start, inner_end)."""

    start: int
    end: int
    inner_start: int
    inner_end: int
    closed: bool = True

    def said(self, text: str) -> str:
        """Return what is quoted."""
        return text[self.inner_start : self.inner_end].strip()


def speech_in(text: str, start: int, end: int, *, language: str = "") -> list[Speech]:
    """Return the quoted speech of a paragraph in its order; none overlaps another."""
    dash = _DASH.match(text, start, end) if language in _DASH_LANGUAGES else None
    if (dash is not None and text[dash.start()] in "—–―") or (
        dash is not None and text[dash.start() : dash.start() + 2] == "- "
    ):
        return _dialogue(text, dash.end(), end)
    return [span for span in _marked(text, start, end) if _is_speech(text, span)]


def masked(text: str, start: int, end: int, spans: list[Speech]) -> str:
    """Return a paragraph with its quoted speech made unreadable, each character in its place."""
    parts = []
    at = start
    for span in spans:
        parts.append(text[at : span.start])
        last = STOP_MASK if text[span.inner_start : span.inner_end].rstrip()[-1:] in _ENDS else MASK
        parts.append(MASK * (span.end - span.start - 1) + last)
        at = span.end
    parts.append(text[at:end])
    return "".join(parts)


def _marked(text: str, start: int, end: int) -> list[Speech]:
    found: list[Speech] = []
    opened: int | None = None
    for mark in _MARKS.finditer(text, start, end):
        at, sign = mark.start(), mark.group()
        if opened is not None:
            if text[opened] in _SINGLE and (sign in '"“”„«»' or at - opened > _MOST_SINGLE_CHARS):
                opened = None  # it was an apostrophe
            elif sign in _CLOSERS[text[opened]] and _closes(text, at, end):
                found.append(Speech(opened, at + 1, opened + 1, at))
                opened = None
                continue
            elif sign == text[opened] and _opens(text, at, start, end) and sign not in _SINGLE:
                found.append(Speech(opened, at, opened + 1, at, closed=False))
                opened = at
                continue
            else:
                continue
        if sign in _CLOSERS and _opens(text, at, start, end):
            opened = at
    if opened is not None and text[opened] not in _SINGLE:
        stop = min(end, opened + _MOST_UNCLOSED_CHARS)
        found.append(Speech(opened, stop, opened + 1, stop, closed=False))
    return found


def _opens(text: str, at: int, start: int, end: int) -> bool:
    """Whether a mark may open: nothing that goes on stands before it, and something follows at once."""
    if at + 1 >= end:
        return False
    after = text[at + 1]
    before = text[at - 1] if at > start else " "
    if text[at] in _SINGLE:
        return (before.isspace() or before in '([“"—:') and after.isalnum()
    if text[at] in "“„«「『‟":
        return True
    if after.isspace():
        return at == start or (text[at] == '"' and at + 2 < end and text[at - 2 : at] == ": ")
    return before.isspace() or before in _OPENS_BEFORE or before in _SINGLE


def _closes(text: str, at: int, end: int) -> bool:
    """Whether a mark may close: no word goes on behind it, and it does not stand apart before one."""
    if at + 1 >= end:
        return True
    after, before = text[at + 1], text[at - 1]
    if text[at] in "'’‘":
        return not after.isalnum() and not before.isspace()
    if text[at] in '"”“＂':
        return not (before.isspace() and after.isalnum())
    return True


def _is_speech(text: str, span: Speech) -> bool:
    said = span.said(text)
    if not any(character.isalnum() for character in said):
        return False
    words = said.split()
    if (
        said[-1] in _PAUSES
        and len(words) < 5
        and all(word[0].isupper() for word in words if len(word) > 3)
        and len(words) > 1
    ):
        return False
    if said[-1] in _ENDS or said[-1] in _PAUSES or (text[span.end : span.end + 1] in tuple(_PAUSES) and len(words) > 3):
        return text[span.start] not in _SINGLE or len(words) > 1
    if _DASH_BEHIND.match(text, span.end):
        return len(words) > 1
    if any("\u3040" <= character <= "\u9fff" for character in said):
        return len(said) > 8
    if len(words) < 3:
        return False
    long_words = [word for word in words if len(word) > 3 and word[0].isalpha()]
    return (
        not (long_words and words[0][0].isupper() and len(words) < 9 and all(word[0].isupper() for word in long_words))
        or not span.closed
    )


def _dialogue(text: str, start: int, end: int) -> list[Speech]:
    """Speech behind a dash: turns between further dashes are told by the writer, every second one."""
    cuts = [(turn.start(), turn.end()) for turn in _DASH_TURN.finditer(text, start, end)]
    if not cuts:
        return [Speech(start, end, start, end)]
    found = []
    at, tells = start, False
    for cut_start, cut_end in [*cuts, (end, end)]:
        if not tells and cut_start > at:
            found.append(Speech(at, cut_start, at, cut_start))
        tells = not tells and cut_end < end and text[cut_end].islower() if not tells else False
        at = cut_end
    return found
