"""`watchfloor doctor`: each thing it finds, with what is to be done about it."""

from __future__ import annotations

import json
from collections import namedtuple
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from config.when import parse_when
from crawler import doctor_guards, doctor_machine, doctor_work
from crawler.doctor import doctor, examine
from crawler.findings import FAULT, OK, WARNING, Finding
from crawler.network.settings import scrapy_settings
from index.alerts.records import Beat, Part, Said
from index.health.records import HealthState
from index.job_records import Wish
from index.schedules import Schedule
from index.search.opening import open_backend
from index.store import open_store, opened_store
from index.store.alerts import claim_due, keep_alert, note_failed, tell_on
from index.store.beats import note_beat
from index.store.health import set_health
from index.store.jobs import add_job
from index.store.runs import start_run
from index.store.schedules import set_schedule
from index.sync import sync
from index.takedown_records import LEFT, RAW, Takedown
from tests.factories import an_article, register, save
from tests.index.alerts.making import a_health, an_alert

SUBJECTS = [
    *("python", "disk", "access", "outlets", "contact", "guards", "database", "clock", "index", "freshness"),
    *("health", "parts", "alerts", "takedowns"),
]
MINUTE = timedelta(minutes=1)
Usage = namedtuple("Usage", "free")


def one(findings):
    (found,) = findings
    return found.state, found.sentence


def examined(settings, now, **other):
    return {finding.subject: finding for finding in examine(settings, now=now, **other)}


def test_nothing_is_wrong_with_an_empty_folder_but_that_nobody_is_told(make_settings, now):
    settings = make_settings(crawler={"contact": "desk@watch.example", "min_free_mb": 1})
    found = examined(settings, now)
    assert list(found) == SUBJECTS
    assert {name for name, finding in found.items() if finding.state != OK} == {"alerts"}


def test_what_an_operator_should_know_is_a_warning(make_settings, now):
    settings = make_settings(network={"private_hosts": ["intranet.example"]}, crawler={"min_free_mb": 1})
    with opened_store(settings) as store:
        register(store, now)
        save(store, an_article(), now)
    found = examined(settings, now)
    assert {name for name, finding in found.items() if finding.state == WARNING} >= {"contact", "guards", "index"}


def test_a_fault_is_named_with_what_mends_it(make_settings, now):
    settings = make_settings(crawler={"min_free_mb": 10**9, "contact": "desk@watch.example"})
    store, backend = open_store(settings), open_backend(settings)
    register(store, now)
    save(store, an_article(), now)
    sync(store, backend, settings=settings)
    backend.close()
    store.close()
    (settings.index_dir / "current").write_text("gen-none")
    found = examined(settings, now)
    assert found["disk"].state == found["index"].state == FAULT
    assert "watchfloor index rebuild" in found["index"].sentence
    done = CliRunner().invoke(doctor, ["--json"], obj=settings, standalone_mode=False)
    assert done.return_value == 3
    assert set(json.loads(done.output)[0]) == {"subject", "state", "sentence"}


def test_a_database_that_does_not_answer_spoils_no_other_look(make_settings, now):
    found = examined(make_settings(database={"url": "postgresql+psycopg://u:hunter2@127.0.0.1:1/none"}), now)
    assert list(found) == SUBJECTS
    assert found["disk"].state == OK
    assert "check [database] url" in found["database"].sentence
    assert not any("hunter2" in finding.sentence for finding in found.values())
    assert [name for name, finding in found.items() if finding.state == FAULT] == ["database"]  # told, and tried, once
    assert found["parts"] == Finding("parts", WARNING, "Not looked at, for the database is not to be had: see there.")


def test_a_database_that_somebody_keeps_to_himself_is_told(make_settings, now):
    settings = make_settings(database={"busy_timeout_s": 0.1})
    with opened_store(settings) as store, store.write():
        state, sentence = one(doctor_work.database(settings))
    assert state == FAULT
    assert sentence.startswith("It can be read, and not be written in 0.1 s: ")
    assert "another process holds a lock on it" in sentence


# Versions


def test_libraries_of_the_lock_are_in_order():
    state, sentence = one(doctor_machine.python())
    assert state == OK
    assert sentence.endswith(", as locked.")


