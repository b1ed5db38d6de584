"""Completion on the site: its JSON, the same as plain links, and the script beside it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

SCRIPT = Path(__file__).parent.parent.parent / "web" / "static" / "complete.js"


def page(client, **arguments) -> LexborHTMLParser:
    return LexborHTMLParser(client.get("/search", query_string=arguments).get_data(as_text=True))


def test_completions_say_what_they_are_and_where_they_lead(client):
    found = client.get("/api/v1/suggest?q=nor").json
    assert found.keys() == {"query", "suggestions", "completions"}
    country = next(one for one in found["completions"] if one["label"] == "North Korea")
    assert country == {
        "kind": "country",
        "label": "North Korea",
        "about": "Country · 1 article",
        "query": 'country:"North Korea" ',
        "url": "/search?q=country:%22North+Korea%22",
        "articles": 1,
        "language": None,
    }
    assert client.get(country["url"]).status_code == 200


def test_a_story_leads_to_its_page(client):
    story = next(one for one in client.get("/api/v1/suggest?q=ports").json["completions"] if one["kind"] == "story")
    assert (story["query"], story["label"]) == (None, "Ports closed")
    assert client.get(story["url"]).status_code == 200


@pytest.mark.parametrize("query", ["", "%00", "%", "_", "'", "%F0%9F%92%A9", "((((", "a" * 5000, "%22%22", "<b>"])
def test_any_beginning_is_answered(query, client):
    answer = client.get(f"/api/v1/suggest?q={query}")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")


def test_a_short_query_shows_its_completions_as_links(client):
    links = {node.text(): node.attributes["href"] for node in page(client, q="nor").css("nav.begins a")}
    assert links["North Korea"] == "/search?q=country:%22North+Korea%22"
    assert page(client, q="nor").css_first("nav.begins h2").text() == "Begins so"
    assert page(client, q="the ports were").css("nav.begins a") == []
    assert page(client, q="ports", page="2").css("nav.begins a") == []


def test_an_empty_query_shows_what_to_begin_with(client):
    shown = page(client).css_first("nav.begins")
    assert "To begin with" in shown.text()
    assert "Cyber attacks" in shown.text()


@pytest.mark.parametrize(
    ("arguments", "heading"),
    [({"q": "xyzzy qwerty"}, "To begin with"), ({"q": "outlet:gaz xyzzy", "outlet": "herald"}, "To begin with")],
)
def test_an_answer_without_articles_is_no_dead_end(arguments, heading, client):
    shown = page(client, **arguments)
    assert shown.css_first("nav.begins h2").text() == heading
    assert shown.css("nav.begins a")
    away = [node.attributes["href"] for node in shown.css(".empty a")]
    assert away == (["/search?q=outlet:gaz+xyzzy"] if "outlet" in arguments else [])


@pytest.mark.parametrize("path", ["/", "/search?q=ports", "/outlets"])
def test_every_search_box_is_completed(path, client):
    forms = LexborHTMLParser(client.get(path).get_data(as_text=True)).css("form[role=search]")
    assert [form.attributes["data-suggest"] for form in forms] == ["/api/v1/suggest"]


def test_the_script_is_small_and_makes_no_markup_of_texts():
    text = SCRIPT.read_text(encoding="utf-8")
    assert len(text.encode()) <= 10_000
    unwanted = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(|localStorage|cookie\b(?!,)"
    assert re.findall(unwanted, re.sub(r"//.*", "", text)) == []
