"""The place in a text where the words of a query stand, marked. Words are read as the index reads them."""

from __future__ import annotations

from collections.abc import Collection
from html import escape

from index.search.arrays.tokens import ChunkReader


def snippet(reader: ChunkReader, text: str, wanted: Collection[str], *, words: int = 32) -> str:
    """Return some words of a text around the first of the wanted ones, escaped for HTML, those wanted in <b>.

    `wanted` are words of the index (stems, where the field has stems).
    """
    chunks = text.split()
    wanted = frozenset(wanted)
    read = reader.words_of
    met = next((at for at, chunk in enumerate(chunks) if not wanted.isdisjoint(read(chunk))), 0)
    begin = max(0, min(met - words // 4, len(chunks) - words))
    shown = []
    for chunk in chunks[begin : begin + words]:
        told = escape(chunk)
        shown.append(told if wanted.isdisjoint(read(chunk)) else f"<b>{told}</b>")
    return " ".join(shown)
