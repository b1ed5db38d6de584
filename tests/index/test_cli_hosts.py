"""`watchfloor hosts`: what an operator reads of how a host is asked."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from index.cli_hosts import hosts
from index.errors import NotFoundError
from index.host_records import (
    Answered,
    Breaker,
    DelayRule,
    HostNotes,
    HostPaceInRun,
    HostState,
    HourOfUse,
    Rest,
    RobotsChange,
    RobotsSeen,
)
from index.store import open_store
from index.store.hosts import note_hosts, note_robots_change
from index.store.turns import hold_host
from tests.factories import register

HOST = "gazette.example"
ROBOTS = "User-agent: *\nDisallow: /private\nCrawl-delay: 5\n"


@pytest.fixture
def known(make_settings):
    settings = make_settings(crawler={"contact": "https://desk.example/bot"})
    now = datetime.now(UTC)
    state = HostState(
        HOST,
        asked_at=now,
        delay_s=5.0,
        delay_why=DelayRule.CRAWL_DELAY,
        robots=RobotsSeen(now, 200, ROBOTS, "d1", 5.0),
        breaker=Breaker.HALF_OPEN,
        breaker_since=now,
        breaker_why="5 failures in a row, the last: HTTP 500",
        failures=5,
        answers=(Answered(now, 200, 0.3), Answered(now, 500, 0.3)),
        response_s=0.3,
        run_id=1,
    )
    pace = HostPaceInRun(HOST, 3, 5.1, 5.0, 10.0, 0.3, {"200": 3})
    store = open_store(settings)
    register(store, now)
    with store.write() as tx:
        note_hosts(tx, [HostNotes(state, (HourOfUse(now, 3, 0, 10.0, 5.0),), pace)], run_id=1, now=now)
        note_robots_change(tx, RobotsChange(HOST, now, "d1", ROBOTS, ("Disallow: /",), ("Disallow: /private",)))
        hold_host(tx, HOST, Rest(now + timedelta(minutes=30), "HTTP 429, Retry-After: 1800", now))
    store.close()
    return settings


def run(settings, *arguments):
    return CliRunner().invoke(hosts, arguments, obj=settings, catch_exceptions=False)


def test_list_names_host_outlet_what_it_does_and_how_often_it_was_asked(known):
    line = run(known, "list").output.splitlines()[1]
    assert line.split()[:8] == [HOST, "gazette", "resting", "5", "s", "crawl_delay", "3", "3"]


def test_list_of_another_outlet_says_that_none_was_asked(known):
    assert run(known, "list", "--outlet", "other").output.startswith("No host of other was asked yet")


def test_show_tells_what_is_in_force_and_why(known):
    told = run(known, "show", f"https://www.{HOST}/x").output
    assert f"{HOST}, of gazette" in told
    assert "(+https://desk.example/bot)" in told
    assert "delay      5 s between requests: its robots.txt (Crawl-delay)" in told
    assert "rest       left alone until" in told
    assert "HTTP 429, Retry-After: 1800" in told
    assert "breaker    its next request decides (breaker half open since" in told
    assert "answers    500 200; an answer takes 0.3 s" in told
    assert "TLS        no fault" in told
    assert "     2  Disallow: /private" in told
    assert "+ Disallow: /private; - Disallow: /" in told


def test_show_as_json_holds_the_same(known):
    told = json.loads(run(known, "show", HOST, "--json").output)
    assert (told["delay_s"], told["delay_rule"], told["requests_today"]) == (5.0, "crawl_delay", 3)
    assert told["rest"]["now"] is True
    assert told["robots_lines"][1] == {"line": 2, "text": "Disallow: /private"}
    assert told["robots_changes"][0]["added"] == ["Disallow: /private"]
    assert told["hours"][0]["smallest_gap_s"] == 5.0


def test_unknown_host_is_refused_with_one_that_is_meant(known):
    with pytest.raises(NotFoundError, match=r"no crawl has asked this host.*gazette\.example"):
        run(known, "show", "gazete.example")
