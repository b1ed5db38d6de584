"""What becomes of a job after an attempt, as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from config.errors import ConfigurationError, StorageFullError, TryAgainError, UsageError, WatchfloorError
from crawler.retrying import Ended, after_error, after_loss, after_run, wait_for
from crawler.verdict import STOPPED
from index.errors import BusyError, StoreError
from index.job_records import Cause, Job, JobState, Wish
from index.records import Run

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def terms(make_settings):
    return make_settings(operating={"retry_short_s": 60, "retry_long_s": 3600, "max_attempts": 3}).operating


@pytest.fixture
def job(now):
    return Job(7, Wish("gazette"), now, now, JobState.LEASED, attempt=1)


@pytest.mark.parametrize(
    ("state", "counts", "cause", "wait"),
    [
        ("blocked", {"blocked": 3}, Cause.BLOCKED, HOUR),
        ("failed", {"rate_limited": 2, "timeout": 1}, Cause.RATE_LIMITED, HOUR),
        ("failed", {"connection_failed": 2}, Cause.CONNECTION, MINUTE),
        ("storage_full", {}, Cause.STORAGE_FULL, MINUTE),
        ("killed", {}, Cause.CRASHED, MINUTE),
    ],
)
def test_a_run_that_failed_is_tried_again_as_its_cause_wants(state, counts, cause, wait, job, terms):
    following = after_run(Ended(state, "So it was.", counts), job, terms, stopped=None)
    assert (following.state, following.cause, following.wait) == (JobState.WAITING, cause, wait)
    assert following.reason == "So it was."


def test_a_run_that_hung_is_told_from_one_that_crashed(job, terms):
    assert after_run(Ended("killed", "", {}, hung=True), job, terms, stopped=None).cause is Cause.HUNG


@pytest.mark.parametrize("state", ["done", "partial", "budget"])
def test_a_run_in_which_the_outlet_answered_ends_its_job_with_the_reason(state, job, terms):
    following = after_run(Ended(state, "Why.", {}), job, terms, stopped=None)
    assert (following.state, following.cause, following.reason) == (JobState.DONE, None, "Why.")


def test_a_run_that_was_through_when_its_end_was_asked_for_is_done(job, terms):
    assert after_run(Ended("done", "", {}), job, terms, stopped=Cause.STOPPED, by="ann").state is JobState.DONE


@pytest.mark.parametrize(
    ("stopped", "by", "state", "cause", "reason", "counts"),
    [
        (Cause.STOPPED, "ann", JobState.CANCELLED, Cause.STOPPED, "Stopped by ann.", False),
        (None, "", JobState.CANCELLED, Cause.STOPPED, STOPPED, False),
        (Cause.WORKER_STOPPED, "", JobState.WAITING, Cause.WORKER_STOPPED, Cause.WORKER_STOPPED.sentence, False),
        (Cause.TIME, "", JobState.WAITING, Cause.TIME, Cause.TIME.sentence, True),
        (Cause.MEMORY, "", JobState.WAITING, Cause.MEMORY, Cause.MEMORY.sentence, True),
    ],
)
def test_a_run_that_was_stopped_says_why(stopped, by, state, cause, reason, counts, job, terms):
    following = after_run(Ended("partial", STOPPED, {}), job, terms, stopped=stopped, by=by)
    assert (following.state, following.cause, following.reason, following.counts) == (state, cause, reason, counts)


@pytest.mark.parametrize(
    ("error", "state", "cause"),
    [
        (ConfigurationError(["no contact"]), JobState.FAILED, Cause.CONFIGURATION),
        (UsageError("no such outlet"), JobState.FAILED, Cause.CONFIGURATION),
        (BusyError("run 3 is under way"), JobState.WAITING, Cause.BUSY),
        (StorageFullError("full"), JobState.WAITING, Cause.STORAGE_FULL),
        (StoreError("does not answer"), JobState.WAITING, Cause.DATABASE),
        (TryAgainError("left alone until"), JobState.WAITING, Cause.RATE_LIMITED),
        (WatchfloorError("anything"), JobState.WAITING, Cause.CRASHED),
    ],
)
def test_a_run_that_could_not_begin(error, state, cause, job, terms):
    following = after_error(error, job, terms)
    assert (following.state, following.cause) == (state, cause)
    assert following.reason == str(error)


@pytest.mark.parametrize("cause", list(Cause))
def test_waits_double_within_bounds(cause, terms):
    waits = [wait_for(cause, failures, terms) for failures in range(1, 60)]
    assert waits == sorted(waits)
    assert waits[-1] <= timedelta(days=1)
    assert cause.sentence.endswith(".")


def test_attempts_are_bounded_and_the_last_says_so(job, terms):
    last = after_run(Ended("failed", "No answer.", {}), replace(job, failures=2), terms, stopped=None)
    assert (last.state, last.reason, last.counts) == (JobState.FAILED, "No answer. Given up after 3 attempts.", True)


def test_what_is_no_fault_of_the_job_is_waited_for_however_often(job, terms):
    tired = replace(job, failures=2)
    assert after_error(StorageFullError("full"), tired, terms).state is JobState.WAITING
    assert after_error(BusyError("busy"), tired, terms).counts is False
    assert after_error(StoreError("gone"), tired, terms).state is JobState.WAITING


@pytest.mark.parametrize(
    ("run_state", "reason", "stop_asked_by", "failures", "expected"),
    [
        (None, "", "", 1, None),
        ("killed", "", "", 1, None),
        ("partial", STOPPED, "", 1, None),  # by the death of its worker
        ("partial", f"{STOPPED} Not called fresh news: too few articles.", "", 1, None),
        ("partial", STOPPED, "ann", 1, JobState.CANCELLED),
        ("killed", "", "ann", 1, JobState.CANCELLED),
        ("running", "", "", 1, JobState.WAITING),
        ("done", "", "", 1, JobState.DONE),
        ("done", "", "ann", 1, JobState.DONE),
        ("blocked", "", "", 1, JobState.WAITING),
        ("killed", "", "", 3, JobState.FAILED),
        (None, "", "", 3, JobState.FAILED),
        ("done", "", "", 3, JobState.DONE),
    ],
)
def test_a_job_taken_over_goes_by_what_its_run_came_to(
    run_state, reason, stop_asked_by, failures, expected, job, terms, now
):
    run = None if run_state is None else Run(3, "gazette", "crawl", now, state=run_state, reason=reason)
    following = after_loss(replace(job, failures=failures, stop_asked_by=stop_asked_by), run, terms)
    assert (None if following is None else following.state) == expected
