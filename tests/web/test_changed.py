"""Headlines of an article, and notices on every page that shows them: citing article, backlinks, the list of all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from selectolax.lexbor import LexborHTMLParser

from index.store.articles import article_by_url
from tests.factories import HOME, a_link, an_article, save
from web.differences import Budget

HOUR = timedelta(hours=1)
CITED = "At least 12 ships left the port on Friday.\n\nThe minister said nothing."
NOW = "At least 14 ships left the port on Friday.\n\nThe minister said nothing.\n\nCorrection: it were 14."


@pytest.fixture
def edited(archive, now) -> tuple[int, int]:
    """The ids of an article that was edited after another, in two of its sentences, cited it."""
    links = (
        a_link(f"{HOME}/fleet", "12 ships", context="A report counts 12 ships."),
        a_link("https://elsewhere.example/x", "other", context="Something else."),
    )
    save(archive, an_article("fleet", CITED, title="12 ships left", published_at=now - 9 * HOUR), now - 8 * HOUR)
    save(archive, an_article("citing", "Many ships left.", published_at=now - 9 * HOUR, links=links), now - 7 * HOUR)
    save(archive, an_article("fleet", NOW, title="14 ships left", published_at=now - 9 * HOUR), now - HOUR)
    with archive.read() as tx:
        return tuple(article_by_url(tx, f"{HOME}/{slug}").id for slug in ("fleet", "citing"))


def page(client, path: str) -> LexborHTMLParser:
    answer = client.get(path)
    assert answer.status_code == 200
    return LexborHTMLParser(answer.get_data(as_text=True))


def test_notice_stands_beside_the_sentence_that_cites(client, edited):
    (item,) = [node for node in page(client, f"/articles/{edited[1]}").css("#references li") if node.css("blockquote")][
        :1
    ]
    note = item.css_first(".edited").text(separator=" ")
    assert "A report counts 12 ships." in item.css_first("blockquote").text()
    assert "Edited after this was cited" in note
    assert "Headline changed; a correction notice was added; 1 paragraph added; 1 paragraph changed" in note
    assert [node.text() for node in item.css("del")] == ["12 "]
    assert [node.text() for node in item.css("ins")] == ["14 ", "Correction: it were 14."]
    assert len(page(client, f"/articles/{edited[1]}").css(".edited")) == 1


def test_notice_is_json(client, edited):
    (notice,) = client.get(f"/api/v1/articles/{edited[1]}").json["changed_after_cited"]
    assert (notice["certain"], notice["cited_revision"], notice["revision"]) == (True, 1, 2)
    assert (notice["from"]["id"], notice["to"]["id"]) == edited[::-1]
    assert {one["kind"] for one in notice["difference"]} == {"changed", "same", "added"}


def test_edit_nobody_can_date_is_said_to_be_uncertain(client, archive, now, edited):
    links = (a_link(f"{HOME}/fleet", context="Later it was said."),)
    at = now - 4 * HOUR
    save(archive, an_article("late", "More ships left.", published_at=at, links=links), now - 3 * HOUR)
    with archive.read() as tx:
        article = article_by_url(tx, f"{HOME}/late").id
    assert "Perhaps edited after this was cited: the edit was made between" in page(
        client, f"/articles/{article}"
    ).css_first(".edited").text(separator=" ")


def test_who_cites_an_earlier_text_is_counted_on_the_backlinks(client, edited):
    shown = page(client, f"/articles/{edited[0]}/backlinks")
    assert "1 article cites an earlier text" in shown.css_first(".summary").text()
    assert "It cites revision 1 of 2." in shown.css_first("main li").text()
    told = client.get(f"/api/v1/articles/{edited[0]}/backlinks").json
    assert told["citing_earlier"] == 1
    assert told["backlinks"][0]["cites_earlier"]["cited_revision"] == 1


def test_newest_edits_of_cited_articles_are_a_list(client, edited):
    (item,) = page(client, "/changed").css("ol.list > li")
    assert "14 ships left" in item.css_first("h2").text()
    assert "1 article cites an earlier text" in item.text()
    (one,) = client.get("/api/v1/changed").json["changed"]
    assert (one["id"], one["citing_earlier"], len(one["notices"])) == (edited[0], 1, 1)
    assert client.get("/changed?page=2").status_code == 404


def test_headlines_are_told_with_their_time(client, edited, now):
    titles = client.get(f"/api/v1/articles/{edited[0]}").json["titles"]
    assert [(one["title"], one["since"], one["revision"]) for one in titles] == [
        ("12 ships left", (now - 8 * HOUR).isoformat(), 1),
        ("14 ships left", (now - HOUR).isoformat(), 2),
    ]
    shown = page(client, f"/articles/{edited[0]}").css("#titles li bdi")
    assert [node.text() for node in shown] == ["14 ships left", "12 ships left"]
    assert page(client, f"/articles/{edited[1]}").css("#titles") == []


def test_revisions_mark_paragraphs_and_words(client, edited):
    shown = page(client, f"/articles/{edited[0]}/revisions")
    assert [node.text() for node in shown.css("del")] == ["12 "]
    first, second = client.get(f"/articles/{edited[0]}/revisions?format=json").json["revisions"][::-1]
    assert first["difference"] is None
    assert [one["kind"] for one in second["difference"]] == ["changed", "same", "added"]


def test_live_report_of_hundreds_of_revisions_is_shown_in_pages(client, archive, now):
    lines = [f"Entry {number} of the day tells of ship {number}." for number in range(120)]
    for number in range(1, 120, 2):
        at = now - (200 - number) * HOUR
        save(archive, an_article("live", "\n\n".join(lines[:number][::-1]), title=f"Live {number}"), at)
    with archive.read() as tx:
        live = article_by_url(tx, f"{HOME}/live").id
    assert len(page(client, f"/articles/{live}/revisions?page=3").css("section.revision")) == 20
    assert len(page(client, f"/articles/{live}").css("#titles li")) == 10
    assert len(client.get(f"/api/v1/articles/{live}").json["titles"]) == 60


def test_texts_too_long_for_one_page_are_not_compared(client, archive, now, monkeypatch):
    monkeypatch.setattr(Budget, "takes", lambda budget, before, after: len(before) + len(after) < 60)
    for number, text in enumerate(("Ports closed.", "Ports closed at noon.", "Ports closed. " * 9)):
        save(archive, an_article("long", text), now + number * HOUR)
    with archive.read() as tx:
        article = article_by_url(tx, f"{HOME}/long").id
    told = client.get(f"/articles/{article}/revisions?format=json").json["revisions"]
    assert [one["difference"] is None for one in told] == [True, False, True]
    assert "too long to be compared here" in page(client, f"/articles/{article}/revisions").text()


def test_budget_of_a_page_is_counted_in_characters():
    budget = Budget(chars=10)
    assert [budget.takes("aaa", "bbb"), budget.takes("aaa", "bbb"), budget.takes("aa", "bb")] == [True, False, True]
