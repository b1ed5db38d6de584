"""How linked addresses answered, on both databases: since when, what a passing fault changes, what is asked next."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from index.link_states import LinkState
from index.records import Role
from index.store.articles import article_by_url
from index.store.link_checks import addresses_to_check, check_of, count_states, record_check
from index.store.links import references_of
from index.store.pages import latest_page
from index.store.relinking import relink
from index.store.story_tables import cited_addresses
from index.store.tables import addresses, links, pages
from tests.factories import HOME, a_link, an_article, register, save

URL = f"{HOME}/linked"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _outlets(store, now):
    register(store, now, "gazette", "herald")


def note(store, url, state, at, **more):
    with store.write() as tx:
        record_check(tx, url, state, now=at, **more)


def held(store, url=URL):
    with store.read() as tx:
        return check_of(tx, url)


def test_same_answer_again_keeps_the_first_day(store, now):
    note(store, URL, LinkState.DEAD, now, status=404)
    note(store, URL, LinkState.DEAD, now + DAY, status=410)
    found = held(store)
    assert (found.state, found.status, found.since, found.checked_at) == (LinkState.DEAD, 410, now, now + DAY)


def test_other_answer_begins_anew(store, now):
    note(store, URL, LinkState.DEAD, now)
    note(store, URL, LinkState.REDIRECTED, now + DAY, leads_to=f"{HOME}/b")
    assert (held(store).state, held(store).since) == (LinkState.REDIRECTED, now + DAY)
    note(store, URL, LinkState.REDIRECTED, now + 2 * DAY, leads_to=f"{HOME}/c")
    assert (held(store).leads_to, held(store).since) == (f"{HOME}/c", now + 2 * DAY)


def test_passing_fault_takes_no_verdict_back(store, now):
    note(store, URL, LinkState.DEAD, now)
    note(store, URL, LinkState.UNREACHABLE, now + DAY)
    assert (held(store).state, held(store).since, held(store).checked_at) == (LinkState.DEAD, now, now)


def test_address_nobody_links_to_is_kept_only_where_it_is_gone(store, now):
    note(store, URL, LinkState.ALIVE, now)
    note(store, URL, LinkState.UNREACHABLE, now)
    assert held(store) is None
    save(store, an_article(links=(a_link(URL),)), now)
    note(store, URL, LinkState.ALIVE, now)
    assert held(store).state is LinkState.ALIVE
    with store.read() as tx:
        assert count_states(tx)[LinkState.ALIVE] == 1


def test_link_carries_how_its_address_answered(store, now):
    saved = save(store, an_article(links=(a_link(f"https://web.archive.org/web/2024/{URL}"), a_link(f"{HOME}/x"))), now)
    note(store, URL, LinkState.DEAD, now, status=404)
    with store.read() as tx:
        first, second = references_of(tx, saved.article_id)
    assert (first.check.state, first.check.since, first.meant) == (LinkState.DEAD, now, URL)
    assert (second.check, second.meant) == (None, None)


def test_addresses_to_check_are_those_of_the_outlet_never_asked_or_longest_ago(store, now):
    slugs = ("old", "new", "never", "often")
    save(store, an_article("one", links=tuple(a_link(f"{HOME}/{slug}") for slug in slugs)), now)
    save(store, an_article("two", links=(a_link(f"{HOME}/often"), a_link("https://herald.example/x"))), now)
    save(store, an_article("three", links=(a_link("https://nobody.example/"),)), now)
    note(store, f"{HOME}/old", LinkState.ALIVE, now - 9 * DAY)
    note(store, f"{HOME}/new", LinkState.ALIVE, now - DAY / 2)
    with store.read() as tx:
        found = addresses_to_check(tx, "gazette", limit=9, now=now, every=DAY)
        assert found == [f"{HOME}/often", f"{HOME}/never", f"{HOME}/old"]
        assert addresses_to_check(tx, "herald", limit=9, now=now, every=DAY) == ["https://herald.example/x"]
        assert addresses_to_check(tx, "gazette", limit=1, now=now, every=DAY) == [f"{HOME}/often"]


def test_links_stored_by_older_rules_are_brought_to_todays(store, now):
    target = save(store, an_article("target"), now)
    wrapped = f"https://www.google.com/url?q={HOME}/target"
    citing = save(store, an_article("citing", links=(a_link(wrapped), a_link("https://away.example/"))), now)
    save(store, an_article("hub", links=(a_link(None, "Brief", Role.BACKLINK),)), now)
    with store.write() as tx:
        old = {"url_key": "google.com/url?q=x", "host": "google.com", "target_article_id": None}
        tx.execute(update(links).where(links.c.url == wrapped).values(old))
    found = relink(store)
    assert (found.links, found.wrapped, found.resolved, found.changed, found.cited) == (2, 1, 1, 1, 2)
    with store.read() as tx:
        assert references_of(tx, citing.article_id)[0].target_article_id == target.article_id
        urls = set(tx.execute(select(cited_addresses.c.url)).scalars())
    assert urls == {f"{HOME}/target", "https://away.example/"}
    assert relink(store).changed == 0


def test_keys_stored_by_older_rules_are_brought_to_todays(store, now):
    url = f"{HOME}/what%27s-new"
    target = save(store, an_article(url=url), now)
    other = save(store, an_article("other"), now)
    with store.write() as tx:
        for table in (addresses, pages):
            old = update(table).where(table.c.url == url).values(url_key="gazette.example/what%27s-new")
            assert tx.execute(old).rowcount == 1
    save(store, an_article("citing", links=(a_link(f"{HOME}/what's-new"),)), now)
    found = relink(store)
    assert (found.rekeyed, found.resolved) == (2, 1)
    with store.write() as tx:
        assert article_by_url(tx, f"{HOME}/what's-new").id == target.article_id
        assert latest_page(tx, f"{HOME}/what's-new") is not None
        for end in ("%21", "!"):
            values = {"url_key": f"gazette.example/other{end}", "url": f"{HOME}/other{end}", "added_at": now}
            tx.execute(insert(addresses), values | {"article_id": other.article_id})
    assert relink(store).rekeyed == 1
    assert relink(store).rekeyed == 0
