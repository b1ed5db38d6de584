"""Topics and names on the pages: the home page and search limited to them, an article's own, and why."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from index.sync import sync
from tests.factories import an_article, save
from web.site import EXTENSION


@pytest.fixture
def article_id(client, archive, settings, now) -> int:
    text = (
        "Israel shelled <b>Gaza</b> after a trade war.\n\nForeign Minister Ana Tarkova and NATO called for a ceasefire."
    )
    found = save(archive, an_article("strike", text, title="Airstrike on Gaza, fired from an F-35"), now)
    sync(archive, client.application.extensions[EXTENSION].backend, settings=settings)
    return found.article_id


def page(client, address: str, **arguments) -> LexborHTMLParser:
    answer = client.get(address, query_string=arguments)
    assert answer.status_code == 200
    return LexborHTMLParser(answer.get_data(as_text=True))


def test_an_article_shows_its_topics_with_the_words_that_decided(client, article_id):
    panel = page(client, f"/articles/{article_id}").css_first("#subjects")
    shown = panel.text()
    assert "War and fighting" in shown
    assert "Airstrike in the headline" in " ".join(shown.split())
    assert "Left out of account: trade war" in " ".join(shown.split())
    links = {link.text(): link.attributes["href"] for link in panel.css("a")}
    assert links["Israel"] == "/search?country=il"
    assert links["Ana Tarkova"] == "/search?person=ana-tarkova"
    assert links["NATO"] == "/search?org=nato"
    assert links["F-35"] == "/search?q=weapon:f-35"


def test_an_article_without_any_shows_no_panel(client):
    assert page(client, "/articles/1").css_first("#subjects") is None


def test_article_json_has_topics_and_names(client, article_id):
    found = client.get(f"/api/v1/articles/{article_id}").json
    assert found["security_topics"][0]["topic"] == "war"
    assert {"slug": "il", "label": "Israel", "mentions": 1} in found["names"]["country"]


def test_home_is_limited_to_a_topic(client, article_id):
    titles = [link.text() for link in page(client, "/", topic="war").css("ol.list h3 a")]
    assert titles == ["Airstrike on Gaza, fired from an F-35"]
    assert client.get("/?topic=war&format=json").json["topic"] == "war"
    assert len(page(client, "/").css("ol.list h3 a")) > 1


def test_home_limited_to_a_topic_shows_the_stories_with_an_article_on_it(client, archive, article_id, settings, now):
    strike, ferry = "The army gave no number of those it hit. ", "Boats will leave Sarn each morning at seven. "
    for slug, title, said in (("again", "Second airstrike on Gaza", strike), ("once", "Ferry timetable", ferry)):
        text = said * 12
        for outlet in ("gazette", "herald"):
            save(
                archive, an_article(slug, text, title=title, outlet=outlet, url=f"https://{outlet}.example/{slug}"), now
            )
    sync(archive, client.application.extensions[EXTENSION].backend, settings=settings)
    titles = [one["title"] for one in client.get("/?topic=war&format=json").json["stories"]]
    assert titles == ["Second airstrike on Gaza"]
    assert "Ferry timetable" in [one["title"] for one in client.get("/?format=json").json["stories"]]


def test_a_topic_that_nobody_has_is_said(client, article_id):
    answer = client.get("/?topic=gardening")
    assert answer.status_code == 404
    assert "There is no security topic" in answer.get_data(as_text=True)


def test_topic_page_lists_its_articles(client, article_id):
    found = page(client, "/topics/war")
    assert [link.text() for link in found.css("ol.list h2 a")] == ["Airstrike on Gaza, fired from an F-35"]
    assert client.get("/topics/war?format=json").json["articles"] == 1


def test_security_is_every_topic_together(client, article_id):
    found = client.get("/topics/security?format=json").json
    assert {"Airstrike on Gaza, fired from an F-35", "عقوبات"} <= {one["title"] for one in found["latest"]}


def test_topic_page_without_articles_says_so(client, article_id):
    assert "No article held is about this" in page(client, "/topics/cyber").text()


def test_topics_show_how_many_articles_each_has(client, article_id):
    assert client.get("/topics?format=json").json["security"]["war"] == 1


@pytest.mark.parametrize(
    "arguments",
    [{"country": "Israël"}, {"country": "il"}, {"person": "ana-tarkova"}, {"org": "NATO"}, {"place": "gaza"}],
)
def test_search_is_narrowed_by_names(client, article_id, arguments):
    found = client.get("/api/v1/search", query_string=arguments).json
    assert [hit["id"] for hit in found["hits"]] == [article_id]


def test_search_shows_names_as_facets_by_their_labels(client, article_id):
    shown = page(client, "/search").css_first("aside").text()
    assert [
        word for word in ("Country", "Israel", "Person", "Ana Tarkova", "War and fighting") if word not in shown
    ] == []


def test_a_country_that_is_none_is_said(client, article_id):
    assert client.get("/api/v1/search?country=atlantis").status_code == 400
    assert "is no country" in page(client, "/search", country="atlantis").text()
