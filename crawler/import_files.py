"""Files of pages and texts into values, one record at a time: WARC, HTML, text, JSON Lines. Nothing is stored here.

A record that cannot be read becomes one sentence with its file and place; the records after it are read all the same.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast

from selectolax.lexbor import LexborHTMLParser

from config.counting import counted
from config.errors import UsageError
from crawler.extract.charset import decode, decode_prose
from index.errors import ArchiveFileError
from index.records import Page
from index.store.columns import storable
from index.urls import absolute_url
from index.warc_files import iter_warc

OnBytes = Callable[[int], None]

URN = "urn:watchfloor:"
KINDS = {".warc": "warc", ".html": "html", ".htm": "html", ".txt": "txt", ".jsonl": "jsonl"}

MAX_LINE_BYTES = 64 << 20
"""A longer line of a JSON Lines file is a fault: it is held in memory whole."""


@dataclass(frozen=True, slots=True)
class PageRecord:
    """A page from a file, to be extracted. `where` names its place for messages."""

    page: Page
    where: str


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A text file in the form of an outlet's own archive, to be read by its text rules."""

    text: str
    body: bytes
    name: str
    where: str
    outlet: str = ""  # "": as the import was told
    kept_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TextRecord:
    """A text already extracted. `outlet` and `url` are "" where the line names none."""

    id: str
    url: str
    outlet: str
    date: str
    title: str
    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A record that cannot be read: one sentence that names file and place."""

    sentence: str


Record = PageRecord | FileRecord | TextRecord | Fault


def kind_of(path: Path) -> str:
    """Return warc, html, txt or jsonl by the file's name. Raises UsageError for any other."""
    name = path.name.lower().removesuffix(".gz")
    for ending, kind in KINDS.items():
        if name.endswith(ending):
            return kind
    raise UsageError(f"{path}: not a kind of file that can be imported: .warc[.gz], .html[.gz], .txt or .jsonl[.gz].")


def read_records(path: Path, *, url: str = "", now: datetime, max_bytes: int, on_bytes: OnBytes) -> Iterator[Record]:
    """Yield the records of a file in order. `url` is the address of an HTML page; `now` the instant of what has none.

    `on_bytes` is told how many bytes of the file were read since the last call. Never raises for what is in the file.
    """
    kind = kind_of(path)
    try:
        if kind == "warc":
            yield from _warc_records(path, on_bytes)
        elif kind == "jsonl":
            yield from _line_records(path, now=now, max_bytes=max_bytes, on_bytes=on_bytes)
        else:
            body = _read_whole(path, max_bytes)
            if not body:
                yield Fault(f"{path}: is empty; passed over.")
            elif kind == "html":
                yield _html_record(body, url=url, where=str(path), now=now)
            else:
                yield _text_file_record(body, path)
            on_bytes(path.stat().st_size)
    except (OSError, EOFError, zlib.error, _TooLargeError) as error:
        yield Fault(f"{path}: cannot be read ({error}); what came before it was taken.")


class _TooLargeError(ValueError):
    """A file or line over the limit."""


def _warc_records(path: Path, on_bytes: OnBytes) -> Iterator[Record]:
    number = 0
    try:
        for page in iter_warc(path):
            number += 1
            yield _warc_record(page, f"{path}, record {number}")
    except ArchiveFileError as error:
        yield Fault(str(error))
    on_bytes(path.stat().st_size)


def _warc_record(page: Page, where: str) -> Record:
    """Return a page as it is, and a text file that an earlier import kept as the file it was."""
    if not page.url.startswith(URN):
        if absolute_url(page.url, page.url) is None:
            return Fault(f"{where}: {page.url[:200]} is no http or https address; passed over.")
        return PageRecord(page, where)
    outlet, _, name = page.url.removeprefix(URN).partition(":")
    text = decode(page.body, page.content_type)
    if not name or text is None:
        return Fault(f"{where}: {page.url[:200]} is no text file; passed over.")
    return FileRecord(text, page.body, name, where, outlet=outlet, kept_at=page.fetched_at)


def _line_records(path: Path, *, now: datetime, max_bytes: int, on_bytes: OnBytes) -> Iterator[Record]:
    with path.open("rb") as raw, _unpacked(path, raw) as lines:
        told = 0
        number = 0
        while True:
            line = lines.readline(MAX_LINE_BYTES)
            if not line:
                if not number:
                    yield Fault(f"{path}: is empty; passed over.")
                return
            number += 1
            where = f"{path}, line {number}"
            if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
                yield Fault(f"{where}: longer than {MAX_LINE_BYTES >> 20} MiB; split it.")
                while line and not line.endswith(b"\n"):
                    line = lines.readline(MAX_LINE_BYTES)
            elif line.strip():
                yield _line_record(line, path=path, where=where, now=now, max_bytes=max_bytes)
            read = raw.tell()
            on_bytes(read - told)
            told = read


