"""Leads from feeds, sitemaps and listings: what is found, and what is said of what cannot be read."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from crawler.discover.feeds import leads_in_feed
from crawler.discover.listings import leads_in_listing
from crawler.discover.sitemaps import leads_in_sitemap
from index.outcomes import Outcome
from index.records import Via

FEED = "https://gazette.example/feed.xml"
MAP = "https://gazette.example/sitemap.xml"


def feed(body: str | bytes):
    return leads_in_feed(body.encode() if isinstance(body, str) else body, url=FEED, outlet="gazette")


def sitemap(body: str | bytes):
    return leads_in_sitemap(body.encode() if isinstance(body, str) else body, url=MAP, outlet="gazette")


def rss(items: str) -> str:
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>{items}</channel></rss>'


def test_rss_item_is_a_lead_with_its_date_and_title():
    found = feed(
        rss(
            "<item><title>Ports open</title><link>/a?utm_source=rss</link>"
            "<pubDate>Sat, 22 Jun 2024 05:30:00 +0200</pubDate></item>"
        )
    )
    (lead,) = found.leads
    assert lead.url.startswith("https://gazette.example/a")
    assert (lead.via, lead.found_in, lead.title) == (Via.FEED, FEED, "Ports open")
    assert datetime(2024, 6, 22, 3, 30, tzinfo=UTC) in (lead.published_at, lead.changed_at)


def test_atom_entry_is_a_lead_with_its_update():
    found = feed(
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>x</title><link rel="alternate" href="/b"/>'
        "<updated>2024-06-22T05:30:00Z</updated></entry></feed>"
    )
    assert found.leads[0].changed_at == datetime(2024, 6, 22, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize("body", ["", "<html><body>Not found</body></html>", "{}", "\x00\x01"])
def test_what_is_no_feed_is_said(body):
    found = feed(body)
    assert found.leads == ()
    assert found.outcome is not None
    assert found.detail


def test_feed_without_entries_is_a_feed():
    found = feed("<rss><channel><title>x</title></channel></rss>")
    assert (found.leads, found.outcome) == ((), None)


def test_feed_cut_in_the_middle_gives_what_came_before():
    whole = rss("<item><title>a</title><link>/a</link></item><item><title>b</title><link>/b</link></item>")
    found = feed(whole[: whole.index("<title>b")])
    assert [lead.url for lead in found.leads][:1] == ["https://gazette.example/a"]


@pytest.mark.parametrize("end", ["/b", "/b</li", "/b</link"])
def test_half_an_address_where_a_feed_was_cut_is_no_lead(end):
    whole = rss("<item><title>a</title><link>/a</link></item><item><title>b</title><link>/b</link></item>")
    found = feed(whole[: whole.rindex("/b<")] + end)
    assert [lead.url for lead in found.leads] == ["https://gazette.example/a"]


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ("<item><title>No address</title></item>", "its one entry names no address"),
        ("<item><title>a</title></item><item><title>b</title></item>", "none of its 2 entries"),
        ("<item><title><![CD", "its one entry names no address"),
    ],
)
def test_feed_whose_entries_give_no_lead_says_why(items, said):
    found = feed(rss(items) if items.endswith(">") else f"<rss><channel>{items}")
    assert found.leads == ()
    assert found.outcome is Outcome.EXTRACTION_FAILED
    assert said in found.detail


def test_entity_bomb_is_not_expanded():
    bomb = '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + rss(
        "<item><link>/a</link><title>&b;</title></item>"
    )
    assert all("lollol" not in lead.title for lead in feed(bomb).leads)


def test_external_entity_is_not_read():
    hostile = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        + rss("<item><link>/a</link><title>&e;</title></item>")[21:]
    )
    assert all("root:" not in lead.title for lead in feed(hostile).leads)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "mailto:a@b.example", "", "ftp://x.example/a"])
def test_link_that_is_no_web_address_is_no_lead(link):
    assert feed(rss(f"<item><title>x</title><link>{link}</link></item>")).leads == ()


def test_sitemap_gives_leads_with_lastmod():
    found = sitemap(
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc> https://gazette.example/a </loc>'
        "<lastmod>2024-06-22</lastmod></url><url><loc>https://gazette.example/b</loc></url></urlset>"
    )
    assert [lead.url for lead in found.leads] == ["https://gazette.example/a", "https://gazette.example/b"]
    assert found.leads[0].changed_at == datetime(2024, 6, 22, tzinfo=UTC)
    assert found.leads[0].via is Via.SITEMAP


def test_news_sitemap_gives_publication_and_title():
    found = sitemap(
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
        "<url><loc>https://gazette.example/a</loc><news:news><news:publication_date>2024-06-22T05:30:00+02:00"
        "</news:publication_date><news:title>Ports</news:title></news:news></url></urlset>"
    )
    assert found.leads[0].published_at == datetime(2024, 6, 22, 3, 30, tzinfo=UTC)
    assert found.leads[0].title == "Ports"


def test_sitemap_index_names_its_sitemaps():
    found = sitemap(
        '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        "<sitemap><loc>https://gazette.example/one.xml</loc></sitemap></sitemapindex>"
    )
    assert (found.leads, found.sitemaps) == ((), ("https://gazette.example/one.xml",))


def test_compressed_sitemap_is_read():
    body = b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://gazette.example/a</loc></url></urlset>'
    assert len(sitemap(gzip.compress(body)).leads) == 1


def test_sitemap_bomb_is_refused():
    found = sitemap(gzip.compress(b" " * (200 << 20)))
    assert found.leads == ()
    assert found.outcome in (Outcome.TOO_LARGE, Outcome.UNDECODABLE, Outcome.EXTRACTION_FAILED)


def test_listing_gives_the_links_of_its_selector_in_order():
    links = "".join(f'<h2><a href="{href}">x</a></h2>' for href in ("/a", "/b#x", "/a"))
    html = f'<nav><a href="/about">About</a></nav>{links}'
    found = leads_in_listing(html, url="https://gazette.example/", outlet="gazette", selector="h2 a")
    assert [lead.url for lead in found.leads] == ["https://gazette.example/a", "https://gazette.example/b"]
    assert found.leads[0].via is Via.LISTING


def test_real_feeds_never_raise_and_always_say_what_they_are(shared):
    files = [path for path in (shared / "feeds").rglob("*") if path.is_file() and path.suffix != ".md"]
    assert files
    leads = 0
    for path in files:
        for read in (leads_in_feed, leads_in_sitemap):
            found = read(path.read_bytes(), url="https://gazette.example/x", outlet="gazette")
            assert found.leads or found.sitemaps or found.detail or found.outcome is None, path.name
            leads += len(found.leads)
    assert leads > 20


@pytest.mark.timeout(60)
def test_eight_megabytes_of_one_tag_name_are_read_once():
    assert feed(b"<rss><" + b"a" * (8 << 20)).leads == ()


def test_sitemap_of_several_gzip_members_is_read_to_its_end():
    first = b"<urlset><url><loc>https://gazette.example/a</loc></url>"
    second = b"<url><loc>https://gazette.example/b</loc></url></urlset>"
    assert len(sitemap(gzip.compress(first) + gzip.compress(second)).leads) == 2


def test_sitemap_whose_gzip_is_cut_gives_what_came_before_and_says_so():
    urls = "".join(f"<url><loc>https://gazette.example/{number * 7919}</loc></url>" for number in range(3000))
    found = sitemap(gzip.compress(f"<urlset>{urls}</urlset>".encode())[:-4000])
    assert 0 < len(found.leads) < 3000
    assert found.outcome is Outcome.UNDECODABLE
    assert "cut short" in found.detail


@pytest.mark.parametrize("charset", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "end",
    ["<url><loc>https://gaze", "<url><loc>https://gazette.example/lo", "<url><lo", "<url", "<", "<!-- x", "<url><x/>"],
)
def test_sitemap_that_is_cut_gives_its_whole_entries_and_says_so(end, charset):
    begin = f'<?xml version="1.0" encoding="{charset}"?><urlset><url><loc>https://gazette.example/a</loc></url>'
    found = sitemap((begin + end).encode(charset))
    assert [lead.url for lead in found.leads] == ["https://gazette.example/a"]
    assert found.outcome is Outcome.UNDECODABLE
    assert "cut short" in found.detail


@pytest.mark.parametrize("end", ["</urlset>", "</urlset>\n<!-- made by hand -->\n", "</s:urlset>"])
def test_sitemap_with_its_end_is_whole(end):
    begin = "<s:urlset xmlns:s='x'>" if end.startswith("</s:") else "<urlset>"
    found = sitemap(f"{begin}<url><loc>https://gazette.example/a</loc></url>{end}")
    assert (len(found.leads), found.outcome, found.detail) == (1, None, "")


def test_sitemap_cut_before_its_first_entry_says_so():
    found = sitemap('<?xml version="1.0" encoding="UTF-8"?>')
    assert (found.leads, found.outcome) == ((), Outcome.EXTRACTION_FAILED)
    assert "before its first entry" in found.detail


def test_entries_beyond_the_limit_of_a_sitemap_are_counted():
    urls = "".join(f"<url><loc>https://gazette.example/{number}</loc></url>" for number in range(50_003))
    found = sitemap(f"<urlset>{urls}</urlset>")
    assert len(found.leads) == 50_000
    assert found.detail.startswith("3 entries")


def test_sitemaps_of_an_index_come_with_those_changed_last_first():
    entries = "".join(
        f"<sitemap><loc>https://gazette.example/{name}.xml</loc><lastmod>{day}</lastmod></sitemap>"
        for name, day in (("old", "2019-01-01"), ("undated", ""), ("new", "2026-11-01"))
    )
    found = sitemap(f"<sitemapindex>{entries}</sitemapindex>")
    assert [url.rpartition("/")[2] for url in found.sitemaps] == ["new.xml", "old.xml", "undated.xml"]
