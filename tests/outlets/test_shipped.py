"""The outlet files that ship: what their patterns call an article, and that nothing unseen is crawled unasked."""

from __future__ import annotations

import tomllib
from pathlib import Path
from urllib.parse import urljoin

import dateparser
import pytest

from config.errors import UsageError
from config.outlets import OutletSpec, load_outlets
from crawler.cases import CHECKOUT, load_cases
from crawler.cli import chosen_outlets
from crawler.scrub.page import MOST_BYTES

SHIPPED = load_outlets([Path(__file__).parent.parent.parent / "config" / "outlets"])
REAL = {name: spec for name, spec in SHIPPED.items() if not spec.home.endswith(".example/")}
ADDRESSES = tomllib.loads((Path(__file__).parent / "addresses.toml").read_text(encoding="utf-8"))
CASES = load_cases([CHECKOUT], outlets=sorted(REAL))


def addresses(kind: str) -> list[tuple[str, str]]:
    return [(name, urljoin(REAL[name].home, path)) for name, listed in ADDRESSES.items() for path in listed[kind]]


def test_no_outlet_is_crawled_before_a_live_check_has_passed():
    assert [spec.name for spec in SHIPPED.values() if spec.enabled and not spec.verified] == []


def test_crawl_all_touches_none_of_them():
    with pytest.raises(UsageError, match="no outlet file says enabled = true"):
        chosen_outlets(SHIPPED, outlets=(), every=True, url=None)


def test_no_outlet_calls_itself_verified_without_a_case():
    with_case = {case.outlet for case in CASES}
    assert [spec.name for spec in REAL.values() if spec.verified and spec.name not in with_case] == []


def test_every_real_outlet_has_its_line_of_addresses():
    assert sorted(ADDRESSES) == sorted(REAL)
    assert all(listed["articles"] and listed["others"] for listed in ADDRESSES.values())


@pytest.mark.parametrize(("name", "url"), addresses("articles"))
def test_an_article_address_is_the_outlets_and_is_not_refused(name: str, url: str):
    assert [spec.name for spec in SHIPPED.values() if spec.owns(url)] == [name]
    assert SHIPPED[name].is_article_url(url)


@pytest.mark.parametrize(("name", "url"), addresses("others"))
def test_an_address_that_is_no_article_is_refused(name: str, url: str):
    assert SHIPPED[name].owns(url)
    assert not SHIPPED[name].is_article_url(url)


@pytest.mark.parametrize("case", CASES, ids=[f"{case.outlet}-{case.name}" for case in CASES])
def test_the_page_of_a_case_is_the_outlets(case):
    assert SHIPPED[case.outlet].owns(case.page.url)


@pytest.mark.parametrize("case", CASES, ids=[f"{case.outlet}-{case.name}" for case in CASES])
def test_the_page_of_a_case_is_small(case):
    (stored,) = (CHECKOUT / case.outlet / case.name).glob("page.html*")
    assert stored.stat().st_size <= MOST_BYTES


@pytest.mark.parametrize("spec", list(REAL.values()), ids=list(REAL))
def test_an_outlet_can_be_found_again_and_is_asked_gently(spec: OutletSpec):
    assert spec.leads.feeds or spec.leads.sitemaps or spec.leads.listings
    assert spec.pace.delay_s >= 2
    assert spec.country
    assert spec.expect.articles_per_week
    assert spec.expect.links_per_article
    assert spec.expect.fill.keys() >= {"title", "published", "text"}


@pytest.mark.parametrize("spec", list(SHIPPED.values()), ids=list(SHIPPED))
def test_the_date_reader_knows_the_languages_of_an_outlet(spec: OutletSpec):
    known = [code if code != "no" else "nb" for code in spec.languages]
    assert dateparser.parse("2026-11-24 10:00", languages=known) is not None
