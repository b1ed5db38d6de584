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

from index.search.arrays.errors import DamagedFileError, of_version

MAGIC = b"WFARRAYS"
VERSION = 2
_START = struct.Struct("<8sIIII")
_ALIGNED = 64
CHECKED_AT_ONCE = 1 << 20
"""Bytes of a file that is checked whole when it is opened; of a larger one the header and small arrays are."""
_SMALL = 1 << 13
SEALED = 0o400

Array = NDArray[Any]
Meta = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ArrayFile:
    """An open file: its arrays are views of the map, which lives as long as any of them does.

    `unchecked` are the arrays whose checksums were not read yet: where each begins, its bytes and its checksum.
    """

    name: str
    meta: Meta
    arrays: dict[str, Array]
    size_bytes: int
    mapped: mmap.mmap
    unchecked: dict[str, tuple[int, int, str]]

    def check_size(self) -> None:
        """Raise DamagedFileError where the file was cut or has grown since it was opened.

        It costs less than a microsecond, and reading behind the end of a mapped file ends the process (SIGBUS).
        """
        size = self.mapped.size()
        if size != self.size_bytes:
            raise DamagedFileError(
                f"{self.name} was changed while it was open: its size is {size}, not {self.size_bytes}"
            )

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
        """Write the header, forbid further writing, and see the file safely on the disk.

        Processes have it mapped: who copied another file over it would cut it under their feet.
        """
        try:
            for name, section in self._sections.items():
                if section.filled != section.items:
                    raise ValueError(f"{name}: {section.filled} items where {section.items} were announced")
            os.ftruncate(self._file, self.size_bytes)
            _write(self._file, memoryview(self._head()), 0)
            os.fchmod(self._file, SEALED)
            os.fsync(self._file)
        finally:
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
    """Map a file and check it; a large one is left to be checked later, as `unchecked` tells.

    Raises OSError, DamagedFileError or OtherVersionError.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size < _START.size:
            raise DamagedFileError(f"{path.name} is cut short: its size is {size}")
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    data = np.frombuffer(mapped, dtype=np.uint8)
    header, begin = _header(path.name, mapped, size)
    arrays, unchecked = {}, {}
    for name, (offset, kind, items, checksum) in header["arrays"].items():
        dtype = np.dtype(kind)
        part = data[begin + offset : begin + offset + items * dtype.itemsize]
        if size > CHECKED_AT_ONCE and part.size > _SMALL:
            unchecked[name] = (begin + offset, part.size, checksum)
        elif f"{zlib.crc32(part.data):08x}" != checksum:
            raise DamagedFileError(f"{path.name} is not as it was written: the checksum of {name} differs")
        arrays[name] = part.view(dtype)
    opened = ArrayFile(path.name, header["meta"], arrays, size, mapped, unchecked)
    opened.release()  # the check has read every page
    return opened


def _header(name: str, mapped: mmap.mmap, size: int) -> tuple[dict[str, Any], int]:
    """Read and check the header; return it with the place where the arrays begin."""
    magic, version, length, checksum, _ = _START.unpack(mapped[: _START.size])
    if magic != MAGIC:
        raise DamagedFileError(f"{name} is not a file of arrays")
    if version != VERSION:
        raise of_version(name, version, VERSION)
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
