"""Links that most articles of an outlet carry, on both databases: learned, kept while they stay, unlearned."""

from __future__ import annotations

import pytest

from index.records import Role
from index.store.articles import get_article
from index.store.furniture import LEAST_ARTICLES, furniture_among, learn_furniture
from index.store.hubs import wanted
from index.store.links import references_of
from index.urls import url_key
from tests.factories import HOME, a_link, an_article, register, save

BAR = f"{HOME}/follow-us"
SOURCE = "https://ministry.example/statement.pdf"


@pytest.fixture(autouse=True)
def _outlets(store, now):
    register(store, now, "gazette", "herald")


def crawl(store, now, numbers, *links):
    return [save(store, an_article(f"a{n}", text=f"Ships left, report {n}.", links=links), now) for n in numbers]


def learn(store, now, outlet="gazette"):
    with store.write() as tx:
        return learn_furniture(tx, outlet, now=now)


def roles(store, article_id):
    with store.read() as tx:
        return {link.url: link.role for link in references_of(tx, article_id)}


def test_link_on_most_articles_becomes_furniture_with_all_its_links(store, now):
    saved = crawl(store, now, range(LEAST_ARTICLES), a_link(BAR), a_link(SOURCE, role=Role.SOURCE))
    crawl(store, now, range(LEAST_ARTICLES, LEAST_ARTICLES + 5), a_link(f"{HOME}/other"))
    assert learn(store, now) == (2, 0)
    assert set(roles(store, saved[0].article_id).values()) == {Role.FURNITURE}
    with store.read() as tx:
        assert furniture_among(tx, "gazette", [url_key(BAR), url_key(f"{HOME}/other")]) == {url_key(BAR)}
        assert [one.url for one in wanted(tx)] == [f"{HOME}/other"]
        assert get_article(tx, saved[0].article_id).cites == 0
    assert learn(store, now) == (0, 0)


def test_article_that_comes_later_has_it_as_furniture_at_once_and_does_not_change_when_seen_again(store, now):
    crawl(store, now, range(LEAST_ARTICLES), a_link(BAR))
    learn(store, now)
    (saved,) = crawl(store, now, [99], a_link(BAR))
    assert roles(store, saved.article_id) == {BAR: Role.FURNITURE}
    with store.read() as tx:
        (before,) = references_of(tx, saved.article_id)
    crawl(store, now, [99], a_link(BAR))
    with store.read() as tx:
        assert references_of(tx, saved.article_id) == [before]


def test_few_articles_teach_nothing(store, now):
    crawl(store, now, range(LEAST_ARTICLES - 1), a_link(BAR))
    assert learn(store, now) == (0, 0)


def test_related_lists_and_other_outlets_are_left_alone(store, now):
    saved = crawl(store, now, range(LEAST_ARTICLES), a_link(f"{HOME}/hub", "Hub", Role.BACKLINK))
    assert learn(store, now) == (0, 0)
    assert learn(store, now, "herald") == (0, 0)
    assert set(roles(store, saved[0].article_id).values()) == {Role.BACKLINK}


def test_link_that_few_articles_carry_still_is_what_it_was(store, now):
    first = crawl(store, now, range(LEAST_ARTICLES), a_link(SOURCE, role=Role.SOURCE))
    learn(store, now)
    crawl(store, now, range(100, 100 + 3 * LEAST_ARTICLES))
    assert learn(store, now) == (0, 0)  # a quarter carry it
    crawl(store, now, range(200, 210))
    assert learn(store, now) == (0, 1)
    assert roles(store, first[0].article_id) == {SOURCE: Role.SOURCE}
    with store.read() as tx:
        assert furniture_among(tx, "gazette", [url_key(SOURCE)]) == frozenset()
