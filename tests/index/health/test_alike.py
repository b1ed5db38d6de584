"""Articles that are told apart by nothing, or that are in another language."""

from __future__ import annotations

import pytest

from index.health.alike import alike, languages
from index.health.articles import dates
from index.health.causes import Cause
from index.health.records import HealthState
from tests.index.health.days import DAY, NOW, a_run, facts, judged, some, then, usual

GERMAN = {"languages": {"de": 5}}


@pytest.mark.parametrize(("kind", "what"), [("title", "title"), ("text", "text")])
def test_one_title_or_text_for_all_is_broken_and_not_fresh_news(kind, what):
    found = judged(then(1, alike={f"{kind}:abc": 5}))
    assert (found.cause, found.state, found.fit) == (Cause.ALL_ALIKE, HealthState.BROKEN, False)
    assert found.sentence == f"20 of the last 20 new articles have one and the same {what}; usually <1% do."


def test_one_instant_of_publication_for_all_is_a_wrong_date():
    [found] = alike(facts(then(1, alike={"published:abc": 5})))
    assert (found.cause, found.state) == (Cause.DATES_WRONG, HealthState.DEGRADED)


def test_one_article_a_run_with_the_same_title_each_time_is_told():
    assert judged(then(4, new=1, alike={"title:abc": 1})).cause == Cause.ALL_ALIKE


def test_a_series_that_always_shares_its_title_is_as_usual():
    assert alike(facts(usual(alike={"title:abc": 3}))) == []


def test_titles_that_differ_from_run_to_run_are_as_usual():
    seen = usual()
    own = [a_run(NOW + number * DAY / 4, alike={f"title:{number}": 1}) for number in range(1, 9)]
    assert alike(facts(seen + own, now=own[-1].finished_at)) == []


def test_it_is_over_with_the_next_articles():
    seen = then(1, alike={"title:abc": 5})
    well = [a_run(NOW + number * DAY / 4, alike={f"title:{number}": 1}) for number in (1, 2)]
    assert alike(facts(seen + well, now=well[-1].finished_at)) == []


def test_articles_dated_when_they_were_read_have_wrong_dates():
    [found] = dates(facts(then(1, just_now=5)))
    assert (found.cause, found.state) == (Cause.DATES_WRONG, HealthState.DEGRADED)
    assert (
        found.sentence == "100% of the last 20 new articles are dated at the very minute they were read; usually <1%."
    )


def test_where_news_is_looked_for_each_minute_it_may_be_as_young():
    seen = usual(until=NOW - DAY / 24) + some(1 / 24, every=DAY / 1440, new=1, just_now=1)
    assert dates(facts(seen)) == []


def test_another_language_is_told_with_its_name():
    seen = usual(until=NOW - DAY, languages={"en": 5}) + some(1, **GERMAN)
    [found] = languages(facts(seen, languages=("en", "fr")))
    assert (found.cause, found.state) == (Cause.WRONG_LANGUAGE, HealthState.DEGRADED)
    assert found.sentence == (
        "100% of the last 20 articles are in a language that its file does not name (de); usually <1%."
    )


def test_the_language_of_the_newest_run_alone_is_named():
    seen = [*usual(until=NOW - DAY / 4, languages={"en": 5}), a_run(NOW, new=16, languages={"de": 16})]
    [found] = languages(facts(seen, languages=("en",)))
    assert "(de)" in found.sentence


@pytest.mark.parametrize("named", [(), ("en", "de")])
def test_languages_that_the_file_names_or_leaves_open_are_well(named):
    seen = usual(until=NOW - DAY, languages={"en": 5}) + some(1, **GERMAN)
    assert languages(facts(seen, languages=named)) == []


def test_what_was_in_other_languages_before_is_as_usual():
    assert languages(facts(usual(languages={"de": 3, "en": 2}), languages=("en",))) == []
