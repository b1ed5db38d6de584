"""What is wrong, read from facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from index.alerts.records import Beat, Facts, OutletFacts, Part
from index.alerts.troubles import troubles_of
from index.health.records import HealthState
from index.job_records import Job, JobState, Wish
from tests.index.alerts.making import a_health, outlet_facts, terms

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def found(at, **facts):
    return {one.key: one for one in troubles_of(Facts(**facts), terms(), at).found}


def a_beat(part, at, **other):
    return Beat(part, other.pop("host", "one"), 1, at, at, **other)


@pytest.mark.parametrize(
    ("state", "told"),
    [("healthy", False), ("degraded", False), ("stale", True), ("blocked", True), ("broken", True), ("paused", False)],
)
def test_the_states_of_the_settings_are_troubles(state, told, now):
    assert ("outlet:a" in found(now, outlets=(outlet_facts("a", HealthState(state), now),))) is told


def test_degraded_is_told_where_the_settings_say_so(now):
    facts = Facts((outlet_facts("a", HealthState.DEGRADED, now),))
    (one,) = troubles_of(facts, terms(states=frozenset({"degraded"})), now).found
    assert one.state == "degraded"


def test_a_paused_outlet_ends_without_a_word(now):
    facts = Facts((outlet_facts("a", HealthState.PAUSED, now),))
    assert troubles_of(facts, terms(), now).silent == {"outlet:a", "index"}


def a_job(now):
    return Job(5, Wish("a"), now, now, JobState.FAILED, reason="Could not be reached. Given up.", ended_at=now)


def test_a_job_given_up_is_a_trouble_of_its_outlet(now):
    one = found(now, outlets=(OutletFacts("a", given_up=a_job(now)),))["outlet:a"]
    assert (one.state, one.sentence) == ("given up", "Job 5 was given up: Could not be reached. Given up.")


def test_a_job_given_up_long_ago_is_no_news_and_its_end_neither(now):
    facts = Facts((OutletFacts("a", given_up=a_job(now)),))
    seen = troubles_of(facts, terms(), now + timedelta(days=7, minutes=1))
    assert (seen.found, "outlet:a" in seen.silent) == ((), True)


def test_an_outlet_known_to_be_broken_is_not_told_again_for_its_job(now):
    facts = outlet_facts("a", HealthState.BLOCKED, now, given_up=a_job(now))
    assert found(now, outlets=(facts,))["outlet:a"].state == "blocked"


def test_an_outlet_that_came_and_went_often_enough_is_flapping_even_while_it_is_well(now):
    entries = tuple(now - number * HOUR for number in range(1, 5))
    one = found(now, outlets=(outlet_facts("a", HealthState.HEALTHY, now, entries=entries),))["outlet:a"]
    assert one.flapping
    assert one.sentence == "It broke 4 times within 24 h and came back in between."
    fewer = outlet_facts("a", HealthState.HEALTHY, now, entries=entries[:3])
    assert found(now, outlets=(fewer,)) == {}


def test_a_disk_below_the_guard_is_told_by_its_machine(now):
    low = a_beat(Part.WORKER, now, free_mb=512, least_mb=1024)
    one = found(now, beats=(low,))["disk:one"]
    assert one.sentence.startswith("512 MB are free, crawls need 1,024 (crawler.min_free_mb)")


def test_the_newest_word_of_a_machine_counts_for_its_disk(now):
    low, enough = (a_beat(Part.WORKER, at, free_mb=mb, least_mb=1024) for at, mb in ((now - MINUTE, 5), (now, 5000)))
    assert found(now, beats=(low, enough)) == {}


def test_of_a_machine_that_is_silent_nothing_is_known(now):
    old = a_beat(Part.WORKER, now - 6 * MINUTE, free_mb=5, least_mb=1024)
    seen = troubles_of(Facts(beats=(old,)), terms(), now)
    assert (seen.found, seen.unsure) == ((), {"disk:one"})


def test_a_scheduler_without_a_beat_is_missed_while_schedules_wait(now):
    old = a_beat(Part.SCHEDULER, now - 6 * MINUTE)
    one = found(now, beats=(old,), schedules=3)["scheduler"]
    assert (
        one.sentence == "No scheduler has given a sign of life since 2026-11-23 11:54 UTC, 3 schedules wait: start one."
    )
    assert found(now, beats=(old,), schedules=0) == {}


def test_a_second_scheduler_that_works_is_enough(now):
    beats = (a_beat(Part.SCHEDULER, now - HOUR), a_beat(Part.SCHEDULER, now, host="two"))
    assert found(now, beats=beats, schedules=3) == {}


def test_where_no_scheduler_ever_ran_none_is_missed(now):
    assert found(now, schedules=3) == {}


def test_workers_are_missed_when_jobs_wait_for_them(now):
    old = a_beat(Part.WORKER, now - HOUR)
    facts = {"beats": (old,), "jobs_due": 2, "due_since": now - HOUR}
    assert "2 jobs wait" in found(now, **facts)["worker"].sentence
    assert found(now, **{**facts, "jobs_due": 0}) == {}


@pytest.mark.parametrize(("minutes", "told"), [(30, False), (31, True)])
def test_an_index_that_lags_is_told(minutes, told, now):
    assert ("index" in found(now, unread=4, unread_since=now - minutes * MINUTE)) is told


def test_a_scheduler_stopped_in_order_is_missed_too_when_nobody_takes_its_place(now):
    ended = replace(a_beat(Part.SCHEDULER, now - HOUR), ended_at=now - HOUR)
    assert "scheduler" in found(now, beats=(ended,), schedules=1)


def test_one_that_is_degraded_is_not_well_yet(now):
    facts = Facts((outlet_facts("a", HealthState.DEGRADED, now), outlet_facts("b", HealthState.HEALTHY, now)))
    assert [one.key for one in troubles_of(facts, terms(), now).lingering] == ["outlet:a"]


def test_what_to_do_is_named_for_the_outlet(now):
    one = found(now, outlets=(OutletFacts("a", a_health("a", HealthState.BROKEN, now, "list_fails")),))["outlet:a"]
    assert one.advice.startswith("`watchfloor outlets check a` says which and why")
