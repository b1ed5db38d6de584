"""Several segments into one, without the documents that are deleted. Memory is bounded: terms are merged in ranges.

Every posting goes straight to its place: a term's postings of one segment lie together, and those of the next segment
have higher document numbers, so nothing is sorted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.search.arrays.building import vocabulary_parts
from index.search.arrays.container import ArrayFileWriter
from index.search.arrays.field import FieldArrays
from index.search.arrays.layout import BLOCK, MOST_DOCUMENTS, Ints, blocks_of
from index.search.arrays.merging_columns import MergedColumn, merged_columns, stored_sizes, write_stored
from index.search.arrays.segment import SegmentData

RANGE_POSTINGS = 1 << 20


@dataclass(frozen=True, slots=True)
class Input:
    """A segment to merge: which documents stay, and the numbers they get (meaningless for the others)."""

    data: SegmentData
    alive: NDArray[np.bool_]
    numbers: Ints
    whole: bool


@dataclass(frozen=True, slots=True)
class _Source:
    """One field of one input: for each of its terms the number in the merged vocabulary, what stays of it."""

    field: FieldArrays
    of: Input
    ranks: Ints
    postings: Ints
    words: Ints


@dataclass(frozen=True, slots=True)
class _Merged:
    """One field of all inputs: its vocabulary, and where postings and places of each term begin."""

    terms: list[bytes]
    sources: list[_Source]
    starts: Ints
    place_starts: Ints | None
    place_kind: Any
    often: int
    total: int
    has_lengths: bool


def merge_segments(inputs: Sequence[Input], path: Path) -> int:
    """Write the documents of some segments that stay into a new file; return how many they are."""
    documents = sum(int(one.alive.sum()) for one in inputs)
    if documents > MOST_DOCUMENTS:
        raise ValueError(f"one segment takes {MOST_DOCUMENTS} documents at the most, not {documents}")
    names = dict.fromkeys(name for one in inputs for name in one.data.fields)
    fields = {name: _merged(name, inputs) for name in names}
    columns = merged_columns(inputs)
    said = {name: _said(name, inputs, fields[name].total) for name in names}
    meta = {"documents": documents, "fields": said, "columns": {one.name: one.default_said for one in columns}}
    sizes: dict[str, tuple[Any, int]] = {}
    vocabularies = {}
    for name, merged in fields.items():
        vocabularies[name] = vocabulary_parts(merged.terms)
        sizes |= {f"{name}/{part}": (array.dtype, len(array)) for part, array in vocabularies[name].items()}
        sizes |= {f"{name}/{part}": size for part, size in _sizes(merged, documents).items()}
    for column in columns:
        sizes |= {f"{column.name}|{part}": (array.dtype, len(array)) for part, array in column.parts.items()}
    sizes |= stored_sizes(inputs)
    writer = ArrayFileWriter(path, meta, sizes)
    try:
        for name, merged in fields.items():
            for part, array in vocabularies.pop(name).items():
                writer.put(f"{name}/{part}", array)
            _write_field(writer, name, merged)
            for one in inputs:
                one.data.file.release()
        _write_columns(writer, columns)
        write_stored(writer, inputs)
    except BaseException:
        writer.abandon()
        raise
    writer.close()
    return documents


def inputs_of(segments: Sequence[tuple[SegmentData, frozenset[int]]]) -> list[Input]:
    """Return segments, each with the numbers of its deleted documents, as they go into one."""
    inputs = []
    base = 0
    for data, deleted in segments:
        alive = np.ones(data.documents, dtype=bool)
        alive[list(deleted)] = False
        inputs.append(Input(data, alive, np.cumsum(alive) - 1 + base, whole=not deleted))
        base += int(alive.sum())
    return inputs


def _said(name: str, inputs: Sequence[Input], total: int) -> dict[str, Any]:
    first = next(one for one in inputs if name in one.data.fields)
    return {**first.data.file.meta["fields"][name], "total": total}


def _merged(name: str, inputs: Sequence[Input]) -> _Merged:
    present = [(one.data.fields[name], one) for one in inputs if name in one.data.fields]
    counted = [_counts(field, of) for field, of in present]
    words: dict[bytes, int] = {}
    for (field, _), (postings, _) in zip(present, counted, strict=True):
        staying = (postings > 0).tolist()
        for term, stays in zip(field.terms_between(0, field.terms), staying, strict=True):
            if stays:
                words[term] = 0
    terms = sorted(words)
    words.update(zip(terms, range(len(terms)), strict=True))
    sources = []
    starts, place_starts = np.zeros(len(terms) + 1, dtype=np.int64), np.zeros(len(terms) + 1, dtype=np.int64)
    for (field, of), (postings, places) in zip(present, counted, strict=True):
        ranks = _ranks(field, words)
        sources.append(_Source(field, of, ranks, postings, places))
        known = ranks >= 0
        starts[1:][ranks[known]] += postings[known]
        place_starts[1:][ranks[known]] += places[known]
    total = int(place_starts.sum())
    has_places = all(field.places is not None for field, _ in present)
    has_lengths = present[0][0].lengths is not None
    kinds = [field.places.dtype for field, _ in present if field.places is not None]
    return _Merged(
        terms,
        sources,
        np.cumsum(starts),
        np.cumsum(place_starts) if has_places else None,
        np.result_type(*kinds) if has_places else None,
        often=sum(int(of.alive[field.docs[field.often[:, 0]]].sum()) for field, of in present),
        total=total if has_lengths else 0,
        has_lengths=has_lengths,
    )


def _ranks(field: FieldArrays, words: dict[bytes, int]) -> Ints:
    """The new number of every term of a field; -1 where nothing stays of it."""
    found = (words.get(term, -1) for term in field.terms_between(0, field.terms))
    return np.fromiter(found, dtype=np.int64, count=field.terms)


def _counts(field: FieldArrays, of: Input) -> tuple[Ints, Ints]:
    """How many postings and how many words stay of every term."""
    starts = field.starts.astype(np.int64)
    if of.whole and field.place_starts is not None:
        return _differences(starts), _differences(field.place_starts.astype(np.int64))
    postings, words = np.zeros(field.terms, dtype=np.int64), np.zeros(field.terms, dtype=np.int64)
    for low, high in _ranges(starts):
        begin, end = int(starts[low]), int(starts[high])
        if begin == end:
            continue
        stays = of.alive[field.docs[begin:end]]
        at = starts[low:high] - begin
        postings[low:high] = np.add.reduceat(stays.astype(np.int64), at)
        words[low:high] = np.add.reduceat(field.frequencies(begin, end) * stays, at)
    return postings, words


def _differences(values: Ints) -> Ints:
    found: Ints = values[1:] - values[:-1]
    return found


def _ranges(starts: Ints) -> Iterator[tuple[int, int]]:
    """Cut terms into ranges of about as many postings as may be in memory at once."""
    low, last = 0, len(starts) - 1
    while low < last:
        high = int(np.searchsorted(starts, starts[low] + RANGE_POSTINGS, side="right")) - 1
        high = min(max(high, low + 1), last)
        yield low, high
        low = high


def _sizes(merged: _Merged, documents: int) -> dict[str, tuple[Any, int]]:
    postings = int(merged.starts[-1])
    sizes: dict[str, tuple[Any, int]] = {
        "starts": (np.uint32, len(merged.starts)),
        "docs": (np.uint16, postings),
        "impacts": (np.uint16, postings),
        "often": (np.uint32, 2 * merged.often),
        "block_most": (np.uint8, -(-postings // BLOCK)),
        "block_least": (np.uint8, -(-postings // BLOCK)),
    }
    if merged.has_lengths:
        sizes["lengths"] = (np.uint8, documents)
    if merged.place_starts is not None:
        sizes["place_starts"] = (np.uint32, len(merged.place_starts))
        sizes["block_places"] = (np.uint32, -(-postings // BLOCK))
        sizes["places"] = (merged.place_kind, int(merged.place_starts[-1]))
    return sizes


def _write_field(writer: ArrayFileWriter, name: str, merged: _Merged) -> None:
    writer.put(f"{name}/starts", merged.starts)
    if merged.place_starts is not None:
        writer.put(f"{name}/place_starts", merged.place_starts)
    if merged.has_lengths:
        for source in merged.sources:
            assert source.field.lengths is not None
            writer.put(f"{name}/lengths", source.field.lengths[source.of.alive])
    left = np.empty(0, dtype=np.uint16)
    for low, high in _ranges(merged.starts):
        impacts, often = _write_range(writer, name, merged, low, high)
        writer.put(f"{name}/often", often.ravel())
        if merged.place_starts is not None:
            base = int(merged.starts[low])
            frequencies = (impacts >> 8).astype(np.int64)
            frequencies[often[:, 0] - base] = often[:, 1]
            before = np.cumsum(frequencies) - frequencies + merged.place_starts[low]
            writer.put(f"{name}/block_places", before[-base % BLOCK :: BLOCK])
        # Blocks go on from range to range: what is left of one begins the next.
        left = np.concatenate([left, impacts])
        full = len(left) // BLOCK * BLOCK
        _write_blocks(writer, name, left[:full])
        left = left[full:]
        for source in merged.sources:
            source.of.data.file.release()
    _write_blocks(writer, name, left)


def _write_blocks(writer: ArrayFileWriter, name: str, impacts: NDArray[np.uint16]) -> None:
    most, least = blocks_of(impacts)
    writer.put(f"{name}/block_most", most)
    writer.put(f"{name}/block_least", least)


def _write_range(
    writer: ArrayFileWriter, name: str, merged: _Merged, low: int, high: int
) -> tuple[NDArray[np.uint16], Ints]:
    """Write the postings and places of the terms low, low + 1, ... high - 1; return impacts and what is often."""
    base = int(merged.starts[low])
    docs = np.empty(int(merged.starts[high]) - base, dtype=np.uint16)
    impacts = np.empty(len(docs), dtype=np.uint16)
    ahead = merged.starts[low:high] - base
    often = []
    places, places_ahead = None, None
    if merged.place_starts is not None:
        places = np.empty(int(merged.place_starts[high] - merged.place_starts[low]), dtype=merged.place_kind)
        places_ahead = merged.place_starts[low:high] - merged.place_starts[low]
    for source in merged.sources:
        known = np.flatnonzero((source.ranks >= low) & (source.ranks < high))
        if not len(known):
            continue
        field, first, last = source.field, int(known[0]), int(known[-1]) + 1
        begin, end = int(field.starts[first]), int(field.starts[last])
        stays = source.of.alive[field.docs[begin:end]]
        ranks, counts = source.ranks[known] - low, source.postings[known]
        to = _destinations(ahead[ranks], counts)
        chosen = slice(None) if source.of.whole else stays
        docs[to] = source.of.numbers[field.docs[begin:end][chosen]]
        impacts[to] = field.impacts[begin:end][chosen]
        ahead[ranks] += counts
        often.append(_often(source, begin, end, stays, to + base))
        if places is not None and places_ahead is not None:
            at = _destinations(places_ahead[ranks], source.words[known])
            places[at] = _places(source, first, last, stays)
            places_ahead[ranks] += source.words[known]
    writer.put(f"{name}/docs", docs)
    writer.put(f"{name}/impacts", impacts)
    if places is not None:
        writer.put(f"{name}/places", places)
    rows = np.concatenate(often) if often else np.empty((0, 2), dtype=np.int64)
    return impacts, rows[np.argsort(rows[:, 0], kind="stable")]


def _places(source: _Source, first: int, last: int, stays: NDArray[np.bool_]) -> NDArray[Any]:
    """The places of the terms first, first + 1, ... last - 1 in the documents that stay."""
    field = source.field
    assert field.places is not None
    assert field.place_starts is not None
    given = field.places[int(field.place_starts[first]) : int(field.place_starts[last])]
    if source.of.whole:
        return given
    return given[np.repeat(stays, field.frequencies(int(field.starts[first]), int(field.starts[last])))]


def _destinations(begins: Ints, counts: Ints) -> Ints:
    """Where things go that lie in runs: the runs' new beginnings, and how long each is."""
    ends = np.cumsum(counts)
    found: Ints = np.arange(int(ends[-1])) + np.repeat(begins - (ends - counts), counts)
    return found


def _often(source: _Source, begin: int, end: int, stays: NDArray[np.bool_], to: Ints) -> Ints:
    """The postings too frequent for their impact, by their new numbers."""
    rows = source.field.often
    if not len(rows):
        return np.empty((0, 2), dtype=np.int64)
    low, high = rows[:, 0].searchsorted([begin, end])
    chosen = rows[low:high].astype(np.int64)
    chosen = chosen[stays[chosen[:, 0] - begin]]
    places = np.cumsum(stays)[chosen[:, 0] - begin] - 1
    return np.column_stack([to[places], chosen[:, 1]])


def _write_columns(writer: ArrayFileWriter, columns: Sequence[MergedColumn]) -> None:
    for column in columns:
        for part, array in column.parts.items():
            writer.put(f"{column.name}|{part}", array)
