"""The place in a text where the words of a query stand, marked. Words are read as the index reads them."""

from __future__ import annotations

import re
from collections.abc import Collection
from html import escape

from index.search.arrays.tokens import ChunkReader

_NEAR = 400
"""So many characters on each side of a place are looked at first."""
_WORD = re.compile(r"\w+")
_STRETCH = re.compile(r"\S+")


def snippet(reader: ChunkReader, text: str, wanted: Collection[str], *, words: int = 32) -> str:
    """Return some words of a text around the first of the wanted ones, escaped for HTML, those wanted in <b>.

    `wanted` are words of the index (stems, where the field has stems).
    """
    wanted = frozenset(wanted)
    chunks = _around(text, _first(reader, text, wanted), words)
    shown = escape(" ".join(chunks)).split(" ")  # at once: a stretch has no blank, and escaping makes none
    for at in reader.places_of(chunks, wanted):
        shown[at] = f"<b>{shown[at]}</b>"
    return " ".join(shown)


def _first(reader: ChunkReader, text: str, wanted: frozenset[str]) -> int:
    """Where the first stretch with a wanted word begins; 0 where there is none.

    Stemming changes the ends of words: what begins as a wanted one is looked at first.
    """
    lower = text.lower()
    heads = {(word[:3] if len(word) > 3 else word[:2]).lower() for word in wanted}
    if len(lower) == len(text):
        first = min(
            (at for head in heads if (at := _beginning_with(reader, text, lower, head, wanted)) >= 0), default=-1
        )
        if first >= 0:
            return first
    for met in _STRETCH.finditer(text) if wanted else ():
        if not wanted.isdisjoint(reader.words_of(met.group())):
            return met.start()
    return 0


def _beginning_with(reader: ChunkReader, text: str, lower: str, head: str, wanted: frozenset[str]) -> int:
    """Where the first word of a text begins that begins with `head` and is wanted; -1 where there is none."""
    at = lower.find(head)
    while at >= 0:
        met = _WORD.match(text, at)
        if met and (not at or not _WORD.match(text, at - 1)) and not wanted.isdisjoint(reader.words_of(met.group())):
            return at
        at = lower.find(head, at + 1)
    return -1


def _around(text: str, at: int, words: int) -> list[str]:
    """The stretches of a text to show: a quarter of them before a place, the rest after it."""
    ahead, behind = words // 4, words - words // 4
    far = _NEAR
    while True:
        begin, end = max(0, at - far), at + far
        before, after = text[begin:at].rsplit(None, ahead + 1), text[at:end].split(None, behind)
        if (not begin or len(before) > ahead + 1) and (end >= len(text) or len(after) > behind):
            break
        far *= 4
    if before and after and not text[at - 1].isspace():
        after[0] = before.pop() + after[0]
    return [*before[max(0, len(before) - ahead) :], *after[:behind]]
