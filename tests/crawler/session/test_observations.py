"""What a run keeps of what it saw of its outlet, without a network."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crawler.network.outcomes import Fault
from crawler.orders import Limits
from index.health.records import SelectorSeen, SourceSeen
from index.outcomes import Outcome
from index.store.health import observations_of
from index.store.runs import list_runs
from tests.crawler.driving import link_to
from tests.loopback_outlet import HOME, Answer

FEED = f"{HOME}/feed.xml"


def newest(store):
    with store.read() as tx:
        return observations_of(tx, "harbour")[0]


def test_a_crawl_keeps_what_it_saw_with_its_row(outlet, driver, archive):
    outlet.article("a", links=link_to("b"))
    outlet.article("b")
    outlet.feed("a", "b")
    driver.crawl()
    with archive.read() as tx:
        [run] = list_runs(tx)
    seen = newest(archive)
    assert (seen.run_id, seen.finished_at, seen.state, seen.kind) == (run.id, run.finished_at, "done", "crawl")
    assert (seen.outcomes, seen.new, seen.articles, seen.links) == ({"new": 2}, 2, 2, 1)
    assert seen.filled["published"] == 2
    assert seen.selectors["title: h1"] == SelectorSeen(2, 2, 2)
    [source] = seen.sources
    assert (source.url, source.entries, source.fresh, source.outcome) == (FEED, 2, 2, None)
    assert seen.whole


def test_a_feed_that_answers_304_has_answered(outlet, driver, archive):
    outlet.article("a")
    outlet.feed("a")
    driver.crawl()
    driver.crawl()
    seen = newest(archive)
    assert [(one.outcome, one.unchanged, one.entries, one.fresh) for one in seen.sources] == [(None, True, 1, 0)]
    assert (seen.new, seen.outcomes, seen.whole) == (0, {"unchanged": 1}, True)


def test_a_feed_that_fails_is_no_failed_article(outlet, driver, archive):
    outlet.article("a")
    outlet.feed("a")
    driver.faults[FEED] = Fault(Outcome.TIMEOUT, "No answer.")
    driver.crawl()
    seen = newest(archive)
    assert seen.sources == (SourceSeen(FEED, outcome="timeout", detail="No answer."),)
    assert seen.outcomes == {}


def test_a_redesign_shows_in_the_selectors_before_any_article_is_read(outlet, driver, archive):
    outlet.pages["/news/a"] = Answer(b"<html><h2>News</h2><section><p>A ship left the harbour.</p></section></html>")
    outlet.feed("a")
    driver.crawl()
    seen = newest(archive)
    assert seen.outcomes == {"extraction_failed": 1}
    assert seen.selectors["text: article p"] == SelectorSeen(1, 0, 0)


@pytest.mark.parametrize("how", ["one address", "a limit", "a stop", "the time"])
def test_a_run_that_was_cut_says_nothing_of_volume(outlet, driver, archive, how):
    for name in "abc":
        outlet.article(name)
    outlet.feed("a", "b", "c")
    if how == "one address":
        driver.crawl(url=f"{HOME}/news/a")
    elif how == "a limit":
        driver.crawl(Limits(pages=2))
    elif how == "the time":
        driver.tick = timedelta(seconds=10)
        driver.crawl(Limits(run_s=5))
    else:
        driver.close_reason = "shutdown"
        driver.crawl()
    assert not newest(archive).whole


def test_a_budget_of_the_outlets_own_cuts_every_run_alike(make, outlet):
    from index.store import open_store

    driver = make(crawler={"max_pages": 2})
    for name in "abc":
        outlet.article(name)
    outlet.feed("a", "b", "c")
    assert driver.crawl().state == "budget"
    store = open_store(driver.settings)
    assert newest(store).whole
    store.close()


def test_a_check_of_links_says_nothing_of_the_outlets_news(outlet, driver, archive):
    outlet.article("a")
    driver.crawl(check=(f"{HOME}/news/a",))
    with archive.read() as tx:
        assert observations_of(tx, "harbour") == []


def test_a_feed_that_names_other_hosts_alone_has_failed_and_says_where_it_leads(outlet, driver, archive):
    outlet.feed("a", "b")
    answer = outlet.pages["/feed.xml"]
    outlet.pages["/feed.xml"] = replace(answer, body=answer.body.replace(HOME.encode(), b"https://new.example"))
    report = driver.crawl()
    seen = newest(archive)
    said = "It names 2 addresses, none of this outlet; most are of new.example."
    assert seen.sources == (SourceSeen(FEED, outcome="not_article", detail=said),)
    assert seen.elsewhere == {"new.example": 1}
    assert said in report.reason


def test_a_page_that_redirects_to_another_host_is_counted_there(outlet, driver, archive):
    outlet.feed("a")
    outlet.redirect("/news/a", "https://new.example/news/a")
    driver.crawl()
    assert newest(archive).elsewhere == {"new.example": 1}
