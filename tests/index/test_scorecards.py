"""Scorecards: which outlets they show, in which order, and how they read as JSON."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from config.when import parse_when
from index.health.records import Evidence, Figure, Health, HealthState
from index.schedules import Schedule
from index.scorecards import scorecard_json, scorecards, states_of
from index.store.health import set_health
from index.store.schedules import set_schedule
from tests.factories import a_spec, register

SPECS = {name: a_spec(name) for name in ("courier", "gazette", "herald")}


@pytest.fixture
def settings(database_settings):
    return database_settings


@pytest.fixture
def archive(store, now):
    """The gazette is broken since yesterday, the herald healthy, the courier was never judged."""
    register(store, now, *SPECS)
    figures = {"articles_a_week": Figure(3, 140.0), "fill_title": Figure(1.0, 1.0), "fill_authors": Figure(0.1, 0.98)}
    broken = Health("gazette", HealthState.BROKEN, "layout_changed", "None read.", now, now, figures=figures)
    with store.write() as tx:
        set_health(tx, Health("gazette", HealthState.HEALTHY, "", "As usual.", now, now - timedelta(days=40)))
        set_health(tx, Health("gazette", HealthState.DEGRADED, "slow", "Slow.", now, now - timedelta(days=2)))
        set_health(tx, broken)
        set_health(tx, Health("herald", HealthState.HEALTHY, "", "As usual.", now, now))
    return store


def cards(archive, settings, now, specs=SPECS, **values):
    with archive.read() as tx:
        return scorecards(tx, specs, now=now, settings=settings, **values)


def test_the_gravest_stands_first(archive, settings, now):
    assert [card.outlet for card in cards(archive, settings, now)] == ["gazette", "courier", "herald"]


def test_named_outlets_are_shown_alone(archive, settings, now):
    assert [card.outlet for card in cards(archive, settings, now, names=("herald",))] == ["herald"]


def test_outlets_that_are_switched_off_are_shown_when_asked_for(archive, settings, now):
    specs = {**SPECS, "off": a_spec("off", enabled=False)}
    assert "off" not in {card.outlet for card in cards(archive, settings, now, specs)}
    [*_, last] = cards(archive, settings, now, specs, with_resting=True)
    assert (last.outlet, last.state, last.cause) == ("off", "paused", "switched_off")


def test_one_with_a_schedule_is_watched_although_it_is_not_enabled(archive, settings, now):
    specs = {"off": a_spec("off", enabled=False)}
    with archive.write() as tx:
        set_schedule(tx, Schedule("off", parse_when("every 1h"), since=now), origin="operator", by="me", now=now)
    assert [card.outlet for card in cards(archive, settings, now, specs)] == ["off"]


def test_the_field_that_is_missing_most_is_named(archive, settings, now):
    assert cards(archive, settings, now)[0].least_filled == ("authors", Figure(0.1, 0.98))


def test_changes_of_the_last_thirty_days_are_with_it(archive, settings, now):
    assert [change.cause for change in cards(archive, settings, now)[0].changes] == ["layout_changed", "slow"]


def test_what_to_do_names_the_outlet(archive, settings, now):
    assert "watchfloor reextract gazette --dry-run" in cards(archive, settings, now)[0].advice


def test_json_has_all_a_program_needs(archive, settings, now):
    found = json.loads(json.dumps(scorecard_json(cards(archive, settings, now)[0])))
    assert (found["state"], found["cause"], found["sentence"], found["fit"]) == (
        "broken",
        "layout_changed",
        "None read.",
        True,
    )
    assert found["figures"]["fill_authors"] == {"now": 0.1, "usual": 0.98}
    assert found["changes"][0]["before"] == "degraded"
    assert found["since"] == now.isoformat()


def test_an_outlet_that_was_not_judged_yet_says_so(archive, settings, now):
    found = scorecard_json(cards(archive, settings, now, names=("courier",))[0])
    assert (found["state"], found["since"]) == (None, None)
    assert "Not judged yet" in found["sentence"]


def test_states_are_counted(archive, settings, now):
    assert states_of(cards(archive, settings, now)) == {"broken": 1, "": 1, "healthy": 1}


def test_statements_do_not_grow_with_outlets(archive, settings, now):
    before = archive.statements
    cards(archive, settings, now)
    few = archive.statements - before
    with archive.write() as tx:
        for number in range(50):
            set_health(tx, Health(f"o{number}", HealthState.BROKEN, "gone", "Gone.", now, now, (Evidence("a", "b"),)))
    before = archive.statements
    cards(archive, settings, now, {**SPECS, **{f"o{number}": a_spec(f"o{number}") for number in range(50)}})
    assert archive.statements - before == few
