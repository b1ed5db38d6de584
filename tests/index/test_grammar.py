"""The whole query language through the one search entry: each way to ask, and what it must find."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from index.find import ResultPage, find_articles
from index.search.memory_backend import MemoryBackend
from index.store import Store, open_store
from index.sync import sync
from tests.factories import an_article, register, save

TEXTS = {
    "talks": ("Border talks resume", "Ministers met at the border. The talks went on."),
    "troops": ("U.S. troops leave", "The US said its soldiers left; nobody told us why."),
    "kiev": ("Night in Kiev", "The capital was quiet."),
    "defense": ("Defense budget", "Spending on weapons was organized anew."),
    "fleet": ("Indonesia sends ships", "A convoy of ships passed the strait; sanctions were lifted."),
    "sanctioned": ("Bank named", "The sanctioned bank closed. A safe zone was opened."),
}
DAYS = 40


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Iterator[tuple[Store, MemoryBackend, object]]:
    from datetime import UTC, datetime

    from config.settings import load_settings

    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    settings = load_settings(environ={}, data={"dir": str(tmp_path_factory.mktemp("grammar"))})
    store, backend = open_store(settings), MemoryBackend(settings=settings.search)
    register(store, now, "gazette")
    for age, (name, (title, text)) in enumerate(TEXTS.items()):
        save(store, an_article(name, text, title=title), now - timedelta(days=age * DAYS))
    sync(store, backend, settings=settings)
    yield store, backend, settings
    store.close()


@pytest.fixture
def ask(archive, now):
    store, backend, settings = archive

    def asked(text: str, **given: object) -> ResultPage:
        return find_articles(store, backend, text, settings=settings, now=now, **given)  # type: ignore[arg-type]

    return asked


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("border convoy", {"Border talks resume", "Indonesia sends ships"}),
        ("+border convoy", {"Border talks resume"}),
        ('"the talks"', {"Border talks resume"}),
        ("sanctions -convoy", {"Bank named"}),
        ("convoy OR capital", {"Indonesia sends ships", "Night in Kiev"}),
        ("(convoy OR capital) +quiet", {"Night in Kiev"}),
        ("sanction*", {"Bank named", "Indonesia sends ships"}),
        ('"sanctions"', {"Indonesia sends ships"}),
        ("intitle:ships", {"Indonesia sends ships"}),
        ("US", {"U.S. troops leave"}),
        ("U.S.", {"U.S. troops leave"}),
        ("USA", {"U.S. troops leave"}),
        ('"U S troops"', {"U.S. troops leave"}),
        ("Kyiv", {"Night in Kiev"}),
        ("defence", {"Defense budget"}),
        ("organise", {"Defense budget"}),
        ("Indonesian navy", {"Indonesia sends ships"}),
        ("safezone", {"Bank named"}),
        ("convoi", {"Indonesia sends ships"}),
        ("outlet:gazette capital", {"Night in Kiev"}),
        ("after:2020 capital convoy", {"Night in Kiev", "Indonesia sends ships"}),
        ("outlet:gazette (convoy OR capital) ships", {"Indonesia sends ships", "Night in Kiev"}),
        ("WHAT CONCERNING THE CONVOY INVOLVING THE STRAIT ?", {"Indonesia sends ships"}),
        ('colour:convoy"', {"Indonesia sends ships"}),
    ],
)
def test_each_way_to_ask_finds_what_it_must(query, titles, ask):
    assert {hit.article.title for hit in ask(query).hits} == titles


def test_other_names_are_said_and_can_be_left_out(ask):
    assert "Kiev" in ask("Kyiv").also_searched
    assert (ask("Kyiv", aliases=False).total, ask("Kyiv", aliases=False).also_searched) == (0, ())


def test_what_nothing_meets_is_dropped_and_said_but_not_in_feeds(ask):
    found = ask("+border +moonshine")
    assert (found.total, found.relaxed) == (1, "moonshine")
    assert ask("+border +moonshine", relax=False).total == 0
    assert ask("border before:1990").relaxed == "before:1990-01-01"


def test_a_fresh_article_gains_only_where_nothing_is_sorted_and_no_date_is_asked_for(ask):
    plain = {hit.article.title: hit.score for hit in ask("border talks ships").hits}
    dated = {hit.article.title: hit.score for hit in ask("border talks ships after:2020").hits}
    gains = {title: plain[title] / dated[title] for title in plain}
    assert gains["Border talks resume"] == pytest.approx(1.3, abs=0.01)
    assert gains["Indonesia sends ships"] == pytest.approx(1.0, abs=0.01)
    assert next(hit.article.title for hit in ask("border ships sort:old").hits) == "Indonesia sends ships"


@pytest.mark.parametrize("query", ["zone OR", "((", '"', ":::", "-", "* *", "title:", "\x00", "a" * 4096, "中" * 4000])
def test_any_text_has_an_answer(query, ask):
    assert ask(query).total >= 0


def test_a_chain_that_is_not_compared_whole_is_said(ask):
    assert any("the first 64 parts" in note for note in ask("-".join("ab" for _ in range(90))).notes)
