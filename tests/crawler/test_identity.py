"""Which article a page is, and which links are leads: pure decisions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from config.outlets import OutletSpec
from crawler.identity import identity_of, is_nobodys, is_same_story, leads_from, leads_from_hub, why_not_canonical
from index.records import Article, DateReading, Link, Page, Role, StoredArticle, Via

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PARAGRAPH = "The ministry said on Friday that the northern crossing would stay closed until the talks had ended."


def spec(name: str = "harbour", **more: object) -> OutletSpec:
    parts = {"name": name, "title": name, "home": f"http://{name}.example/", "languages": ("en",)}
    return OutletSpec.model_validate({**parts, **more})


def article(url: str, canonical: str = "", *, title: str = "A title", text: str = "Text.", **more: object) -> Article:
    return Article(url, canonical or url, "harbour", title, text, **more)  # type: ignore[arg-type]


def identity(url: str, canonical: str, **more: object) -> str:
    page = Page(url, b"", NOW)
    return identity_of(article(url, canonical), page, spec=spec(**more)).url


def held(*, title: str, text: str) -> StoredArticle:
    nothing = DateReading(None, None)
    return StoredArticle(
        1, "harbour", "http://harbour.example/a", title, "", (), "en", text, nothing, nothing, NOW, NOW, NOW,
        "first_seen", None, (), 1,
    )  # fmt: skip


def test_canonical_address_on_the_same_outlet_is_the_identity():
    assert identity("http://harbour.example/print/a", "http://harbour.example/a") == "http://harbour.example/a"


def test_page_address_is_the_identity_without_a_canonical_one():
    page = Page("http://harbour.example/a?utm_source=x", b"", NOW)
    found = identity_of(Article(page.url, "", "harbour", "T", "Text."), page, spec=spec())
    assert found.url == "http://harbour.example/a"
    assert not found.is_twin


@pytest.mark.parametrize(
    ("canonical", "why"),
    [
        ("http://elsewhere.example/a", "another outlet"),
        ("http://harbour.example/", "front page"),
        ("http://harbour.example/topics/ports", "no article"),
        ("mailto:desk@harbour.example", "no http or https"),
    ],
)
def test_canonical_address_that_cannot_be_believed_is_not_the_identity(canonical, why):
    outlet = spec(articles={"match": ["^/news/"]})
    own = "http://harbour.example/news/a"
    assert why in why_not_canonical(canonical, own, spec=outlet)
    found = identity_of(article(own, canonical), Page(own, b"", NOW), spec=outlet)
    assert found.url == own
    assert found.step is not None
    assert found.step.raw == canonical


def test_requested_address_becomes_an_alias():
    page = Page("http://harbour.example/b", b"", NOW, requested_url="http://harbour.example/a")
    found = identity_of(article(page.url), page, spec=spec())
    assert found.aliases == ("http://harbour.example/a",)


def test_only_the_query_keys_of_the_outlet_file_are_kept():
    assert (
        identity("http://harbour.example/a?id=4&sid=99", "", articles={"query_keys": ["id"]})
        == "http://harbour.example/a?id=4"
    )


def test_an_empty_list_of_query_keys_drops_the_whole_query():
    assert identity("http://harbour.example/a?from=rss", "", articles={"query_keys": []}) == "http://harbour.example/a"


def test_without_a_list_of_query_keys_only_those_that_count_readers_are_dropped():
    assert identity("http://harbour.example/a?id=4&utm_source=x", "") == "http://harbour.example/a?id=4"


def test_text_without_web_address_is_its_own_identity():
    page = Page("urn:watchfloor:harbour:a.txt", b"", NOW)
    assert identity_of(article(page.url), page, spec=None).url == "urn:watchfloor:harbour:a.txt"


@pytest.mark.parametrize(
    ("title", "text", "same"),
    [
        ("A  TITLE", "Other.", True),
        ("Another", f"Before.\n\n{PARAGRAPH}\n\nAfter.", True),
        ("Another", "Text.", False),
        ("Another", "Quite something else.", False),
    ],
)
def test_same_story_needs_the_headline_or_a_long_paragraph(title, text, same):
    now_shown = article("http://harbour.example/a", title="A title", text=f"Text.\n\n{PARAGRAPH}")
    assert is_same_story(held(title=title, text=text), now_shown) is same


def test_links_inside_the_outlet_and_to_registered_outlets_are_leads():
    specs = {"harbour": spec(), "valley": spec("valley")}
    owners = {"harbour.example": "harbour", "valley.example": "valley"}
    links = (
        Link("http://harbour.example/b", "B", Role.INLINE),
        Link("http://valley.example/c", "C", Role.INLINE),
        Link("http://nobody.example/d", "D", Role.INLINE),
        Link("http://harbour.example/about", "About", Role.FURNITURE),
        Link("http://harbour.example/doc.pdf", "Document", Role.SOURCE),
        Link(None, "A label", Role.BACKLINK),
    )
    found = leads_from(
        article("http://harbour.example/a", links=links), specs=specs, owners=owners, depth=2, found_in="x"
    )
    assert [(lead.url, lead.outlet, lead.depth) for lead in found] == [
        ("http://harbour.example/b", "harbour", 2),
        ("http://valley.example/c", "valley", 2),
    ]


def test_hub_of_the_backlink_list_is_followed_although_no_article_pattern_matches():
    outlet = spec(articles={"match": ["^/news/"]})
    links = (
        Link("http://harbour.example/topics/ports", "Ports", Role.BACKLINK),
        Link("http://harbour.example/topics/ships", "Ships", Role.INLINE),
    )
    found = leads_from(
        article("http://harbour.example/news/a", links=links),
        specs={"harbour": outlet},
        owners={"harbour.example": "harbour"},
        depth=1,
        found_in="x",
    )
    assert [(lead.url, lead.via) for lead in found] == [("http://harbour.example/topics/ports", Via.HUB)]


def test_outlet_that_follows_no_links_gives_no_leads():
    outlet = spec(leads={"follow_links": False})
    links = (Link("http://harbour.example/b", "B", Role.INLINE),)
    with_link = article("http://harbour.example/a", links=links)
    owners = {"harbour.example": "harbour"}
    assert leads_from(with_link, specs={"harbour": outlet}, owners=owners, depth=1, found_in="x") == ()


def test_hub_gives_only_article_addresses_of_its_own_outlet():
    outlet = spec(articles={"match": ["^/news/"]})
    urls = ("http://harbour.example/news/a", "http://harbour.example/topics/b", "http://valley.example/news/c")
    found = leads_from_hub(urls, outlet="harbour", specs={"harbour": outlet}, depth=1, found_in="x")
    assert [lead.url for lead in found] == ["http://harbour.example/news/a"]


@pytest.mark.parametrize(
    "path", ["", "/", "/en/", "/index.html", "/fr/home", "/login?next=/a", "/account/sign-in", "/sso/start", "/consent"]
)
def test_front_and_login_pages_are_nobodys_address(path):
    assert is_nobodys(f"https://harbour.example{path}")


@pytest.mark.parametrize("path", ["/news/a", "/2026/11/23/talks", "/?p=123", "/news/sign-in-the-sky", "/enquiry"])
def test_address_of_an_article_may_be_its_own(path):
    assert not is_nobodys(f"https://harbour.example{path}")
