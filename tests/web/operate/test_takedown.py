"""Taking down, splitting and merging by the pages: what is shown first, what is asked, what may be taken back."""

from __future__ import annotations

import threading
import time

import pytest

from config.errors import StorageFullError
from index.store.articles import article_by_url
from index.store.audit import list_acts
from index.store.jobs import list_jobs
from index.store.stories import stories_of_articles
from index.store.takedowns import list_takedowns, tombstone_of
from index.stories.rebuilding import rebuild_stories
from index.taking_down import take_down
from tests.factories import HOME, a_link, an_article, save

STORM = "The storm reached the northern harbour of Skarn at noon, and ferries to Brell were called off until Friday."
GRAIN = "Wheat farmers of the southern plain sold their barley for less than last year, said the millers' guild."
TITLES = {"a": "Storm reaches Skarn", "b": "Storm at Skarn stops ferries", "c": "Barley is cheap again"}


@pytest.fixture
def articles(store, now):
    """Two articles of one story, one that is its own, and what they link to; their ids by slug."""
    links = (a_link(f"{HOME}/missing", "a report"),)
    texts = {"a": STORM, "b": STORM.replace("at noon", "in the afternoon"), "c": GRAIN}
    for slug, text in texts.items():
        save(store, an_article(slug, text, title=TITLES[slug], links=links, published_at=now), now)
    rebuild_stories(store)
    with store.read() as tx:
        return {slug: article_by_url(tx, f"{HOME}/{slug}").id for slug in texts}


def story_of(store, article_id):
    with store.read() as tx:
        return stories_of_articles(tx, [article_id])[article_id]


def test_what_would_go_is_shown_first_and_nothing_is_removed(admin, store, articles):
    page = admin.get(f"/operate/takedown?url={HOME}/a")
    assert "This would be removed: 1 revision, 1 page, 1 link" in page.text
    assert f"Type <strong>{articles['a']}</strong> to confirm" in page.text
    with store.read() as tx:
        assert article_by_url(tx, f"{HOME}/a") is not None


@pytest.mark.parametrize("typed", ["", "0", "yes"])
def test_without_its_number_typed_nothing_is_removed(admin, store, articles, typed):
    answer = admin.post("/operate/takedown", {"url": f"{HOME}/a", "confirm": typed})
    assert answer.status_code == 400
    assert "Nothing was removed" in answer.text
    with store.read() as tx:
        assert article_by_url(tx, f"{HOME}/a") is not None


def test_confirmed_it_is_removed_told_and_logged(admin, store, articles):
    confirm = str(articles["a"])
    answer = admin.post("/operate/takedown", {"url": f"{HOME}/a", "confirm": confirm, "reason": "A court's order"})
    assert answer.status_code == 303
    assert "It is removed, and its addresses are barred." in admin.get(answer.headers["Location"]).text
    with store.read() as tx:
        assert article_by_url(tx, f"{HOME}/a") is None
        assert next((one.by, one.act, one.subject) for one in list_acts(tx)) == ("ada", "took down", f"{HOME}/a")
    assert admin.get(f"/articles/{confirm}").status_code == 410


def test_one_that_takes_longer_than_a_page_waits_goes_on_beside_it(admin, app, store, articles, monkeypatch):
    go_on, calls = threading.Event(), []

    def slow(*given, **named):
        calls.append(given[3])
        assert go_on.wait(30)
        return take_down(*given, **named)

    monkeypatch.setattr("web.operate.takedown.take_down", slow)
    removing = app.extensions["watchfloor"].removing
    removing.wait_s = 0.05
    wish = {"url": f"{HOME}/a", "confirm": str(articles["a"])}
    answer = admin.post("/operate/takedown", wish)
    assert answer.headers["Location"] == "/operate/takedown?done=taking_down"
    page = admin.get(answer.headers["Location"]).text
    assert "It is being removed" in page
    assert "<h2>Under way</h2>" in page
    again = admin.post("/operate/takedown", wish, headers={"Accept": "application/json"})
    assert (again.status_code, again.json["under_way"]) == (202, True)
    go_on.set()
    for _ in range(600):
        if not removing.under_way():
            break
        time.sleep(0.05)
    assert calls[0] == f"{HOME}/a"
    assert len(calls) == 1
    assert removing.under_way() == []
    with store.read() as tx:
        assert article_by_url(tx, f"{HOME}/a") is None


