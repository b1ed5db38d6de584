"""What a crawl logs can be found by its run, its outlet, its job."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from crawler.run import crawl_outlet
from index.job_records import Wish
from index.store import opened_store
from index.store.jobs import add_job, claim_job
from tests.loopback_outlet import LoopbackOutlet, serving


@pytest.fixture
def outlet():
    with serving(LoopbackOutlet()) as running:
        running.article("a")
        running.feed("a", "gone")
        yield running


def lines(capfd):
    return capfd.readouterr().err.strip().splitlines()


def test_every_line_of_a_run_names_run_and_outlet(outlet, make_settings, tmp_path, capfd):
    settings = outlet.settings(make_settings, tmp_path / "outlets", logs={"level": "DEBUG"})
    report = crawl_outlet("harbour", settings=settings)
    said = lines(capfd)
    begun = next(number for number, line in enumerate(said) if 'msg="run started"' in line)
    assert said[begun:]
    assert [line for line in said[begun:] if f"run={report.run_id}" not in line or "outlet=harbour" not in line] == []


def test_every_line_of_a_run_for_a_job_names_it_and_its_worker_in_json_too(outlet, make_settings, tmp_path, capfd, now):
    settings = outlet.settings(make_settings, tmp_path / "outlets", logs={"level": "INFO", "format": "json"})
    with opened_store(settings) as store, store.write() as tx:
        add_job(tx, Wish("harbour"), by="ann", now=now)
        job = claim_job(tx, worker="w", now=now, lease=timedelta(minutes=1)).job
    report = crawl_outlet("harbour", settings=settings, job=(job.id, job.attempt))
    said = [json.loads(line) for line in lines(capfd)]
    assert said[-1]["msg"] == "run ended"
    assert {(one["outlet"], one["job"], one["attempt"]) for one in said} == {("harbour", job.id, 1)}
    assert all(one["worker"] for one in said)
    assert said[-1]["run"] == report.run_id
