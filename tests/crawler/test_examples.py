"""The worked examples of docs/adding-an-outlet.md, crawled: outlets whose rules end, read by Python of their own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import pytest

from config.settings import Settings
from crawler.orders import Limits, RunReport
from crawler.run import crawl_outlet
from index.records import JsonObject, StoredArticle, StoredRevision
from index.store import open_store
from index.store.articles import articles_by_id, latest_articles, revisions_of
from index.store.decisions import decisions_of_run
from tests.loopback_outlet import Answer, LoopbackOutlet, serving

EXAMPLES = Path(__file__).parent.parent.parent / "docs" / "examples" / "outlets"
LONG = "The harbour board met on the quay until late and agreed that the northern fairway stays open to all ships. " * 3


@dataclass(frozen=True, slots=True)
class Example:
    """An example outlet on loopback."""

    name: str
    site: LoopbackOutlet
    settings: Settings

    def crawl(self, pages: int | None = None) -> RunReport:
        """Crawl it as anybody would."""
        return crawl_outlet(self.name, Limits(pages=pages), settings=self.settings)

    def articles(self) -> dict[str, StoredArticle]:
        """What is held, by address."""
        store = open_store(self.settings)
        try:
            with store.read() as tx:
                ids = [row.id for row in latest_articles(tx, outlet=self.name, limit=100)]
                return {one.canonical_url: one for one in articles_by_id(tx, ids, with_text=True).values()}
        finally:
            store.close()

    def newest_revision(self, article_id: int) -> StoredRevision:
        """The trace lies beside it."""
        store = open_store(self.settings)
        try:
            with store.read() as tx:
                return revisions_of(tx, article_id)[-1]
        finally:
            store.close()


@pytest.fixture
def example(make_settings: Callable[..., Settings]) -> Callable[..., object]:
    @contextmanager
    def running(name: str, host: str, **pages: Answer) -> Iterator[Example]:
        with serving(LoopbackOutlet()) as site:
            settings = make_settings(
                network={"private_hosts": [host], "hosts": {host: f"127.0.0.1:{site.port}"}, "timeout_s": 10},
                politeness={"floor_s": 0},
                crawler={"outlets_dir": str(EXAMPLES), "min_free_mb": 1},
                logs={"level": "WARNING"},
            )
            yield Example(name, site, settings)

    return running


def as_json(value: JsonObject) -> Answer:
    return Answer(json.dumps(value).encode(), content_type="application/json")


def story(title: str, *, time: str = "2026-11-20T08:00:00Z", body: str = "") -> Answer:
    html = (
        f"<!doctype html><html lang='en'><head><title>{title}</title></head><body><header><h1>{title}</h1>"
        f"<time datetime='{time}'>then</time></header><article>"
        f"{body or f'<p>{title}: {LONG}</p>'}</article></body></html>"
    )
    return Answer(html.encode())


def kestrel(site: LoopbackOutlet) -> None:
    listed = [{"id": number, "headline": f"Report {number}", "changed": "2026-11-20T08:00:00Z"} for number in (1, 2)]
    site.pages["/api/stories"] = as_json({"stories": listed, "next": "/api/stories?after=2"})
    site.pages["/api/stories?after=2"] = as_json({"stories": [{**listed[0], "id": 3, "headline": "Report 3"}]})
    for number in (1, 2, 3):
        site.pages[f"/api/stories/{number}"] = as_json(
            {
                "headline": f"Ferry {number} & the <narrow> strait",
                "path": f"/stories/ferry-{number}",
                "authors": ["Ines Halvorsen"],
                "published": "2026-11-20T08:00:00+01:00",
                "body_html": f"<p>Ferry {number} left. {LONG}</p><p>See <a href='/stories/ferry-1'>the first</a>.</p>",
            }
        )


def test_json_api_is_crawled_and_its_stories_have_the_address_readers_know(example):
    with example("kestrel_wire", "kestrel-wire.example") as kestrel_wire:
        kestrel(kestrel_wire.site)
        report = kestrel_wire.crawl()
        assert (report.state, report.new) == ("done", 3)
        held = kestrel_wire.articles()
        assert sorted(held) == [f"http://kestrel-wire.example/stories/ferry-{number}" for number in (1, 2, 3)]
        first = held["http://kestrel-wire.example/stories/ferry-1"]
        assert (first.title, first.authors) == ("Ferry 1 & the <narrow> strait", ("Ines Halvorsen",))
        assert first.published.at is not None
        assert first.published.at.isoformat() == "2026-11-20T07:00:00+00:00"
        assert first.cited_by == 2
        again = kestrel_wire.crawl()
        assert (again.new, again.changed) == (0, 0)


def test_json_api_is_replayed_from_what_was_kept(example, tmp_path):
    with example("kestrel_wire", "kestrel-wire.example") as kestrel_wire:
        kestrel(kestrel_wire.site)
        kestrel_wire.crawl()
        (file,) = kestrel_wire.settings.warc_dir.rglob("*.warc.gz")
    data = kestrel_wire.settings.data.model_copy(update={"dir": tmp_path / "elsewhere"})
    settings = kestrel_wire.settings.model_copy(update={"data": data})
    report = crawl_outlet("kestrel_wire", settings=settings, replay=file)
    assert (report.state, report.new) == ("done", 3)


def test_json_that_is_none_is_a_source_that_failed(example):
    with example("kestrel_wire", "kestrel-wire.example") as kestrel_wire:
        kestrel_wire.site.pages["/api/stories"] = Answer(b"<html>Down for maintenance</html>")
        report = kestrel_wire.crawl()
        assert report.state == "partial"
        assert "Reading it raised JSONDecodeError" in report.reason


def northmark(site: LoopbackOutlet, parts: int) -> None:
    """A list without end: every part names two stories and the cursor of the next."""

    def items(part: int) -> str:
        return "".join(f"<li class='story'><a href='/news/2026/part-{part}-{number}'>x</a></li>" for number in (1, 2))

    site.pages["/news"] = Answer(f'<ul>{items(0)}</ul><button data-cursor="c1">More</button>'.encode())
    for part in range(1, parts):
        more = {"html": f"<ul>{items(part)}</ul>", "cursor": f"c{part + 1}"}
        site.pages[f"/news/more?before=c{part}"] = as_json(more)
    for part in range(parts):
        for number in (1, 2):
            site.pages[f"/news/2026/part-{part}-{number}"] = story(f"Story {number} of part {part}")


def test_endless_list_is_read_as_far_as_the_file_says(example):
    with example("northmark_record", "northmark-record.example") as northmark_record:
        northmark(northmark_record.site, parts=9)
        report = northmark_record.crawl()
        assert (report.state, report.new) == ("done", 8)
        asked = northmark_record.site.asked()
        assert [path for path in asked if path.startswith("/news/more")] == [
            f"/news/more?before=c{number}" for number in (1, 2, 3)
        ]


def test_endless_list_without_anything_new_is_not_read_further(example):
    with example("northmark_record", "northmark-record.example") as northmark_record:
        northmark(northmark_record.site, parts=9)
        northmark_record.crawl()
        northmark_record.site.log.clear()
        northmark_record.crawl()
        assert not [path for path in northmark_record.site.asked() if path.startswith("/news/more")]


def test_what_a_budget_cut_from_an_endless_list_is_found_by_the_next_runs(example):
    with example("northmark_record", "northmark-record.example") as northmark_record:
        northmark(northmark_record.site, parts=9)
        first = northmark_record.crawl(pages=2)
        assert (first.state, first.new) == ("budget", 2)
        assert first.counts["over_budget"] >= 1
        store = open_store(northmark_record.settings)
        with store.read() as tx:
            told = {one.url: one.detail for one in decisions_of_run(tx, first.run_id)}
        store.close()
        assert "more than the 2 pages of this run" in told["http://northmark-record.example/news/more?before=c1"]
        for _ in range(6):
            northmark_record.crawl(pages=2)
        assert len(northmark_record.articles()) == 8


def valley(site: LoopbackOutlet) -> list[tuple[str, str]]:
    """Nothing but the dialog for who has not answered it; returns (path, cookie) as they come."""
    seen: list[tuple[str, str]] = []
    dialog = (
        "<html><head><title>Cookie consent</title></head><body><h1>We value your privacy</h1>"
        "<button>Accept all</button><button>Only what is necessary</button></body></html>"
    )

    def choose(path: str, headers: Message) -> Answer | None:
        cookie = headers.get("Cookie", "")
        seen.append((path, cookie))
        return None if path == "/robots.txt" or "vp_choice=necessary.2" in cookie else Answer(dialog.encode())

    site.choose = choose
    site.pages["/latest"] = Answer(b"<a href='/story/one'>One</a><a href='/story/two'>Two</a>")
    site.pages["/story/one"] = story("The valley votes")
    site.pages["/story/two"] = story("The bridge reopens")
    return seen


def test_outlet_behind_a_consent_dialog_is_read_with_the_dialogs_own_answer(example):
    with example("valley_post", "valley-post.example") as valley_post:
        seen = valley(valley_post.site)
        report = valley_post.crawl()
        assert (report.state, report.new) == ("done", 2)
        assert {path for path, cookie in seen if not cookie} == {"/robots.txt"}


def test_consent_dialog_that_asks_again_is_told_and_nothing_of_it_is_kept(example):
    with example("valley_post", "valley-post.example") as valley_post:
        valley(valley_post.site)
        answered = valley_post.site.choose
        valley_post.site.choose = lambda path, headers: (
            answered(path, Message()) if path.startswith("/story") else answered(path, headers)  # type: ignore[misc]
        )
        report = valley_post.crawl()
        assert report.counts.get("consent_wall") == 2
        assert valley_post.articles() == {}


LIVE = (
    "<h2 class='day'>20 November 2026</h2>"
    "<div class='entry'><span class='clock'>09:42</span><p>The pilots' council calls its members out. {long}</p>"
    "<p>More is expected before noon.</p></div>"
    "<div class='entry'><span class='clock'>08:05</span><p>Two tugs wait off the western mole. {long}</p></div>"
    "<h2 class='day'>19 November 2026</h2>"
    "<div class='entry'><span class='clock'>about ten</span><p>The first boats turned back. {long}</p></div>"
)


def test_live_blog_keeps_the_times_of_its_entries(example):
    with example("lantern_daily", "lantern-daily.example") as lantern_daily:
        lantern_daily.site.pages["/"] = Answer(b"<a href='/live/strike'>Live</a><a href='/news/plain'>Plain</a>")
        lantern_daily.site.pages["/live/strike"] = story("Strike at the mole", body=LIVE.format(long=LONG))
        lantern_daily.site.pages["/news/plain"] = story("Plain news")
        assert lantern_daily.crawl().new == 2
        held = lantern_daily.articles()
        live = held["http://lantern-daily.example/live/strike"]
        paragraphs = [paragraph[:25] for paragraph in live.text.split("\n\n")]
        assert paragraphs == [
            "2026-11-20 08:42 UTC",
            "The pilots' council calls",
            "More is expected before n",
            "2026-11-20 07:05 UTC",
            "Two tugs wait off the wes",
            "?? UTC (19 November 2026 ",
            "The first boats turned ba",
        ]
        assert "live" in live.flags
        assert "live" not in held["http://lantern-daily.example/news/plain"].flags
        steps = [step for step in lantern_daily.newest_revision(live.id).trace if step.field == "entry"]
        assert [(step.raw, step.value, step.matches) for step in steps] == [
            ("20 November 2026 09:42", "2026-11-20 08:42 UTC", 1),
            ("20 November 2026 08:05", "2026-11-20 07:05 UTC", 1),
            ("19 November 2026 about ten", "", 1),
        ]
