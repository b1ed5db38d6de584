"""Whole crawls of a loopback outlet through the one door, in a child process."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.errors import ConfigurationError, StorageFullError, UsageError
from config.settings import Settings
from crawler.orders import Limits, Order, RunReport
from crawler.run import _Child, crawl_outlet, find_outlet
from index.errors import BusyError
from index.job_records import Wish
from index.records import Lead, Via
from index.recurring import LEAST_ARTICLES
from index.store import Store, open_store
from index.store.articles import get_article, latest_articles, revisions_of
from index.store.decisions import decisions_about
from index.store.jobs import add_job, claim_job, get_job
from index.store.leads import add_leads, get_lead
from index.store.outlets import register_outlets
from index.store.runs import ask_run_to_stop, finish_run, get_run, list_runs, start_run
from index.warc_files import iter_warc
from tests.loopback_outlet import HOME, HOST, OUTLET_FILE, Answer, LoopbackOutlet, serving


@pytest.fixture
def outlet() -> Iterator[LoopbackOutlet]:
    with serving(LoopbackOutlet()) as running:
        yield running


@pytest.fixture
def crawl_settings(
    outlet: LoopbackOutlet, make_settings: Callable[..., Settings], tmp_path: Path
) -> Callable[..., Settings]:
    def make(**tables: object) -> Settings:
        return outlet.settings(make_settings, tmp_path / "outlets", **tables)

    return make


@pytest.fixture
def settings(crawl_settings: Callable[..., Settings]) -> Settings:
    return crawl_settings()


@pytest.fixture
def archive(settings: Settings) -> Iterator[Store]:
    store = open_store(settings)
    yield store
    store.close()


def crawl(settings: Settings, limits: Limits | None = None, **more: object) -> RunReport:
    return crawl_outlet("harbour", limits, settings=settings, **more)  # type: ignore[arg-type]


def outcome_of(store: Store, url: str) -> tuple[str | None, str]:
    with store.read() as tx:
        last = decisions_about(tx, url)[-1]
    return last.outcome, last.detail


def test_articles_of_a_feed_and_of_links_are_stored_once(outlet, settings, archive):
    outlet.article("b")
    outlet.article("a", links=f'<p>See <a href="{HOME}/news/b">the other report</a> on the harbour.</p>')
    outlet.feed("a")
    report = crawl(settings)
    assert report.state == "done", report
    assert report.counts == {"new": 2, "not_article": 1}
    assert outlet.asked() == {"/feed.xml": 1, "/news/a": 1, "/news/b": 1}
    with archive.read() as tx:
        assert {article.title for article in latest_articles(tx, limit=9)} == {"News of a", "News of b"}


def test_refusing_outlet_is_blocked(outlet, settings):
    outlet.pages["/feed.xml"] = Answer(b"No.", 403, etag=False)
    report = crawl(settings)
    assert (report.state, report.exit_code) == ("blocked", 11)


def test_replay_of_our_own_file_stores_the_same_without_network(outlet, settings, crawl_settings, tmp_path):
    outlet.article("b")
    outlet.article("a", links=f'<p>See <a href="{HOME}/news/b">the other report</a> on the harbour.</p>')
    outlet.article("d")
    outlet.redirect("/news/c", f"{HOME}/news/d")
    outlet.feed("a", "c")
    first = crawl(settings)
    (file,) = settings.warc_dir.glob("*.warc.gz")
    outlet.log.clear()
    elsewhere = crawl_settings(data={"dir": str(tmp_path / "other")})
    replayed = crawl(elsewhere, replay=file)
    assert not outlet.log
    assert replayed.kind == "replay"
    assert replayed.counts == first.counts


def test_replay_of_a_file_without_a_page_is_refused_before_a_run_begins(settings, archive, tmp_path, capfd):
    file = tmp_path / "no.warc.gz"
    file.write_bytes(b"no archive at all")
    with pytest.raises(UsageError, match=r"no\.warc\.gz"):
        crawl(settings, replay=file)
    with archive.read() as tx:
        assert list_runs(tx, limit=9) == []
    assert "Traceback" not in capfd.readouterr().err


def test_replay_of_a_damaged_file_says_where_and_takes_what_can_be_read(
    outlet, settings, crawl_settings, tmp_path, capfd
):
    outlet.article("a")
    outlet.article("b")
    outlet.feed("a", "b")
    crawl(settings)
    (file,) = settings.warc_dir.glob("*.warc.gz")
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes(file.read_bytes()[:-200])
    outlet.log.clear()
    replayed = crawl(crawl_settings(data={"dir": str(tmp_path / "other")}), replay=cut)
    assert not outlet.log
    assert replayed.counts == {"new": 1, "not_article": 1, "not_in_archive": 1}
    assert "replay file is damaged" in capfd.readouterr().err


def test_every_response_is_kept_as_warc(outlet, settings):
    outlet.article("a", links=f'<p>See <a href="{HOME}/news/dead">the older report</a> on the harbour.</p>')
    outlet.feed("a")
    crawl(settings)
    (file,) = settings.warc_dir.glob("*.warc.gz")
    kept = {page.url: page.status for page in iter_warc(file)}
    assert kept.items() >= {f"{HOME}/feed.xml": 200, f"{HOME}/news/a": 200, f"{HOME}/news/dead": 404}.items()


def test_unknown_outlet_is_told_with_those_of_a_like_name(settings):
    with pytest.raises(UsageError, match=r"^harbor: no outlet of that name, perhaps harbour;"):
        crawl_outlet("harbor", settings=settings)


def test_unknown_outlet_is_told_with_those_whose_names_hold_it(settings):
    with pytest.raises(UsageError, match=r"perhaps south_china_morning_post;"):
        crawl_outlet("china_morning", settings=settings)


def test_unknown_outlet_like_no_other_is_told_alone(settings):
    with pytest.raises(UsageError, match=r"^qqqqqq: no outlet of that name; "):
        crawl_outlet("qqqqqq", settings=settings)


def test_public_host_is_not_crawled_without_a_contact(outlet, crawl_settings):
    public = OUTLET_FILE.replace(HOST, "herald.example")
    with pytest.raises(ConfigurationError, match="contact"):
        crawl(crawl_settings(outlet_file=public))
    assert not outlet.log


def test_low_disk_stops_before_the_first_request(outlet, crawl_settings):
    with pytest.raises(StorageFullError, match="min_free_mb"):
        crawl(crawl_settings(crawler={"min_free_mb": 1 << 40}))
    assert not outlet.log


def test_second_run_of_an_outlet_under_way_is_busy(outlet, settings, archive, now):
    import os
    import socket
    from datetime import UTC, datetime

    from index.store.runs import start_run

    with archive.write() as tx:
        start_run(tx, "harbour", kind="crawl", now=datetime.now(UTC), pid=os.getpid(), host=socket.gethostname())
    with pytest.raises(BusyError, match="harbour"):
        crawl(settings)
    assert not outlet.log


def test_leads_a_replay_does_not_find_still_wait_for_a_crawl(outlet, settings, archive):
    outlet.article("a", links=f'<p>See <a href="{HOME}/news/late">the later report</a> on the harbour.</p>')
    outlet.feed("a")
    crawl(settings)
    (file,) = settings.warc_dir.glob("*.warc.gz")
    outlet.article("late")
    with archive.write() as tx:
        add_leads(tx, [Lead(f"{HOME}/news/other", "harbour", Via.LINK)], now=datetime.now(UTC))
    assert crawl(settings, replay=file).counts["not_in_archive"] >= 1
    with archive.read() as tx:
        lead = get_lead(tx, f"{HOME}/news/other")
    assert lead is not None
    assert (lead.state, lead.outcome) == ("waiting", "not_in_archive")


def test_memory_of_its_parent_does_not_end_a_run(outlet, crawl_settings):
    outlet.article("a")
    outlet.feed("a")
    held = bytearray(600 << 20)
    held[:: resource.getpagesize()] = b"x" * len(held[:: resource.getpagesize()])
    assert crawl(crawl_settings(crawler={"max_memory_mb": 500})).state == "done"
    del held


def test_what_was_learned_reaches_the_processes_that_read_the_pages(outlet, settings, archive):
    letter = "<p>Our harbour letter comes every morning, free of charge, before the first ship has left.</p>"
    names = [f"n{number}" for number in range(LEAST_ARTICLES)]
    for name in [*names, "later"]:
        outlet.article(name, links=letter)
    outlet.feed(*names)
    assert crawl(settings).counts["new"] == LEAST_ARTICLES
    outlet.feed("later", updated="2027-01-01T00:00:00Z")
    for name in names:
        outlet.article(name, links=f"{letter}<!-- served anew -->")
    assert crawl(settings).counts["new"] == 1
    with archive.read() as tx:
        texts = {one.canonical_url.rsplit("/", 1)[-1]: one for one in latest_articles(tx, limit=100)}
        later = get_article(tx, texts["later"].id)
        first = get_article(tx, texts["n0"].id)
        trace = revisions_of(tx, later.id)[0].trace
    assert "harbour letter" in first.text
    assert "harbour letter" not in later.text
    assert [step.matches for step in trace if step.rule == "recurring"] == [LEAST_ARTICLES]


def test_a_run_asked_to_stop_from_elsewhere_ends_in_order_and_keeps_what_it_stored(outlet, settings, archive):
    names = [f"n{number}" for number in range(60)]
    for name in names:
        outlet.article(name)
    outlet.feed(*names)

    def ask(path: str) -> None:
        time.sleep(0.2)
        if path == "/news/n1":
            with archive.write() as tx:
                ask_run_to_stop(tx, list_runs(tx)[0].id, by="ann", now=datetime.now(UTC))

    outlet.before_answer = ask
    report = crawl(settings)
    assert (report.state, report.reason) == ("partial", "Stopped on request; what is left waits for the next run.")
    assert 0 < report.counts["new"] < 60
    outlet.before_answer = None
    assert crawl(settings).counts["new"] == 60 - report.counts["new"]


def test_a_run_of_a_job_that_another_worker_has_meanwhile_does_not_begin(outlet, settings, archive):
    now = datetime.now(UTC)
    with archive.write() as tx:
        job = add_job(tx, Wish("harbour"), by="test", now=now)
        claim_job(tx, worker="other", now=now, lease=timedelta(hours=1))
    with pytest.raises(BusyError, match=f"Job {job.id} is no longer this worker's"):
        crawl(settings, job=(job.id, 0))
    with archive.read() as tx:
        assert list_runs(tx) == []
    assert not outlet.log


def test_a_run_of_a_job_is_noted_with_it_before_its_first_request(outlet, settings, archive):
    now, seen = datetime.now(UTC), []
    outlet.feed()

    def look(_path: str) -> None:
        with archive.read() as tx:
            seen.append(get_job(tx, 1).run_id)

    outlet.before_answer = look
    with archive.write() as tx:
        add_job(tx, Wish("harbour"), by="test", now=now)
        claim_job(tx, worker="me", now=now, lease=timedelta(hours=1))
    report = crawl(settings, job=(1, 1))
    assert seen
    assert set(seen) == {report.run_id}


def test_a_watcher_ends_a_crawl_in_order(outlet, settings):
    names = [f"n{number}" for number in range(60)]
    for name in names:
        outlet.article(name)
    outlet.feed(*names)
    outlet.before_answer = lambda _path: time.sleep(0.1)
    report = crawl(settings, watch=lambda _pid: len(outlet.log) > 5)
    assert (report.state, report.reason) == ("partial", "Stopped on request; what is left waits for the next run.")
    assert report.stop_asked


def test_a_run_that_had_ended_is_what_its_row_says_although_its_process_died_before_it_told(settings, archive, now):
    with archive.write() as tx:
        register_outlets(tx, [find_outlet("harbour", settings)], now)
        runs = [start_run(tx, "harbour", kind="check", now=now, pid=2**22 + 1, host="here") for _ in range(1)]
        finish_run(tx, runs[0].id, state="done", reason="", numbers={}, now=now)
        runs.append(start_run(tx, "harbour", kind="crawl", now=now, pid=2**22 + 1, host="here"))
    told = []
    for run in runs:
        child = _Child(Order(settings, "harbour"), None)
        child.run_id = run.id
        told.append(child._explain_death(-9, 1.0).state)
    assert told == ["done", "killed"]
    with archive.read() as tx:
        assert [get_run(tx, run.id).state for run in runs] == ["done", "killed"]
