"""WARC files of any tool, read from start to end, or by address with the bodies left on disk."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from datetime import UTC
from itertools import islice
from pathlib import Path
from typing import IO, Any, TypeVar, cast

import brotli
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.timeutils import iso_date_to_datetime

from config.counting import counted
from index.errors import ArchiveFileError
from index.records import Page
from index.urls import url_key

MAX_BODY_BYTES = 8 * 1024 * 1024
"""Payloads over this are left out when foreign WARC files are read, as a crawl would leave them out."""

REQUESTED_HEADER = "X-Watchfloor-Requested-URI"
"""The WARC header in which we keep the address that was asked for first."""

T = TypeVar("T")

_PIECE_BYTES = 1 << 16
_KNOWN_ADDRESSES = ("http://", "https://", "urn:watchfloor:")
_UNREADABLE = (ArchiveLoadFailed, OSError, EOFError, ValueError, AttributeError, KeyError, zlib.error)


class OneStreamError(ArchiveFileError):
    """A .warc.gz that is one gzip stream instead of one for each record: no record of it can be found by position."""


def iter_warc(path: Path) -> Iterator[Page]:
    """Yield the pages of any WARC file, one of another tool too: response and resource records with an http(s) address.

    Revisits, requests and metadata are passed over; a body over 8 MiB is left out and its size told (`left_out_bytes`).
    Raises ArchiveFileError, naming the byte, at the first record that cannot be read, after yielding all before it.
    """
    read = 0
    try:
        for _, page in _each_record(path, page_of_record):
            read += 1
            if page is not None:
                yield page
    except OneStreamError:
        for _, page in islice(_each_record(path, page_of_record, unpacked=True), read, None):
            if page is not None:
                yield page


class WarcLookup:
    """The pages of one WARC file by address; of several records of an address the last one answers.

    The file is passed over once; what stays in memory is an address and a byte position for each record. Raises
    ArchiveFileError when not one page can be read; of a file damaged further on `damage` says where, "" when whole.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damage = ""
        self._exact: dict[str, int] = {}
        self._by_key: dict[str, int] = {}
        try:
            for offset, (url, status) in _each_record(path, _address_of):
                if url:
                    self._exact[url] = offset
                    if status == 200:
                        self._by_key[url_key(url)] = offset
        except ArchiveFileError as error:
            self.damage = str(error)
            if not self._exact:
                raise
        if not self._exact:
            raise ArchiveFileError(f"{path}: holds no page; name a file with response records.")

    def __len__(self) -> int:
        return len(self._exact)

    def find(self, url: str) -> Page | None:
        """Return the page recorded for an address, or for one that differs by no more than its writing; else None."""
        offset = self._exact.get(url, self._by_key.get(url_key(url), -1))
        if offset < 0:
            return None
        with self.path.open("rb") as file:
            file.seek(offset)
            try:
                return page_of_record(next(ArchiveIterator(file, arc2warc=True)))
            except (StopIteration, *_UNREADABLE) as error:
                raise ArchiveFileError(
                    f"{self.path}: the record at byte {offset} was there and is not any more; leave the file alone "
                    "while it is read, then repeat."
                ) from error


def page_of_record(record: Any) -> Page | None:
    """Return the page of a warcio record, its body read; None for a record that is no page."""
    url, status = _address_of(record)
    if not url:
        return None
    moment = iso_date_to_datetime(record.rec_headers.get_header("WARC-Date")).replace(tzinfo=UTC)
    body, left_out = _body_of(record)
    http = record.http_headers
    return Page(
        url=url,
        body=body,
        fetched_at=moment,
        requested_url=record.rec_headers.get_header(REQUESTED_HEADER) or "",
        status=status,
        content_type=(record.rec_headers if http is None else http).get_header("Content-Type") or "",
        headers=tuple((str(name), str(value)) for name, value in http.headers) if http is not None else (),
        etag=http.get_header("ETag") if http is not None else None,
        last_modified=http.get_header("Last-Modified") if http is not None else None,
        left_out_bytes=left_out,
    )


def _body_of(record: Any) -> tuple[bytes, int]:
    """Return the body as a reader gets it and 0; of one over the limit nothing, and its size."""
    http = record.http_headers
    encoding = transfer = ""
    if http is not None:
        encoding = (http.get_header("Content-Encoding") or "").strip().lower()
        transfer = (http.get_header("Transfer-Encoding") or "").strip().lower()
    content = ChunkedDataReader(record.raw_stream) if transfer == "chunked" else record.raw_stream
    kept: list[bytes] = []
    size = 0
    for piece in _decoded(iter(lambda: content.read(_PIECE_BYTES), b""), encoding):
        size += len(piece)
        if size > MAX_BODY_BYTES:
            kept.clear()
        else:
            kept.append(piece)
    return (b"", size) if size > MAX_BODY_BYTES else (b"".join(kept), 0)


