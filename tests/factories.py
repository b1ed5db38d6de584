"""Values that tests of several rooms make: small, valid, with only what a test is about spelled out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from config.outlets import OutletSpec
from index.records import Article, DateReading, Lead, Link, Page, Role, Saved, Via
from index.store import Store
from index.store.articles import save_article
from index.store.outlets import register_outlets
from index.store.pages import save_page

HOME = "https://gazette.example"


def a_spec(name: str = "gazette", **other: Any) -> OutletSpec:
    """An outlet on <name>.example."""
    values = {"title": name.title(), "home": f"https://{name}.example/", "languages": ("en",), **other}
    return OutletSpec(name=name, **values)


def an_article(slug: str = "a", text: str = "Ships left the harbour.", **other: Any) -> Article:
    """An article of gazette at /<slug>."""
    url = other.pop("url", f"{HOME}/{slug}")
    at = other.pop("published_at", None)
    values = {
        "outlet": "gazette",
        "title": f"Report {slug}",
        "language": "en",
        "published": DateReading(at.isoformat() if at else None, at, "test" if at else ""),
        **other,
    }
    return Article(url=url, canonical_url=url, text=text, **values)


def a_link(url: str | None, text: str = "this", role: Role = Role.INLINE, **other: Any) -> Link:
    """A link in the text."""
    return Link(url, text, role, **other)


def a_lead(slug: str, **other: Any) -> Lead:
    """A lead of gazette from its feed."""
    return Lead(f"{HOME}/{slug}", **{"outlet": "gazette", "via": Via.FEED, **other})


def register(store: Store, now: datetime, *names: str) -> None:
    """Register outlets, gazette where none is named."""
    with store.write() as tx:
        register_outlets(tx, [a_spec(name) for name in names or ("gazette",)], now)


def save(store: Store, article: Article, now: datetime, **other: Any) -> Saved:
    """Save an article with its page in one transaction."""
    with store.write() as tx:
        page_id = save_page(tx, Page(article.url, b"page", now), digest="0" * 64, warc=None, run_id=None)
        return save_article(tx, article, page_id=page_id, run_id=None, now=now, **other)
