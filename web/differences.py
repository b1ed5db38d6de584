"""What changed between two texts as paragraphs and pieces a template can mark. Pure, and bounded for any two texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from config.counting import counted
from index.comparing import MOST_PAIRS, Kind, Step, paragraph_steps, word_steps
from index.records import JsonObject

KEPT_AROUND = 30
"""Words shown on both sides of a change within a paragraph."""

MOST_CHARS = 4_000_000
"""Characters compared on one page: two texts of two megabytes, or twenty of a hundred thousand; some seconds."""

MOST_SHOWN = 300
"""Paragraphs shown of one comparison; of more it is said how many there are."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stayed (`same`), came (`added`), went (`removed`) or is not shown (`skipped`)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class MarkedParagraph:
    """A paragraph that is `same`, `changed`, `added`, `removed` or `moved`; `skipped` says how many are not shown."""

    kind: str
    pieces: tuple[Piece, ...]


class Budget:
    """How many characters, and pairs of words, one page may still compare."""

    def __init__(self, pairs: int = MOST_PAIRS, chars: int = MOST_CHARS) -> None:
        self.pairs = pairs
        self.chars = chars

    def takes(self, before: str, after: str) -> bool:
        """Say whether these texts may be compared, and count them."""
        cost = len(before) + len(after)
        if cost > self.chars:
            return False
        self.chars -= cost
        return True


def marked_changes(before: str, after: str, budget: Budget | None = None) -> list[MarkedParagraph]:
    """Return the paragraphs that changed in the order of the new text, each with one that stayed around it.

    In a changed paragraph the words are marked; what would take too long is shown as gone and as come.
    """
    left = budget or Budget()
    steps = paragraph_steps(before, after)
    near = {at + by for at, step in enumerate(steps) if step.kind is not Kind.SAME for by in (-1, 0, 1)}
    shown: list[MarkedParagraph] = []
    skipped = 0
    for at, step in enumerate(steps):
        if at not in near:
            skipped += 1
            continue
        if skipped:
            shown.append(_left_out(skipped, "unchanged"))
            skipped = 0
        if len(shown) >= MOST_SHOWN:
            rest = sum(one.kind is not Kind.SAME for one in steps[at:])
            return [*shown, _left_out(rest, "that changed not shown")] if rest else shown
        shown.append(_marked(step, left))
    return [*shown, _left_out(skipped, "unchanged")] if skipped else shown


def changes_json(paragraphs: Sequence[MarkedParagraph]) -> list[JsonObject]:
    """Return marked paragraphs as JSON."""
    return [
        {"kind": one.kind, "pieces": [{"kind": piece.kind, "text": piece.text} for piece in one.pieces]}
        for one in paragraphs
    ]


def _marked(step: Step, budget: Budget) -> MarkedParagraph:
    if step.kind is Kind.CHANGED:
        return MarkedParagraph(step.kind.value, tuple(_words(step, budget)))
    kind = {Kind.ADDED: "added", Kind.REMOVED: "removed"}.get(step.kind, "same")
    return MarkedParagraph(step.kind.value, (Piece(kind, step.after or step.before),))


def _words(step: Step, budget: Budget) -> Iterator[Piece]:
    runs, cost = word_steps(step.before, step.after, most_pairs=budget.pairs)
    budget.pairs -= cost
    for at, run in enumerate(runs):
        if run.is_same:
            # The last word of one text has no blank behind it, in the other it may have.
            last_word = max(run.before[-1], run.after[-1], key=len)
            yield from _shortened((*run.after[:-1], last_word), first=at == 0, last=at == len(runs) - 1)
            continue
        if run.before:
            yield Piece("removed", "".join(run.before))
        if run.after:
            yield Piece("added", "".join(run.after))


def _shortened(words: Sequence[str], *, first: bool, last: bool) -> Iterator[Piece]:
    if len(words) <= 2 * KEPT_AROUND:
        yield Piece("same", "".join(words))
        return
    head = () if first else words[:KEPT_AROUND]
    tail = () if last else words[-KEPT_AROUND:]
    skipped = Piece("skipped", f"{counted(len(words) - len(head) - len(tail), 'word')} unchanged")
    pieces = (Piece("same", "".join(head)), skipped, Piece("same", "".join(tail)))
    yield from (piece for piece in pieces if piece.text)


def _left_out(number: int, what: str) -> MarkedParagraph:
    return MarkedParagraph("skipped", (Piece("skipped", f"{number} paragraph{'s' if number > 1 else ''} {what}"),))
