"""What a crawl stored survives any kill of its process, and nothing is stored twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from crawler.orders import Order
from crawler.run import crawl_outlet
from index.records import LeadState
from index.search.opening import open_backend
from index.store import Store, open_store
from index.store.articles import count_articles, latest_articles, revisions_of
from index.store.leads import count_leads
from index.store.runs import list_runs
from index.sync import sync, verify
from tests.loopback_outlet import HOME, LoopbackOutlet, serving

KILLS = 10
IN_FLIGHT = 4
"""Asks of the one host under way at once, its twin check included."""

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]


@pytest.fixture
def pages() -> int:
    return 24


@pytest.fixture
def outlet(pages: int) -> Iterator[LoopbackOutlet]:
    """An outlet whose feed lists a few pages, each of which links to the next ones."""
    running = LoopbackOutlet()
    for number in range(pages):
        onward = [next_ for next_ in (number * 2 + 1, number * 2 + 2) if next_ < pages]
        links = "".join(f'<p>See <a href="{HOME}/news/n{next_}">report {next_}</a> on this.</p>' for next_ in onward)
        running.article(f"n{number}", links=links)
    running.feed("n0", "n1", "n2")
    running.before_answer = lambda _path: time.sleep(0.02)
    with serving(running):
        yield running


@pytest.fixture
def settings(outlet: LoopbackOutlet, make_settings: Callable[..., Settings], tmp_path: Path) -> Settings:
    return outlet.settings(make_settings, tmp_path / "outlets")


@pytest.fixture
def archive(settings: Settings) -> Iterator[Store]:
    store = open_store(settings)
    yield store
    store.close()


def start_child(settings: Settings) -> subprocess.Popen[bytes]:
    child = subprocess.Popen(
        [sys.executable, "-m", "crawler.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent.parent.parent,
    )
    assert child.stdin is not None
    child.stdin.write(Order(settings, "harbour").to_json().encode())
    child.stdin.close()
    return child


def end(child: subprocess.Popen[bytes], number: int) -> int:
    child.send_signal(number)
    return end_of(child)


def end_of(child: subprocess.Popen[bytes]) -> int:
    assert child.stdout is not None
    child.stdout.read()
    child.stdout.close()
    return child.wait(timeout=40)


def wait_for_request(outlet: LoopbackOutlet, more_than: int, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 90
    while len(outlet.log) <= more_than and child.poll() is None:
        assert time.monotonic() < deadline, "the crawl asked for nothing"
        time.sleep(0.005)


@pytest.mark.parametrize("pages", [64])
def test_ten_kills_lose_nothing_and_store_nothing_twice(pages, outlet, settings, archive):
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    dice = random.Random(seed)
    for _ in range(KILLS):
        child = start_child(settings)
        wait_for_request(outlet, len(outlet.log), child)
        time.sleep(dice.uniform(0.0, 0.25))
        end(child, signal.SIGKILL)
    report = crawl_outlet("harbour", settings=settings)
    assert report.state == "done", (seed, report)
    with archive.read() as tx:
        held = latest_articles(tx, limit=pages * 2)
        assert count_articles(tx) == pages, seed
        assert len({article.canonical_url for article in held}) == pages, seed
        assert all(len(revisions_of(tx, article.id)) == 1 for article in held), seed
        leads = count_leads(tx, "harbour")
        states = [run.state for run in list_runs(tx, outlet="harbour")]
    assert leads == {LeadState.WAITING: 0, LeadState.TAKEN: 0, LeadState.DONE: pages}, seed
    assert states[0] == "done"
    assert set(states[1:]) <= {"killed", "done"}, (seed, states)
    asked = outlet.asked(but=("/robots.txt", "/feed.xml"))
    again = sum(asked.values()) - pages
    assert again <= KILLS * IN_FLIGHT, (seed, asked)


def test_index_equals_database_after_kills(outlet, settings, archive):
    child = start_child(settings)
    wait_for_request(outlet, 12, child)
    end(child, signal.SIGKILL)
    crawl_outlet("harbour", settings=settings)
    backend = open_backend(settings)
    try:
        sync(archive, backend, settings=settings)
        assert verify(archive, backend).equal
    finally:
        backend.close()


def test_parent_tells_a_killed_child_and_its_run_is_marked(outlet, settings, archive):
    killed: list[int] = []

    def kill_child(_path: str) -> None:
        if not killed and len(outlet.log) > 6:
            with archive.read() as tx:
                from index.store.tables import runs  # the pid is nobody's business but this test's

                pid = tx.execute(runs.select().order_by(runs.c.id.desc())).first().pid
            killed.append(pid)
            os.kill(pid, signal.SIGKILL)

    outlet.before_answer = kill_child
    report = crawl_outlet("harbour", settings=settings)
    assert (report.state, report.exit_code) == ("killed", 75)
    assert "signal 9" in report.reason
    with archive.read() as tx:
        assert list_runs(tx)[0].state == "killed"
        assert count_leads(tx, "harbour")[LeadState.TAKEN] == 0


def test_sigterm_ends_a_run_in_order_and_nothing_is_fetched_twice(pages, outlet, settings, archive):
    told = threading.Event()
    outlet.before_answer = lambda _path: told.wait(60) if len(outlet.log) > 10 else None
    child = start_child(settings)
    wait_for_request(outlet, 10, child)
    child.send_signal(signal.SIGTERM)
    told.set()  # from here on nothing holds it up: what is under way is answered
    assert end_of(child) == 10
    with archive.read() as tx:
        run = list_runs(tx)[0]
        assert (run.state, run.reason) == ("partial", "Stopped on request; what is left waits for the next run.")
        assert count_leads(tx, "harbour")[LeadState.TAKEN] == 0
    crawl_outlet("harbour", settings=settings)
    with archive.read() as tx:
        assert count_articles(tx) == pages
    assert max(outlet.asked(but=("/robots.txt", "/feed.xml")).values()) == 1


def test_child_ends_when_its_parent_dies(outlet, settings):
    code = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-m', 'crawler.child'], stdin=subprocess.PIPE)\n"
        "child.stdin.write(sys.stdin.buffer.read()); child.stdin.close()\n"
        "print(child.pid, flush=True)\n"
        "child.wait()\n"
    )
    dead = threading.Event()
    outlet.before_answer = lambda _path: dead.wait(90) if len(outlet.log) >= 2 else None
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent.parent.parent,
    )
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.write(Order(settings, "harbour").to_json().encode())
    parent.stdin.close()
    child_pid = int(parent.stdout.readline())
    deadline = time.monotonic() + 90
    while len(outlet.log) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    parent.kill()
    parent.wait()
    dead.set()
    parent.stdout.close()
    while Path(f"/proc/{child_pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{child_pid}").exists()
