"""The scheduler notices what no run can tell: that an outlet is not crawled at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from config.when import parse_when
from crawler import scheduler
from crawler.stopping import Stop
from index.health.records import HealthState
from index.schedules import Schedule
from index.store.health import changes_of, get_health
from index.store.schedules import set_schedule
from tests.factories import a_spec, register

SPECS = {"gazette": a_spec()}


def scheduled(store, now):
    register(store, now)
    with store.write() as tx:
        set_schedule(tx, Schedule("gazette", parse_when("every 30m"), since=now), origin="operator", by="ann", now=now)


def test_an_outlet_that_nobody_crawls_is_told_once(store, settings, now, caplog):
    scheduled(store, now)
    for hours in (0, 1, 12, 13):
        scheduler.judge_silent(store, SPECS, settings, now + timedelta(hours=hours))
    with store.read() as tx:
        assert get_health(tx, "gazette").state is HealthState.STALE
        assert len(changes_of(tx, "gazette")) == 1
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == ["outlet health changed"]


def test_a_judgement_that_fails_stops_no_schedule(store, settings, now, monkeypatch, caplog):
    def fail(*_, **__):
        raise ZeroDivisionError("no usual figure")

    monkeypatch.setattr(scheduler, "judge_silence", fail)
    scheduler.judge_silent(store, SPECS, settings, now)
    assert "silence not judged" in caplog.text


def test_silence_is_judged_once_a_minute(settings, monkeypatch):
    stop, judged, slept = Stop(), [], []
    instants = [datetime(2026, 11, 23, 12, 0, second, tzinfo=UTC) for second in range(0, 60, 10)]
    instants.append(datetime(2026, 11, 23, 12, 1, tzinfo=UTC))

    def tick(_store, _specs, now, **_):
        if now == instants[-1]:
            stop.ask()
        return scheduler.Tick(())

    def sleep_for(seen, _now):
        slept.append(seen)
        return timedelta(0)

    monkeypatch.setattr(scheduler, "tick", tick)
    monkeypatch.setattr(scheduler, "sleep_for", sleep_for)
    monkeypatch.setattr(scheduler, "judge_silent", lambda _store, _specs, _settings, now: judged.append(now))
    scheduler.run_scheduler(settings, stop, clock=lambda: instants[min(len(slept), len(instants) - 1)])
    stop.close()
    assert judged == [instants[0], instants[-1]]
