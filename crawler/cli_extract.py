"""`watchfloor extract`: what would be read from a page, and by which rule. No database, no network."""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, cast

import click

from config.counting import counted
from config.errors import EXIT_PARTIAL, UsageError
from config.faults import akin
from config.outlets import OutletSpec, fold_host, load_outlets
from config.settings import Settings
from crawler.extract.charset import decode_prose
from crawler.extract.textfile import read_text_article
from crawler.import_files import stated_address
from crawler.reading import extraction_json, read_page
from index.outcomes import Outcome
from index.records import Extraction, JsonObject, Page
from index.urls import absolute_url, host_of

GZIP = b"\x1f\x8b"
UTF8_HTML = "text/html; charset=utf-8"
Specs = Mapping[str, OutletSpec]


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--url", default="", metavar="URL", help="The address the page was fetched from.")
@click.option("--outlet", default="", metavar="NAME", help="The outlet whose rules are used; default: that of the URL.")
@click.option("--jsonl", is_flag=True, help='Read lines {"url", "html"} and print one line for each, in order.')
@click.option("--json", "as_json", is_flag=True, help="Print JSON, the trace with it.")
@click.pass_obj
def extract(settings: Settings, file: Path | None, url: str, outlet: str, jsonl: bool, as_json: bool) -> int:
    """Show what would be extracted from FILE (.html, .html.gz, or .txt in ForeMedia's form); without FILE from stdin.

    Exit code 0 for an article, 10 for a page that is none.
    """
    specs = load_outlets(settings.outlet_folders)
    if outlet and outlet not in specs:
        raise UsageError(f"{outlet}: no outlet of that name{akin(outlet, specs)}; `watchfloor outlets list` names all.")
    if jsonl:
        _extract_lines(file, specs, settings=settings)
        return 0
    name, body = read_saved(file, settings.network.max_body_bytes)
    if name.endswith(".txt"):
        if url:
            raise UsageError(f"{name}: a text file gets its address from its outlet and name; leave --url out.")
        address, extraction = _of_text(body, name, outlet=outlet, specs=specs)
    else:
        if url and absolute_url(url, url) is None:
            raise UsageError(f"{url[:200]}: is no address; write it as https://outlet.example/article.")
        address = url or stated_address(body, "") or ""
        if not address:
            raise UsageError(f"{name}: the page does not state its address; name it with --url.")
        extraction = _of_page(address, body, outlet=outlet, specs=specs, settings=settings)
    found = extraction_json(address, extraction, with_trace=True)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else _as_text(found))
    return 0 if extraction.article is not None else EXIT_PARTIAL


def _of_page(address: str, body: bytes, *, outlet: str, specs: Specs, settings: Settings) -> Extraction:
    spec = specs.get(outlet) or owner_of(address, specs)
    page = Page(address, body, datetime.now(UTC), content_type="text/html")
    name = spec.name if spec is not None else outlet
    return read_page(page, spec=spec, outlet=name, max_page_s=settings.crawler.max_page_s)


def _of_text(body: bytes, name: str, *, outlet: str, specs: Specs) -> tuple[str, Extraction]:
    if not outlet:
        raise UsageError(f"{name}: name the outlet of a text file with --outlet.")
    text = decode_prose(body)
    if text is None:
        address = f"urn:watchfloor:{outlet}:{Path(name).name}"
        return address, Extraction(Outcome.UNDECODABLE, None, f"{name}: cannot be read as text in any charset tried.")
    extraction = read_text_article(
        text, outlet=outlet, filename=Path(name).name, now=datetime.now(UTC), languages=specs[outlet].languages
    )
    address = extraction.article.url if extraction.article else f"urn:watchfloor:{outlet}:{Path(name).name}"
    return address, extraction


def owner_of(url: str, specs: Specs) -> OutletSpec | None:
    """Return the outlet that owns the host of an address."""
    host = fold_host(host_of(url))
    return next((spec for spec in specs.values() if host in spec.all_hosts), None)


