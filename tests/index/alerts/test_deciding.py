"""When a trouble is told: after it lasted, once, and once more when it is over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from index.alerts.deciding import GIVE_UP_AFTER, decide, next_try
from index.alerts.records import Said, Troubles
from tests.index.alerts.making import a_trouble, an_alert, terms

MINUTE = timedelta(minutes=1)


def one_step(alerts, troubles, at, **other):
    (step,) = decide(alerts, Troubles(tuple(troubles), **other), terms(), at)
    return step


def test_a_trouble_seen_for_the_first_time_waits_for_the_settling_time(now):
    step = one_step([], [a_trouble(since=now)], now)
    assert (step.tell, step.alert.id, step.alert.first_at, step.alert.settled_at) == (None, 0, now, None)


def test_a_trouble_that_has_lasted_already_is_told_at_first_sight(now):
    step = one_step([], [a_trouble(since=now - 10 * MINUTE)], now)
    assert (step.tell, step.alert.settled_at) == (Said.BEGAN, now)


@pytest.mark.parametrize(("minutes", "told"), [(9, None), (10, Said.BEGAN)])
def test_it_is_told_when_it_has_lasted_long_enough_and_no_sooner(minutes, told, now):
    assert one_step([an_alert(now)], [a_trouble(since=now)], now + minutes * MINUTE).tell is told


def test_a_cause_that_changes_does_not_begin_the_settling_anew(now):
    later = a_trouble(since=now + 8 * MINUTE, state="blocked")
    step = one_step([an_alert(now)], [later], now + 10 * MINUTE)
    assert (step.tell, step.alert.first_at, step.alert.state) == (Said.BEGAN, now, "blocked")


def test_one_that_is_gone_before_it_was_told_is_forgotten(now):
    step = one_step([an_alert(now)], [], now + 5 * MINUTE)
    assert (step.forget, step.tell) == (True, None)


def test_its_end_is_told_when_it_has_been_gone_for_the_settling_time(now):
    told = an_alert(now, settled_at=now)
    first = one_step([told], [], now + MINUTE)
    assert (first.tell, first.alert.cleared_at, first.alert.ended_at) == (None, now + MINUTE, None)
    last = one_step([first.alert], [], now + 11 * MINUTE)
    assert (last.tell, last.alert.cleared_at, last.alert.ended_at) == (Said.OVER, now + MINUTE, now + 11 * MINUTE)


def test_one_that_comes_back_before_its_end_was_told_has_not_ended(now):
    gone = an_alert(now, settled_at=now, cleared_at=now + MINUTE)
    step = one_step([gone], [a_trouble(since=now + 3 * MINUTE)], now + 5 * MINUTE)
    assert (step.alert.cleared_at, step.alert.ended_at, step.tell) == (None, None, Said.BEGAN)


def test_one_that_comes_and_goes_is_told_as_such(now):
    told = an_alert(now, settled_at=now)
    assert one_step([told], [a_trouble(since=now, flapping=True)], now + MINUTE).tell is Said.FLAPPING


def test_what_is_part_of_a_storm_is_held_back(now):
    step = one_step([an_alert(now)], [a_trouble(since=now, held=True)], now + timedelta(hours=3))
    assert (step.tell, step.alert.settled_at, step.forget) == (None, None, False)


def test_an_outlet_that_is_paused_ends_its_alert_without_a_word(now):
    step = one_step([an_alert(now, settled_at=now)], [], now + MINUTE, silent=frozenset({"outlet:gazette"}))
    assert (step.tell, step.quiet, step.alert.ended_at) == (None, True, now + MINUTE)


def test_of_what_nothing_is_known_nothing_is_decided(now):
    troubles = Troubles(unsure=frozenset({"outlet:gazette"}))
    assert decide([an_alert(now, settled_at=now)], troubles, terms(), now + timedelta(hours=9)) == ()


def test_tries_are_further_and_further_apart_up_to_an_hour(now):
    waits = [next_try(attempt, now, now) - now for attempt in range(1, 9)]
    assert [round(wait / MINUTE) for wait in waits] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_message_that_no_server_took_for_days_is_given_up(now):
    assert next_try(50, now - GIVE_UP_AFTER - MINUTE, now) is None


@pytest.mark.parametrize(("state", "goes_on"), [("broken", True), ("blocked", True), ("stale", False)])
def test_one_that_was_told_goes_on_while_it_is_degraded(state, goes_on, now):
    told = an_alert(now, settled_at=now, state=state)
    step = one_step([told], [], now + MINUTE, lingering=(a_trouble(since=now, state="degraded"),))
    assert ((step.alert.cleared_at is None), step.alert.state) == (goes_on, state)


def test_one_that_is_no_more_than_degraded_for_a_day_is_over_and_not_as_usual(now):
    told = an_alert(now, settled_at=now)
    still = a_trouble(since=now, state="degraded", sentence="Few come.")
    first = one_step([told], [], now + 24 * 60 * MINUTE, lingering=(still,))
    last = one_step([first.alert], [], now + (24 * 60 + 10) * MINUTE, lingering=(still,))
    assert (last.tell, last.alert.state, last.alert.sentence) == (Said.OVER, "improved", "Few come.")


def test_one_that_was_not_told_is_forgotten_when_it_is_degraded(now):
    step = one_step([an_alert(now)], [], now + MINUTE, lingering=(a_trouble(since=now, state="degraded"),))
    assert (step.forget, step.tell) == (True, None)


def test_degraded_alone_is_nothing_that_is_told(now):
    assert decide([], Troubles(lingering=(a_trouble(since=now, state="degraded"),)), terms(), now) == ()


def test_what_to_do_is_kept_with_the_sentence(now):
    step = one_step([], [a_trouble(since=now, advice="Mend it.")], now)
    assert step.alert.sentence == "Its pages have another layout. To do: Mend it."
