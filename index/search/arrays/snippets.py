"""The place in a text where the words of a query stand, marked. Words are read as the index reads them."""

from __future__ import annotations

import re
from collections.abc import Collection
from html import escape

from index.search.arrays.tokens import ChunkReader


def snippet(reader: ChunkReader, text: str, wanted: Collection[str], *, words: int = 32) -> str:
    """Return some words of a text around the first of the wanted ones, escaped for HTML, those wanted in <b>.

    `wanted` are words of the index (stems, where the field has stems).
    """
    wanted = frozenset(wanted)
    read = reader.words_of
    begins, ends = _around(text, _first(reader, text, wanted), words)
    shown = []
    for chunk in text[begins:ends].split():
        told = escape(chunk)
        shown.append(told if wanted.isdisjoint(read(chunk)) else f"<b>{told}</b>")
    return " ".join(shown)


def _first(reader: ChunkReader, text: str, wanted: frozenset[str]) -> int:
    """Where the first stretch with a wanted word begins; 0 where there is none.

    Stemming changes the ends of words: what begins as a wanted one is looked at first.
    """
    heads = sorted({re.escape(word[:3] if len(word) > 3 else word[:2]) for word in wanted})
    for met in re.finditer(rf"(?<!\w)(?:{'|'.join(heads)})\w*", text, re.IGNORECASE) if heads else ():
        if not wanted.isdisjoint(reader.words_of(met.group())):
            return met.start()
    for met in re.finditer(r"\S+", text):
        if not wanted.isdisjoint(reader.words_of(met.group())):
            return met.start()
    return 0


def _around(text: str, at: int, words: int) -> tuple[int, int]:
    """The stretch of a text to show: a quarter of the words before a place, the rest after it."""
    before = text.rfind(" ", 0, max(at - 1, 0))
    for _ in range(words // 4):
        if before < 0:
            break
        before = text.rfind(" ", 0, before)
    after = at
    for _ in range(words - words // 4):
        after = text.find(" ", after + 1)
        if after < 0:
            return max(before, 0), len(text)
    return max(before, 0), after
