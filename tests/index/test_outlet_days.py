"""How an outlet fared day by day, from judgements and runs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from index.health.records import Health, HealthChange, HealthState
from index.outlet_days import DAYS, LETTERS, days_of, days_shown


def health(state, since):
    return Health("gazette", state, "", "", since, since)


def change(number, at, before, state):
    return HealthChange(number, "gazette", at, state, "", "", before)


def states(days):
    return [day.state for day in days]


def test_thirty_days_end_today(now):
    shown = days_shown(now)
    assert (len(shown), shown[0], shown[-1]) == (DAYS, date(2026, 10, 25), date(2026, 11, 23))


def test_an_outlet_of_which_nothing_is_known_has_dots(now):
    days = days_of("gazette", None, [], {}, now)
    assert {(day.letter, day.told.split(": ")[1]) for day in days} == {("·", "nothing known, no run")}


def test_a_state_holds_from_its_day_on(now):
    days = days_of("gazette", health(HealthState.BROKEN, now - timedelta(days=3)), [], {}, now)
    assert states(days)[-5:] == [None, *[HealthState.BROKEN] * 4]


def test_a_change_tells_the_state_of_the_days_before_it(now):
    changes = [change(1, now - timedelta(days=2), HealthState.DEGRADED, HealthState.HEALTHY)]
    days = days_of("gazette", health(HealthState.HEALTHY, now - timedelta(days=2)), changes, {}, now)
    assert states(days)[0] is HealthState.DEGRADED
    assert states(days)[-3:] == [HealthState.DEGRADED, HealthState.HEALTHY, HealthState.HEALTHY]


def test_the_gravest_state_of_a_day_counts(now):
    changes = [
        change(1, now - timedelta(hours=5), HealthState.HEALTHY, HealthState.BROKEN),
        change(2, now - timedelta(hours=1), HealthState.BROKEN, HealthState.HEALTHY),
    ]
    days = days_of("gazette", health(HealthState.HEALTHY, now - timedelta(hours=1)), changes, {}, now)
    assert states(days)[-2:] == [HealthState.HEALTHY, HealthState.BROKEN]


@pytest.mark.parametrize(
    ("ended", "state"),
    [
        ({"done": 3}, HealthState.HEALTHY),
        ({"done": 1, "failed": 1}, HealthState.DEGRADED),
        ({"failed": 2}, HealthState.BROKEN),
        ({"blocked": 1, "failed": 1}, HealthState.BLOCKED),
        ({"running": 1}, None),
    ],
)
def test_runs_speak_where_nothing_was_judged(now, ended, state):
    assert days_of("gazette", None, [], {("gazette", now.date()): ended}, now)[-1].state is state


def test_a_day_is_told_in_words(now):
    day = days_of("gazette", None, [], {("gazette", now.date()): {"done": 1, "failed": 2}}, now)[-1]
    assert (day.told, day.letter) == ("23 Nov: degraded, 3 runs, 2 of them failed", "D")


def test_every_state_has_a_letter_of_its_own():
    assert set(LETTERS) == set(HealthState)
    assert len(set(LETTERS.values())) == len(LETTERS)
