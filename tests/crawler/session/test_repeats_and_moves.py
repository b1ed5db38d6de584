"""What a run does with articles it knows, without a network: repeats, edits, moves, duplicates."""

from __future__ import annotations

import pytest

from index.outcomes import Outcome
from index.store.articles import count_articles, revisions_of
from index.store.changes import last_change
from index.store.decisions import decisions_about
from tests.crawler.driving import held, link_to
from tests.loopback_outlet import HOME, Answer, LoopbackOutlet

LATER = "2027-01-01T00:00:00Z"


def test_articles_of_a_feed_and_of_links_are_stored_once(outlet, driver, archive):
    outlet.article("b", links=link_to("a"))
    outlet.article("a", links=link_to("b"))
    outlet.feed("a")
    report = driver.crawl()
    assert (report.state, report.counts) == ("done", {"new": 2, "not_article": 1})
    assert driver.asked == [f"{HOME}/feed.xml", f"{HOME}/news/a", f"{HOME}/news/b"]


def test_unchanged_outlet_costs_one_request_and_no_change(outlet, driver, archive):
    for name in "abc":
        outlet.article(name)
    outlet.feed("a", "b", "c")
    driver.crawl()
    with archive.read() as tx:
        before = last_change(tx)
    assert driver.crawl().counts == {"not_modified": 1, "unchanged": 3}
    assert driver.asked == [f"{HOME}/feed.xml"]
    with archive.read() as tx:
        assert last_change(tx) == before


def test_skipped_article_says_why(outlet, driver, archive):
    url = outlet.article("a")
    outlet.feed("a")
    driver.crawl()
    driver.crawl()
    with archive.read() as tx:
        last = decisions_about(tx, url)[-1]
    assert last.outcome is Outcome.UNCHANGED
    assert "no source says it changed" in last.detail


def test_article_its_feed_calls_changed_is_asked_for_conditionally(outlet, driver):
    outlet.article("a")
    outlet.article("b")
    outlet.feed("a", "b")
    driver.crawl()
    outlet.article("a", title="A new headline")
    outlet.feed("a", "b", updated=LATER)
    assert driver.crawl().counts == {"not_article": 1, "changed": 1, "not_modified": 1}


def test_edit_adds_a_revision(outlet, driver, archive):
    url = outlet.article("a")
    outlet.feed("a")
    driver.crawl()
    outlet.article("a", title="A corrected headline")
    outlet.feed("a", updated=LATER)
    driver.crawl()
    with archive.read() as tx:
        titles = [revision.title for revision in revisions_of(tx, held(archive, url).id)]
    assert titles == ["News of a", "A corrected headline"]


def move(outlet: LoopbackOutlet, *, redirect: bool = True) -> tuple[str, str]:
    """Put the article `old` at /news/new, its old address leading there or gone."""
    old, new = f"{HOME}/news/old", f"{HOME}/news/new"
    outlet.pages["/news/new"] = Answer(outlet.pages["/news/old"].body.replace(old.encode(), new.encode()))
    if redirect:
        outlet.redirect("/news/old", new)
    else:
        del outlet.pages["/news/old"]
    return old, new


@pytest.mark.parametrize(("listed", "redirect"), [("old", True), ("new", True), ("new", False)])
def test_moved_article_keeps_its_history_under_both_addresses(outlet, driver, archive, listed, redirect):
    outlet.article("old")
    outlet.feed("old")
    driver.crawl()
    old, new = move(outlet, redirect=redirect)
    outlet.feed(listed, updated=LATER)
    assert driver.crawl().counts["moved"] == 1
    with archive.read() as tx:
        assert count_articles(tx) == 1
    assert held(archive, new).canonical_url == new
    assert held(archive, old).id == held(archive, new).id


def test_move_seen_after_the_new_address_was_stored_merges_the_two(outlet, driver, archive):
    outlet.article("old", title="Harbour closed")
    outlet.feed("old")
    driver.crawl()
    old, new = move(outlet)
    outlet.pages["/news/new"] = Answer(outlet.pages["/news/new"].body.replace(b"evening", b"morning"))
    outlet.feed("new", "old", updated=LATER)
    driver.crawl()
    with archive.read() as tx:
        assert count_articles(tx) == 1
        assert len(revisions_of(tx, held(archive, new).id)) == 2
    assert held(archive, old).canonical_url == new


def test_same_text_at_two_addresses_that_both_answer_is_two_articles(outlet, driver, archive):
    outlet.article("old", title="Harbour closed")
    outlet.feed("old")
    driver.crawl()
    outlet.pages["/news/new"] = Answer(outlet.pages["/news/old"].body.replace(b"/news/old", b"/news/new"))
    outlet.feed("new", updated=LATER)
    assert driver.crawl().counts["new"] == 1
    with archive.read() as tx:
        assert count_articles(tx) == 2


def test_redirect_to_an_unrelated_article_moves_nothing(outlet, driver, archive):
    old = outlet.article("old")
    outlet.article("front-story")
    outlet.feed("old", "front-story")
    driver.crawl()
    outlet.redirect("/news/old", f"{HOME}/news/front-story")
    outlet.feed("old", updated=LATER)
    report = driver.crawl()
    assert "moved" not in report.counts
    assert held(archive, old).title == "News of old"


def test_page_whose_canonical_is_held_is_a_duplicate_and_an_address_of_it(outlet, driver, archive):
    url = outlet.article("a")
    outlet.article("print-a", title="News of a", canonical=url)
    outlet.feed("a")
    driver.crawl()
    outlet.feed("print-a", updated=LATER)
    assert driver.crawl().counts["duplicate"] == 1
    with archive.read() as tx:
        assert count_articles(tx) == 1
        assert len(revisions_of(tx, held(archive, url).id)) == 1
    assert held(archive, f"{HOME}/news/print-a").canonical_url == url


def test_same_canonical_on_every_page_does_not_make_them_one(outlet, driver, archive):
    for name in "abc":
        outlet.article(name, canonical=f"{HOME}/news/all")
    outlet.feed("a", "b", "c")
    assert driver.crawl().counts["new"] == 3
    with archive.read() as tx:
        assert count_articles(tx) == 3


def test_amp_twin_adds_no_revision(outlet, driver, archive):
    url = outlet.article("a")
    outlet.feed("a")
    driver.crawl()
    outlet.article("a/amp", title="News of a", text="A shorter text.", canonical=url)
    report = driver.crawl(url=f"{HOME}/news/a/amp")
    assert report.counts == {"duplicate": 1}
    with archive.read() as tx:
        assert len(revisions_of(tx, held(archive, url).id)) == 1


def test_redirect_target_is_not_asked_for_twice(outlet, driver):
    outlet.article("new")
    outlet.redirect("/news/old", f"{HOME}/news/new")
    outlet.feed("old", "new")
    report = driver.crawl()
    assert report.counts == {"not_article": 1, "new": 1, "duplicate": 1}
    assert driver.asked.count(f"{HOME}/news/new") == 1
