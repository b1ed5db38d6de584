"""RSS, RDF and Atom into leads. feedparser reads them; its dates are never used (it makes up years and times)."""

from __future__ import annotations

import io
import logging
import re
from typing import Any

import feedparser

from config.counting import counted
from crawler.discover.found import Found
from crawler.discover.instants import instant_in
from index.health.records import EMPTY_LIST
from index.outcomes import Outcome
from index.records import Lead, Via
from index.urls import absolute_url

log = logging.getLogger(__name__)

MAX_BYTES = 8 * 1024 * 1024
MAX_ENTRIES = 500
MAX_NESTING = 200
"""feedparser spent 10 s on deep nesting and 15 s on 200,000 items, so both are cut before it sees them."""

_ENTRY_START = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_ENTRY_END = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_ADDRESS_END = re.compile(rb"</(?:\w+:)?(?:link|guid|id|origlink)\s*>|<(?:\w+:)?link\s[^<>]*>", re.IGNORECASE)
_LONG_NAME = re.compile(rb"<[^\s<>/!?]{1000}")
"""8 MB of one tag name cost feedparser 1.3 GB."""
_WIDE = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"<\x00r\x00", "utf-16-le"),
    (b"<\x00f\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"),
)
"""By how such a file begins: a mark, or `<` of a declaration or root element."""
_DECLARED = re.compile(rb"(encoding=[\"'])[\w-]+", re.IGNORECASE)
_REFERENCE = re.compile(rb"&#(?:x([0-9a-f]++)|([0-9]++));?", re.IGNORECASE)
"""A reference to a character by its number; one to a lone surrogate made feedparser give up the whole feed."""
_TAG = re.compile(rb"<(/?)([A-Za-z][\w:.-]*+)[^<>]*+>")  # possessive: 8 MB of one name must not be read n^2 times
_IS_FEED = re.compile(rb"<(?:\w+:)?(?:rss|feed|rdf)[\s>]", re.IGNORECASE)
_IS_HTML = re.compile(rb"<(?:!doctype\s+html|html[\s>])", re.IGNORECASE)


def leads_in_feed(body: bytes, *, url: str, outlet: str) -> Found:
    """Return the leads of a feed in its order, at most 500. Never raises; what is no feed has an outcome."""
    trimmed = _narrow(body[:MAX_BYTES]).lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    if not trimmed:
        return Found((), outcome=Outcome.NOT_ARTICLE, detail=f"The feed {EMPTY_LIST}")
    head = trimmed[:4096]
    if not _IS_FEED.search(trimmed[:65536]):
        what = "an HTML page" if _IS_HTML.search(head) else "no RSS or Atom"
        return Found((), outcome=Outcome.NOT_ARTICLE, detail=f"The feed's address answers with {what}.")
    if b"<!ENTITY" in trimmed[:65536]:
        return Found((), outcome=Outcome.TRAP, detail="The feed declares entities of its own; it is not read.")
    if _LONG_NAME.search(trimmed):
        return Found((), outcome=Outcome.TRAP, detail="The feed has a tag name of over 1,000 characters.")
    if _nesting(trimmed) > MAX_NESTING:
        return Found((), outcome=Outcome.TRAP, detail=f"The feed nests tags deeper than {MAX_NESTING}.")
    cut, dropped = _first_entries(_whole_addresses(_REFERENCE.sub(_known_character, trimmed)))
    try:
        parsed = feedparser.parse(io.BytesIO(cut), resolve_relative_uris=False, sanitize_html=False)
        entries = list(parsed.get("entries", ()))[:MAX_ENTRIES]
    except Exception as error:  # noqa: BLE001 - feedparser raised on 80 of 1,500 mutated feeds, with a dozen types
        log.warning("feed not read", extra={"url": url, "cause": f"{type(error).__name__}: {error}"})
        return Found((), outcome=Outcome.EXTRACTION_FAILED, detail=f"The feed cannot be read ({type(error).__name__}).")
    leads: dict[str, Lead] = {}
    for entry in entries:
        lead = _lead(entry, url=url, outlet=outlet)
        if lead is not None:
            leads.setdefault(lead.url, lead)
    if not leads:
        return _without_leads(len(_ENTRY_START.findall(trimmed)))
    detail = (
        f"{counted(dropped, 'entry', 'entries')} beyond the first {MAX_ENTRIES} were left out." if dropped > 0 else ""
    )
    return Found(tuple(leads.values()), detail=detail)


