"""Counts of who cites what, on both databases: kept with every change of links, equal to what counting anew gives."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlalchemy import select

from index.records import Role
from index.store.articles import add_addresses, delete_article, merge_articles, move_article
from index.store.citations import recount_all
from index.store.furniture import LEAST_ARTICLES, learn_furniture
from index.store.hubs import (
    articles_citing,
    cited_address,
    cited_together,
    count_wanted,
    newest_citers,
    outlets_citing,
    stories_among,
    url_hubs,
    wanted,
)
from index.store.story_tables import cited_addresses, cited_by_outlets, stories, story_members
from tests.factories import HOME, a_link, an_article, register, save

PAPER = "https://treaty.example/text.pdf"


@pytest.fixture(autouse=True)
def _outlets(store, now):
    register(store, now, "gazette", "herald")


def counts(store):
    with store.read() as tx:
        rows = [tuple(row) for row in tx.execute(select(cited_by_outlets))]
        names = ("url_key", "citers", "outlets", "article_id")
        totals = [tuple(row) for row in tx.execute(select(*(cited_addresses.c[name] for name in names)))]
    return sorted(rows), sorted(totals, key=str)


def both_ways(store):
    """The counts as they were kept, and as they are counted anew."""
    kept = counts(store)
    with store.write() as tx:
        recount_all(tx)
    return kept, counts(store)


def herald(slug, **other):
    return an_article(url=f"https://herald.example/{slug}", outlet="herald", title=f"Herald {slug}", **other)


def test_article_counts_once_however_often_it_links(store, now):
    save(store, an_article("one", links=(a_link(PAPER, "text"), a_link(f"{PAPER}?utm_source=x", "again"))), now)
    save(store, herald("two", links=(a_link(f"https://www.google.com/url?q={PAPER}", "there"),)), now)
    with store.read() as tx:
        found = cited_address(tx, PAPER)
        assert (found.url, found.citers, found.outlets, found.article_id) == (PAPER, 2, 2, None)
        assert outlets_citing(tx, PAPER) == [("gazette", 1), ("herald", 1)]
        assert [one.url for one in url_hubs(tx)] == [PAPER]
        assert count_wanted(tx) == 1


def test_wrapped_address_counts_for_the_one_it_means_and_is_kept_as_written(store, now):
    written = f"https://web.archive.org/web/20240622000000/{PAPER}"
    save(store, an_article("one", links=(a_link(written),)), now)
    with store.read() as tx:
        assert [one.url for one in wanted(tx)] == [PAPER]
        assert [one.url for one in articles_citing(tx, PAPER)] == [written]


def test_what_nobody_cites_any_more_is_dropped(store, now):
    save(store, an_article("one", links=(a_link(PAPER),)), now)
    save(store, an_article("one", text="Edited.", links=()), now)
    assert counts(store) == ([], [])


def test_article_that_arrives_is_wanted_no_more_and_wanted_again_when_it_goes(store, now):
    save(store, herald("two", links=(a_link(f"{HOME}/target"),)), now)
    target = save(store, an_article("target"), now)
    with store.read() as tx:
        assert wanted(tx) == []
        assert cited_address(tx, f"{HOME}/target").article_id == target.article_id
    with store.write() as tx:
        delete_article(tx, target.article_id, reason="asked", now=now)
    with store.read() as tx:
        assert wanted(tx) == []  # it was taken down: nobody shall fetch it again
        assert count_wanted(tx) == 0


def test_related_list_that_leads_to_another_outlet_is_wanted(store, now):
    own = a_link(f"{HOME}/hubs/strait", "Strait Brief", Role.BACKLINK)
    foreign = a_link("https://herald.example/hubs/strait", "Strait at Herald", Role.BACKLINK)
    save(store, an_article("one", links=(own, foreign)), now)
    with store.read() as tx:
        assert [(one.url, one.registered_outlet) for one in wanted(tx)] == [
            ("https://herald.example/hubs/strait", "herald")
        ]


def test_link_to_itself_counts_nothing_however_it_is_learned(store, now):
    saved = save(store, an_article("one", links=(a_link(f"{HOME}/one"), a_link(f"{HOME}/other"))), now)
    with store.write() as tx:
        add_addresses(tx, saved.article_id, [f"{HOME}/other"])
    assert counts(store) == ([], [])


def test_hub_shows_who_cites_it_newest_first_with_the_sentence(store, now):
    old = save(store, an_article("old", links=(a_link(PAPER, "the text", context="See the text."),)), now)
    later = now + timedelta(hours=1)
    new = save(store, herald("new", published_at=later, links=(a_link(PAPER, "treaty", Role.SOURCE),)), later)
    with store.read() as tx:
        found = articles_citing(tx, PAPER)
        assert [(one.id, one.text, one.role) for one in found] == [
            (new.article_id, "treaty", Role.SOURCE),
            (old.article_id, "the text", Role.INLINE),
        ]
        assert found[1].context == "See the text."
        assert [one.id for one in articles_citing(tx, PAPER, limit=1, offset=1)] == [old.article_id]


def test_cited_together_ranks_what_is_not_cited_everywhere_first(store, now):
    common, rare = "https://social.example/us", "https://court.example/ruling"
    for number in range(4):
        save(store, an_article(f"{number}", links=(a_link(PAPER), a_link(common), a_link(rare))), now)
    for number in range(20):
        save(store, an_article(f"x{number}", links=(a_link(common),)), now)
    save(store, an_article("once", links=(a_link(PAPER), a_link("https://once.example/"))), now)
    with store.read() as tx:
        assert [(one.url, one.citers, both) for one, both in cited_together(tx, PAPER, newest_citers(tx, PAPER))] == [
            (rare, 4, 4),
            (common, 24, 4),
        ]


def test_stories_of_citing_articles_are_named_where_there_are_any(store, now):
    ids = [save(store, an_article(slug, links=(a_link(PAPER),)), now).article_id for slug in "abc"]
    with store.read() as tx:
        assert stories_among(tx, ids) == []
    with store.write() as tx:
        values = {"title": "Talks", "first_at": now, "last_at": now, "articles": 2, "outlets": 1, "evidence": {}}
        story = tx.execute(stories.insert().values(id=7, created_at=now, **values).returning(stories.c.id)).scalar_one()
        member = {"story_id": story, "placed_at": now, "method": "new", "score": 1.0, "evidence": {}}
        tx.execute(story_members.insert(), [{"article_id": one, **member} for one in ids[:2]])
    with store.read() as tx:
        assert [(one.id, one.title, one.citers) for one in stories_among(tx, ids)] == [(7, "Talks", 2)]


@pytest.mark.parametrize("seed", range(6))
def test_counts_kept_are_those_counted_anew_whatever_happens(seed, store, now):
    rnd = random.Random(seed)
    pool = [
        PAPER,
        f"{HOME}/1",
        f"{HOME}/2",
        f"{HOME}/3",
        "https://herald.example/1",
        f"{HOME}/hub",
        "https://x.example/",
    ]
    roles = (Role.INLINE, Role.INLINE, Role.SOURCE, Role.BACKLINK, Role.FURNITURE, Role.BYLINE)
    for step in range(40):
        chosen = [a_link(rnd.choice(pool), rnd.choice("abc"), rnd.choice(roles)) for _ in range(rnd.randint(0, 6))]
        slug, outlet = str(rnd.randint(1, 4)), rnd.choice(("gazette", "gazette", "herald"))
        text = rnd.choice(("One text.", "Another text."))
        saved = save(store, an_article(slug, text=text, outlet=outlet, links=tuple(chosen)), now)
        if saved.article_id is None:
            continue
        with store.write() as tx:
            match rnd.randint(0, 9):
                case 0:
                    move_article(tx, saved.article_id, f"{HOME}/moved-{step}", now=now)
                case 1:
                    add_addresses(tx, saved.article_id, [rnd.choice(pool)])
                case 2:
                    delete_article(tx, saved.article_id, reason="asked", now=now)
        other = save(store, herald(f"n{step % 3}", links=(a_link(rnd.choice(pool)), a_link(f"{HOME}/{slug}"))), now)
        if rnd.random() < 0.15 and saved.article_id is not None:
            with store.write() as tx:
                if tx.execute(select(cited_addresses.c.url_key)).first() is not None:
                    _merge(tx, other.article_id, saved.article_id, now)
    kept, anew = both_ways(store)
    assert kept[0]
    assert kept == anew


def _merge(tx, keep_id, drop_id, now):
    from index.store.articles import get_article

    if get_article(tx, keep_id) and get_article(tx, drop_id):
        merge_articles(tx, keep_id, drop_id, now=now)


def test_learned_furniture_is_counted_no_more_and_again_when_unlearned(store, now):
    badge = a_link("https://badge.example/", "Badge")
    for number in range(LEAST_ARTICLES):
        save(store, an_article(f"{number}", links=(badge, a_link(PAPER))), now)
    with store.write() as tx:
        learn_furniture(tx, "gazette", now=now)
    kept, anew = both_ways(store)
    assert kept == anew == ([], [])
    for number in range(LEAST_ARTICLES):
        save(store, an_article(f"{number}", text="Edited.", links=(badge,) if number < 3 else ()), now)
    with store.write() as tx:
        learn_furniture(tx, "gazette", now=now)
    kept, anew = both_ways(store)
    assert kept == anew
    assert kept[0] == [("badge.example", "gazette", 3)]


def statements_of(store, article, now):
    before = store.statements
    save(store, article, now)
    return store.statements - before


def test_statements_do_not_grow_with_links(store, now):
    few = statements_of(store, an_article("few", links=(a_link("https://x.example/0"),)), now)
    many = [a_link(f"https://x.example/{number}") for number in range(390)]
    assert statements_of(store, an_article("many", links=tuple(many)), now) == few


def test_link_farm_costs_statements_by_the_chunk_and_is_learned(store, now):
    farm = tuple(a_link(f"https://farm.example/{number}", str(number)) for number in range(2000))
    first = statements_of(store, an_article("f0", links=farm), now)
    assert statements_of(store, an_article("f1", links=farm), now) <= first
    assert first < 60
    for number in range(2, LEAST_ARTICLES):
        save(store, an_article(f"f{number}", links=farm), now)
    with store.read() as tx:
        assert count_wanted(tx) == 2000
    with store.write() as tx:
        assert learn_furniture(tx, "gazette", now=now) == (2000, 0)
    with store.read() as tx:
        assert count_wanted(tx) == 0
        assert newest_citers(tx, "https://farm.example/1") == []
    assert counts(store) == ([], [])


def test_page_that_links_to_itself_five_thousand_times_counts_nothing(store, now):
    own = tuple(a_link(f"{HOME}/one", f"words {number}") for number in range(5000))
    before = statements_of(store, an_article("one", links=own), now)
    assert before < 30
    assert counts(store) == ([], [])


def test_endless_addresses_are_kept_and_have_a_bounded_key(store, now):
    long = "https://x.example/?" + "a" * 5000
    saved = save(store, an_article("one", links=(a_link(long), a_link(long + "b"))), now)
    other = save(store, an_article("two", links=(a_link(long),)), now)
    with store.read() as tx:
        assert [one.url for one in url_hubs(tx)] == [long]
        assert {one.id for one in articles_citing(tx, long)} == {saved.article_id, other.article_id}
        assert all(len(key) <= 1000 for key in tx.execute(select(cited_addresses.c.url_key)).scalars())
