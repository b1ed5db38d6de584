"""The demo's pages: articles with the furniture real pages have, hubs, feeds, sitemaps. Values in, text out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from crawler.demo.content_files import (
    HOSTS,
    DemoArticle,
    DemoOutlet,
    changed_at,
    hub_url,
    labels_of,
    parts_of,
    plain,
    read_minutes,
    target_url,
)


def foremedia_article(article: DemoArticle, outlet: DemoOutlet, *, extra: str = "") -> str:
    """An article in ForeMedia's form: byline, read time and update line, story, a line of backlinks."""
    moment = article.updated or datetime(2024, 6, 1, tzinfo=UTC)
    stamp = f"Updated {moment:%I:%M%p} GMT {moment:%a}, {moment:%B} {moment.day}, {moment.year}".replace(" ", "\xa0")
    byline = f"By {_joined(article.authors, 'and')}, ForeMedia News"
    labels = " | ".join(
        f'<a href="{escape(url)}">{escape(label)}</a>' if url else escape(label)
        for label, url in labels_of(article, outlet)
    )
    body = f"""<article>
<h1>{escape(article.title)}</h1>
<p class="byline">{escape(byline)}</p>
<p class="meta">{read_minutes(article)} minutes read. {escape(stamp)}</p>
<p class="share"><a href="https://www.facebook.com/sharer.php?u=x">Share</a> <a href="/subscribe">Subscribe</a></p>
<div class="story">
{_paragraphs(article.paragraphs)}{extra}
</div>
<p class="backlinks">Backlinks: {labels}</p>
</article>
<section class="teasers"><h2>More from ForeMedia</h2><ul>{_teasers(article, outlet)}</ul></section>"""
    return _page(
        "en", f"{article.title} | ForeMedia News", body, nav=("/", "/topics/sarn-strait-watch.html", "/about.html")
    )


def herald_article(article: DemoArticle, outlet: DemoOutlet, *, amp: bool = False) -> str:
    """An article with JSON-LD, OpenGraph, canonical and an AMP twin."""
    published = article.published or datetime(2024, 6, 1, tzinfo=UTC)
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "datePublished": published.isoformat(),
        "dateModified": changed_at(article).isoformat(),
        "author": [{"@type": "Person", "name": name} for name in article.authors],
        "publisher": {"@type": "NewsMediaOrganization", "name": "The Strait Herald"},
        "mainEntityOfPage": article.url,
        "isAccessibleForFree": not article.paywalled,
    }
    script = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
    head = f"""<link rel="canonical" href="{escape(article.url)}">
<link rel="amphtml" href="{escape(article.url)}/amp">
<meta property="og:type" content="article"><meta property="og:site_name" content="The Strait Herald">
<meta property="og:title" content="{escape(article.title)}"><meta property="og:url" content="{escape(article.url)}">
<script type="application/ld+json">{script}</script>"""
    topics = "".join(f'<a href="{escape(url or "")}">{escape(label)}</a>' for label, url in labels_of(article, outlet))
    wall = "<aside class='offer'><p>Subscribe to read on.</p></aside>" if article.paywalled else ""
    body = f"""<article>
<header><h1>{escape(article.title)}</h1>
<p class="by">By {escape(_joined(article.authors, "and"))}</p>
<time datetime="{published.isoformat()}">{published:%d %B %Y}</time></header>
<div class="article-body">
{_paragraphs(article.paragraphs)}
</div>{wall}
<nav class="topics" aria-label="Topics">{topics}</nav>
</article>
<aside><h2>Most read</h2><ul>{_teasers(article, outlet)}</ul></aside>"""
    title = f"{article.title} - The Strait Herald" + (" (AMP)" if amp else "")
    return _page("en", title, body, head=head, nav=("/news/", "/topic/cape-murn/", "/contact"))


def courrier_article(article: DemoArticle, outlet: DemoOutlet) -> str:
    """An article in French with a time tag and microdata."""
    published = article.published or datetime(2024, 6, 1, tzinfo=UTC)
    authors = " et ".join(f'<span itemprop="author">{escape(name)}</span>' for name in article.authors)
    day = f'<time itemprop="datePublished" datetime="{published.isoformat()}">{published:%d/%m/%Y}</time>'
    dossiers = "".join(
        f'<li><a href="{escape(url or "")}">{escape(label)}</a></li>' for label, url in labels_of(article, outlet)
    )
    body = f"""<main itemscope itemtype="https://schema.org/NewsArticle">
<h1 itemprop="headline">{escape(article.title)}</h1>
<p class="signature">Par {authors}, le {day}</p>
<div class="texte" itemprop="articleBody">
{_paragraphs(article.paragraphs)}
</div>
<aside class="dossiers"><h2>Nos dossiers</h2><ul>{dossiers}</ul></aside>
</main>
<section class="autres"><h2>À lire aussi</h2><ul>{_teasers(article, outlet)}</ul></section>"""
    head = '<meta charset="iso-8859-15">'
    return _page("fr", f"{article.title} – Le Courrier de Sarn", body, head=head, nav=("/actualites", "/contact.html"))


