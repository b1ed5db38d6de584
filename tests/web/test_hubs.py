"""Hubs of outside addresses, what is cited most, links by address, and what readers are told of dead links."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from index.link_states import LinkState
from index.search.memory_backend import MemoryBackend
from index.store import open_store
from index.store.link_checks import record_check
from index.sync import sync
from tests.factories import HOME, a_link, an_article, register, save
from web import create_app

PAPER = "https://treaty.example/text.pdf"
COURT = "https://court.example/ruling"


@pytest.fixture
def client(settings, now):
    """Three articles of two outlets: two cite a paper and a ruling, one of them a page that is gone."""
    store = open_store(settings)
    register(store, now, "gazette", "herald")
    at = datetime(2024, 6, 20, tzinfo=UTC)
    both = (a_link(PAPER, "the treaty", context="As the treaty says."), a_link(COURT, "the ruling"))
    lost = (a_link(f"{HOME}/lost", "an older report"), a_link(f"{HOME}/wished", "wished"))
    save(store, an_article("one", links=(*both, *lost), published_at=at), now)
    wrapped = a_link(f"https://www.google.com/url?q={PAPER}", "text")
    save(
        store,
        an_article(
            url="https://herald.example/two", outlet="herald", title="Two", links=(wrapped, both[1]), published_at=now
        ),
        now,
    )
    lost_article = save(store, an_article("lost", text="What was there."), now)
    with store.write() as tx:
        record_check(tx, f"{HOME}/lost", LinkState.DEAD, now=datetime(2026, 3, 3, tzinfo=UTC), status=404)
        record_check(tx, COURT, LinkState.REDIRECTED, now=at, status=301, leads_to="https://court.example/")
    backend = MemoryBackend()
    sync(store, backend, settings=settings)
    app = create_app(settings, store, backend, clock=lambda: now)
    app.config["LOST"] = lost_article.article_id
    yield app.test_client()
    store.close()


def ask(client, path, **arguments):
    answer = client.get(path, query_string={**arguments, "format": "json"})
    assert answer.status_code == 200, answer.text
    return answer.json


def test_hubs_are_listed_with_their_citers(client):
    found = ask(client, "/hubs")["hubs"]
    assert {(one["url"], one["articles"], one["outlets"]) for one in found} == {(PAPER, 2, 2), (COURT, 2, 2)}
    assert "/hubs?url=https://treaty.example/text.pdf" in client.get("/hubs").text.replace("%3A", ":").replace(
        "%2F", "/"
    )


def test_hub_has_a_page_with_who_links_there_and_what_else_they_cite(client):
    found = ask(client, "/api/v1/hubs", url=PAPER)
    assert [(one["outlet"], one["text"]) for one in found["citing"]] == [("herald", "text"), ("gazette", "the treaty")]
    assert found["citing"][1]["context"] == "As the treaty says."
    assert [(one["url"], one["together"]) for one in found["cited_together"]] == [(COURT, 2)]
    assert found["by_outlet"] == [{"outlet": "gazette", "articles": 1}, {"outlet": "herald", "articles": 1}]
    assert found["stories"] == []  # of one article each: no stories to speak of
    page = client.get("/hubs", query_string={"url": PAPER}).text
    assert "As the treaty says." in page
    assert "2 of 2 articles" in page


def test_hub_says_how_its_address_answered(client):
    assert ask(client, "/hubs", url=COURT)["check"]["state"] == "redirected"
    assert "redirects to" in client.get("/hubs", query_string={"url": COURT}).text


@pytest.mark.parametrize("url", [f"{HOME}/wished", "https://nobody.example/", "", "javascript:alert(1)", "x" * 9000])
def test_address_of_one_article_or_none_has_no_hub(client, url):
    answer = client.get("/hubs", query_string={"url": url})
    assert answer.status_code == 404
    assert "<script>" not in answer.text


def test_page_behind_the_last_is_refused(client):
    assert client.get("/hubs?page=9").status_code == 404
    assert client.get("/hubs", query_string={"url": PAPER, "page": 9}).status_code == 404
    assert client.get("/cited?page=9").status_code == 404


def test_most_cited_of_all_and_of_a_span(client):
    assert {(one["url"], one["articles"]) for one in ask(client, "/cited")["cited"]} == {(PAPER, 2), (COURT, 2)}
    span = ask(client, "/api/v1/cited", after="2024-06", before="2024-07")
    assert (span["articles_read"], span["cut"], span["cited"]) == (1, False, [])
    assert client.get("/cited?after=2024-06-01").status_code == 200


def test_day_that_is_none_is_a_sentence(client):
    answer = client.get("/api/v1/cited?after=yesterday")
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert "after: takes a year" in answer.json["detail"]
    page = client.get("/cited?after=yesterday")
    assert (page.status_code, "after: takes a year" in page.text) == (400, True)


def test_links_by_address_in_both_directions(client):
    to = ask(client, "/api/v1/links", to=PAPER)
    assert [(link["url"], link["meant"]) for link in to["links"]] == [
        (f"https://www.google.com/url?q={PAPER}", PAPER),
        (PAPER, None),
    ]
    out = ask(client, "/api/v1/links", **{"from": f"{HOME}/one"})
    assert [link["url"] for link in out["links"]] == [PAPER, COURT, f"{HOME}/lost", f"{HOME}/wished"]
    assert client.get("/api/v1/links").status_code == 400
    assert client.get("/api/v1/links?from=https://nobody.example/").status_code == 404


def test_dead_link_is_shown_with_our_copy(client):
    links = ask(client, "/articles/1/links")["links"]
    assert links[2]["check"] == {
        "state": "dead",
        "since": "2026-03-03T00:00:00+00:00",
        "checked_at": "2026-03-03T00:00:00+00:00",
        "status": 404,
        "leads_to": None,
    }
    for path in ("/articles/1", "/articles/1/links"):
        page = client.get(path).text
        assert "dead since" in page
        assert f'/articles/{client.application.config["LOST"]}">our copy</a>' in page


def test_wanted_shows_the_command_for_registered_outlets_only(client):
    found = {one["url"]: one["command"] for one in ask(client, "/wanted")["wanted"]}
    assert found == {f"{HOME}/wished": f"watchfloor crawl gazette --url {HOME}/wished", PAPER: None, COURT: None}
    assert f"<code>watchfloor crawl gazette --url {HOME}/wished</code>" in client.get("/wanted").text


def test_near_is_a_field_of_queries(client):
    found = ask(client, "/search", q=f"near:{PAPER}")
    assert {hit["id"] for hit in found["hits"]} == {1, 2, client.application.config["LOST"]}
