"""How far a run has come, and when it should end: from its own pace and the usual run of its outlet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from index.progress import progress_of
from index.records import Run
from index.usual import Usual

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
USUAL = Usual(runs=5, seconds=600, asked=100, fetched=100, new=10, changed=1, body_bytes=1)


def a_run(*, asked: int, minutes: float, state: str = "running") -> Run:
    started = NOW - timedelta(minutes=minutes)
    ended = None if state == "running" else NOW
    return Run(1, "gazette", "crawl", started, ended, state, "", {}, {"asked": asked})


def test_end_is_reckoned_from_the_usual_requests_at_the_pace_so_far():
    found = progress_of(a_run(asked=20, minutes=2), USUAL, now=NOW)
    assert (found.per_minute, found.ends_at) == (10.0, NOW + timedelta(minutes=8))
    assert found.in_words(NOW) == (
        "20 URLs in 2 min, 10.0 a minute; as its usual runs go, the end is 8 min away (about 12:08 UTC)"
    )


def test_with_few_requests_the_usual_time_counts():
    assert progress_of(a_run(asked=2, minutes=2), USUAL, now=NOW).ends_at == NOW + timedelta(minutes=8)


def test_run_past_its_usual_end_is_overdue_and_has_no_estimate():
    found = progress_of(a_run(asked=150, minutes=20), USUAL, now=NOW)
    assert (found.ends_at, found.overdue) == (None, True)
    assert found.in_words(NOW).endswith("longer than its usual runs already")


def test_without_a_usual_run_only_the_pace_is_told():
    found = progress_of(a_run(asked=20, minutes=2), None, now=NOW)
    assert (found.ends_at, found.overdue) == (None, False)
    assert found.in_words(NOW) == "20 URLs in 2 min, 10.0 a minute"


def test_run_that_begins_this_instant_has_no_pace_yet():
    assert progress_of(a_run(asked=0, minutes=0), None, now=NOW).per_minute == 0.0


@pytest.mark.parametrize("state", ["done", "partial", "killed"])
def test_run_that_has_ended_has_no_progress(state):
    assert progress_of(a_run(asked=20, minutes=2, state=state), USUAL, now=NOW) is None
