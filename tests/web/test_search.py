"""The search page: every state is an address, and what was changed, cut or missing is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser

from index.store.articles import delete_article
from index.sync import sync
from tests.factories import an_article, save
from web.site import EXTENSION


def search(client, **arguments):
    return client.get("/api/v1/search", query_string=arguments).json


def page(client, **arguments) -> LexborHTMLParser:
    return LexborHTMLParser(client.get("/search", query_string=arguments).get_data(as_text=True))


def test_answer_has_the_shape_of_the_contract(client):
    found = search(client, q="ports")
    assert {"query", "total", "stories_total", "took_ms", "relaxed", "coverage", "facets", "hits"} <= found.keys()
    assert found["query"].keys() == {"text", "parsed", "notes"}
    assert {"outlet", "state", "last_success_at", "reason"} == found["coverage"][0].keys()
    expected = {
        *("id", "url", "title", "outlet", "authors", "published_at", "snippet_html", "story_id", "copies", "cites"),
        *("cited_by", "score"),
    }
    assert expected <= found["hits"][0].keys()


def test_empty_query_shows_everything(client):
    assert search(client)["total"] == 6


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        ({"q": "ports"}, {1, 2, 4}),
        ({"q": "ports", "outlet": "herald"}, {2}),
        ({"outlet": ["herald", "gazette"], "q": "closed"}, {1}),
        ({"q": "sanctions", "language": "fr"}, {4}),
        ({"author": "Li Wei"}, {1}),
        ({"topic": "sea-brief"}, {1}),
        ({"after": "2026-11-20"}, {1, 3, 5, 6}),
        ({"before": "2026-10-15"}, {2, 4}),
        ({"after": "2026-10", "before": "2026-11"}, {2}),
        ({"q": "links:https://herald.example/ports"}, {1}),
        ({"q": "linkedfrom:https://gazette.example/ports"}, {2}),
        ({"q": "outlet:herald.example ports"}, {2}),
        ({"q": '"says the minister"'}, {2}),
    ],
)
def test_filters_and_fields(arguments, ids, client):
    found = search(client, **arguments)
    assert found["relaxed"] is None
    assert {hit["id"] for hit in found["hits"]} >= ids if arguments == {"q": "ports"} else True
    if arguments != {"q": "ports"}:
        assert {hit["id"] for hit in found["hits"]} == ids


def test_sorts(client):
    newest = [hit["sort_at"] for hit in search(client, sort="newest")["hits"]]
    assert newest == sorted(newest, reverse=True)
    oldest = [hit["sort_at"] for hit in search(client, sort="oldest")["hits"]]
    assert oldest == sorted(oldest)


def test_snippet_marks_what_matched_and_nothing_else_is_markup(client):
    hit = next(hit for hit in search(client, q="sanctions")["hits"] if hit["id"] == 3)
    assert "<mark>Sanctions</mark>" in hit["snippet_html"]
    assert "<script" not in hit["snippet_html"]
    tags = {node.tag for node in LexborHTMLParser(hit["snippet_html"]).css("body *")}
    assert tags == {"mark"}


def test_facet_adds_its_value_and_takes_it_away_again(client):
    shown = page(client, q="ports")
    link = next(node for node in shown.css("aside a") if "outlet=herald" in node.attributes["href"])
    narrowed = LexborHTMLParser(client.get(link.attributes["href"]).get_data(as_text=True))
    assert narrowed.css_first("aside a.chosen") is not None
    chip = narrowed.css_first("ul.chips a")
    assert "Outlet: Herald" in chip.text()
    assert "outlet=" not in chip.attributes["href"]


def test_coverage_names_what_was_not_read(client):
    line = page(client, q="ports").css_first(".coverage").text()
    assert "3 outlets searched" in line
    assert "Herald" in line
    assert "last read 1 month ago" in line
    assert "never read" in line
    states = {one["outlet"]: one["state"] for one in search(client, q="ports")["coverage"]}
    assert states == {"gazette": "fresh", "herald": "stale", "courier": "never"}


def test_coverage_of_one_outlet_is_that_outlet(client):
    assert [one["outlet"] for one in search(client, q="ports", outlet="herald")["coverage"]] == ["herald"]


def test_other_names_are_searched_said_and_switchable(client):
    found = search(client, q="DPRK")
    assert [hit["id"] for hit in found["hits"]] == [6]
    assert "North Korea" in found["also_searched"]
    assert "Only as typed" in page(client, q="DPRK").text()
    typed = search(client, q="DPRK", aliases="off")
    assert (typed["total"], typed["also_searched"]) == (0, [])


def test_slip_is_answered_with_what_may_be_meant(client):
    found = search(client, q="sanctoins")
    assert found["did_you_mean"] == "sanctions"
    assert "Did you mean" in page(client, q="sanctoins").text()


def test_rarest_demand_is_dropped_and_said_when_nothing_has_all(client):
    found = search(client, q="+minister +ports +pineapple")
    assert found["relaxed"] == "pineapple"
    assert {hit["id"] for hit in found["hits"]} == {2}
    assert "found without" in page(client, q="+minister +ports +pineapple").text()


@pytest.mark.parametrize("value", ["abc", "-1", "0", "99999999999999999999", "1e9", "²"])
def test_page_number_that_is_none_counts_as_one(value, client):
    assert search(client, q="ports", page=value)["page"] in (1, 10_000)


def test_page_behind_the_last_says_how_many_there_are(client):
    assert any("only 1 page" in note for note in search(client, q="ports", page=7)["query"]["notes"])


def test_date_that_is_none_is_a_note_on_the_page_and_a_400_in_the_api(client):
    assert "is no date" in page(client, q="ports", after="yesterday").text()
    answer = client.get("/api/v1/search?q=ports&before=2024-13-45")
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


def test_date_that_is_none_is_a_note_in_the_json_of_the_page(client):
    found = client.get("/search?q=ports&after=yesterday&format=json").json
    assert any("is no date" in note for note in found["query"]["notes"])


@pytest.mark.parametrize("query", ["x " * 3000, "(" * 12 + "a" + ")" * 12])
def test_only_a_query_too_large_is_refused_with_a_sentence(query, client):
    answer = client.get("/search", query_string={"q": query})
    assert answer.status_code == 400
    assert LexborHTMLParser(answer.get_data(as_text=True)).css_first("[role=status]").text().strip().endswith(".")


@pytest.mark.parametrize(
    "query",
    ['"', '"""', "((", "a:b:c", "-", "+", "OR", "OR OR", "*", "before:", "links:", "\x00", "%", "<b>", "\ud800x"],
)
def test_any_other_text_is_answered(query, client):
    path = client.application.test_request_context
    with path():
        answer = client.get("/search", query_string={"q": query.encode("utf-8", "replace").decode()})
    assert answer.status_code == 200


