"""The table of contents: which segments an index has at a commit, which of their documents are gone. JSON, no pickle.

The schema is code and is handed in by whoever opens the index; the table keeps a description of it, so that an index
made for other fields is noticed.
"""

from __future__ import annotations

import base64
import json
import os
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.search.arrays.container import VERSION
from index.search.arrays.errors import DamagedFileError, OtherVersionError

FORMAT = "whoosh arrays"


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A segment in the table: its name, its documents and the numbers of those that are deleted."""

    name: str
    documents: int
    deleted: frozenset[int]


@dataclass(frozen=True, slots=True)
class Contents:
    """A table of contents. `schema` describes every field in words."""

    generation: int
    schema: dict[str, str]
    segments: tuple[SegmentEntry, ...]


def description_of(schema: Any) -> dict[str, str]:
    """Describe a Whoosh schema so that two that index alike read alike."""
    described = {}
    for name, field in schema.items():
        format_ = type(field.format).__name__ if field.format is not None else "-"
        column = type(field.column_type).__name__ if field.column_type else "-"
        chain = [type(step).__name__ for step in getattr(field.analyzer, "items", None) or [field.analyzer]]
        described[name] = " ".join([type(field).__name__, format_, column, *chain])
    return described


def write_contents(path: Path, contents: Contents) -> None:
    """Write a table beside its place and move it there in one step, safely on the disk."""
    body = {
        "generation": contents.generation,
        "schema": contents.schema,
        "segments": [
            {"name": one.name, "documents": one.documents, "deleted": _packed(one.deleted, one.documents)}
            for one in contents.segments
        ],
    }
    text = json.dumps(body, sort_keys=True)
    whole = {"format": FORMAT, "version": VERSION, "checksum": zlib.crc32(text.encode()), "contents": body}
    temporary = path.with_name(f"{path.name}.{time.time_ns()}")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(whole, file, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def is_contents(path: Path) -> bool:
    """Say whether a file begins as a table of ours does, whatever comes after."""
    with path.open("rb") as file:
        return file.read(1) == b"{"


def read_contents(path: Path) -> Contents:
    """Read and check a table. Raises FileNotFoundError, DamagedFileError or OtherVersionError."""
    try:
        whole = json.loads(path.read_bytes())
        if whole["format"] != FORMAT:
            raise DamagedFileError(f"{path.name} is no table of contents of arrays")
        if whole["version"] != VERSION:
            raise OtherVersionError(
                f"{path.name} has version {whole['version']} of the format, and this program reads {VERSION}"
            )
        body = whole["contents"]
        if zlib.crc32(json.dumps(body, sort_keys=True).encode()) != whole["checksum"]:
            raise DamagedFileError(f"{path.name} is not as it was written: its checksum differs")
        segments = tuple(
            SegmentEntry(one["name"], one["documents"], _unpacked(one["deleted"])) for one in body["segments"]
        )
        return Contents(body["generation"], body["schema"], segments)
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise DamagedFileError(f"{path.name} is not a table of contents ({type(error).__name__})") from error


def _packed(numbers: frozenset[int], documents: int) -> str:
    if not numbers:
        return ""
    flags = np.zeros(documents, dtype=bool)
    flags[list(numbers)] = True
    return base64.b64encode(zlib.compress(np.packbits(flags).tobytes())).decode("ascii")


def _unpacked(text: str) -> frozenset[int]:
    if not text:
        return frozenset()
    flags = np.unpackbits(np.frombuffer(zlib.decompress(base64.b64decode(text)), dtype=np.uint8))
    return frozenset(np.flatnonzero(flags).tolist())
