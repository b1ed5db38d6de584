"""What readers are told of outlets that are read and give no news: on results, outlets, home, and as JSON."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from index.health.records import Health, HealthState
from index.store.health import set_health


@pytest.fixture
def judged(archive, now):
    """The gazette is read, but broken; the herald was not read lately, for it refuses us."""
    with archive.write() as tx:
        set_health(tx, Health("gazette", HealthState.BROKEN, "layout_changed", "For operators.", now, now))
        set_health(tx, Health("herald", HealthState.BLOCKED, "blocked", "For operators.", now, now))
    return archive


def page(client, address):
    return LexborHTMLParser(client.get(address).text)


def test_results_say_who_fails_and_why(judged, client):
    line = page(client, "/search?q=ports").css_first(".coverage").text()
    assert "0 up to date, 3 not" in " ".join(line.split())
    assert "Gazette last read 2 hours ago: its pages changed and are not understood" in line
    assert "Herald last read 1 month ago: it refuses to be read" in line
    assert "What they published since is missing here." in line


def test_results_as_json_have_state_and_reason(judged, client):
    found = client.get("/api/v1/search?q=ports").get_json()["coverage"]
    states = {one["outlet"]: (one["state"], one["reason"]) for one in found}
    assert states["gazette"] == ("failing", "its pages changed and are not understood")
    assert states["courier"] == ("never", "")


def test_one_that_brings_less_is_named_beside(archive, now, client):
    with archive.write() as tx:
        set_health(tx, Health("gazette", HealthState.DEGRADED, "volume_low", "For operators.", now, now))
    line = " ".join(page(client, "/search?q=ports").css_first(".coverage").text().split())
    assert "1 up to date" in line
    assert "Up to date, but not as usual: Gazette (fewer articles come from it than usual)." in line


def test_the_list_of_outlets_says_why(judged, client):
    rows = {row.css_first("th").text(): row for row in page(client, "/outlets").css("tbody tr")}
    assert rows["Gazette"].css_first(".state").text() == "failing"
    assert "its pages changed and are not understood" in rows["Gazette"].text()


def test_the_page_of_an_outlet_says_what_may_be_missing(judged, client):
    shown = page(client, "/outlets/gazette")
    assert shown.css_first("h1 .state").text() == "failing"
    note = shown.css_first(".note").text()
    assert note == "What it published of late may be missing here: its pages changed and are not understood."


def test_the_page_of_a_healthy_outlet_has_no_note(archive, client):
    assert page(client, "/outlets/gazette").css_first(".note") is None


def test_words_for_operators_are_not_shown_to_readers(judged, client):
    for address in (
        "/",
        "/outlets",
        "/outlets/gazette",
        "/search?q=ports",
        "/api/v1/outlets",
        "/api/v1/search?q=ports",
    ):
        assert "For operators" not in client.get(address).text


def test_home_names_the_state(judged, client):
    assert "failing" in page(client, "/").text()
