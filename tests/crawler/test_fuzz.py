"""Broken feeds, sitemaps, listings and pages: leads, an article or a named outcome; never an exception, never "now".

Counts are bounded and seeds fixed; FUZZ_MUTATIONS=1500 runs the long form. The time of each is held by the product's
own limit, under which it is read here as in a crawl.
"""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.discover.found import Found, SourceKind
from crawler.reading import QUICK_SHARE, extraction_json, read_page, read_source
from index.outcomes import Outcome
from index.records import ArticleFlag, Extraction, Page
from tests.byte_mutations import mutants
from tests.factories import a_spec
from tests.loopback_outlet import article_html

COUNT = int(os.environ.get("FUZZ_MUTATIONS", "120"))
LIMIT_S = 5.0
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SPEC = a_spec()
pytestmark = pytest.mark.timeout(1800 if COUNT > 120 else 120)

DATED = "<pubDate>Sat, 22 Jun 2024 05:30:00 GMT</pubDate>"
ITEM = f"<item><title>Ports {{0}}</title><link>https://gazette.example/a{{0}}</link>{DATED}</item>"
ENTRY = '<entry><title>Ports {0}</title><link href="/b{0}"/><updated>2024-06-22T05:30:00Z</updated></entry>'
PLACE = "<url><loc>https://gazette.example/c{0}</loc><lastmod>2024-06-22</lastmod></url>"
RSS = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Gazette</title>{}</channel></rss>'
ATOM = '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Gazette</title>{}</feed>'
MAP = '<?xml version="1.0" encoding="utf-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'
PAGE = article_html("a", "Ports closed", "", '<ul class="backlinks"><li>Strait</li></ul>', "https://gazette.example/a")
SAID = {
    "@type": "NewsArticle",
    "headline": "Ports closed",
    "datePublished": "2024-06-22T05:30:00Z",
    "author": {"@type": "Person", "name": "Ana Ruiz"},
}
LD = f'<script type="application/ld+json">{json.dumps(SAID)}</script>'
OWN_FEEDS = tuple(
    body.format("".join(part.format(number) for number in range(12))).encode()
    for body, part in ((RSS, ITEM), (ATOM, ENTRY), (MAP, PLACE))
)
OWN_PAGES = (PAGE.encode(), PAGE.replace("</head>", f'<meta charset="utf-8">{LD}</head>').encode())


def read_as(kind: SourceKind, body: bytes, content_type: str = "text/xml") -> Found:
    url = f"https://gazette.example/{kind}"
    page = Page(url, body, NOW, content_type=content_type)
    return read_source(page, kind, spec=SPEC, max_page_s=LIMIT_S)


def read_html(body: bytes, content_type: str = "text/html; charset=utf-8") -> Extraction:
    page = Page("https://gazette.example/news/a", body, NOW, content_type=content_type)
    return read_page(page, spec=None, outlet="gazette", max_page_s=LIMIT_S / (1 + QUICK_SHARE))


def check_source(found: Found) -> str:
    """Say how a source ended, after asserting what must hold of any."""
    assert found.outcome is None or isinstance(found.outcome, Outcome)
    assert found.outcome is None or found.detail
    assert not found.detail.startswith("Reading it raised"), found.detail
    today = datetime.now(UTC)
    for lead in found.leads:
        assert lead.url.startswith(("http://", "https://"))
        for at in (lead.published_at, lead.changed_at):
            assert at is None or (at.year >= 1990 and not is_now(at, today))
    return "leads" if found.leads else str(found.outcome or "no leads")


def check_page(extraction: Extraction) -> str:
    """Say how a page ended, after asserting what must hold of any."""
    assert (extraction.outcome is None) <= (extraction.article is not None)
    assert not extraction.detail.startswith("The extractor raised"), extraction.detail
    json.dumps(extraction_json("https://gazette.example/a", extraction, with_trace=True), ensure_ascii=False).encode()
    today = datetime.now(UTC)
    if extraction.article is not None:
        for reading in (extraction.article.published, extraction.article.updated):
            assert reading.at is None or not (is_now(reading.at, NOW) or is_now(reading.at, today)), reading
    return str(extraction.outcome or "article")


def is_now(at: datetime, now: datetime) -> bool:
    return abs(at - now) < timedelta(minutes=10)


def fuzz_sources(files: Sequence[bytes], *, seed: int, count: int) -> Counter[str]:
    kinds = list(SourceKind)
    return Counter(
        check_source(read_as(kinds[number % len(kinds)], body))
        for number, body in enumerate(mutants(files, seed=seed, count=count))
    )


def fuzz_pages(files: Sequence[bytes], *, seed: int, count: int) -> Counter[str]:
    return Counter(check_page(read_html(body)) for body in mutants(files, seed=seed, count=count))


def test_broken_sources_of_our_own_give_leads_or_a_named_outcome():
    ended = fuzz_sources(OWN_FEEDS, seed=1, count=COUNT)
    print(dict(ended))
    assert sum(ended.values()) == COUNT
    assert ended["leads"] > 0


def test_broken_pages_of_our_own_give_an_article_or_a_named_outcome():
    ended = fuzz_pages(OWN_PAGES, seed=2, count=COUNT)
    print(dict(ended))
    assert sum(ended.values()) == COUNT
    assert ended["article"] > 0


