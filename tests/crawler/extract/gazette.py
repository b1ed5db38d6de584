"""Pages of an outlet of our own invention, and what is read from them."""

from __future__ import annotations

from datetime import UTC, datetime

from crawler.extract.article import extract_article
from index.records import Page

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
URL = "https://gazette.example/2026/11/ports-closed"
PARAGRAPH = "The ports of the northern coast were closed on Friday evening, the harbour office said in a short notice. "
BODY = "".join(f"<p>{PARAGRAPH * 2}Notice {number}.</p>" for number in range(5))
LD = (
    '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Ports closed","datePublished":'
    '"2026-11-20T08:00:00+01:00","dateModified":"2026-11-21T09:00:00Z","author":[{"@type":"Person","name":"Ana Ruiz"}]}'
    "</script>"
)


LIST = "<h1>News</h1>" + "".join(f"<li><a href='/a{n}'>Report number {n} of today</a></li>\n" for n in range(60))


def page(body: str | bytes, head: str = "", url: str = URL, content_type: str = "text/html; charset=utf-8") -> Page:
    if isinstance(body, str):
        body = f'<!doctype html><html lang="en"><head><title>x</title>{head}</head><body>{body}</body></html>'.encode()
    return Page(url, body, NOW, content_type=content_type)


def read(body: str | bytes, head: str = "", **other):
    return extract_article(page(body, head, **other), spec=None, now=NOW, outlet="gazette")


def article(body: str = f"<article><h1>Ports closed</h1>{BODY}</article>", head: str = LD, **other):
    found = read(body, head, **other)
    assert found.article is not None, found
    return found.article
