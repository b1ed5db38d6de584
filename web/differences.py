"""What changed between two texts, word by word, as pieces a template can mark. Pure, and bounded for any two texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

MOST_PAIRS = 4_000_000
"""Words of one text times words of the other that are compared: about a second for the worst texts."""

KEPT_AROUND = 30
_WORD = re.compile(r"\n\n|[^\s]+")
_BREAK = re.compile(r" ?\n\n ?")
_Run = tuple[str, list[str]]  # kind and words


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stayed (`same`), came (`added`), went (`removed`) or is not shown (`skipped`)."""

    kind: str
    text: str


def marked_changes(before: str, after: str) -> list[Piece]:
    """Return the pieces of both texts in order, long stretches that stayed shortened to what is near a change.

    Long texts are compared paragraph by paragraph and only what differs word by word; of what would still take too
    long, the old text is shown as gone and the new as come.
    """
    runs = _joined(_compared(_WORD.findall(before), _WORD.findall(after), MOST_PAIRS))
    pieces: list[Piece] = []
    for at, (kind, words) in enumerate(runs):
        if kind == "same":
            pieces += _shortened(words, first=at == 0, last=at == len(runs) - 1)
        else:
            pieces.append(Piece(kind, _text(words)))
    return pieces


def _compared(old: list[str], new: list[str], most_pairs: int) -> Iterator[_Run]:
    """What stands at both begins and both ends is the same; what is between is compared."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    yield "same", new[:head]
    yield from _between(old[head : len(old) - tail], new[head : len(new) - tail], most_pairs)
    yield "same", new[len(new) - tail :]


def _between(old: list[str], new: list[str], most_pairs: int) -> Iterator[_Run]:
    if len(old) * len(new) <= most_pairs:
        yield from _by_items([[word] for word in old], [[word] for word in new], 0)
        return
    paragraphs = _paragraphs(old), _paragraphs(new)
    if min(map(len, paragraphs)) > 1 and len(paragraphs[0]) * len(paragraphs[1]) <= most_pairs:
        yield from _by_items(*paragraphs, most_pairs // 2)
        return
    yield "removed", old
    yield "added", new


def _by_items(old: Sequence[Sequence[str]], new: Sequence[Sequence[str]], most_pairs: int) -> Iterator[_Run]:
    """Compare words or paragraphs; stretches that differ are compared by words while pairs are left."""
    matcher = SequenceMatcher(None, [*map(tuple, old)], [*map(tuple, new)], autojunk=False)
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        gone = [word for item in old[old_from:old_to] for word in item]
        come = [word for item in new[new_from:new_to] for word in item]
        pairs = len(gone) * len(come)
        if kind == "equal":
            yield "same", come
        elif 0 < pairs <= most_pairs:
            most_pairs -= pairs
            yield from _compared(gone, come, pairs)
        else:
            yield "removed", gone
            yield "added", come


def _paragraphs(words: list[str]) -> list[list[str]]:
    """Cut words at paragraph breaks, which stay at the begin of what they lead to."""
    found: list[list[str]] = [[]]
    for word in words:
        if word == "\n\n":
            found.append([])
        found[-1].append(word)
    return [paragraph for paragraph in found if paragraph]


def _common(old: list[str], new: list[str]) -> int:
    shorter = min(len(old), len(new))
    return next((at for at in range(shorter) if old[at] != new[at]), shorter)


def _joined(runs: Iterator[_Run]) -> list[_Run]:
    """Runs of the same kind side by side are one."""
    joined: list[_Run] = []
    for kind, words in runs:
        if words and joined and joined[-1][0] == kind:
            joined[-1][1].extend(words)
        elif words:
            joined.append((kind, list(words)))
    return joined


def _shortened(words: list[str], *, first: bool, last: bool) -> list[Piece]:
    if len(words) <= 2 * KEPT_AROUND:
        return [Piece("same", _text(words))]
    head = [] if first else words[:KEPT_AROUND]
    tail = [] if last else words[-KEPT_AROUND:]
    skipped = Piece("skipped", f"{len(words) - len(head) - len(tail)} words unchanged")
    return [piece for piece in (Piece("same", _text(head)), skipped, Piece("same", _text(tail))) if piece.text]


def _text(words: list[str]) -> str:
    return _BREAK.sub("\n\n", " ".join(words))