def _without_leads(entries: int) -> Found:
    """Say why a feed gives nothing: it has no entries, which is no fault, or none that names an address, which is."""
    if not entries:
        return Found((), detail="The feed has no entries.")
    what = (
        "its one entry names no address"
        if entries == 1
        else f"none of its {counted(entries, 'entry', 'entries')} names an address"
    )
    return Found((), outcome=Outcome.EXTRACTION_FAILED, detail=f"The feed gives nothing: {what}.")


def _lead(entry: Any, *, url: str, outlet: str) -> Lead | None:
    address = _text(entry.get("feedburner_origlink")) or _text(entry.get("link")) or _alternate(entry)
    if not address:
        guid = _text(entry.get("id"))
        address = guid if guid.startswith(("http://", "https://")) else ""
    absolute = absolute_url(url, address) if address else None
    if absolute is None:
        return None
    # `in` first: asked for a missing update, feedparser hands out the publication in its place.
    published = instant_in(_text(entry.get("published"))) if "published" in entry else None
    updated = instant_in(_text(entry.get("updated"))) if "updated" in entry else None
    title = re.sub(r"<[^>]{0,200}>", "", _text(entry.get("title")))
    return Lead(
        url=absolute,
        outlet=outlet,
        via=Via.FEED,
        found_in=url,
        changed_at=updated or published,
        published_at=published or updated,
        title=" ".join(title.split())[:500],
    )


def _alternate(entry: Any) -> str:
    links = entry.get("links") or ()
    return next((_text(link.get("href")) for link in links if link.get("rel", "alternate") == "alternate"), "")


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _known_character(found: re.Match[bytes]) -> bytes:
    """Leave a reference as it is where there is such a character; else write the mark for one that is not known."""
    digits, base = (found[1], 16) if found[1] else (found[2], 10)
    number = int(digits.lstrip(b"0")[:9] or b"0", base)
    known = 0 < number < 0xD800 or 0xDFFF < number <= 0x10FFFF
    return found[0] if known else b"&#xFFFD;"


def _narrow(body: bytes) -> bytes:
    """Write UTF-16 and UTF-32 as UTF-8: they hide every tag from a search for bytes, and so from our limits."""
    charset = next((name for mark, name in _WIDE if body.startswith(mark)), "")
    if not charset:
        return body
    text = body.decode(charset, "replace").lstrip("\ufeff")
    return _DECLARED.sub(rb"\1utf-8", text.encode("utf-8", "replace"), count=1)


def _first_entries(body: bytes) -> tuple[bytes, int]:
    """Cut the bytes behind the 500th entry, and count what was cut."""
    starts = [found.start() for found in _ENTRY_START.finditer(body)]
    if len(starts) <= MAX_ENTRIES:
        return body, 0
    return body[: starts[MAX_ENTRIES]], len(starts) - MAX_ENTRIES


def _whole_addresses(body: bytes) -> bytes:
    """Cut off the last entry where the feed was cut in it before its address was over: half an address is another."""
    starts = [found.start() for found in _ENTRY_START.finditer(body)]
    if not starts or _ENTRY_END.search(body, starts[-1]) or _ADDRESS_END.search(body, starts[-1]):
        return body
    return body[: starts[-1]]


def _nesting(body: bytes) -> int:
    """The deepest nesting of equal tags, read without a parser: void and forgotten end tags do not add up."""
    open_tags: dict[bytes, int] = {}
    deepest = 0
    for found in _TAG.finditer(body):
        closing, name = found.groups()
        empty = found.group().endswith(b"/>")
        if closing:
            open_tags[name] = max(0, open_tags.get(name, 0) - 1)
        elif not empty and name.lower() not in (b"item", b"entry", b"br", b"img", b"hr", b"link", b"p", b"li"):
            open_tags[name] = open_tags.get(name, 0) + 1
            deepest = max(deepest, open_tags[name])
    return deepest
