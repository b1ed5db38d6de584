"""Reading fields from pages of our own invention: dates, bylines, titles, charset, links, text files, lines."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.extract.article import extract_article
from crawler.extract.bylines import clean_authors
from crawler.extract.charset import decode
from crawler.extract.dates import read_date
from crawler.extract.textfile import read_text_article
from crawler.reading import extraction_json
from index.records import DateFlag, Role
from tests.crawler.extract.gazette import BODY, LD, NOW, PARAGRAPH, URL, article, page, read
from tests.factories import a_spec


def dated(published: str, zone: str, **more: object):
    head = f'<script type="application/ld+json">{{"@type":"NewsArticle","datePublished":"{published}"}}</script>'
    body = f"<article><h1>Ports closed</h1>{BODY}</article>"
    found = extract_article(page(body, head), spec=a_spec("gazette", zone=zone, **more), now=NOW)
    assert found.article is not None, found
    return found.article


@pytest.mark.parametrize(
    ("published", "at", "flags"),
    [
        ("2026-11-20T14:09:42.493", datetime(2026, 11, 20, 11, 9, 42, tzinfo=UTC), ()),
        ("2026-11-20T14:09:42Z", datetime(2026, 11, 20, 14, 9, 42, tzinfo=UTC), ()),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC), (DateFlag.ZONE_ASSUMED,)),
    ],
)
def test_a_time_without_zone_is_in_the_zone_of_the_outlet(published: str, at: datetime, flags: tuple[DateFlag, ...]):
    found = dated(published, "Europe/Istanbul")
    assert (found.published.at, found.published.text, found.published.flags) == (at, published, flags)


def test_the_last_day_of_the_calendar_is_moved_into_no_zone():
    spec = a_spec("gazette", zone="America/New_York", rules=[{"published": {"selector": "h1"}}])
    found = extract_article(page(f"<article><h1>9999-12-31 23:00</h1>{BODY}</article>"), spec=spec, now=NOW)
    assert found.article is not None
    assert found.article.published.at == datetime(9999, 12, 31, 23, tzinfo=UTC)


def test_the_trace_tells_the_instant_in_the_zone_of_the_outlet():
    step = next(step for step in dated("2026-11-20T14:09", "Europe/Istanbul").trace if step.field == "published")
    assert (step.raw, step.value) == ("2026-11-20T14:09", "2026-11-20T11:09:00+00:00")


def test_the_zone_of_a_rule_goes_before_that_of_the_outlet():
    rule = {"selector": "h1", "pattern": "(.+)", "zone": "Asia/Tokyo"}
    body = f"<article><h1>2026-11-20 14:09</h1>{BODY}</article>"
    spec = a_spec("gazette", zone="Europe/Istanbul", rules=[{"published": rule}])
    found = extract_article(page(body), spec=spec, now=NOW)
    assert found.article is not None
    assert found.article.published.at == datetime(2026, 11, 20, 5, 9, tzinfo=UTC)


def test_fields_of_json_ld():
    found = article()
    assert (found.title, found.authors) == ("Ports closed", ("Ana Ruiz",))
    assert found.published.at == datetime(2026, 11, 20, 7, tzinfo=UTC)
    assert found.published.text == "2026-11-20T08:00:00+01:00"
    assert found.updated.at == datetime(2026, 11, 21, 9, tzinfo=UTC)
    assert found.text.count("\n\n") == 4
    assert {step.field for step in found.trace} >= {"title", "authors", "published", "text"}


def test_update_time_is_not_taken_for_publication():
    head = LD.replace('"datePublished":"2026-11-20T08:00:00+01:00",', "")
    found = article(head=head)
    assert found.published.at is None
    assert DateFlag.MISSING in found.date_flags


def test_placeholder_of_a_system_without_a_date_is_none():
    found = article(head=LD.replace("2026-11-20T08:00:00+01:00", "0001-01-01T00:00:00Z"))
    assert (found.published.at, found.published.flags) == (None, (DateFlag.MISSING,))


@pytest.mark.parametrize(("kind", "hour"), [("article", 8), ("website", None)])
def test_time_of_the_page_stands_for_that_of_an_article_nothing_else_dates(kind, hour):
    head = '<script type="application/ld+json">{"@graph":[{"@type":"WebPage","datePublished":"2026-11-20T08:00:00Z"}]}'
    read_page = read(
        f"<article><h1>Ports closed</h1>{BODY}</article>", f'{head}</script><meta property="og:type" content="{kind}">'
    )
    found = read_page.article.published.at if read_page.article is not None else None
    assert (found.hour if found else None) == hour


def test_page_without_any_date_has_none():
    found = article(head="")
    assert (found.published.at, found.updated.at) == (None, None)


@pytest.mark.parametrize(
    ("text", "at", "flags"),
    [
        ("2024-06-22T05:30:00+02:00", datetime(2024, 6, 22, 3, 30, tzinfo=UTC), set()),
        ("Sat, 22 Jun 2024 05:30:00 GMT", datetime(2024, 6, 22, 5, 30, tzinfo=UTC), set()),
        ("Fri, June 22, 2024 12:00AM GMT", datetime(2024, 6, 22, tzinfo=UTC), {DateFlag.WEEKDAY_CONFLICT}),
        ("22 June 2024, 14:00", datetime(2024, 6, 22, 14, tzinfo=UTC), {DateFlag.ZONE_ASSUMED}),
        ("2031-01-01T00:00:00Z", datetime(2031, 1, 1, tzinfo=UTC), {DateFlag.FUTURE}),
        ("1071-01-01T00:00:00Z", datetime(1071, 1, 1, tzinfo=UTC), {DateFlag.TOO_OLD}),
        ("yesterday or so", None, set()),
        ("", None, set()),
    ],
)
def test_date_is_kept_as_written_and_doubted_where_doubtful(text, at, flags):
    found = read_date(text, now=NOW, method="test", languages=("en",))
    assert found.at == at
    assert flags <= set(found.flags)


def test_day_and_month_that_could_be_either_are_flagged():
    found = read_date("05/06/2024 10:00", now=NOW, method="test", languages=("en",))
    assert DateFlag.DAY_MONTH_GUESSED in found.flags


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (["牛小、岳大"], ("牛小", "岳大")),
        (["By Ana Ruiz and Li Wei"], ("Ana Ruiz", "Li Wei")),
        (["BY ANA RUIZ"], ("Ana Ruiz",)),
        (["Ana Ruiz, Li Wei"], ("Ana Ruiz", "Li Wei")),
        (["Par Hélène Garrec"], ("Hélène Garrec",)),
        (["Ana Ruiz ana@gazette.example"], ("Ana Ruiz",)),
        (["Ana Ruiz", "Ana Ruiz"], ("Ana Ruiz",)),
        (["José Ortega y Gasset"], ("José Ortega y Gasset",)),
        (["Ana Ruiz y José Ortega"], ("Ana Ruiz", "José Ortega")),
        (["Ana Ruiz ve Li Wei"], ("Ana Ruiz", "Li Wei")),
        (["Mac & i"], ("Mac & i",)),
        (["Ana Ruiz", "Reuters"], ("Ana Ruiz", "Reuters")),
        (["Ana Ruiz", "Gazette"], ("Ana Ruiz",)),
        (["Gazette staff reporter"], ("Gazette staff reporter",)),
        (["Ana Ruiz (with Li Wei)"], ("Ana Ruiz",)),
        (["By Ana Ruiz March 11, 2026 3:46 PM"], ("Ana Ruiz",)),
        (["Edward Dwyer"], ("Edward Dwyer",)),
        ([""], ()),
    ],
)
def test_byline_is_cleaned_to_names(written, names):
    found = clean_authors(written, houses=["Gazette", "DW"])
    assert tuple(name.title() if name.isupper() else name for name in found) == names


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("häfen".encode(), "text/html; charset=utf-8", "häfen"),
        ("häfen".encode("latin-1"), "text/html; charset=iso-8859-1", "häfen"),
        ('<meta charset="windows-1251">границы'.encode("cp1251"), "text/html", "границы"),
        ("\ufeffhäfen".encode("utf-16"), "text/html", "häfen"),
        (b"ports closed " * 20 + b"a\x00b", "text/html; charset=utf-8", "ab"),
        ("häfen geschlossen ".encode() * 20 + b"\xff", "text/html; charset=utf-8", "häfen geschlossen"),
        ("häfen geschlossen ".encode() * 20 + b"\xff", "text/html", "häfen geschlossen"),
    ],
)
def test_bytes_are_read_in_the_charset_they_are_in(body, content_type, text):
    assert text in (decode(body, content_type) or "")


def test_links_of_the_body_have_role_sentence_and_order():
    body = (
        f"<nav><a href='/'>Home</a></nav><article><h1>Ports closed</h1>{BODY}"
        "<p>As the <a href='/2026/11/notice'>harbour notice</a> says, nothing moves. More is in <a href="
        "'https://office.example/order.pdf'>the order</a>. <a href='javascript:x()'>No</a> "
        "<a href='mailto:a@b.example'>Mail</a></p></article><footer><a href='/about'>About</a></footer>"
    )
    links = [link for link in article(body).links if link.role is not Role.FURNITURE]
    assert [(link.url, link.text, link.role) for link in links] == [
        ("https://gazette.example/2026/11/notice", "harbour notice", Role.INLINE),
        ("https://office.example/order.pdf", "the order", Role.SOURCE),
    ]
    assert links[0].context == "As the harbour notice says, nothing moves."


def test_link_to_the_page_of_a_person_is_a_byline_for_an_author_and_inline_for_anybody_else():
    people = "<p>Ana <a href='/people/ana-ruiz'>Ana Ruiz</a> met <a href='/people/ben-okoro'>Ben Okoro</a> there.</p>"
    found = article(f"<article><h1>Ports closed</h1>{BODY}{people}{BODY}</article>")
    assert [(link.text, link.role) for link in found.links] == [
        ("Ana Ruiz", Role.BYLINE),
        ("Ben Okoro", Role.INLINE),
    ]


def test_rule_that_finds_nothing_does_not_fall_back():
    spec = a_spec(rules=({"title": "h1.gone", "text": "article p"},))
    found = extract_article(page(f"<article><h1>Ports</h1>{BODY}</article>", LD), spec=spec, now=NOW, outlet="gazette")
    assert found.article is None or found.article.title != "Ports closed"


def test_canonical_of_the_same_outlet_is_followed_and_a_foreign_one_is_not():
    own = article(head=LD + '<link rel="canonical" href="https://gazette.example/canonical">')
    assert own.canonical_url == "https://gazette.example/canonical"
    foreign = article(head=LD + '<link rel="canonical" href="https://evil.example/x">')
    assert foreign.canonical_url == URL


def test_a_link_of_the_text_stays_inline_where_the_related_list_has_it_too():
    body = f'<article><h1>Ports closed</h1><p>{PARAGRAPH} See the <a href="/t/ports">ports</a> of the coast.</p>{BODY}'
    topics = '<p><a href="/t/ports">ports</a></p><p><a href="/t/coast">coast</a></p>'
    rules = {"text": "article p", "backlinks": "div.topics a"}
    found = extract_article(
        page(f'{body}<div class="topics">{topics}</div></article>'), spec=a_spec("gazette", rules=[rules]), now=NOW
    )
    assert found.article is not None
    assert [(link.role, link.text) for link in found.article.links] == [
        (Role.INLINE, "ports"),
        (Role.BACKLINK, "ports"),
        (Role.BACKLINK, "coast"),
    ]


def test_a_node_two_selectors_of_a_group_match_is_read_once():
    spec = a_spec("gazette", rules=[{"text": "article p, article > .first"}])
    body = f'<article><h1>Ports closed</h1><p class="first">{PARAGRAPH}</p><p>{PARAGRAPH} And more.</p></article>'
    found = extract_article(page(body), spec=spec, now=NOW)
    assert found.article is not None
    assert found.article.text.count("\n\n") == 1


def test_text_file_without_byline_still_has_a_title():
    text = f"{PARAGRAPH}\n\n{PARAGRAPH}\nBacklinks: One Brief | Two Brief"
    found = read_text_article(text, outlet="foremedia", filename="a.txt", now=NOW).article
    assert found.title.startswith("The ports of the northern coast")
    assert [link.text for link in found.links] == ["One Brief", "Two Brief"]
    assert all(link.url is None and link.role is Role.BACKLINK for link in found.links)


def test_sample_of_the_outlet_is_read_as_the_contract_says(shared):
    text = (shared / "samples" / "foremedia-article.txt").read_text(encoding="utf-8")
    found = extraction_json("", read_text_article(text, outlet="foremedia", filename="foremedia-article.txt", now=NOW))
    assert found["canonical_url"] == "urn:watchfloor:foremedia:foremedia-article.txt"
    assert (found["authors"], found["read_minutes"]) == (["Fiona Nanna"], 5)
    assert (found["updated_at"], found["published_at"]) == ("2024-06-22T00:00:00Z", None)
    assert set(found["date_flags"]) == {"weekday_conflict", "missing"}
    assert found["flags"] == ["title_from_text"]
    assert found["text"].count("\n\n") == 10
    assert found["text"].split("\n\n")[0].startswith(found["title"].rstrip("…. "))
    assert [(link["role"], link["url"]) for link in found["links"]] == [("backlink", None)] * 3
    assert "\xa0" in found["updated_text"] or found["updated_text"].startswith("Updated 12:00AM")


def extract_lines(*lines: str) -> list[dict]:
    command = [sys.executable, "-c", "from config.cli import main; main()", "extract", "--jsonl"]
    done = subprocess.run(
        command,
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        cwd=Path(__file__).parents[3],
    )
    assert "Traceback" not in done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_line_comes_out_for_every_line_in():
    good = json.dumps({"url": URL, "html": page(f"<article><h1>Ports closed</h1>{BODY}</article>", LD).body.decode()})
    found = extract_lines(good, json.dumps({"url": URL, "html": ""}), "{", '{"url": 1, "html": 2}', good)
    assert [line["outcome"] for line in found] == ["new", "not_article", "undecodable", "undecodable", "new"]
    expected = {
        *("url", "canonical_url", "outcome", "title", "search_title", "authors", "published_at", "published_text"),
        *("updated_at", "updated_text", "date_flags", "flags", "language", "text", "read_minutes", "links"),
    }
    assert all(expected <= line.keys() for line in found)


def test_line_is_answered_before_the_next_is_needed():
    command = [sys.executable, "-c", "from config.cli import main; main()", "extract", "--jsonl"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
    )
    assert isinstance(process.stdin, io.TextIOBase)
    assert isinstance(process.stdout, io.TextIOBase)
    try:
        for _ in range(2):
            process.stdin.write(json.dumps({"url": URL, "html": "<p>x</p>"}) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["url"] == URL
    finally:
        process.stdin.close()
        process.wait(timeout=30)
        process.stdout.close()


def test_person_is_preferred_to_the_house_and_an_address_is_no_name():
    head = LD.replace("Ana Ruiz", "Gazette") + '<meta property="og:site_name" content="Gazette">'
    head += '<meta name="author" content="https://social.example/gazette">'
    found = article(f"<article><h1>Ports closed</h1><p>By Ana Ruiz</p>{BODY}</article>", head)
    assert found.authors == ("Ana Ruiz",)
    assert "By Ana Ruiz" not in found.text


@pytest.mark.parametrize(
    ("headline", "h1", "og", "title", "search"),
    [
        ("Ports closed", "Ports closed", "Why the ports are closed", "Ports closed", "Why the ports are closed"),
        ("SEO words on ports", "Ports closed", "Ports closed", "Ports closed", "SEO words on ports"),
        ("The harbour office closes all northern ports until", "", "", None, ""),
        ("Something else entirely", "Ports closed", "Why ports closed", "Why ports closed", ""),
        ("", "Ports closed", "Ports closed | Gazette", "Ports closed", ""),
        ("", "Gazette", "Ports closed - Gazette", "Ports closed", ""),
    ],
)
def test_headline_and_search_title_are_told_apart(headline, h1, og, title, search):
    head = LD.replace("Ports closed", headline) + '<meta property="og:site_name" content="Gazette">'
    head += f'<meta property="og:title" content="{og}">' if og else ""
    if title is None:  # a headline cut short gives way to the h1 it begins
        h1 = title = "The harbour office closes all northern ports until the storm has passed"
    found = article(f"<article><h1>{h1}</h1>{BODY}</article>", head)
    assert (found.title, found.search_title) == (title, search)
