"""`/metrics`: who may read it, what it says, what reading it costs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from index.alerts.records import Beat, Part, Said
from index.errors import IndexDamagedError, StoreError
from index.health.records import Health, HealthState
from index.job_records import JobState, Wish
from index.outcomes import Outcome
from index.search.memory_backend import MemoryBackend
from index.store.alerts import claim_due, keep_alert, note_failed, tell_on
from index.store.beats import note_beat
from index.store.health import set_health
from index.store.jobs import add_job, ask_job_to_stop, claim_job, end_job
from index.store.runs import finish_run, record_outcome, start_run
from tests.factories import an_article, register, save
from tests.index.alerts.making import an_alert
from web import create_app

HOUR = timedelta(hours=1)


def site_over(store, settings, now, backend=None):
    return create_app(settings, store, backend or MemoryBackend(), clock=lambda: now).test_client()


def figures(client, **other):
    answer = client.get("/metrics", **other)
    assert answer.status_code == 200
    found = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            labels = ",".join(f"{key}={value}" for key, value in sample.labels.items())
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return {name.removeprefix("watchfloor_"): value for name, value in found.items()}


@pytest.fixture
def full(store, now):
    """One outlet with a run, jobs in each state, an alert no server took, and a scheduler."""
    register(store, now)
    save(store, an_article(), now)
    with store.write() as tx:
        run = start_run(tx, "gazette", kind="crawl", now=now - 2 * HOUR, pid=1, host="here")
        record_outcome(tx, run_id=run.id, url="https://gazette.example/a", outcome=Outcome.NEW, detail="", now=now)
        record_outcome(tx, run_id=run.id, url="https://gazette.example/b", outcome=Outcome.GONE, detail="", now=now)
        finish_run(tx, run.id, state="done", reason="", numbers={}, now=now - HOUR)
        for end in (JobState.DONE, JobState.FAILED):
            add_job(tx, Wish("gazette"), by="ann", now=now)
            claim = claim_job(tx, worker="w", now=now, lease=HOUR)
            end_job(tx, claim.job, end, cause=None, reason="", now=now)
        ask_job_to_stop(tx, add_job(tx, Wish("gazette"), by="ann", now=now).id, by="ann", now=now)
        add_job(tx, Wish("gazette"), by="ann", now=now - timedelta(minutes=5))
        set_health(tx, Health("gazette", HealthState.BROKEN, "gone", "It is gone.", now, now))
        alert = keep_alert(tx, an_alert(now, id=0, settled_at=now))
        tell_on(tx, alert.id, Said.BEGAN, ["mail"], now=now)
        (due,) = claim_due(tx, "mail", now=now, lease=HOUR)
        note_failed(tx, due, error="no", again_at=now + HOUR, now=now)
        note_beat(tx, Beat(Part.SCHEDULER, "one", 1, now, now - timedelta(seconds=20)))
    return store


def test_the_figures_of_an_archive(full, database_settings, now):
    found = figures(site_over(full, database_settings, now))
    expected = {
        "database_up": 1,
        "index_up": 1,
        "outlets{state=failing}": 1,
        "outlets{state=fresh}": 0,
        "outlet_health{state=broken}": 1,
        "outlet_health{state=healthy}": 0,
        "outlet_last_success_age_seconds{outlet=gazette}": 3600,
        "articles": 1,
        "outcomes_total{outcome=new}": 1,
        "outcomes_total{outcome=gone}": 1,
        "runs_total{state=done}": 1,
        "runs_running": 0,
        "jobs{state=waiting}": 1,
        "jobs{state=leased}": 0,
        "jobs_ended_total{state=done}": 1,
        "jobs_ended_total{state=failed}": 1,
        "jobs_ended_total{state=cancelled}": 1,
        "jobs_due": 1,
        "jobs_oldest_due_age_seconds": 300,
        "index_lag_changes": 1,
        "index_lag_seconds": 0,
        "alerts_open": 1,
        "alerts_unsent": 1,
        "alerts_refused": 1,
        "beat_age_seconds{part=scheduler}": 20,
        "parts{part=scheduler}": 1,
        "parts{part=worker}": 0,
    }
    assert {name: found.get(name) for name in expected} == expected
    assert found["disk_free_bytes"] > 0


def test_reading_figures_costs_as_many_statements_however_much_is_held(full, database_settings, now):
    def cost():
        before = full.statements
        figures(site_over(full, database_settings, now))
        return full.statements - before

    first = cost()
    register(full, now, *(f"o{number}" for number in range(20)))
    for number in range(20):
        save(full, an_article(f"n{number}"), now)
    assert cost() == first <= 20


def test_figures_asked_for_again_at_once_are_those_read_before(full, database_settings, now):
    client = site_over(full, database_settings, now)
    figures(client)
    before = full.statements
    figures(client)
    assert full.statements == before


def test_requests_and_searches_of_this_process_are_measured(archive, settings, now):
    client = site_over(archive, settings, now)
    client.get("/search?q=ports")
    client.get("/nowhere/at/all")
    found = figures(client)
    assert found["request_seconds_count{route=/search,status=2xx}"] == 1
    assert found["request_seconds_count{route=none,status=4xx}"] == 1
    assert found["search_seconds_count"] == 1


def test_no_address_a_reader_types_becomes_a_label(archive, settings, now):
    client = site_over(archive, settings, now)
    for number in range(5):
        client.get(f"/articles/{number + 90}?secret-query={number}")
    routes = {name for name in figures(client) if name.startswith("request_seconds_count")}
    assert routes == {"request_seconds_count{route=/articles/<int:article_id>,status=4xx}"}


class Broken:
    """A store that does not answer."""

    def read(self):
        raise StoreError("The database does not answer (hunter2).")


class Damaged(MemoryBackend):
    def position(self):
        raise IndexDamagedError("The index is damaged")


def test_a_database_that_does_not_answer_is_a_figure(settings, now):
    client = site_over(Broken(), settings, now)
    found = figures(client)
    assert (found["database_up"], "articles" in found) == (0, False)
    assert "hunter2" not in client.get("/metrics").text


def test_an_index_that_does_not_open_is_a_figure(archive, settings, now):
    found = figures(site_over(archive, settings, now, Damaged()))
    assert (found["index_up"], found["database_up"], "index_lag_changes" in found) == (0, 1, False)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_this_machine_may_read_them(address, archive, settings, now):
    figures(site_over(archive, settings, now), environ_base={"REMOTE_ADDR": address})


@pytest.mark.parametrize("address", ["203.0.113.7", "10.0.0.1", "::ffff:10.0.0.1", "", "localhost"])
def test_nobody_else_may(address, archive, settings, now):
    answer = site_over(archive, settings, now).get("/metrics", environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == 403
    assert "Figures are told to this machine alone." in answer.text
    assert "watchfloor_" not in answer.text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_a_header_opens_nothing_and_one_of_a_proxy_closes(header, archive, settings, now):
    client = site_over(archive, settings, now)
    far = {"REMOTE_ADDR": "203.0.113.7"}
    assert client.get("/metrics", headers={header: "127.0.0.1"}, environ_base=far).status_code == 403
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 403


def test_the_token_of_the_settings_opens_them_from_anywhere(archive, make_settings, now):
    client = site_over(archive, make_settings(web={"metrics_token": "hunter2"}), now)
    far = {"REMOTE_ADDR": "203.0.113.7"}
    figures(client, headers={"Authorization": "Bearer hunter2"}, environ_base=far)
    for wrong in ("Bearer hunter", "Bearer hunter22", "Bearer ", "hunter2", "Basic hunter2", "Bearer hünter2"):
        assert client.get("/metrics", headers={"Authorization": wrong}, environ_base=far).status_code == 403


def test_without_a_token_in_the_settings_no_token_opens_them(archive, settings, now):
    client = site_over(archive, settings, now)
    answer = client.get("/metrics", headers={"Authorization": "Bearer "}, environ_base={"REMOTE_ADDR": "203.0.113.7"})
    assert answer.status_code == 403


def test_every_figure_is_in_the_docs(archive, settings, now):
    from pathlib import Path

    text = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")
    answer = site_over(archive, settings, now).get("/metrics").text
    names = set(re.findall(r"^# TYPE (watchfloor_\w+) ", answer, re.MULTILINE))
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []
