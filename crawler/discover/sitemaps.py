"""Sitemaps into leads: XML, news sitemaps, indexes, gzip and plain text lists."""

from __future__ import annotations

import logging
import re
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from config.counting import counted
from crawler.discover.found import Found
from crawler.discover.instants import instant_in
from index.health.records import EMPTY_LIST
from index.outcomes import Outcome
from index.records import Lead, Via
from index.urls import absolute_url

log = logging.getLogger(__name__)

MAX_BYTES = 50 * 1024 * 1024
MAX_URLS = 50_000
"""Both limits are those of the sitemap protocol."""


_END = re.compile(
    rb"(?:</(?:[\w.-]+:)?(?:urlset|sitemapindex)\s*>|<(?:[\w.-]+:)?(?:urlset|sitemapindex)\b[^<>]*/>)"
    rb"\s*(?:<!--[^<>]*-->\s*)*$",
    re.IGNORECASE,
)
_ENTRY = re.compile(rb"<(/?)(?:[\w.-]+:)?(?:url|sitemap)(?=[\s>])", re.IGNORECASE)
TAIL_BYTES = 8192


def leads_in_sitemap(body: bytes, *, url: str, outlet: str) -> Found:
    """Return the leads of a sitemap, or the sitemaps of an index. Never raises; what is no sitemap has an outcome."""
    data, damage = _unzipped(body)
    found = _read(data, url=url, outlet=outlet)
    if not damage:
        return found
    if not (found.leads or found.sitemaps):
        return Found((), outcome=Outcome.UNDECODABLE, detail=damage)
    return replace(found, outcome=found.outcome or Outcome.UNDECODABLE, detail=f"{damage} What came before was taken.")


