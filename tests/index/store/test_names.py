"""The names in all articles, each once: counted as articles come, change and go, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select

from index.records import Role
from index.store import Store
from index.store.articles import delete_article
from index.store.names import hottest_names, names_beginning, names_with, topics_beginning
from index.store.schema import downgrade, upgrade
from index.store.story_tables import article_names, name_words, names
from index.store.subjects import save_subjects
from index.subjects.values import NameFound, Subjects
from tests.factories import a_link, an_article, register, save

PERSONS = ("person",)


def name(store: Store, article_id: int, *slugs: str) -> None:
    """Say whom an article names, as the follower does."""
    found = tuple(NameFound("person", slug, slug.replace("-", " ").title(), 2) for slug in slugs)
    with store.write() as tx:
        save_subjects(tx, {article_id: Subjects((), found)})


@pytest.fixture
def archive(store: Store, now: datetime) -> Store:
    """Four articles: two of today, one of forty days ago, one of the year 9999."""
    register(store, now)
    dates = (now, now, now - timedelta(days=40), datetime(9999, 12, 31, tzinfo=now.tzinfo))
    for number, at in enumerate(dates, start=1):
        save(store, an_article(f"a{number}", f"Text {number}.", published_at=at), now)
    return store


def held(store: Store) -> dict[str, int]:
    with store.read() as tx:
        return {row.slug: row.articles for row in tx.execute(select(names))}


def beginning(store: Store, *keys: str) -> list[str]:
    with store.read() as tx:
        return list(dict.fromkeys(one.slug for one in names_beginning(tx, keys, kinds=PERSONS, limit=10)))


def test_names_are_counted_as_articles_come_change_and_go(archive, now):
    name(archive, 1, "anna-berg", "li-wei")
    name(archive, 2, "anna-berg")
    assert held(archive) == {"anna-berg": 2, "li-wei": 1}
    name(archive, 1, "anna-berg", "ola-nord")
    name(archive, 1, "anna-berg", "ola-nord")
    assert held(archive) == {"anna-berg": 2, "ola-nord": 1}
    with archive.write() as tx:
        delete_article(tx, 1, reason="asked", now=now)
    assert held(archive) == {"anna-berg": 1}
    with archive.read() as tx:
        assert set(tx.execute(select(name_words.c.word)).scalars()) == {"anna berg", "berg"}


def test_a_name_is_found_by_the_beginning_of_any_of_its_words(archive):
    name(archive, 1, "anna-berg", "bergen-lund", "émile-zola")
    assert sorted(beginning(archive, "berg")) == ["anna-berg", "bergen-lund"]
    assert beginning(archive, "anna b") == ["anna-berg"]
    assert beginning(archive, "emi") == ["émile-zola"]
    assert beginning(archive, "erg") == []
    assert beginning(archive, "%", "_", "\x1f", "'") == []


def test_fresh_and_frequent_names_come_first_and_a_date_to_come_is_no_heat(archive):
    name(archive, 1, "berg-often", "berg-once")
    name(archive, 2, "berg-often")
    name(archive, 3, "berg-old")
    name(archive, 4, "berg-future", "berg-once")
    assert beginning(archive, "berg") == ["berg-often", "berg-once", "berg-future", "berg-old"]
    with archive.read() as tx:
        hottest = [one.slug for one in hottest_names(tx, kinds=PERSONS, least=2, limit=9)]
    assert hottest == ["berg-often", "berg-once"]


def test_statements_of_a_batch_do_not_grow_with_its_articles(archive):
    def statements(articles: int, turn: str) -> int:
        found = {
            article_id: Subjects((), (NameFound("person", f"{turn}-{article_id}", f"{turn} {article_id}", 1),))
            for article_id in range(1, articles + 1)
        }
        before = archive.statements
        with archive.write() as tx:
            save_subjects(tx, found)
        return archive.statements - before

    statements(4, "first")
    assert statements(4, "second") == statements(2, "third")


def test_an_older_archive_counts_its_names_once(archive, now):
    name(archive, 1, "anna-berg")
    name(archive, 3, "anna-berg", "li-wei")

    def everything() -> tuple[list[object], list[object]]:
        with archive.read() as tx:
            counted = [
                (*tuple(row)[:4], round(row.heat, 6)) for row in tx.execute(select(names).order_by(names.c.slug))
            ]
            words = [tuple(row) for row in tx.execute(select(name_words).order_by(name_words.c.word))]
        return counted, words

    kept = everything()
    assert len(kept[0]) == 2
    downgrade(archive._engine, "0005")
    upgrade(archive._engine)
    assert everything() == kept


def test_topics_of_outlets_are_found_by_their_beginning(archive, now):
    for number in (5, 6):
        links = (a_link(None, "Strait Brief", Role.BACKLINK), a_link(None, f"Strait {number}", Role.BACKLINK))
        save(archive, an_article(f"a{number}", "Ships.", links=links), now)
    with archive.read() as tx:
        found = [(one.slug, one.citers) for one in topics_beginning(tx, "strait", limit=9)]
        assert topics_beginning(tx, "brief", limit=9) == []
    assert found == [("strait-brief", 2), ("strait-5", 1), ("strait-6", 1)]


def test_a_name_that_lost_its_row_is_no_fault(archive):
    with archive.write() as tx:
        tx.execute(insert(article_names).values(article_id=1, kind="person", slug="x", label="X", mentions=1))
        save_subjects(tx, {1: Subjects((), ())})
    assert held(archive) == {}


@pytest.mark.parametrize(
    ("key", "slugs"),
    [
        ("berg", ["anna-berg"]),
        ("anna", ["anna-berg", "anna-maria-lund"]),
        ("maria lund", ["anna-maria-lund"]),
        ("anna berg", ["anna-berg"]),
        ("ber", []),
        ("anna lund", []),
        ("bergen", ["bergen-lund"]),
    ],
)
def test_names_that_have_words_whole_and_side_by_side(key, slugs, archive):
    name(archive, 1, "anna-berg", "bergen-lund")
    name(archive, 3, "anna-maria-lund")
    with archive.read() as tx:
        assert [one.slug for one in names_with(tx, "person", key, limit=9)] == slugs
        assert names_with(tx, "place", key, limit=9) == []
