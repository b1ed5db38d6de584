"""Live blogs: each entry's time stands before its text, in the trace, and nowhere it does not belong."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from config.outlets import OutletSpec
from crawler.extract.article import extract_article
from index.entries import entry_instant, entry_line, unread_line, unread_literal
from index.records import Article, ArticleFlag, Page
from tests.factories import a_spec

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SENTENCE = "The strait was closed to all ships for an hour while the tugs were at work, said the harbour office there. "
ENTRIES = [
    ("2026-11-20T11:30:00+01:00", "Tugs are free again", "Both tugs came free with the tide. " + SENTENCE * 2),
    ("2026-11-20T10:05:00+01:00", "Two tugs aground", "Two tugs ran aground near the mole. " + SENTENCE * 2),
    ("2026-11-20T09:00:00+01:00", "Fog over the strait", "Fog lies over the whole of the strait. " + SENTENCE * 2),
]


def page(entries: str, ld: object = None, head: str = "") -> Page:
    script = f"<script type='application/ld+json'>{json.dumps(ld)}</script>" if ld else ""
    html = (
        f"<!doctype html><html lang='en'><head><title>Live: the strait</title>{script}</head><body><main><article>"
        f"<h1>Live: the strait</h1>{head}{entries}</article></main></body></html>"
    )
    return Page("https://gazette.example/live/strait", html.encode(), NOW, content_type="text/html")


def entries_html(time: str = "<time datetime='{at}'>then</time>") -> str:
    return "".join(
        f"<section class='entry'>{time.format(at=at)}<h3>{title}</h3><p>{text}</p></section>"
        for at, title, text in ENTRIES
    )


def blog(updates: object) -> dict[str, object]:
    return {"@type": "LiveBlogPosting", "headline": "Live: the strait", "datePublished": "2026-11-20T08:00:00Z",
            "liveBlogUpdate": updates}  # fmt: skip


def updates() -> list[dict[str, object]]:
    return [
        {"@type": "BlogPosting", "headline": title, "datePublished": at, "articleBody": text}
        for at, title, text in ENTRIES
    ]


def read(page: Page, spec: OutletSpec | None = None) -> Article:
    found = extract_article(page, spec=spec, now=NOW, outlet="gazette")
    assert found.article is not None, found
    return found.article


def times_in(article: Article) -> list[tuple[str, str]]:
    """Each time with the beginning of the paragraph behind it."""
    lines = article.text.split("\n\n")
    return [(line, lines[number + 1][:9]) for number, line in enumerate(lines) if entry_instant(line) is not None]


def test_entries_of_json_ld_are_timed_in_the_text_the_engines_found():
    article = read(page(entries_html(), blog(updates())))
    assert [time for time, _ in times_in(article)] == [
        "2026-11-20 10:30 UTC", "2026-11-20 09:05 UTC", "2026-11-20 08:00 UTC"]  # fmt: skip
    assert ArticleFlag.LIVE in article.flags
    steps = [step for step in article.trace if step.field == "entry"]
    assert [(step.raw, step.matches) for step in steps] == [(at, 1) for at, _, _ in ENTRIES]


def test_entry_whose_words_are_not_on_the_page_changes_the_trace_alone():
    extra = {"@type": "BlogPosting", "headline": "Elsewhere", "datePublished": "2026-11-20T07:00:00Z"}
    article = read(page(entries_html(), blog([*updates(), extra])))
    assert len(times_in(article)) == 3
    assert [step.matches for step in article.trace if step.field == "entry"] == [1, 1, 1, 0]


@pytest.mark.parametrize("said", [None, "soon", [], [1, "x", None], {"headline": 3}, [{"datePublished": {}}]])
def test_json_ld_that_lists_nothing_usable_gives_no_times(said):
    article = read(page(entries_html(), blog(said)))
    assert times_in(article) == []


def test_times_are_found_by_the_rule_before_the_text_they_belong_to():
    rules = [{"text": "article p", "entry_times": {"selector": ".entry time", "attribute": "datetime"}}]
    article = read(page(entries_html()), a_spec(rules=rules))
    assert times_in(article) == [
        ("2026-11-20 10:30 UTC", "Both tugs"),
        ("2026-11-20 09:05 UTC", "Two tugs "),
        ("2026-11-20 08:00 UTC", "Fog lies "),
    ]


def test_entry_whose_time_cannot_be_read_does_not_stand_under_the_time_before_it():
    told = updates()
    told[1]["datePublished"] = "some time  after the fog"
    article = read(page(entries_html(), blog(told)))
    lines = article.text.split("\n\n")
    second = next(number for number, line in enumerate(lines) if line.startswith("Two tugs"))
    assert lines[second - 1] == "?? UTC (some time after the fog)"
    assert [time for time, _ in times_in(article)] == ["2026-11-20 10:30 UTC", "2026-11-20 08:00 UTC"]


@pytest.mark.parametrize(("literal", "kept"), [("at noon", "at noon"), ("x" * 300, "x" * 80), ("a) b (c", "a) b (c")])
def test_literal_of_an_unread_time_comes_out_of_its_line(literal, kept):
    assert unread_literal(unread_line(literal)) == kept
    assert entry_instant(unread_line(literal)) is None


def test_rule_reads_times_with_the_outlets_format_and_zone():
    time = "<span class='t'>{at}</span>"
    html = entries_html(time).replace("2026-11-20T11:30:00+01:00", "20/11/2026 kl. 11.30")
    rule = {"selector": ".t", "formats": ["%d/%m/%Y kl. %H.%M"], "zone": "Europe/Oslo"}
    article = read(page(html), a_spec(rules=[{"text": "article p", "entry_times": rule}]))
    assert times_in(article)[0] == ("2026-11-20 10:30 UTC", "Both tugs")


def test_article_that_is_no_live_blog_has_no_times():
    article = read(page(entries_html()))
    assert times_in(article) == []
    assert ArticleFlag.LIVE not in article.flags


@pytest.mark.parametrize("line", ["2026-11-20 10:30", "2026-13-40 10:30 UTC", "at 2026-11-20 10:30 UTC", ""])
def test_only_the_one_form_is_an_entrys_time(line):
    assert entry_instant(line) is None


def test_line_and_instant_are_each_others_inverse():
    assert entry_instant(entry_line(NOW)) == NOW
