"""What each page asks of the database, on both: a bounded number of statements, whatever it shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from config.settings import Settings
from index.records import Role
from index.search.memory_backend import MemoryBackend
from index.store import Store
from index.sync import sync
from tests.factories import HOME, a_link, an_article, register, save
from web import create_app

PAPER = "https://papers.example/treaty.pdf"
OUTLETS = ("gazette", "herald", "courier")
MOST_STATEMENTS = 40
PAGES = (
    "/",
    "/search?q=ports",
    "/api/v1/suggest?q=por",
    "/api/v1/suggest?q=",
    f"/search?q=links:{PAPER}",
    "/articles/1",
    "/articles/1/revisions",
    "/articles/1/links",
    "/articles/1/backlinks",
    "/articles/1/trace",
    "/stories",
    "/stories/1",
    "/outlets",
    "/outlets/gazette",
    "/topics",
    "/topics/sea-brief",
    "/hubs",
    f"/hubs?url={PAPER}",
    "/cited",
    "/cited?after=2026-01",
    "/wanted",
    "/changed",
    f"/api/v1/links?to={PAPER}",
    f"/api/v1/links?from={HOME}/first",
    "/readyz",
)


def fill(store: Store, now: datetime, numbers: range) -> None:
    """Store articles of one event on three outlets that cite the first, a paper and each other."""
    for number in numbers:
        outlet = OUTLETS[number % 3]
        links = (
            a_link(f"{HOME}/first", "first", context="As the Gazette said."),
            a_link(PAPER, "the treaty", Role.SOURCE),
            a_link(f"https://away.example/{number % 7}", "away"),
            a_link(None, "Sea Brief", Role.BACKLINK),
        )
        text = f"Ports of Osten were closed on Friday, the minister Anna Berg said. Ships wait, report {number}."
        at = now - timedelta(hours=number)
        article = an_article(url=f"https://{outlet}.example/{number}", text=text, outlet=outlet, published_at=at)
        save(store, replace(article, title=f"Ports of Osten closed, {number}", links=links), now)


@pytest.fixture
def statements(store: Store, make_settings: Callable[..., Settings], now: datetime) -> Callable[[], dict[str, int]]:
    """Bring the index up to date, ask every page, and count what each asks the database."""
    settings = make_settings()
    engine = MemoryBackend(settings=settings.search)
    client = create_app(settings, store, engine, clock=lambda: now).test_client()

    def count() -> dict[str, int]:
        sync(store, engine, settings=settings)
        found = {}
        for page in PAGES:
            as_json = client.get(page, headers={"Accept": "application/json"})
            assert (as_json.status_code, as_json.mimetype) == (200, "application/json"), page
            before = store.statements
            answer = client.get(page)
            assert answer.status_code == 200, page
            found[page] = store.statements - before
        return found

    return count


def test_statements_of_every_page_are_bounded_and_do_not_grow(store, statements, now):
    register(store, now, *OUTLETS)
    first = an_article("first", "Ports of Osten were closed.", title="Ports of Osten closed", published_at=now)
    save(store, first, now)
    fill(store, now, range(1, 6))
    edited = replace(first, text="Ports of Osten were closed, and opened again on Sunday by the minister.")
    save(store, edited, now + timedelta(hours=1))
    few = statements()
    fill(store, now, range(6, 40))
    many = statements()
    assert {page: (few[page], many[page]) for page in PAGES if many[page] > few[page]} == {}
    assert {page: number for page, number in many.items() if number > MOST_STATEMENTS} == {}
