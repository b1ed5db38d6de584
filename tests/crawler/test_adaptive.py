"""When articles held are due to be looked at again, as far as an adaptive schedule goes by it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.when import parse_when
from crawler.adaptive import WANTED, until_looks, wait_of
from index.outcomes import Outcome
from index.revisits import Pace, Watched
from index.schedules import Schedule, adaptive_wait
from index.store.leads import add_leads, finish_lead
from index.store.runs import start_run
from tests.factories import HOME, a_lead, an_article, register, save

HOUR = timedelta(hours=1)
PACE = Pace(fresh=timedelta(minutes=30), live=timedelta(minutes=10), until=timedelta(days=30))


def watched(now, number, *, age, seen):
    return Watched(number, f"https://gazette.example/{number}", str(number), now - age, now - seen)


def test_a_run_is_worth_it_when_as_many_articles_are_due_as_new_ones_would_be_wanted(now):
    held = [watched(now, number, age=(4 + number) * HOUR, seen=HOUR) for number in range(5)]
    # Seen after 3, 4, 5, 6, 7 hours of quiet, an hour ago: due in 2, 3, 4, 5, 6.
    assert until_looks(held, PACE, now) == (WANTED + 1) * HOUR


def test_what_is_due_now_is_seen_by_the_run_that_begins_and_waits_from_there(now):
    held = [watched(now, number, age=4 * HOUR, seen=3 * HOUR) for number in range(WANTED)]
    assert until_looks(held, PACE, now) == 4 * HOUR


def test_too_few_articles_call_for_no_run_of_their_own(now):
    assert until_looks([watched(now, 1, age=HOUR, seen=HOUR)] * (WANTED - 1), PACE, now) is None


def test_articles_that_are_never_looked_at_again_do_not_count(now):
    assert until_looks([watched(now, 1, age=40 * 24 * HOUR, seen=HOUR)] * 9, PACE, now) is None


@pytest.mark.parametrize(
    ("articles", "look_in", "hours"),
    [
        (0, None, 6),  # nothing written, nothing to see: the longest
        (0, 2 * HOUR, 2),
        (252, 5 * HOUR, 2),  # three in two hours come first
        (252, timedelta(minutes=1), 0.5),  # never under the shortest
        (0, 9 * HOUR, 6),
    ],
)
def test_the_sooner_of_writing_and_looking_again_counts_within_bounds(articles, look_in, hours):
    between = (timedelta(minutes=30), 6 * HOUR)
    assert adaptive_wait(articles, timedelta(days=7), between, look_in=look_in) == hours * HOUR


def test_a_schedule_that_is_not_adaptive_has_no_such_interval(store, now):
    assert wait_of(store, Schedule("gazette", parse_when("every 30m"), since=now), now, PACE) is None


def test_fresh_articles_of_an_outlet_that_fell_silent_bring_its_next_run_forward(store, now):
    register(store, now)
    plan = Schedule("gazette", parse_when("adaptive 10m-12h"), since=now)
    with store.write() as tx:
        run = start_run(tx, "gazette", kind="crawl", now=now, pid=1, host="here")
    for slug in ("one", "two", "three"):
        save(store, an_article(slug, f"Ship {slug} left harbour for the strait.", published_at=now - HOUR), now)
        with store.write() as tx:
            add_leads(tx, [a_lead(slug)], now=now)
            finish_lead(tx, f"{HOME}/{slug}", outcome=Outcome.NEW, detail="", run_id=run.id, now=now)
    writes_only, looks_too = wait_of(store, plan, now, None), wait_of(store, plan, now, PACE)
    assert (writes_only, looks_too) == (12 * HOUR, HOUR)  # left alone for an hour, so seen again in one
