"""A crawl whose database somebody keeps to himself, or takes away, ends by that cause, blames nobody, loses nothing."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from config.settings import Settings
from crawler.network.middlewares import MayBeAsked
from crawler.run import crawl_outlet
from index.errors import BusyError, StoreError
from index.store import open_store
from index.store.articles import count_articles
from index.store.decisions import decisions_of_run
from index.store.health import list_health
from index.store.runs import list_runs
from tests.loopback_outlet import LoopbackOutlet, serving

PAGES = 12

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]


@pytest.fixture
def outlet() -> Iterator[LoopbackOutlet]:
    running = LoopbackOutlet()
    for number in range(PAGES):
        running.article(f"n{number}")
    running.feed(*(f"n{number}" for number in range(PAGES)))
    with serving(running):
        yield running


def hold_until(settings: Settings, told: Callable[[], bool]) -> threading.Thread:
    """Keep an embedded database to ourselves until something is so."""
    held = threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(settings.data.dir / "watchfloor.sqlite3", isolation_level=None)) as connection:
            connection.execute("PRAGMA busy_timeout = 20000")
            connection.execute("BEGIN IMMEDIATE")
            held.set()
            deadline = time.monotonic() + 100
            while not told() and time.monotonic() < deadline:
                time.sleep(0.05)
            connection.execute("ROLLBACK")

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(30)
    return thread


@pytest.mark.parametrize("floor_s", [0, 0.05], ids=["while it stores", "while it takes turns too"])
def test_a_locked_database_ends_a_crawl_by_that_cause_and_nothing_is_lost(floor_s, outlet, make_settings, tmp_path):
    settings = outlet.settings(
        make_settings, tmp_path / "outlets", database={"busy_timeout_s": 0.3}, politeness={"floor_s": floor_s}
    )
    open_store(settings).close()
    holders: list[threading.Thread] = []

    def lost() -> bool:
        logs = list((settings.data.dir / "logs" / "runs").glob("*.log*"))
        return any("database lost" in log.read_text(errors="replace") for log in logs)

    def lock(path: str) -> None:
        if path == "/news/n3" and not holders:
            holders.append(hold_until(settings, lost))

    outlet.before_answer = lock
    with pytest.raises(BusyError, match="ended early, what was stored is kept"):
        crawl_outlet("harbour", settings=settings)
    holders[0].join()
    store = open_store(settings)
    with store.read() as tx:
        run = list_runs(tx)[0]
        blamed = [one.outcome.value for one in decisions_of_run(tx, run.id) if one.outcome is not None]
        assert run.state == "killed"
        assert "another process holds a lock on it" in run.reason
        assert set(blamed) <= {"new", "not_article"}
        assert list_health(tx) == []
    assert crawl_outlet("harbour", settings=settings).state == "done"
    with store.read() as tx:
        assert count_articles(tx) == PAGES
    store.close()


class Engine:
    def __init__(self, error: Exception) -> None:
        self.error = error

    async def download_async(self, _request: object) -> object:
        await asyncio.sleep(0)
        raise self.error


class Crawl:
    def __init__(self, settings: Settings, error: Exception) -> None:
        self.settings = {
            "WATCHFLOOR_SETTINGS": settings,
            "WATCHFLOOR_SPEC": None,
            "WATCHFLOOR_REPLAY": None,
            "USER_AGENT": "Watchfloor/1",
        }
        self.engine = Engine(error)


def test_robots_txt_that_could_not_be_asked_for_without_a_database_forbids_nothing(
    make_settings, tmp_path: Path, monkeypatch
):
    from scrapy import Request

    from crawler.network import middlewares
    from crawler.network.pace import Paces

    settings = make_settings()
    monkeypatch.setattr(middlewares, "paces_of", lambda _crawler: Paces(settings, None))
    asked = MayBeAsked(Crawl(settings, StoreError("It does not answer.")))

    async def ask_twice() -> list[BaseException]:
        requests = [Request(f"https://gazette.example/{number}") for number in range(2)]
        return await asyncio.gather(*map(asked.process_request, requests), return_exceptions=True)

    answers = asyncio.run(ask_twice())
    assert [type(answer) for answer in answers] == [StoreError, StoreError]
    assert asked.robots == {}
