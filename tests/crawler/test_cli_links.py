"""`watchfloor links` as an operator types it, over a small outlet on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from config.errors import UsageError
from config.settings import Settings
from crawler.cli import crawl
from crawler.cli_links import links
from tests.crawler.driving import link_to
from tests.loopback_outlet import HOME, Answer, LoopbackOutlet, serving

AWAY = "https://elsewhere.example/report"


@pytest.fixture
def outlet() -> Iterator[LoopbackOutlet]:
    with serving(LoopbackOutlet()) as running:
        yield running


@pytest.fixture
def settings(outlet: LoopbackOutlet, make_settings: Callable[..., Settings], tmp_path: Path) -> Settings:
    return outlet.settings(make_settings, tmp_path / "outlets")


def run(command: object, settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(command, [*arguments], obj=settings, standalone_mode=False)  # type: ignore[arg-type]


def test_check_asks_linked_addresses_of_outlets_and_no_other_host(outlet, settings):
    outlet.article("a", links=link_to("lost", "b") + f'<p>As <a href="{AWAY}">told there</a>.</p>')
    run(crawl, settings, "--url", f"{HOME}/news/a", "--no-index")
    outlet.article("b")
    outlet.log.clear()
    done = run(links, settings, "check", "--json")
    told = json.loads(done.stdout)
    assert (done.return_value, told["states"]) == (0, {"alive": 1, "redirected": 0, "dead": 1, "unreachable": 0})
    assert told["runs"][0]["outcomes"] == {"gone": 1, "new": 1}
    assert outlet.asked() == {"/news/lost": 1, "/news/b": 1}
    again = run(links, settings, "check")
    assert "No linked address of these outlets waits to be asked." in again.stdout
    assert outlet.asked() == {"/news/lost": 1, "/news/b": 1}


def test_robots_txt_is_obeyed_by_a_check(outlet, settings):
    outlet.article("a", links=link_to("b"))
    run(crawl, settings, "--url", f"{HOME}/news/a", "--no-index")
    outlet.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /news/b\n", content_type="text/plain")
    outlet.log.clear()
    told = json.loads(run(links, settings, "check", "--outlet", "harbour", "--json").stdout)
    assert told["runs"][0]["outcomes"] == {"robots_denied": 1}
    assert outlet.asked() == {}
    assert sum(told["states"].values()) == 0
    assert "waits to be asked" in run(links, settings, "check").stdout  # what may not be asked does not come first


def test_unknown_outlet_is_named(settings):
    with pytest.raises(UsageError, match="nowhere: no outlet of that name"):
        CliRunner().invoke(links, ["check", "--outlet", "nowhere"], obj=settings, catch_exceptions=False,
                           standalone_mode=False)  # fmt: skip


def test_cited_prints_what_several_articles_link_to(outlet, settings):
    away = f'<p>As <a href="{AWAY}">told there</a>.</p>'
    outlet.article("a", links=away)
    outlet.article("b", links=away)
    outlet.feed("a", "b")
    run(crawl, settings, "harbour", "--no-index")
    assert f"2 {AWAY}" in run(links, settings, "cited").stdout
    told = json.loads(run(links, settings, "cited", "--after", "2026-11", "--before", "2026-12-01", "--json").stdout)
    assert (told["articles_read"], told["cut"], told["cited"]) == (
        2,
        False,
        [{"url": AWAY, "articles": 2, "all_articles": 2, "article_id": None}],
    )
    assert "No address is cited" in run(links, settings, "cited", "--before", "2020").stdout


def test_day_that_is_none_is_a_sentence(settings):
    with pytest.raises(click.UsageError, match="'June' is no year, month or day"):
        CliRunner().invoke(links, ["cited", "--after", "June"], obj=settings, catch_exceptions=False,
                           standalone_mode=False)  # fmt: skip


def test_resolve_says_what_links_lead_to(outlet, settings):
    outlet.article("a", links=link_to("b") + f'<p>As <a href="https://www.google.com/url?q={AWAY}">told</a>.</p>')
    outlet.article("b")
    outlet.feed("a")
    run(crawl, settings, "harbour", "--no-index")
    told = json.loads(run(links, settings, "resolve", "--json").stdout)
    assert told == {"links": 2, "wrapped": 1, "resolved": 1, "changed": 0, "cited": 2, "rekeyed": 0}
    assert "2 links with an address, 1 of them through another one" in run(links, settings, "resolve").stdout