def _read(data: bytes, *, url: str, outlet: str) -> Found:
    text = data.lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    if not text:
        return Found((), outcome=Outcome.NOT_ARTICLE, detail=f"The sitemap {EMPTY_LIST}")
    if not text.startswith(b"<") and b"\x00" not in text[:16] and text[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return _plain(text, url=url, outlet=outlet)
    head = text[:2048].lower()
    if b"<!doctype html" in head or b"<html" in head:
        return Found((), outcome=Outcome.NOT_ARTICLE, detail="The sitemap's address answers with an HTML page.")
    if re.search(rb"<!(doctype|entity)", text[:65536], re.IGNORECASE):
        return Found(
            (), outcome=Outcome.TRAP, detail="The sitemap declares a document type of its own; it is not read."
        )
    return _xml(text, url=url, outlet=outlet)


def _unzipped(body: bytes) -> tuple[bytes, str]:
    """Unpack every gzip member, as far as they go, and say what is wrong with the rest; "" when nothing is."""
    data = b""
    rest = body
    while rest.startswith(b"\x1f\x8b"):
        inflater = zlib.decompressobj(wbits=31)
        try:
            data += inflater.decompress(rest, MAX_BYTES + 1 - len(data))
        except zlib.error:
            return data, "The sitemap's gzip data is damaged."
        if len(data) > MAX_BYTES:
            return data[:MAX_BYTES], "The sitemap is over 50 MB once it is unpacked."
        if not inflater.eof:
            return data, "The sitemap's gzip data is cut short."
        rest = inflater.unused_data.lstrip(b"\x00")
    return (body[:MAX_BYTES], "") if rest is body else (data, "")


def _plain(text: bytes, *, url: str, outlet: str) -> Found:
    leads: dict[str, Lead] = {}
    lines = text.decode("utf-8", "replace").splitlines()
    for line in lines[:MAX_URLS]:
        address = absolute_url(url, line) if line.strip().startswith(("http://", "https://")) else None
        if address:
            leads.setdefault(address, Lead(address, outlet, Via.SITEMAP, found_in=url))
    if not leads:
        return Found((), outcome=Outcome.NOT_ARTICLE, detail="The sitemap is neither XML nor a list of addresses.")
    return Found(tuple(leads.values()), detail=_left_out(len(lines)))


def _xml(text: bytes, *, url: str, outlet: str) -> Found:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        log.info("sitemap not read", extra={"url": url, "cause": error})
        return Found((), outcome=Outcome.EXTRACTION_FAILED, detail="The sitemap is not well-formed XML.")
    if root is None:
        return Found((), outcome=Outcome.EXTRACTION_FAILED, detail="The sitemap ends before its first entry.")
    entries = list(root.iterchildren(tag=etree.Element))
    whole, entry_is_cut = _ends(text)
    found = _entries(entries[:-1] if entry_is_cut else entries, root, url=url, outlet=outlet)
    if whole or found.outcome is not None:
        return found
    detail = " ".join(filter(None, ("The sitemap is cut short. What came before was taken.", found.detail)))
    return replace(found, outcome=Outcome.UNDECODABLE, detail=detail)


def _ends(text: bytes) -> tuple[bool, bool]:
    """Say whether a sitemap has its end, and whether its last entry is cut: an address in that one may be half."""
    tail = text[-TAIL_BYTES:].replace(b"\x00", b"").rstrip()  # UTF-16 as well
    if _END.search(tail):
        return True, False
    marks = list(_ENTRY.finditer(tail))
    return False, bool(marks) and not marks[-1].group(1)


def _entries(entries: list[Any], root: Any, *, url: str, outlet: str) -> Found:
    leads: dict[str, Lead] = {}
    sitemaps: dict[str, datetime | None] = {}
    for element in entries[:MAX_URLS]:
        name = _name(element)
        fields = _fields(element)
        address = absolute_url(url, fields.get("loc", ""))
        if address is None:
            continue
        if name == "sitemap":
            sitemaps.setdefault(address, instant_in(fields.get("lastmod")))
        elif name == "url":
            leads.setdefault(address, _lead(fields, address, found_in=url, outlet=outlet))
    if not leads and not sitemaps and _name(root) not in ("urlset", "sitemapindex"):
        return Found(
            (), outcome=Outcome.NOT_ARTICLE, detail=f"The sitemap's address answers with <{_name(root)[:40]}>."
        )
    return Found(tuple(leads.values()), _changed_last_first(sitemaps), detail=_left_out(len(entries)))


def _lead(fields: dict[str, str], address: str, *, found_in: str, outlet: str) -> Lead:
    published = instant_in(fields.get("publication_date"))
    changed = instant_in(fields.get("lastmod"))
    return Lead(
        url=address,
        outlet=outlet,
        via=Via.SITEMAP,
        found_in=found_in,
        changed_at=changed or published,
        published_at=published,
        title=" ".join(fields.get("title", "").split())[:500],
    )


def _changed_last_first(sitemaps: dict[str, datetime | None]) -> tuple[str, ...]:
    never = datetime.min.replace(tzinfo=UTC)
    return tuple(sorted(sitemaps, key=lambda url: sitemaps[url] or never, reverse=True))


def _left_out(count: int) -> str:
    return (
        f"{counted(count - MAX_URLS, 'entry', 'entries')} beyond the first {MAX_URLS} were left out."
        if count > MAX_URLS
        else ""
    )


def _fields(element: Any) -> dict[str, str]:
    """The texts of an entry by local name; of a name that stands twice the first counts. Images are not entered."""
    fields: dict[str, str] = {}
    for child in element.iterchildren(tag=etree.Element):
        name = _name(child)
        if name == "news":
            for part in child.iterchildren(tag=etree.Element):
                fields.setdefault(_name(part), (part.text or "").strip())
        elif name in ("loc", "lastmod"):
            fields.setdefault(name, (child.text or "").strip())
    return fields


def _name(element: Any) -> str:
    # By hand: a document with undeclared prefixes has tags that etree.QName does not take.
    return str(element.tag).rpartition("}")[2].rpartition(":")[2].lower()
