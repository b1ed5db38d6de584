"""What runs observed and what is judged of outlets, as it is kept, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from index.health.records import (
    Evidence,
    Health,
    HealthState,
    HostSeen,
    Observation,
    SelectorSeen,
    SourceSeen,
)
from index.store.health import (
    changes_of,
    get_health,
    list_health,
    observation_of_run,
    observations_of,
    remove_observations,
    save_observation,
    set_health,
)


def an_observation(now, run_id=1, outlet="gazette", **other):
    at = {"started_at": now - timedelta(minutes=2), "finished_at": now}
    return Observation(run_id, outlet, "crawl", "done", **{**at, **other})


def a_health(now, state=HealthState.HEALTHY, cause="", outlet="gazette", **other):
    return Health(outlet, state, cause, other.pop("sentence", f"{cause}."), now, now, **other)


def put(store, *values):
    with store.write() as tx:
        return [save_observation(tx, one) if isinstance(one, Observation) else set_health(tx, one) for one in values]


def test_an_observation_comes_back_as_it_was(store, now):
    seen = an_observation(
        now,
        reason="Some pages failed.",
        outcomes={"new": 4, "timeout": 1},
        statuses={"200": 5},
        failures={"timeout": 1},
        articles=4,
        filled={"title": 4, "authors": 3},
        links=12,
        text_characters=9_000,
        delay_median_s=61.5,
        delay_p90_s=300.0,
        old=1,
        date_flags={"missing": 1},
        sources=(
            SourceSeen("https://gazette.example/feed", 20, 4, now - timedelta(minutes=9)),
            SourceSeen("https://gazette.example/sitemap.xml", outcome="timeout"),
        ),
        selectors={"title: h1": SelectorSeen(4, 4, 4)},
        hosts={"gazette.example": HostSeen(6, 0.2, "ab12")},
        whole=False,
    )
    put(store, seen)
    with store.read() as tx:
        assert observations_of(tx, "gazette") == [seen]
        assert observation_of_run(tx, 1) == seen


def test_observations_come_newest_first_and_no_older_than_asked(store, now):
    put(store, *(an_observation(now + timedelta(hours=hour), run_id=hour + 1) for hour in range(5)))
    put(store, an_observation(now, run_id=9, outlet="herald"))
    with store.read() as tx:
        assert [one.run_id for one in observations_of(tx, "gazette", since=now + timedelta(hours=2))] == [5, 4, 3]
        assert [one.run_id for one in observations_of(tx, "gazette", limit=2)] == [5, 4]


def test_an_observation_saved_again_takes_the_place_of_the_first(store, now):
    put(store, an_observation(now), an_observation(now, articles=3))
    with store.read() as tx:
        assert [one.articles for one in observations_of(tx, "gazette")] == [3]


def test_old_observations_are_removed_the_oldest_first_and_not_more_than_asked(store, now):
    put(store, *(an_observation(now + timedelta(hours=hour), run_id=hour + 1) for hour in range(5)))
    with store.write() as tx:
        assert remove_observations(tx, now + timedelta(hours=4), limit=3) == 3
        assert [one.run_id for one in observations_of(tx, "gazette")] == [5, 4]
        assert remove_observations(tx, now + timedelta(hours=4)) == 1


def test_a_text_that_no_database_holds_does_not_lose_the_observation(store, now):
    put(store, an_observation(now, sources=(SourceSeen("https://gazette.example/\x00\ud800feed"),)))
    with store.read() as tx:
        assert observations_of(tx, "gazette")[0].sources[0].url == "https://gazette.example/feed"


def test_what_a_newer_version_wrote_besides_is_ignored(now):
    from index.health.written import observation_json, observation_of

    seen = an_observation(now, sources=(SourceSeen("https://gazette.example/feed", 3),))
    written = observation_json(seen)
    written["mood"] = "fine"
    written["sources"][0]["colour"] = "red"
    assert observation_of(written) == seen


def test_the_first_judgement_is_a_change_from_nothing(store, now):
    [change] = put(store, a_health(now, HealthState.STALE, "late", evidence=(Evidence("volume", "0", "5"),)))
    assert (change.before, change.state, change.cause) == (None, HealthState.STALE, "late")
    with store.read() as tx:
        assert changes_of(tx) == [change]
        assert get_health(tx, "gazette").evidence == (Evidence("volume", "0", "5"),)


def test_since_stays_while_state_and_cause_stay(store, now):
    later = now + timedelta(hours=1)
    again = a_health(later, HealthState.STALE, "late", sentence="Later still.")
    _, change = put(store, a_health(now, HealthState.STALE, "late"), again)
    assert change is None
    with store.read() as tx:
        held = get_health(tx, "gazette")
        assert (held.since, held.judged_at, held.sentence) == (now, later, "Later still.")
        assert len(changes_of(tx)) == 1


def test_another_cause_of_the_same_state_is_a_change(store, now):
    later = now + timedelta(hours=1)
    put(store, a_health(now, HealthState.BROKEN, "gone"), a_health(later, HealthState.BROKEN, "empty"))
    with store.read() as tx:
        assert [(one.before, one.cause) for one in changes_of(tx)] == [(HealthState.BROKEN, "empty"), (None, "gone")]
        assert get_health(tx, "gazette").since == later


def test_an_older_judgement_does_not_undo_a_newer_one(store, now):
    put(store, a_health(now, HealthState.BROKEN, "gone"))
    assert put(store, a_health(now - timedelta(minutes=1))) == [None]
    with store.read() as tx:
        assert get_health(tx, "gazette").state is HealthState.BROKEN


def test_changes_are_those_of_the_outlet_and_the_time_asked_for(store, now):
    put(store, a_health(now), a_health(now, outlet="herald"))
    put(store, replace(a_health(now + timedelta(days=2)), cause="quiet"))
    with store.read() as tx:
        assert [one.cause for one in changes_of(tx, "gazette", since=now + timedelta(days=1))] == ["quiet"]
        assert [one.outlet for one in list_health(tx)] == ["gazette", "herald"]
