"""`watchfloor runs show`: pace by host, how far a run has come, and its log."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from crawler.cli_runs import runs
from index.host_records import HostNotes, HostPaceInRun, HostState
from index.run_logs import RunLog, runs_folder
from index.store import opened_store
from index.store.hosts import note_hosts
from index.store.runs import beat, start_run
from tests.factories import register


@pytest.fixture
def under_way(settings):
    """A run that has gone on for ten minutes, with a log."""
    now = datetime.now(UTC)
    with opened_store(settings) as store:
        register(store, now)
        begun = now - timedelta(minutes=10)
        pace = HostPaceInRun("gazette.example", 60, 10.0, 9.5, 580.0, 0.4, {"200": 60})
        with store.write() as tx:
            run = start_run(tx, "gazette", kind="crawl", now=begun, pid=1, host="elsewhere")
            beat(tx, run.id, now, numbers={"asked": 60, "fetched": 60})
            note_hosts(tx, [HostNotes(HostState("gazette.example"), (), pace)], run_id=run.id, now=now)
    log = RunLog(settings)
    log.begin(run.id)
    for level, message in ((logging.INFO, "begins"), (logging.WARNING, "host is left alone")):
        log.handle(logging.LogRecord("crawler.x", level, "x.py", 1, message, (), None))
    log.close()
    return settings


def show(settings, *options):
    return CliRunner().invoke(runs, ["show", "1", *options], obj=settings, catch_exceptions=False).output


def test_run_under_way_tells_its_pace_and_how_far_it_has_come(under_way):
    told = show(under_way)
    assert "progress   60 URLs in 10 min, 6.0 a minute" in told
    assert "pace       gazette.example: 60 requests, 10 s apart (median; the least 9.5 s), 10 min waited" in told
    assert "host is left alone" not in told


def test_log_is_told_where_it_is_asked_for_with_warnings_first(under_way):
    told = show(under_way, "--log")
    assert told.index("1 warning:") < told.index("host is left alone") < told.index("msg=begins")


def test_json_holds_hosts_progress_and_log(under_way):
    told = json.loads(show(under_way, "--log", "--json"))
    assert told["hosts"][0]["waited_s"] == 580.0
    assert 5.5 < told["progress"]["per_minute"] <= 6.0
    assert (told["log"]["lines"], len(told["log"]["warnings"])) == (2, 1)
    assert "log" not in json.loads(show(under_way, "--json"))


def test_run_without_a_log_says_so(under_way):
    (runs_folder(under_way) / "1.log").unlink()
    assert "No log of run 1 is here" in show(under_way, "--log")
