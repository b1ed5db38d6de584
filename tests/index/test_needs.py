"""What needs a person now, and in which order it is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from index.alerts.records import AlertKind, Beat, Facts, Part, Trouble
from index.job_records import KeptSchedule
from index.needs import Standing, grouped, needs_of
from index.plans import read_plan
from tests.index.alerts.making import terms

WELL = Standing(free_mb=5000, least_mb=1000)


def trouble(state, subject="gazette", kind=AlertKind.OUTLET, now=None):
    return Trouble(f"{kind}:{subject}", kind, subject, state, "It broke.", now)


def paused(now, outlet="gazette"):
    plan = read_plan(outlet, ("every", "30m"), zone="UTC", jitter=None, quiet=(), now=now)
    return KeptSchedule(plan, "operator", now, now, "They move.")


def needed(troubles, kept, standing, facts, now):
    return needs_of(troubles, kept, standing, facts, now, terms=terms())


def lines(needs):
    return [line for line, _ in grouped(needs)]


def test_nothing_is_needed_where_all_is_well(now):
    assert needed([], [], WELL, Facts(), now) == []


def test_the_gravest_stands_first_and_those_alike_are_counted(now):
    troubles = [
        trouble("stale", "a", now=now),
        trouble("given up", "b", now=now),
        trouble("broken", "c", now=now),
        trouble("broken", "d", now=now),
        trouble("blocked", "e", now=now),
        trouble("too full", "disk of desk", AlertKind.DISK, now),
    ]
    found = needed(troubles, [paused(now)], WELL, Facts(), now)
    assert lines(found) == [
        "disk of desk too full",
        "2 outlets broken",
        "1 outlet blocked",
        "1 outlet stale",
        "1 job given up",
        "1 schedule paused",
    ]


@pytest.mark.parametrize(
    ("standing", "line"),
    [
        (Standing(free_mb=10, least_mb=1000), "disk too full"),
        (Standing(5000, 1000, index_fault="It does not open."), "index does not answer"),
        (Standing(5000, 1000, scheduled=2), "no scheduler ran yet"),
        (Standing(5000, 1000, unsent=2), "2 messages could not be sent"),
    ],
)
def test_what_is_wrong_with_the_site_itself_is_told(now, standing, line):
    assert lines(needed([], [], standing, Facts(), now)) == [line]


@pytest.mark.parametrize(("minutes", "told"), [(29, []), (31, ["index behind"])])
def test_an_index_is_behind_after_as_long_as_the_settings_of_alerts_say(now, minutes, told):
    standing = Standing(5000, 1000, behind=3, behind_since=now - timedelta(minutes=minutes))
    assert lines(needed([], [], standing, Facts(), now)) == told


def test_a_disk_that_a_worker_told_of_is_not_told_twice(now):
    troubles = [trouble("too full", "disk of desk", AlertKind.DISK, now)]
    assert len(needed(troubles, [], Standing(10, 1000), Facts(), now)) == 1


def test_a_scheduler_that_beats_is_not_missed(now):
    facts = Facts(beats=(Beat(Part.SCHEDULER, "desk", 1, now, now),))
    assert needed([], [], Standing(5000, 1000, scheduled=2), facts, now) == []


@pytest.mark.parametrize(("minutes", "told"), [(4, []), (6, ["no worker ran yet"])])
def test_jobs_that_nobody_takes_are_told_after_a_while(now, minutes, told):
    facts = Facts(jobs_due=1, due_since=now - timedelta(minutes=minutes))
    assert lines(needed([], [], WELL, facts, now)) == told
