"""Articles and their revisions, on both databases: identity by address, edits, moves, merges, take-downs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from index.errors import NotFoundError
from index.outcomes import Outcome
from index.records import ArticleFlag, DateFlag, DateReading, TraceStep
from index.store import open_store
from index.store.articles import (
    addresses_of,
    article_by_url,
    articles_by_id,
    count_articles,
    delete_article,
    get_article,
    is_taken_down,
    latest_articles,
    merge_articles,
    move_article,
    revisions_of,
    twin_of,
)
from index.store.changes import changes_after
from index.store.saving import save_article
from tests.factories import HOME, an_article, register, save


@pytest.fixture(autouse=True)
def _outlet(store, now):
    register(store, now)


def test_first_sight_is_new_with_one_revision_and_one_change(store, now):
    saved = save(store, an_article(), now)
    assert saved.outcome is Outcome.NEW
    with store.read() as tx:
        assert [revision.number for revision in revisions_of(tx, saved.article_id)] == [1]
        assert [change.kind for change in changes_after(tx, 0, 10)] == ["upsert"]


def test_every_field_comes_back_as_it_was_saved(store, now):
    at = datetime(2024, 6, 22, 5, 30, tzinfo=UTC)
    article = an_article(
        title="Häfen: «gesperrt»",
        search_title="Ports closed",
        authors=("Ana Ruiz", "Li Wei"),
        published=DateReading("22 June", at, "rule", (DateFlag.ZONE_ASSUMED,)),
        updated=DateReading("later", None, "meta", (DateFlag.FUTURE,)),
        language="de",
        read_minutes=4,
        flags=(ArticleFlag.LIVE,),
        trace=(TraceStep("title", "rule", "h1", 1, " raw ", "clean"),),
    )
    saved = save(store, article, now)
    with store.read() as tx:
        held = get_article(tx, saved.article_id)
        assert revisions_of(tx, saved.article_id)[0].trace == article.trace
    for name in (
        "title",
        "search_title",
        "authors",
        "published",
        "updated",
        "language",
        "read_minutes",
        "flags",
        "text",
    ):
        assert getattr(held, name) == getattr(article, name), name
    assert (held.sort_at, held.sort_by) == (at, "published")


def test_same_article_again_is_unchanged(store, now):
    save(store, an_article(), now)
    assert save(store, an_article(), now + timedelta(hours=1)).outcome is Outcome.UNCHANGED
    with store.read() as tx:
        assert len(changes_after(tx, 0, 10)) == 1


def test_white_space_alone_is_no_edit(store, now):
    save(store, an_article(text="One.\n\nTwo words."), now)
    assert save(store, an_article(text="One.\n\nTwo  words. "), now).outcome is Outcome.UNCHANGED


def test_edit_is_a_revision_that_says_what_changed(store, now):
    first = save(store, an_article(text="One.\n\nTwo."), now)
    second = save(store, an_article(text="One.\n\nTwo, corrected.\n\nThree."), now)
    assert (second.outcome, second.article_id, second.revision) == (Outcome.CHANGED, first.article_id, 2)
    with store.read() as tx:
        texts = [revision.text for revision in revisions_of(tx, first.article_id)]
        assert texts == ["One.\n\nTwo.", "One.\n\nTwo, corrected.\n\nThree."]
        assert "1 paragraph changed, 1 paragraph added" in revisions_of(tx, first.article_id)[1].changes
        assert count_articles(tx) == 1


def test_changed_headline_is_a_revision(store, now):
    save(store, an_article(title="Ports open"), now)
    assert save(store, an_article(title="Ports closed"), now).outcome is Outcome.CHANGED


def test_new_date_is_no_revision_but_a_change_for_the_index(store, now):
    saved = save(store, an_article(), now)
    again = save(store, an_article(published_at=now - timedelta(days=3)), now)
    assert (again.outcome, again.revision) == (Outcome.UNCHANGED, 1)
    assert again.change is not None
    with store.read() as tx:
        assert get_article(tx, saved.article_id).sort_by == "published"


@pytest.mark.parametrize(
    "twin", [f"{HOME}/a/amp", f"{HOME}/a?utm_source=x", "http://www.gazette.example/a/", f"{HOME}/a#top"]
)
def test_twin_addresses_are_the_same_article(twin, store, now):
    saved = save(store, an_article(), now)
    assert save(store, an_article(url=twin), now).article_id == saved.article_id


def test_article_is_found_under_every_address_it_was_seen_at(store, now):
    saved = save(store, an_article(), now, aliases=[f"{HOME}/short/1"])
    with store.read() as tx:
        assert article_by_url(tx, f"{HOME}/short/1").id == saved.article_id
        assert addresses_of(tx, saved.article_id) == [f"{HOME}/a", f"{HOME}/short/1"]


def test_moved_article_keeps_its_history_and_its_old_address(store, now):
    saved = save(store, an_article(), now)
    with store.write() as tx:
        move_article(tx, saved.article_id, f"{HOME}/archive/a", now=now)
    with store.read() as tx:
        assert get_article(tx, saved.article_id).canonical_url == f"{HOME}/archive/a"
        assert article_by_url(tx, f"{HOME}/a").id == saved.article_id


def test_twin_of_an_article_has_its_text_at_another_address(store, now):
    saved = save(store, an_article("old", title="Same"), now)
    with store.read() as tx:
        assert twin_of(tx, an_article("new", title="Same")).id == saved.article_id
        assert twin_of(tx, an_article("old", title="Same")) is None
        assert twin_of(tx, an_article("new", title="Same", text="Other words.")) is None


def test_merged_articles_are_one_under_both_addresses(store, now):
    keep, drop = save(store, an_article("one"), now), save(store, an_article("two"), now)
    with store.write() as tx:
        merge_articles(tx, keep.article_id, drop.article_id, now=now)
    with store.read() as tx:
        assert article_by_url(tx, f"{HOME}/two").id == keep.article_id
        assert count_articles(tx) == 1
        assert changes_after(tx, 0, 10)[-1].kind == "delete"


def test_taken_down_article_leaves_a_tombstone_and_is_not_stored_again(store, now):
    saved = save(store, an_article(), now)
    with store.write() as tx:
        delete_article(tx, saved.article_id, reason="asked", now=now)
    with store.read() as tx:
        assert is_taken_down(tx, f"{HOME}/a?utm_source=feed")
        assert get_article(tx, saved.article_id) is None
        assert changes_after(tx, 0, 10)[-1].kind == "delete"
    assert save(store, an_article(), now).outcome is Outcome.TAKEN_DOWN


def test_deleting_what_is_not_held_says_so(store, now):
    with store.write() as tx, pytest.raises(NotFoundError, match="no article 77"):
        delete_article(tx, 77, reason="", now=now)


def test_text_that_databases_refuse_is_kept_readable(store, now):
    saved = save(store, an_article(title="a\x00b", text="lone \ud800 surrogate\x00"), now)
    with store.read() as tx:
        held = get_article(tx, saved.article_id)
    assert "\x00" not in held.title + held.text
    held.text.encode("utf-8")


def test_newest_articles_come_first_by_the_first_date_there_is(store, now):
    day = timedelta(days=1)
    save(store, an_article("first_seen"), now - 2 * day)
    save(store, an_article("published", published_at=now - day), now)
    updated = DateReading("x", now - 3 * day, "rule")
    save(store, an_article("updated", updated=updated), now)
    with store.read() as tx:
        found = [(article.title, article.sort_by) for article in latest_articles(tx, limit=10)]
    assert found == [
        ("Report published", "published"),
        ("Report first_seen", "first_seen"),
        ("Report updated", "updated"),
    ]


def test_statements_do_not_grow_with_the_number_of_articles(store, now):
    for number in range(30):
        save(store, an_article(str(number)), now)
    counts = []
    for ids in ([1], range(1, 31)):
        before = store.statements
        with store.read() as tx:
            articles_by_id(tx, list(ids), with_text=True)
        counts.append(store.statements - before)
    assert counts[0] == counts[1]
    assert counts[1] <= 9


def test_failed_transaction_leaves_nothing(store, now):
    with pytest.raises(RuntimeError), store.write() as tx:
        save_article(tx, an_article(), page_id=None, run_id=None, now=now)
        raise RuntimeError
    with store.read() as tx:
        assert count_articles(tx) == 0
        assert changes_after(tx, 0, 10) == []


@pytest.mark.parametrize("moment", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_dates_at_the_ends_of_time_are_read_back_in_whatever_zone_a_server_lives(
    moment, database_settings, now, monkeypatch
):
    monkeypatch.setenv("PGTZ", "Asia/Tokyo" if moment.year > 1 else "America/New_York")
    store = open_store(database_settings)
    register(store, now)
    saved = save(store, an_article(published_at=moment), now)
    with store.read() as tx:
        assert get_article(tx, saved.article_id).published.at == moment
    store.close()


def test_id_of_an_imported_line_may_be_long(store, now):
    long = "".join(chr(0x4E00 + number * 7919 % 20000) for number in range(9000))  # what no database can pack small
    saved = save(store, an_article(url=f"urn:watchfloor:wire:{long}", import_id=long), now)
    with store.read() as tx:
        assert get_article(tx, saved.article_id).import_id == long
