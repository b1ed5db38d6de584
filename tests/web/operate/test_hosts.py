"""The pages of hosts, of one host and of one address: what an operator reads there, as page and as JSON."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest

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
from index.run_logs import RunLog
from index.store.hosts import note_hosts, note_robots_change
from index.store.turns import hold_host
from tests.factories import an_article, save

HOST = "gazette.example"
HOSTILE = "<script>alert(1)</script>"
ROBOTS = f"User-agent: *\nDisallow: /private/\nDisallow: /{HOSTILE}\nCrawl-delay: 5\n"


@pytest.fixture
def asked(store, now):
    """Five hosts that were asked, gazette.example with everything there is to tell."""
    state = HostState(
        HOST,
        asked_at=now,
        delay_s=5.0,
        delay_why=DelayRule.CRAWL_DELAY,
        robots=RobotsSeen(now, 200, ROBOTS, "d1", 5.0),
        breaker=Breaker.HALF_OPEN,
        breaker_since=now,
        breaker_why=f"5 failures in a row, the last: {HOSTILE}",
        answers=(Answered(now, 503, 0.3),),
        response_s=0.3,
        run_id=1,
    )
    hours = (HourOfUse(now - timedelta(hours=3), 40, 1, 90.0, 5.01), HourOfUse(now - timedelta(days=2), 60, 0, 10.0))
    pace = HostPaceInRun(HOST, 40, 5.2, 5.0, 90.0, 0.3, {"200": 39, "503": 1})
    notes = [HostNotes(state, hours, pace)]
    notes += [
        replace(notes[0], state=HostState(f"h{n}.example"), pace=replace(pace, host=f"h{n}.example")) for n in "1234"
    ]
    with store.write() as tx:
        note_hosts(tx, notes, run_id=1, now=now)
        note_robots_change(tx, RobotsChange(HOST, now, "d1", ROBOTS, ("Allow: /old",), (f"Disallow: /{HOSTILE}",)))
        hold_host(tx, HOST, Rest(now + timedelta(minutes=30), "HTTP 429, Retry-After: 1800", now))
    return store


def test_hosts_are_listed_with_delay_reason_and_requests(asked, operator):
    page = operator.get("/operate/hosts").text
    row = page[page.index(f"/operate/hosts/{HOST}") :].split("</tr>")[0]
    for told in ("The Gazette", "resting", "5 s", "its robots.txt", "40", "100"):
        assert told in row
    assert "Watchfloor/" in page


@pytest.mark.parametrize("path", ["/operate/hosts", f"/operate/hosts/{HOST}"])
def test_a_missing_contact_is_told_where_the_user_agent_stands(asked, operator, app, operated, path):
    assert "[crawler] contact" in operator.get(path).text
    crawler = operated.crawler.model_copy(update={"contact": "ann@example.org"})
    parts = app.extensions["watchfloor"]
    app.extensions["watchfloor"] = replace(parts, settings=operated.model_copy(update={"crawler": crawler}))
    page = operator.get(path).text
    assert "ann@example.org" in page
    assert "[crawler] contact" not in page


def test_no_host_yet_says_where_they_come_from(operator):
    assert "No host was asked yet." in operator.get("/operate/hosts").text


def test_hosts_of_an_outlet_are_those_of_it(asked, operator):
    listed = operator.get("/operate/hosts?outlet=gazette&format=json").json["hosts"]
    assert [one["host"] for one in listed] == [HOST]


def test_long_list_goes_on_behind_the_last_host_shown(asked, operator, monkeypatch):
    monkeypatch.setattr("web.operate.hosts.HOSTS_PAGE", 2)
    first = operator.get("/operate/hosts?format=json").json
    assert ([one["host"] for one in first["hosts"]], first["after"]) == ([HOST, "h1.example"], "h1.example")
    then = operator.get("/operate/hosts?format=json&after=h1.example").json
    assert [one["host"] for one in then["hosts"]] == ["h2.example", "h3.example"]
    assert 'rel="next"' in operator.get("/operate/hosts").text


def test_host_tells_what_is_in_force_in_words(asked, operator):
    page = operator.get(f"/operate/hosts/{HOST}").text
    assert "5 s between requests: its robots.txt (Crawl-delay)" in page
    assert "left alone until 2026-11-23 12:30 UTC, 30 min more: HTTP 429, Retry-After: 1800" in page
    assert "its next request decides (breaker half open" in page
    assert "<code>Disallow: /private/</code>" in page
    assert "<del>Allow: /old</del>" in page


def test_what_a_host_wrote_is_never_markup(asked, operator):
    for path in (f"/operate/hosts/{HOST}", "/operate/hosts"):
        page = operator.get(path).text
        assert HOSTILE not in page
    assert "&lt;script&gt;" in operator.get(f"/operate/hosts/{HOST}").text


def test_hours_are_a_picture_and_days_a_table(asked, operator):
    page = operator.get(f"/operate/hosts/{HOST}").text
    assert "<title>23 Nov 09:00 UTC: 40 requests, 1 failure, at least 5.0 s apart</title>" in page
    assert page.count('class="hit"') == 2
    assert "2026-11-21" in page


def test_host_as_json_holds_rules_changes_and_hours(asked, operator):
    told = operator.get(f"/operate/hosts/www.{HOST}?format=json").json
    assert (told["delay_rule"], told["rest"]["now"], told["requests_7_days"]) == ("crawl_delay", True, 100)
    assert told["robots_lines"][1] == {"line": 2, "text": "Disallow: /private/"}
    assert told["robots_changes"][0]["removed"] == ["Allow: /old"]


@pytest.mark.parametrize("host", ["nowhere.example", "x" * 400, "%00", "a%20b", "[::1]"])
def test_host_that_was_never_asked_is_not_found(asked, operator, host):
    assert operator.get(f"/operate/hosts/{host}").status_code == 404


def test_pages_of_hosts_ask_a_fixed_number_of_statements(asked, operator):
    def statements(path: str) -> int:
        before = asked.statements
        assert operator.get(path).status_code == 200
        return asked.statements - before

    assert statements("/operate/hosts") <= 12
    assert statements(f"/operate/hosts/{HOST}") <= 12


def test_why_asks_for_an_address_first(operator):
    assert 'name="url"' in operator.get("/operate/why").text


def test_why_tells_what_happened_and_what_would_happen(asked, operator, now):
    save(asked, an_article("a"), now)
    page = operator.get(f"/operate/why?url={quote(f'https://{HOST}/a')}").text
    assert "Stored as article 1, revision 1" in page
    assert "A crawl would not ask for it now." in page
    assert f'href="/operate/hosts/{HOST}"' in page


def test_why_names_the_line_of_robots_that_forbids(asked, operator):
    page = operator.get(f"/operate/why?url={quote(f'https://{HOST}/private/x')}").text
    assert "robots.txt line 2 <code>Disallow: /private/</code> forbids it" in page
    assert "Nothing is known of" in page


def test_why_as_json_ends_with_next_and_now(asked, operator):
    told = operator.get(f"/operate/why?format=json&url={quote(f'https://{HOST}/private/x')}").json
    assert [one["what"] for one in told["decisions"]][:2] == ["next", "now"]
    assert told["outlet"] == "gazette"


@pytest.mark.parametrize("url", ["x", HOSTILE, "javascript:alert(1)", "https://" + "x" * 9000])
def test_why_of_no_address_is_refused_in_words(operator, url):
    answer = operator.get(f"/operate/why?url={quote(url)}")
    assert answer.status_code == 404
    assert "whole address" in answer.text
    assert HOSTILE not in answer.text
    assert 'role="alert"' in answer.text
    assert 'name="url"' in answer.text  # to mend it there


def test_trace_leads_operators_to_why_and_readers_not(asked, operator, browser_of, app, now):
    save(asked, an_article("a"), now)
    link = f"/operate/why?url=https://{HOST}/a"
    assert link in operator.get("/articles/1/trace").text
    assert "/operate/why" not in browser_of("rita").get("/articles/1/trace").text
    assert "/operate/why" not in app.test_client().get("/articles/1/trace").text


def test_run_shows_how_its_hosts_were_asked(asked, operator):
    page = operator.get("/operate/runs/1").text
    assert "40 requests, 5.2 s apart (median; the least 5 s), 90 s waited out of politeness, an answer in 0.3 s" in page
    assert operator.get("/operate/runs/1?format=json").json["hosts"][0]["host"] == HOST


def test_run_shows_warnings_of_its_log_first(operated, operator):
    log = RunLog(operated)
    log.begin(1)
    for level, message in ((logging.INFO, "begins"), (logging.WARNING, HOSTILE), (logging.INFO, "ends")):
        log.handle(logging.LogRecord("crawler.x", level, "x.py", 1, message, (), None))
    log.close()
    page = operator.get("/operate/runs/1").text
    assert "1 warning" in page
    assert HOSTILE not in page
    assert page.index("&lt;script&gt;") < page.index("msg=begins")
    assert operator.get("/operate/runs/1?format=json").json["log"]["lines"] == 3


def test_run_without_a_log_says_why(operator):
    assert "No log of run 2 is here" in operator.get("/operate/runs/2").text