def test_a_library_of_another_version_is_named_with_the_one_of_the_lock(tmp_path):
    lock = tmp_path / "requirements.lock"
    lock.write_text("scrapy==1.0 \\\n    --hash=sha256:00\nnot-here==2.0 ; sys_platform == 'win32' \\\n")
    state, sentence = one(doctor_machine.python(lock))
    assert state == WARNING
    assert sentence.startswith("Other versions than this was tested with: scrapy 2.")
    assert "(made with 1.0). Run `make setup`." in sentence


def test_without_a_lock_the_package_says_what_it_was_made_with(tmp_path):
    assert doctor_machine.pinned(tmp_path / "none")["scrapy"] == ("2.19.0",)


def test_a_library_that_is_missing_is_a_fault(monkeypatch):
    really = doctor_machine._installed
    monkeypatch.setattr(doctor_machine, "_installed", lambda name: None if name == "waitress" else really(name))
    assert one(doctor_machine.python()) == (FAULT, "Not installed: waitress. Run `make setup`.")


def test_an_old_python_is_a_fault(monkeypatch):
    monkeypatch.setattr(doctor_machine, "LEAST_PYTHON", (4, 0))
    assert "is too old: install Python 3.11 or newer." in next(iter(doctor_machine.python())).sentence


# Disk


@pytest.mark.parametrize(("free_mb", "state"), [(999, FAULT), (1000, WARNING), (1999, WARNING), (2000, OK)])
def test_the_disk_is_told_before_crawls_stop(free_mb, state, make_settings, monkeypatch):
    monkeypatch.setattr(doctor_machine, "free_bytes_of", lambda _: free_mb << 20)
    assert one(doctor_machine.disk(make_settings(crawler={"min_free_mb": 1000})))[0] == state


def test_a_disk_that_does_not_say_how_full_it_is_is_told(settings, monkeypatch):
    monkeypatch.setattr(doctor_machine, "free_bytes_of", lambda _: None)
    assert one(doctor_machine.disk(settings))[0] == WARNING


def test_what_the_data_folder_uses_is_told_by_part(settings):
    folder = settings.data.dir
    for name, size in (("watchfloor.sqlite3", 5), ("watchfloor.sqlite3-wal", 1), ("index/gen/a", 3), ("warc/a", 20)):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * (size << 20))
    state, sentence = one(doctor_machine.disk(settings))
    assert state in (OK, WARNING, FAULT)
    assert sentence.endswith("In use: raw pages 20 MB, database 6.0 MB, index 3.0 MB.")


def test_a_folder_of_very_many_files_is_weighed_in_part(settings, monkeypatch):
    monkeypatch.setattr(doctor_machine, "MOST_FILES", 2)
    (settings.data.dir / "warc").mkdir(parents=True)
    for number in range(3):
        (settings.data.dir / "warc" / f"{number}").write_text("x")
    assert "(the first 2 files)" in one(doctor_machine.disk(settings))[1]


def test_a_database_on_a_server_is_weighed_there(database_settings, store, dialect):
    told = "database on its server" in one(doctor_machine.disk(database_settings))[1]
    assert told is (dialect == "postgresql")


# Clock


def test_a_clock_in_order(database_settings, store, now, dialect, monkeypatch):
    monkeypatch.setattr(doctor_machine, "server_instant", lambda tx: now if dialect == "postgresql" else None)
    state, sentence = one(doctor_machine.clock(database_settings, now))
    assert state == OK
    assert sentence.startswith("0.0 s beside" if dialect == "postgresql" else "2026-11-23 12:00 UTC, after all")


def test_the_clock_of_a_server_is_asked(database_settings, store, now, dialect):
    state, sentence = one(doctor_machine.clock(database_settings, now))
    if dialect == "postgresql":  # whose clock is not the one of this test
        assert state == FAULT
        assert "s apart; leases last 60 s. Keep both by NTP." in sentence
    else:
        assert state == OK


@pytest.mark.parametrize(("seconds", "state"), [(2, OK), (3, WARNING), (31, FAULT)])
def test_a_clock_beside_that_of_the_database_is_graver_the_nearer_it_comes_to_a_lease(
    seconds, state, settings, now, monkeypatch
):
    monkeypatch.setattr(doctor_machine, "server_instant", lambda _: now - timedelta(seconds=seconds))
    assert one(doctor_machine.clock(settings, now))[0] == state


