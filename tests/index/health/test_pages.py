"""Pages that are asked for and give no article, while the lists that name them answer."""

from __future__ import annotations

import pytest

from crawler.discover.feeds import leads_in_feed
from crawler.discover.sitemaps import leads_in_sitemap
from index.health.answers import refusals, verdict_of
from index.health.causes import Cause
from index.health.pages import pages
from index.health.records import HealthState, SourceSeen
from tests.index.health.days import DAY, FEED, MAP, NOW, a_run, facts, failed, judged, some, then, usual

NEW_HOST = "new.gazette.example"


def refused(number, outcome, *, read=0, **values):
    """A run whose lists answer, and of whose pages so many end in an outcome."""
    outcomes = {"new": read, outcome: number} if read else {outcome: number}
    values = {"articles": read, "outcomes": outcomes, "state": "partial", **values}
    return values if read else {**values, "filled": {}, "links": 0, "text_characters": 0, "selectors": {}}


@pytest.mark.parametrize(
    ("outcome", "cause", "state"),
    [
        ("blocked", Cause.BLOCKED, HealthState.BLOCKED),
        ("robots_denied", Cause.ROBOTS_DENIED, HealthState.BLOCKED),
        ("gone", Cause.GONE, HealthState.BROKEN),
        ("server_error", Cause.SERVER_ERRORS, HealthState.BROKEN),
    ],
)
def test_a_refusal_that_begins_after_the_first_pages_of_each_run_is_told(outcome, cause, state):
    found = judged(then(1, new=5, **refused(4, outcome, read=1)))
    assert (found.cause, found.state, found.fit) == (cause, HealthState.DEGRADED, True) or found.state is state
    assert "pages asked for gave no article" in found.sentence


def test_one_page_a_run_that_is_refused_each_time_is_told():
    found = judged(then(3, new=0, **refused(1, "blocked")))
    assert (found.cause, found.state, found.fit) == (Cause.BLOCKED, HealthState.BLOCKED, False)
    assert found.sentence == "8 of the last 8 pages asked for gave no article (blocked: 8); usually <1% do not."


def test_a_run_of_one_refused_page_is_no_good_run():
    assert verdict_of(a_run(NOW, new=0, **refused(1, "blocked"))) is None


def test_pages_that_time_out_in_one_run_are_nothing_yet():
    seen = [*usual(until=NOW - DAY / 4), a_run(NOW, new=1, **refused(30, "timeout", read=1))]
    assert pages(facts(seen)) == []


def test_pages_that_lead_to_another_host_name_it():
    lost = refused(5, "not_article", elsewhere={NEW_HOST: 5}, fetched=2)
    found = judged(then(1, new=0, **lost))
    assert (found.cause, found.state) == (Cause.HOST_MOVED, HealthState.BROKEN)
    assert NEW_HOST in found.sentence


def test_lists_that_lead_to_another_host_name_it():
    lists = tuple(SourceSeen(url, outcome="not_article") for url in (FEED, MAP))
    seen = then(0.5, new=0, sources=lists, elsewhere={NEW_HOST: 2})
    [found] = refusals(facts(seen))
    assert (found.cause, found.state) == (Cause.HOST_MOVED, HealthState.BROKEN)
    assert found.sentence.endswith(f"the last: 2 lists lead to {NEW_HOST}, which its file does not name.")


def test_lists_that_answer_with_a_web_page_fail_in_the_words_of_who_read_them():
    said = "The feed's address answers with an HTML page."
    lists = tuple(SourceSeen(url, outcome="not_article", detail=said) for url in (FEED, MAP))
    [found] = refusals(facts(then(0.5, new=0, sources=lists)))
    assert (found.cause, found.state) == (Cause.LIST_FAILS, HealthState.BROKEN)
    assert f"{FEED} (The feed's address answers with an HTML page)" in found.sentence


def test_lists_with_nothing_in_them_are_empty_answers():
    said = (
        leads_in_feed(b" \n", url=FEED, outlet="gazette").detail,
        leads_in_sitemap(b"", url=MAP, outlet="gazette").detail,
    )
    lists = tuple(
        SourceSeen(url, outcome="not_article", detail=words) for url, words in zip((FEED, MAP), said, strict=True)
    )
    [found] = refusals(facts(then(0.5, new=0, sources=lists)))
    assert (found.cause, found.state) == (Cause.EMPTY_ANSWERS, HealthState.BROKEN)
    assert f"{FEED} (The feed is empty), {MAP} (The sitemap is empty)" in found.sentence


def test_one_list_that_is_none_any_more_is_told_while_the_other_answers():
    lists = (SourceSeen(FEED, outcome="not_article", detail="The feed is empty."), SourceSeen(MAP, 100, 5))
    [found] = refusals(facts(then(1, sources=lists)))
    assert (found.cause, found.state) == (Cause.LIST_FAILS, HealthState.DEGRADED)
    assert "(The feed is empty)" in found.sentence


def test_the_commonest_reason_stands_beside_pages_without_an_article():
    why = {"The outlet's file says addresses like this one are no articles.": 5}
    found = judged(then(1, new=0, **refused(5, "not_article", unread=why)))
    shown = {one.what: one.now for one in found.evidence}
    assert shown["Why, most often"] == next(iter(why))


def test_whole_runs_that_fail_are_told_by_what_failed():
    seen = usual(until=NOW - DAY) + [failed(NOW - (3 - n) * DAY / 4, "blocked", articles=0) for n in range(4)]
    assert judged(seen).sentence.startswith("It refuses us")


def young(good, bad):
    """So many usual runs of three articles, then so many of which no page could be read."""
    lost = refused(6, "extraction_failed")
    read = [a_run(NOW - (bad + number) * DAY / 24, new=3) for number in range(good, 0, -1)]
    return read + some(bad / 24, every=DAY / 24, new=0, **lost)


def test_a_young_outlet_whose_pages_cannot_be_read_any_more_is_broken():
    found = judged(young(7, 8))
    assert (found.cause, found.state, found.fit) == (Cause.LAYOUT_CHANGED, HealthState.BROKEN, False)
    assert found.sentence == "None of the last 48 pages asked for gave an article (extraction failed: 48)."


def test_an_outlet_of_which_nothing_was_ever_read_is_told():
    assert judged(young(0, 3)).cause == Cause.LAYOUT_CHANGED


def test_two_such_runs_of_a_young_outlet_are_nothing_yet():
    assert judged(young(7, 2)).state is HealthState.HEALTHY


def test_a_young_outlet_is_well_again_with_the_first_article():
    assert judged([*young(7, 8), a_run(NOW + DAY / 24, new=1)]).state is HealthState.HEALTHY
