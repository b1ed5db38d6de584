"""Many outlets that break at once are one trouble; a few, or many one after the other, are not."""

from __future__ import annotations

from datetime import timedelta

from index.alerts.records import AlertKind, Facts
from index.alerts.storms import STORM, with_storm
from index.alerts.troubles import troubles_of
from index.health.records import HealthState
from tests.index.alerts.making import an_alert, outlet_facts, terms

MINUTE = timedelta(minutes=1)


def weather(outlets, at, alerts=()):
    troubles = troubles_of(Facts(tuple(outlets)), terms(), at)
    return {one.key: one for one in with_storm(troubles, outlets, alerts, terms(), at).found}


def broken(now, names, **other):
    return [outlet_facts(name, HealthState.BROKEN, now + number * MINUTE, **other) for number, name in enumerate(names)]


def test_most_of_those_asked_since_the_first_broke_make_a_storm(now):
    outlets = [*broken(now, "abcde"), outlet_facts("z", HealthState.HEALTHY, now, asked_at=now + MINUTE)]
    found = weather(outlets, now + 5 * MINUTE)
    assert found[STORM].sentence.startswith("5 outlets of 6 asked broke at once (broken: 5). One cause here")
    assert all(found[f"outlet:{name}"].held for name in "abcde")


def test_what_was_asked_before_the_first_broke_speaks_for_nothing(now):
    before = [outlet_facts(f"z{n}", HealthState.HEALTHY, now, asked_at=now - MINUTE) for n in range(40)]
    assert STORM in weather([*broken(now, "abcde"), *before], now + 5 * MINUTE)


def test_five_of_twenty_asked_are_five_troubles(now):
    well = [outlet_facts(f"z{n}", HealthState.HEALTHY, now, asked_at=now + MINUTE) for n in range(15)]
    found = weather([*broken(now, "abcde"), *well], now + 5 * MINUTE)
    assert STORM not in found
    assert not any(one.held for one in found.values())


def test_four_are_too_few_for_a_storm(now):
    assert STORM not in weather(broken(now, "abcd"), now + 5 * MINUTE)


def test_outlets_that_broke_long_ago_are_no_storm_of_today(now):
    assert STORM not in weather(broken(now, "abcdef"), now + timedelta(hours=2))


def test_an_outlet_told_before_is_no_part_of_it(now):
    told = [an_alert(now, name, settled_at=now) for name in "ab"]
    assert STORM not in weather(broken(now, "abcdef"), now + 8 * MINUTE, told)


def test_a_storm_lasts_while_half_as_many_are_still_broken(now):
    storm = an_alert(now, key=STORM, kind=AlertKind.STORM, settled_at=now)
    late = now + timedelta(hours=5)
    assert STORM in weather(broken(now, "ab"), late, [storm])
    left = weather(broken(now, "a"), late, [storm])
    assert STORM not in left
    assert not left["outlet:a"].held
