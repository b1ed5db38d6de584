"""Extractors under one call, (html, url) -> fields, as the scorer of ../shared asks for them: ours, and two peers.

The other peers' adapters lie beside the scorer. Nothing of ours is imported for a peer: it may run in an environment
where only that peer is installed.
"""

from __future__ import annotations

from typing import Any


def watchfloor(html: str, url: str, *, quick: bool = False) -> dict[str, Any]:
    """Read a page as a crawl does, without an outlet file."""
    from datetime import UTC, datetime

    from crawler.extract.article import extract_article
    from index.records import Page, Role

    now = datetime(2026, 11, 24, tzinfo=UTC)
    page = Page(url, html.encode("utf-8", "replace"), now, content_type="text/html; charset=utf-8")
    article = extract_article(page, spec=None, now=now, outlet="unknown", quick=quick).article
    if article is None:
        return {}
    return {
        "title": article.title,
        "authors": list(article.authors),
        "published": article.published.at.isoformat() if article.published.at else None,
        "body": article.text.replace("\n\n", "\n"),
        "links": [link.url for link in article.links if link.url and link.role in (Role.INLINE, Role.SOURCE)],
    }


def watchfloor_quick(html: str, url: str) -> dict[str, Any]:
    """Read a page in one pass, as a crawl does when it has run out of its time."""
    return watchfloor(html, url, quick=True)


def news_please(html: str, url: str) -> dict[str, Any]:
    """Let news-please read a page."""
    from newsplease import NewsPlease

    found = NewsPlease.from_html(html, url=url)
    return {
        "title": found.title,
        "authors": list(found.authors or ()),
        "published": found.date_publish.isoformat() if found.date_publish else None,
        "body": found.maintext,
    }


def goose(html: str, _url: str) -> dict[str, Any]:
    """Let goose3 read a page."""
    from goose3 import Goose

    with Goose({"enable_image_fetching": False}) as reader:
        found = reader.extract(raw_html=html)
    return {
        "title": found.title,
        "authors": list(found.authors or ()),
        "published": found.publish_date,
        "body": found.cleaned_text,
        "links": list(found.links or ()),
    }
