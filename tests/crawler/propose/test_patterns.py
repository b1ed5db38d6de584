"""From the shape of an address, and of others, to the pattern that tells articles from sections."""

from __future__ import annotations

import re

import pytest

from crawler.propose.patterns import article_pattern

HOME = "https://post.example"


def matches(match: tuple[str, ...], path: str) -> bool:
    return any(re.search(one, path) for one in match)


@pytest.mark.parametrize(
    ("path", "match"),
    [
        ("/2026/06/11/ships-leave-the-harbour.html", r"^/\d{4}/\d{1,2}/\d{1,2}/[^/]+[-_+%][^/]+\.html/?(?:\?|$)"),
        ("/doc/7715044", r"^/doc/\d+/?(?:\?|$)"),
        ("/news/world/ships-leave-48213377", r"^/news/[^/]+/[^/]+[-_.,~]\d+/?(?:\?|$)"),
        ("/article/2026-06-11-ships-leave-the-harbour/", r"^/article/\d{4}-\d{2}-\d{2}-[^/]+/?(?:\?|$)"),
        ("/politik/2026-06/ships-leave-the-harbour", r"^/[^/]+/\d{4}-\d{2}/[^/]+[-_+%][^/]+/?(?:\?|$)"),
        ("/articles/AST1F4445T.html?cmp=rss", r"^/articles/[\w.~-]*\d[\w.~-]*\.html/?(?:\?|$)"),
        ("/view.php?idx=8576&utm_source=x1", r"^/view\.php/?\?(?:.*&)?idx=[^&]*\d"),
    ],
)
def test_shape_of_one_address(path, match):
    found = article_pattern(HOME + path)
    assert found.match == (match,)
    assert found.certain
    assert matches(found.match, path)


def test_key_of_the_query_is_kept_where_the_path_says_nothing():
    assert article_pattern(f"{HOME}/view.php?idx=8576&utm_source=x1").query_keys == ("idx",)
    assert article_pattern(f"{HOME}/ships-leave-the-harbour?ref=12").query_keys == ()


def test_address_that_could_be_a_section_is_called_uncertain():
    assert not article_pattern(f"{HOME}/world/ships").certain


def test_samples_say_what_is_fixed_and_what_is_open():
    samples = [
        f"{HOME}/stories/{section}/ships-leave-port-{number}" for section in ("sea", "land") for number in range(9)
    ]
    found = article_pattern(f"{HOME}/stories/air/planes-leave-too-early", samples)
    assert found.match == (r"^/stories/[^/]+/[^/]+[-_+%][^/]+/?(?:\?|$)",)
    assert (found.matched, found.samples) == (18, 18)
    assert not matches(found.match, "/stories/sea/")
    assert not matches(found.match, "/about/us/who-we-are-now")


def test_second_shape_that_many_samples_have_gets_a_pattern_of_its_own():
    samples = [f"{HOME}/a/ships-leave-port-{n}" for n in range(10)] + [
        f"{HOME}/live/2026/06/{n}/1234567" for n in range(10)
    ]
    found = article_pattern(f"{HOME}/a/ships-leave-the-harbour", [*samples, f"{HOME}/about"])
    assert len(found.match) == 2
    assert (found.matched, found.samples) == (20, 21)
    assert not matches(found.match, "/about")


@pytest.mark.parametrize(
    "url", ["https://post.example", "https://post.example/%E6%B8%AF", "https://post.example/(a+b*[c"]
)
def test_every_address_gives_a_pattern_that_matches_it(url):
    found = article_pattern(url)
    path = url.removeprefix(HOME) or "/"
    assert matches(found.match, path)
