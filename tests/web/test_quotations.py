"""The quotations of an article on its page and in its JSON."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from index.search.memory_backend import MemoryBackend
from index.sync import sync
from tests.factories import an_article, save
from web import create_app

TEXT = (
    'Mayor Anna Berg said: "The <b>bridge</b> is closed."\n\n'
    "Officials said it was old. Anna Berg said a new one would come.\n\n"
)


@pytest.fixture
def page(archive, settings, now):
    def read(text, *, as_json=False):
        article_id = save(archive, an_article("quoted", text), now).article_id
        backend = MemoryBackend(settings=settings.search)
        sync(archive, backend, settings=settings)
        client = create_app(settings, archive, backend, clock=lambda: now).test_client()
        if as_json:
            return client.get(f"/api/v1/articles/{article_id}").json
        return LexborHTMLParser(client.get(f"/articles/{article_id}").text)

    return read


def test_speakers_come_in_the_order_of_the_text_each_once(page):
    shown = [node.text(strip=True) for node in page(TEXT).css("#quotations h3")]
    assert shown == ["Anna BergMayor", "Officialsnot named"]


def test_a_speaker_leads_to_all_articles_that_quote_him(page):
    (link,) = page(TEXT).css("#quotations h3 a")
    assert link.attributes["href"] == "/search?q=said:%22Anna+Berg%22"


def test_quoted_markup_is_text(page):
    assert page(TEXT).css_first("#quotations blockquote").text() == "“The <b>bridge</b> is closed.”"


def test_json_has_every_quotation(page):
    found = page(TEXT, as_json=True)["quotations"]
    assert [(one["speaker"], one["quote"]) for one in found] == [
        ("Anna Berg", "The <b>bridge</b> is closed."),
        (None, None),
        ("Anna Berg", None),
    ]
    assert found[1] == {
        "position": 1,
        "speaker": None,
        "role": "Officials",
        "verb": "said",
        "quote": None,
        "sentence": "Officials said it was old.",
    }


def test_an_article_without_quotations_has_no_such_part(page):
    assert page("It rained on the bridge.").css("#quotations") == []


def test_many_quotations_are_cut_and_counted(page):
    shown = page("Anna Berg said it was closed.\n\n" * 30)
    assert len(shown.css("#quotations li")) == 24
    assert "6 more quotations" in shown.css_first("#quotations").text()
