"""Raw pages as WARC, so that better rules can be run again over what was fetched, by us or by any other tool.

One new file per run, each record a gzip member of its own, flushed before its position is returned. A file of a killed
run may end in a torn record; it is never appended to, and every position the database knows lies before the tear.
"""

from __future__ import annotations

import fcntl
import io
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.timeutils import datetime_to_iso_date
from warcio.warcwriter import WARCWriter

from config.counting import counted
from config.errors import StorageFullError
from index.errors import ArchiveFileError
from index.records import Page, WarcPosition
from index.warc_files import REQUESTED_HEADER, page_of_record

_HOP_BY_HOP = frozenset({"transfer-encoding", "content-encoding", "content-length", "connection"})
_PIECE_BYTES = 1 << 20
_REWRITING = ".rewriting"
_HEADER_NAME = re.compile(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")


class ArchiveWriter:
    """Appends records to the one file of its run. Use it as a context manager, from one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: io.BufferedWriter | None = None
        self._writer: WARCWriter | None = None

    def append(self, page: Page) -> WarcPosition:
        """Write one response record and return where it lies; it is handed to the system before this returns.

        Raises StorageFullError when the disk is full.
        """
        try:
            if self._file is None or self._writer is None:
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._file = self._path.open("xb")
                os.fchmod(self._file.fileno(), 0o600)
                fcntl.flock(self._file, fcntl.LOCK_EX)  # whoever removes records sees that it is being written
                self._writer = WARCWriter(self._file, gzip=True)
                self._writer.write_record(
                    self._writer.create_warcinfo_record(self._path.name, {"software": "Watchfloor"})
                )
            offset = self._file.tell()
            self._writer.write_record(self._record(page))
            self._file.flush()
            return WarcPosition(self._path.name, offset, self._file.tell() - offset)
        except OSError as error:
            raise StorageFullError(
                f"{self._path}: cannot be written ({error.strerror}); free space, then repeat."
            ) from error

    def take_back(self, position: WarcPosition) -> None:
        """Overwrite a record of this file with nothing: it must not be kept after all."""
        assert self._file is not None
        _overwrite(self._file, [(position.offset, position.length)])

    def close(self) -> None:
        """Close the file; without a record there is none."""
        if self._file is not None:
            # Every record was flushed before its position was told. What a full disk leaves unwritten belongs to one
            # that append refused already, and must not hide how the run ends.
            with suppress(OSError):
                self._file.close()
            self._file = None
            self._writer = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _record(self, page: Page) -> Any:
        assert self._writer is not None
        named = {"content-type": page.content_type, "etag": page.etag, "last-modified": page.last_modified}
        headers = [
            (name, _header_value(value))
            for name, value in page.headers
            if _HEADER_NAME.match(name) and name.lower() not in _HOP_BY_HOP and name.lower() not in named
        ]
        headers += [(name.title(), _header_value(value)) for name, value in named.items() if value]
        headers.append(("Content-Length", str(len(page.body))))
        extra = {"WARC-Date": datetime_to_iso_date(page.fetched_at.replace(tzinfo=None), use_micros=True)}
        if page.requested_url and page.requested_url != page.url:
            extra[REQUESTED_HEADER] = _header_value(page.requested_url)
        if page.url.startswith("urn:"):  # no server answered with it: a file, kept as it was
            return self._writer.create_warc_record(
                _header_value(page.url),
                "resource",
                payload=io.BytesIO(page.body),
                length=len(page.body),
                warc_content_type=_header_value(page.content_type) or "application/octet-stream",
                warc_headers_dict=extra,
            )
        return self._writer.create_warc_record(
            _header_value(page.url),
            "response",
            payload=io.BytesIO(page.body),
            length=len(page.body),
            http_headers=StatusAndHeaders(f"{page.status} {_reason(page.status)}", headers, protocol="HTTP/1.1"),
            warc_headers_dict=extra,
        )


class Archive:
    """The folder of WARC files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open_writer(self, run_name: str, *, now: datetime | None = None) -> ArchiveWriter:
        """Return a writer for a new file named after run and instant; the file appears with its first record."""
        stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%S%f")
        safe = re.sub(r"[^A-Za-z0-9_.-]+", "-", run_name)[:80] or "run"
        return ArchiveWriter(self.folder / f"{stamp}-{safe}-{os.getpid()}.warc.gz")

    def read(self, position: WarcPosition) -> Page:
        """Return the page at a position. Raises ArchiveFileError when the file or the record is not there."""
        path = self.folder / Path(position.file).name
        try:
            with path.open("rb") as file:
                file.seek(position.offset)
                member = io.BytesIO(file.read(position.length))
            for record in ArchiveIterator(member):
                page = page_of_record(record)
                if page is not None:
                    return page
        except FileNotFoundError:
            raise ArchiveFileError(
                f"{path}: the raw record is gone; the article's text is still in the database."
            ) from None
        except (OSError, EOFError, ArchiveLoadFailed, ValueError, AttributeError) as error:
            raise ArchiveFileError(
                f"{path}: the record at byte {position.offset} cannot be read ({error}); restore it from a backup."
            ) from error
        raise ArchiveFileError(f"{path}: no response record at byte {position.offset}; restore the file from a backup.")

    def remove(self, position: WarcPosition) -> None:
        """Rewrite a file without one record; see `remove_all`."""
        self.remove_all(position.file, [position])

    def remove_all(self, file: str, positions: Iterable[WarcPosition]) -> bool:
        """Rewrite a file without these records; return False where there is no such file. Repeatable.

        In their place stand gzip members that hold nothing, so no other record moves, and a position read just before
        stays right. The new file takes the place of the old in one step; only one that a crawl is writing is written
        over in place, a record at a time. Raises StorageFullError when it cannot be written.
        """
        path = self.folder / Path(file).name
        extents = sorted({(one.offset, one.length) for one in positions})
        try:
            with self._alone(), path.open("r+b") as held:
                for left in self.folder.glob(f".{path.name}.*{_REWRITING}"):
                    left.unlink(missing_ok=True)
                if _is_being_written(held):
                    _overwrite(held, extents)
                else:
                    _rewrite(path, held, extents)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StorageFullError(
                f"{path}: cannot be rewritten ({error.strerror}); free space or give the right to write, then repeat."
            ) from error
        return True

    def drop_file(self, file: str) -> int:
        """Delete a whole file nobody writes; return its bytes, 0 where there is none or a crawl is writing it."""
        path = self.folder / Path(file).name
        try:
            with self._alone(), path.open("rb") as held:
                size = 0 if _is_being_written(held) else os.fstat(held.fileno()).st_size
                if size:
                    path.unlink(missing_ok=True)
        except FileNotFoundError:
            return 0
        return size

    def link(self, file: str, path: Path) -> int:
        """Give a finished file a second name, on the same disk; return its bytes, 0 where that cannot be done.

        Under that name it stays as it is now, whatever is removed later: removing puts a new file in its place.
        """
        own = self.folder / Path(file).name
        try:
            with self._alone(), own.open("rb") as held:
                if _is_being_written(held):
                    return 0
                os.link(own, path)
                path.chmod(0o600)  # one file, two names: older ones were made for others to read
                return os.fstat(held.fileno()).st_size
        except OSError:
            return 0

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one process at a time remove records: each puts a new file in the place of the one it read."""
        with (self.folder / "removals.lock").open("w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _is_being_written(file: IO[bytes]) -> bool:
    """Say whether a writer has a file open; each holds a lock on its own."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _rewrite(path: Path, held: IO[bytes], extents: Sequence[tuple[int, int]]) -> None:
    """Write the file beside itself, with nothing in these places, and put it in its own place."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}{_REWRITING}")
    try:
        with temporary.open("wb") as file:
            os.fchmod(file.fileno(), os.fstat(held.fileno()).st_mode & 0o777)
            at = 0
            size = os.fstat(held.fileno()).st_size
            for offset, length in extents:
                _copy(held, file, at, min(offset, size))
                at = max(at, min(offset + length, size))
                if offset + length <= size:
                    _empty(file, length)
            _copy(held, file, at, size)
            file.truncate(size)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _keep_name(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _overwrite(held: IO[bytes], extents: Sequence[tuple[int, int]]) -> None:
    for offset, length in extents:
        os.pwrite(held.fileno(), b"".join(_empty_members(length)), offset)
    os.fsync(held.fileno())


def _copy(source: IO[bytes], target: IO[bytes], begin: int, end: int) -> None:
    source.seek(begin)
    while begin < end:
        piece = source.read(min(_PIECE_BYTES, end - begin))
        if not piece:
            return
        target.write(piece)
        begin += len(piece)


def _empty(target: IO[bytes], length: int) -> None:
    """Write members that hold nothing; their filling is a hole, which takes no room on the disk."""
    for member in _empty_members(length):
        target.write(member[:_EMPTY_HEAD])
        target.seek(len(member) - _EMPTY_HEAD - _EMPTY_TAIL, os.SEEK_CUR)
        target.write(member[-_EMPTY_TAIL:])


def _keep_name(folder: Path) -> None:
    """Make sure that what a file is called in a folder survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _header_value(value: str) -> str:
    """A header value on one line, in the characters a header may hold."""
    return re.sub(r"[\r\n\x00]+", " ", value).encode("utf-8", "replace").decode("latin-1")


def _reason(status: int) -> str:
    from http import HTTPStatus

    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


_EMPTY_HEAD, _EMPTY_TAIL = 12, 10
_MOST_FILLING = 0xFFFF


def _empty_members(length: int) -> list[bytes]:
    """Exactly `length` bytes of gzip members with no content: the extra field of their heads takes the room.

    A length under 22 bytes is no record of ours: ValueError.
    """
    frame = _EMPTY_HEAD + _EMPTY_TAIL
    if length < frame:
        raise ValueError(f"a record of {counted(length, 'byte')} is too short to be replaced")
    members = []
    while length:
        size = length if length <= frame + _MOST_FILLING else min(frame + _MOST_FILLING, length - frame)
        filling = size - frame
        head = b"\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\xff" + filling.to_bytes(2, "little")  # FEXTRA set
        members.append(head + bytes(filling) + b"\x03\x00" + bytes(8))  # empty deflate block, crc and size of nothing
        length -= size
    return members
