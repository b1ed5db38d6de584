"""The columns and stored fields of several segments as those of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from index.search.arrays.building import Parts
from index.search.arrays.columns import Column, distinct_parts
from index.search.arrays.container import ArrayFileWriter

if TYPE_CHECKING:
    from index.search.arrays.merging import Input


@dataclass(frozen=True, slots=True)
class MergedColumn:
    """A column of the new segment."""

    name: str
    default_said: Any
    parts: Parts


def merged_columns(inputs: Sequence[Input]) -> list[MergedColumn]:
    """Return all columns any input has; documents of the others have the default there."""
    names = dict.fromkeys(name for one in inputs for name in one.data.columns)
    return [_merged(name, inputs) for name in names]


def _merged(name: str, inputs: Sequence[Input]) -> MergedColumn:
    held = [(one, one.data.columns.get(name)) for one in inputs]
    default = next(column.default for _, column in held if column is not None)
    if isinstance(default, tuple):
        return MergedColumn(name, default, _several(held))
    if not isinstance(default, bytes):
        number = np.result_type(*(_numbers(column).dtype for _, column in held if column is not None))
        numbers = [
            np.full(int(one.alive.sum()), default, dtype=number) if column is None else _numbers(column)[one.alive]
            for one, column in held
        ]
        return MergedColumn(name, default, {"numbers": np.concatenate(numbers)})
    distinct = sorted({default, *_staying(held)})
    code = {value: at for at, value in enumerate(distinct)}
    kind = np.uint16 if len(distinct) < 1 << 16 else np.uint32
    codes = []
    for one, column in held:
        if column is None or column.codes is None:
            codes.append(np.full(int(one.alive.sum()), code[default], dtype=kind))
        else:
            new = np.array([code.get(value, 0) for value in column.distinct], dtype=kind)
            codes.append(new[column.codes[one.alive]])
    return MergedColumn(name, None, {"codes": np.concatenate(codes), **distinct_parts(distinct)})


def _several(held: Sequence[tuple[Input, Column | None]]) -> Parts:
    """The values that stay, with new codes, and the new numbers of their documents."""
    distinct = sorted(_staying(held))
    code = {value: at for at, value in enumerate(distinct)}
    code_kind = np.uint16 if len(distinct) < 1 << 16 else np.uint32
    codes, documents = [], []
    for one, column in held:
        if column is not None and column.codes is not None and column.documents is not None:
            stays = one.alive[column.documents]
            new = np.array([code.get(value, 0) for value in column.distinct], dtype=code_kind)
            codes.append(new[column.codes[stays]])
            documents.append(one.numbers[column.documents[stays]].astype(np.uint16))
    return {"documents": np.concatenate(documents), "codes": np.concatenate(codes), **distinct_parts(distinct)}


def _staying(held: Sequence[tuple[Input, Column | None]]) -> set[bytes]:
    """The distinct values of documents that stay: a name that is gone must not be found in the new segment."""
    found: set[bytes] = set()
    for one, column in held:
        if column is not None and column.codes is not None:
            stays = one.alive if column.documents is None else one.alive[column.documents]
            counts = np.bincount(column.codes[stays], minlength=column.names)
            found.update(value for value, count in zip(column.distinct, counts.tolist(), strict=True) if count)
    return found


def _numbers(column: Column) -> Any:
    assert column.numbers is not None
    return column.numbers


def stored_sizes(inputs: Sequence[Input]) -> dict[str, tuple[Any, int]]:
    """Return how much room the stored fields take."""
    documents = sum(int(one.alive.sum()) for one in inputs)
    size = sum(int(_stored_lengths(one)[one.alive].sum()) for one in inputs)
    return {"|stored_at": (np.int64, documents + 1), "|stored": (np.uint8, size)}


def write_stored(writer: ArrayFileWriter, inputs: Sequence[Input]) -> None:
    """Write the stored fields; those of a whole segment are taken as they lie."""
    writer.put("|stored_at", np.zeros(1, dtype=np.int64))
    base = 0
    for one in inputs:
        ends = np.cumsum(_stored_lengths(one)[one.alive]) + base
        writer.put("|stored_at", ends)
        base = int(ends[-1]) if len(ends) else base
        if one.whole:
            writer.put("|stored", one.data.all_stored)
            continue
        staying = np.flatnonzero(one.alive).tolist()
        for begin in range(0, len(staying), 1024):
            text = b"".join(map(one.data.stored_bytes, staying[begin : begin + 1024]))
            writer.put("|stored", np.frombuffer(text, dtype=np.uint8))


def _stored_lengths(one: Input) -> Any:
    return np.diff(one.data.stored_at)
