"""The clock of the database, and how it is told between two looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from index.store import clock as module
from index.store.clock import MEASURED_EVERY_S, DatabaseClock, database_now


class Monotonic:
    at = 1000.0

    def __call__(self):
        return self.at


@pytest.fixture
def monotonic():
    return Monotonic()


@pytest.fixture
def said(now, monkeypatch):
    """What the database says, in order, and how often it was asked."""
    answers = [now, now + timedelta(hours=5)]
    monkeypatch.setattr(module, "database_now", lambda _store: answers.pop(0))
    return answers


def test_the_database_tells_an_aware_instant_of_now(store):
    at = database_now(store)
    assert at.tzinfo is UTC
    assert abs(at - datetime.now(UTC)) < timedelta(seconds=30)  # one machine, so one clock


def test_before_the_first_look_the_clock_is_the_local_one():
    assert abs(DatabaseClock()() - datetime.now(UTC)) < timedelta(seconds=30)


def test_between_two_looks_time_goes_on_whatever_the_local_clock_says(said, now, monotonic):
    clock = DatabaseClock(monotonic=monotonic)
    clock.measure(None)
    monotonic.at += 7.5
    assert clock() == now + timedelta(seconds=7.5)


def test_the_database_is_asked_again_only_when_the_last_look_is_old(said, now, monotonic):
    clock = DatabaseClock(monotonic=monotonic)
    clock.measure(None)
    monotonic.at += MEASURED_EVERY_S - 1
    clock.measure(None)
    assert len(said) == 1
    monotonic.at += 1
    clock.measure(None)
    assert said == []
    assert clock() == now + timedelta(hours=5)


@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_a_clock_that_was_set_is_noticed_for_a_while(hours, now, monotonic, monkeypatch):
    answers = [now, now + timedelta(seconds=MEASURED_EVERY_S + 0.5, hours=hours)]
    monkeypatch.setattr(module, "database_now", lambda _store: answers.pop(0))
    clock = DatabaseClock(monotonic=monotonic)
    clock.measure(None)
    monotonic.at += MEASURED_EVERY_S
    clock.measure(None)
    assert answers == []
    monotonic.at += 99
    assert clock.was_set(within_s=100) is (hours != 0)
    monotonic.at += 1
    assert clock.was_set(within_s=100) is False
