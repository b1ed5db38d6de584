"""Raw pages as WARC, so that better rules can be run again over what was fetched, by us or by any other tool.

One new file per run, each record a gzip member of its own, flushed before its position is returned. A file of a killed
run may end in a torn record; it is never appended to, and every position the database knows lies before the tear.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.timeutils import datetime_to_iso_date, iso_date_to_datetime
from warcio.warcwriter import WARCWriter

from config.errors import StorageFullError
from index.errors import ArchiveFileError
from index.records import Page, WarcPosition

MAX_BODY_BYTES = 8 * 1024 * 1024
"""Payloads over this are left out when foreign WARC files are read, as a crawl would leave them out."""

_PIECE_BYTES = 1 << 16
_REQUESTED = "X-Watchfloor-Requested-URI"
_KNOWN_ADDRESSES = ("http://", "https://", "urn:watchfloor:")
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
            extra[_REQUESTED] = _header_value(page.requested_url)
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
                page = _page_of(record)
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


def iter_warc(path: Path) -> Iterator[Page]:
    """Yield the pages of any WARC file, one of another tool too: response and resource records with an http(s) address.

    Revisits, requests and metadata are passed over; bodies over 8 MiB come empty with their headers. Raises
    ArchiveFileError, naming the byte, at the first record that cannot be read, after yielding all before it.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise ArchiveFileError(f"{path}: cannot be opened ({error.strerror}).") from None
    with file:
        records = ArchiveIterator(file, no_record_parse=False, arc2warc=True)
        offset = 0
        seen = 0
        while True:
            try:
                record = next(records)
                page = _page_of(record)
                offset = records.get_record_offset()  # reads what is left of the record, so it comes last
                missing = getattr(record.raw_stream, "limit", 0)
                if missing:  # warcio hands a record cut short on without a word
                    raise EOFError(f"{missing} bytes of it are missing")
            except StopIteration:
                break
            except (
                ArchiveLoadFailed,
                OSError,
                EOFError,
                ValueError,
                AttributeError,
                KeyError,
                gzip.BadGzipFile,
            ) as error:
                raise ArchiveFileError(
                    f"{path}: the record after byte {offset} cannot be read ({_first_line(error)}); "
                    f"what came before it was taken, repair or cut the file there."
                ) from error
            seen += 1
            if page is not None:
                yield page
        if seen == 0:
            raise ArchiveFileError(f"{path}: holds no WARC record; is it a WARC file?")
        if not _ends_whole(file, offset):  # warcio takes a member cut in its first bytes for the end of the file
            raise ArchiveFileError(
                f"{path}: the record after byte {offset} cannot be read (it is cut short); "
                f"what came before it was taken, repair or cut the file there."
            )


def _ends_whole(file: IO[bytes], offset: int) -> bool:
    """Say whether the gzip members from `offset` to the end of a file are whole; a file without gzip is."""
    file.seek(offset)
    unpacker = zlib.decompressobj(wbits=31)
    started = False
    rest = file.read(_PIECE_BYTES)
    if rest[:2] != b"\x1f\x8b":
        return True
    while rest.strip(b"\x00\r\n"):
        started = True
        try:
            while rest and not unpacker.eof:
                unpacker.decompress(rest)
                rest = unpacker.unused_data if unpacker.eof else file.read(_PIECE_BYTES)
        except zlib.error:
            return False
        if unpacker.eof:
            unpacker, started = zlib.decompressobj(wbits=31), False
            rest = rest or file.read(_PIECE_BYTES)
    return not started


def _page_of(record: Any) -> Page | None:
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    url = url.strip("<> ")
    if record.rec_type not in ("response", "resource") or not url.lower().startswith(_KNOWN_ADDRESSES):
        return None
    moment = iso_date_to_datetime(record.rec_headers.get_header("WARC-Date")).replace(tzinfo=UTC)
    body = record.content_stream().read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        body = b""
    http = record.http_headers
    headers = tuple((str(name), str(value)) for name, value in http.headers) if http is not None else ()
    status = 200
    if http is not None:
        code = str(http.get_statuscode() or "")
        status = int(code) if code.isdigit() else 200
        content_type = http.get_header("Content-Type") or ""
    else:
        content_type = record.rec_headers.get_header("Content-Type") or ""
    return Page(
        url=url,
        body=body,
        fetched_at=moment,
        requested_url=record.rec_headers.get_header(_REQUESTED) or "",
        status=status,
        content_type=content_type,
        headers=headers,
        etag=http.get_header("ETag") if http is not None else None,
        last_modified=http.get_header("Last-Modified") if http is not None else None,
    )


def _header_value(value: str) -> str:
    """A header value on one line, in the characters a header may hold."""
    return re.sub(r"[\r\n\x00]+", " ", value).encode("utf-8", "replace").decode("latin-1")


def _reason(status: int) -> str:
    from http import HTTPStatus

    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _empty_members(length: int) -> bytes:
    """Exactly `length` bytes of gzip members with no content: a header's comment field takes any number of bytes."""
    head = b"\x1f\x8b\x08\x10\x00\x00\x00\x00\x00\xff"  # FCOMMENT set
    tail = b"\x00" + b"\x03\x00" + b"\x00" * 8  # end of comment, empty deflate block, crc and size of nothing
    filler = length - len(head) - len(tail)
    if filler < 0:
        raise ValueError(f"a record of {length} bytes is too short to be replaced")
    return head + b"-" * filler + tail
