"""What goes by age and what stays: decisions, runs, raw pages with what points at them, logs, the audit log."""

from __future__ import annotations

import json
import os
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from index.archive import Archive
from index.cli_retention import retention
from index.host_records import HostNotes, HostPaceInRun, HostState
from index.outcomes import Outcome
from index.records import Page
from index.retaining import retain
from index.store import open_store
from index.store.articles import count_articles, save_article
from index.store.audit import note_act
from index.store.decisions import decisions_about, record_outcomes
from index.store.host_tables import run_hosts
from index.store.hosts import note_hosts
from index.store.keeping_tables import removals
from index.store.pages import latest_page, link_page_to_article, save_page
from index.store.retention import BATCH, RUNS_KEPT, begin_upkeep
from index.store.runs import finish_run, list_runs, start_run
from index.store.tables import decisions
from tests.factories import HOME, a_link, an_article, register

OLD = timedelta(days=200)


@pytest.fixture
def settings_for(database_settings):
    """Settings with some of [retention] set and all else kept for ever."""

    def make(**values):
        zero = dict.fromkeys(type(database_settings.retention).model_fields, 0)
        table = database_settings.retention.model_copy(update={**zero, "raw_pages_cited_too": False, **values})
        return database_settings.model_copy(update={"retention": table})

    return make


def run_of(store, at, *, urls=(), outcome=Outcome.GONE, name="gazette"):
    """Make a run that ended, with a decision for each URL."""
    with store.write() as tx:
        run = start_run(tx, name, kind="crawl", now=at, pid=1, host="here")
        record_outcomes(tx, [(url, outcome, "detail") for url in urls], run_id=run.id, now=at)
        finish_run(tx, run.id, state="done", reason="", numbers={}, now=at)
    return run.id


def number_of_decisions(store):
    with store.read() as tx:
        return tx.execute(select(func.count()).select_from(decisions)).scalar_one()


def raw_page(store, archive, slug, at, *, article=None):
    """Store a raw page, of an article where one is given; return where its record lies."""
    with archive.open_writer(slug, now=at) as writer:
        page = Page(f"{HOME}/{slug}", f"<p>raw {slug}</p>".encode(), at)
        position = writer.append(page)
    with store.write() as tx:
        page_id = save_page(tx, page, digest="0" * 64, warc=position, run_id=None)
        if article is not None:
            saved = save_article(tx, article, page_id=page_id, run_id=None, now=at)
            link_page_to_article(tx, page_id, saved.article_id)
    return position


def test_old_decisions_go_and_young_ones_stay(store, settings_for, now):
    run_of(store, now - OLD, urls=[f"{HOME}/{n}" for n in range(5)])
    run_of(store, now, urls=[f"{HOME}/{n}" for n in range(3)])
    done = retain(store, settings_for(decisions_days=90), now=now)
    assert (done.decisions.removed, number_of_decisions(store)) == (5, 3)


def test_more_than_one_batch_is_done_to_its_end(store, settings_for, now):
    run_of(store, now - OLD, urls=[f"{HOME}/{n}" for n in range(BATCH + 7)])
    assert retain(store, settings_for(decisions_days=90), now=now).decisions.removed == BATCH + 7


def test_the_last_word_on_a_page_held_without_an_article_stays(store, settings_for, database_settings, now):
    archive = Archive(database_settings.warc_dir)
    raw_page(store, archive, "list", now - OLD)
    run_of(store, now - OLD, urls=[f"{HOME}/list"], outcome=Outcome.NOT_ARTICLE)
    run_of(store, now - OLD + timedelta(days=1), urls=[f"{HOME}/list"], outcome=Outcome.LOGIN_WALL)
    done = retain(store, settings_for(decisions_days=90), now=now)
    assert (done.decisions.removed, done.decisions.kept) == (1, 1)
    with store.read() as tx:
        assert [one.outcome for one in decisions_about(tx, f"{HOME}/list") if one.outcome] == [Outcome.LOGIN_WALL]


