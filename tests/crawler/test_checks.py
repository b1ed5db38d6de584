"""`watchfloor outlets`: dry runs that keep nothing, and what is said of what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from config.settings import Settings
from crawler.check_report import weekly_rate
from crawler.checks import check_outlet
from crawler.cli_outlets import outlets
from index.store import open_store
from index.store.tables import recurring_blocks
from tests.loopback_outlet import HOME, OUTLET_FILE, Answer, LoopbackOutlet, serving

pytestmark = pytest.mark.timeout(120)
EXPECTING = OUTLET_FILE.replace("[articles]", "[expect]\nfill = { authors = 0.9, title = 1.0 }\n[articles]")


@pytest.fixture
def outlet() -> Iterator[LoopbackOutlet]:
    running = LoopbackOutlet()
    with serving(running):
        yield running


@pytest.fixture
def settings_of(outlet: LoopbackOutlet, make_settings, tmp_path) -> Callable[..., Settings]:
    return lambda **tables: outlet.settings(make_settings, tmp_path / "outlets", **tables)


def test_dry_run_says_what_is_missing_and_keeps_nothing(outlet, settings_of):
    for name in "abc":
        outlet.article(name)
    outlet.feed(*"abc")
    settings = settings_of(outlet_file=EXPECTING)
    report = check_outlet("harbour", settings=settings, pages=5)
    assert report.articles == 3
    assert report.fill["title"] == 1.0
    assert report.problems == ("authors: 0% of articles have one, 90% are expected.",)
    assert [one.found for one in report.sources] == ["A feed: 3 leads, 3 of them new, 0 unchanged."]
    assert not (settings.data.dir / "watchfloor.sqlite3").exists()


def test_outlet_without_an_article_is_a_problem(outlet, settings_of):
    outlet.feed("gone")
    report = check_outlet("harbour", settings=settings_of(), pages=5)
    assert any("No article was read (gone 1" in problem for problem in report.problems)
    assert [(one.outcome, one.url[-4:]) for one in report.rejected] == [("gone", "gone")]


def test_each_source_says_the_leads_it_gave_and_whether_it_was_read(outlet, settings_of):
    outlet.article("a", links=f'<p>More in <a href="{HOME}/news/b">the other report</a> of the day.</p>')
    outlet.article("b")
    outlet.feed("a")
    outlet.pages["/sitemap.xml"] = Answer(b"<!doctype html><html><body>Nothing here</body></html>")
    sources = f'feeds = ["{HOME}/feed.xml"]\nsitemaps = ["{HOME}/sitemap.xml"]'
    file = OUTLET_FILE.replace(f'feeds = ["{HOME}/feed.xml"]', sources)
    report = check_outlet("harbour", settings=settings_of(outlet_file=file), pages=9)
    assert [(one.kind, one.leads, one.read) for one in report.sources] == [("feed", 1, True), ("sitemap", 0, False)]
    assert {via: count for via, count in report.leads.items() if count} == {"feed": 1, "link": 1}
    (problem,) = report.problems
    assert problem.startswith(f"{HOME}/sitemap.xml: the sitemap was not read. No sitemap: ")


def test_each_field_says_what_read_it_and_a_rule_that_gave_nothing_is_hinted_at(outlet, settings_of):
    for name in "abc":
        outlet.article(name)
    outlet.feed(*"abc")
    file = OUTLET_FILE + 'authors = "span.who"\n'
    report = check_outlet("harbour", settings=settings_of(outlet_file=file), pages=9)
    found = report.to_json()
    assert found["read_by"]["title"] == {"rule": 3}
    assert found["sample"][0]["links"] == {}
    assert "authors: the rule `span.who` gave nothing on 3 of 3 pages." in report.hints


def test_what_robots_says_is_told_and_its_delay_hinted_at(outlet, settings_of):
    outlet.article("a")
    outlet.feed("a")
    robots = b"User-agent: *\nCrawl-delay: 1\nDisallow: /private/\n"
    outlet.pages["/robots.txt"] = Answer(robots, content_type="text/plain")
    report = check_outlet("harbour", settings=settings_of(), pages=3)
    assert [(one.host, one.status, one.crawl_delay_s, one.denied) for one in report.robots] == [
        ("harbour.example", 200, 1.0, ())
    ]
    assert any("asks for 1 s between requests" in hint for hint in report.hints)


def test_a_source_that_robots_forbids_is_a_problem(outlet, settings_of):
    outlet.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /\n", content_type="text/plain")
    report = check_outlet("harbour", settings=settings_of(), pages=3)
    assert report.robots[0].denied == (f"{HOME}/", f"{HOME}/feed.xml")
    assert any(problem.startswith(f"{HOME}/feed.xml: the feed was not read.") for problem in report.problems)


def test_expectations_a_file_does_not_state_are_proposed(outlet, settings_of):
    names = [f"n{number}" for number in range(6)]
    for name in names:
        outlet.article(name)
    outlet.feed(*names)
    report = check_outlet("harbour", settings=settings_of(), pages=9)
    (hint,) = [hint for hint in report.hints if hint.startswith("[expect]")]
    assert "fill = { title = 0.95, published = 0.95, text = 0.95, language = 0.95 }" in hint


def test_the_command_prints_a_report_people_can_read(outlet, settings_of):
    outlet.article("a")
    outlet.feed("a", "gone")
    outlet.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /x/\n", content_type="text/plain")
    done = run(settings_of(outlet_file=EXPECTING), "check", "harbour")
    assert done.return_value == 10
    for line in (
        "harbour.example: HTTP 200, allows our sources",
        "    2 leads  http://harbour.example/feed.xml  A feed: 2 leads",
        "  title      100%  rule 1",
        "  gone 1",
        "PROBLEM: authors: 0% of articles have one, 90% are expected.",
    ):
        assert line in done.output, done.output


AT = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([], None),
        ([0, 0, 0], None),
        ([0, 0, 0, 0, 0, 0], None),
        ([0, 1, 2, 3, 4, 5, 6, 7], 7.0),
        ([0, 0, 0, 0, 7], 4.0),
    ],
)
def test_articles_a_week_are_told_from_dates(days, expected):
    assert weekly_rate([AT - timedelta(days=day) for day in days]) == expected


def run(settings: Settings, *arguments: str):
    return CliRunner().invoke(outlets, list(arguments), obj=settings, standalone_mode=False)


def test_outlets_are_listed_and_shown(outlet, settings_of):
    settings = settings_of()
    names = [one["name"] for one in json.loads(run(settings, "list", "--json").output)]
    assert {"harbour", "foremedia"} <= set(names)
    assert json.loads(run(settings, "show", "harbour", "--json").output)["title"] == "Harbour Herald"
    assert "leads.feeds" in run(settings, "show", "harbour").output


def test_outlet_is_shown_with_what_was_learned_of_it(settings_of, now):
    settings = settings_of()
    nothing = json.loads(run(settings, "show", "harbour", "--json").output)["learned"]
    assert nothing == {"left_out": True, "recurring": []}
    assert not settings.data.dir.exists()
    line = {"key": "k", "text": "Our letter comes every morning.", "articles": 45, "of_articles": 200}
    store = open_store(settings)
    with store.write() as tx:
        tx.execute(recurring_blocks.insert(), {**line, "outlet": "harbour", "learned_at": now})
    store.close()
    shown = json.loads(run(settings, "show", "harbour", "--json").output)["learned"]["recurring"]
    assert shown == [{**line, "learned_at": "2026-11-23T12:00:00Z"}]
    assert "learned.recurring[0].articles 45" in " ".join(run(settings, "show", "harbour").output.split())


def test_outlet_is_shown_though_the_archive_cannot_be_read(settings_of):
    settings = settings_of()
    settings.data.dir.mkdir()
    (settings.data.dir / "watchfloor.sqlite3").write_bytes(b"no database" * 100)
    shown = json.loads(run(settings, "show", "harbour", "--json").output)
    assert (shown["title"], shown["learned"]["recurring"]) == ("Harbour Herald", [])
    assert "watchfloor.sqlite3" in shown["learned"]["fault"]


def test_cases_of_an_outlet_pass(settings):
    done = run(settings, "test", "courrier_sarn", "--json")
    found = json.loads(done.output)
    assert (found["cases"], found["failed"]) == (3, 0)


def test_case_that_fails_says_which_field(outlet, settings_of):
    settings = settings_of()
    folder = settings.outlet_folders[-1] / "cases" / "harbour" / "wrong"
    folder.mkdir(parents=True)
    outlet.article("a", title="Ports closed")
    (folder / "page.html").write_bytes(outlet.pages["/news/a"].body)
    meta = {"url": "http://harbour.example/news/a", "fetched_at": "2026-11-23T12:00:00+00:00"}
    (folder / "meta.json").write_text(json.dumps(meta))
    (folder / "expected.json").write_text(json.dumps({"title": "Ports open", "outcome": "new"}))
    done = run(settings, "test", "harbour")
    assert done.return_value == 10
    assert 'title: expected "Ports open"' in done.output
    assert 'read     "Ports closed"' in done.output
