"""What is no article, and what looks like none and is one, on pages of our own invention; hostile bytes."""

from __future__ import annotations

import pytest

from crawler.reading import read_page
from index.outcomes import Outcome
from index.records import Page
from tests.crawler.extract.gazette import BODY, LD, LIST, NOW, PARAGRAPH, URL, article, read


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("", Outcome.NOT_ARTICLE),
        (
            LIST,
            Outcome.NOT_ARTICLE,
        ),
        ("<h1>Sign in</h1><p>Please sign in.</p><form><input type=password></form>", Outcome.LOGIN_WALL),
    ],
)
def test_page_that_is_no_article_has_its_outcome(body, outcome):
    found = read(body)
    assert (found.article, found.outcome) == (None, outcome)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00" * 1000,
        bytes(range(256)) * 100,
        b"<div>" * 20_000,
        b"<a href='" + b"x" * 1_000_000 + b"'>x</a>",
        b"<table>" + b"<tr><td>x" * 20_000,
        b"<script>" + b"{" * 100_000,
        b'<script type="application/ld+json">' + b"[" * 50_000 + b"</script>",
        b"\xff\xfe<\x00h\x00",
    ],
    ids=["empty", "nuls", "binary", "deep", "long attribute", "table", "script", "deep json", "half utf-16"],
)
def test_hostile_bytes_end_in_an_outcome(body):
    found = read_page(Page(URL, body, NOW, content_type="text/html"), spec=None, outlet="gazette", max_page_s=30)
    assert found.outcome is not None or found.article is not None


TEASERS = "".join(
    f"<div><h3><a href='/a{n}'>What the ministers of the strait agreed on, report {n}</a></h3><p>A line.</p></div>"
    for n in range(30)
)


@pytest.mark.parametrize(
    ("url", "head", "body"),
    [
        ("https://gazette.example/world", "", f"<h1>World</h1><p>{PARAGRAPH * 4}</p>{TEASERS}"),
        ("https://gazette.example/a", '<meta property="og:type" content="profile">', f"<p>{PARAGRAPH * 3}</p>"),
        ("https://gazette.example/tag/ports", "", BODY),
        ("https://gazette.example/", "", BODY),
        ("https://gazette.example/feed", "", '<?xml version="1.0"?><rss version="2.0"><channel>x</channel></rss>'),
    ],
)
def test_page_that_is_no_article_has_that_outcome(url, head, body):
    page_body = body.encode() if body.startswith("<?xml") else body
    found = read(page_body, head, url=url)
    assert (found.outcome, found.article) == (Outcome.NOT_ARTICLE, None)


def test_article_with_many_links_beside_it_is_one():
    found = read(f"<h1>Ports closed</h1><div>{BODY * 4}</div><aside>{TEASERS}</aside>", url=URL)
    assert found.article is not None


def test_long_article_below_a_menu_of_hundreds_of_headlines_is_one():
    menu = "".join(f"<div><a href='/m{n}'>Everything our desk wrote on subject {n}</a></div>" for n in range(500))
    prose = "".join(f"<p>{PARAGRAPH * 2}Notice {number}.</p>" for number in range(12))
    html = f"<div>{menu}</div><h1>What the strait means for trade</h1><div>{prose}</div>"
    assert read(html, url="https://gazette.example/guides/what-the-strait-means-for-trade").article is not None
    assert read(html, url="https://gazette.example/guides/trade").outcome is Outcome.NOT_ARTICLE


def test_frame_for_browsers_without_script_that_is_never_closed_does_not_swallow_the_page():
    head = '<noscript><iframe src="https://ads.example/x" height="0" style="display:none" /></noscript>'
    assert len(read(f"{head}<article><h1>Ports closed</h1>{BODY}</article>", LD).article.text) > 1000


def test_address_with_a_query_may_be_an_article_of_the_home_page():
    assert read(BODY, LD, url="https://gazette.example/?p=1234").article is not None


def test_article_that_speaks_of_something_not_found_is_not_gone():
    head = LD.replace("Ports closed", "Crew of the Heron not found after a week")
    found = read(f"<h1>Crew of the Heron not found after a week</h1><p>{PARAGRAPH * 3}</p>", head)
    assert found.article is not None


@pytest.mark.parametrize(
    "title", ["Your privacy choices", "We use cookies", "Before you continue to Gazette", "Samtykke"]
)
def test_dialog_that_asks_for_consent_is_a_consent_wall(title):
    html = f"<title>{title}</title><body><p>Gazette and its partners store data.</p><button>Accept</button></body>"
    assert read(html.encode()).outcome is Outcome.CONSENT_WALL


def test_article_on_consent_is_no_wall():
    head = LD.replace("Ports closed", "Ministers vote on cookies and consent")
    assert article(f"<article><h1>Ministers vote on cookies and consent</h1>{BODY}</article>", head).text


def test_a_dialog_that_heads_the_page_is_a_consent_wall_whatever_its_title_is():
    html = "<html><head><title>Herald</title></head><body><h1>We value your privacy</h1><p>Cookies.</p></body></html>"
    assert read(html.encode()).outcome is Outcome.CONSENT_WALL