def test_counts_by_outcome_stay_with_their_run(store, settings_for, now):
    run_of(store, now - OLD, urls=[f"{HOME}/{n}" for n in range(5)])
    retain(store, settings_for(decisions_days=90), now=now)
    with store.read() as tx:
        assert dict(list_runs(tx, limit=1)[0].counts) == {"gone": 5}


def test_no_outlet_has_more_decisions_than_the_limit_but_for_its_newest_run(store, settings_for, now):
    for day in range(4):
        run_of(store, now + timedelta(days=day), urls=[f"{HOME}/{n}" for n in range(10)])
    run_of(store, now, urls=[f"https://herald.example/{n}" for n in range(30)], name="herald")
    done = retain(store, settings_for(decisions_rows=25), now=now)
    assert (done.decisions.removed, number_of_decisions(store)) == (20, 20 + 30)


def test_old_runs_go_with_their_decisions_but_the_newest_of_each_outlet_stay(store, settings_for, now):
    for day in range(RUNS_KEPT + 5):
        run_of(store, now - OLD + timedelta(hours=day), urls=[f"{HOME}/{day}"])
    done = retain(store, settings_for(runs_days=90), now=now)
    assert (done.runs.removed, done.runs.kept) == (5, RUNS_KEPT)
    assert number_of_decisions(store) == RUNS_KEPT


def test_what_is_known_of_the_hosts_of_an_old_run_goes_with_it(store, settings_for, now):
    for day in range(RUNS_KEPT + 5):
        run_id = run_of(store, now - OLD + timedelta(hours=day))
        with store.write() as tx:
            pace = HostPaceInRun("gazette.example", 3, None, None, 0.0, None)
            note_hosts(tx, [HostNotes(HostState(pace.host), (), pace)], run_id=run_id, now=now)
    retain(store, settings_for(runs_days=90), now=now)
    with store.read() as tx:
        assert tx.execute(select(func.count()).select_from(run_hosts)).scalar_one() == RUNS_KEPT


def test_old_raw_pages_go_and_their_file_with_the_last_of_them(store, settings_for, database_settings, now):
    archive = Archive(database_settings.warc_dir)
    position = raw_page(store, archive, "a", now - OLD, article=an_article("a"))
    young = raw_page(store, archive, "b", now, article=an_article("b", "Another text."))
    done = retain(store, settings_for(raw_pages_days=90), now=now)
    assert (done.raw_pages.removed, done.raw_pages.bytes) == (1, position.length)
    assert not (archive.folder / position.file).exists()
    assert archive.read(young).body == b"<p>raw b</p>"
    with store.read() as tx:
        assert count_articles(tx) == 2
        assert tx.execute(select(removals)).all() == []


def test_a_page_whose_raw_record_went_is_asked_for_without_a_condition(store, settings_for, database_settings, now):
    archive = Archive(database_settings.warc_dir)
    with archive.open_writer("a", now=now - OLD) as writer:
        page = Page(f"{HOME}/a", b"x", now - OLD, etag='"1"', last_modified="Sat, 22 Jun 2024 05:00:00 GMT")
        position = writer.append(page)
    with store.write() as tx:
        save_page(tx, page, digest="0" * 64, warc=position, run_id=None)
    retain(store, settings_for(raw_pages_days=90), now=now)
    with store.read() as tx:
        held = latest_page(tx, f"{HOME}/a")
    assert (held.warc, held.etag, held.last_modified) == (None, None, None)


def test_why_tells_that_the_raw_record_was_removed(store, settings_for, database_settings, now):
    raw_page(store, Archive(database_settings.warc_dir), "a", now - OLD, article=an_article("a"))
    retain(store, settings_for(raw_pages_days=90), now=now)
    with store.read() as tx:
        said = [one.detail for one in decisions_about(tx, f"{HOME}/a") if one.what == "fetched"]
    assert said == ["Fetched: HTTP 200, 12 bytes; its raw record was removed on 2026-11-23."]