def read_saved(file: Path | None, max_bytes: int) -> tuple[str, bytes]:
    """Read a saved page, unzipped, and its name; None or "-" is standard input. Raises UsageError in a sentence."""
    if file is None or str(file) == "-":
        if sys.stdin.isatty():
            raise UsageError("Name a file, or send a page on standard input.")
        name, body = "standard input", sys.stdin.buffer.read(max_bytes + 1)
    else:
        name = str(file)
        try:
            body = file.read_bytes()
        except OSError as error:
            raise UsageError(f"{file}: cannot be read ({error.strerror}).") from None
    if body.startswith(GZIP):
        try:
            with gzip.open(BytesIO(body)) as unpacked:
                body = unpacked.read(max_bytes + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise UsageError(f"{name}: is no whole gzip file ({error}).") from None
        name = name.removesuffix(".gz")
    if len(body) > max_bytes:
        raise UsageError(
            f"{name}: is over {counted(max_bytes, 'byte')} (network.max_body_bytes), as no fetched page may be."
        )
    return name, body


def _extract_lines(file: Path | None, specs: Specs, *, settings: Settings) -> None:
    """A line out for every line in, at once; a line that is no page says so in its own line."""
    with _opened(file) as source:
        try:
            for number, line in enumerate(source, start=1):
                if line.strip():
                    found = _of_line(line, number, specs, settings=settings)
                    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
                    sys.stdout.flush()
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise UsageError(f"{file}: is no whole gzip file ({error}); what came before was read.") from None


@contextmanager
def _opened(file: Path | None) -> Iterator[IO[bytes]]:
    if file is None or str(file) == "-":
        yield sys.stdin.buffer
        return
    try:
        raw = file.open("rb")
    except OSError as error:
        raise UsageError(f"{file}: cannot be read ({error.strerror}).") from None
    with raw:
        yield cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if raw.peek(2).startswith(GZIP) else raw


def _of_line(line: bytes, number: int, specs: Specs, *, settings: Settings) -> JsonObject:
    try:
        parts = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return _refused("", Outcome.UNDECODABLE, f"Line {number} is no JSON in UTF-8 ({error}).")
    url, html = (parts.get("url"), parts.get("html")) if isinstance(parts, dict) else (None, None)
    url = url if isinstance(url, str) else ""
    if not isinstance(html, str):
        return _refused(url, Outcome.UNDECODABLE, f'Line {number} is no {{"url": "...", "html": "..."}}.')
    body = html.encode("utf-8", "replace")
    if len(body) > settings.network.max_body_bytes:
        return _refused(url, Outcome.TOO_LARGE, f"Over {counted(settings.network.max_body_bytes, 'byte')}.")
    address = url or stated_address(body, UTF8_HTML) or ""
    if absolute_url(address, address) is None:
        said = "is no http or https address" if url else "names no url, and its page states none"
        return _refused(url, Outcome.SCHEME_REFUSED, f"Line {number} {said}.")
    spec = owner_of(address, specs)
    page = Page(address, body, datetime.now(UTC), content_type=UTF8_HTML)
    name = spec.name if spec is not None else ""
    return extraction_json(address, read_page(page, spec=spec, outlet=name, max_page_s=settings.crawler.max_page_s))


def _refused(url: str, outcome: Outcome, detail: str) -> JsonObject:
    return extraction_json(url, Extraction(outcome, None, detail))


def _as_text(found: JsonObject) -> str:
    lines = [f"outcome         {found['outcome']}" + (f": {found['detail']}" if found["detail"] else "")]
    single = ("url", "canonical_url", "title", "search_title", "language", "read_minutes")
    lines += [f"{name:<15} {found[name]}" for name in single if found[name] is not None]
    lines.append(f"authors         {', '.join(found['authors']) or 'none'}")
    for name in ("published", "updated"):
        said = f" (written as {found[f'{name}_text']!r})" if found[f"{name}_text"] else ""
        lines.append(f"{name:<15} {found[f'{name}_at'] or 'not given'}{said}")
    lines += [f"{name:<15} {', '.join(found[name])}" for name in ("date_flags", "flags") if found[name]]
    if found["text"]:
        lines += ["", found["text"], ""]
    for link in found["links"]:
        lines.append(f"link {link['role']:<10} {link['text']!r} -> {link['url'] or 'no address'}")
    if found["trace"]:
        lines += ["", "which rule gave which field:"]
        for step in found["trace"]:
            where = f" at {step['selector']}" if step["selector"] else ""
            lines.append(f"  {step['field']:<12} {step['rule']}{where}, {counted(step['matches'], 'match', 'matches')}")
    return "\n".join(lines)
