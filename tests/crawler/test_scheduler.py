"""Ticks of the scheduler under a clock that the tests turn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from config.when import parse_when
from crawler import scheduler
from crawler.scheduler import LONGEST_SLEEP, SHORTEST_SLEEP, Fired, NextStarts, OutletFiles, Tick, sleep_for, tick
from crawler.stopping import Stop
from index.errors import StoreError
from index.job_records import JobState
from index.schedules import Schedule
from index.store import open_store
from index.store.jobs import claim_job, count_jobs, end_job, list_jobs
from index.store.schedules import get_schedule, list_schedules, pause_schedule, resume_schedule, set_schedule
from tests.factories import a_spec, an_article, register, save

SPECS = {"gazette": a_spec()}
HALF = timedelta(minutes=30)


def put(store, now, when="every 30m", outlet="gazette", **other):
    with store.write() as tx:
        plan = Schedule(outlet, parse_when(when), since=now, **other)
        set_schedule(tx, plan, origin="operator", by="ann", now=now)


def run_all(store, now):
    """Let a worker see every job through."""
    with store.write() as tx:
        while claim := claim_job(tx, worker="w", now=now, lease=timedelta(minutes=1)):
            end_job(tx, claim.job, JobState.DONE, cause=None, reason="", now=now)


def jobs(store):
    with store.read() as tx:
        return sorted(list_jobs(tx, limit=1000), key=lambda job: job.id)


def kept(store, outlet="gazette"):
    with store.read() as tx:
        return get_schedule(tx, outlet)


def test_a_firing_makes_a_job_when_its_time_has_come_and_no_sooner(store, now):
    put(store, now)
    assert tick(store, SPECS, now + HALF - timedelta(seconds=1)).fired == ()
    (fired,) = tick(store, SPECS, now + HALF).fired
    assert (fired.outlet, fired.planned, fired.missed, fired.folded) == ("gazette", now + HALF, 0, False)
    (job,) = jobs(store)
    assert (job.planned_at, job.asked_by) == (now + HALF, "schedule (every 30m)")
    assert tick(store, SPECS, now + HALF).fired == ()


def test_the_next_tick_is_told(store, now):
    put(store, now)
    assert tick(store, SPECS, now).next_at == now + HALF
    assert tick(store, SPECS, now + HALF).next_at == now + 2 * HALF


def test_missed_firings_run_once_and_are_counted(store, now):
    put(store, now)
    (fired,) = tick(store, SPECS, now + 10 * HALF + timedelta(minutes=7)).fired
    assert (fired.planned, fired.missed) == (now + 10 * HALF, 9)
    assert [job.missed for job in jobs(store)] == [9]


def test_a_firing_while_a_job_waits_or_runs_is_folded_into_it(store, now):
    put(store, now)
    tick(store, SPECS, now + HALF)
    assert tick(store, SPECS, now + 2 * HALF).fired[0].folded
    with store.write() as tx:
        running = claim_job(tx, worker="w", now=now + 2 * HALF, lease=timedelta(hours=9)).job
    assert tick(store, SPECS, now + 3 * HALF).fired[0].job_id == running.id
    assert [job.folded for job in jobs(store)] == [2]
    with store.write() as tx:
        end_job(tx, running, JobState.DONE, cause=None, reason="", now=now)
    assert not tick(store, SPECS, now + 4 * HALF).fired[0].folded


def test_two_schedulers_make_one_job_of_a_firing(store, now, monkeypatch):
    put(store, now)
    from index.store.schedules import list_schedules as really

    def slow_reader(tx):
        found = really(tx)
        monkeypatch.setattr("crawler.scheduler.list_schedules", really)
        assert len(tick(store, SPECS, now + HALF).fired) == 1  # the other one, after our look and before our write
        return found

    monkeypatch.setattr("crawler.scheduler.list_schedules", slow_reader)
    assert tick(store, SPECS, now + HALF).fired == ()
    assert len(jobs(store)) == 1


def test_a_pause_makes_no_jobs_and_its_firings_are_not_made_up(store, now):
    put(store, now)
    with store.write() as tx:
        pause_schedule(tx, "gazette", reason="They rebuild.", by="ann", now=now)
    assert tick(store, SPECS, now + 5 * HALF).fired == ()
    with store.write() as tx:
        resume_schedule(tx, "gazette", by="ann", now=now + 5 * HALF)
    assert tick(store, SPECS, now + 5 * HALF).fired == ()
    assert tick(store, SPECS, now + 6 * HALF).fired[0].missed == 0


def test_an_edit_is_in_force_at_the_next_tick_and_leaves_the_running_job_alone(store, now):
    put(store, now, "every 1d")
    tick(store, SPECS, now + timedelta(days=1))
    with store.write() as tx:
        running = claim_job(tx, worker="w", now=now + timedelta(days=1), lease=timedelta(hours=9)).job
    edited = now + timedelta(days=1, minutes=1)
    put(store, edited, "every 5m")
    assert tick(store, SPECS, edited + LONGEST_SLEEP).next_at == edited + timedelta(minutes=5)
    assert tick(store, SPECS, edited + timedelta(minutes=5)).fired[0].folded
    (job,) = jobs(store)
    assert (job.id, job.state, job.attempt) == (running.id, JobState.LEASED, 1)


@pytest.mark.parametrize(
    ("left", "sleep"),
    [
        (None, LONGEST_SLEEP),
        (-3, SHORTEST_SLEEP),
        (0.2, SHORTEST_SLEEP),
        (3, timedelta(seconds=3)),
        (99, LONGEST_SLEEP),
    ],
)
def test_sleep_lasts_until_the_next_firing_five_seconds_at_most(left, sleep, now):
    next_at = None if left is None else now + timedelta(seconds=left)
    assert sleep_for(Tick((), next_at=next_at), now) == sleep


def test_a_schedule_of_an_outlet_file_counts_from_when_it_was_first_seen(store, now):
    specs = {"gazette": a_spec(schedule="every 30m")}
    assert tick(store, specs, now).fired == ()
    assert tick(store, specs, now + HALF).fired[0].planned == now + HALF
    assert (kept(store).origin, kept(store).changed_by) == ("file", "the outlet's file")


def test_a_file_that_changes_changes_its_schedule_and_one_that_says_none_ends_it(store, now):
    tick(store, {"gazette": a_spec(schedule="every 30m")}, now)
    tick(store, {"gazette": a_spec(schedule="every 2h", zone="Asia/Tokyo")}, now + timedelta(minutes=1))
    assert (kept(store).plan.when.text, kept(store).plan.zone) == ("every 2h", "Asia/Tokyo")
    tick(store, {"gazette": a_spec()}, now + timedelta(minutes=2))
    assert kept(store) is None


def test_a_file_schedule_of_an_outlet_that_is_off_makes_nothing(store, now):
    tick(store, {"gazette": a_spec(schedule="every 30m", enabled=False)}, now)
    assert kept(store) is None


def test_what_an_operator_set_goes_before_the_file(store, now):
    put(store, now, "every 2h")
    assert tick(store, {"gazette": a_spec(schedule="every 30m")}, now + HALF).fired == ()
    assert kept(store).plan.when.text == "every 2h"


def test_a_paused_file_schedule_outlives_a_file_that_is_missing_for_a_while(store, now):
    specs = {"gazette": a_spec(schedule="every 30m")}
    tick(store, specs, now)
    with store.write() as tx:
        pause_schedule(tx, "gazette", reason="They rebuild.", by="ann", now=now)
    seen = tick(store, {}, now + timedelta(minutes=1))
    assert seen.unknown == ("gazette",)
    tick(store, specs, now + timedelta(minutes=2))
    assert kept(store).paused_reason == "They rebuild."


@pytest.mark.parametrize(
    ("articles", "minutes"), [(0, 360), (5, 360), (200, pytest.approx(151.2, abs=0.1)), (8000, 10)]
)
def test_an_adaptive_wait_follows_what_the_outlet_wrote_in_seven_days(articles, minutes, store, now, monkeypatch):
    monkeypatch.setattr("crawler.adaptive.articles_since", lambda *_: articles)
    put(store, now, "adaptive 10m-6h")
    tick(store, SPECS, now)
    wait = kept(store).plan.wait
    assert wait.total_seconds() / 60 == minutes
    tick(store, SPECS, now + wait)
    assert kept(store).plan.since == now + wait
    assert len(jobs(store)) == 1


def test_an_adaptive_wait_is_worked_out_anew_at_each_firing(store, now):
    register(store, now)
    put(store, now, "adaptive 10m-6h")
    tick(store, SPECS, now)
    for number in range(100):
        text = f"Ship {number} left harbour {number * 7} for the strait."
        save(store, an_article(f"n{number}", text, published_at=now - timedelta(hours=number)), now)
    fired_at = now + timedelta(hours=6)
    assert len(tick(store, SPECS, fired_at).fired) == 1
    assert kept(store).plan.wait < timedelta(hours=6)


@pytest.mark.parametrize(
    ("zone", "month", "day"),
    [("Europe/Berlin", 3, 29), ("Europe/Berlin", 10, 25), ("America/New_York", 3, 8), ("America/New_York", 11, 1)],
)
def test_each_day_around_a_clock_change_fires_once(zone, month, day, store):
    start = datetime(2026, month, day, tzinfo=UTC) - timedelta(days=2)
    put(store, start, "30 2 * * *", zone=zone)
    at, fired = start, []
    while at < start + timedelta(days=4):
        come = tick(store, SPECS, at).fired
        if come:
            run_all(store, at)
        fired += come
        at += timedelta(minutes=30)
    assert len(fired) == len({one.planned for one in fired}) == len(jobs(store)) == 4
    assert sum(one.missed for one in fired) == 0


def test_a_clock_that_goes_back_an_hour_brings_nothing_twice(store, now):
    put(store, now)
    tick(store, SPECS, now + 2 * HALF)
    run_all(store, now + 2 * HALF)
    assert tick(store, SPECS, now + timedelta(minutes=5)).fired == ()
    assert tick(store, SPECS, now + 2 * HALF).fired == ()
    assert tick(store, SPECS, now + 3 * HALF).fired[0].planned == now + 3 * HALF


def test_statements_of_a_tick_without_firings_do_not_grow_with_the_schedules(store, now):
    specs = {f"outlet{number}": a_spec(f"outlet{number}") for number in range(30)}
    counts = []
    for names in (list(specs)[:3], list(specs)):
        for name in names:
            put(store, now, outlet=name)
        before = store.statements
        tick(store, specs, now + timedelta(minutes=1))
        counts.append(store.statements - before)
    assert counts[0] == counts[1]


def test_a_day_of_many_outlets_runs_each_as_often_as_planned(store, now):
    specs = {f"outlet{number}": a_spec(f"outlet{number}") for number in range(30)}
    for number, name in enumerate(specs):
        put(store, now, ("every 4h", "0 */6 * * *", "every 1d")[number % 3], outlet=name)
    for hours in range(1, 25):
        at = now + timedelta(hours=hours)
        tick(store, specs, at)
        run_all(store, at)
    with store.read() as tx:
        assert count_jobs(tx)[JobState.DONE] == 10 * 6 + 10 * 4 + 10 * 1
        assert len(list_schedules(tx)) == 30


def test_outlet_files_are_read_anew_when_one_changes_and_kept_while_one_is_wrong(tmp_path):
    text = 'name = "gazette"\ntitle = "Gazette"\nhome = "https://gazette.example/"\nlanguages = ["en"]\n'
    file = tmp_path / "gazette.toml"
    file.write_text(text + 'schedule = "every 30m"\n')
    files = OutletFiles([tmp_path])
    assert files.specs()["gazette"].schedule == "every 30m"
    file.write_text(text + 'schedule = "every fortnight or so"\n')
    assert files.specs()["gazette"].schedule == "every 30m"
    file.write_text(text + 'schedule = "15 6 * * *"\n')
    assert files.specs()["gazette"].schedule == "15 6 * * *"


def test_a_scheduler_goes_on_after_a_database_that_did_not_answer(settings, monkeypatch, caplog, now):
    stop = Stop()
    answers = [StoreError("The database does not answer."), Tick((Fired("gazette", 7, now, 3, False),)), None]

    def next_answer(*_, **__):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            stop.ask()
            return Tick(())
        return answer

    open_store(settings).close()
    caplog.set_level("INFO", logger="crawler.scheduler")
    monkeypatch.setattr(scheduler, "tick", next_answer)
    monkeypatch.setattr(scheduler, "LONGEST_PAUSE_S", 0.0)
    monkeypatch.setattr(scheduler, "LONGEST_SLEEP", timedelta(0))
    monkeypatch.setattr(scheduler, "SHORTEST_SLEEP", timedelta(0))
    scheduler.run_scheduler(settings, stop)
    stop.close()
    assert [record.getMessage() for record in caplog.records if record.name == "crawler.scheduler"] == [
        "no tick: The database does not answer.",
        "job made",
        "3 earlier firings were missed; one run answers all",
    ]


def test_the_next_start_of_a_schedule_is_worked_out_once_a_firing_and_plan(store, now, monkeypatch):
    worked_out = []
    real = scheduler.next_firing
    monkeypatch.setattr(scheduler, "next_firing", lambda plan, after: worked_out.append(after) or real(plan, after))
    put(store, now)
    starts = NextStarts()
    for second in range(60):
        tick(store, SPECS, now + timedelta(seconds=second), starts=starts)
    assert worked_out == [now]
    assert len(tick(store, SPECS, now + HALF, starts=starts).fired) == 1
    tick(store, SPECS, now + HALF, starts=starts)
    assert worked_out == [now, now + HALF]
    put(store, now + HALF, "every 1h")
    assert tick(store, SPECS, now + HALF, starts=starts).next_at == now + HALF + 2 * HALF
