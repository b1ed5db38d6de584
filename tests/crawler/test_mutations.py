"""Mutants of a page: what each kind changes, what none does, and that equal seeds give equal bytes."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner
from selectolax.lexbor import LexborHTMLParser

from config.outlets import load_outlets
from crawler.cases import case_folders, load_cases
from crawler.cli_outlets import outlets
from crawler.mutations import CONTROL, KINDS, mutants_of
from crawler.robustness import scores_of, survives

LONG = "The harbour master of the northern town said on Friday that ship number {} had left for the strait."
PAGE = f"""<!DOCTYPE html><html lang="en"><head><meta charset="windows-1252"><meta name="viewport" content="w">
<meta property="og:title" content="Ports closed"><meta name="author" content="Ana Ruiz"><title>Ports closed</title>
<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "Ports closed"}}</script></head>
<body><div class="page" id="top"><section class="story wide"><h1 class="head" id="h">Ports closed</h1>
<span class="who">Ana Ruiz</span> <time datetime="2026-11-20T07:00:00Z" class="when">20 November</time>
{"".join(f'<p class="text">{LONG.format(number)}</p>' for number in range(9))}</section></div></body></html>"""


def mutants(kind: str, page: str = PAGE, *, each: int = 3, seed: int = 7) -> list[str]:
    return [one.body.decode() for one in mutants_of(page, seed=seed, name="x", each=each) if one.kind == kind]


def words(page: str) -> list[str]:
    tree = LexborHTMLParser(page)
    for node in tree.css("script, .ad-slot, title"):
        node.decompose()
    return tree.root.text(separator=" ").split() if tree.root is not None else []


def test_equal_seeds_give_equal_bytes_and_others_give_others():
    assert mutants("rename_classes") == mutants("rename_classes")
    assert mutants("rename_classes") != mutants("rename_classes", seed=8)


@pytest.mark.parametrize("kind", list(KINDS))
def test_no_kind_changes_a_word_a_reader_sees(kind: str):
    found = mutants(kind)
    assert found
    assert all(words(page) == words(PAGE) for page in found)


def test_the_control_changes_nothing_but_the_charset():
    (page,) = mutants(CONTROL)
    assert '<meta charset="utf-8">' in page
    assert page.count("class=") == PAGE.count("class=")


def test_chance_has_as_many_mutants_as_asked_for_and_the_others_one():
    kinds = [one.kind for one in mutants_of(PAGE, seed=7, name="x", each=5)]
    assert kinds.count("wrap") == 5
    assert kinds.count("drop_meta") == 1


def test_a_class_is_renamed_alike_wherever_it_stands():
    for page in mutants("rename_classes", each=10):
        names = {node.attributes["class"] for node in LexborHTMLParser(page).css("p")}
        assert len(names) == 1


def test_some_class_is_renamed():
    assert any('class="text"' not in page for page in mutants("rename_classes", each=10))


@pytest.mark.parametrize(
    ("kind", "gone", "kept"),
    [
        ("drop_json_ld", r"ld\+json", "og:title"),
        ("drop_meta", "og:title|author", "viewport"),
        ("h1_to_div", "<h1", '<div class="head"'),
        ("time_to_span", "<time", '<span datetime="2026-11-20T07:00:00Z"'),
    ],
)
def test_what_is_taken_away_is_gone_and_the_rest_stays(kind: str, gone: str, kept: str):
    (page,) = mutants(kind)
    assert not re.search(gone, page)
    assert kept in page


def test_wrappers_come_and_go():
    assert any(page.count("<div") > PAGE.count("<div") for page in mutants("wrap"))
    assert any(page.count("<section") + page.count("<div") < 2 for page in mutants("unwrap", each=20))


def test_adverts_stand_between_paragraphs():
    for page in mutants("insert_adverts"):
        assert page.count("ad-slot") == 3


def test_attributes_stand_in_another_order():
    assert any('class="when" datetime=' in page for page in mutants("reorder_attributes", each=10))


@pytest.mark.parametrize("page", ["", "   ", "\x00\x01", "<!-- -->"])
def test_what_is_no_page_has_no_mutants_or_harmless_ones(page: str):
    assert all(one.body for one in mutants_of(page, seed=1, name="x", each=2))


@pytest.mark.parametrize(
    ("name", "wanted", "read", "expected"),
    [
        ("title", "A", "A", True),
        ("title", "A", "B", False),
        ("outcome", "new", "paywalled_stub", True),
        ("outcome", "login_wall", "not_article", False),
        ("text", "a " * 100, "a " * 99, True),
        ("text", "a " * 100, "a " * 90, False),
        ("text", "a", None, False),
        ("links", [{"url": "x", "role": "inline"}], [{"url": "x", "role": "source"}], False),
        ("links", [{"url": "x", "role": "inline", "text": "a"}], [{"url": "x", "role": "inline", "text": "b"}], True),
        ("links", [{"url": None, "role": "backlink", "text": "a"}], [], False),
    ],
)
def test_a_field_survives(name, wanted, read, expected):
    assert survives(name, wanted, read) is expected


def test_a_rule_by_class_is_lost_where_the_fallbacks_survive(settings):
    """Foremedia is read by rules, the Strait Herald by what its pages say of themselves."""
    specs, cases = load_outlets(settings.outlet_folders), load_cases(case_folders(settings))
    by_name = {score.outlet: score for score in scores_of(cases, specs, max_page_s=60, each=1)}
    assert all(not score.failing for score in by_name.values())
    assert by_name["strait_herald"].share("title") == 1.0
    assert by_name["foremedia"].share("title", "h1_to_div") == 0.0
    assert by_name["foremedia"].share("title", CONTROL) == 1.0


def test_the_command_prints_a_table_and_the_same_numbers_each_time(settings):
    def run(*more: str) -> str:
        arguments = ["test", "strait_herald", "--mutations", "--mutants", "1", *more]
        return CliRunner().invoke(outlets, arguments, obj=settings, standalone_mode=False).output

    found = json.loads(run("--json"))
    assert found == json.loads(run("--json"))
    (one,) = found["outlets"]
    assert (one["outlet"], one["fields"]["title"], found["all"]["score"]) == ("strait_herald", 1.0, one["score"])
    assert run().splitlines()[0].split()[:3] == ["outlet", "mutants", "all"]
