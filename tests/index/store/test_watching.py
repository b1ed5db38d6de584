"""Which articles may be looked at again and what is known of them, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from index.outcomes import Outcome
from index.records import ArticleFlag, LeadState
from index.store.leads import add_leads, finish_lead, get_lead
from index.store.runs import start_run
from index.store.watching import look_again, watched_articles
from tests.factories import HOME, a_lead, an_article, register, save

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _outlet(store, now):
    register(store, now)


def crawled(store, article, now, *, outcome=Outcome.NEW, lead="a"):
    """Save an article and end the lead it came from."""
    saved = save(store, article, now)
    with store.write() as tx:
        run = start_run(tx, f"run{now.timestamp()}", kind="crawl", now=now, pid=1, host="here")
        add_leads(tx, [a_lead(lead)], now=now)
        finish_lead(tx, f"{HOME}/{lead}", outcome=outcome, detail="", run_id=run.id, now=now)
    return saved


def watched(store, since):
    with store.read() as tx:
        return watched_articles(tx, "gazette", since=since)


def test_what_decides_is_read(store, now):
    at = now - DAY
    flags = (ArticleFlag.LIVE, ArticleFlag.PAYWALLED)
    crawled(store, an_article(published_at=at), now)
    crawled(store, an_article(text="Edited.", published_at=at, flags=flags), now + DAY)
    (one,) = watched(store, now - 2 * DAY)
    assert (one.url, one.begun_at, one.fetched_at) == (f"{HOME}/a", at, now + DAY)
    assert (one.revisions, one.changed_at, one.is_live, one.is_stub) == (2, now + DAY, True, True)


def test_article_without_a_lead_and_one_whose_lead_gave_none_are_left_alone(store, now):
    save(store, an_article("imported"), now)
    crawled(store, an_article("gone"), now, outcome=Outcome.GONE, lead="gone")
    assert watched(store, now - DAY) == []


def test_old_article_is_left_alone_until_it_is_edited(store, now):
    old = now - 90 * DAY
    crawled(store, an_article(published_at=old), old)
    assert watched(store, now - 30 * DAY) == []
    crawled(store, an_article(text="Edited.", published_at=old), now)
    assert len(watched(store, now - 30 * DAY)) == 1


def test_leads_wait_again(store, now):
    crawled(store, an_article(), now)
    with store.write() as tx:
        keys = [one.key for one in watched_articles(tx, "gazette", since=now - DAY)]
        assert (look_again(tx, keys), look_again(tx, keys)) == (1, 0)
        assert get_lead(tx, f"{HOME}/a").state is LeadState.WAITING
