"""Articles near an address, and what a span of days cites most, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from index.linked_ids import linked_ids
from index.records import Role
from index.search.query import LinkedTo
from index.store import cited
from index.store.articles import add_addresses
from index.store.cited import most_cited
from index.store.neighbours import neighbours_of
from tests.factories import HOME, a_link, an_article, register, save


@pytest.fixture(autouse=True)
def _outlets(store, now):
    register(store, now, "gazette")


def chain(store, now, *slugs):
    """Articles of which each links to the next; their ids."""
    pairs = zip(slugs, (*slugs[1:], None), strict=True)
    made = [
        save(store, an_article(slug, links=(a_link(f"{HOME}/{after}"),) if after else ()), now) for slug, after in pairs
    ]
    return [one.article_id for one in made]


def test_near_are_two_steps_in_either_direction_and_not_the_article_itself(store, now):
    a, b, _, d, e, _ = chain(store, now, "a", "b", "c", "d", "e", "f")
    with store.read() as tx:
        assert neighbours_of(tx, f"{HOME}/c").ids == {a, b, d, e}
        assert neighbours_of(tx, f"{HOME}/f").ids == {d, e}
        assert not neighbours_of(tx, f"{HOME}/c").cut


def test_near_an_address_not_held_are_its_citers_and_what_is_one_step_from_them(store, now):
    a, *_ = chain(store, now, "a", "b", "c")
    citing = save(store, an_article("x", links=(a_link("https://away.example/"), a_link(f"{HOME}/a"))), now)
    with store.read() as tx:
        assert neighbours_of(tx, "https://away.example/").ids == {citing.article_id, a}


def test_furniture_is_no_step_and_citing_the_same_address_neither(store, now):
    save(store, an_article("a", links=(a_link("https://away.example/"),)), now)
    save(store, an_article("b", links=(a_link("https://away.example/"), a_link(f"{HOME}/a", role=Role.FURNITURE))), now)
    with store.read() as tx:
        assert neighbours_of(tx, f"{HOME}/a").ids == frozenset()


def test_near_is_bounded_and_says_so(store, now):
    ids = [save(store, an_article(f"{n}", links=(a_link(f"{HOME}/hub"),)), now).article_id for n in range(8)]
    with store.read() as tx:
        found = neighbours_of(tx, f"{HOME}/hub", most_first=5)
        assert (found.ids, found.cut) == (frozenset(ids[3:]), True)
        found = neighbours_of(tx, f"{HOME}/hub", most=3)
        assert (found.ids, found.cut) == (frozenset(ids[5:]), True)


def test_cut_of_links_is_said(store, now, monkeypatch):
    monkeypatch.setattr("index.linked_ids.MOST_CITING", 2)
    ids = [save(store, an_article(f"{n}", links=(a_link("https://away.example/"),)), now).article_id for n in range(4)]
    notes: list[str] = []
    with store.read() as tx:
        assert linked_ids(tx, LinkedTo("to", "away.example/"), notes) == set(ids[2:])
    assert "the 2 newest are" in notes[0]


def days(store, now):
    """Four articles on four days of June; all cite one address, the last two another."""
    for day in range(1, 5):
        at = datetime(2024, 6, day, 12, tzinfo=UTC)
        found = [a_link("https://a.example/")] + ([a_link("https://b.example/")] if day > 2 else [])
        save(store, an_article(f"{day}", published_at=at, links=tuple(found)), now)


def counts_of(found):
    return [(one.url, number) for one, number in found.found]


def test_most_cited_of_a_span_counts_only_its_articles(store, now):
    days(store, now)
    with store.read() as tx:
        assert counts_of(most_cited(tx)) == [("https://a.example/", 4), ("https://b.example/", 2)]
        assert counts_of(most_cited(tx, after=date(2024, 6, 2), before=date(2024, 6, 4))) == [("https://a.example/", 2)]
        assert counts_of(most_cited(tx, before=date(2024, 6, 2))) == []
        assert counts_of(most_cited(tx, after=date(2024, 6, 3), limit=1, offset=1)) == [("https://b.example/", 2)]


def test_most_cited_says_how_many_articles_were_read(store, now, monkeypatch):
    monkeypatch.setattr(cited, "MOST_ARTICLES", 3)
    days(store, now)
    with store.read() as tx:
        found = most_cited(tx, after=date(2024, 1, 1))
    assert (found.articles_read, found.cut) == (3, True)
    assert counts_of(found) == [("https://a.example/", 3), ("https://b.example/", 2)]


def test_article_held_is_among_the_most_cited(store, now):
    chain(store, now, "a", "b")
    save(store, an_article("z", links=(a_link(f"{HOME}/b"),)), now + timedelta(hours=1))
    with store.read() as tx:
        ((found, number),) = most_cited(tx).found
    assert (found.article_id is not None, number) == (True, 2)


def test_article_cited_under_two_addresses_is_listed_once_with_all_who_cite_it(store, now):
    target = save(store, an_article("target"), now).article_id
    with store.write() as tx:
        add_addresses(tx, target, [f"{HOME}/moved"], now=now)
    day = datetime(2024, 6, 1, tzinfo=UTC)
    for slug, ends in (("a", "target"), ("b", "target"), ("c", "moved target"), ("d", "moved"), ("e", "moved")):
        found = tuple(a_link(f"{HOME}/{end}") for end in ends.split())
        save(store, an_article(slug, published_at=day, links=found), now)
    with store.read() as tx:
        for told in (most_cited(tx), most_cited(tx, after=date(2024, 6, 1))):
            ((one, number),) = told.found
            assert (one.article_id, one.citers, number) == (target, 5, 5)