def test_a_clock_that_was_set_back_is_known_by_what_was_written(database_settings, store, now):
    with store.write() as tx:
        start_run(tx, "gazette", kind="crawl", now=now + 3 * MINUTE, pid=1, host="here")
    state, sentence = one(doctor_machine.clock(database_settings, now))
    assert state == WARNING
    assert sentence.startswith("Something was written at 2026-11-23 12:03 UTC, and here it is 2026-11-23 12:00 UTC")


# Guards


def test_the_guard_is_in_use_for_crawls_mail_and_webhooks(settings):
    assert one(doctor_guards.guards(settings))[0] == OK


@pytest.mark.parametrize(
    "other", [{"TWISTED_DNS_RESOLVER": "scrapy.resolver.CachingThreadedResolver"}, {"DNSCACHE_ENABLED": True}]
)
def test_a_crawl_with_another_resolver_is_a_fault(other, settings):
    parts = {**scrapy_settings(settings, None), **other}
    assert one(doctor_guards.guards(settings, parts=parts))[0] == FAULT


@pytest.mark.parametrize("door", ["crawler.network.resolver.why_refused", "crawler.network.dialling.why_refused"])
def test_a_rule_that_lets_one_door_open_is_a_fault(door, settings, monkeypatch):
    monkeypatch.setattr(door, lambda _: None)
    assert one(doctor_guards.guards(settings)) == (
        FAULT,
        "The address guard would let 169.254.169.254 through; do not crawl. Reinstall.",
    )


def test_private_hosts_are_named(make_settings):
    settings = make_settings(network={"private_hosts": ["intranet.example"]})
    assert one(doctor_guards.guards(settings)) == (
        WARNING,
        "Private addresses are open for intranet.example (network.private_hosts).",
    )


# Access


def test_a_data_folder_that_others_read_is_told_with_the_command(settings):
    settings.data.dir.mkdir(mode=0o700)
    assert one(doctor_guards.permissions(settings, None))[0] == OK
    settings.data.dir.chmod(0o755)
    state, sentence = one(doctor_guards.permissions(settings, None))
    assert (state, sentence.endswith(f"chmod 700 {settings.data.dir}")) == (WARNING, True)


def test_a_data_folder_that_cannot_be_written_is_a_fault(settings, monkeypatch):
    settings.data.dir.mkdir(mode=0o700)
    monkeypatch.setattr("crawler.doctor_guards.os.access", lambda *_: False)
    assert one(doctor_guards.permissions(settings, None))[0] == FAULT


def test_a_data_folder_of_another_user_is_told(settings, monkeypatch):
    settings.data.dir.mkdir(mode=0o700)
    monkeypatch.setattr("crawler.doctor_guards.os.geteuid", lambda: 4711)
    assert "belongs to another user" in one(doctor_guards.permissions(settings, None))[1]


@pytest.mark.parametrize(("mode", "holds", "state"), [(0o644, True, WARNING), (0o600, True, OK), (0o644, False, OK)])
@pytest.mark.parametrize("where", ["alerts", "database", "web"])
def test_a_settings_file_with_a_password_that_others_read_is_told_without_it(
    where, mode, holds, state, make_settings, tmp_path: Path
):
    tables = {
        "alerts": {"alerts": {"webhook_secret": "hunter2"}},
        "database": {"database": {"url": "postgresql+psycopg://u:hunter2@db/x"}},
        "web": {"web": {"metrics_token": "hunter2"}},
    }
    file = tmp_path / "watchfloor.toml"
    file.write_text('[x]\nsecret = "hunter2"\n' if holds else "")
    file.chmod(mode)
    found, sentence = one(doctor_guards.permissions(make_settings(**tables[where]), file))
    assert found == state
    assert "hunter2" not in sentence


# Parts, alerts, health


def schedule(store, now):
    with store.write() as tx:
        plan = Schedule("gazette", parse_when("every 30m"), since=now)
        set_schedule(tx, plan, origin="operator", by="ann", now=now)


def beat(store, part, at, **other):
    with store.write() as tx:
        note_beat(tx, Beat(part, "one", 1, at, at, **other))


def test_where_nothing_is_scheduled_nothing_is_missed(settings, now):
    assert one(doctor_work.parts(settings, now))[0] == OK


def test_schedules_without_a_scheduler_and_a_worker_are_told(database_settings, store, now):
    schedule(store, now)
    state, sentence = one(doctor_work.parts(database_settings, now))
    assert state == WARNING
    assert sentence == "1 schedule is in force and no scheduler and no worker runs: `watchfloor up` runs all."


