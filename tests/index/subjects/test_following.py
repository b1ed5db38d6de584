"""The follower of topics and names: what it keeps, and the change it appends when rules or texts say otherwise."""

from __future__ import annotations

import pytest

from index.find import Filters, find_articles
from index.following import follow
from index.search.opening import open_backend
from index.store.articles import delete_article
from index.store.changes import documents_for, last_change
from index.store.subjects import articles_of_topic, count_by_topic, names_of, topic_slugs, topics_with_evidence
from index.subjects.following import SubjectsFollower
from index.sync import sync, verify
from tests.factories import an_article, register, save

OWN = """
needed = 1.0
strong = 2.0
plain = 1.0
weak = 0.5
against_each = 1.0
in_title = 3.0
in_lead = 1.5
lead_chars = 400
each_further = 0.25
most_times = 5
long_words = 350
[topics.ports]
label = "Ports"
about = "All about ports."
strong.en = ["harbour*"]
"""


@pytest.fixture
def article_id(store, now):
    register(store, now)
    article = an_article("a", "Israel shelled the port after the ceasefire.", title="Airstrike on Gaza harbour")
    return save(store, article, now).article_id


def test_topics_and_names_are_kept_with_evidence(store, settings, now, article_id):
    follow(store, [SubjectsFollower(settings)], now=now)
    with store.read() as tx:
        ((topic, why),) = topics_with_evidence(tx, article_id)
        assert (topic, why["words"][0]["where"]) == ("war", "title")
        assert topic_slugs(tx, [article_id]) == {article_id: ("security", "war")}
        assert ("country", "il") in {(name.kind, name.slug) for name in names_of(tx, article_id)}
        assert count_by_topic(tx) == {"security": 1, "war": 1}
        assert [found.id for found in articles_of_topic(tx, "war", limit=5)] == [article_id]
        (document,) = documents_for(tx, [article_id])
        assert "war" in document.topics
        assert ("place", "gaza") in document.names


def test_a_first_reading_appends_no_change(store, settings, now, article_id):
    with store.read() as tx:
        before = last_change(tx)
    follow(store, [SubjectsFollower(settings)], now=now)
    with store.read() as tx:
        assert last_change(tx) == before


def test_new_rules_append_one_change_for_each_article_that_differs_and_end(
    store, make_settings, settings, now, tmp_path, article_id
):
    other = save(store, an_article("b", "Nothing of it.", title="Weather"), now).article_id
    follow(store, [SubjectsFollower(settings)], now=now)
    file = tmp_path / "own.toml"
    file.write_text(OWN, encoding="utf-8")
    changed = make_settings(subjects={"topics_file": str(file)})
    with store.read() as tx:
        before = last_change(tx)
    follow(store, [SubjectsFollower(changed)], now=now)
    with store.read() as tx:
        assert last_change(tx) == before + 1
        assert topic_slugs(tx, [article_id, other]) == {article_id: ("ports", "security")}
    follow(store, [SubjectsFollower(changed)], now=now)
    with store.read() as tx:
        assert last_change(tx) == before + 1


def test_the_index_follows_new_rules(store, make_settings, settings, now, tmp_path, article_id):
    backend = open_backend(settings)
    sync(store, backend, settings=settings)
    file = tmp_path / "own.toml"
    file.write_text(OWN, encoding="utf-8")
    changed = make_settings(subjects={"topics_file": str(file)})
    sync(store, backend, settings=changed)
    found = find_articles(store, backend, "topic:ports", settings=changed, now=now)
    assert [hit.article.id for hit in found.hits] == [article_id]
    assert find_articles(store, backend, "topic:war", settings=changed, now=now, relax=False).total == 0
    assert verify(store, backend).equal
    backend.close()


@pytest.mark.parametrize(
    "query", ["country:il", "country:Israel", "country:Израиль", 'country:"إسرائيل"', "place:gaza"]
)
def test_an_article_is_found_by_what_it_names(store, settings, now, article_id, query):
    backend = open_backend(settings)
    sync(store, backend, settings=settings)
    found = find_articles(store, backend, query, settings=settings, now=now)
    assert (found.relaxed, [hit.article.id for hit in found.hits]) == (None, [article_id])
    assert dict(found.facets["country"])["il"] == 1
    filtered = find_articles(
        store, backend, "", settings=settings, now=now, filters=Filters(names={"country": ("Israel",)})
    )
    assert filtered.total == 1
    backend.close()


def test_a_name_that_no_article_has_is_said(store, settings, now, article_id):
    backend = open_backend(settings)
    sync(store, backend, settings=settings)
    notes = find_articles(store, backend, "person:nobody", settings=settings, now=now).notes
    assert "No article held names the person nobody." in notes
    notes = find_articles(store, backend, "country:atlantis", settings=settings, now=now).notes
    assert any("'atlantis'" in note for note in notes)
    backend.close()


def test_rows_go_with_the_article(store, settings, now, article_id):
    follow(store, [SubjectsFollower(settings)], now=now)
    with store.write() as tx:
        delete_article(tx, article_id, reason="asked", now=now)
    follow(store, [SubjectsFollower(settings)], now=now)
    with store.read() as tx:
        assert count_by_topic(tx) == {}
        assert names_of(tx, article_id) == []
