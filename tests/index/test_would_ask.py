"""What would happen to an address now, and when it will be looked at: one case for each thing that decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from config.when import parse_when
from index.host_records import Breaker, HostState, Rest, RobotsSeen
from index.job_records import KeptSchedule
from index.outcomes import Outcome
from index.records import Lead, LeadState, Via
from index.revisits import Watched
from index.schedules import Schedule
from index.would_ask import LeadSeen, UrlFacts, coming, obstacles
from tests.factories import a_spec

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
URL = "https://gazette.example/news/a"
SPEC = a_spec(articles={"match": ("^/news/",)})
ROBOTS = RobotsSeen(NOW - HOUR, 200, "User-agent: *\n\nDisallow: /news/\n", "d1")
HOST = HostState("gazette.example", robots=replace(ROBOTS, text="User-agent: *\nDisallow: /private/\n"))


@pytest.fixture
def settings(make_settings):
    return make_settings(crawler={"contact": "https://desk.example"})


def a_lead(state=LeadState.WAITING, outcome=None, depth=0, via=Via.FEED, **seen) -> LeadSeen:
    return LeadSeen(Lead(URL, "gazette", via, state=state, outcome=outcome, depth=depth), **seen)


def facts(url=URL, **more) -> UrlFacts:
    return UrlFacts(url, **{"spec": SPEC, "host": HOST, "lead": a_lead(), **more})


def a_watch(*, begun: timedelta, fetched: timedelta, **more) -> Watched:
    return Watched(7, URL, "k", begun_at=NOW - begun, fetched_at=NOW - fetched, **more)


def a_schedule(**more) -> KeptSchedule:
    plan = Schedule("gazette", parse_when("30 * * * *"), "UTC", since=NOW - HOUR)
    return KeptSchedule(plan, "operator", planned_until=NOW, **more)


def against(given: UrlFacts, settings) -> list[tuple[Outcome | None, str]]:
    return [(one.outcome, one.sentence) for one in obstacles(given, settings, now=NOW)]


def test_lead_that_nothing_speaks_against_has_no_obstacle(settings):
    assert against(facts(), settings) == []


DONE = LeadState.DONE
LONG = "/news/" + "x/" * 20
CASES = {
    "scheme": (facts("ftp://gazette.example/x"), Outcome.SCHEME_REFUSED, "Only http and https are asked."),
    "no outlet": (facts(spec=None), None, "gazette.example is a host of no outlet here"),
    "trap": (facts(f"https://gazette.example{LONG}"), Outcome.TRAP, "The path has 21 segments; the limit is 12."),
    "too deep": (facts(lead=a_lead(depth=11)), Outcome.TOO_DEEP, "11 link steps from a source; the limit is 10."),
    "taken down": (
        facts(taken_down_at=NOW - HOUR, taken_down_why="a court"),
        Outcome.TAKEN_DOWN,
        "Taken down here 2026-11-23 11:00 UTC: a court.",
    ),
    "no article": (facts("https://gazette.example/about"), Outcome.NOT_ARTICLE, "The outlet's file says this address"),
    "port": (facts("https://gazette.example:8443/news/a"), Outcome.ADDRESS_REFUSED, "Port 8443 is not among those"),
    "robots": (
        facts(host=replace(HOST, robots=ROBOTS)),
        Outcome.ROBOTS_DENIED,
        "robots.txt line 3 `Disallow: /news/` forbids it (as read 2026-11-23 11:00 UTC).",
    ),
    "robots unreadable": (
        facts(host=replace(HOST, robots=replace(ROBOTS, trouble="robots.txt answered HTTP 503."))),
        Outcome.SERVER_ERROR,
        "robots.txt answered HTTP 503. So it was 2026-11-23 11:00 UTC; the next run reads it first.",
    ),
    "crawl delay": (
        facts(host=replace(HOST, robots=replace(ROBOTS, text="x", crawl_delay_s=90.0))),
        Outcome.ROBOTS_DENIED,
        "robots.txt asks for 90 s between requests; the limit is 60 s (as read 2026-11-23 11:00 UTC).",
    ),
    "rest": (
        facts(host=replace(HOST, rest=Rest(NOW + HOUR, "HTTP 429, Retry-After: 7200", NOW - HOUR))),
        Outcome.RATE_LIMITED,
        "gazette.example rests until 2026-11-23 13:00 UTC: HTTP 429, Retry-After: 7200.",
    ),
    "breaker": (
        facts(host=replace(HOST, breaker=Breaker.OPEN, breaker_why="5 failures in a row")),
        Outcome.CONNECTION_FAILED,
        "gazette.example is left alone until the run that asks it ends: 5 failures in a row.",
    ),
    "ended": (
        facts(lead=a_lead(DONE, Outcome.GONE, tried_at=NOW - HOUR)),
        Outcome.GONE,
        "Its last try ended as gone; it is tried again when a source names it anew.",
    ),
    "later": (
        facts(lead=a_lead(next_try_at=NOW + HOUR)),
        None,
        "It is to be tried again after 2026-11-23 13:00 UTC, not before.",
    ),
    "unchanged": (
        facts(watched=a_watch(begun=4 * HOUR, fetched=HOUR)),
        Outcome.UNCHANGED,
        "Held as article 7, and no source says it changed; looked at again after 2026-11-23 14:00 UTC.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_speaks_against_asking_is_told_with_its_outcome(name, settings):
    given, outcome, sentence = CASES[name]
    (found,) = against(given, settings)
    assert found[0] is outcome
    assert found[1].startswith(sentence)


@pytest.mark.parametrize(
    "given",
    [
        facts(host=None),
        facts("https://gazette.example/about", lead=a_lead(via=Via.HUB)),
        facts(host=replace(HOST, rest=Rest(NOW - HOUR, "HTTP 429", NOW - 2 * HOUR))),
        facts(host=replace(HOST, breaker=Breaker.HALF_OPEN)),
        facts(lead=a_lead(next_try_at=NOW - HOUR)),
        facts(watched=a_watch(begun=4 * HOUR, fetched=3 * HOUR)),
        facts(lead=None),
    ],
    ids=["host unknown", "hub", "rest is over", "half open", "try is due", "look is due", "never seen"],
)
def test_what_is_over_or_due_speaks_against_nothing(given, settings):
    assert against(given, settings) == []


def test_public_host_is_not_asked_without_a_contact(make_settings):
    assert against(facts(), make_settings()) == [
        (None, "crawler.contact is empty: no public host is asked without it.")
    ]
    private = make_settings(network={"private_hosts": ["gazette.example"]})
    assert against(facts(), private) == []


def test_wish_of_the_host_is_told_before_how_the_last_try_ended(settings):
    given = facts(host=replace(HOST, robots=ROBOTS), lead=a_lead(DONE, Outcome.ROBOTS_DENIED))
    assert [outcome for outcome, _ in against(given, settings)] == [Outcome.ROBOTS_DENIED, Outcome.ROBOTS_DENIED]
    assert against(given, settings)[0][1].startswith("robots.txt line 3")


@pytest.mark.parametrize("name", ["trap", "too deep", "no article", "ended", "unchanged"])
def test_what_only_a_crawl_by_itself_leaves_out_can_be_asked_by_hand(name, settings):
    assert all(one.by_hand for one in obstacles(CASES[name][0], settings, now=NOW))


@pytest.mark.parametrize("name", ["taken down", "port", "robots", "rest"])
def test_what_nobody_may_ask_cannot_be_asked_by_hand(name, settings):
    assert not any(one.by_hand for one in obstacles(CASES[name][0], settings, now=NOW))


def test_waiting_lead_comes_with_the_next_planned_crawl(settings):
    found = coming(facts(schedule=a_schedule()), settings, now=NOW)
    assert found.at == NOW + timedelta(minutes=30)
    assert found.sentence == (
        "It waits for the next crawl, within that run's budget of pages. "
        "The next crawl of gazette is planned for 2026-11-23 12:30 UTC."
    )


def test_lead_that_must_wait_comes_no_earlier_than_it_may(settings):
    found = coming(facts(lead=a_lead(next_try_at=NOW + HOUR), schedule=a_schedule()), settings, now=NOW)
    assert found.at == NOW + HOUR
    assert found.sentence.startswith("It waits for the first crawl after 2026-11-23 13:00 UTC")


def test_lead_of_a_run_comes_in_its_turn(settings):
    found = coming(facts(lead=a_lead(LeadState.TAKEN, run_id=9)), settings, now=NOW)
    assert found.sentence == "Run 9 has taken it and asks for it in its turn."


def test_held_article_is_looked_at_again_after_as_long_as_it_was_quiet(settings):
    given = facts(lead=a_lead(DONE, Outcome.NEW), watched=a_watch(begun=4 * HOUR, fetched=HOUR))
    found = coming(given, settings, now=NOW)
    assert found.at == NOW + 2 * HOUR
    assert found.sentence.startswith(
        "In the first crawl after 2026-11-23 14:00 UTC, because it was published 2026-11-23 08:00 UTC and had been "
        "left alone for 3.0 h when last looked at, 2026-11-23 11:00 UTC. gazette has no schedule"
    )


def test_edit_is_named_as_what_the_wait_is_counted_from(settings):
    watch = a_watch(begun=40 * HOUR, fetched=HOUR, changed_at=NOW - 2 * HOUR, revisions=3)
    told = coming(facts(lead=a_lead(DONE, Outcome.CHANGED), watched=watch), settings, now=NOW).sentence
    assert "because it was edited 2026-11-23 10:00 UTC" in told
    assert "often edited, so sooner" in told


def test_article_quiet_for_too_long_is_never_looked_at_again(settings):
    given = facts(lead=a_lead(DONE, Outcome.NEW), watched=a_watch(begun=40 * 24 * HOUR, fetched=HOUR))
    found = coming(given, settings, now=NOW)
    assert found.at is None
    assert found.sentence.startswith("Never, unless a source calls it changed")


def test_page_that_was_no_article_is_asked_for_when_a_source_names_it_later(settings):
    given = facts(lead=a_lead(DONE, Outcome.NOT_ARTICLE, tried_at=NOW - HOUR))
    told = coming(given, settings, now=NOW).sentence
    assert told.startswith("When a source of the outlet names it after 2026-11-24 11:00 UTC")


def test_paused_schedule_is_told_with_its_reason(settings):
    paused = a_schedule(paused_at=NOW - HOUR, paused_reason="they rebuild")
    found = coming(facts(schedule=paused), settings, now=NOW)
    assert found.at is None
    assert found.sentence.endswith("The schedule of gazette is paused since 2026-11-23 11:00 UTC: they rebuild.")


def test_what_was_taken_down_never_comes(settings):
    assert coming(facts(taken_down_at=NOW), settings, now=NOW).sentence == "Never: it was taken down here."


def test_feed_of_the_outlet_is_read_in_each_crawl(settings):
    feed = "https://gazette.example/feed.xml"
    spec = a_spec(articles={"match": ("^/news/",)}, leads={"feeds": (feed,)})
    given = facts(feed, spec=spec, lead=None, schedule=a_schedule())
    assert against(given, settings) == []
    found = coming(given, settings, now=NOW)
    assert found.sentence.startswith("It is a feed of gazette, read first in each of its crawls.")
    assert found.at == NOW + timedelta(minutes=30)