def list_page(language: str, title: str, articles: Iterable[DemoArticle], *, item: str = "li", extra: str = "") -> str:
    """A hub, section or home page: links to articles and nothing to read."""
    links = "".join(f'<{item}><a href="{escape(entry.url)}">{escape(entry.title)}</a></{item}>' for entry in articles)
    lists = f'<ul class="liste">{links}</ul>' if item == "li" else links
    return _page(language, title, f"<main><h1>{escape(title)}</h1>{lists}{extra}</main>")


def rss(articles: Iterable[DemoArticle]) -> str:
    """ForeMedia's feed; its links carry tracking parameters."""
    items = "".join(
        f"<item><title>{escape(entry.title)}</title><link>{escape(entry.url)}?utm_source=rss&amp;utm_medium=feed</link>"
        f"<guid isPermaLink='false'>{entry.slug}</guid><pubDate>{format_datetime(changed_at(entry))}</pubDate></item>"
        for entry in articles
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>ForeMedia News</title>'
        f"<link>http://{HOSTS['foremedia']}/</link><description>News</description>{items}</channel></rss>"
    )


def atom(articles: Iterable[DemoArticle]) -> str:
    """The Courrier's feed."""
    entries = "".join(
        f"<entry><title>{escape(entry.title)}</title><link rel='alternate' href='{escape(entry.url)}'/>"
        f"<id>{escape(entry.url)}</id><published>{(entry.published or changed_at(entry)).isoformat()}</published>"
        f"<updated>{changed_at(entry).isoformat()}</updated></entry>"
        for entry in articles
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Le Courrier de Sarn'
        f"</title><id>urn:courrier</id><updated>2024-07-16T00:00:00Z</updated>{entries}</feed>"
    )


def sitemap(articles: Iterable[DemoArticle], *, news: bool = False) -> str:
    """A sitemap, or a news sitemap."""
    space = ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"' if news else ""
    rows = []
    for entry in articles:
        moment = (entry.published or changed_at(entry)).isoformat()
        told = (
            f"<news:news><news:publication_date>{moment}</news:publication_date>"
            f"<news:title>{escape(entry.title)}</news:title></news:news>"
            if news
            else ""
        )
        rows.append(
            f"<url><loc>{escape(entry.url)}</loc><lastmod>{changed_at(entry).isoformat()}</lastmod>{told}</url>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        f"{space}>{''.join(rows)}</urlset>"
    )


def sitemap_index(urls: Iterable[str]) -> str:
    """An index of sitemaps."""
    rows = "".join(f"<sitemap><loc>{escape(url)}</loc></sitemap>" for url in urls)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"{rows}</sitemapindex>"
    )


def calendar_page(year: int, month: int) -> str:
    """A month of the endless calendar: it always has a next one."""
    following, before = (year + month // 12, month % 12 + 1), (year - (month == 1), (month - 2) % 12 + 1)
    links = "".join(f'<a href="/calendar/{y}/{m:02d}.html">{y}-{m:02d}</a> ' for y, m in (before, following))
    return _page("en", f"Calendar {year}-{month:02d}", f"<main><h1>{year}-{month:02d}</h1>{links}</main>")


def plain_page(language: str, title: str, *paragraphs: str, extra: str = "") -> str:
    """A page that is no article: about, login, contact."""
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    return _page(language, title, f"<main><h1>{escape(title)}</h1>{text}{extra}</main>")


def hub_links(outlet: DemoOutlet) -> str:
    """Links to all hub pages of an outlet."""
    return "".join(
        f'<a href="{escape(hub_url(outlet.name, slug))}">{escape(label)}</a> '
        for label, slug in outlet.hubs.items()
        if slug
    )


def _paragraphs(paragraphs: Sequence[str]) -> str:
    return "\n".join(f"<p>{_marked_up(paragraph)}</p>" for paragraph in paragraphs)


def _marked_up(paragraph: str) -> str:
    pieces = []
    for text, target in parts_of(paragraph):
        words = escape(text, quote=False)
        pieces.append(words if target is None else f'<a href="{escape(target_url(target))}">{words}</a>')
    return "".join(pieces)


def _teasers(article: DemoArticle, outlet: DemoOutlet) -> str:
    """Three other articles, those a feed or sitemap names anyway: teasers must not be how the others are found."""
    known = [entry for entry in outlet.articles if entry.found in ("feed", "sitemap") and entry != article]
    return "".join(f'<li><a href="{escape(entry.url)}">{escape(plain(entry.title))}</a></li>' for entry in known[:3])


def _joined(names: Sequence[str], word: str) -> str:
    return f" {word} ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} {word} {names[-1]}"


def _page(language: str, title: str, body: str, *, head: str = "", nav: Sequence[str] = ("/",)) -> str:
    links = "".join(f'<li><a href="{escape(path)}">{escape(path.strip("/") or "home")}</a></li>' for path in nav)
    return f"""<!DOCTYPE html>
<html lang="{language}"><head><title>{escape(title)}</title>
<meta name="viewport" content="width=device-width">
{head}
</head><body>
<nav class="main"><ul>{links}</ul></nav>
{body}
<footer><p>All events, places and people are invented. <a href="/privacy.html">Privacy</a></p></footer>
</body></html>
"""
