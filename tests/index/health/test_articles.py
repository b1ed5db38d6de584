"""What is read of articles beside what it usually is."""

from __future__ import annotations

import pytest

from config.outlet_parts import Expectations
from index.health.articles import dates, fields, links, old_news, selectors, texts
from index.health.causes import Cause
from index.health.records import HealthState, SelectorSeen
from tests.index.health.days import BYLINE, DAY, NOW, a_run, facts, health, some, then, usual

ALL = {"title": 5, "authors": 5, "published": 5, "text": 5}


def without(*names, number=0):
    return {**ALL, **dict.fromkeys(names, number)}


def causes(rule, seen, **values):
    return [(one.cause, one.state) for one in rule(facts(seen, **values))]


@pytest.mark.parametrize("rule", [fields, dates, texts, links, selectors, old_news])
def test_usual_weeks_are_usual(rule):
    assert rule(facts(usual())) == []


def test_a_lost_field_is_told_with_both_shares():
    [found] = fields(facts(then(1, filled=without("authors"))))
    assert (found.cause, found.state) == (Cause.FIELDS_LOST, HealthState.DEGRADED)
    assert found.sentence == "0% of the last 8 articles have authors; usually >99%." or "usually" in found.sentence
    assert (found.evidence[0].what, found.evidence[0].now) == ("Articles with authors", "0%")


def test_lost_dates_have_a_cause_of_their_own():
    assert causes(fields, then(1, filled=without("published"))) == [(Cause.DATES_WRONG, HealthState.DEGRADED)]


def test_articles_without_text_mean_another_layout():
    [found] = fields(facts(then(1, filled=without("text"))))
    assert (found.cause, found.state, bool(found.unfit)) == (Cause.LAYOUT_CHANGED, HealthState.BROKEN, True)


def test_many_fields_lost_at_once_mean_another_layout():
    assert causes(fields, then(1, filled=without("authors", "published", "title")))[0][0] is Cause.LAYOUT_CHANGED


def test_one_bad_run_is_not_enough():
    seen = [*usual(until=NOW - DAY / 4), a_run(NOW, new=2, filled={"title": 2, "text": 2, "published": 2})]
    assert fields(facts(seen)) == []


def test_a_field_that_is_missing_now_and_then_anyway_is_not_told():
    half = [
        a_run(one.finished_at, filled=without("authors", number=number % 2 * 5)) for number, one in enumerate(usual())
    ]
    assert fields(facts(half)) == []


def test_a_share_that_fell_to_a_half_is_seen_too():
    seen = then(4, filled=without("authors", number=2))
    assert causes(fields, seen) == [(Cause.FIELDS_LOST, HealthState.DEGRADED)]


def test_a_field_found_again_is_told_no_more():
    before = health("fields_lost", evidence=())
    seen = then(3, filled=without("authors"))[:-4] + some(1)
    assert fields(facts(seen, before=before)) == []


def test_a_minimum_of_the_file_makes_a_run_unfit():
    expect = Expectations(fill={"authors": 0.8})
    low = [a_run(one.finished_at, filled=without("authors", number=2)) for one in usual()]
    [found] = fields(facts(low, expect=expect))
    assert (found.cause, "expects 80% at the least" in found.unfit) == (Cause.FIELDS_LOST, True)


def test_a_minimum_holds_from_the_first_run_on():
    expect = Expectations(fill={"published": 0.9})
    [found] = fields(facts([a_run(NOW, new=20, filled={"title": 20, "text": 20, "authors": 20})], expect=expect))
    assert found.unfit


def test_a_minimum_that_is_met_is_not_told():
    assert fields(facts(usual(), expect=Expectations(fill={"authors": 0.95}))) == []


def test_dates_that_cannot_be_are_seen():
    assert causes(dates, then(1, date_flags={"future": 5})) == [(Cause.DATES_WRONG, HealthState.DEGRADED)]


