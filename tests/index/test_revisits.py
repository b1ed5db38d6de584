"""When an article is looked at again: the rule as a table, and what comes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from index.revisits import Pace, Watched, due, next_look

T = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PACE = Pace(fresh=timedelta(minutes=30), live=timedelta(minutes=10), until=timedelta(days=30))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def an_age(quiet: timedelta, **other: object) -> Watched:
    """An article published at T and last seen after `quiet`."""
    return replace(Watched(1, "https://x.example/a", "x.example/a", T, T + quiet), **other)


@pytest.mark.parametrize(
    ("watched", "wait"),
    [
        (an_age(0 * HOUR), 30 * MINUTE),
        (an_age(-HOUR), 30 * MINUTE),  # a clock that went wrong
        (an_age(10 * MINUTE), 30 * MINUTE),
        (an_age(HOUR), HOUR),
        (an_age(DAY), DAY),
        (an_age(10 * DAY), 10 * DAY),
        (an_age(14 * DAY), 14 * DAY),
        (an_age(15 * DAY), None),
        (an_age(30 * DAY), None),
        (an_age(900 * DAY), None),
        (an_age(DAY, revisions=2, changed_at=T + DAY), 30 * MINUTE),
        (an_age(DAY, revisions=2, changed_at=T + 20 * HOUR), 4 * HOUR),
        (an_age(40 * DAY, revisions=2, changed_at=T + 39 * DAY), DAY),
        (an_age(40 * DAY, revisions=2, changed_at=T + 5 * DAY), None),
        (an_age(DAY, revisions=3, changed_at=T), 12 * HOUR),
        (an_age(0 * HOUR, is_live=True), 10 * MINUTE),
        (an_age(8 * HOUR, is_live=True), 2 * HOUR),
        (an_age(3 * DAY, is_live=True), 3 * DAY),  # ended long ago
        (an_age(9 * DAY, is_live=True, revisions=500, changed_at=T + 9 * DAY), 10 * MINUTE),
        (an_age(HOUR, is_stub=True), 2 * HOUR),
    ],
)
def test_wait(watched, wait):
    assert next_look(watched, PACE) == (None if wait is None else watched.fetched_at + wait)


def test_article_nobody_edits_is_looked_at_eleven_times_in_its_life():
    watched, looks = an_age(0 * HOUR), 0
    while (at := next_look(watched, PACE)) is not None:
        assert at > watched.fetched_at
        watched, looks = replace(watched, fetched_at=at), looks + 1
    assert looks == 11


def test_most_overdue_for_its_pace_comes_first_and_what_is_not_due_not_at_all():
    old = replace(an_age(7 * DAY), key="old", fetched_at=T - 8 * DAY, begun_at=T - 15 * DAY)
    fresh = replace(an_age(0 * HOUR), key="fresh", fetched_at=T - 2 * HOUR, begun_at=T - 2 * HOUR)
    later = replace(fresh, key="later", fetched_at=T - MINUTE)
    assert [one.key for one in due([old, later, fresh], PACE, now=T)] == ["fresh", "old"]


def test_equals_come_in_the_order_of_their_addresses():
    keys = ["c", "a", "b"]
    assert [one.key for one in due([an_age(HOUR, key=key) for key in keys], PACE, now=T + 5 * HOUR)] == sorted(keys)
