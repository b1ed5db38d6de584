"""One file of named arrays: a JSON header, then the arrays as they lie in memory. Nothing in here knows of an index.

    8 bytes   magic
    4         version of the format        \\
    4         bytes of the header           | little-endian
    4         checksum of the header       /
    4         zero
    ...       header: {"meta": ..., "arrays": {name: [offset, dtype, items, checksum]}, "bytes": size of the file}
    ...       the arrays, each at a multiple of 64 bytes from the end of the header

The checksums are CRC-32, those of the arrays as eight hexadecimal digits: the header has its length before any array
is written.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.search.arrays.errors import DamagedFileError, OtherVersionError

MAGIC = b"WFARRAYS"
VERSION = 2
_START = struct.Struct("<8sIIII")
_ALIGNED = 64

Array = NDArray[Any]
Meta = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ArrayFile:
    """An open file: its arrays are views of the map, which lives as long as any of them does."""

    meta: Meta
    arrays: dict[str, Array]
    size_bytes: int
    mapped: mmap.mmap

    def release(self) -> None:
        """Let pages that were read count as the system's cache alone, where they stay; reading them again is cheap."""
        self.mapped.madvise(mmap.MADV_DONTNEED)


@dataclass(slots=True)
class _Section:
    """One array being written: where it begins, and how far it is filled."""

    kind: np.dtype[Any]
    items: int
    offset: int
    filled: int = 0
    checksum: int = 0


class ArrayFileWriter:
    """Writes a file whose arrays are filled piece by piece, in any order between them; their sizes are given before."""

    def __init__(self, path: Path, meta: Meta, sizes: Mapping[str, tuple[Any, int]]) -> None:
        """Create the file. `sizes` maps a name to its dtype and number of items."""
        self._meta = meta
        self._sections: dict[str, _Section] = {}
        offset = 0
        for name, (kind, items) in sizes.items():
            section = _Section(np.dtype(kind), items, offset)
            self._sections[name] = section
            offset += -(-items * section.kind.itemsize // _ALIGNED) * _ALIGNED
        self._data_bytes = offset
        self._begin = len(self._head())
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    @property
    def size_bytes(self) -> int:
        """The size of the whole file."""
        return self._begin + self._data_bytes

    def put(self, name: str, values: Array) -> None:
        """Append values to an array."""
        section = self._sections[name]
        data = np.ascontiguousarray(values, dtype=section.kind).view(np.uint8).data
        at = self._begin + section.offset + section.filled * section.kind.itemsize
        _write(self._file, data, at)
        section.checksum = zlib.crc32(data, section.checksum)
        section.filled += len(values)
        if section.filled > section.items:
            raise ValueError(f"{name}: {section.filled} items where {section.items} were announced")

    def close(self) -> None:
        """Write the header and see the file safely on the disk."""
        for name, section in self._sections.items():
            if section.filled != section.items:
                raise ValueError(f"{name}: {section.filled} items where {section.items} were announced")
        os.ftruncate(self._file, self.size_bytes)
        _write(self._file, memoryview(self._head()), 0)
        os.fsync(self._file)
        os.close(self._file)

    def abandon(self) -> None:
        """Close the file as it is; it will not open."""
        os.close(self._file)

    def _head(self) -> bytes:
        arrays = {
            name: [one.offset, one.kind.str, one.items, f"{one.checksum:08x}"] for name, one in self._sections.items()
        }
        # The size of the file stands in the header, whose length it has part in: ten digits, always.
        size = getattr(self, "_begin", 0) + self._data_bytes
        text = json.dumps({"meta": self._meta, "arrays": arrays, "bytes": f"{size:015d}"}).encode("utf-8")
        text += b" " * (-(len(text) + _START.size) % _ALIGNED)
        return _START.pack(MAGIC, VERSION, len(text), zlib.crc32(text), 0) + text


def write_array_file(path: Path, meta: Meta, arrays: Mapping[str, Array]) -> int:
    """Write whole arrays into a new file; return its size."""
    writer = ArrayFileWriter(path, meta, {name: (values.dtype, len(values)) for name, values in arrays.items()})
    try:
        for name, values in arrays.items():
            writer.put(name, values)
    except BaseException:
        writer.abandon()
        raise
    writer.close()
    return writer.size_bytes


def open_array_file(path: Path) -> ArrayFile:
    """Map a file and check it whole. Raises FileNotFoundError, DamagedFileError or OtherVersionError."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size < _START.size:
            raise DamagedFileError(f"{path.name} is cut short: its size is {size}")
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    data = np.frombuffer(mapped, dtype=np.uint8)
    header, begin = _header(path.name, mapped, size)
    arrays = {}
    for name, (offset, kind, items, checksum) in header["arrays"].items():
        dtype = np.dtype(kind)
        part = data[begin + offset : begin + offset + items * dtype.itemsize]
        if f"{zlib.crc32(part.data):08x}" != checksum:
            raise DamagedFileError(f"{path.name} is not as it was written: the checksum of {name} differs")
        arrays[name] = part.view(dtype)
    opened = ArrayFile(header["meta"], arrays, size, mapped)
    opened.release()  # the check has read every page
    return opened


def _header(name: str, mapped: mmap.mmap, size: int) -> tuple[dict[str, Any], int]:
    """Read and check the header; return it with the place where the arrays begin."""
    magic, version, length, checksum, _ = _START.unpack(mapped[: _START.size])
    if magic != MAGIC:
        raise DamagedFileError(f"{name} is not a file of arrays")
    if version != VERSION:
        raise OtherVersionError(f"{name} has version {version} of the format, and this program reads {VERSION}")
    text = mapped[_START.size : _START.size + length]
    if len(text) != length or zlib.crc32(text) != checksum:
        raise DamagedFileError(f"{name} is not as it was written: the checksum of its header differs")
    header: dict[str, Any] = json.loads(text)
    if int(header["bytes"]) != size:
        raise DamagedFileError(f"{name} is cut or longer than written: its size is {size}, not {int(header['bytes'])}")
    return header, _START.size + length


def _write(file: int, data: memoryview, at: int) -> None:
    while len(data):
        written = os.pwrite(file, data[: 1 << 30], at)
        data, at = data[written:], at + written
