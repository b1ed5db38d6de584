"""A small archive with every kind of thing a page shows, hostile texts among them, and the site over it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from index.records import ArticleFlag, DateFlag, DateReading, Role, TraceStep
from index.search.memory_backend import MemoryBackend
from index.store import Store, open_store
from index.store.runs import finish_run, start_run
from index.sync import sync
from tests.factories import HOME, a_link, an_article, register, save
from web import create_app

HOSTILE = "<script>alert(1)</script> \"quoted\" & 'single' \u202e reversed"


@pytest.fixture
def archive(settings, now) -> Iterator[Store]:
    """Three outlets, one fresh, one stale, one never read; six articles."""
    store = open_store(settings)
    register(store, now, "gazette", "herald", "courier")
    with store.write() as tx:
        for name, at in (("gazette", now - timedelta(hours=2)), ("herald", now - timedelta(days=30))):
            run = start_run(tx, name, kind="crawl", now=at, pid=1, host="here")
            finish_run(tx, run.id, state="done", reason="", numbers={}, now=at)
    links = (
        a_link("https://herald.example/ports", "the Herald reports", context="As the Herald reports, ports closed."),
        a_link("https://papers.example/treaty.pdf", "the treaty", Role.SOURCE, context="Under the treaty."),
        a_link("javascript:alert(1)", "trap"),
        a_link("https://elsewhere.example/x", "elsewhere"),
        a_link(f"{HOME}/subscribe", "Subscribe", Role.FURNITURE),
        a_link(None, "Sea Brief", Role.BACKLINK),
        a_link(f"{HOME}/hubs/border", "Border Brief", Role.BACKLINK),
    )
    day = timedelta(days=1)
    save(
        store,
        an_article("ports", "Ports were closed.\n\nShips wait.", title="Ports closed", published_at=now - day),
        now,
    )
    save(
        store,
        an_article(
            "ports",
            "Ports were closed on Friday.\n\nShips wait.",
            title="Ports closed",
            authors=("Ana Ruiz", "Li Wei"),
            published_at=now - day,
            updated=DateReading("Updated 12:00AM Fri", now - day, "rule", (DateFlag.WEEKDAY_CONFLICT,)),
            links=links,
            read_minutes=4,
            trace=(TraceStep("title", "rule", "h1", 1, "Ports  closed", "Ports closed"),),
        ),
        now,
    )
    herald = {"outlet": "herald", "published_at": now - 40 * day}
    save(store, an_article(url="https://herald.example/ports", text="Ports shut, says the minister.", **herald), now)
    save(
        store,
        an_article(
            "hostile",
            f"Sanctions {HOSTILE}\n\nMore {HOSTILE}",
            title=f"Sanctions {HOSTILE}",
            authors=(HOSTILE,),
            flags=(ArticleFlag.PAYWALLED,),
            links=(a_link("https://x.example/?a=<b>", HOSTILE, context=HOSTILE), a_link(None, HOSTILE, Role.BACKLINK)),
            trace=(TraceStep("title", HOSTILE, HOSTILE, 1, HOSTILE, HOSTILE),),
        ),
        now,
    )
    save(store, an_article("fr", "Les sanctions contre le port.", language="fr", published_at=now - 70 * day), now)
    save(
        store, an_article("ar", "العقوبات على الميناء", language="ar", title="عقوبات", published_at=now - 3 * day), now
    )
    save(
        store, an_article("pyongyang", "North Korea fired a missile.", title="Missile", published_at=now - 2 * day), now
    )
    yield store
    store.close()


@pytest.fixture
def backend(settings, archive) -> MemoryBackend:
    """The index of the archive."""
    engine = MemoryBackend(settings=settings.search)
    sync(archive, engine, settings=settings)
    return engine


@pytest.fixture
def app(settings, archive, backend, now) -> Flask:
    """The site."""
    return create_app(settings, archive, backend, clock=lambda: now)


@pytest.fixture
def client(app) -> FlaskClient:
    """A reader without cookies."""
    return app.test_client(use_cookies=True)
