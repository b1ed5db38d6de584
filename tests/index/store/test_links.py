"""Links, on both databases: kept before their target, resolved when it arrives, seen from either end, hubs, wanted."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from index.records import Role
from index.store.articles import delete_article, get_article
from index.store.changes import documents_for
from index.store.hubs import count_wanted, url_hubs, wanted
from index.store.links import (
    articles_of_hub,
    backlinks_to,
    get_hub,
    hub_labels,
    hubs_by_citers,
    ids_linked_from,
    ids_linking_to,
    links_to_url,
    references_of,
)
from index.store.tables import links as links_table
from tests.factories import HOME, a_link, an_article, register, save

TARGET = f"{HOME}/target"


@pytest.fixture(autouse=True)
def _outlets(store, now):
    register(store, now, "gazette", "herald")


def test_link_is_kept_with_all_that_is_known_of_it(store, now):
    link = a_link(TARGET, "the report", Role.SOURCE, context="As the report says.")
    saved = save(store, an_article(links=(link,)), now)
    with store.read() as tx:
        (held,) = references_of(tx, saved.article_id)
    assert (held.url, held.text, held.role, held.context, held.position) == (
        TARGET,
        "the report",
        Role.SOURCE,
        "As the report says.",
        0,
    )
    assert held.target_article_id is None


def test_link_is_resolved_when_its_target_arrives(store, now):
    citing = save(store, an_article(links=(a_link(f"{TARGET}?utm_source=x"),)), now)
    target = save(store, an_article("target"), now)
    with store.read() as tx:
        assert references_of(tx, citing.article_id)[0].target_article_id == target.article_id
        (back,) = backlinks_to(tx, target.article_id)
        assert (back.article_id, back.article_title) == (citing.article_id, "Report a")
        assert get_article(tx, target.article_id).cited_by == 1
        assert get_article(tx, citing.article_id).cites == 1


def test_link_to_an_article_held_is_resolved_at_once(store, now):
    target = save(store, an_article("target"), now, aliases=[f"{HOME}/short"])
    citing = save(store, an_article(links=(a_link(f"{HOME}/short"),)), now)
    with store.read() as tx:
        assert references_of(tx, citing.article_id)[0].target_article_id == target.article_id


def test_new_revision_replaces_the_links_of_the_one_before(store, now):
    save(store, an_article(links=(a_link(TARGET), a_link(f"{HOME}/old"))), now)
    saved = save(store, an_article(text="Edited.", links=(a_link(TARGET), a_link(f"{HOME}/new"))), now)
    with store.read() as tx:
        assert [link.url for link in references_of(tx, saved.article_id)] == [TARGET, f"{HOME}/new"]
        assert ids_linking_to(tx, f"{HOME}/old") == frozenset()


def test_both_directions_are_answered_by_address(store, now):
    citing = save(store, an_article(links=(a_link(TARGET),)), now)
    with store.read() as tx:
        assert ids_linking_to(tx, f"{TARGET}/amp") == {citing.article_id}
        assert ids_linked_from(tx, f"{HOME}/a") == frozenset()
    target = save(store, an_article("target"), now)
    with store.read() as tx:
        assert ids_linked_from(tx, f"{HOME}/a") == {target.article_id}


def test_label_without_address_joins_the_hub_of_its_outlet(store, now):
    label = a_link(None, "South Sea Brief", Role.BACKLINK)
    one = save(store, an_article("one", links=(label,)), now)
    two = save(store, an_article("two", links=(a_link(None, "South Sea  brief", Role.BACKLINK),)), now)
    with store.read() as tx:
        hub = get_hub(tx, "south-sea-brief", "gazette")
        assert (hub.label, hub.url, hub.citers) == ("South Sea Brief", None, 2)
        assert {article.id for article in articles_of_hub(tx, "south-sea-brief")} == {one.article_id, two.article_id}
        assert hub_labels(tx, ["south-sea-brief"]) == {"south-sea-brief": "South Sea Brief"}


def test_same_label_of_two_outlets_is_two_hubs(store, now):
    label = a_link(None, "World", Role.BACKLINK)
    save(store, an_article("one", links=(label,)), now)
    save(store, an_article(url="https://herald.example/x", outlet="herald", links=(label,)), now)
    with store.read() as tx:
        assert {(hub.outlet, hub.citers) for hub in hubs_by_citers(tx)} == {("gazette", 1), ("herald", 1)}


def test_hub_learns_the_address_a_later_list_gives_it(store, now):
    save(store, an_article("one", links=(a_link(None, "Brief", Role.BACKLINK),)), now)
    save(store, an_article("two", links=(a_link(f"{HOME}/hubs/brief", "Brief", Role.BACKLINK),)), now)
    with store.read() as tx:
        assert get_hub(tx, "brief").url == f"{HOME}/hubs/brief"


def test_topics_of_the_index_are_the_hubs_named(store, now):
    saved = save(store, an_article(links=(a_link(None, "Border Brief", Role.BACKLINK),)), now)
    with store.read() as tx:
        assert documents_for(tx, [saved.article_id])[0].topics == ("border-brief",)


def test_wanted_are_addresses_not_held_most_cited_first(store, now):
    save(store, an_article("one", links=(a_link("https://elsewhere.example/x"), a_link(TARGET))), now)
    save(store, an_article("two", links=(a_link("https://elsewhere.example/x?utm_medium=y", "there"),)), now)
    with store.read() as tx:
        found = wanted(tx)
        assert [(one.citers, one.registered_outlet) for one in found] == [(2, None), (1, "gazette")]
        assert count_wanted(tx) == 2
    save(store, an_article("target"), now)
    with store.read() as tx:
        assert [one.url for one in wanted(tx)] == ["https://elsewhere.example/x"]


def test_furniture_is_neither_wanted_nor_counted(store, now):
    saved = save(store, an_article(links=(a_link(f"{HOME}/subscribe", role=Role.FURNITURE),)), now)
    with store.read() as tx:
        assert wanted(tx) == []
        assert get_article(tx, saved.article_id).cites == 0


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # whose plans need no statistics
@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (wanted, "ix_cited_addresses_wanted"),
        (url_hubs, "ix_cited_addresses_wanted"),
        (count_wanted, "ix_cited_addresses_wanted"),
        (hubs_by_citers, "ix_links_hub"),
        (lambda tx: backlinks_to(tx, 1), "ix_links_target"),
        (lambda tx: get_article(tx, 1), "ix_links_target"),
        (lambda tx: ids_linking_to(tx, TARGET), "ix_links_target"),
    ],
)
def test_lists_that_read_many_links_are_served_by_an_index(ask, index, store, now):
    save(store, an_article(links=(a_link(TARGET),)), now)
    asked = []
    with store.read() as tx:
        event.listen(tx, "before_cursor_execute", lambda *about: asked.append(about[2:4]))
        ask(tx)
        questions = list(asked)
        told = [tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all() for sql, values in questions]
    plans = [str(row[-1]) for rows in told for row in rows]
    assert any(index in plan for plan in plans)
    assert not any(plan.startswith("SCAN links") and index not in plan for plan in plans)


def test_links_to_a_deleted_article_are_wanted_no_more_than_before(store, now):
    citing = save(store, an_article(links=(a_link(TARGET),)), now)
    target = save(store, an_article("target"), now)
    with store.write() as tx:
        delete_article(tx, target.article_id, reason="asked", now=now)
    with store.read() as tx:
        assert references_of(tx, citing.article_id)[0].target_article_id is None


def test_thousand_links_of_a_page_are_kept_in_order(store, now):
    links = tuple(a_link(f"https://elsewhere.example/{number}", str(number), position=number) for number in range(1000))
    saved = save(store, an_article(links=links), now)
    with store.read() as tx:
        assert [link.text for link in references_of(tx, saved.article_id)] == [str(number) for number in range(1000)]


def test_link_that_stands_twice_is_not_stored_anew_by_every_look(store, now):
    twice = (a_link(TARGET, "More", position=0), a_link(TARGET, "More", position=1))
    first = save(store, an_article(links=twice), now)
    with store.read() as tx:
        before = references_of(tx, first.article_id)
    again = save(store, an_article(links=twice), now)
    with store.read() as tx:
        assert references_of(tx, again.article_id) == before


def test_links_in_a_new_order_are_kept_in_that_order_however_many(store, now):
    links = [a_link(f"https://elsewhere.example/{number}", str(number)) for number in range(900)]
    save(store, an_article(links=tuple(links)), now)
    saved = save(store, an_article(text="Edited.", links=tuple(reversed(links))), now)
    with store.read() as tx:
        held = references_of(tx, saved.article_id)
    assert [link.text for link in held] == [str(number) for number in reversed(range(900))]


def test_link_that_goes_without_a_revision_ends_with_the_revision_that_had_it(store, now):
    save(store, an_article(), now)
    saved = save(store, an_article(text="Edited.", links=(a_link(TARGET),)), now)
    save(store, an_article(text="Edited."), now)
    with store.read() as tx:
        spans = tx.execute(select(links_table.c.revision_from, links_table.c.revision_to)).all()
        assert references_of(tx, saved.article_id) == []
    assert [tuple(span) for span in spans] == [(2, 2)]


def test_label_follows_its_article_to_another_outlet(store, now):
    label = a_link(None, "Strait Security Brief", Role.BACKLINK)
    save(store, an_article(links=(label,)), now)
    saved = save(store, an_article(outlet="herald", links=(label,)), now)
    with store.read() as tx:
        assert references_of(tx, saved.article_id)[0].hub_outlet == "herald"
        assert get_hub(tx, "strait-security-brief", "gazette") is None


def test_what_was_taken_down_is_not_wanted(store, now):
    save(store, an_article(links=(a_link(TARGET),)), now)
    target = save(store, an_article("target"), now)
    with store.write() as tx:
        delete_article(tx, target.article_id, reason="asked", now=now)
    with store.read() as tx:
        assert wanted(tx) == []
        assert count_wanted(tx) == 0


def test_links_to_one_address_of_an_article_are_those_to_all_of_them(store, now):
    save(store, an_article("target"), now, aliases=[f"{HOME}/short"])
    citing = save(store, an_article(links=(a_link(f"{HOME}/short"),)), now)
    with store.read() as tx:
        assert [link.article_id for link in links_to_url(tx, TARGET)] == [citing.article_id]