def test_jobs_without_a_worker_are_told_although_nothing_is_scheduled(database_settings, store, now):
    with store.write() as tx:
        add_job(tx, Wish("gazette"), by="ann", now=now)
    state, sentence = one(doctor_work.parts(database_settings, now))
    assert state == WARNING
    assert sentence == "1 job waits or was begun and no worker runs: `watchfloor up` runs all."


def test_a_part_that_did_not_stop_in_order_is_told_with_its_last_sign(database_settings, store, now):
    schedule(store, now)
    beat(store, Part.SCHEDULER, now)
    beat(store, Part.WORKER, now - 6 * MINUTE)
    sentence = one(doctor_work.parts(database_settings, now))[1]
    assert "no worker runs" in sentence
    assert "The worker on one was last heard of at 2026-11-23 11:54 UTC and did not stop in order." in sentence


def test_parts_that_work_are_told(database_settings, store, now):
    schedule(store, now)
    beat(store, Part.SCHEDULER, now - timedelta(seconds=4))
    beat(store, Part.WORKER, now)
    assert one(doctor_work.parts(database_settings, now)) == (
        OK,
        "Signs of life: 1 scheduler, 4 s ago; 1 worker, 0 s ago.",
    )


def test_without_a_channel_the_settings_to_set_are_named(settings):
    state, sentence = one(doctor_work.alerts(settings))
    assert state == WARNING
    assert "set [alerts] mail_to or webhook_url" in sentence


def test_channels_are_named_without_what_lets_in(make_settings):
    settings = make_settings(alerts={"webhook_url": "https://hook.example/secret-path"})
    assert one(doctor_work.alerts(settings)) == (
        OK,
        "Told by webhook to hook.example. The webhook's messages are not signed (alerts.webhook_secret).",
    )


def test_messages_that_no_server_took_are_told_with_the_cause(make_settings, now):
    settings = make_settings(alerts={"webhook_url": "https://hook.example/", "webhook_secret": "x"})
    with opened_store(settings) as store, store.write() as tx:
        alert = keep_alert(tx, an_alert(now, id=0, settled_at=now))
        tell_on(tx, alert.id, Said.BEGAN, ["webhook"], now=now)
        (due,) = claim_due(tx, "webhook", now=now, lease=MINUTE)
        note_failed(tx, due, error="hook.example answers 500.", again_at=now + MINUTE, now=now)
    state, sentence = one(doctor_work.alerts(settings))
    assert (state, sentence.startswith("1 message was not taken, the last one: hook.example answers 500.")) == (
        WARNING,
        True,
    )


def test_outlets_that_fare_badly_are_named_by_state(database_settings, store, now):
    with store.write() as tx:
        for name, state in (("a", HealthState.BROKEN), ("b", HealthState.STALE), ("c", HealthState.HEALTHY)):
            set_health(tx, a_health(name, state, now))
    state, sentence = one(doctor_work.health(database_settings))
    assert (state, sentence.startswith("broken: a; stale: b.")) == (WARNING, True)


def test_outlets_that_fare_well_are_counted(database_settings, store, now):
    with store.write() as tx:
        set_health(tx, a_health("a", HealthState.HEALTHY, now))
        set_health(tx, a_health("b", HealthState.PAUSED, now))
    assert one(doctor_work.health(database_settings)) == (OK, "2 outlets judged, all well, 1 paused.")


def test_a_takedown_that_is_not_at_its_end_is_told_with_what_is_left(settings, now, monkeypatch):
    assert one(doctor_work.takedowns(settings))[0] == OK
    url = "https://gazette.example/secret"
    held = Takedown(1, url, None, "gazette", now, "ann", "", {}, pending=(RAW,))
    monkeypatch.setattr(doctor_work, "pending_takedowns", lambda _: [held])
    state, sentence = one(doctor_work.takedowns(settings))
    assert state == WARNING
    assert LEFT[RAW] in sentence
    assert f"watchfloor takedown {url}" in sentence


def test_index_and_database_tell_their_versions(settings, now):
    found = examined(settings, now)
    assert found["database"].sentence.startswith("sqlite, schema 00")
    assert found["index"].sentence.startswith("whoosh, version ")
