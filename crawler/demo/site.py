"""The demo site as a table: (host, path) to an answer, at stage 1 or 2. No sockets here."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from urllib.parse import urlsplit

from crawler.demo import rendering
from crawler.demo.content_files import (
    EDITED_AT,
    HOSTS,
    MOVED,
    DemoArticle,
    DemoOutlet,
    article_url,
    changed_at,
    hub_url,
    outlets,
)

OPENED_AT = datetime(2024, 7, 15, 18, 0, tzinfo=UTC)
_TRAPS = (
    '<p>A calendar of hearings <a href="/calendar/2024/06.html">is kept by the court</a>, an annex '
    '<a href="/private/annex-to-the-indictment.html">is for subscribers of the archive</a>, and a note of May '
    '<a href="/2024/05/withdrawn-note-on-the-strait.html">was withdrawn</a>; '
    '<a href="/2024/05/an-old-report-that-is-gone.html">an older report</a> is gone, '
    '<a href="/members/dossier">a dossier</a> asks for a login, and '
    '<a href="/r/1001">a short address</a> still works.</p>'
)
"""One paragraph of links that must each end in an outcome of its own; it stands in one ForeMedia article."""

_LINK = re.compile(r'<a href="([^"]+)">([^<]+)</a>')

TRAP_SLUG = "holt-trial-opens-in-port-halven"
SHORT_TARGET = "lumen-pact-promises-help-within-a-day"


@dataclass(frozen=True, slots=True)
class Resource:
    """An answer: status, body, type, and the headers a conditional request is answered by."""

    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    location: str = ""
    last_modified: datetime | None = None

    @property
    def etag(self) -> str:
        """The entity tag: a digest of the body."""
        return '"' + hashlib.sha256(self.body).hexdigest()[:16] + '"'

    @property
    def last_modified_header(self) -> str:
        """The Last-Modified header, "" where there is none."""
        return (
            format_datetime(self.last_modified.astimezone(UTC), usegmt=True) if self.last_modified is not None else ""
        )


def trap_links() -> list[tuple[str, str]]:
    """Return the links of that paragraph as (words, address)."""
    return [(words, f"http://{HOSTS['foremedia']}{path}") for path, words in _LINK.findall(_TRAPS)]


@cache
def resources(stage: int) -> dict[tuple[str, str], Resource]:
    """Return every answer of the site at a stage, but for the calendar, which has no end."""
    found = outlets(stage)
    table: dict[tuple[str, str], Resource] = {}
    _add_foremedia(table, found["foremedia"], stage)
    _add_herald(table, found["strait_herald"], stage)
    _add_courrier(table, found["courrier_sarn"], stage)
    return table


def resource_at(host: str, path: str, *, stage: int) -> Resource:
    """Return the answer to a request: the page, a month of the calendar, or a 404. Query strings change nothing."""
    bare = urlsplit(path).path
    known = resources(stage).get((host.lower(), bare))
    if known is not None:
        return known
    parts = bare.strip("/").split("/")
    if len(parts) == 3 and parts[0] == "calendar" and parts[1].isdigit() and parts[2][:2].isdigit():
        year, month = int(parts[1][:4]), min(12, max(1, int(parts[2][:2])))
        return _html(rendering.calendar_page(year, month), OPENED_AT)
    return Resource(rendering.plain_page("en", "404 Not Found", "Nothing is here.").encode(), status=404)


def _add_foremedia(table: dict[tuple[str, str], Resource], outlet: DemoOutlet, stage: int) -> None:
    host = HOSTS["foremedia"]
    for article in outlet.articles:
        extra = _TRAPS if article.slug == TRAP_SLUG else ""
        _put(table, article.url, _html(rendering.foremedia_article(article, outlet, extra=extra), changed_at(article)))
    _add_hubs(table, outlet, "en", stage)
    by = _by_source(outlet)
    _put(table, f"http://{host}/feed.xml", _xml(rendering.rss(by["feed"]), "application/rss+xml", stage))
    _put(table, f"http://{host}/sitemap.xml", _xml(rendering.sitemap(by["sitemap"]), "application/xml", stage))
    home = rendering.list_page("en", "ForeMedia News", by["feed"], extra=rendering.hub_links(outlet))
    _put(table, f"http://{host}/", _html(home, OPENED_AT))
    about = rendering.plain_page("en", "About ForeMedia", "We report on the Sarn Strait and the countries around it.")
    _put(table, f"http://{host}/about.html", _html(about, OPENED_AT))
    robots = "User-agent: *\nDisallow: /private/\nSitemap: http://foremedia.example/sitemap.xml\n"
    _put(table, f"http://{host}/robots.txt", Resource(robots.encode(), "text/plain"))
    secret = rendering.plain_page("en", "Annex", "A crawler that obeys robots.txt never reads this sentence.")
    _put(table, f"http://{host}/private/annex-to-the-indictment.html", _html(secret, OPENED_AT))
    login = '<form method="post"><input name="name"><input type="password" name="password"></form>'
    walled = rendering.plain_page("en", "Sign in", "Please sign in to read the dossier.", extra=login)
    _put(table, f"http://{host}/members/dossier", _html(walled, OPENED_AT))
    gone = Resource(rendering.plain_page("en", "410 Gone", "This report was removed.").encode(), status=410)
    _put(table, f"http://{host}/2024/05/an-old-report-that-is-gone.html", gone)
    short = Resource(status=302, location=article_url("foremedia", SHORT_TARGET))
    _put(table, f"http://{host}/r/1001", short)


def _add_herald(table: dict[tuple[str, str], Resource], outlet: DemoOutlet, stage: int) -> None:
    host = HOSTS["strait_herald"]
    for article in outlet.articles:
        _put(table, article.url, _html(rendering.herald_article(article, outlet), changed_at(article)))
        _put(
            table, f"{article.url}/amp", _html(rendering.herald_article(article, outlet, amp=True), changed_at(article))
        )
    if stage == 2:
        _put(table, article_url(*MOVED[:2]), Resource(status=301, location=MOVED[2]))
    _add_hubs(table, outlet, "en", stage)
    by = _by_source(outlet)
    named = [*by["sitemap"], *by["stage2"]]
    if stage == 2:
        named += [article for article in outlet.articles if (article.outlet, article.slug) == MOVED[:2]]
    base = f"http://{host}"
    half = len(named) // 2
    index = rendering.sitemap_index([f"{base}/sitemap-news.xml", f"{base}/sitemap-archive.xml"])
    _put(table, f"{base}/sitemap-index.xml", _xml(index, "application/xml", stage))
    news = rendering.sitemap(named[half:], news=True)
    _put(table, f"{base}/sitemap-news.xml", _xml(news, "application/xml", stage))
    _put(table, f"{base}/sitemap-archive.xml", _xml(rendering.sitemap(named[:half]), "application/xml", stage))
    listing = rendering.list_page("en", "News", by["listing"], item="h2", extra='<p><a href="/contact">Contact</a></p>')
    _put(table, f"{base}/news/", _html(listing, OPENED_AT))
    _put(table, f"{base}/", _html(listing, OPENED_AT))
    _put(table, f"{base}/robots.txt", Resource(b"User-agent: *\nAllow: /\n", "text/plain"))


def _add_courrier(table: dict[tuple[str, str], Resource], outlet: DemoOutlet, stage: int) -> None:
    base = f"http://{HOSTS['courrier_sarn']}"
    for article in outlet.articles:
        _put(table, article.url, _latin(rendering.courrier_article(article, outlet), changed_at(article)))
    for label, slug in outlet.hubs.items():
        page = rendering.list_page("fr", label, [entry for entry in outlet.articles if label in entry.hubs])
        _put(table, hub_url(outlet.name, slug), _latin(page, EDITED_AT if stage == 2 else OPENED_AT))
    by = _by_source(outlet)
    edited = [article for article in outlet.articles if article.updated is not None and article.found != "feed"]
    _put(table, f"{base}/atom.xml", _xml(rendering.atom([*by["feed"], *edited]), "application/atom+xml", stage))
    listing = rendering.list_page("fr", "Actualités", by["listing"])
    _put(table, f"{base}/actualites", _latin(listing, OPENED_AT))
    _put(table, f"{base}/", _latin(listing, OPENED_AT))


def _add_hubs(table: dict[tuple[str, str], Resource], outlet: DemoOutlet, language: str, stage: int) -> None:
    """Hub pages list what names them; the trap paragraph's article is reached through one of them alone."""
    for label, slug in outlet.hubs.items():
        if slug:
            page = rendering.list_page(language, label, [entry for entry in outlet.articles if label in entry.hubs])
            _put(table, hub_url(outlet.name, slug), _html(page, EDITED_AT if stage == 2 else OPENED_AT))


def _by_source(outlet: DemoOutlet) -> dict[str, list[DemoArticle]]:
    kinds = ("feed", "sitemap", "listing", "hub", "link", "stage2")
    return {kind: [article for article in outlet.articles if article.found == kind] for kind in kinds}


def _put(table: dict[tuple[str, str], Resource], url: str, resource: Resource) -> None:
    parts = urlsplit(url)
    table[parts.hostname or "", parts.path] = resource


def _html(text: str, changed: datetime) -> Resource:
    return Resource(text.encode(), last_modified=changed)


def _latin(text: str, changed: datetime) -> Resource:
    body = text.encode("iso-8859-15", "xmlcharrefreplace")
    return Resource(body, "text/html; charset=iso-8859-15", last_modified=changed)


def _xml(text: str, kind: str, stage: int) -> Resource:
    return Resource(text.encode(), f"{kind}; charset=utf-8", last_modified=EDITED_AT if stage == 2 else OPENED_AT)
