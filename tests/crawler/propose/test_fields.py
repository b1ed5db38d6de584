"""Fields a page gives for machines need no rule; for those it only shows a selector is found, with its matches."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser

from config.outlets import OutletSpec
from crawler.extract.article import extract_article
from crawler.extract.metadata import read_metadata
from crawler.propose.fields import FIELDS, Proposal, machine_rule, propose_rules
from crawler.propose.identity import country_for, home_for, language_for, name_for, title_for
from crawler.propose.related import propose_backlinks
from crawler.propose.selectors import is_meant, selector_of
from index.records import Article, Page
from tests.crawler.propose.pages import BODY, PLAIN, URL
from tests.crawler.scrub import pages as lantern

NOW = datetime(2026, 6, 14, tzinfo=UTC)


def article_of(html: str, url: str) -> Article:
    spec = OutletSpec(name="quay", title="Quay Post", home="https://www.quay-post.example/", languages=("en",))
    article = extract_article(Page(url, html.encode(), NOW, content_type="text/html"), spec=spec, now=NOW).article
    assert article is not None
    return article


@pytest.fixture(scope="module")
def rules() -> dict[str, Proposal]:
    found = propose_rules(PLAIN, article_of(PLAIN, URL), now=NOW, languages=("en",))
    return {rule.field: rule for rule in found}


@pytest.mark.parametrize(
    ("field", "selector", "gives"),
    [
        ("title", "h1.headline", "Ships leave the northern harbour"),
        ("authors", "span.writer-line", "By Marit Hallin and Edvin Storm"),
        ("published", "span.posted-on", "12 June 2026, 08:30 GMT"),
        ("updated", "span.changed", "Updated 13 June 2026, 09:00 GMT"),
        ("read_minutes", "span.reading", "7 min read"),
        ("text", "div.story-body > p", f"{len(BODY)} paragraphs, where {len(BODY)} are read without a rule"),
    ],
)
def test_selector_is_found_by_what_the_field_looks_like(rules, field, selector, gives):
    assert (rules[field].selector, rules[field].gives) == (selector, gives)
    assert rules[field].matches == len(LexborHTMLParser(PLAIN).css(selector))


def test_text_is_a_comment_and_the_others_are_rules(rules):
    assert [name for name, rule in rules.items() if rule.why_not] == ["text"]


def test_fields_for_machines_need_no_rule():
    article = article_of(lantern.PAGE, lantern.URL)
    given = {field: machine_rule(article, field) for field in FIELDS}
    assert given == {
        "title": "h1 that is og:title too",
        "authors": "json_ld author",
        "published": "json_ld datePublished",
        "updated": "json_ld dateModified",
        "text": "",
    }
    assert {rule.field for rule in propose_rules(lantern.PAGE, article, now=NOW, languages=("en",))} <= {"text"}


def test_own_list_behind_the_text_is_found_by_its_name():
    (best, *others) = propose_backlinks(PLAIN, article_of(PLAIN, URL), url=URL)
    assert (best.selector, best.matches, best.gives) == ("div.story-topics a", 2, "Northern fleet | Harbours")
    assert not any("most-read" in other.selector for other in others)


def test_labels_in_a_line_are_a_list_too():
    page = PLAIN.replace(
        '<div class="story-topics">', '<p class="back">Backlinks: Sarn | Cape Murn | The strait</p><div>'
    )
    (best, *_) = propose_backlinks(page, article_of(page, URL), url=URL)
    assert (best.selector, best.gives) == ("p.back", "Backlinks: Sarn | Cape Murn | The strait")


def test_page_without_a_list_gets_none():
    page = PLAIN.replace("story-topics", "story-rest").replace("<h4>Topics</h4>", "").replace("/topics/", "/go/")
    assert propose_backlinks(page, article_of(page, URL), url=URL) == ()


def test_selectors_prefer_names_that_people_wrote():
    tree = LexborHTMLParser(
        "<body><div class='css-x1 kQzWbA story'><p class='p a'>1</p></div>"
        "<div id='m12345'><p class='p'>2</p></div></body>"
    )
    assert selector_of(tree, tree.css("div.story > p")) in ("p.a", "div.story > p.p")
    assert selector_of(tree, tree.css("div.story")) == "div.story"
    assert selector_of(tree, tree.css("p")) == "p.p"
    assert selector_of(tree, []) == ""


@pytest.mark.parametrize("name", ["css-1abc", "kQzWbA", "gjmscM", "x12345", "a:b", "bdfghjk", "a" * 60, ""])
def test_generated_names_are_not_used(name):
    assert not is_meant(name)


@pytest.mark.parametrize(
    ("url", "name", "country"),
    [
        ("https://www.dailypost.co.za/a", "dailypost", "ZA"),
        ("https://apnews.example.com/a", "example", ""),
        ("https://9to5.example/", "outlet_9to5", ""),
        ("https://bbc.co.uk/", "bbc", "GB"),
        ("https://news.example.io/", "example", ""),
        ("https://x.de/", "", "DE"),
    ],
)
def test_name_and_country_come_from_the_host(url, name, country):
    assert (name_for(url), country_for(url)) == (name, country)


LOGO = '<header><a class="site-logo" href="https://www.quay.example/"><img alt="Quay"></a></header>'
PUBLISHER = (
    '<script type="application/ld+json">{"@type":"NewsArticle","publisher":{"url":"https://quay.example"}}</script>'
)


@pytest.mark.parametrize(
    ("html", "url", "home"),
    [
        (LOGO, "https://sport.quay.example/a", "https://www.quay.example/"),
        (PUBLISHER, "https://sport.quay.example/a", "https://quay.example/"),
        ("<a rel='home' href='//quay.example/'>Quay</a>", "https://sport.quay.example/a", "https://quay.example/"),
        (LOGO.replace("quay.example/", "quay.co.uk/"), "https://a.b.quay.co.uk/a", "https://www.quay.co.uk/"),
        (LOGO, "https://www.quay.example/a", "https://www.quay.example/"),
        (
            "<footer><a href='https://quay.example/'>Made with Quay</a></footer>",
            "https://my.quay.example/a",
            "https://my.quay.example/",
        ),
        (LOGO.replace("www.quay", "www.other"), "https://sport.quay.example/a", "https://sport.quay.example/"),
        (LOGO.replace('example/"', 'example/sport/"'), "https://sport.quay.example/a", "https://sport.quay.example/"),
        (LOGO, "http://127.0.0.1:8000/a", "http://127.0.0.1:8000/"),
    ],
)
def test_home_of_a_page_on_a_sub_domain_is_the_one_it_names(html, url, home):
    tree = LexborHTMLParser(html)
    assert home_for(tree, read_metadata(tree), url=url) == home


def test_title_is_what_the_outlet_calls_itself():
    meta = read_metadata(LexborHTMLParser("<title>Ships leave | Quay Post</title>"))
    assert title_for(meta, url="https://www.quay-post.example/a") == "Quay Post"
    assert title_for(read_metadata(LexborHTMLParser("")), url="https://www.quay-post.example/a") == "quay-post.example"


def test_language_is_that_of_the_text_then_the_declared_one():
    meta = read_metadata(LexborHTMLParser("<html lang='cs-CZ'>"))
    assert language_for(meta, None) == "cs"
    assert language_for(meta, article_of(PLAIN, URL)) == "en"