def test_a_takedown_that_fails_is_told_and_logged(admin, app, articles, monkeypatch, caplog):
    def failing(*_, **__):
        raise StorageFullError("the disk is full")

    monkeypatch.setattr("web.operate.takedown.take_down", failing)
    answer = admin.post("/operate/takedown", {"url": f"{HOME}/a", "confirm": str(articles["a"])})
    assert answer.status_code == 503
    assert app.extensions["watchfloor"].removing.under_way() == []
    assert any(one.cause == "the disk is full" for one in caplog.records if one.name == "web.removing")


def test_an_address_nobody_holds_is_barred_by_its_word(admin, store):
    assert admin.post("/operate/takedown", {"url": f"{HOME}/never", "confirm": "bar"}).status_code == 303
    with store.read() as tx:
        assert tombstone_of(tx, url=f"{HOME}/never") is not None


def test_what_is_no_address_is_refused_in_words(admin):
    assert "is no address" in admin.get("/operate/takedown?url=nonsense").text


def test_lifting_asks_first_and_brings_nothing_back(admin, store, articles):
    admin.post("/operate/takedown", {"url": f"{HOME}/a", "confirm": str(articles["a"])})
    with store.read() as tx:
        number = list_takedowns(tx)[0].id
    assert "Nothing comes back by itself." in admin.get(f"/operate/takedown/{number}/lift").text
    admin.post(f"/operate/takedown/{number}/lift")
    with store.read() as tx:
        assert tombstone_of(tx, url=f"{HOME}/a") is None
        assert article_by_url(tx, f"{HOME}/a") is None
    assert admin.get(f"/operate/takedown/{number}/lift").status_code == 404


def test_the_link_is_shown_to_admins_alone(admin, operator, app, articles):
    path = f"/articles/{articles['a']}"
    assert "Take this article down" in admin.get(path).text
    assert "Take this article down" not in operator.get(path).text
    assert "Take this article down" not in app.test_client().get(path).text


def test_a_wanted_page_is_crawled_by_its_button(operator, app, store, articles):
    page = operator.get("/wanted").text
    assert f'name="url" value="{HOME}/missing"' in page
    assert "Crawl this" not in app.test_client().get("/wanted").text
    operator.post("/operate/jobs", {"outlet": "gazette", "url": f"{HOME}/missing"})
    with store.read() as tx:
        assert f"{HOME}/missing" in [job.wish.url for job in list_jobs(tx)]


def test_a_story_is_split_after_asking_and_merged_back(operator, store, articles):
    a, b = articles["a"], articles["b"]
    old = story_of(store, a)
    assert story_of(store, b) == old
    asked = operator.get(f"/operate/stories/{old}/split?article={b}")
    assert "1 article leaves the story for a new one" in asked.text
    done = operator.post(f"/operate/stories/{old}/split?article={b}")
    new = story_of(store, b)
    assert new != old
    page = operator.get(done.headers["Location"]).text
    assert f"Merge it back into story {old}" in page
    operator.post(f"/operate/stories/{old}/merge?with={new}")
    assert story_of(store, b) == old


def test_stories_are_merged_after_asking_and_taken_apart_again(operator, store, articles):
    a, c = articles["a"], articles["c"]
    one, other = story_of(store, a), story_of(store, c)
    assert TITLES["c"] in operator.get(f"/operate/stories/{one}/merge?with={other}").text
    done = operator.post(f"/operate/stories/{one}/merge?with={other}")
    assert story_of(store, c) == one
    assert "Split 1 article off again" in operator.get(done.headers["Location"]).text
    operator.post(f"/operate/stories/{one}/split?article={c}")
    assert story_of(store, c) != one


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("split", "Choose the articles that are to leave"),
        ("merge", "Write the number of the other story"),
        ("merge?with=999999", "There is no story"),
    ],
)
def test_a_wrong_choice_is_refused_in_words(operator, store, articles, path, told):
    answer = operator.get(f"/operate/stories/{story_of(store, articles['a'])}/{path}")
    assert answer.status_code in (400, 404)
    assert told in answer.text


def test_the_trace_tells_that_the_raw_page_was_removed(operator, store, articles, now):
    from sqlalchemy import update

    from index.store.tables import pages

    with store.write() as tx:
        tx.execute(update(pages).values(raw_removed_at=now))
    assert "its raw record was removed on" in operator.get(f"/articles/{articles['a']}/trace").text


def test_what_was_done_to_stories_is_in_the_audit_log(operator, store, articles):
    old = story_of(store, articles["a"])
    operator.post(f"/operate/stories/{old}/split?article={articles['b']}")
    with store.read() as tx:
        assert next((one.by, one.act) for one in list_acts(tx)) == ("olga", "split the story")
