"""Jobs under leases, on both databases: who gets one, who may still write, and how it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from index.errors import BusyError, NotFoundError
from index.job_records import Cause, JobState, Wish
from index.store.jobs import (
    add_job,
    add_planned_job,
    ask_job_to_stop,
    attach_run,
    claim_job,
    count_jobs,
    end_job,
    get_job,
    has_work,
    job_of_run,
    keep_lease,
    list_jobs,
    retry_job,
)

LEASE = timedelta(seconds=60)


def ask(store, now, outlet="gazette", **other):
    with store.write() as tx:
        return add_job(tx, Wish(outlet, **other), by="test", now=now)


def claim(store, now, worker="one"):
    with store.write() as tx:
        return claim_job(tx, worker=worker, now=now, lease=LEASE)


def held(store, job):
    with store.read() as tx:
        return get_job(tx, job.id)


def test_a_job_keeps_what_is_asked_of_it(store, now):
    job = ask(store, now, limit=7, url="https://gazette.example/a")
    assert held(store, job) == job
    assert (job.wish.limit, job.wish.url, job.state) == (7, "https://gazette.example/a", JobState.WAITING)


def test_the_job_that_waited_longest_is_taken_first(store, now):
    later, first = ask(store, now + timedelta(seconds=1), "gazette"), ask(store, now, "herald")
    taken = [claim(store, now + timedelta(seconds=2)).job.id for _ in range(2)]
    assert taken == [first.id, later.id]


def test_a_job_whose_time_has_not_come_is_left(store, now):
    ask(store, now + timedelta(minutes=5))
    with store.read() as tx:
        assert not has_work(tx, now)
    assert claim(store, now) is None


def test_no_outlet_is_with_two_workers(store, now):
    ask(store, now)
    ask(store, now)
    assert claim(store, now, "one") is not None
    with store.read() as tx:
        assert not has_work(tx, now)
    assert claim(store, now, "two") is None


def test_a_job_whose_lease_ran_out_is_taken_over_and_counted(store, now):
    ask(store, now)
    first = claim(store, now)
    assert claim(store, now + LEASE - timedelta(seconds=1), "two") is None
    second = claim(store, now + LEASE, "two")
    assert (first.taken_over, second.taken_over) == (False, True)
    assert (second.job.attempt, second.job.failures, second.job.cause) == (2, 1, Cause.WORKER_LOST)


def test_a_beat_keeps_the_job(store, now):
    ask(store, now)
    job = claim(store, now).job
    with store.write() as tx:
        assert keep_lease(tx, job, now=now + timedelta(seconds=50), lease=LEASE).held
    assert claim(store, now + LEASE, "two") is None


@pytest.mark.parametrize("write", ["beat", "end", "retry", "run"])
def test_what_a_worker_that_lost_its_lease_writes_is_refused(write, store, now):
    ask(store, now)
    lost = claim(store, now).job
    late = now + LEASE * 2
    mine = claim(store, late, "two").job
    with store.write() as tx:
        if write == "beat":
            assert not keep_lease(tx, lost, now=late, lease=LEASE).held
        elif write == "end":
            assert not end_job(tx, lost, JobState.DONE, cause=None, reason="", now=late)
        elif write == "retry":
            assert not retry_job(tx, lost, not_before=late, counts=True, cause=Cause.BLOCKED, reason="")
        else:
            with pytest.raises(BusyError, match=f"Job {lost.id} is no longer"):
                attach_run(tx, lost.id, lost.attempt, 9)
    assert held(store, mine) == mine


def test_a_job_ends_once(store, now):
    ask(store, now)
    job = claim(store, now).job
    with store.write() as tx:
        assert end_job(tx, job, JobState.DONE, cause=None, reason="fine", now=now)
        assert not end_job(tx, job, JobState.FAILED, cause=Cause.CRASHED, reason="", now=now)
    ended = held(store, job)
    assert (ended.state, ended.reason, ended.ended_at, ended.lease_until) == (JobState.DONE, "fine", now, None)


def test_a_job_tried_again_waits_and_forgets_the_run_that_was_judged(store, now):
    ask(store, now)
    job = claim(store, now).job
    later = now + timedelta(minutes=1)
    with store.write() as tx:
        attach_run(tx, job.id, job.attempt, 5)
        assert job_of_run(tx, 5).id == job.id
        retry_job(tx, job, not_before=later, counts=True, cause=Cause.CONNECTION, reason="No answer.")
    assert claim(store, now) is None
    again = claim(store, later).job
    assert (again.attempt, again.failures, again.run_id, again.cause) == (2, 1, None, Cause.CONNECTION)


def test_one_firing_makes_one_job_and_later_ones_are_folded_into_it(store, now):
    plans = [(now, 2), (now + timedelta(minutes=30), 0), (now + timedelta(minutes=60), 1)]
    with store.write() as tx:
        made = [add_planned_job(tx, "gazette", planned_at=at, missed=missed, by="s", now=at) for at, missed in plans]
    assert [one[1] for one in made] == [True, False, False]
    assert len({one[0].id for one in made}) == 1
    assert (made[-1][0].missed, made[-1][0].folded) == (2, 3)


def test_an_instant_that_comes_again_makes_no_second_job(store, now):
    with store.write() as tx:
        job, _ = add_planned_job(tx, "gazette", planned_at=now, missed=0, by="s", now=now)
    with store.write() as tx:
        end_job(
            tx, claim_job(tx, worker="one", now=now, lease=LEASE).job, JobState.DONE, cause=None, reason="", now=now
        )
        again, made = add_planned_job(tx, "gazette", planned_at=now, missed=0, by="s", now=now)
    assert (again.id, made, again.state) == (job.id, False, JobState.DONE)


def test_a_waiting_job_is_cancelled_at_once(store, now):
    job = ask(store, now)
    with store.write() as tx:
        ended = ask_job_to_stop(tx, job.id, by="ann", now=now)
    assert (ended.state, ended.cause, ended.reason) == (
        JobState.CANCELLED,
        Cause.STOPPED,
        "Cancelled by ann before it ran.",
    )
    assert claim(store, now) is None


def test_the_worker_of_a_job_learns_that_it_is_to_stop(store, now):
    ask(store, now)
    job = claim(store, now).job
    with store.write() as tx:
        assert ask_job_to_stop(tx, job.id, by="ann", now=now).state is JobState.LEASED
        assert keep_lease(tx, job, now=now, lease=LEASE).stop_asked_by == "ann"


@pytest.mark.parametrize(("job_id", "said"), [(99, "There is no job 99"), (1, "Job 1 of gazette has ended already")])
def test_what_cannot_be_cancelled_is_said(job_id, said, store, now):
    job = ask(store, now)
    with store.write() as tx:
        ask_job_to_stop(tx, job.id, by="ann", now=now)
    with pytest.raises(NotFoundError, match=said), store.write() as tx:
        ask_job_to_stop(tx, job_id, by="ann", now=now)


def test_jobs_are_listed_running_first_then_waiting_then_ended(store, now):
    done, running, waiting = (ask(store, now, name) for name in ("gazette", "herald", "courier"))
    with store.write() as tx:
        ask_job_to_stop(tx, done.id, by="ann", now=now)
    assert claim(store, now).job.id == running.id
    with store.read() as tx:
        assert [job.id for job in list_jobs(tx)] == [running.id, waiting.id, done.id]
        assert [job.id for job in list_jobs(tx, outlet="courier")] == [waiting.id]
        assert [job.id for job in list_jobs(tx, states=[JobState.CANCELLED])] == [done.id]
        assert count_jobs(tx)[JobState.LEASED] == 1


def test_statements_of_a_claim_do_not_grow_with_the_jobs(store, now):
    for number in range(30):
        ask(store, now, f"outlet{number}")
    before = store.statements
    claim(store, now)
    few = store.statements - before
    for number in range(30, 60):
        ask(store, now, f"outlet{number}")
    before = store.statements
    claim(store, now)
    assert store.statements - before == few


def waiting_for_another_try(store, now):
    job = ask(store, now)
    with store.write() as tx:
        held_by = claim_job(tx, worker="one", now=now, lease=LEASE).job
        until = now + timedelta(hours=8)
        retry_job(tx, held_by, not_before=until, counts=True, cause=Cause.BLOCKED, reason="It refuses us.")
    return job, until


@pytest.mark.parametrize(
    ("outlet", "state", "woken"),
    [
        ("gazette", JobState.DONE, True),
        ("gazette", JobState.FAILED, False),
        ("gazette", JobState.CANCELLED, False),
        ("herald", JobState.DONE, False),
    ],
)
def test_a_job_that_waits_for_another_try_is_woken_when_one_of_its_outlet_is_done(outlet, state, woken, store, now):
    retried, until = waiting_for_another_try(store, now)
    planned = ask(store, now + timedelta(hours=2), outlet)  # waits for its time, not for another try
    later = now + timedelta(hours=1)
    ask(store, later, outlet)
    other = claim(store, later).job
    with store.write() as tx:
        end_job(tx, other, state, cause=None, reason="", now=later)
    assert held(store, retried).not_before == (later if woken else until)
    assert held(store, planned).not_before == planned.not_before
