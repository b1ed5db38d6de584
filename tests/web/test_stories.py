"""The story pages, and what search, home and article pages say of stories and copies."""

from __future__ import annotations

from datetime import timedelta

import pytest
from selectolax.lexbor import LexborHTMLParser

from index.search.memory_backend import MemoryBackend
from index.store import open_store
from index.store.articles import delete_article
from index.store.stories import members_of
from index.store.story_edits import merge_stories, split_story
from index.sync import sync
from tests.factories import register, save
from tests.index.stories.events import OUTLETS, telling, text_of
from web import create_app


@pytest.fixture
def archive(settings, now):
    """Story 1: five tellings, one of them with two copies; story 2: two tellings; story 3: one."""
    store = open_store(settings)
    register(store, now, *OUTLETS)
    hour = timedelta(hours=1)
    for number in range(5):
        save(store, telling(1, number, now - (20 - number) * hour), now)
    wire = text_of(1, 4)
    for number, outlet in ((5, "gazette"), (6, "herald")):
        save(store, telling(1, number, now - (10 - number) * hour, outlet=outlet, text=wire), now)
    for number in range(2):
        save(store, telling(2, number, now - (9 - number) * hour), now)
    save(store, telling(3, 0, now - hour), now)
    yield store
    store.close()


@pytest.fixture
def backend(settings, archive):
    engine = MemoryBackend(settings=settings.search)
    sync(archive, engine, settings=settings)
    return engine


@pytest.fixture
def client(settings, archive, backend, now):
    return create_app(settings, archive, backend, clock=lambda: now).test_client()


def tree(client, path):
    return LexborHTMLParser(client.get(path).get_data(as_text=True))


def test_story_shows_its_articles_by_time_with_copies_folded_and_why(client):
    page = tree(client, "/stories/1")
    assert len(page.css("ol.told > li")) == 5
    assert "Also in 2 outlets" in page.css_first("ol.told details summary").text()
    why = [node.text() for node in page.css("ol.told > li > .why")]
    assert why[0] == "A story began with it: nothing held was like it."
    assert all(one.startswith("Joined: shares the words") for one in why[1:])
    assert "of the shorter text in common with “" in page.css_first("details .why").text()
    assert not any(f"article {number}" in page.css_first("ol.told").text() for number in range(1, 8))
    assert "7 articles" in page.css_first(".summary").text()


def test_story_as_json_and_in_the_api(client):
    found = client.get("/api/v1/stories/1").get_json()
    assert found == client.get("/stories/1?format=json").get_json()
    assert (found["articles"], found["outlets"], found["members_total"]) == (7, 3, 7)
    copies = [one for one in found["members"] if one["copy_of"]]
    assert [one["copy_of"]["id"] for one in copies] == [5, 5]
    assert found["outlet_counts"] == {"gazette": 3, "herald": 3, "courier": 1}


@pytest.mark.parametrize("path", ["/stories/2", "/api/v1/stories/2", "/stories/2?format=json"])
def test_merged_id_leads_to_the_story_it_is_part_of(path, client, archive, now):
    with archive.write() as tx:
        merge_stories(tx, 1, [2], by="ana", note="one event", now=now)
    answer = client.get(path)
    assert answer.status_code == 301
    assert answer.headers["Location"] == path.replace("/2", "/1")
    assert "one event" in tree(client, "/stories/1").css_first("aside").text()


def test_ended_story_is_a_sentence(client, archive, now):
    with archive.write() as tx:
        delete_article(tx, 10, reason="asked for", now=now)
    answer = client.get("/stories/3")
    assert answer.status_code == 404
    assert "Story 3 has ended" in answer.get_data(as_text=True)


def test_list_and_home_show_stories_of_more_than_one_article(client):
    for path in ("/stories", "/"):
        links = [node.attributes["href"] for node in tree(client, path).css("li.item a")]
        assert "/stories/1" in links
        assert "/stories/2" in links
        assert "/stories/3" not in links
    assert client.get("/stories?format=json").get_json()["total"] == 2


def test_article_says_its_story_and_whose_text_it_has(client):
    page = client.get("/articles/6").get_data(as_text=True)
    assert 'href="/stories/1"' in page
    shown = " ".join(LexborHTMLParser(page).css_first("p.also").text().split())
    original = client.get("/articles/5?format=json").json["title"]
    assert shown == f"Has the text of {original} (Herald), as has 1 other article."
    found = client.get("/articles/6?format=json").get_json()
    assert (found["story_id"], found["copies"], found["copy_of"]) == (1, 2, 5)


