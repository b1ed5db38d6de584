"""Pages of an article that was taken down: they say so, with when and why, and that is 410."""

from __future__ import annotations

import pytest

from index.store.articles import article_by_url
from index.taking_down import take_down
from tests.factories import HOME


@pytest.fixture
def gone(archive, client, settings, now):
    with archive.read() as tx:
        article_id = article_by_url(tx, f"{HOME}/ports").id
    from index.search.memory_backend import MemoryBackend

    take_down(archive, MemoryBackend(), settings, f"{HOME}/ports", by="ann", reason="A court's order.", now=now)
    return article_id


@pytest.mark.parametrize("page", ["", "/revisions", "/links", "/backlinks", "/trace"])
def test_every_page_of_it_answers_410(client, gone, page):
    answer = client.get(f"/articles/{gone}{page}")
    assert answer.status_code == 410
    assert "was taken down on 23 November 2026 at 12:00 UTC" in answer.text
    assert "A court&#39;s order" in answer.text


def test_the_api_answers_410_as_problem_json(client, gone):
    answer = client.get(f"/api/v1/articles/{gone}")
    assert (answer.status_code, answer.content_type) == (410, "application/problem+json")
    assert f"{HOME}/ports was taken down" in answer.get_json()["detail"]


def test_a_number_nobody_had_is_still_404(client, gone):
    assert client.get("/articles/999").status_code == 404
