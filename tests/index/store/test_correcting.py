"""A revision corrected in its place, on both databases: no edit is invented, article, links and change log follow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from index.errors import NotFoundError
from index.outcomes import Outcome
from index.records import Role
from index.store.articles import get_article, revisions_of
from index.store.changes import changes_after, last_change
from index.store.correcting import correct_revision
from index.store.links import references_of
from index.store.tables import links
from tests.factories import a_link, an_article, register, save


@pytest.fixture(autouse=True)
def _outlet(store, now):
    register(store, now)


@pytest.fixture
def edited(store, now) -> int:
    """An article of two revisions."""
    first = save(store, an_article(text="Buy this.\n\nShips left."), now - timedelta(days=2))
    save(store, an_article(text="Buy that.\n\nShips left."), now - timedelta(days=1))
    return first.article_id


def correct(store, article_id, number, article, now, **other):
    with store.write() as tx:
        return correct_revision(tx, article_id, number, article, now=now, **other)


def test_the_current_revision_is_corrected_in_its_place(store, edited, now):
    saved = correct(store, edited, 2, an_article(title="Better", text="Ships left."), now)
    assert (saved.outcome, saved.revision) == (Outcome.UNCHANGED, 2)
    with store.read() as tx:
        held, states = get_article(tx, edited), revisions_of(tx, edited)
    assert (held.title, held.text, held.revision) == ("Better", "Ships left.", 2)
    assert [one.seen_at for one in states] == [now - timedelta(days=2), now - timedelta(days=1)]
    assert held.last_seen_at == now - timedelta(days=1)


def test_what_is_indexed_is_logged_as_a_change_and_nothing_else(store, edited, now):
    with store.read() as tx:
        position = last_change(tx)
    correct(store, edited, 2, an_article(text="Ships left."), now)
    again = correct(store, edited, 2, an_article(text="Ships left."), now)
    assert again.change is None
    with store.read() as tx:
        assert [(one.article_id, one.revision) for one in changes_after(tx, position, 9)] == [(edited, 2)]


def test_an_earlier_revision_is_corrected_alone(store, edited, now):
    saved = correct(store, edited, 1, an_article(title="Better", text="Ships left."), now)
    assert saved.change is None
    with store.read() as tx:
        held, (first, second) = get_article(tx, edited), revisions_of(tx, edited)
    assert (held.title, first.title, second.title) == ("Report a", "Better", "Report a")


def test_what_changed_is_told_anew_on_both_sides(store, edited, now):
    correct(store, edited, 1, an_article(text="Ships left."), now)
    correct(store, edited, 2, an_article(text="Ships left."), now)
    with store.read() as tx:
        told = [one.changes for one in revisions_of(tx, edited)]
    assert told == ["First revision.", "Nothing a reader would see changed."]


def test_a_link_that_was_none_leaves_no_trace_and_one_of_an_earlier_revision_ends_there(store, now):
    old, advert = a_link("https://x.example/old"), a_link("https://x.example/advert")
    saved = save(store, an_article(text="One.", links=(old,)), now)
    save(store, an_article(text="Two.", links=(old, advert)), now)
    found = a_link("https://x.example/found", role=Role.SOURCE)
    correct(store, saved.article_id, 2, an_article(text="Two.", links=(found,)), now)
    with store.read() as tx:
        assert [link.url for link in references_of(tx, saved.article_id)] == [found.url]
        assert tx.execute(select(func.count()).select_from(links)).scalar() == 2
        ended = tx.execute(select(links.c.revision_to).where(links.c.url == old.url)).scalar()
    assert ended == 1


def test_bytes_shown_again_were_seen_again(store, edited, now):
    correct(store, edited, 2, an_article(text="Ships left."), now, seen_at=now)
    with store.read() as tx:
        assert get_article(tx, edited).last_seen_at == now


def test_a_revision_that_is_not_there_cannot_be_corrected(store, edited, now):
    with pytest.raises(NotFoundError, match="no revision 3"):
        correct(store, edited, 3, an_article(), now)