def _decoded(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Undo a Content-Encoding. A body that is not what its header says is left as it is; a torn one ends at the tear.

    Not warcio's own reading: it fails on every record that brotli 1.2 packed, and with it on the rest of the file.
    """
    if encoding not in _UNPACKERS:
        yield from pieces
        return
    unpack = _UNPACKERS[encoding]()
    started = False
    for piece in pieces:
        try:
            yield from unpack(piece)
        except (zlib.error, brotli.error):
            if not started:
                yield piece
                yield from pieces
            return
        started = True


def _inflating(wbits: int) -> Callable[[bytes], Iterator[bytes]]:
    unpacker = zlib.decompressobj(wbits=wbits)

    def unpack(piece: bytes) -> Iterator[bytes]:
        rest, more = piece, True
        while more and not unpacker.eof:
            part = unpacker.decompress(rest, _PIECE_BYTES)
            rest = unpacker.unconsumed_tail
            more = bool(rest) or len(part) == _PIECE_BYTES  # it may hold back what goes over the length
            yield part

    return unpack


def _deflating() -> Callable[[bytes], Iterator[bytes]]:
    """With a zlib header, as the standard says, or without, as some servers send it: the first byte tells."""
    chosen: list[Callable[[bytes], Iterator[bytes]]] = []

    def unpack(piece: bytes) -> Iterator[bytes]:
        if not chosen:
            chosen.append(_inflating(15 if piece[0] & 0x0F == 8 else -15))
        return chosen[0](piece)

    return unpack


def _unbrotling() -> Callable[[bytes], Iterator[bytes]]:
    unpacker = brotli.Decompressor()

    def unpack(piece: bytes) -> Iterator[bytes]:
        part = unpacker.process(piece, output_buffer_limit=_PIECE_BYTES)
        while part:
            yield part
            part = b"" if unpacker.is_finished() else unpacker.process(b"", output_buffer_limit=_PIECE_BYTES)

    return unpack


_UNPACKERS: dict[str, Callable[[], Callable[[bytes], Iterator[bytes]]]] = {
    "gzip": lambda: _inflating(31),
    "x-gzip": lambda: _inflating(31),
    "deflate": _deflating,
    "br": _unbrotling,
}


def _address_of(record: Any) -> tuple[str, int]:
    """The address and HTTP status of a page's record; no address for a record of another kind."""
    url = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<> ")
    if record.rec_type not in ("response", "resource") or not url.lower().startswith(_KNOWN_ADDRESSES):
        return "", 0
    http = record.http_headers
    code = str(http.get_statuscode() or "") if http is not None else ""
    return url, int(code) if code.isdigit() else 200


def _each_record(path: Path, read: Callable[[Any], T], *, unpacked: bool = False) -> Iterator[tuple[int, T]]:
    """Yield the byte position of each record and what `read` makes of it; ends in ArchiveFileError as iter_warc.

    With `unpacked` the file is one gzip stream, and positions are those of what is in it.
    """
    try:
        file: IO[bytes] = cast("IO[bytes]", gzip.GzipFile(path)) if unpacked else path.open("rb")
    except OSError as error:
        raise ArchiveFileError(f"{path}: cannot be opened ({error.strerror}).") from None
    with file:
        records = ArchiveIterator(file, no_record_parse=False, arc2warc=True)
        offset = 0
        seen = 0
        while True:
            try:
                with redirect_stderr(io.StringIO()):  # warcio writes there what it also lets us find out
                    record = next(records)
                    value = read(record)
                    offset = records.get_record_offset()  # reads what is left of the record, so it comes last
                missing = getattr(record.raw_stream, "limit", 0)
                if missing:  # warcio hands a record cut short on without a word
                    raise EOFError(f"{counted(missing, 'byte')} of it are missing")
            except StopIteration:
                break
            except _UNREADABLE as error:
                if "non-chunked gzip" in str(error):
                    raise OneStreamError(
                        f"{path}: is one gzip stream instead of one for each record; gunzip it, then name the .warc."
                    ) from error
                if seen == 0 and isinstance(error, ArchiveLoadFailed):
                    raise ArchiveFileError(f"{path}: holds no WARC record; is it a WARC file?") from error
                raise ArchiveFileError(
                    f"{path}: the record after byte {offset} cannot be read ({_first_line(error)}); "
                    f"what came before it was taken, repair or cut the file there."
                ) from error
            seen += 1
            yield offset, value
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


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
