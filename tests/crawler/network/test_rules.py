"""The pure rules of politeness: pace, robots.txt, Retry-After, traps, and Scrapy's settings."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from config.user_agent import user_agent
from crawler.network.outcomes import fault_of_status
from crawler.network.pace import HostPace, Paces, gap_s
from crawler.network.retry_after import hold_asked_s, seconds_in
from crawler.network.robots import robots_of_answer, robots_unreachable
from crawler.network.settings import scrapy_settings, why_no_contact
from index.outcomes import RETRY_NEXT_RUN, Outcome
from index.traps import why_trap
from tests.factories import a_spec

AGENT = "Watchfloor/1"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOME = "https://gazette.example"


@pytest.mark.parametrize(
    ("floor", "private", "host", "gap"),
    [
        (0.0, [], "gazette.example", 1.0),
        (0.2, [], "gazette.example", 1.0),
        (0.2, ["intranet.example"], "gazette.example", 1.0),
        (0.2, ["intranet.example"], "intranet.example", 0.2),
        (0.0, ["Intranet.Example"], "intranet.example", 0.0),
        (3.0, ["intranet.example"], "gazette.example", 3.0),
    ],
)
def test_floor_is_under_one_second_only_for_listed_hosts(floor, private, host, gap, make_settings):
    settings = make_settings(politeness={"floor_s": floor}, network={"private_hosts": private})
    assert gap_s(host, settings=settings, spec=None) == gap


def test_outlet_may_only_be_slower(make_settings):
    slow = a_spec(pace={"delay_s": 7.0})
    fast = a_spec(pace={"delay_s": 0.0})
    assert gap_s("gazette.example", settings=make_settings(), spec=slow) == 7.0
    assert gap_s("gazette.example", settings=make_settings(), spec=fast) == 1.0


def test_starts_are_a_gap_apart_however_many_ask():
    pace = HostPace(gap_s=1.0, breaker_failures=3)
    starts = []
    now = 100.0
    for _ in range(4):
        now += pace.wait_s(now)
        pace.started(now)
        starts.append(now)
    assert starts == [100.0, 101.0, 102.0, 103.0]


def test_longer_gap_counts_from_the_request_made_already():
    pace = HostPace(gap_s=1.0, breaker_failures=3)
    pace.started(100.0)
    pace.keep_apart(10.0)
    assert pace.wait_s(101.0) == 9.0


def test_www_and_the_bare_name_are_asked_at_one_pace(settings):
    paces = Paces(settings, a_spec())
    paces.of("www.gazette.example").started(100.0)
    assert paces.of("gazette.example").wait_s(100.0) == 1.0
    assert paces.turn("gazette.example") is paces.turn("WWW.gazette.example")


def test_gap_holds_between_one_run_and_the_next(settings):
    paces = Paces(settings, a_spec(pace={"delay_s": 7.0}), asked_last=98.0)
    assert paces.of("gazette.example").wait_s(100.0) == 5.0


@pytest.mark.parametrize(
    ("status", "header", "hold"),
    [
        (429, None, 60.0),
        (429, "5", 5.0),
        (503, "5", 5.0),
        (503, None, None),
        (403, "5", 5.0),
        (301, "5", 5.0),
        (500, "99999999", 86400.0),
        (404, "soon", None),
        (200, "5", None),
    ],
)
def test_retry_after_of_any_error_or_redirect_holds_the_host(status, header, hold):
    assert hold_asked_s(status, header, now=NOW, most_s=86400) == hold


def test_wait_asked_for_holds_every_request():
    pace = HostPace(gap_s=1.0, breaker_failures=3)
    pace.hold(100.0, 30.0)
    assert pace.wait_s(100.0) == 30.0
    pace.hold(100.0, 5.0)
    assert pace.wait_s(100.0) == 30.0


def test_breaker_opens_after_failures_in_a_row_and_not_before():
    pace = HostPace(gap_s=0.0, breaker_failures=3)
    for failed in (True, True, False, True, True):
        pace.ended(failed=failed)
    assert not pace.broken
    pace.ended(failed=True)
    assert pace.broken


@pytest.mark.parametrize(
    ("rules", "path", "denied"),
    [
        ("User-agent: *\nDisallow: /private/", "/private/x", True),
        ("User-agent: *\nDisallow: /private/", "/public", False),
        ("User-agent: watchfloor\nDisallow: /\n\nUser-agent: *\nAllow: /", "/x", True),
        ("User-agent: other\nDisallow: /", "/x", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", True),
        ("\ufeffUser-agent: *\nDisallow: /x", "/x", True),
        ("not robots at all \x00 <html>", "/x", False),
    ],
)
def test_robots_txt_is_obeyed(rules, path, denied):
    robots = robots_of_answer(200, rules.encode(), max_bytes=1 << 19)
    assert (robots.why_denied(HOME + path, AGENT) is not None) is denied


@pytest.mark.parametrize(
    ("status", "allowed"), [(404, True), (403, True), (410, True), (500, False), (503, False), (429, False)]
)
def test_status_of_robots_txt_decides(status, allowed):
    robots = robots_of_answer(status, b"", max_bytes=100)
    assert (robots.why_denied(f"{HOME}/x", AGENT) is None) is allowed


def test_unreachable_robots_txt_forbids_all_for_now():
    robots = robots_unreachable(Outcome.TIMEOUT, "No answer.")
    assert robots.why_denied(f"{HOME}/x", AGENT)
    assert robots.outcome is Outcome.TIMEOUT


def test_word_of_the_contact_picks_no_group_of_rules():
    robots = robots_of_answer(200, b"User-agent: *\nDisallow: /x\n\nUser-agent: desk\nDisallow:", max_bytes=1000)
    assert robots.why_denied(f"{HOME}/x", "Watchfloor/1 (+https://desk.example/bot)")


def test_line_cut_by_the_limit_forbids_nothing():
    body = b"User-agent: *\nDisallow: /private"
    assert robots_of_answer(200, body, max_bytes=len(body) - 7).why_denied(f"{HOME}/x", AGENT) is None


def test_endless_redirects_of_robots_txt_mean_that_there_is_none():
    assert robots_unreachable(Outcome.TRAP, "Too many redirects.").why_denied(f"{HOME}/x", AGENT) is None


@pytest.mark.parametrize("fault", [Outcome.TOO_LARGE, Outcome.SCHEME_REFUSED, Outcome.EXTRACTION_FAILED])
def test_fault_of_robots_txt_ends_no_page_for_good(fault):
    robots = robots_unreachable(fault, "")
    assert robots.why_denied(f"{HOME}/x", AGENT)
    assert robots.outcome in RETRY_NEXT_RUN


def test_only_so_many_bytes_of_robots_txt_are_read():
    body = b"User-agent: *\n" + b"#" * 1000 + b"\nDisallow: /x"
    assert robots_of_answer(200, body, max_bytes=500).why_denied(f"{HOME}/x", AGENT) is None


def test_crawl_delay_is_read():
    robots = robots_of_answer(200, b"User-agent: *\nCrawl-delay: 2.5\nDisallow:", max_bytes=100)
    assert robots.crawl_delay_s(AGENT) == 2.5


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("Mon, 23 Nov 2026 12:02:00 GMT", 120.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("-5", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header, seconds):
    assert seconds_in(header, now=NOW) in (seconds, 0.0 if seconds is None else seconds)


@pytest.mark.parametrize(
    "path",
    [
        "/a/a/a/a/a",
        "/" + "x/" * 40,
        "/" + "y" * 3000,
        "/news;jsessionid=123",
        "/news?PHPSESSID=1",
        "/calendar/2031/07",
        "/events/2019-02-03",
        "/calendar?month=7&year=2031",
        "/x?" + "&".join(f"k{number}=1" for number in range(40)),
    ],
)
def test_endless_address_is_a_trap(path, settings):
    assert why_trap(HOME + path, settings)


@pytest.mark.parametrize(
    "path",
    [
        "/2024/06/22/border-talks-resume",
        "/news/world/europe/2024/jun/22/ukraine-war-briefing",
        "/events-in-the-strait-explained",
        "/politics/calendar-of-the-summit-2024.html",
        "/article?id=7715044&lang=ru",
        "/doc/7715044",
        "/a/b/c/d/e/f/story-1.2345",
    ],
)
def test_ordinary_address_is_no_trap(path, settings):
    assert why_trap(HOME + path, settings) is None


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (304, Outcome.NOT_MODIFIED),
        (404, Outcome.GONE),
        (410, Outcome.GONE),
        (408, Outcome.TIMEOUT),
        (401, Outcome.BLOCKED),
        (403, Outcome.BLOCKED),
        (451, Outcome.BLOCKED),
        (429, Outcome.RATE_LIMITED),
        (500, Outcome.SERVER_ERROR),
        (599, Outcome.SERVER_ERROR),
        (204, Outcome.NOT_ARTICLE),
        (999, Outcome.SERVER_ERROR),
    ],
)
def test_status_has_its_outcome(status, outcome):
    assert fault_of_status(status).outcome is outcome


def test_page_has_no_fault():
    assert fault_of_status(200) is None


def test_scrapy_is_hardened(settings):
    parts = scrapy_settings(settings, a_spec())
    off = (
        "TELNETCONSOLE_ENABLED",
        "REMOTE_CONTROL_ENABLED",
        "HTTPPROXY_ENABLED",
        "COOKIES_ENABLED",
        "METAREFRESH_ENABLED",
    )
    assert [name for name in off if parts[name]] == []
    assert parts["DOWNLOAD_VERIFY_CERTIFICATES"] is True
    handlers = parts["DOWNLOAD_HANDLERS"]
    assert {name for name, handler in handlers.items() if handler} == {"http", "https"}
    assert {"file", "data", "ftp", "s3"} <= set(handlers)
    assert parts["DOWNLOAD_MAXSIZE"] == 8 * 1024 * 1024
    assert parts["DOWNLOAD_TIMEOUT"] == 30


def test_contact_travels_in_the_user_agent(make_settings):
    settings = make_settings(crawler={"contact": "https://desk.example/bot"})
    assert "https://desk.example/bot" in user_agent(settings)
    assert why_no_contact(settings, a_spec()) is None


def test_public_outlet_needs_a_contact_and_a_private_one_does_not(make_settings):
    assert "crawler.contact" in why_no_contact(make_settings(), a_spec())
    private = make_settings(network={"private_hosts": ["gazette.example"]})
    assert why_no_contact(private, a_spec()) is None


def test_request_rate_is_a_crawl_delay():
    robots = robots_of_answer(200, b"User-agent: *\nRequest-rate: 1/10s\nCrawl-delay: 2", max_bytes=100)
    assert robots.crawl_delay_s(AGENT) == 10.0


def test_denial_names_the_line_that_forbids():
    robots = robots_of_answer(200, b"User-agent: *\n\nDisallow: /private/", max_bytes=100)
    told = "robots.txt of gazette.example forbids it: line 3 `Disallow: /private/`."
    assert robots.why_denied(f"{HOME}/private/x", AGENT) == told
