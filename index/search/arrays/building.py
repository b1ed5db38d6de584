"""From a stream of (term, document, position) to the arrays of a field, in one sort. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.search.arrays.layout import BLOCK, OFTEN, Ints, blocks_of, heads_of, length_codes, letters_of, tails_of

Parts = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Stream:
    """The words of a batch of documents. `terms` are numbered as they came; `places` is None where none are kept."""

    terms: list[bytes]
    ids: NDArray[Any]
    documents: NDArray[Any]
    places: NDArray[Any] | None


def parts_of(stream: Stream, documents: int, *, scorable: bool) -> tuple[Parts, int]:
    """Build the arrays of a field and return them with the sum of its lengths (0 for one that is not scored)."""
    order = sorted(range(len(stream.terms)), key=stream.terms.__getitem__)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    terms, numbers, places = _sorted(rank[stream.ids], stream, documents)
    changes = np.empty(len(terms), dtype=bool)
    changes[:1] = True
    np.logical_or(terms[1:] != terms[:-1], numbers[1:] != numbers[:-1], out=changes[1:])
    first = np.flatnonzero(changes)
    frequencies = np.diff(np.append(first, len(terms)))
    lengths = np.bincount(stream.documents, minlength=documents) if scorable else np.zeros(documents, dtype=np.int64)
    parts = vocabulary_parts([stream.terms[at] for at in order])
    parts["starts"] = _offsets(np.bincount(terms[first], minlength=len(order)))
    parts |= posting_parts(numbers[first], frequencies, length_codes(lengths) if scorable else None)
    if places is not None:
        parts["block_places"] = (np.cumsum(frequencies) - frequencies)[::BLOCK].astype(np.uint32)
        parts["place_starts"] = _offsets(np.bincount(terms, minlength=len(order)))
        parts["places"] = places.astype(np.uint16 if not len(places) or places.max() < 1 << 16 else np.uint32)
    return parts, int(lengths.sum())


def vocabulary_parts(terms: list[bytes]) -> Parts:
    """Return what is kept of the terms themselves; they are in order."""
    blob = np.frombuffer(b"".join(terms), dtype=np.uint8)
    term_at = _offsets(np.fromiter(map(len, terms), dtype=np.int64, count=len(terms)))
    sizes = np.minimum(np.diff(term_at), 255).astype(np.uint8)
    letters = letters_of(blob, term_at)
    tails = tails_of(terms)
    order = np.argsort(tails)
    return {
        "blob": blob,
        "term_at": term_at,
        "heads": heads_of(terms),
        "tails": tails[order],
        "tail_order": order.astype(np.uint32),
        "sizes": sizes,
        "letters": letters,
        "wide": np.flatnonzero(letters & 1).astype(np.uint32),
    }


def posting_parts(documents: Ints, frequencies: Ints, codes: NDArray[np.uint8] | None) -> Parts:
    """Return what is kept of postings. `codes` are the length codes of the documents, None for a field without."""
    impacts: NDArray[np.uint16] = np.minimum(frequencies, OFTEN).astype(np.uint16) << np.uint16(8)
    if codes is not None:
        impacts |= codes[documents]
    often = np.flatnonzero(frequencies >= OFTEN)
    most, least = blocks_of(impacts)
    parts: Parts = {
        "docs": documents.astype(np.uint16),
        "impacts": impacts,
        "often": np.column_stack([often, frequencies[often]]).astype(np.uint32).ravel(),
        "block_most": most,
        "block_least": least,
    }
    return parts if codes is None else {**parts, "lengths": codes}


def _sorted(ranks: Ints, stream: Stream, documents: int) -> tuple[Ints, Ints, Ints | None]:
    """Sort a stream by term, document and position: one sort of numbers that hold all three, where they fit."""
    places = stream.places
    document_bits = max(1, documents - 1).bit_length()
    place_bits = 0 if places is None or not len(places) else int(places.max()).bit_length()
    if len(stream.terms).bit_length() + document_bits + place_bits > 63:
        order = np.lexsort((stream.documents,) if places is None else (places, stream.documents, ranks))
        sorted_places = None if places is None else places[order].astype(np.int64)
        return ranks[order], stream.documents[order].astype(np.int64), sorted_places
    keys = (ranks << document_bits) | stream.documents
    if place_bits:
        assert places is not None
        keys = (keys << place_bits) | places
    keys.sort()
    sorted_places = None if places is None else keys & ((1 << place_bits) - 1)
    keys >>= place_bits
    return keys >> document_bits, keys & ((1 << document_bits) - 1), sorted_places


def _offsets(counts: Ints) -> NDArray[np.uint32]:
    """Return where each of some runs begins, and where the last ends."""
    offsets = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    if offsets[-1] >= 1 << 32:
        raise OverflowError("a segment of more than 4,294,967,295 words")
    return offsets.astype(np.uint32)
