"""Spellings close to a word: a letter left out, put in, changed, two swapped. Pure; the index is handed in."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping

_LETTERS = (string.ascii_lowercase + string.digits, "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґ", "αβγδεζηθικλμνξοπρστυφχψω")

_SHORTEST, _LONGEST = 3, 24
_LONG_ENOUGH_FOR_TWO = 7
_SURE_LETTERS = 3
"""Slips are rare in the first letters; so many are taken to be right where two edits are allowed."""


def edits_of(word: str) -> set[str]:
    """Return every word at one edit (Damerau) from `word`, in the letters of its own script; never the word itself."""
    letters = next((script for script in _LETTERS if any(char in script for char in word)), "")
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    left_out = {head + tail[1:] for head, tail in cuts if tail}
    swapped = {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    changed = {head + letter + tail[1:] for head, tail in cuts if tail for letter in letters}
    put_in = {head + letter + tail for head, tail in cuts for letter in letters}
    return (left_out | swapped | changed | put_in) - {word, ""}


def corrections_of(
    word: str,
    *,
    held: Callable[[set[str]], Mapping[str, int]],
    beginning: Callable[[str], Mapping[str, int]],
    limit: int,
) -> list[str]:
    """Return words of an index close to a folded `word`, commonest first.

    Words at one edit; where there are none and the word is long, those at two that begin as it does. `held` gives those
    of some words that documents have, with how many do, `beginning` the words that begin so with theirs.
    """
    if not _SHORTEST <= len(word) <= _LONGEST:
        return []
    counts = held(edits_of(word))
    if not counts and len(word) >= _LONG_ENOUGH_FOR_TWO:
        near = beginning(word[:_SURE_LETTERS])
        counts = {one: count for one, count in near.items() if one != word and is_within_two(word, one)}
    return sorted(counts, key=lambda edit: (-counts[edit], edit))[:limit]


def is_within_two(word: str, other: str) -> bool:
    """Say whether one word becomes the other by two edits at the most."""
    if abs(len(word) - len(other)) > 2:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(word, start=1):
        older, before, row = before, row, [at]
        for to, read in enumerate(other, start=1):
            cost = min(row[-1] + 1, before[to] + 1, before[to - 1] + (letter != read))
            if older and to > 1 and letter == other[to - 2] and word[at - 2] == read:
                cost = min(cost, older[to - 2] + 1)
            row.append(cost)
        if min(row) > 2:
            return False
    return row[-1] <= 2


def splits_of(word: str) -> list[tuple[str, str]]:
    """Return a word cut in two, each part three letters or more: `superbowl` may be super bowl."""
    return [(word[:at], word[at:]) for at in range(3, len(word) - 2)]
