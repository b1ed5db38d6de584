"""Spellings at one edit from a word: letter left out, put in, changed, two swapped. Pure."""

from __future__ import annotations

import string

_LETTERS = (string.ascii_lowercase + string.digits, "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґ", "αβγδεζηθικλμνξοπρστυφχψω")


def edits_of(word: str) -> set[str]:
    """Return every word at one edit (Damerau) from `word`, in the letters of its own script; never the word itself."""
    letters = next((script for script in _LETTERS if any(char in script for char in word)), "")
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    left_out = {head + tail[1:] for head, tail in cuts if tail}
    swapped = {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    changed = {head + letter + tail[1:] for head, tail in cuts if tail for letter in letters}
    put_in = {head + letter + tail for head, tail in cuts for letter in letters}
    return (left_out | swapped | changed | put_in) - {word, ""}
