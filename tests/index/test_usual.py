"""What is usual for an outlet, and how a run is told to differ."""

from __future__ import annotations

from datetime import timedelta

import pytest

from index.records import Run
from index.usual import LOOKED_AT, compared, lasting, sized, usual_of


def a_run(now, number=1, *, state="done", seconds=60, asked=100, new=10, body_bytes=5_000_000, finished=True):
    return Run(
        id=number,
        outlet="gazette",
        kind="crawl",
        started_at=now,
        finished_at=now + timedelta(seconds=seconds) if finished else None,
        state=state,
        counts={"new": new},
        numbers={"asked": asked, "fetched": asked, "body_bytes": body_bytes},
    )


def test_the_usual_run_is_the_median_of_the_newest_whole_ones(now):
    past = [a_run(now, seconds=seconds) for seconds in (10, 20, 90)]
    usual = usual_of(past)
    assert (usual.runs, usual.seconds, usual.asked, usual.new) == (3, 20, 100, 10)


@pytest.mark.parametrize("state", ["failed", "blocked", "killed", "storage_full", "running"])
def test_runs_that_were_cut_off_say_nothing_of_what_is_usual(state, now):
    past = [a_run(now, seconds=1, state=state), *[a_run(now, seconds=60) for _ in range(3)]]
    assert usual_of(past).seconds == 60


def test_with_too_few_runs_nothing_is_usual(now):
    assert usual_of([a_run(now), a_run(now)]) is None
    assert compared(a_run(now), None) == []


def test_old_runs_are_forgotten(now):
    past = [a_run(now, seconds=60) for _ in range(LOOKED_AT)] + [a_run(now, seconds=6000) for _ in range(99)]
    assert usual_of(past).runs == LOOKED_AT
    assert usual_of(past).seconds == 60


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({}, []),
        ({"seconds": 90, "new": 6}, []),
        ({"new": 0}, ["0 new articles, usually 10 new articles"]),
        ({"new": 25}, ["25 new articles, usually 10 new articles"]),
        ({"seconds": 600}, ["10 min, usually 60 s"]),
        ({"asked": 40}, ["40 URLs, usually 100 URLs", "40 answers, usually 100 answers"]),
        ({"body_bytes": 20_000_000}, ["20.0 MB, usually 5.0 MB"]),
    ],
)
def test_what_is_unusual_about_a_run_is_told_with_what_is_usual(other, told, now):
    usual = usual_of([a_run(now) for _ in range(5)])
    assert compared(a_run(now, **other), usual) == told


def test_small_numbers_are_not_called_unusual(now):
    usual = usual_of([a_run(now, seconds=2, asked=3, new=1, body_bytes=9000) for _ in range(5)])
    assert compared(a_run(now, seconds=9, asked=9, new=4, body_bytes=99_000), usual) == []


def test_a_run_under_way_is_not_compared(now):
    usual = usual_of([a_run(now) for _ in range(5)])
    assert compared(a_run(now, finished=False, new=0), usual) == []


@pytest.mark.parametrize(("seconds", "told"), [(9.4, "9 s"), (119, "119 s"), (150, "2 min"), (9000, "2.5 h")])
def test_durations_are_told_roughly(seconds, told):
    assert lasting(seconds) == told


@pytest.mark.parametrize(("size", "told"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (3_400_000_000, "3.4 GB")])
def test_sizes_are_told_roughly(size, told):
    assert sized(size) == told
