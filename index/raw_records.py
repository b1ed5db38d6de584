"""The records of one of our WARC files one after the other, those no page has too: redirects, robots.txt, refusals.

A file that a crawl is writing, or that a killed one left torn, is read as far as it is whole.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from index.records import WarcPosition
from index.warc_files import REQUESTED_HEADER

_PIECE_BYTES = 1 << 16
_HEAD_BYTES = 1 << 14


@dataclass(frozen=True, slots=True)
class RawRecord:
    """An unpacked record: where it lies, the address it is of, the one asked for first, and all its bytes."""

    position: WarcPosition
    url: str
    requested_url: str
    content: bytes


def records_in(path: Path, *, known: Iterable[int] = ()) -> Iterator[RawRecord]:
    """Yield the records of a file but for emptied ones. Behind a torn one it goes on at the next offset `known`."""
    offset = 0
    with path.open("rb") as file:
        while True:
            content, length = _member(file, offset)
            if length == 0:
                later = [one for one in known if one > offset]
                if not later:
                    return
                offset = min(later)
                continue
            if content:
                url, requested = _addresses(content)
                yield RawRecord(WarcPosition(path.name, offset, length), url, requested, content)
            offset += length


def _member(file: BinaryIO, offset: int) -> tuple[bytes, int]:
    """Unpack the gzip member at an offset; return what is in it and its length, 0 where none is whole there."""
    file.seek(offset)
    unpacker = zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    read = 0
    while not unpacker.eof:
        piece = file.read(_PIECE_BYTES)
        if not piece:
            return b"", 0
        read += len(piece)
        try:
            parts.append(unpacker.decompress(piece))
        except zlib.error:
            return b"", 0
    return b"".join(parts), read - len(unpacker.unused_data)


def _addresses(content: bytes) -> tuple[str, str]:
    """The address of a record and the one asked for first, from its WARC headers."""
    found = {"warc-target-uri": "", REQUESTED_HEADER.lower(): ""}
    head = content[:_HEAD_BYTES].split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace")
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() in found:
            found[name.strip().lower()] = value.strip().strip("<>")
    return found["warc-target-uri"], found[REQUESTED_HEADER.lower()]
