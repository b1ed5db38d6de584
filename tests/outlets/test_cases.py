"""Every case of every outlet: the stored page gives the expected fields and links. A folder per page, no code."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from config.outlets import load_outlets
from config.settings import load_settings
from crawler.cases import Case, case_folders, differences, load_cases

SETTINGS = load_settings(environ={})
SPECS = load_outlets(SETTINGS.outlet_folders)
CASES = load_cases(case_folders(SETTINGS))
KEPT = ("new", "paywalled_stub")


@pytest.mark.parametrize("case", CASES, ids=[f"{case.outlet}-{case.name}" for case in CASES])
def test_page_gives_what_is_expected(case: Case):
    assert differences(case, SPECS[case.outlet], max_page_s=60) == {}


@pytest.mark.parametrize("name", sorted({case.outlet for case in CASES}))
def test_outlet_with_cases_has_a_page_to_keep(name: str):
    assert any(case.expected["outcome"] in KEPT for case in CASES if case.outlet == name)


@pytest.mark.parametrize("name", sorted(name for name, spec in SPECS.items() if spec.home.endswith(".example/")))
def test_fictional_outlet_has_a_page_to_keep_and_one_to_reject(name: str):
    articles = {case.expected["outcome"] in KEPT for case in CASES if case.outlet == name}
    assert articles == {True, False}


def test_a_difference_is_told_by_field():
    case = next(case for case in CASES if case.outlet == "foremedia" and case.expected["outcome"] == "new")
    wrong = Case(case.outlet, case.name, case.page, {**case.expected, "read_minutes": 99, "authors": []})
    found = differences(wrong, SPECS[case.outlet], max_page_s=60)
    assert set(found) == {"read_minutes", "authors"}
    assert found["read_minutes"][0] == 99


def test_a_dated_layout_reads_its_own_pages_and_no_later_ones():
    """The same bytes, fetched after the layout's last day, are read by the one that came after it."""
    case = next(case for case in CASES if (case.outlet, case.name) == ("courrier_sarn", "old_layout"))
    later = replace(case, page=replace(case.page, fetched_at=datetime(2024, 1, 1, tzinfo=UTC)))
    assert differences(case, SPECS[case.outlet], max_page_s=60) == {}
    assert "title" in differences(later, SPECS[case.outlet], max_page_s=60)


def test_the_layout_of_today_does_not_read_by_the_old_rules():
    case = next(case for case in CASES if (case.outlet, case.name) == ("courrier_sarn", "article"))
    earlier = replace(case, page=replace(case.page, fetched_at=datetime(2023, 12, 31, tzinfo=UTC)))
    assert "title" in differences(earlier, SPECS[case.outlet], max_page_s=60)