def test_broken_sources_of_the_world_give_leads_or_a_named_outcome(shared: Path):
    ended = fuzz_sources(unpacked(shared / "feeds"), seed=3, count=COUNT)
    print(dict(ended))
    assert sum(ended.values()) == COUNT


def test_broken_pages_of_the_world_give_an_article_or_a_named_outcome(shared: Path):
    ended = fuzz_pages(unpacked(shared / "pages"), seed=4, count=min(COUNT, 1500))
    print(dict(ended))
    assert sum(ended.values()) == min(COUNT, 1500)


def test_every_source_of_the_world_as_it_is(shared: Path):
    for body in unpacked(shared / "feeds"):
        for kind in SourceKind:
            check_source(read_as(kind, body))


def unpacked(folder: Path) -> list[bytes]:
    return [gzip.decompress(path.read_bytes()) for path in sorted(folder.glob("*.gz"))]


MARKS = {"utf-16-be": b"\xfe\xff", "utf-32-be": b"\x00\x00\xfe\xff"}
KOI8 = RSS.replace("utf-8", "utf-8").format(ITEM.format("закрыты")).encode("koi8-r")
OLD = RSS.format(ITEM.format(1).replace("22 Jun 2024", "22 Jun 1719"))


@pytest.mark.parametrize(
    ("name", "body", "leads", "outcome"),
    [
        ("html", b"<!doctype html><html><body><h1>Not found</h1></body></html>", 0, Outcome.NOT_ARTICLE),
        ("empty", b"", 0, Outcome.NOT_ARTICLE),
        ("blank", b" \r\n\t\x00", 0, Outcome.NOT_ARTICLE),
        ("json", b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', 0, Outcome.NOT_ARTICLE),
        ("cut", OWN_FEEDS[0][: len(OWN_FEEDS[0]) // 2], 6, None),
        ("mislabelled", KOI8, 1, None),
        ("1719", OLD.encode(), 1, None),
        ("200,000 items", RSS.format("".join(map(ITEM.format, range(200_000)))).encode(), 500, None),
        ("200,000 entries", ATOM.format("".join(map(ENTRY.format, range(200_000)))).encode(), 500, None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_feed_gives_what_is_in_it_or_a_named_outcome(name, body, leads, outcome):
    found = read_as(SourceKind.FEED, body)
    check_source(found)
    assert (len(found.leads), found.outcome) == (leads, outcome)


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-be", "utf-32", "utf-32-be"])
def test_a_feed_in_a_wide_charset_is_held_to_the_same_bounds(charset: str):
    """Its tags are hidden from a search for bytes: the guards must see it decoded."""
    items = "".join(map(ITEM.format, range(20_000))).replace("Ports 3<", "Ports &#xD800;3<")
    body = RSS.replace("utf-8", charset).format(items).encode(charset)
    found = read_as(SourceKind.FEED, MARKS.get(charset, b"") + body)
    check_source(found)
    assert (len(found.leads), found.outcome) == (500, None)


def test_a_feed_of_1719_gives_leads_without_a_date():
    (lead,) = read_as(SourceKind.FEED, OLD.encode()).leads
    assert (lead.published_at, lead.changed_at) == (None, None)


def test_a_page_of_1719_is_too_old_to_be_dated_now():
    body = OWN_PAGES[0].replace(b"2026-11-20T07:00:00Z", b"1719-05-12T07:00:00Z")
    extraction = read_html(body)
    check_page(extraction)
    assert extraction.article is not None
    assert extraction.article.published.at is None or extraction.article.published.at.year == 1719


@pytest.mark.parametrize("charset", ["koi8-r", "utf-16", "shift_jis", "x-nonsense", ""])
def test_a_mislabelled_page_is_read_or_has_a_named_outcome(charset: str):
    body = PAGE.replace("Ports closed", "Порты закрыты").encode()
    assert check_page(read_html(body, f"text/html; charset={charset}"))


def test_json_ld_full_of_white_space_costs_no_more_than_its_length():
    """Found by mutation 235 of seed 4: 30,000 blanks in front of what is no end mark took minutes."""
    said = LD.replace("}}</script>", "}" + " " * 30_000 + "}</script>")
    extraction = read_html(PAGE.replace("</head>", said + "</head>").encode())
    assert extraction.article is not None
    assert ArticleFlag.QUICK not in extraction.article.flags
    assert extraction.article.authors == ("Ana Ruiz",)


@pytest.mark.parametrize("offset", ["+99:99", "-99:39", "+24:00"])
def test_an_offset_no_clock_has_costs_the_date_and_not_the_page(offset: str):
    """Found by mutations 166 and 1437 of seed 4."""
    body = PAGE.replace("2026-11-20T07:00:00Z", f"20 November 2026, 07:00 {offset}").encode()
    extraction = read_html(body)
    assert extraction.article is not None
    assert extraction.article.published.at is None or extraction.article.published.at.year == 2026


@pytest.mark.parametrize("reference", ["&#xD800;", "&#55296;", "&#0;", "&#x110000;", "&#99999999999;"])
def test_a_reference_to_no_character_costs_no_lead(reference: str):
    """feedparser gave up the whole feed over one lone surrogate."""
    found = read_as(
        SourceKind.FEED, OWN_FEEDS[0].replace(b"Ports 3", f"Ports {reference} 3".encode()).replace(b"</rss>", b"")
    )
    assert (len(found.leads), found.outcome) == (12, None)
    json.dumps([lead.title for lead in found.leads], ensure_ascii=False).encode()