def test_answer_folds_copies_and_stories_with_honest_counts(client):
    found = client.get("/api/v1/search").get_json()
    assert (found["total"], found["stories_total"], found["folded_of"]) == (10, 3, 10)
    counted = [1 + hit["folded"]["copies_total"] + hit["folded"]["more_in_story"] for hit in found["hits"]]
    assert sum(counted) == 10
    assert len(found["hits"]) == 5
    page = tree(client, "/search")
    assert "10 articles in 3 stories" in page.css_first(".summary").text()
    assert "more found in this story" in page.text()


def test_unfolded_answer_shows_every_article(client):
    found = client.get("/api/v1/search?fold=no").get_json()
    assert (len(found["hits"]), found["stories_total"], found["folded_of"]) == (10, None, None)
    assert "Fold copies and stories" in tree(client, "/search?fold=no").text()


def test_story_asked_for_is_shown_whole(client):
    found = client.get("/api/v1/search?q=story:1").get_json()
    assert (found["total"], len(found["hits"])) == (7, 5)
    assert {hit["story_id"] for hit in found["hits"]} == {1}


def test_story_query_follows_redirects_and_splits(client, archive, now):
    with archive.write() as tx:
        merge_stories(tx, 1, [2], by="", note="", now=now)
    assert client.get("/api/v1/search?q=story:2").get_json()["total"] == 9
    with archive.write() as tx:
        ids = [one.article_id for one in members_of(tx, 1)][:2]
        split_story(tx, 1, ids, by="", note="", now=now)
    assert client.get("/api/v1/search?q=story:4").get_json()["total"] == 2


@pytest.mark.parametrize("query", ["story:77", "story:none", f"story:{10**30}", "story:-1"])
def test_story_that_is_none_is_a_note(query, client):
    found = client.get("/api/v1/search", query_string={"q": query}).get_json()
    assert found["query"]["notes"]


def test_pages_of_folded_hits_are_pieces_of_one_list(settings, archive, backend, now, make_settings):
    few = make_settings(web={"hits_per_page": 2})
    client = create_app(few, archive, backend, clock=lambda: now).test_client()
    pages = [client.get(f"/api/v1/search?page={number}").get_json() for number in (1, 2, 3, 4)]
    ids = [hit["id"] for page in pages for hit in page["hits"]]
    assert [page["pages"] for page in pages] == [3, 3, 3, 3]
    assert len(ids) == len(set(ids)) == 5
    assert pages[3]["query"]["notes"] == ["There are only 3 pages."]


def test_more_articles_than_can_be_folded_are_said(archive, backend, now, make_settings, monkeypatch):
    monkeypatch.setattr("index.find.WINDOW", 4)
    few = make_settings(web={"hits_per_page": 2})
    client = create_app(few, archive, backend, clock=lambda: now).test_client()
    found = client.get("/api/v1/search").get_json()
    assert (found["total"], found["folded_of"], found["stories_total"]) == (10, 4, None)
    assert "Folded here are the 4 articles" in client.get("/search").get_data(as_text=True)


def test_a_long_story_has_pages_and_each_original_stands_on_one_with_its_copies(client, monkeypatch):
    monkeypatch.setattr("web.stories.MEMBERS_PAGE", 2)
    pages = [client.get(f"/stories/1?page={page}&format=json").get_json() for page in (1, 2, 3)]
    assert [len(page["members"]) for page in pages] == [2, 2, 3]
    assert {page["members_total"] for page in pages} == {7}
    assert len({one["id"] for page in pages for one in page["members"]}) == 7
    assert client.get("/stories/1?page=4").status_code == 404
    assert tree(client, "/stories/1?page=2").css_first("a[rel=next]") is not None
    assert tree(client, "/stories/1?page=3").css_first("a[rel=next]") is None


def test_many_copies_are_cut_and_counted(client, monkeypatch):
    monkeypatch.setattr("web.stories.COPIES_SHOWN", 1)
    details = tree(client, "/stories/1").css_first("ol.told details")
    assert "2 copies" in details.css_first("summary").text()
    assert "and 1 more copy" in details.text()