def _line_record(line: bytes, *, path: Path, where: str, now: datetime, max_bytes: int) -> Record:
    try:
        parts = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Fault(f"{where}: not UTF-8 text; passed over.")
    except (ValueError, RecursionError) as error:
        return Fault(f"{where}: not JSON ({error}); passed over.")
    if not isinstance(parts, dict):
        return Fault(f"{where}: not a JSON object; write one object a line.")
    url = _string(parts, "url")
    if parts.get("html") is not None:
        body = _string(parts, "html").encode("utf-8", "replace")
        return _html_record(body, url=url, where=where, now=now, content_type="text/html; charset=utf-8")
    if parts.get("file") is not None:
        return _beside(path, _string(parts, "file"), url=url, where=where, now=now, max_bytes=max_bytes)
    if parts.get("text") is not None:
        return _text_record(parts, url=url, where=where)
    return Fault(f"{where}: has neither html, file nor text; passed over.")


def _beside(path: Path, name: str, *, url: str, where: str, now: datetime, max_bytes: int) -> Record:
    """Read a page from a file that must lie in the folder of the line's own file."""
    folder = path.parent.resolve()
    target = (folder / name).resolve()
    if not target.is_relative_to(folder):
        return Fault(f"{where}: {name} does not lie beside {path.name}; passed over.")
    try:
        body = _read_whole(target, max_bytes)
    except (OSError, EOFError, zlib.error, _TooLargeError) as error:
        return Fault(f"{where}: {name} cannot be read ({error}); passed over.")
    return _html_record(body, url=url, where=where, now=now)


def _html_record(body: bytes, *, url: str, where: str, now: datetime, content_type: str = "text/html") -> Record:
    address = absolute_url(url, "") if url else stated_address(body, content_type)
    if url and address is None:
        address = absolute_url(url, url)
    if address is None:
        if url:
            return Fault(f"{where}: {url[:200]} is no http or https address; give the page's own.")
        return Fault(f"{where}: the page names no address of its own; give it with --url or a field url.")
    return PageRecord(Page(address, body, now, content_type=content_type), where)


def stated_address(body: bytes, content_type: str) -> str | None:
    """Return the address a page states as its own: canonical link, then og:url."""
    html = decode(body, content_type)
    if html is None:
        return None
    tree = LexborHTMLParser(html)
    for selector, attribute in (('link[rel~="canonical" i]', "href"), ('meta[property="og:url" i]', "content")):
        node = tree.css_first(selector)
        value = node.attributes.get(attribute) if node is not None else None
        address = absolute_url(value, value) if value else None
        if address is not None:
            return address
    return None


def _text_file_record(body: bytes, path: Path) -> Record:
    text = decode_prose(body)
    if text is None:
        return Fault(f"{path}: cannot be read as text in any charset tried.")
    return FileRecord(text, body, path.name.removesuffix(".gz"), str(path))


def _text_record(parts: dict[str, Any], *, url: str, where: str) -> Record:
    text = _string(parts, "text")
    if not any(char.isprintable() and not char.isspace() for char in text):  # blanks, or marks that nobody sees
        return Fault(f"{where}: its text is empty; passed over.")
    record_id = _string(parts, "id")
    if not record_id and not url:
        return Fault(f"{where}: has neither id nor url, so it could not be told from another; passed over.")
    if url and absolute_url(url, url) is None:
        return Fault(f"{where}: {url[:200]} is no http or https address; give the text's own, or none.")
    return TextRecord(
        id=record_id,
        url=url,
        outlet=_string(parts, "outlet"),
        date=_string(parts, "date"),
        title=_string(parts, "title"),
        text=text,
        where=where,
    )


def _string(parts: dict[str, Any], key: str) -> str:
    """A field as text without half characters; numbers are written out, anything else counts as absent."""
    value = parts.get(key)
    if isinstance(value, str):
        return storable(value)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _unpacked(path: Path, raw: IO[bytes]) -> AbstractContextManager[IO[bytes]]:
    if path.name.lower().endswith(".gz"):
        return cast("AbstractContextManager[IO[bytes]]", gzip.open(raw))
    return nullcontext(raw)


def _read_whole(path: Path, max_bytes: int) -> bytes:
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    with opener(path, "rb") as file:
        body = bytes(file.read(max_bytes + 1))
    if len(body) > max_bytes:
        raise _TooLargeError(f"over {counted(max_bytes, 'byte')}, the limit network.max_body_bytes")
    return body
