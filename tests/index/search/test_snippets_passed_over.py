"""Words of a text that cannot match are not read for a snippet; what is marked stays the same."""

from __future__ import annotations

import random

import pytest

from config.settings import load_settings
from index.search import snippets
from index.search.query_parser import parse

LIMITS = load_settings(environ={}).search
TEXT = (
    "The U.S. and O'Neill spoke of a cease-fire, of Iran's skies and of l'Iran; ministers were dying to re-elect the "
    "co-operating café owners, who don't lie. USA today: organisations' colours, Kyiv-based NATO troops' 2nd and 3rd "
    "reports (un)said “early” news_items, naïve Ceasefire talks, WHO is who, it's IT. Müller, e.g. Đinđić, tying ties."
)


@pytest.mark.parametrize("language", ["en", "", "de", "fr"])
def test_marks_are_those_of_a_text_that_is_read_whole(language, monkeypatch):
    dice = random.Random(7)
    words = [word.strip(".,;:()“”") for word in TEXT.split()] + [
        "ceasefire",
        "sky",
        "organization",
        "color",
        "die",
        "tie",
    ]
    passed_over = snippets._beginnings
    marked = 0
    for _ in range(200):
        typed = " OR ".join(dice.choice(words) + dice.choice(["", "", "*"]) for _ in range(dice.randint(1, 3)))
        root = parse(typed, limits=LIMITS).root
        monkeypatch.setattr(snippets, "_beginnings", lambda wanted, language: None)
        whole = snippets.marked_html(TEXT, root, language)
        monkeypatch.setattr(snippets, "_beginnings", passed_over)
        assert snippets.marked_html(TEXT, root, language) == whole, typed
        marked += "<mark>" in whole
    assert marked > 100


def test_most_words_of_a_text_are_not_read(monkeypatch):
    read: list[str] = []
    really = snippets.reader_of
    monkeypatch.setattr(
        snippets, "reader_of", lambda text, language: lambda chunk: read.append(chunk) or really(text, language)(chunk)
    )
    text = "Ministers of the coalition left the harbour before the talks on the strait began again. " * 3
    assert "<mark>harbour</mark>" in snippets.snippet_html(text, parse("harbour", limits=LIMITS).root, "en")
    assert read == ["harbour"]