def test_hit_that_left_the_archive_is_left_out_and_said(client, archive, now):
    with archive.write() as tx:
        delete_article(tx, 2, reason="asked", now=now)
    found = search(client, q="minister")
    assert found["hits"] == []
    assert any("removed since" in note for note in found["query"]["notes"])


def test_months_are_links_that_narrow(client):
    bars = page(client, q="").css("figure.months a")
    assert len(bars) >= 2
    assert "after=2026-" in bars[0].attributes["href"]


def test_suggestions_complete_the_last_word(client):
    assert client.get("/api/v1/suggest?q=por").json["suggestions"] == ["ports"]
    assert client.get("/api/v1/suggest?q=").json["suggestions"] == []


def test_hits_without_snippets_read_no_text(archive, backend, settings, now):
    from index.find import find_articles

    found = find_articles(archive, backend, "ports", settings=settings, now=now, snippets=False)
    assert found.total >= 2
    assert {hit.snippet_html for hit in found.hits} == {""}


def test_next_search_keeps_every_choice(client):
    shown = page(client, q="DPRK", aliases="off", outlet="gazette", after="2026-01", sort="newest")
    form = shown.css_first("form.search")
    held = {node.attributes["name"]: node.attributes["value"] for node in form.css("input[name]")}
    assert held == {"q": "DPRK", "aliases": "off", "outlet": "gazette", "after": "2026-01-01", "before": ""}
    assert form.css_first("option[selected]").attributes["value"] == "newest"


def test_hits_of_a_later_page_are_counted_on(app, client, settings):
    few = settings.web.model_copy(update={"hits_per_page": 2})
    site = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = replace(site, settings=settings.model_copy(update={"web": few}))
    assert page(client, page="2").css_first("ol.list").attributes["start"] == "3"


def test_placeholder_dates_do_not_press_the_months_together(client, archive, backend, settings, now):
    for year in (1, 9999):
        moment = datetime(year, 12, 1, tzinfo=UTC)
        save(archive, an_article(f"year{year}", f"Ports of the year {year}.", published_at=moment), now)
    sync(archive, backend, settings=settings)
    chart = page(client).css_first("figure.months")
    assert "2026-11" in chart.text()
    assert "9999" not in chart.text()
    assert "0001" not in chart.text()


def test_hit_is_shown_in_the_direction_of_its_language(client):
    hits = page(client, language="ar").css("li.hit")
    assert [(hit.css_first("h2").attributes["dir"], hit.css_first(".snippet").attributes["dir"]) for hit in hits] == [
        ("rtl", "rtl")
    ]


def test_what_the_query_demands_is_shown_as_it_was_read_and_can_be_taken_away(client):
    shown = page(client, q="ports +Friday -“ships wait” lang:english sort:new", outlet="gazette")
    chips = {node.css_first("bdi").text(): node.attributes["href"] for node in shown.css("ul.chips a")}
    assert list(chips) == ["+Friday", "lang:en", '-"ships wait"', "Outlet: Gazette"]
    assert chips["lang:en"] == "/search?q=%2BFriday+ports+-%22ships+wait%22+sort%3Anew&outlet=gazette"
    assert page(client, q="ports closed").css("ul.chips a") == []
    assert page(client, q='"ports"').css_first("ul.chips a").attributes["href"] == "/search"
