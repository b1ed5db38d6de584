"""What a run does with articles it knows, without a network: repeats, edits, moves, duplicates."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from crawler.placing import MAX_ADDRESSES
from index.outcomes import Outcome
from index.store.articles import addresses_of, article_by_url, count_articles, revisions_of
from index.store.changes import last_change
from index.store.decisions import decisions_about
from index.store.hubs import wanted
from index.store.leads import get_lead
from index.store.links import references_of
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


def test_every_address_of_a_redirect_chain_is_an_address_of_the_article(outlet, driver, archive):
    citing = outlet.article("citing", links=link_to("short", "middle"))
    target = outlet.article("target")
    outlet.redirect("/news/short", f"{HOME}/news/middle")
    outlet.redirect("/news/middle", f"{HOME}/login?return=target")
    outlet.redirect("/login?return=target", target)
    driver.crawl(url=f"{HOME}/news/short")
    article = held(archive, target)
    with archive.read() as tx:
        assert addresses_of(tx, article.id) == [f"{HOME}/news/middle", f"{HOME}/news/short", target]
    driver.crawl(url=citing)
    with archive.read() as tx:
        found = references_of(tx, held(archive, citing).id)
    assert [link.target_article_id for link in found] == [article.id, article.id]


def test_redirect_to_a_front_page_or_login_page_makes_no_address(outlet, driver, archive):
    """A front page that reads like an article, to which an outlet sends whatever it no longer has."""
    outlet.pages["/"] = outlet.pages[urlsplit(outlet.article("front")).path]
    outlet.pages["/login"] = outlet.pages[urlsplit(outlet.article("welcome", title="Welcome")).path]
    for number, target in enumerate(("/", "/login", "/")):
        outlet.redirect(f"/news/lost-{number}", f"{HOME}{target}")
        driver.crawl(url=f"{HOME}/news/lost-{number}")
    with archive.read() as tx:
        assert [article_by_url(tx, f"{HOME}/news/lost-{number}") for number in range(3)] == [None] * 3


def test_article_that_held_a_middle_address_moved(outlet, driver, archive):
    middle = outlet.article("middle")
    driver.crawl(url=middle)
    before = held(archive, middle).id
    new = outlet.article("new", title="News of middle")
    outlet.redirect("/news/first", middle)
    outlet.redirect("/news/middle", new)
    assert driver.crawl(url=f"{HOME}/news/first").counts == {"moved": 1}
    assert held(archive, new).id == before


def test_redirect_of_very_many_addresses_to_one_article_adds_no_more(outlet, driver, archive):
    target = outlet.article("landing")
    for number in range(MAX_ADDRESSES + 3):
        outlet.redirect(f"/news/lost-{number}", target)
        driver.crawl(url=f"{HOME}/news/lost-{number}")
    with archive.read() as tx:
        assert len(addresses_of(tx, held(archive, target).id)) == MAX_ADDRESSES


def test_wanted_page_of_an_outlet_crawled_by_its_address_resolves_the_links_at_once(outlet, driver, archive):
    citing = outlet.article("citing", links=link_to("wished"))
    wished = outlet.article("wished")
    driver.crawl(url=citing)
    with archive.read() as tx:
        assert [(one.url, one.registered_outlet) for one in wanted(tx)] == [(wished, "harbour")]
    driver.crawl(url=wished)
    with archive.read() as tx:
        assert wanted(tx) == []
        assert references_of(tx, held(archive, citing).id)[0].target_article_id == held(archive, wished).id


def test_links_to_hosts_of_no_outlet_are_never_asked_for(outlet, driver, archive):
    away = "https://elsewhere.example/report"
    wrapped = f"https://www.google.com/url?q={away}"
    outlet.article("a", links="".join(f'<p>As <a href="{url}">told there</a>.</p>' for url in (away, wrapped)))
    outlet.feed("a")
    driver.crawl()
    driver.crawl()
    assert all(url.startswith(HOME) for url in driver.asked)
    with archive.read() as tx:
        assert [(one.url, one.registered_outlet) for one in wanted(tx)] == [(away, None)]
        assert get_lead(tx, away) is None
        assert get_lead(tx, wrapped) is None


def test_wrapped_link_to_the_outlet_itself_is_a_lead(outlet, driver, archive):
    b = outlet.article("b")
    outlet.article("a", links=f'<p>As <a href="https://l.facebook.com/l.php?u={b}">told there</a>.</p>')
    outlet.feed("a")
    driver.crawl()
    assert b in driver.asked
