"""Held articles are looked at again by the rule, though no source calls them changed: after what is new, in budget."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crawler.orders import Limits
from index.outcomes import Outcome
from index.store.articles import delete_article, revisions_of
from index.store.decisions import decisions_about
from tests.crawler.driving import held
from tests.loopback_outlet import HOME

LATER = "2027-01-01T00:00:00Z"
FRESH = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
"""An hour after the articles of the outlet say they were published."""


def test_edit_is_found_by_the_rule_without_the_feed_telling(outlet, driver, archive):
    url = outlet.article("a")
    outlet.feed("a")
    driver.now = FRESH
    driver.crawl()
    outlet.article("a", title="A headline edited in silence")
    assert driver.crawl().counts == {"not_modified": 1, "changed": 1}
    assert driver.asked == [f"{HOME}/feed.xml", url]
    with archive.read() as tx:
        assert [one.changes for one in revisions_of(tx, held(archive, url).id)][1:] == ["Headline changed."]


def test_nothing_is_asked_for_before_its_time(outlet, driver):
    outlet.article("a")
    outlet.feed("a")
    driver.now = FRESH
    driver.crawl()
    driver.now -= timedelta(minutes=1)
    assert driver.crawl().counts == {"not_modified": 1, "unchanged": 1}


def test_article_no_source_lists_any_more_is_looked_at_again(outlet, driver):
    outlet.article("a")
    outlet.feed("a")
    driver.now = FRESH
    driver.crawl()
    outlet.feed()
    outlet.article("a", title="A headline edited in silence")
    assert driver.crawl().counts["changed"] == 1


def test_waits_grow_while_nothing_changes(outlet, driver):
    outlet.article("a")
    outlet.feed("a")
    driver.now = FRESH
    looked = [number for number in range(32) if f"{HOME}/news/a" in (driver.crawl() and driver.asked)]
    assert looked == [0, 1, 3, 7, 15, 31]


def test_old_article_is_never_looked_at_unless_a_source_calls_it_changed(outlet, driver):
    outlet.article("a")
    outlet.feed("a")
    driver.crawl()
    driver.now += timedelta(days=4)
    assert driver.crawl().counts == {"not_modified": 2}
    driver.now += timedelta(days=300)
    assert driver.crawl().counts == {"not_modified": 1, "unchanged": 1}
    outlet.feed("a", updated=(driver.now - timedelta(hours=1)).isoformat())
    assert driver.crawl().counts["not_modified"] == 1


def test_what_is_new_comes_first_and_the_run_ends_done_where_the_budget_does(outlet, driver):
    for name in ("a", "b", "c"):
        outlet.article(name)
    outlet.feed("a", "b", "c")
    driver.now = FRESH
    driver.crawl()
    outlet.article("d")
    outlet.feed("a", "b", "c", "d")
    report = driver.crawl(Limits(pages=2))
    assert driver.asked == [f"{HOME}/feed.xml", f"{HOME}/news/d", f"{HOME}/news/a"]
    assert report.state == "done"
    driver.now -= timedelta(minutes=45)
    driver.crawl(Limits(pages=9))
    assert driver.asked[1:] == [f"{HOME}/news/b", f"{HOME}/news/c"]


def test_run_killed_in_between_looks_at_the_rest_in_the_next(outlet, driver):
    for name in ("a", "b"):
        outlet.article(name)
    outlet.feed("a", "b")
    driver.now = FRESH
    driver.crawl()
    driver.stop_after = lambda count: count == 2
    driver.crawl()
    driver.stop_after = lambda count: False
    driver.now -= timedelta(hours=1)
    driver.crawl()
    assert driver.asked == [f"{HOME}/feed.xml", f"{HOME}/news/b"]


def test_gone_and_taken_down_articles_are_not_asked_for_again(outlet, driver, archive):
    urls = [outlet.article(name) for name in ("gone", "down")]
    outlet.feed("gone", "down")
    driver.now = FRESH
    driver.crawl()
    with archive.write() as tx:
        delete_article(tx, held(archive, urls[1]).id, reason="asked", now=driver.now)
    del outlet.pages["/news/gone"]
    assert driver.crawl().counts["gone"] == 1
    driver.now += timedelta(days=2)
    driver.crawl()
    assert driver.asked == [f"{HOME}/feed.xml"]


def test_rule_can_be_switched_off(outlet, make, archive):
    url = outlet.article("a")
    outlet.feed("a")
    driver = make(crawler={"revisit_until_days": 0})
    driver.now = FRESH
    driver.crawl()
    driver.now += timedelta(days=2)
    driver.crawl()
    assert driver.asked == [f"{HOME}/feed.xml"]
    with archive.read() as tx:
        assert decisions_about(tx, url)[-1].outcome is Outcome.UNCHANGED
