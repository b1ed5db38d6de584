"""Articles that come late, and lists that stand still."""

from __future__ import annotations

from index.health.causes import Cause
from index.health.delays import delays, lists
from index.health.records import HealthState, SourceSeen
from tests.index.health.days import FEED, MAP, NOW, facts, health, some, then, usual


def causes(rule, seen, **values):
    return [(one.cause, one.state) for one in rule(facts(seen, **values))]


def test_usual_weeks_are_usual():
    assert delays(facts(usual())) == lists(facts(usual())) == []


def test_articles_that_come_half_a_day_late_are_told():
    assert causes(delays, then(2, delay_median_s=50_000.0)) == [(Cause.LATE, HealthState.DEGRADED)]


def test_four_late_runs_are_nothing():
    assert delays(facts(then(1, delay_median_s=50_000.0))) == []


def test_articles_can_be_no_sooner_than_they_are_looked_for():
    assert delays(facts(then(2, delay_median_s=11 * 3600.0))) == []


def test_a_list_that_stands_still_is_told_while_another_brings_news():
    frozen = (SourceSeen(FEED, 20, 0, NOW), SourceSeen(MAP, 100, 5))
    [found] = lists(facts(then(6, sources=frozen)))
    assert (found.cause, found.state) == (Cause.FEED_FROZEN, HealthState.DEGRADED)
    assert found.sentence.startswith(f"{FEED} names nothing new since ")


def test_it_is_over_when_the_list_names_something_new():
    frozen = (SourceSeen(FEED, 20, 0), SourceSeen(MAP, 100, 5))
    seen = then(6, sources=frozen)[:-1] + some(0.25)
    assert lists(facts(seen, before=health("feed_frozen"))) == []


def test_the_only_list_of_an_outlet_is_judged_by_its_volume():
    assert lists(facts(then(6, new=0, sources=(SourceSeen(FEED, 20, 0),)))) == []
