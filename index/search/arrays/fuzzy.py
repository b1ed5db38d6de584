"""Near spellings: which terms of a field are within some edits of a word. Any script, any number of edits.

One edit leaves the first or the second half of a word as it is: terms are looked up by each, and those few compared.
More edits are sifted three times, each time on arrays: by the shared beginning, by length and letters (an edit changes
at most two letters), and at last by the distance itself, worked out for all terms that are left at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from index.search.arrays.field import FieldArrays
from index.search.arrays.layout import Ints, letters_of

_LETTER_BYTES = 4  # at the most
_LONGEST_BYTES = 200
_COMPARED_AT_ONCE = 64
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
    if edits == 1 and len(word) > 1:
        return _one_edit_away(field, word, low, high)
    numbers = _of_like_size(field, low, high, word, edits) + low
    fits = _have_like_letters(field, numbers, word, edits)
    numbers = np.asarray(numbers[fits])
    if not len(numbers):
        return numbers
    sizes = field.sizes[numbers].astype(np.int64)
    if word.isascii() and not (field.letters[numbers] & ~_NO_FLAG).any():
        others, counts = _bytes_of(field, numbers), sizes
    else:
        words = [field.term(number).decode("utf-8", "replace") for number in numbers.tolist()]
        others, counts = _letters_of(words), np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    found: Ints = numbers[_distances(word, others, counts) <= edits]
    return found


def _one_edit_away(field: FieldArrays, word: str, low: int, high: int) -> Ints:
    """The terms from `low` on before `high` that are one edit away at the most."""
    half = len(word) // 2
    begin, end = field.beginning_with(word[:half].encode("utf-8", "surrogatepass"))
    begin, end = max(begin, low), min(end, high)
    numbers = np.concatenate([np.arange(begin, end), field.ending_with(word[half:].encode("utf-8", "surrogatepass"))])
    if len(numbers) > _COMPARED_AT_ONCE:
        numbers = numbers[_have_like_letters(field, numbers, word, 1)]
    found = {
        number
        for number in numbers.tolist()
        if low <= number < high and _is_one_edit(word, field.term(number).decode("utf-8", "replace"))
    }
    return np.array(sorted(found), dtype=np.int64)


def _is_one_edit(word: str, other: str) -> bool:
    """Say whether two words are one edit apart at the most."""
    short, long = (word, other) if len(word) <= len(other) else (other, word)
    more = len(long) - len(short)
    if more > 1:
        return False
    for at, letter in enumerate(short):
        if letter != long[at]:
            return short[at + 1 - more :] == long[at + 1 :]
    return True


def _have_like_letters(field: FieldArrays, numbers: Ints, word: str, edits: int) -> NDArray[np.bool_]:
    """Say which terms have a size and letters that so many edits may leave."""
    text = word.encode("utf-8", "surrogatepass")
    letters, sizes = field.letters[numbers], field.sizes[numbers].astype(np.int64)
    own = letters_of(np.frombuffer(text, dtype=np.uint8), np.array([0, len(text)]))
    changed = np.bitwise_count((letters ^ (own[0] if text else np.uint32(0))) & _NO_FLAG)
    fits: NDArray[np.bool_] = changed <= 2 * edits
    if word.isascii():
        # Bytes are letters but for the terms that are flagged; a letter more or less is an edit that changes but one.
        difference = np.abs(sizes - len(text))
        fits &= ((difference <= edits) & (changed <= 2 * edits - difference)) | ((letters & ~_NO_FLAG) > 0)
    return fits


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


def _distances(word: str, others: NDArray[np.uint32], sizes: Ints) -> NDArray[np.int16]:
    """Return the edit distances of `word` to others."""
    count, longest = others.shape
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
