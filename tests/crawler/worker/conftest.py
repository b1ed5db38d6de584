"""A clock, a stop and a worker for tests of workers."""

from __future__ import annotations

import pytest

from crawler import worker as module
from crawler.worker import Worker


@pytest.fixture
def clock(now):
    class Clock:
        at = now

        def __call__(self):
            return self.at

    return Clock()


@pytest.fixture
def work(store, database_settings, clock, stop, monkeypatch):
    """Make a worker on the store with a fake crawl."""
    monkeypatch.setattr(module, "MOST_BETWEEN_BEATS_S", -1.0)  # a beat at each look

    def make(crawl, settings=database_settings):
        made = Worker(settings, stop, crawl=crawl, clock=clock)
        made._store = store
        return made

    return make
