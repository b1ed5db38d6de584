"""What whole crawls in a child process keep of what they met on the network."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from crawler.run import crawl_outlet
from index.store import Store, open_store
from index.store.health import observations_of
from index.store.runs import list_runs
from tests.loopback_outlet import HOST, Answer, LoopbackOutlet, serving


@pytest.fixture
def outlet() -> Iterator[LoopbackOutlet]:
    with serving(LoopbackOutlet()) as running:
        yield running


@pytest.fixture
def settings(outlet, make_settings, tmp_path):
    return outlet.settings(make_settings, tmp_path / "outlets")


@pytest.fixture
def archive(settings) -> Iterator[Store]:
    store = open_store(settings)
    yield store
    store.close()


def newest(archive):
    with archive.read() as tx:
        return next(iter(observations_of(tx, "harbour")), None)


def test_a_host_is_seen_with_its_requests_its_pace_and_its_robots_txt(outlet, settings, archive):
    outlet.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /admin/\n", content_type="text/plain")
    outlet.article("a")
    outlet.feed("a", "gone")
    crawl_outlet("harbour", settings=settings)
    seen = newest(archive)
    host = seen.hosts[HOST]
    assert (seen.statuses, seen.failures) == ({"200": 2, "404": 1}, {})
    assert host.requests == 4
    assert 0 < host.seconds < 10
    assert len(host.robots) == 16
    assert seen.outcomes == {"gone": 1, "new": 1}
    assert (seen.fetched, seen.body_bytes) == (1, len(outlet.pages["/news/a"].body)), "lists are weighed elsewhere"


def test_a_host_that_does_not_answer_is_seen_in_its_failures(outlet, settings, archive):
    hosts = {HOST: f"127.0.0.1:{outlet.port}"}
    unreached = settings.model_copy(
        update={"network": settings.network.model_copy(update={"hosts": dict.fromkeys(hosts, "127.0.0.1:9")})}
    )
    crawl_outlet("harbour", settings=unreached)
    seen = newest(archive)
    assert seen.failures["connection_failed"] >= 1
    assert (seen.statuses, seen.hosts[HOST].seconds, seen.hosts[HOST].robots) == ({}, None, "")
    assert [source.outcome for source in seen.sources] == ["connection_failed"]


def test_a_run_that_was_killed_keeps_nothing_it_cannot_vouch_for(outlet, settings, archive):
    def kill(path: str) -> None:
        if path == "/news/b":
            with archive.read() as tx:
                pid = tx.exec_driver_sql("SELECT pid FROM runs WHERE state = 'running'").scalar_one()
            os.kill(pid, signal.SIGKILL)

    for name in ("a", "b"):
        outlet.article(name)
    outlet.feed("a", "b")
    outlet.before_answer = kill
    assert crawl_outlet("harbour", settings=settings).state == "killed"
    assert newest(archive) is None
    with archive.read() as tx:
        assert list_runs(tx)[0].state == "killed"