def test_a_cited_article_keeps_its_raw_page_and_is_counted(store, settings_for, database_settings, now):
    register(store, now)
    archive = Archive(database_settings.warc_dir)
    position = raw_page(store, archive, "a", now - OLD, article=an_article("a"))
    citing = an_article("b", "Another text.", links=(a_link(f"{HOME}/a", "a report"),))
    raw_page(store, archive, "b", now - OLD, article=citing)
    done = retain(store, settings_for(raw_pages_days=90), now=now)
    assert (done.raw_pages.removed, done.raw_pages.kept) == (1, 1)
    assert archive.read(position).body == b"<p>raw a</p>"


def test_cited_raw_pages_go_when_the_settings_say_so(store, settings_for, database_settings, now):
    register(store, now)
    archive = Archive(database_settings.warc_dir)
    raw_page(store, archive, "a", now - OLD, article=an_article("a"))
    citing = an_article("b", "Another text.", links=(a_link(f"{HOME}/a", "a report"),))
    raw_page(store, archive, "b", now - OLD, article=citing)
    done = retain(store, settings_for(raw_pages_days=90, raw_pages_cited_too=True), now=now)
    assert (done.raw_pages.removed, done.raw_pages.kept) == (2, 0)


def test_old_lines_of_the_audit_log_go(store, settings_for, now):
    with store.write() as tx:
        for at in (now - OLD, now):
            note_act(tx, by="ann", act="paused", subject="gazette", now=at)
    assert retain(store, settings_for(audit_days=90), now=now).audit.removed == 1


def test_old_logs_go(store, settings_for, database_settings, now):
    folder = database_settings.data.dir / "logs" / "runs"
    folder.mkdir(parents=True)
    for name, at in (("1.log", now - OLD), ("2.log", now)):
        (folder / name).write_text("line\n")
        os.utime(folder / name, (at.timestamp(), at.timestamp()))
    assert retain(store, settings_for(logs_days=90), now=now).logs.removed == 1
    assert [path.name for path in folder.iterdir()] == ["2.log"]


def test_nothing_goes_where_all_is_kept_for_ever(store, settings_for, database_settings, now):
    raw_page(store, Archive(database_settings.warc_dir), "a", now - OLD, article=an_article("a"))
    run_of(store, now - OLD, urls=[f"{HOME}/a"])
    done = retain(store, settings_for(), now=now)
    assert (done.decisions.removed, done.runs.removed, done.raw_pages.removed) == (0, 0, 0)


def test_a_dry_run_counts_the_same_and_removes_nothing(store, settings_for, database_settings, now):
    archive = Archive(database_settings.warc_dir)
    position = raw_page(store, archive, "a", now - OLD, article=an_article("a"))
    run_of(store, now - OLD, urls=[f"{HOME}/{n}" for n in range(BATCH + 1)])
    chosen = settings_for(raw_pages_days=90, decisions_days=90)
    dry = retain(store, chosen, now=now, dry_run=True)
    assert number_of_decisions(store) == BATCH + 1
    assert archive.read(position).body == b"<p>raw a</p>"
    real = retain(store, chosen, now=now)
    assert (dry.decisions, dry.raw_pages) == (real.decisions, real.raw_pages)


def test_asked_to_stop_it_ends_after_a_batch_and_says_so(store, settings_for, now):
    run_of(store, now - OLD, urls=[f"{HOME}/{n}" for n in range(3 * BATCH)])
    asked = iter([False, True])
    done = retain(store, settings_for(decisions_days=90), now=now, stopped=lambda: next(asked, True))
    assert (done.cut, done.decisions.removed) == (True, BATCH)


def test_of_several_schedulers_one_begins(store, now):
    day = timedelta(days=1)
    with store.write() as tx:
        assert begin_upkeep(tx, "retention", every=day, now=now)
        assert not begin_upkeep(tx, "retention", every=day, now=now + timedelta(hours=23))
        assert begin_upkeep(tx, "retention", every=day, now=now + day)


def test_the_command_says_what_went_and_what_was_kept(settings, now):
    with open_store(settings).write() as tx:
        note_act(tx, by="ann", act="paused", subject="gazette", now=now)
    told = CliRunner().invoke(retention, ["--dry-run"], obj=settings)
    assert told.exit_code == 0, told.output
    assert "0 decisions would be removed." in told.output
    assert json.loads(CliRunner().invoke(retention, ["--json"], obj=settings).output)["dry_run"] is False
