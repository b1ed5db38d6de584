"""Near spellings: which terms of a field are within some edits of a word. Any script, any number of edits.

Sifted three times, each time on arrays: by the shared beginning, by length and letters (an edit changes at most two
letters), and at last by the distance itself, worked out for all terms that are left at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from index.search.arrays.field import FieldArrays
from index.search.arrays.layout import Ints, letters_of


def numbers_within(field: FieldArrays, word: str, edits: int, prefix: int) -> Ints:
    """Return the numbers of the terms at most `edits` (Levenshtein) from `word` that share its first `prefix` letters.

    Of a term that is no UTF-8 nobody can be near.
    """
    shared = word[:prefix].encode("utf-8", "surrogatepass")
    low, high = field.beginning_with(shared) if shared else (0, field.terms)
    if low >= high:
        return np.empty(0, dtype=np.int64)
    text = word.encode("utf-8", "surrogatepass")
    sizes = np.diff(field.term_at[low : high + 1].astype(np.int64))
    near = np.abs(sizes - len(text)) <= edits * 4  # a letter has four bytes at the most
    letters = letters_of(np.frombuffer(text, dtype=np.uint8), np.array([0, len(text)]))
    own = np.uint32(letters[0] if len(letters) else 0)
    near &= np.bitwise_count(field.letters[low:high] ^ own) <= 2 * edits
    numbers = np.flatnonzero(near) + low
    words = [field.term(number).decode("utf-8", "replace") for number in numbers.tolist()]
    fits = np.array([abs(len(one) - len(word)) <= edits for one in words], dtype=bool)
    numbers = np.asarray(numbers[fits], dtype=np.int64)
    words = [one for one, fit in zip(words, fits.tolist(), strict=True) if fit]
    if not words:
        return numbers
    found: Ints = numbers[_distances(word, words, edits) <= edits]
    return found


def _distances(word: str, words: list[str], edits: int) -> NDArray[np.int16]:
    """Return the edit distances of `word` to others, right up to `edits` and greater than it beyond."""
    longest = max(map(len, words))
    sizes = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    padded = "".join([one.ljust(longest, "\0") for one in words])
    others = np.frombuffer(padded.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).reshape(len(words), longest)
    if edits == 1:
        return _one_edit(word, others, sizes)
    own = np.frombuffer(word.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    row = np.broadcast_to(np.arange(longest + 1, dtype=np.int16), (len(words), longest + 1)).copy()
    steps = np.arange(longest + 1, dtype=np.int16)
    for at, letter in enumerate(own):
        best = np.empty_like(row)
        best[:, 0] = at + 1
        np.minimum(row[:, 1:] + 1, row[:, :-1] + (others != letter), out=best[:, 1:])
        # Letters put in cost one each: the least of all that stand before, plus the way from there.
        row = np.minimum.accumulate(best - steps, axis=1) + steps
    found: NDArray[np.int16] = row[np.arange(len(words)), sizes]
    return found


def _one_edit(word: str, others: NDArray[np.uint32], sizes: Ints) -> NDArray[np.int16]:
    """Return 0, 1 or 2: what two words share at their beginnings and ends leaves room for one edit, or not."""
    width = others.shape[1]
    own = np.full(width, 0, dtype=np.uint32)
    letters = np.frombuffer(word.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)[:width]
    own[: len(letters)] = letters
    ahead = np.logical_and.accumulate(others == own, axis=1).sum(axis=1)
    ahead = np.minimum(ahead, np.minimum(sizes, len(word)))
    # Ends are compared from the last letter on: each word moved to the right edge.
    turned = np.take_along_axis(others, (sizes[:, None] - 1 - np.arange(width)[None, :]) % width, axis=1)
    mine = np.full(width, np.uint32(0xFFFFFFFF))
    backwards = np.frombuffer(word[::-1].encode("utf-32-le", "surrogatepass"), dtype=np.uint32)[:width]
    mine[: len(backwards)] = backwards
    behind = np.logical_and.accumulate(turned == mine, axis=1).sum(axis=1)
    least = np.minimum(sizes, len(word))
    behind = np.minimum(behind, least)
    longer = np.maximum(sizes, len(word))
    same = (sizes == len(word)) & (ahead >= longer)
    one = ahead + behind >= longer - 1
    return np.where(same, 0, np.where(one, 1, 2)).astype(np.int16)
