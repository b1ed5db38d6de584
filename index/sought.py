"""Whether bytes still hold the words of a text: pieces of it, looked for as they may be written. Pure.

A piece is long enough to be nobody else's words by chance. In a raw record it may stand between tags, in entities, in
escapes of JSON, in any charset; in the files of a database it stands as it was stored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape

PIECE_CHARS = 48
EVERY_CHARS = 160
LEAST_BYTES = 24
MOST_PIECES = 400
STORED_BYTES = 32

_TAG = re.compile(r"<!\[CDATA\[|\]\]>|<[^<>]{0,4000}>")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{2,40})|encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})")
_WORD = re.compile(r"[A-Za-z]{5,}")
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00ad": None, "\u200b": None})


@dataclass(frozen=True, slots=True)
class Sought:
    """Pieces of a text: `folded` as they are compared in raw records, `stored` as bytes of a database.

    `hints` are words of which a raw record has one where it has a piece; none where a piece has no plain letters.
    """

    folded: tuple[str, ...]
    hints: tuple[bytes, ...]
    stored: tuple[bytes, ...]

    def in_record(self, content: bytes) -> bool:
        """Say whether an unpacked raw record holds a piece."""
        if self.hints and not any(hint in content for hint in self.hints):
            return False
        return any(piece in text for text in _readings(content) for piece in self.folded)

    def in_bytes(self, content: bytes) -> bool:
        """Say whether the bytes of a database or a plain file hold a piece."""
        return any(piece in content for piece in self.stored)


def sought_of(texts: Iterable[tuple[str, str]]) -> Sought:
    """Return what to look for of some texts, given as (title, text), paragraphs of a text apart by a blank line."""
    pieces = list(dict.fromkeys(piece for title, text in texts for piece in _pieces(title, text)))[:MOST_PIECES]
    words = [max(_WORD.findall(piece), key=len, default="") for piece in pieces]
    hints = tuple(dict.fromkeys(word.encode() for word in words)) if all(words) else ()
    stored: dict[bytes, None] = {}
    for piece in pieces:
        plain = piece.encode("utf-8", "replace")
        escaped = json.dumps(piece)[1:-1].encode()
        for written in dict.fromkeys((plain, escaped)):
            stored[written[:STORED_BYTES]] = stored[written[-STORED_BYTES:]] = None
    folded = tuple(dict.fromkeys(one for piece in pieces if (one := folded_text(piece))))
    return Sought(folded, hints, tuple(stored))


def folded_text(text: str) -> str:
    """Return a text as pieces are compared: one blank between words, small letters, plain quotes."""
    return " ".join(text.translate(_QUOTES).split()).casefold()


def _pieces(title: str, text: str) -> Iterator[str]:
    if len(title.encode("utf-8", "replace")) >= LEAST_BYTES and len(title.split()) != 1:
        yield title[:200]
    for paragraph in text.split("\n\n"):
        for start in range(0, len(paragraph), EVERY_CHARS):
            piece = paragraph[start : start + PIECE_CHARS].strip()
            if len(piece.encode("utf-8", "replace")) >= LEAST_BYTES:
                yield piece


def _readings(content: bytes) -> Iterator[str]:
    """The text of a record with tags and entities resolved once, and once more as feeds write them."""
    for decoded in _decoded(content):
        text = _ESCAPE.sub(_character, decoded)
        for _ in range(2):
            text = unescape(_TAG.sub("", text))
            yield folded_text(text)


def _character(found: re.Match[str]) -> str:
    return chr(int(found.group(1), 16))


def _decoded(content: bytes) -> Iterator[str]:
    """The characters of a record; of one not in UTF-8 as it says of itself, which may be wrong, and as is usual."""
    try:
        yield content.decode("utf-8")
        return
    except UnicodeDecodeError:
        named = _CHARSET.search(content[:16384])
    charset = (named.group(1) or named.group(2)).decode("ascii").lower() if named else ""
    for name in dict.fromkeys((charset, "utf-8", "cp1252")):
        try:
            yield content.decode(name, "replace")
        except (LookupError, UnicodeError):  # no charset of that name, or one that is none, as idna
            continue
