"""Near spellings: which terms of a field are within some edits of a word. Any script, any number of edits.

Sifted three times, each time on arrays: by the shared beginning, by length and letters (an edit changes at most two
letters), and at last by the distance itself, worked out for all terms that are left at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from index.search.arrays.field import FieldArrays
from index.search.arrays.layout import Ints, letters_of

_LETTER_BYTES = 4  # at the most
_LONGEST_BYTES = 200
_NO_FLAG = np.uint32(0xFFFFFFFE)


def numbers_within(field: FieldArrays, word: str, edits: int, prefix: int) -> Ints:
    """Return the numbers of the terms at most `edits` (Levenshtein) from `word` that share its first `prefix` letters.

    Nothing is near a word of more than 200 bytes.
    """
    text = word.encode("utf-8", "surrogatepass")
    shared = word[:prefix].encode("utf-8", "surrogatepass")
    low, high = field.beginning_with(shared) if shared else (0, field.terms)
    if low >= high or len(text) > _LONGEST_BYTES:
        return np.empty(0, dtype=np.int64)
    if edits == 1 and len(word) > 3:
        numbers = _with_a_half(field, word)
        numbers = numbers[(numbers >= low) & (numbers < high)]
    else:
        numbers = _of_like_size(field, low, high, word, edits) + low
    letters, sizes = field.letters[numbers], field.sizes[numbers].astype(np.int64)
    own = letters_of(np.frombuffer(text, dtype=np.uint8), np.array([0, len(text)]))
    changed = np.bitwise_count((letters ^ (own[0] if text else np.uint32(0))) & _NO_FLAG)
    fits = changed <= 2 * edits
    if word.isascii():
        # Bytes are letters but for the terms that are flagged; a letter more or less is an edit that changes but one.
        difference = np.abs(sizes - len(text))
        fits &= ((difference <= edits) & (changed <= 2 * edits - difference)) | ((letters & ~_NO_FLAG) > 0)
    numbers = np.asarray(numbers[fits])
    if not len(numbers):
        return numbers
    if word.isascii() and not (letters[fits] & ~_NO_FLAG).any():
        others, counts = _bytes_of(field, numbers), sizes[fits]
    else:
        words = [field.term(number).decode("utf-8", "replace") for number in numbers.tolist()]
        others, counts = _letters_of(words), np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    found: Ints = numbers[_distances(word, others, counts, edits) <= edits]
    return found


def _with_a_half(field: FieldArrays, word: str) -> Ints:
    """The terms that begin as a word does, or end so, up to its middle: one edit leaves one of the halves as it is."""
    half = len(word) // 2
    low, high = field.beginning_with(word[:half].encode("utf-8", "surrogatepass"))
    ends = field.ending_with(word[half:].encode("utf-8", "surrogatepass")).astype(np.int64)
    ends.sort()
    outside = ends[(ends < low) | (ends >= high)]
    found: Ints = np.concatenate([outside[outside < low], np.arange(low, high), outside[outside >= high]])
    return found


def _of_like_size(field: FieldArrays, low: int, high: int, word: str, edits: int) -> Ints:
    """The terms (counted from `low`) whose bytes may be as many letters as a near word has."""
    size, sizes = len(word.encode("utf-8", "surrogatepass")), field.sizes[low:high]
    widest = _LETTER_BYTES * edits
    if not word.isascii():
        return np.flatnonzero((sizes >= max(size - widest, 0)) & (sizes <= size + widest))
    # Bytes are letters here but for the terms with other letters, which are listed. One comparison does for two bounds:
    # what is below the lower one becomes great when it is taken away.
    least = max(size - edits, 0)
    near = np.flatnonzero((sizes - np.uint8(least)) <= size + edits - least)
    first, last = field.wide.searchsorted([low, high])
    wide = field.wide[first:last].astype(np.int64)
    longer = field.sizes[wide].astype(np.int64)
    wide = wide[(longer > size + edits) & (longer <= size + widest)] - low
    return np.sort(np.concatenate([near, wide])) if len(wide) else near


def _bytes_of(field: FieldArrays, numbers: Ints) -> NDArray[np.uint32]:
    """The letters of terms in ASCII, a row each, filled up with zeros."""
    begins, ends = field.term_at[numbers].astype(np.int64), field.term_at[numbers + 1].astype(np.int64)
    at = begins[:, None] + np.arange(int((ends - begins).max()))
    found: NDArray[np.uint32] = field.blob[np.minimum(at, len(field.blob) - 1)].astype(np.uint32)
    found[at >= ends[:, None]] = 0
    return found


def _letters_of(words: list[str]) -> NDArray[np.uint32]:
    """The letters of words, a row each, filled up with zeros."""
    longest = max(map(len, words))
    padded = "".join([one.ljust(longest, "\0") for one in words])
    return np.frombuffer(padded.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).reshape(len(words), longest)


def _distances(word: str, others: NDArray[np.uint32], sizes: Ints, edits: int) -> NDArray[np.int16]:
    """Return the edit distances of `word` to others, right up to `edits` and greater than it beyond."""
    count, longest = others.shape
    if edits == 1:
        return _one_edit(word, others, sizes)
    own = np.frombuffer(word.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    row = np.broadcast_to(np.arange(longest + 1, dtype=np.int16), (count, longest + 1)).copy()
    steps = np.arange(longest + 1, dtype=np.int16)
    for at, letter in enumerate(own):
        best = np.empty_like(row)
        best[:, 0] = at + 1
        np.minimum(row[:, 1:] + 1, row[:, :-1] + (others != letter), out=best[:, 1:])
        # Letters put in cost one each: the least of all that stand before, plus the way from there.
        row = np.minimum.accumulate(best - steps, axis=1) + steps
    found: NDArray[np.int16] = row[np.arange(count), sizes]
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
