"""The whole way from what an outlet answers to the message somebody gets: crawls, judgement, sender."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crawler.network.outcomes import Fault
from crawler.notify import Notifier
from index.outcomes import Outcome
from index.store.health import get_health
from tests.crawler.test_notify import Mailbox

NAMES = [f"n{number}" for number in range(12)]


@pytest.fixture
def box():
    return Mailbox()


def hours(driver, archive, box, count, *, fresh=None):
    """Crawl once an hour, each time with something new, and look every few minutes in between."""
    for _ in range(count):
        if fresh is not None:
            driver.outlet.article(name := f"h{next(fresh)}", text=f"Ship {name} left the harbour.\n\n" * 6)
            driver.outlet.feed(name)
        began = driver.now
        driver.crawl()
        for minutes in range(5, 60, 5):
            at = began + timedelta(minutes=minutes)
            Notifier(driver.settings, archive, [box], lambda at=at: at, "one").look()


def test_an_outlet_that_begins_to_refuse_us_is_told_once_and_once_when_it_is_read_again(driver, archive, box):
    fresh = iter(range(1000))
    hours(driver, archive, box, 4, fresh=fresh)
    assert box.subjects == []
    feed = next(url for url in driver.asked if "feed" in url)
    driver.faults[feed] = Fault(Outcome.BLOCKED, "HTTP 403.")
    hours(driver, archive, box, 12)
    with archive.read() as tx:
        assert get_health(tx, "harbour").state == "blocked"
    assert box.subjects == ["harbour is blocked"]
    driver.faults.clear()
    hours(driver, archive, box, 6, fresh=fresh)
    assert box.subjects == ["harbour is blocked", "harbour works again"]
