"""What changed between two texts, word by word, as pieces a template can mark. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

MOST_WORDS = 20_000
KEPT_AROUND = 30
_WORD = re.compile(r"\n\n|[^\s]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stayed (`same`), came (`added`), went (`removed`) or is not shown (`skipped`)."""

    kind: str
    text: str


def marked_changes(before: str, after: str) -> list[Piece]:
    """Return the pieces of both texts in order, long stretches that stayed shortened to what is near a change.

    Texts over 20,000 words are compared paragraph by paragraph.
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    if len(old) + len(new) > 2 * MOST_WORDS:
        old, new = before.split("\n\n"), after.split("\n\n")
    pieces: list[Piece] = []
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces += _shortened(new[new_from:new_to], first=new_from == 0, last=new_to == len(new))
            continue
        if old_to > old_from:
            pieces.append(Piece("removed", _text(old[old_from:old_to])))
        if new_to > new_from:
            pieces.append(Piece("added", _text(new[new_from:new_to])))
    return pieces


def _shortened(words: list[str], *, first: bool, last: bool) -> list[Piece]:
    if len(words) <= 2 * KEPT_AROUND:
        return [Piece("same", _text(words))]
    head = [] if first else words[:KEPT_AROUND]
    tail = [] if last else words[-KEPT_AROUND:]
    skipped = Piece("skipped", f"{len(words) - len(head) - len(tail)} words unchanged")
    return [piece for piece in (Piece("same", _text(head)), skipped, Piece("same", _text(tail))) if piece.text]


def _text(words: list[str]) -> str:
    return " ".join(words).replace(" \n\n ", "\n\n")
