"""scrub_page: a page into a smaller one of the same shape in words of our own, and whether it is read the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from config.counting import counted
from config.outlets import OutletSpec
from crawler.extract.article import extract_article
from crawler.extract.bylines import is_agency
from crawler.extract.charset import decode
from crawler.extract.metadata import Metadata, read_metadata, texts_in
from crawler.extract.titles import house_names, without_house
from crawler.scrub.addresses import Addresses
from crawler.scrub.leaks import survivors
from crawler.scrub.markup import Markup, runs_of, texts_of
from crawler.scrub.prose import Prose, words_of_names
from crawler.scrub.shrink import shrunk
from crawler.scrub.words import Words
from index.records import Extraction, Page
from index.urls import host_of

MOST_BYTES = 60_000
HOUSE_CHARS, HOUSE_WORDS = 60, 6
JSON_CHARS = 300
"""A body given again as JSON is cut to this, where the page is read the same without the rest."""

ATTEMPTS: tuple[tuple[int, int | None], ...] = ((0, JSON_CHARS), (0, None), (1, JSON_CHARS), (2, None), (3, None))
"""(salt of the substitution, characters of a body in JSON), until one is read like the original."""


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """`page` as it may be kept, what is read from it, and what of the original is read differently or survived."""

    page: Page
    extraction: Extraction
    differences: tuple[str, ...]
    survivors: tuple[str, ...]


def scrub_page(
    page: Page, *, spec: OutletSpec | None, now: datetime, outlet: str = "", most_bytes: int = MOST_BYTES
) -> Scrubbed:
    """Scrub a page; of a few substitutions the first that is read like the original, else the nearest.

    Raises ValueError when the bytes are no text in any charset.
    """
    html = decode(page.body, page.content_type)
    if html is None:
        raise ValueError("the bytes are no text in any charset named or detected")
    reader = _Reader(page, spec, now, outlet)
    original = reader.read(page)
    best: Scrubbed | None = None
    for salt, json_chars in ATTEMPTS:
        tried = _attempt(page, html, original, reader, salt=salt, json_chars=json_chars)
        if best is None or _badness(tried) < _badness(best):
            best = tried
        if _badness(best) == (0, 0):
            break
    if best is None:
        raise AssertionError("there is always an attempt")
    small = shrunk(
        best.page.body.decode(),
        most_bytes=most_bytes,
        same=lambda text: not differences(best.extraction, reader.read(replace(best.page, body=text.encode()))),
    )
    kept = replace(best.page, body=small.encode())
    return replace(best, page=kept, extraction=reader.read(kept))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads pages as the outlet's crawl would."""

    page: Page
    spec: OutletSpec | None
    now: datetime
    outlet: str

    def read(self, page: Page) -> Extraction:
        return extract_article(page, spec=self.spec, now=self.now, outlet=self.outlet)


def _badness(scrubbed: Scrubbed) -> tuple[int, int]:
    return len(scrubbed.survivors), len(scrubbed.differences)


def _attempt(
    page: Page, html: str, original: Extraction, reader: _Reader, *, salt: int, json_chars: int | None
) -> Scrubbed:
    tree = LexborHTMLParser(html)
    meta = read_metadata(tree)
    texts = texts_of(html)
    article = original.article
    persons = persons_named(meta, article.authors if article is not None else ())
    houses = house_phrases(meta, spec=reader.spec, url=page.url)
    names = words_of_names(persons) - {word for house in houses for word in house.split()}
    language = (article.language if article is not None else "") or meta.language[:2].lower() or "en"
    words = Words(language, names=names, salt=salt)
    prose = Prose(words, houses=houses)
    addresses = Addresses(words, page_url=page.url, names=names, text=prose.scrub)
    done = Markup(prose, addresses, runs=runs_of(texts), json_chars=json_chars).scrub(tree)
    kept = Page(
        url=addresses.scrub(page.url),
        body=done.encode(),
        fetched_at=page.fetched_at,
        status=page.status,
        content_type="text/html; charset=utf-8",
    )
    found = reader.read(kept)
    left = survivors(texts, done, houses=houses, persons=persons, prompts=prose.given_back)
    return Scrubbed(kept, found, differences(original, found), left)


def persons_named(meta: Metadata, authors: Sequence[str]) -> list[str]:
    """Return the names of persons a page gives for machines, and those read from it."""
    named = [*authors, *texts_in(meta.ld.get("author"), "name"), *texts_in(meta.ld.get("creator"), "name")]
    named += [
        value for key in ("author", "article:author", "parsely-author", "byl") for value in meta.meta.get(key, ())
    ]
    return [name for name in named if len(name) <= 200 and "://" not in name and not is_agency(name)]


def house_phrases(meta: Metadata, *, spec: OutletSpec | None, url: str) -> list[str]:
    """Return the names of the outlet that may stand in a case: they are its own, as its host is."""
    names = house_names(meta, outlet_title=spec.title if spec is not None else "", url=url)
    phrases = [*names, *(name.removeprefix("the ").removeprefix("The ") for name in names)]
    # As it is written behind a title, where it is cut off whatever its spelling.
    titles = (meta.title_tag, meta.first("og:title")[0])
    phrases += [title.removeprefix(without_house(title, names)).strip(" |–—·•»:-") for title in titles]
    kept = (name for name in phrases if 2 < len(name) <= HOUSE_CHARS and len(name.split()) <= HOUSE_WORDS)
    return list(dict.fromkeys(kept))


def differences(original: Extraction, scrubbed: Extraction) -> tuple[str, ...]:
    """Say in words which fields of the scrubbed page are read by another rule, or another number of times."""
    one, other = _signature(original), _signature(scrubbed)
    if one["outcome"] != other["outcome"]:
        return (f"outcome: {one['outcome']} on the page, {other['outcome']} in the case ({scrubbed.detail})",)
    return tuple(
        f"{name}: {one[name]} on the page, {other.get(name, 'none')} in the case"
        for name in one
        if one[name] != other.get(name, "none")
    )


def _signature(extraction: Extraction) -> dict[str, Any]:
    """What must be equal: the outcome, for each field which rule gave it and how often, and the number of values."""
    found: dict[str, Any] = {"outcome": extraction.outcome.value if extraction.outcome is not None else "article"}
    article = extraction.article
    if article is None:
        return found
    for step in article.trace:
        where = f"{step.rule} {step.selector}".strip()
        matches = "" if step.field in ("links", "text") else f", {counted(step.matches, 'match', 'matches')}"
        key = f"{step.field} rule"
        found[key] = f"{found.get(key, '')} {where}{matches}".strip()
    found |= {
        "title": bool(article.title),
        "search_title": bool(article.search_title),
        "authors": len(article.authors),
        "published": (str(article.published.at), article.published.flags),
        "updated": (str(article.updated.at), article.updated.flags),
        "language": article.language,
        "flags": article.flags,
        "read_minutes": article.read_minutes,
        "text": counted(len(article.text.split(chr(10) * 2)), "paragraph"),
        "links": [(link.role.value, host_of(link.url) if link.url else None) for link in article.links],
        "canonical_url": host_of(article.canonical_url),
    }
    return found
