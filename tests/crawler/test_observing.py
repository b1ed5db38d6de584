"""What a run sees of its outlet is summed up as it was: pure, no crawl here."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from crawler.discover.found import Found
from crawler.network.robots import Robots, robots_of_answer
from crawler.network.tally import Tally
from crawler.observing import MOST_SELECTORS, Observing
from index.health.records import HostSeen, SelectorSeen, SourceSeen
from index.outcomes import Outcome
from index.records import DateFlag, DateReading, Extraction, Lead, Role, Run, TraceStep, Via
from tests.factories import HOME, a_link, an_article

FEED = f"{HOME}/feed"


@pytest.fixture
def seen():
    return Observing()


def summed_up(seen, now, *, counts=None, endings=(), whole=True):
    run = Run(7, "gazette", "crawl", now - timedelta(minutes=1), now, "done", "", counts or {})
    return seen.observation(run, finished_at=now, source_endings=endings, whole=whole)


def read(seen, now, article=None, *, outcome=Outcome.NEW, is_new=True, **other):
    seen.read(Extraction(None, article or an_article(**other)), outcome, is_new=is_new, at=now)


def stated(at: datetime, literal: str = "") -> DateReading:
    return DateReading(literal or at.isoformat(), at, "rule")


def leads(now, *ages_h):
    return tuple(
        Lead(f"{HOME}/{age}", "gazette", Via.FEED, published_at=now - timedelta(hours=age) if age else None)
        for age in ages_h
    )


def test_fields_links_and_characters_are_those_of_the_articles_read(seen, now):
    links = (a_link(f"{HOME}/b"), a_link(f"{HOME}/c", role=Role.FURNITURE), a_link(None, "Hub", Role.BACKLINK))
    read(seen, now, authors=("Ann Lee",), links=links, text="A ship left.")
    read(seen, now, slug="b", text="A ship.", outcome=Outcome.UNCHANGED, is_new=False)
    sums = summed_up(seen, now)
    assert (sums.articles, sums.links, sums.text_characters) == (2, 2, 19)
    assert sums.filled == {"title": 2, "authors": 1, "text": 2, "language": 2}


def test_the_delay_is_of_new_articles_that_state_a_time_of_day(seen, now):
    for minutes in range(1, 11):
        read(seen, now, published=stated(now - timedelta(minutes=minutes)))
    read(seen, now, published=stated(now - timedelta(hours=9), "20 November 2026"))
    read(seen, now, published=stated(now - timedelta(hours=5)), outcome=Outcome.CHANGED, is_new=False)
    read(seen, now, published=stated(now + timedelta(hours=5)))
    sums = summed_up(seen, now)
    assert (sums.delay_median_s, sums.delay_p90_s) == (330.0, 540.0)


def test_without_new_articles_no_delay_is_known(seen, now):
    read(seen, now, outcome=Outcome.UNCHANGED, is_new=False, published=stated(now - timedelta(minutes=5)))
    assert summed_up(seen, now).delay_median_s is None


def test_a_new_article_of_long_ago_is_old_and_tells_no_delay(seen, now):
    read(seen, now, published=stated(now - timedelta(days=15)))
    read(seen, now, published=stated(now - timedelta(days=15)), outcome=Outcome.UNCHANGED, is_new=False)
    sums = summed_up(seen, now)
    assert (sums.old, sums.delay_median_s) == (1, None)


def test_a_new_stub_of_a_paid_article_counts_as_new(seen, now):
    read(seen, now, outcome=Outcome.PAYWALLED_STUB, is_new=True)
    read(seen, now, outcome=Outcome.PAYWALLED_STUB, is_new=False)
    assert summed_up(seen, now, counts={"new": 3, "paywalled_stub": 2}).new == 4


def test_doubts_about_dates_are_counted_by_article(seen, now):
    read(seen, now, published=DateReading(None, None, "rule", (DateFlag.MISSING,)))
    assert summed_up(seen, now).date_flags == {"missing": 1}


def test_a_selector_that_meets_nothing_is_counted_as_tried(seen, now):
    met = TraceStep("title", "rule", "h1", 2)
    for matches in (3, 0):
        read(seen, now, trace=(met, TraceStep("authors", "rule", ".by", matches), TraceStep("text", "engine")))
    assert summed_up(seen, now).selectors == {"title: h1": SelectorSeen(2, 2, 4), "authors: .by": SelectorSeen(2, 1, 3)}


def test_of_a_page_that_should_be_an_article_only_its_selectors_count(seen, now):
    trace = (TraceStep("text", "rule", "article p", 0),)
    failed = Extraction(Outcome.EXTRACTION_FAILED, None, "No text.", trace=trace)
    seen.read(failed, Outcome.EXTRACTION_FAILED, is_new=False, at=now)
    seen.read(Extraction(Outcome.LOGIN_WALL, None, trace=trace), Outcome.LOGIN_WALL, is_new=False, at=now)
    sums = summed_up(seen, now)
    assert (sums.articles, sums.selectors) == (0, {"text: article p": SelectorSeen(1, 0, 0)})


def test_selectors_without_end_do_not_fill_the_database(seen, now):
    read(seen, now, trace=tuple(TraceStep("text", "rule", f"p.x{number}", 1) for number in range(900)))
    assert len(summed_up(seen, now).selectors) == MOST_SELECTORS


def test_a_source_tells_its_entries_and_the_newest_instant_it_states(seen, now):
    seen.source_read(FEED, Found(leads(now, 5, 2, 0)), fresh=2, unchanged=False)
    assert summed_up(seen, now).sources == (SourceSeen(FEED, 3, 2, now - timedelta(hours=2)),)


def test_a_source_that_did_not_change_has_answered(seen, now):
    seen.source_read(FEED, Found(leads(now, 5)), fresh=0, unchanged=True)
    [source] = summed_up(seen, now).sources
    assert (source.outcome, source.entries, source.unchanged) == (None, 1, True)


def test_the_entries_of_a_source_that_failed_are_not_known(seen, now):
    seen.source_failed(FEED, Outcome.TIMEOUT)
    seen.source_read(f"{HOME}/other", Found((), outcome=Outcome.NOT_ARTICLE), fresh=0, unchanged=False)
    assert [(one.entries, one.outcome) for one in summed_up(seen, now).sources] == [
        (None, "timeout"),
        (None, "not_article"),
    ]


def test_an_index_of_sitemaps_gives_what_its_parts_give(seen, now):
    seen.source_read(FEED, Found((), sitemaps=("a", "b", "c")), fresh=0, unchanged=True)
    seen.source_read(FEED, Found(leads(now, 3)), fresh=1, unchanged=False)
    seen.source_failed(FEED, Outcome.TIMEOUT)
    seen.source_read(FEED, Found(leads(now, 9, 8)), fresh=0, unchanged=True)
    assert summed_up(seen, now).sources == (SourceSeen(FEED, 3, 1, now - timedelta(hours=3)),)


def test_an_index_none_of_whose_parts_can_be_read_has_failed(seen, now):
    seen.source_read(FEED, Found((), sitemaps=("a",)), fresh=0, unchanged=True)
    seen.source_failed(FEED, Outcome.GONE)
    assert summed_up(seen, now).sources == (SourceSeen(FEED, outcome="gone"),)


def test_outcomes_are_of_articles_and_not_of_sources(seen, now):
    counts = {"new": 2, "not_article": 3, "not_modified": 1}
    sums = summed_up(seen, now, counts=counts, endings=[Outcome.NOT_ARTICLE, Outcome.NOT_MODIFIED])
    assert sums.outcomes == {"new": 2, "not_article": 2}


def test_answers_that_may_be_articles_are_counted_with_their_bytes_whether_they_were_read_or_not(seen, now):
    refused = Extraction(Outcome.EXTRACTION_FAILED, None)
    seen.read(Extraction(None, an_article()), Outcome.NEW, is_new=True, at=now, body_bytes=4000)
    seen.read(refused, Outcome.EXTRACTION_FAILED, is_new=False, at=now, body_bytes=10)
    sums = summed_up(seen, now)
    assert (sums.fetched, sums.body_bytes, sums.articles) == (2, 4010, 1)


def test_a_host_tells_its_requests_and_the_median_of_its_answers(seen, now):
    network = Tally()
    gazette, dead = network.of("gazette.example"), network.of("dead.example")
    for seconds in (0.1, 0.5, 0.3):
        gazette.started(at=now, clock=seconds, waited_s=0.0)
        gazette.answered(at=now, status=200, seconds=seconds, failed=False)
    for host, outcome in ((gazette, Outcome.TLS_FAILED), (dead, Outcome.TIMEOUT)):
        host.started(at=now, clock=1.0, waited_s=0.0)
        host.not_answered(outcome)
        host.answered(at=now, status=None, seconds=9.0, failed=True)
    network.take_robots("https://gazette.example", Robots(text="x", digest="ab"), crawl_delay_s=0.0, at=now)
    seen.network = network
    sums = summed_up(seen, now)
    assert sums.hosts == {"gazette.example": HostSeen(4, 0.3, "ab"), "dead.example": HostSeen(1, None, "")}
    assert (sums.statuses, sums.failures) == ({"200": 3}, {"timeout": 1, "tls_failed": 1})


def test_the_status_of_robots_txt_is_not_among_those_of_pages(now):
    network = Tally()
    host = network.of("gazette.example")
    host.started(at=now, clock=1.0, waited_s=0.0)
    host.answered(at=now, status=404, seconds=0.1, failed=False, is_robots=True)
    assert (network.statuses, network.hosts_seen()["gazette.example"].requests) == ({}, 1)


@pytest.mark.parametrize(
    ("status", "body", "digest"),
    [(404, b"x", "none"), (503, b"x", ""), (429, b"x", "")],
)
def test_what_robots_txt_says_is_known_only_where_it_answered(status, body, digest):
    assert robots_of_answer(status, body, max_bytes=1000).digest == digest


def test_a_comment_or_a_new_sitemap_does_not_change_what_robots_txt_says():
    def digest(text):
        return robots_of_answer(200, text.encode(), max_bytes=1000).digest

    plain = digest("User-agent: *\nDisallow: /a\n")
    assert digest("# made today\nUser-agent:*\r\nDisallow:  /a # why\n\nSitemap: https://x.example/2\n") == plain
    assert digest("User-agent: *\nDisallow: /b\n") != plain


def test_a_source_that_failed_keeps_the_words_that_say_how(seen, now):
    found = Found((), outcome=Outcome.NOT_ARTICLE, detail="The feed is empty.")
    seen.source_read(FEED, found, fresh=0, unchanged=False)
    assert summed_up(seen, now).sources[0].detail == "The feed is empty."


def test_reasons_that_differ_in_figures_are_one(seen, now):
    for chars in (3, 40, 1200):
        detail = f"An article by its address, but only {chars:,} characters of text were read."
        seen.read(Extraction(Outcome.EXTRACTION_FAILED, None, detail), Outcome.EXTRACTION_FAILED, is_new=False, at=now)
    assert summed_up(seen, now).unread == {
        "An article by its address, but only 3 characters of text were read.": 3,
    }


def test_new_articles_are_compared_by_title_text_and_instant(seen, now):
    for slug, title in (("a", "Same"), ("b", "Same"), ("c", "Another")):
        read(seen, now, slug=slug, title=title, text=f"Text of {slug}.", published=stated(now - timedelta(hours=1)))
    read(seen, now, slug="d", title="Same", outcome=Outcome.UNCHANGED, is_new=False)
    told = {key.partition(":")[0]: number for key, number in summed_up(seen, now).alike.items()}
    assert told == {"title": 2, "text": 1, "published": 3}


def test_days_without_a_time_are_not_compared(seen, now):
    for slug in ("a", "b"):
        read(seen, now, slug=slug, published=stated(now.replace(hour=0), "23 November 2026"))
    assert not [key for key in summed_up(seen, now).alike if key.startswith("published")]


@pytest.mark.parametrize(("seconds", "counted"), [(-30, 1), (0, 1), (59, 1), (120, 0)])
def test_what_is_dated_when_it_is_read_is_counted(seconds, counted, seen, now):
    read(seen, now, published=stated(now - timedelta(seconds=seconds)))
    assert summed_up(seen, now).just_now == counted


def test_articles_are_counted_by_language_and_hosts_that_were_led_to(seen, now):
    read(seen, now, language="de")
    seen.led_elsewhere("new.example")
    assert (summed_up(seen, now).languages, summed_up(seen, now).elsewhere) == ({"de": 1}, {"new.example": 1})
