"""Changed after cited, on both databases: which edits came after a citation, and where nobody can say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from index.records import Role, TraceStep
from index.recurring import RULE, block_key
from index.store.articles import delete_article, merge_articles
from index.store.notices import count_citing_earlier, newest_edited_targets, notices_about, notices_in, states_of
from index.store.pages import latest_page, link_page_to_article, page_seen_again
from tests.factories import HOME, a_link, an_article, register, save

HOUR = timedelta(hours=1)
TARGET = f"{HOME}/target"


@pytest.fixture(autouse=True)
def _outlet(store, now):
    register(store, now)


def target(store, at, text):
    held = save(store, an_article("target", text), at).article_id
    with store.write() as tx:
        link_page_to_article(tx, latest_page(tx, TARGET).id, held)
    return held


def citing(store, seen, *, published=None, slug="citing", role=Role.INLINE, text="Ships left."):
    link = a_link(TARGET, "a report", role, context="As a report says, ports closed.")
    return save(store, an_article(slug, text, published_at=published, links=(link,)), seen).article_id


def of(store, article_id):
    with store.read() as tx:
        return notices_in(tx, article_id)


def test_edit_after_a_citation_is_a_notice_with_the_sentence_and_both_states(store, now):
    held = target(store, now, "Ports closed.")
    article = citing(store, now + 2 * HOUR, published=now + HOUR)
    with store.write() as tx:
        page_seen_again(tx, TARGET, now + 3 * HOUR)
    target(store, now + 5 * HOUR, "Ports opened.")
    (one,) = of(store, article)
    assert (one.article_id, one.target_id, one.context) == (article, held, "As a report says, ports closed.")
    assert (one.cited_at, one.cited_by) == (now + HOUR, "published")
    assert (one.cited_revision, one.revision, one.edits) == (1, 2, 1)
    assert (one.held_until, one.edited_by, one.is_certain) == (now + 3 * HOUR, now + 5 * HOUR, True)
    with store.read() as tx:
        states = states_of(tx, [(held, 1), (held, 2)])
    assert [states[held, number].text for number in (1, 2)] == ["Ports closed.", "Ports opened."]


def test_edit_seen_after_a_citation_that_may_have_come_before_it_is_said_to_be_uncertain(store, now):
    target(store, now, "Ports closed.")
    article = citing(store, now + 2 * HOUR, published=now + HOUR)
    target(store, now + 5 * HOUR, "Ports opened.")
    (one,) = of(store, article)
    assert (one.held_until, one.cited_at, one.edited_by) == (now, now + HOUR, now + 5 * HOUR)
    assert not one.is_certain
    target(store, now + 6 * HOUR, "Ports closed again.")
    (one,) = of(store, article)
    assert (one.is_certain, one.edits, one.held_until) == (True, 2, now)


def test_edit_before_the_citation_is_none(store, now):
    target(store, now, "Ports closed.")
    target(store, now + HOUR, "Ports opened.")
    article = citing(store, now + 3 * HOUR, published=now + 2 * HOUR)
    assert of(store, article) == []


def test_target_first_seen_after_it_was_cited_was_edited_after_that_for_sure(store, now):
    article = citing(store, now, published=now - HOUR)
    target(store, now + HOUR, "Ports closed.")
    assert of(store, article) == []
    target(store, now + 2 * HOUR, "Ports opened.")
    (one,) = of(store, article)
    assert (one.cited_revision, one.is_certain) == (1, True)


def test_link_that_came_with_an_edit_was_made_when_it_was_seen(store, now):
    target(store, now, "Ports closed.")
    save(store, an_article("citing", "Ships left.", published_at=now), now)
    target(store, now + HOUR, "Ports opened.")
    article = citing(store, now + 2 * HOUR, published=now, text="Ships left the port.")
    assert of(store, article) == []
    target(store, now + 3 * HOUR, "Ports closed again.")
    (one,) = of(store, article)
    assert (one.cited_at, one.cited_by, one.cited_revision) == (now + 2 * HOUR, "seen", 2)


def test_date_in_the_future_is_no_time_of_citing(store, now):
    target(store, now, "Ports closed.")
    article = citing(store, now, published=now + 900 * HOUR)
    target(store, now + HOUR, "Ports opened.")
    assert [one.cited_at for one in of(store, article)] == [now]


@pytest.mark.parametrize("role", [Role.BACKLINK, Role.FURNITURE, Role.BYLINE])
def test_lists_of_related_articles_cite_nothing(role, store, now):
    target(store, now, "Ports closed.")
    article = citing(store, now, role=role)
    target(store, now + HOUR, "Ports opened.")
    assert of(store, article) == []


def test_comma_is_no_reason_for_a_notice(store, now):
    target(store, now, "Ports, all of them, closed.")
    article = citing(store, now)
    target(store, now + HOUR, "Ports - all of them - closed.")
    assert of(store, article) == []


def test_page_that_links_to_itself_and_a_link_that_is_gone_give_none(store, now):
    link = a_link(TARGET)
    first = save(store, an_article("target", "Ports closed.", links=(link,)), now).article_id
    article = citing(store, now)
    save(store, an_article("citing", "No link any more."), now + HOUR)
    save(store, an_article("target", "Ports opened.", links=(link,)), now + 2 * HOUR)
    assert of(store, first) == of(store, article) == []


def test_those_who_cite_an_earlier_text_are_counted_once_each(store, now):
    held = target(store, now, "Ports closed.")
    for slug in "abc":
        citing(store, now, slug=slug)
    target(store, now + HOUR, "Ports opened.")
    citing(store, now + 2 * HOUR, slug="later")
    with store.read() as tx:
        assert count_citing_earlier(tx, held) == 3
        assert len(notices_about(tx, [held])) == 3


def test_newest_edits_that_others_cite_come_first(store, now):
    for number, slug in enumerate(("one", "two", "lone")):
        save(store, an_article(slug, "Ports closed."), now)
        if slug != "lone":
            link = a_link(f"{HOME}/{slug}", context=f"About {slug}.")
            for citer in range(number + 2):
                save(store, an_article(f"on-{slug}-{citer}", links=(link, link)), now)
        save(store, an_article(slug, "Ports opened."), now + (number + 1) * HOUR)
    with store.read() as tx:
        found = newest_edited_targets(tx, citers_shown=2)
        assert [(one.title, one.citers, len(one.notices)) for one in found] == [
            ("Report two", 3, 2),
            ("Report one", 2, 2),
        ]
        assert found[0].changes == "1 paragraph changed."
        assert [one.title for one in newest_edited_targets(tx, limit=1, offset=1)] == ["Report one"]


def test_live_report_of_many_revisions_costs_no_more_statements(store, now):
    held = target(store, now, "Entry 0.")
    article = citing(store, now + HOUR / 2)
    for number in range(1, 60):
        target(store, now + number * HOUR, f"Entry {number}.")
    asked: list[str] = []
    event.listen(store._engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    (one,) = of(store, article)
    assert (one.cited_revision, one.revision, one.edits, one.is_certain) == (1, 60, 59, True)
    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 1
    with store.read() as tx:
        assert newest_edited_targets(tx)[0].article_id == held


def test_merged_and_taken_down_targets_take_their_notices_along(store, now):
    held = target(store, now, "Ports closed.")
    article = citing(store, now)
    target(store, now + HOUR, "Ports opened.")
    other = save(store, an_article("other", "Ports."), now).article_id
    with store.write() as tx:
        merge_articles(tx, other, held, now=now)
    assert of(store, article) == []
    save(store, an_article("other", "Ports are open."), now + 2 * HOUR)
    assert [one.target_id for one in of(store, article)] == [other]
    with store.write() as tx:
        delete_article(tx, other, reason="asked", now=now)
    assert of(store, article) == []


def test_states_are_compared_without_what_was_left_out_of_one_of_them(store, now):
    pitch = "Our harbour letter comes every morning, free of charge."
    held = target(store, now, f"Ports closed.\n\n{pitch}")
    step = TraceStep("text", RULE, block_key(pitch), 45, pitch, "left out")
    save(store, an_article("target", "Ports opened.", trace=(step,)), now + HOUR)
    with store.read() as tx:
        states = states_of(tx, [(held, 1), (held, 2)])
    assert [states[held, number].text for number in (1, 2)] == ["Ports closed.", "Ports opened."]
