"""Looking through a data folder for words that must not be there: in plain bytes, unpacked records, packed features."""

from __future__ import annotations

import base64
import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

_BASE64 = re.compile(rb"[A-Za-z0-9+/]{80,}={0,2}")


def files_with(folder: Path, words: Iterable[str]) -> dict[str, list[str]]:
    """Return which of some words each file below a folder holds, whatever it is packed in; nothing for none."""
    sought = {word: word.casefold().encode() for word in words}
    found: dict[str, list[str]] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        for content in _readings(path):
            small = content.lower()
            for word, written in sought.items():
                if written in small and word not in found.setdefault(str(path.relative_to(folder)), []):
                    found[str(path.relative_to(folder))].append(word)
    return {name: held for name, held in found.items() if held}


def _readings(path: Path) -> Iterator[bytes]:
    content = path.read_bytes()
    yield content
    if path.suffix == ".gz":
        try:
            yield gzip.decompress(content)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            yield from _members(content)
    for packed in _BASE64.findall(content):
        yield base64.b64decode(packed[: len(packed) // 4 * 4], validate=False)


def _members(content: bytes) -> Iterator[bytes]:
    """What can be unpacked of a torn file."""
    for begin in [found.start() for found in re.finditer(rb"\x1f\x8b\x08", content)]:
        try:
            yield zlib.decompressobj(wbits=31).decompress(content[begin:])
        except zlib.error:
            continue
