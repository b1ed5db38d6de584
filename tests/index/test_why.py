"""`why URL` over the store, on both databases: every kind of event in order, bounded statements, words and JSON."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from index.cli_why import why as why_command
from index.errors import NotFoundError
from index.host_records import HostNotes, HostPaceInRun, HostState, RobotsSeen
from index.job_records import Wish
from index.link_states import LinkState
from index.outcomes import Outcome
from index.records import Page
from index.store.articles import delete_article, latest_articles
from index.store.decisions import record_outcome
from index.store.hosts import note_hosts
from index.store.jobs import add_job
from index.store.leads import add_leads, finish_lead
from index.store.link_checks import record_check
from index.store.pages import link_page_to_article, save_page
from index.store.saving import save_article
from index.why import as_json, in_words, why
from tests.factories import HOME, a_lead, a_link, a_spec, an_article, register, save

URL = f"{HOME}/a"
OLD = f"{HOME}/old"
SECOND = timedelta(seconds=1)
SPECS = {"gazette": a_spec()}


@pytest.fixture
def settings(make_settings):
    return make_settings(crawler={"contact": "https://desk.example"})


def held_at(store, url, article, now, *, requested=""):
    """Save an article whose page was asked for at another address."""
    page = Page(url, b"page", now, requested_url=requested)
    with store.write() as tx:
        page_id = save_page(tx, page, digest="0" * 64, warc=None, run_id=3)
        saved = save_article(tx, article, page_id=page_id, run_id=3, now=now, aliases=[requested] if requested else [])
        if saved.article_id is not None:
            link_page_to_article(tx, page_id, saved.article_id)
    return saved


def asked(store, settings, url, now, specs=SPECS):
    with store.read() as tx:
        return why(tx, url, settings=settings, specs=specs, now=now)


def crawled(store, now):
    """An article found by a feed, linked by another, wished for by a job, fetched, stored."""
    register(store, now)
    save(store, an_article("citing", links=(a_link(URL),)), now - timedelta(hours=2))
    with store.write() as tx:
        add_leads(tx, [a_lead("a", found_in=f"{HOME}/feed")], now=now, run_id=3)
        add_job(tx, Wish("gazette", url=f"{URL}?utm_source=mail"), by="desk", now=now + SECOND)
        add_job(tx, Wish("gazette", url=f"{HOME}/other"), by="desk", now=now + SECOND)
    held_at(store, URL, an_article("a", published_at=now - timedelta(days=1)), now + 2 * SECOND, requested=OLD)
    with store.write() as tx:
        finish_lead(tx, URL, outcome=Outcome.NEW, detail="", run_id=3, now=now + 3 * SECOND)
        record_check(tx, URL, LinkState.ALIVE, now=now + 4 * SECOND, status=200)


def test_every_kind_of_event_is_told_in_order(store, settings, now):
    crawled(store, now)
    found = asked(store, settings, URL, now + timedelta(hours=1))
    whats = [one.what for one in found.story]
    assert whats == ["linked", "found", "asked for", "fetched", "stored", "outcome", "checked"]
    assert found.story[2].detail.startswith("Job 1 asks for it, as desk wished; waiting")
    assert (found.outlet, found.nothing) == ("gazette", "")


def test_old_address_tells_where_it_leads_and_of_which_article_it_is(store, settings, now):
    crawled(store, now)
    with store.write() as tx:
        record_check(tx, OLD, LinkState.REDIRECTED, now=now + 5 * SECOND, status=301, leads_to=URL)
    found = asked(store, settings, OLD, now)
    told = {one.what: one.detail for one in found.story}
    assert told["redirected"].startswith(f"Asked for, it led to {URL}: HTTP 200")
    assert told["address"].endswith(f"which is known as {URL}.")
    first, then = (one.detail for one in sorted(found.story, key=lambda one: one.url != OLD) if one.what == "checked")
    assert first.startswith(f"As a link redirected (HTTP 301), to {URL}, so since")
    assert then.startswith(f"{URL}, as a link alive")


def test_links_that_lead_in_a_circle_are_told_once(store, settings, now):
    crawled(store, now)
    with store.write() as tx:
        record_check(tx, URL, LinkState.REDIRECTED, now=now, status=301, leads_to=OLD)
        record_check(tx, OLD, LinkState.REDIRECTED, now=now, status=301, leads_to=URL)
    assert [one.what for one in asked(store, settings, URL, now).story].count("checked") == 2


def test_line_of_robots_that_forbids_is_the_verdict(store, settings, now):
    crawled(store, now)
    robots = RobotsSeen(now, 200, "User-agent: *\nDisallow: /a", "d1")
    state, pace = (
        HostState("gazette.example", robots=robots),
        HostPaceInRun("gazette.example", 1, None, None, 0.0, None),
    )
    with store.write() as tx:
        note_hosts(tx, [HostNotes(state, (), pace)], run_id=3, now=now)
    found = asked(store, settings, URL, now)
    assert found.verdict.startswith("A crawl would not ask for it now. robots.txt line 2 `Disallow: /a` forbids it")
    assert found.obstacles[0].outcome is Outcome.ROBOTS_DENIED


def test_plan_of_looking_again_is_told_with_its_reason(store, settings, now):
    crawled(store, now)
    told = asked(store, settings, URL, now + timedelta(hours=1)).coming
    assert told.at is not None
    assert told.sentence.startswith("In the first crawl after 2026-11-24 12:00 UTC, because it was published")


def test_what_only_a_crawl_leaves_out_names_the_command_that_asks(store, settings, now):
    crawled(store, now)
    found = asked(store, settings, URL, now)
    assert found.obstacles[0].outcome is Outcome.UNCHANGED
    assert found.verdict.endswith(f"`watchfloor crawl gazette --url {URL}` would all the same.")


def test_taken_down_article_is_told_and_never_comes(store, settings, now):
    crawled(store, now)
    with store.write() as tx:
        (article_id,) = [row.id for row in latest_articles(tx, limit=9) if row.canonical_url == URL]
        delete_article(tx, article_id, reason="a court", now=now + timedelta(hours=1))
    found = asked(store, settings, URL, now + timedelta(hours=2))
    assert found.story[-1].what == "taken_down"
    assert found.coming.sentence == "Never: it was taken down here."
    assert found.obstacles[0].outcome is Outcome.TAKEN_DOWN


def test_unknown_address_says_so_and_still_what_a_crawl_would_do(store, settings, now):
    register(store, now)
    found = asked(store, settings, f"{HOME}/never", now)
    assert found.story == ()
    assert found.nothing.startswith("Nothing is known of")
    assert found.verdict == "A crawl of gazette would ask for it."


def test_address_of_no_outlet_names_the_command_that_makes_one(store, settings, now):
    found = asked(store, settings, "https://elsewhere.example/x", now)
    assert "`watchfloor outlets new https://elsewhere.example/x` makes one." in found.verdict


@pytest.mark.parametrize("url", ["", "   ", "gazette", "javascript:alert(1)", "https://", "x" * 9000])
def test_what_is_no_address_is_refused_in_words(store, settings, now, url):
    with pytest.raises(NotFoundError, match="whole address"):
        asked(store, settings, url, now)


@pytest.mark.parametrize("url", ["urn:watchfloor:foremedia:a.txt", "https://gazette.example:port/x", "http://[::1/x"])
def test_odd_address_never_breaks(store, settings, now, url):
    try:
        found = asked(store, settings, url, now)
    except NotFoundError:
        return
    assert found.verdict


def test_statements_do_not_grow_with_what_is_known(store, settings, now):
    crawled(store, now)
    few = _statements(store, settings, now)
    for number in range(60):
        with store.write() as tx:
            record_outcome(tx, run_id=10 + number, url=URL, outcome=Outcome.NOT_MODIFIED, detail="", now=now)
            add_job(tx, Wish("gazette", url=URL), by="desk", now=now)
        held_at(store, URL, an_article("a", text=f"Text {number}."), now + number * SECOND, requested=OLD)
    assert _statements(store, settings, now) == few
    assert few <= 26


def _statements(store, settings, now):
    before = store.statements
    asked(store, settings, URL, now)
    return store.statements - before


def test_json_is_a_list_in_order_that_ends_with_next_and_now(store, settings, now):
    crawled(store, now)
    told = as_json(asked(store, settings, URL, now))
    assert [one["what"] for one in told[-2:]] == ["next", "now"]
    assert {"url", "at", "what", "outcome", "detail", "run_id"} == set(told[0]) == set(told[-1])
    assert told[-1]["outcome"] == "unchanged"


def test_words_hold_a_line_for_each_event_and_the_two_answers(store, settings, now):
    crawled(store, now)
    found = asked(store, settings, URL, now)
    lines = in_words(found)
    assert len(lines) == len(found.story) + 2 + len(found.obstacles) - 1
    assert lines[-2].startswith("next ")
    assert lines[-1].startswith("now ")


def test_command_prints_json_and_exits_with_2_where_nothing_is_known(database_settings, store, now):
    done = CliRunner().invoke(why_command, ["https://elsewhere.example/x", "--json"], obj=database_settings)
    assert done.exit_code == 2
    assert [one["what"] for one in json.loads(done.output)] == ["next", "now"]


def test_command_tells_what_is_known(database_settings, store, now):
    crawled(store, now)
    done = CliRunner().invoke(why_command, [URL], obj=database_settings)
    assert SimpleNamespace(code=done.exit_code, has="Found in" in done.output) == SimpleNamespace(code=0, has=True)
