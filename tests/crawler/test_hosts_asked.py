"""How hosts are asked over processes, and what is kept of it: real crawls of a loopback outlet with a small floor."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from config.settings import Settings
from crawler.lookup import look_up, look_up_article
from crawler.orders import Limits
from crawler.run import crawl_outlet, find_outlet
from index.host_records import Breaker, DelayRule, Rest
from index.run_logs import read_log
from index.store import Store, open_store, opened_store
from index.store.hosts import get_host, hours_of, pace_of_run, robots_changes_of
from index.store.turns import hold_host
from tests.loopback_outlet import HOME, HOST, Answer, LoopbackOutlet, serving

pytestmark = pytest.mark.timeout(120)

FLOOR_S = 0.3
SOON = (
    0.1  # what two gaps may differ by: from its turn to its bytes a request takes a while, on a machine with much to do
)


@pytest.fixture
def outlet() -> Iterator[LoopbackOutlet]:
    with serving(LoopbackOutlet()) as running:
        for name in ("a", "b", "c"):
            running.article(name)
        running.feed("a", "b", "c")
        yield running


@pytest.fixture
def crawl_settings(
    outlet: LoopbackOutlet, make_settings: Callable[..., Settings], tmp_path: Path
) -> Callable[..., Settings]:
    def make(**tables: object) -> Settings:
        return outlet.settings(make_settings, tmp_path / "outlets", **tables)

    return make


@pytest.fixture
def settings(crawl_settings: Callable[..., Settings]) -> Settings:
    return crawl_settings(politeness={"floor_s": FLOOR_S})


@pytest.fixture
def archive(settings: Settings) -> Iterator[Store]:
    store = open_store(settings)
    yield store
    store.close()


def known(archive: Store):
    with archive.read() as tx:
        found = get_host(tx, HOST)
    assert found is not None
    return found


def smallest_gap(starts: list[float]) -> float:
    assert len(starts) > 1
    return min(b - a for a, b in pairwise(starts))


def test_crawl_and_look_ups_beside_it_ask_one_after_the_other(outlet, settings, archive):
    crawls = threading.Thread(target=crawl_outlet, args=("harbour",), kwargs={"settings": settings})
    looks = threading.Thread(
        target=look_up_article,
        args=(f"{HOME}/news/a",),
        kwargs={"spec": find_outlet("harbour", settings), "settings": settings},
    )
    others = threading.Thread(target=look_up, args=([f"{HOME}/", f"{HOME}/x"],), kwargs={"settings": settings})
    for one in (crawls, looks, others):
        one.start()
    for one in (crawls, looks, others):
        one.join()
    assert len(outlet.log) >= 5 + 2 + 3
    with archive.read() as tx:
        kept = sum(hour.requests for hour in hours_of(tx, HOST, since=datetime.now(UTC) - timedelta(hours=2)))
    assert kept == len(outlet.log)  # what a look-up asks is told with what crawls ask
    assert smallest_gap(outlet.starts()) > FLOOR_S - SOON


def test_crawl_right_after_another_keeps_the_gap(outlet, settings, archive):
    for _ in range(2):
        crawl_outlet("harbour", Limits(pages=1), settings=settings)
    assert smallest_gap(outlet.starts()) > FLOOR_S - SOON


def test_crawl_delay_holds_from_the_first_request_of_the_next_run_on(outlet, settings, archive):
    outlet.pages["/robots.txt"] = Answer(b"User-agent: *\nCrawl-delay: 1.2\n")
    crawl_outlet("harbour", Limits(pages=1), settings=settings)
    first = len(outlet.log)
    crawl_outlet("harbour", Limits(pages=1), settings=settings)
    starts = outlet.starts()
    assert starts[first] - starts[first - 1] > 1.2 - SOON


def test_delay_in_force_is_kept_with_the_rule_behind_it(outlet, settings, archive):
    crawl_outlet("harbour", Limits(pages=1), settings=settings)
    assert (known(archive).delay_s, known(archive).delay_why) == (FLOOR_S, DelayRule.FLOOR)
    outlet.pages["/robots.txt"] = Answer(b"User-agent: *\nCrawl-delay: 0.5\n")
    crawl_outlet("harbour", Limits(pages=1), settings=settings)
    assert (known(archive).delay_s, known(archive).delay_why) == (0.5, DelayRule.CRAWL_DELAY)


def test_rest_that_the_last_answer_asked_for_holds_the_next_run(outlet, settings, archive):
    outlet.pages["/news/a"] = Answer(b"Gone.", 410, headers=(("Retry-After", "2"),))
    report = crawl_outlet("harbour", settings=settings, url=f"{HOME}/news/a")
    assert report.counts == {"gone": 1}
    assert known(archive).rest.why == "HTTP 410, Retry-After: 2"
    first = len(outlet.log)
    crawl_outlet("harbour", Limits(pages=1), settings=settings)
    starts = outlet.starts()
    assert starts[first] - starts[first - 1] > 2.0 - SOON


def test_look_up_leaves_a_host_alone_that_asked_the_archive_for_a_rest(outlet, settings, archive):
    now = datetime.now(UTC)
    with archive.write() as tx:
        hold_host(tx, HOST, Rest(now + timedelta(hours=1), "HTTP 429, Retry-After: 3600", now))
    found = look_up_article(f"{HOME}/news/a", spec=find_outlet("harbour", settings), settings=settings)
    assert outlet.log == []
    assert f"{HOST} asks to wait 3" in found.why_none(f"{HOME}/news/a")


def test_host_that_says_too_fast_is_asked_half_as_often_for_a_day(outlet, settings, archive):
    outlet.pages["/news/b"] = Answer(b"Slow down.", 429, headers=(("Retry-After", "0"),))
    crawl_outlet("harbour", settings=settings, url=f"{HOME}/news/b")
    slowed = known(archive)
    assert slowed.delay_why is DelayRule.SLOWED
    assert slowed.delay_s >= 2 * FLOOR_S
    first = len(outlet.log)
    crawl_outlet("harbour", settings=settings, url=f"{HOME}/news/a")
    assert smallest_gap(outlet.starts()[first:]) > slowed.delay_s - SOON


def test_requests_gaps_and_statuses_of_a_run_are_kept(outlet, settings, archive):
    report = crawl_outlet("harbour", settings=settings)
    with archive.read() as tx:
        (pace,) = pace_of_run(tx, report.run_id)
        hours = hours_of(tx, HOST, since=datetime.now(UTC) - timedelta(hours=2))
    assert (pace.host, pace.requests, dict(pace.statuses)) == (HOST, 5, {"200": 4, "404": 1})
    assert pace.smallest_gap_s >= FLOOR_S - SOON
    assert pace.median_gap_s >= pace.smallest_gap_s
    assert pace.waited_s > 2 * FLOOR_S
    assert sum(hour.requests for hour in hours) == 5


def test_change_of_robots_is_kept_with_its_lines(outlet, settings, archive):
    outlet.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /old\n")
    crawl_outlet("harbour", Limits(pages=1), settings=settings)
    with archive.read() as tx:
        assert robots_changes_of(tx, HOST) == []
    outlet.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /new\n")
    crawl_outlet("harbour", Limits(pages=1), settings=settings)
    with archive.read() as tx:
        (change,) = robots_changes_of(tx, HOST)
    assert (change.removed, change.added) == (("Disallow: /old",), ("Disallow: /new",))
    assert known(archive).robots.text == "User-agent: *\nDisallow: /new\n"


def test_robots_that_fails_leaves_the_rules_known_and_says_so(outlet, settings, archive):
    outlet.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /old\n")
    crawl_outlet("harbour", Limits(pages=1), settings=settings)
    outlet.pages["/robots.txt"] = Answer(b"Broken.", 500)
    crawl_outlet("harbour", Limits(pages=1), settings=settings)
    robots = known(archive).robots
    assert (robots.status, robots.text) == (500, "User-agent: *\nDisallow: /old\n")
    assert "robots.txt answered HTTP 500" in robots.trouble


def test_host_given_up_is_tried_once_by_the_next_run_and_then_left(crawl_settings, outlet):
    settings = crawl_settings(politeness={"floor_s": FLOOR_S, "breaker_failures": 3})
    outlet.pages["/news/a"] = outlet.pages["/news/b"] = Answer(b"Broken.", 500)
    crawl_outlet("harbour", settings=settings, url=f"{HOME}/news/a")
    with opened_store(settings) as archive:
        assert known(archive).breaker is Breaker.HALF_OPEN
        assert known(archive).breaker_why == "3 failures in a row, the last: HTTP 500"
    first = len(outlet.log)
    outlet.pages["/robots.txt"] = Answer(b"Broken.", 500)
    crawl_outlet("harbour", settings=settings)
    asked = [path for path, _ in outlet.log[first:]]
    assert set(asked) == {"/robots.txt"}
    outlet.pages["/robots.txt"] = Answer(b"", 404)
    crawl_outlet("harbour", settings=settings, url=f"{HOME}/news/c")
    with opened_store(settings) as archive:
        assert known(archive).breaker is Breaker.CLOSED


def test_log_of_a_run_tells_each_request_whatever_is_shown_on_the_terminal(outlet, crawl_settings, capfd):
    settings = crawl_settings()
    outlet.pages["/news/b"] = Answer(b"Broken.", 500)
    report = crawl_outlet("harbour", settings=settings)
    lines = list(read_log(settings, report.run_id))
    asked = [line for line in lines if "logger=crawler.requests" in line]
    assert any(f"url={HOME}/news/a status=200" in line for line in asked)
    assert sum(f"url={HOME}/news/b status=500" in line for line in asked) == 3
    assert any('msg="run started"' in line for line in lines)
    assert 'msg="run ended"' in lines[-1]
    told = capfd.readouterr().err  # of the child: its stderr is ours
    assert "crawler.requests" not in told
    assert "run started" not in told
