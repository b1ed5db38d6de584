"""Feeds and sitemaps: where they are named, which answers are some, and which of them an outlet file needs."""

from __future__ import annotations

from datetime import UTC, datetime

from crawler.propose.sources import (
    USUAL_FEEDS,
    USUAL_SITEMAPS,
    Source,
    articles_a_week,
    chosen,
    crawl_delay_s,
    feeds_in_page,
    news_sitemaps_of,
    places_to_ask,
    sitemaps_in_robots,
    source_in,
)
from index.records import Lead, Page, Via

HOME = "https://quay.example/"
NOW = datetime(2026, 6, 14, tzinfo=UTC)


def a_source(name: str, kind: str, *paths: str, sitemaps: tuple[str, ...] = (), home: str = HOME) -> Source:
    leads = tuple(Lead(f"{home}{path}", "new", Via.FEED, published_at=NOW) for path in paths)
    return Source(f"{HOME}{name}", kind, leads, sitemaps)


def page(body: str) -> Page:
    return Page(f"{HOME}x", body.encode(), NOW)


def test_feeds_a_page_declares_without_those_of_comments():
    html = """<link rel="alternate" type="application/rss+xml" href="/rss">
    <link rel="alternate" hreflang="de" href="/de">
    <link rel="alternate" type="application/atom+xml" href="https://feeds.other.example/quay">
    <link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed">"""
    assert feeds_in_page(html, url=HOME) == (f"{HOME}rss", "https://feeds.other.example/quay")


def test_robots_names_sitemaps_and_a_pause():
    text = "User-agent: *\nCrawl-delay: 4\nSitemap: https://quay.example/all.xml\nsitemap:/news.xml\n"
    assert sitemaps_in_robots(text, url=HOME) == (f"{HOME}news.xml", f"{HOME}all.xml")
    assert crawl_delay_s(text) == 4.0
    assert crawl_delay_s("") == 0.0


def test_usual_places_are_asked_only_where_nothing_is_named():
    assert places_to_ask(home=HOME, feeds=[f"{HOME}rss"], sitemaps=[f"{HOME}n.xml"]) == (f"{HOME}rss", f"{HOME}n.xml")
    nothing = places_to_ask(home=HOME, feeds=["https://feeds.other.example/q"], sitemaps=[])
    assert len(nothing) == len(USUAL_FEEDS) + len(USUAL_SITEMAPS)


def test_answers_are_told_apart():
    feed = "<rss version='2.0'><channel><item><link>https://quay.example/a</link></item></channel></rss>"
    news = (
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>"
        "<url><loc>https://quay.example/a</loc><n:news><n:publication_date>2026-06-13</n:publication_date>"
        "<n:title>A</n:title></n:news></url></urlset>"
    )
    plain = "<urlset><url><loc>https://quay.example/a</loc></url></urlset>"
    index = "<sitemapindex><sitemap><loc>https://quay.example/1.xml</loc></sitemap></sitemapindex>"
    kinds = [
        source.kind if (source := source_in(page(body))) else None for body in (feed, news, plain, index, "<html>", "")
    ]
    assert kinds == ["feed", "news sitemap", "sitemap", "sitemap index", None, None]


def test_of_an_index_the_news_sitemaps_are_looked_at_else_the_last():
    index = a_source("i.xml", "sitemap index", sitemaps=(f"{HOME}2019.xml", f"{HOME}news-1.xml", f"{HOME}2026.xml"))
    assert news_sitemaps_of(index) == (f"{HOME}news-1.xml",)
    index = a_source("i.xml", "sitemap index", sitemaps=(f"{HOME}2019.xml", f"{HOME}2026.xml"))
    assert news_sitemaps_of(index) == (f"{HOME}2026.xml",)


def test_feeds_and_news_sitemaps_are_kept_and_the_rest_is_left_out():
    feed = a_source("rss", "feed", "a", "b")
    twin = a_source("feed", "feed", "a")
    news = a_source("n.xml", "news sitemap", "a", "b", "c", "d")
    whole = a_source("all.xml", "sitemap", *"abcdefgh")
    foreign = a_source("ads", "feed", "x", home="https://ads.example/")
    kept, left_out = chosen([feed, twin, news, whole, foreign], home=HOME)
    assert [source.url for source in kept] == [news.url]
    assert {source.url for source in left_out} == {feed.url, twin.url, whole.url, foreign.url}
    assert [source.url for source in chosen([whole], home=HOME)[0]] == [whole.url]


def test_expected_articles_a_week_leave_room():
    dated = Source(HOME, "feed", tuple(
        Lead(f"{HOME}{day}", "new", Via.FEED, published_at=datetime(2026, 6, day, tzinfo=UTC)) for day in range(1, 14)
    ))  # fmt: skip
    assert articles_a_week([dated], now=NOW) == (2, 21)
    assert articles_a_week([Source(HOME, "feed")], now=NOW) is None
