"""Where an outlet may list its articles: what its pages and robots.txt name, what sites usually have, what answered."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.discover.feeds import leads_in_feed
from crawler.discover.sitemaps import leads_in_sitemap
from index.records import Lead, Page
from index.urls import absolute_url, same_outlet

USUAL_FEEDS = ("/feed", "/rss.xml", "/rss", "/feed.xml", "/atom.xml", "/index.xml")
USUAL_SITEMAPS = ("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap.xml", "/sitemap_index.xml")
MOST_DECLARED = 6
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml")
_NO_NEWS = re.compile(r"comment|podcast|oembed|wp-json|/amp/", re.IGNORECASE)
_SITEMAP_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_NEWS = re.compile(r"news|latest|recent|actu|noticia|heute|today", re.IGNORECASE)
_DELAY = re.compile(r"^\s*crawl-delay\s*:\s*(\d+(?:\.\d+)?)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Source:
    """A feed or sitemap that answered. `kind` is feed, news sitemap, sitemap or sitemap index."""

    url: str
    kind: str
    leads: tuple[Lead, ...] = ()
    sitemaps: tuple[str, ...] = ()


def feeds_in_page(html: str, *, url: str) -> tuple[str, ...]:
    """Return the feeds a page declares, on its own outlet or not, those of comments left out."""
    found: dict[str, None] = {}
    for node in LexborHTMLParser(html).css("link[rel~='alternate'][href]"):
        attributes = node.attributes
        address = absolute_url(url, attributes.get("href") or "")
        said = f"{address} {attributes.get('title') or ''}"
        if (attributes.get("type") or "").strip().lower() in _FEED_TYPES and address and not _NO_NEWS.search(said):
            found.setdefault(address)
    return tuple(found)[:MOST_DECLARED]


def sitemaps_in_robots(text: str, *, url: str) -> tuple[str, ...]:
    """Return the sitemaps robots.txt names, those called news first."""
    found = [address for raw in _SITEMAP_LINE.findall(text) if (address := absolute_url(url, raw))]
    return tuple(sorted(dict.fromkeys(found), key=lambda one: not _NEWS.search(urlsplit(one).path)))


def crawl_delay_s(robots: str) -> float:
    """Return the longest pause robots.txt asks of anybody, 0 where it asks for none."""
    return max(map(float, _DELAY.findall(robots)), default=0.0)


def places_to_ask(*, home: str, feeds: Iterable[str], sitemaps: Iterable[str]) -> tuple[str, ...]:
    """Return the addresses worth asking for: those named; of a kind that nobody names, the usual ones."""
    named_feeds = [url for url in feeds if same_outlet(url, home)]
    named_sitemaps = [url for url in sitemaps if same_outlet(url, home)][:MOST_DECLARED]
    usual_feeds = [urljoin(home, path) for path in USUAL_FEEDS] if not named_feeds else []
    usual_sitemaps = [urljoin(home, path) for path in USUAL_SITEMAPS] if not named_sitemaps else []
    return tuple(dict.fromkeys([*named_feeds, *named_sitemaps, *usual_feeds, *usual_sitemaps]))


def source_in(page: Page) -> Source | None:
    """Return what an answer is a source of; None for what is neither a feed with articles nor a sitemap."""
    feed = leads_in_feed(page.body, url=page.url, outlet="new")
    if feed.leads and feed.outcome is None:
        return Source(page.url, "feed", feed.leads)
    found = leads_in_sitemap(page.body, url=page.url, outlet="new")
    if found.outcome is not None or not (found.leads or found.sitemaps):
        return None
    if found.sitemaps and not found.leads:
        return Source(page.url, "sitemap index", sitemaps=found.sitemaps)
    is_news = any(lead.published_at is not None and lead.title for lead in found.leads)
    return Source(page.url, "news sitemap" if is_news else "sitemap", found.leads, found.sitemaps)


def news_sitemaps_of(index: Source) -> tuple[str, ...]:
    """Return the sitemaps of an index that are worth a look: those called news, else its last one."""
    ours = [url for url in index.sitemaps if same_outlet(url, index.url)]
    return tuple([url for url in ours if _NEWS.search(urlsplit(url).path)][:2] or ours[-1:])


def chosen(sources: Iterable[Source], *, home: str) -> tuple[tuple[Source, ...], tuple[Source, ...]]:
    """Return the sources for the file, and those left out: feeds and news sitemaps, only without them the others."""
    there = list({source.url: source for source in sources}.values())
    ours = [source for source in there if same_outlet(source.url, home) and _own_share(source, home) >= 0.5]
    best = [source for source in ours if source.kind in ("feed", "news sitemap")]
    if not best:
        best = [source for source in ours if source.kind in ("sitemap index", "sitemap")]
    kept: list[Source] = []
    known: set[str] = set()
    for source in sorted(best, key=lambda one: -len(one.leads)):
        urls = {lead.url for lead in source.leads}
        if not urls or len(urls - known) > len(urls) * 0.2:
            kept.append(source)
            known |= urls
    return tuple(kept[:MOST_DECLARED]), tuple(source for source in there if source not in kept[:MOST_DECLARED])


def articles_a_week(sources: Iterable[Source], *, now: datetime) -> tuple[int, int] | None:
    """Return how many articles a week to expect, a third to three times what the sources date; None without dates."""
    dated = {lead.url: lead.published_at for source in sources for lead in source.leads if lead.published_at}
    if not dated:
        return None
    span = now - min(dated.values())
    recent = sum(at > now - timedelta(days=7) for at in dated.values())
    weekly = recent if span >= timedelta(days=7) else recent * 7 * 86400 / max(span.total_seconds(), 86400)
    return (max(1, int(weekly // 3)), int(weekly * 3) + 3) if weekly >= 3 else None


def _own_share(source: Source, home: str) -> float:
    if not source.leads:
        return 1.0
    return sum(same_outlet(lead.url, home) for lead in source.leads) / len(source.leads)