def test_dates_that_always_had_a_flag_are_usual():
    assert dates(facts(usual(date_flags={"weekday_conflict": 5}))) == []


def test_short_texts_are_seen():
    assert causes(texts, then(1, text_characters=5 * 900)) == [(Cause.TEXTS_SHORT, HealthState.DEGRADED)]


def test_teasers_are_unfit():
    [found] = texts(facts(then(1, text_characters=5 * 200)))
    assert (found.state, bool(found.unfit)) == (HealthState.BROKEN, True)


def test_links_that_vanish_are_seen_while_the_text_is_read():
    assert causes(links, then(1, links=0)) == [(Cause.LINKS_LOST, HealthState.DEGRADED)]


def test_links_below_the_minimum_of_the_file_are_unfit():
    [found] = links(facts(usual(links=5), expect=Expectations(links_per_article=(3.0, 20.0))))
    assert "expects 3 at the least" in found.unfit


def test_links_that_vary_widely_are_not_told():
    wild = [a_run(one.finished_at, links=(number % 7) * 6) for number, one in enumerate(usual())]
    wild += [a_run(NOW + DAY / 4, links=2), a_run(NOW + DAY / 2, links=1)]
    assert links(facts(wild, now=NOW + DAY / 2)) == []


def test_a_selector_drifts_before_it_meets_nothing():
    half = {BYLINE: SelectorSeen(5, 2, 2)}
    [found] = selectors(facts(then(4, selectors=half)))
    assert (found.cause, found.state) == (Cause.SELECTOR_DRIFT, HealthState.DEGRADED)
    assert "`authors: .byline`" in found.sentence
    assert "usually on" in found.sentence


def test_a_selector_of_something_rare_is_not_told():
    rare = [a_run(one.finished_at, selectors={BYLINE: SelectorSeen(5, 1, 1)}) for one in usual(until=NOW - 4 * DAY)]
    assert selectors(facts(rare + some(4, selectors={BYLINE: SelectorSeen(5, 0, 0)}))) == []


def test_old_articles_in_the_place_of_news_are_unfit():
    [found] = old_news(facts(then(4, old=5)))
    assert (found.cause, found.state, bool(found.unfit)) == (Cause.REPUBLISHING_OLD, HealthState.BROKEN, True)


def test_old_articles_beside_the_usual_news_are_told_and_the_run_is_fit():
    [found] = old_news(facts(then(1, new=25, old=20)))
    assert (found.cause, found.state, found.unfit) == (Cause.REPUBLISHING_OLD, HealthState.DEGRADED, "")


def test_no_link_in_eight_articles_is_chance_where_half_of_them_have_none():
    few = [a_run(one.finished_at, links=(5, 0, 9, 1, 0, 3)[number % 6]) for number, one in enumerate(usual())]
    assert links(facts([*few, a_run(NOW + DAY / 4, links=0), a_run(NOW + DAY / 2, links=0)], now=NOW + DAY)) == []


def test_an_outlet_that_never_links_is_not_told():
    assert links(facts(usual(links=0))) == []


@pytest.mark.parametrize(("good_runs", "told"), [(0, True), (2, True), (4, False)])
def test_a_missed_minimum_is_over_when_the_newest_articles_meet_it(good_runs, told):
    expect = Expectations(fill={"published": 0.95})
    mended = NOW - good_runs * DAY / 4
    bad = some(10, until=mended, filled=without("published"))
    seen = [*usual(until=mended - 10 * DAY), *bad, *some(good_runs / 4, until=NOW)]
    found = fields(facts(seen, expect=expect, before=health("dates_wrong", since=mended - 10 * DAY)))
    assert bool(found) is told


def test_a_minimum_that_is_missed_by_a_little_stays_missed():
    expect = Expectations(fill={"authors": 0.95})
    seen = usual(filled=without("authors", number=4))
    assert fields(facts(seen, expect=expect, before=health("fields_lost")))
