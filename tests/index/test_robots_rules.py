"""A kept robots.txt read for people: the lines that concern us, the one that decides, and what changed."""

from __future__ import annotations

import pytest

from index.robots_rules import changed_lines, line_forbidding, lines_for, may_ask

AGENT = "Watchfloor/1 (+https://desk.example)"
TEXT = """# Gazette
User-agent: other
Disallow: /

User-agent: *
Disallow: /priv   # ours
Allow: /priv/ok
Disallow: /*.pdf$
Sitemap: https://gazette.example/map.xml
Crawl-delay: 3
"""


def told(text: str) -> list[str]:
    return [f"{line.number} {line.text}" for line in lines_for(text, AGENT)]


def test_lines_for_us_are_those_of_the_group_for_all_where_none_names_us():
    rules = ["6 Disallow: /priv", "7 Allow: /priv/ok", "8 Disallow: /*.pdf$", "10 Crawl-delay: 3"]
    assert told(TEXT) == ["5 User-agent: *", *rules]


def test_group_that_names_us_is_the_only_one_that_counts():
    text = TEXT + "\nUser-agent: foo\nUser-agent: WATCHFLOOR\nDisallow: /w\n"
    assert told(text) == ["12 User-agent: foo", "13 User-agent: WATCHFLOOR", "14 Disallow: /w"]


def test_groups_of_one_name_are_one():
    assert told("User-agent: *\nDisallow: /a\n\nUser-agent: *\nDisallow: /b") == [
        "1 User-agent: *",
        "2 Disallow: /a",
        "4 User-agent: *",
        "5 Disallow: /b",
    ]


def test_word_of_the_contact_picks_no_group():
    assert told("User-agent: desk\nDisallow: /") == []


@pytest.mark.parametrize(("path", "number"), [("/priv/x", 6), ("/x/y.pdf", 8), ("/priv/secret.pdf", 8)])
def test_line_that_forbids_is_the_longest_that_matches(path, number):
    url = f"https://gazette.example{path}"
    assert not may_ask(TEXT, url, AGENT)
    assert line_forbidding(lines_for(TEXT, AGENT), url).number == number


@pytest.mark.parametrize("path", ["/priv/ok", "/", "/x.pdf?y"])
def test_what_is_allowed_may_be_asked(path):
    assert may_ask(TEXT, f"https://gazette.example{path}", AGENT)


def test_absent_file_allows_all():
    assert may_ask("", "https://gazette.example/x", AGENT)


def test_changed_lines_are_those_put_in_and_taken_out_and_blanks_do_not_count():
    after = TEXT.replace("Disallow: /priv ", "Disallow: /private ") + "\n\nAllow: /news\n"
    assert changed_lines(TEXT, after) == (
        ("Disallow: /priv   # ours",),
        ("Disallow: /private   # ours", "Allow: /news"),
    )
    assert changed_lines(TEXT, TEXT.replace("\n\n", "\n")) == ((), ())
