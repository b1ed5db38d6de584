"""The section Related on the article page and in its JSON; the section Origins as a template."""

from __future__ import annotations

import pytest
from flask import render_template_string
from sqlalchemy import delete

from index.store.outlets import outlet_titles
from index.store.story_tables import story_members
from index.stories.related import Reason
from tests.index.store.test_relations import a_story
from web.related import reason_words, story_sections

STORY = 1000


def one_story(archive, now, ids):
    """Put these articles into one story, out of those the site's own sync placed them in."""
    with archive.write() as tx:
        tx.execute(delete(story_members))
    a_story(archive, STORY, now, ids)


def test_article_page_shows_related_with_its_reason(client):
    page = client.get("/articles/2").text
    section = page[page.index('id="related"') : page.index('id="references"')]
    assert "Ports closed" in section
    assert "links to this: “As the Herald reports, ports closed.”" in section


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("story", "same story: Sarn; 7 days apart", "Sarn; 7 days apart"),
        ("story", "same story; 7 days apart", "7 days apart"),
        ("similar", "the same names: Sarn", "Sarn"),
        ("earlier", "earlier story “Two”; the same names: Sarn", "“Two”; the same names: Sarn"),
        ("earlier", "earlier story that this one goes on from", "earlier story that this one goes on from"),
        ("link", "links to this", "links to this"),
    ],
)
def test_a_reason_does_not_say_its_label_twice(kind, text, shown):
    assert reason_words(Reason(kind, text, 0.5)) == shown


def test_article_json_and_api_give_related_with_weights(client):
    for path in ("/articles/2?format=json", "/api/v1/articles/2"):
        [found] = client.get(path).json["related"]
        assert (found["id"], found["outlet"], found["title"]) == (1, "gazette", "Ports closed")
        [reason] = found["reasons"]
        assert reason["kind"] == "link"
        assert 0 < reason["weight"] < 1


def test_an_article_near_nothing_says_so(client):
    assert "Nothing held is related to it." in client.get("/articles/3").text


def test_hostile_titles_are_shown_as_text(client, archive, now):
    one_story(archive, now, [2, 3])
    page = client.get("/articles/2").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_story_sections_show_first_report_chain_and_doubts(app, archive, now):
    one_story(archive, now, [1, 2, 3])
    with archive.read() as tx:
        data, context = story_sections(tx, STORY, now=now)
        titles = outlet_titles(tx)
    assert data["origins"]["outlets"] == 2
    assert data["related"] == []
    template = '{% import "parts.html" as parts with context %}{% include "origins.html" %}{% include "related.html" %}'
    with app.test_request_context():
        page = render_template_string(template, titles=titles, now=now, **context)
    assert "Who had it first" in page
    assert "First report held" in page
    assert '<ol class="chain">' in page
    assert "<script>alert" not in page
