"""How the postings of one field lie in arrays: names of the parts, their types, and the small codes in them.

    blob, term_at     the terms in order, one after the other, and where each begins
    heads             the first eight bytes of each term as a number: what look-ups bisect
    tails, tail_order the last eight bytes of each term, read backwards, in their order, and whose they are
    sizes             how many bytes each term has, at most 255
    wide              the numbers of the terms with letters beyond ASCII
    letters           which letters a term has, as 32 bits: what near spellings are sifted by
    starts            where the postings of each term begin
    docs              document numbers: 16 bits, the distance from the first document of the segment
    impacts           frequency (at most 255) and length code of the document's field, a byte each
    often             (posting, frequency) where the frequency is 255 or more
    block_most, block_least   the greatest frequency and the least length code of 128 postings
    place_starts, places      where the positions of each term begin, and they themselves, posting by posting
    block_places      where the positions of every 128th posting begin
    lengths           the length code of every document

A length code is Whoosh's own: one byte, exact for short fields.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.util.numeric import byte_to_length, length_to_byte

MOST_DOCUMENTS = 1 << 16
"""Documents of a segment, at the most: their numbers are 16 bits, which halves postings and makes bitmaps small."""

BLOCK = 128
OFTEN = 255

CODE_OF_LENGTH: NDArray[np.uint8] = np.array([length_to_byte(length) for length in range(1 << 16)], dtype=np.uint8)
LENGTH_OF_CODE: NDArray[np.float64] = np.array([byte_to_length(code) for code in range(256)], dtype=np.float64)

Ints = NDArray[np.int64]


def length_codes(lengths: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the codes of lengths."""
    codes: NDArray[np.uint8] = CODE_OF_LENGTH[np.minimum(lengths, len(CODE_OF_LENGTH) - 1)]
    for at in np.flatnonzero(lengths >= len(CODE_OF_LENGTH)).tolist():
        codes[at] = length_to_byte(int(lengths[at]))
    return codes


def heads_of(terms: list[bytes]) -> NDArray[np.uint64]:
    """Return the first eight bytes of terms as numbers that order as the terms do."""
    padded = b"".join([term[:8].ljust(8, b"\0") for term in terms])
    return np.frombuffer(padded, dtype=">u8").astype(np.uint64)


def tails_of(terms: list[bytes]) -> NDArray[np.uint64]:
    """Return the last eight bytes of terms, read backwards, as numbers that order as they do."""
    padded = b"".join([term[-8:][::-1].ljust(8, b"\0") for term in terms])
    return np.frombuffer(padded, dtype=">u8").astype(np.uint64)


# Letters that would have the lowest bit are told by none; any byte beyond ASCII sets it.
_BIT_OF_BYTE: NDArray[np.uint32] = np.array(
    [((1 << (byte & 31)) & ~1) | (byte >> 7) for byte in range(256)], dtype=np.uint32
)


def letters_of(blob: NDArray[np.uint8], term_at: NDArray[Any]) -> NDArray[np.uint32]:
    """Return for each term which letters it has, letters being folded into 31 bits by their last UTF-8 byte.

    The lowest bit says whether there are letters beyond ASCII.
    """
    if len(term_at) < 2:
        return np.empty(0, dtype=np.uint32)
    # A byte that begins or continues a longer character says little by itself; its last byte tells letters apart.
    ends = np.append((blob[1:] & 0xC0) != 0x80, True) if len(blob) else np.empty(0, dtype=bool)
    bits = _BIT_OF_BYTE[blob]
    bits[~ends] = 0
    begins = np.asarray(term_at[:-1], dtype=np.int64)
    empty = begins == np.asarray(term_at[1:], dtype=np.int64)
    if not len(bits):
        return np.zeros(len(begins), dtype=np.uint32)
    found = np.bitwise_or.reduceat(bits, np.minimum(begins, len(bits) - 1))
    found[empty] = 0
    return found.astype(np.uint32)


def blocks_of(impacts: NDArray[np.uint16]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return for every 128 postings the greatest frequency and the least length code."""
    if not len(impacts):
        return np.empty(0, dtype=np.uint8), np.empty(0, dtype=np.uint8)
    begins = np.arange(0, len(impacts), BLOCK)
    most = np.maximum.reduceat((impacts >> 8).astype(np.uint8), begins)
    least = np.minimum.reduceat((impacts & 0xFF).astype(np.uint8), begins)
    return most, least
