"""What crawls learn of linked addresses, and a run that asks only these."""

from __future__ import annotations

import pytest

from config.errors import UsageError
from crawler.network.outcomes import Fault
from index.link_states import LinkState
from index.outcomes import Outcome
from index.store.hubs import wanted
from index.store.link_checks import check_of
from index.store.links import references_of
from tests.crawler.driving import held, link_to
from tests.loopback_outlet import HOME

LOST = f"{HOME}/news/lost"


def state(archive, url):
    with archive.read() as tx:
        found = check_of(tx, url)
    return found.state if found is not None else None


def test_crawl_learns_which_links_are_dead_without_another_request(outlet, driver, archive):
    outlet.article("a", links=link_to("lost", "b"))
    outlet.article("b")
    outlet.feed("a")
    driver.crawl()
    assert driver.asked.count(LOST) == 1
    with archive.read() as tx:
        links = references_of(tx, held(archive, f"{HOME}/news/a").id)
    assert [(link.check.state, link.check.status) for link in links] == [
        (LinkState.DEAD, 404),
        (LinkState.ALIVE, 200),
    ]


def test_fault_that_passes_is_not_dead(outlet, driver, archive):
    outlet.article("a", links=link_to("slow"))
    outlet.feed("a")
    driver.faults[f"{HOME}/news/slow"] = Fault(Outcome.TIMEOUT, "No answer.")
    driver.crawl()
    assert state(archive, f"{HOME}/news/slow") is LinkState.UNREACHABLE


def test_moved_article_leaves_its_old_address_redirected(outlet, driver, archive):
    outlet.article("a", links=link_to("old"))
    outlet.feed("a")
    new = outlet.article("new")
    outlet.redirect("/news/old", new)
    driver.crawl()
    with archive.read() as tx:
        found = check_of(tx, f"{HOME}/news/old")
    assert (found.state, found.leads_to, found.status) == (LinkState.REDIRECTED, new, 301)


def test_check_asks_the_linked_addresses_alone(outlet, driver, archive):
    outlet.article("a", links=link_to("lost", "b"))
    outlet.feed("a")
    driver.crawl(url=f"{HOME}/news/a")
    outlet.article("b")
    report = driver.crawl(check=(LOST, f"{HOME}/news/b"))
    assert (report.kind, report.counts) == ("check", {"gone": 1, "new": 1})
    assert driver.asked == [LOST, f"{HOME}/news/b"]
    assert (state(archive, LOST), state(archive, f"{HOME}/news/b")) == (LinkState.DEAD, LinkState.ALIVE)
    with archive.read() as tx:
        assert [one.url for one in wanted(tx)] == [LOST]


def test_check_of_what_is_held_is_conditional(outlet, driver, archive):
    a = outlet.article("a", links=link_to("b"))
    b = outlet.article("b", links=link_to("a"))
    driver.crawl(url=a)
    driver.crawl(url=b)
    assert driver.crawl(check=(a, b)).counts == {"not_modified": 2}
    assert state(archive, a) is LinkState.ALIVE


def test_address_of_another_host_is_not_asked(outlet, driver, archive):
    with pytest.raises(UsageError, match="on no host of harbour"):
        driver.crawl(check=("https://elsewhere.example/a",))
