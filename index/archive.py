"""Raw pages as WARC, so that better rules can be run again over what was fetched, by us or by any other tool.

One new file per run, each record a gzip member of its own, flushed before its position is returned. A file of a killed
run may end in a torn record; it is never appended to, and every position the database knows lies before the tear.
"""

from __future__ import annotations

import io
import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

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
        """Rewrite the file without the record; positions of the others stay valid, as its bytes become empty members.

        The record is overwritten by gzip members that hold nothing, so that no other record moves.
        """
        path = self.folder / Path(position.file).name
        with path.open("rb") as file:
            before = file.read(position.offset)
            file.seek(position.offset + position.length)
            after = file.read()
        temporary = path.with_suffix(".rewriting")
        with temporary.open("wb") as file:
            file.write(before + _empty_members(position.length) + after)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)


def _header_value(value: str) -> str:
    """A header value on one line, in the characters a header may hold."""
    return re.sub(r"[\r\n\x00]+", " ", value).encode("utf-8", "replace").decode("latin-1")


def _reason(status: int) -> str:
    from http import HTTPStatus

    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _empty_members(length: int) -> bytes:
    """Exactly `length` bytes of gzip members with no content: a header's comment field takes any number of bytes."""
    head = b"\x1f\x8b\x08\x10\x00\x00\x00\x00\x00\xff"  # FCOMMENT set
    tail = b"\x00" + b"\x03\x00" + b"\x00" * 8  # end of comment, empty deflate block, crc and size of nothing
    filler = length - len(head) - len(tail)
    if filler < 0:
        raise ValueError(f"a record of {counted(length, 'byte')} is too short to be replaced")
    return head + b"-" * filler + tail
