"""Where the news of a story comes from: a table of stories with the steps, the count and what is uncertain."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.records import DateFlag, DateReading
from index.stories.attribution import Attribution
from index.stories.origins import CopyStep, Dated, LinkStep, Report, dated, is_day_only, origins_of
from index.stories.telling import step_words

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SEEN = NOON + timedelta(days=1)
TITLES = {"a": "Alpha", "b": "Beta", "c": "Gamma", "d": "Delta"}


def at(hours, **other):
    moment = NOON + timedelta(hours=hours)
    return Dated(moment, **{"earliest": moment, "latest": moment, "instant": "published", **other})


def report(number, outlet, hours=None, *, links=(), copy=None, **other):
    values = {"title": f"Report {number}", "dated": at(number if hours is None else hours), **other}
    steps = tuple(LinkStep(target, f"as {target} said") for target in links)
    return Report(number, outlet=outlet, links=steps, copy=CopyStep(copy, "90%") if copy else None, **values)


def steps(found):
    return [(step.article_id, step.kind, step.from_id, step.origin) for step in found.chain]


def kinds(found):
    return [doubt.kind for doubt in found.uncertain]


def named(key, *, agency=False):
    return (Attribution(key, TITLES.get(key, key), f"according to {key}", agency),)


def test_three_outlets_without_any_step_are_three_origins():
    found = origins_of([report(1, "a"), report(2, "b"), report(3, "c")], TITLES)
    assert (found.outlets, found.independent, found.at_most) == (3, 3, 3)
    assert found.first is not None
    assert (found.first.article_id, found.first_is_certain, kinds(found)) == (1, True, [])


def test_a_link_that_an_edit_brought_is_uncertain_and_dated_by_when_it_was_first_seen():
    link = LinkStep(1, "as Alpha said", NOON + timedelta(hours=9))
    found = origins_of([report(1, "a"), Report(2, "Report 2", "b", at(2), links=(link,))], TITLES)
    assert [step.kind for step in found.chain] == ["own", "link"]
    (doubt,) = found.uncertain
    assert doubt.kind == "link_added"
    assert doubt.text == "its link to “Report 1” came with an edit, first seen 2026-11-20 21:00 UTC"


def test_a_copy_a_link_and_a_named_source_are_one_origin():
    reports = [
        report(1, "a"),
        report(2, "b", copy=1),
        report(3, "c", links=[1]),
        report(4, "d", named=named("a")),
    ]
    found = origins_of(reports, TITLES)
    assert steps(found) == [
        (1, "own", None, "outlet:a"),
        (2, "copy", 1, "outlet:a"),
        (3, "link", 1, "outlet:a"),
        (4, "words", 1, "outlet:a"),
    ]
    assert (found.outlets, found.independent, found.at_most) == (4, 1, 3)
    assert [step.evidence for step in found.chain[1:]] == ["90%", "“as 1 said”", "“according to a”"]


def test_steps_are_followed_to_their_end():
    found = origins_of([report(1, "a"), report(2, "b", links=[1]), report(3, "c", links=[2])], TITLES)
    assert steps(found)[2] == (3, "link", 2, "outlet:a")


def test_a_link_to_another_outlet_goes_before_one_to_the_own():
    found = origins_of([report(1, "b"), report(2, "a"), report(3, "b", links=[1, 2])], TITLES)
    assert steps(found)[2] == (3, "link", 2, "outlet:a")


def test_a_link_to_the_own_outlet_is_told_as_such():
    found = origins_of([report(1, "a"), report(2, "a", links=[1]), report(3, "b", links=[1])], TITLES)
    assert [step_words(step) for step in found.chain] == [
        "its own report",
        "follows its own outlet's earlier report, which it links to",
        "follows Alpha, which it links to",
    ]


def test_an_outlets_second_report_is_no_second_origin():
    found = origins_of([report(1, "a"), report(2, "a")], TITLES)
    assert steps(found) == [(1, "own", None, "outlet:a"), (2, "outlet", 1, "outlet:a")]


def test_two_outlets_with_one_agencys_text_have_one_origin_that_is_not_held():
    wire = ("Meridian Wire", "Meridian Wire")
    found = origins_of([report(1, "a", agency=wire), report(2, "b", copy=1, agency=wire)], TITLES)
    assert steps(found) == [(1, "wire", None, "agency:meridian wire"), (2, "copy", 1, "agency:meridian wire")]
    assert (found.outlets, found.independent) == (2, 1)
    assert kinds(found) == ["copy_without_original"]


def test_an_agencys_own_report_is_the_origin_where_it_is_held():
    found = origins_of([report(1, "d"), report(2, "a", agency=("d", "Delta"))], TITLES)
    assert steps(found)[1] == (2, "wire", 1, "outlet:d")


def test_two_that_name_one_source_not_held_have_one_origin():
    reports = [report(1, "a", named=named("Reuters", agency=True)), report(2, "b", named=named("Reuters", agency=True))]
    found = origins_of(reports, TITLES)
    assert (found.independent, found.at_most, kinds(found)) == (1, 2, ["named_not_held", "named_not_held"])
    assert found.chain[0].origin_name == "Reuters"


def test_a_source_whose_only_report_is_later_is_the_origin_by_name():
    found = origins_of([report(1, "a", named=named("b")), report(2, "b")], TITLES)
    assert steps(found) == [(1, "words", None, "outlet:b"), (2, "own", None, "outlet:b")]
    assert found.uncertain[0].text == "names Beta, which has only a later report in this story"


def test_a_link_to_a_later_report_is_no_step_and_is_said():
    found = origins_of([report(1, "a", links=[2]), report(2, "b")], TITLES)
    assert (steps(found)[0], kinds(found)) == ((1, "own", None, "outlet:a"), ["link_to_later"])


def test_two_that_link_to_each_other_are_broken_by_time():
    found = origins_of([report(1, "a", links=[2]), report(2, "b", links=[1])], TITLES)
    assert [step[:3] for step in steps(found)] == [(1, "own", None), (2, "link", 1)]


def test_a_ring_of_reports_of_one_instant_has_one_origin():
    reports = [report(number, outlet, hours=0, links=[number % 4 + 1]) for number, outlet in enumerate("abcd", 1)]
    found = origins_of(reports, TITLES)
    assert found.independent == 1
    assert "same_minute" in kinds(found)


def test_a_link_counts_where_only_days_are_known():
    day_only = at(12, earliest=NOON, latest=NOON + timedelta(days=1))
    found = origins_of(
        [report(1, "a", hours=11, links=[2], dated=at(11, latest=SEEN)), report(2, "b", dated=day_only)], TITLES
    )
    assert steps(found)[0] == (1, "link", 2, "outlet:b")


def test_a_copy_of_an_article_of_another_story_has_that_outlets_origin():
    copied = Report(2, "Report 2", "b", at(2), copy=CopyStep(99, "90%", "a", "The text"))
    assert steps(origins_of([copied], TITLES)) == [(2, "copy", None, "outlet:a")]


def test_links_to_pages_not_held_are_said_of_reports_that_follow_nobody():
    found = origins_of([report(1, "a", not_held=2), report(2, "b", links=[1], not_held=3)], TITLES)
    assert [(doubt.kind, doubt.article_id) for doubt in found.uncertain] == [("link_not_held", 1)]


def test_an_undated_report_may_have_been_earlier():
    undated = Dated(NOON + timedelta(hours=5), None, NOON + timedelta(hours=5), "first_seen", ("it has no date",))
    found = origins_of([report(1, "a"), report(2, "b", dated=undated)], TITLES)
    assert (found.first_is_certain, kinds(found)) == (False, ["undated"])


def test_who_links_to_the_first_report_is_no_rival_of_it():
    undated = Dated(NOON + timedelta(hours=5), None, NOON + timedelta(hours=5), "updated")
    found = origins_of([report(1, "a"), report(2, "b", dated=undated, links=[1])], TITLES)
    assert found.first_is_certain


def test_no_reports_have_no_origin():
    found = origins_of([], TITLES)
    assert (found.first, found.outlets, found.independent, found.chain) == (None, 0, 0, ())


@pytest.mark.parametrize(
    ("published", "updated", "instant", "earliest", "doubts"),
    [
        (DateReading("2026-11-20T12:00Z", NOON), None, "published", NOON, 0),
        (
            DateReading("12:00 20 Nov", NOON, "", (DateFlag.ZONE_ASSUMED,)),
            None,
            "published",
            NOON - timedelta(hours=14),
            1,
        ),
        (DateReading("20 November 2026", NOON), None, "published", NOON, 1),
        (DateReading("03/04/2026 12:00", NOON, "", (DateFlag.DAY_MONTH_GUESSED,)), None, "published", None, 1),
        (None, DateReading("Updated 12:05 GMT", NOON), "updated", None, 1),
        (DateReading("x 12:00", NOON, "", (DateFlag.FUTURE,)), None, "first_seen", None, 1),
        (DateReading("x 12:00", NOON, "", (DateFlag.TOO_OLD,)), DateReading("12:00", NOON), "updated", None, 1),
        (None, None, "first_seen", None, 1),
    ],
)
def test_the_first_date_that_can_be_true_counts_with_its_doubts(published, updated, instant, earliest, doubts):
    none = DateReading(None, None)
    found = dated(published or none, updated or none, SEEN)
    assert (found.instant, found.earliest, len(found.doubts)) == (instant, earliest, doubts)


@pytest.mark.parametrize(
    ("text", "moment", "expected"),
    [
        ("22.06.2024", NOON, True),
        ("June 22, 2024", NOON, True),
        ("2024-06-22", NOON, True),
        ("2024-06-22T00:00:00+02:00", NOON, True),
        ("Updated 12:00AM GMT Sat, June 22, 2024", NOON, True),
        ("2024-06-22T14:30:00Z", NOON, False),
        ("22 juin 2024 à 14h30", NOON, False),
        ("22.06.2024, 14.30 Uhr", NOON, False),
        ("June 22, 2024 2pm", NOON, False),
        ("1719057600", NOON, False),
        (None, NOON, False),
    ],
)
def test_a_date_without_a_time_is_known(text, moment, expected):
    assert is_day_only(text, moment) is expected


REPORTS = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.integers(0, 5),
        st.lists(st.integers(1, 12), max_size=3),
        st.one_of(st.none(), st.integers(1, 12)),
        st.booleans(),
        st.sampled_from(["", "a", "b", "z"]),
    ),
    max_size=12,
)


@given(REPORTS, st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_any_story_ends_in_trees_whatever_the_order(rows, shuffler: random.Random):
    reports = [
        report(
            number,
            outlet,
            dated=at(hours, earliest=None if loose else NOON + timedelta(hours=hours)),
            links=links,
            copy=copy,
            named=named(source, agency=source == "z") if source else (),
        )
        for number, (outlet, hours, links, copy, loose, source) in enumerate(rows, 1)
    ]
    found = origins_of(reports, TITLES)
    shuffled = list(reports)
    shuffler.shuffle(shuffled)
    assert origins_of(shuffled, TITLES) == found
    assert len(found.chain) == len(reports)
    assert found.independent <= found.at_most <= max(1, len(reports))
    parents = {step.article_id: step.from_id for step in found.chain}
    assert all(step.origin for step in found.chain)
    for start in parents:
        seen, at_id = set(), start
        while at_id is not None:
            assert at_id not in seen
            seen.add(at_id)
            at_id = parents[at_id]


def test_ten_thousand_reports_in_one_chain_have_one_origin():
    reports = [report(number, f"o{number}", links=[number - 1]) for number in range(1, 10_001)]
    found = origins_of(reports, {})
    assert (found.outlets, found.independent) == (10_000, 1)
    backwards = [report(number, f"o{number}", hours=0, links=[number + 1]) for number in range(1, 10_001)]
    assert origins_of(backwards, {}).independent == 1
