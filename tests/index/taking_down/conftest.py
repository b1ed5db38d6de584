"""An archive with one article that is to go, and one that stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from index.archive import Archive
from index.records import Page, Role
from index.search.opening import open_backend
from index.store import open_store
from index.store.leads import add_leads
from index.store.pages import save_page
from index.sync import sync
from tests.factories import HOME, a_lead, a_link, an_article, register
from tests.keeping import OTHER, SECRET, TITLE, keep


@pytest.fixture
def archive(settings):
    return Archive(settings.warc_dir)


@pytest.fixture
def held(settings):
    store = open_store(settings)
    yield store
    store.close()


@pytest.fixture
def backend(settings):
    found = open_backend(settings)
    yield found
    found.close()


@pytest.fixture
def archived(settings, held, archive, backend, now):
    """Two articles, one of them to go; a feed that names both; a second revision; all indexed."""
    register(held, now, "gazette")
    secret = an_article(
        "secret",
        SECRET,
        title=TITLE,
        authors=("Wilhelmina Plimbus",),
        links=(
            a_link(f"{HOME}/pier", "the zarnithal pier", context="It left the zarnithal pier at dawn."),
            a_link("https://elsewhere.example/treaty", "mukdorian treaty", context="The mukdorian treaty says so."),
            a_link(None, "Skarnholt Border Brief", Role.BACKLINK),
        ),
    )
    pier = an_article(
        "pier",
        OTHER,
        title="Harbour board talks about the pier",
        links=(a_link("https://elsewhere.example/treaty", "a treaty"), a_link(f"{HOME}/secret", "an earlier report")),
    )
    with archive.open_writer("gazette") as writer:
        keep(held, writer, secret, now)
        keep(held, writer, replace(secret, text=SECRET.replace("dawn", "nine")), now + timedelta(hours=1))
        keep(held, writer, pier, now)
        feed = Page(f"{HOME}/feed", f"<rss><item><title>{TITLE}</title></item></rss>".encode(), now)
        position = writer.append(feed)
        with held.write() as tx:
            save_page(tx, feed, digest="f" * 64, warc=position, run_id=None)
            add_leads(tx, [a_lead("secret", title=TITLE), a_lead("pier", title="Pier")], now=now)
    sync(held, backend, settings=settings)
    return archive.folder / position.file
