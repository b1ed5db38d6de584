"""The operators' pages: what they say, what they do, and that each is JSON too."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete

from index import find
from index.account_records import Role
from index.job_records import JobState
from index.outcomes import Outcome
from index.records import TraceStep
from index.search.memory_backend import MemoryBackend
from index.store import open_store
from index.store.audit import list_acts
from index.store.decisions import record_outcome
from index.store.health_tables import outlet_health
from index.store.jobs import attach_run, claim_job, list_jobs
from index.store.runs import beat, finish_run, start_run
from index.store.schedules import pause_schedule
from index.store.sessions import begin_session
from index.store.slow_searches import list_slow_searches
from index.store.tables import jobs, runs, schedules
from index.store.users import get_user
from tests.factories import an_article, save
from tests.web.operate.conftest import fill, last_act, text_of
from web import create_app, search
from web.auth import digest_of

PAGES = [
    "/operate",
    "/operate/runs",
    "/operate/runs/3",
    "/operate/runs/3?outcome=extraction_failed",
    "/operate/jobs",
    "/operate/jobs?state=done",
    "/operate/jobs/1/cancel",
    "/operate/schedules",
    "/operate/schedules?state=paused",
    "/operate/schedules/forecast?days=7",
    "/operate/schedules/gazette",
    "/operate/schedules/gazette?when=every+5m",
    "/operate/schedules/gazette?when=nonsense",
    "/operate/schedules/gazette/remove",
    "/operate/outlets",
    "/operate/outlets?state=broken",
    "/operate/outlets/gazette",
    "/operate/users",
    "/operate/users/olga",
    "/operate/users/olga/disable",
    "/operate/audit",
    "/account",
]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_heading_its_title_and_labels_for_what_is_typed(admin, path):
    page = admin.get(path)
    assert page.status_code == 200
    assert len(re.findall(r"<h1[ >]", page.text)) == 1
    assert "<title>Watchfloor</title>" not in page.text
    typed = re.findall(r'<(?:input|select)(?![^>]*type="(?:hidden|checkbox|search)")[^>]*?\bid="([^"]+)"', page.text)
    assert [name for name in typed if f'for="{name}"' not in page.text] == []
    ids = re.findall(r'\bid="([^"]+)"', page.text)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_holds_no_style_and_no_script_of_its_own(admin, path):
    page = admin.get(path).text
    assert not re.search(r"<style|\bstyle=|<script(?![^>]*\bsrc=)|\bon[a-z]+=", page)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_json_too(admin, path):
    answer = admin.get(path + ("&" if "?" in path else "?") + "format=json")
    assert answer.content_type == "application/json"
    assert isinstance(answer.get_json(), dict)


@pytest.mark.parametrize("path", PAGES)
def test_every_form_that_changes_something_holds_the_token(admin, path):
    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", admin.get(path).text, re.DOTALL)
    assert forms  # the footer signs out
    assert all(f'name="csrf" value="{admin.form_token}"' in form for form in forms)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_puts_the_token_of_a_form_into_an_address(admin, path):
    for form in re.findall(r"<form(?![^>]*method=\"post\").*?</form>", admin.get(path).text, re.DOTALL):
        assert "csrf" not in form


def test_the_first_page_says_on_one_line_what_needs_a_person(operator):
    page = operator.get("/operate")
    line = re.search(r'<p class="needs some">(.*?)</p>', page.text, re.DOTALL)[1]
    assert re.sub(r"<[^>]+>", "", line) == "no scheduler ran yet · 1 outlet broken"
    assert 'href="/operate/outlets?state=broken"' in line


def test_the_first_page_counts_outlets_by_state_and_leads_to_them(operator):
    found = operator.get("/operate?format=json").json["outlets"]
    assert found["broken"] == 1
    page = operator.get("/operate").text
    assert all(f'href="/operate/outlets?state={state}" class="state {state}"' in page for state in found)


def test_where_nothing_is_crawled_yet_the_first_page_says_how_to_begin(app, browser_of, store):
    with store.write() as tx:
        for table in (runs, jobs, outlet_health, schedules):
            tx.execute(delete(table))
    page = browser_of("olga").get("/operate")
    assert "Nothing needs a person now Nothing is crawled yet: set a schedule" in text_of(page)


def test_the_first_page_says_when_nobody_is_told_of_what_breaks(operator):
    assert "nobody is told when something breaks: set [alerts] mail_to" in text_of(operator.get("/operate"))


def test_each_need_says_where_it_is_mended(operator):
    needs = operator.get("/operate?format=json").get_json()["needs"]
    assert [(need["kind"], need["mended_at"]) for need in needs] == [
        ("scheduler", "/operate/schedules"),
        ("outlet", "/operate/outlets/gazette"),
    ]


def test_a_paused_schedule_needs_a_person_with_its_reason(operator, store, now):
    with store.write() as tx:
        pause_schedule(tx, "gazette", reason="They move.", by="ada", now=now)
    assert "schedule paused, just now They move." in text_of(operator.get("/operate"))


def test_runs_are_listed_newest_first_and_by_state(operator):
    runs = operator.get("/operate/runs?format=json").get_json()["runs"]
    assert [run["id"] for run in runs] == [5, 4, 3, 2, 1]
    assert operator.get("/operate/runs?state=failed&format=json").get_json()["runs"] == []
    assert "There is no such run" in operator.get("/operate/runs?state=failed").text


def test_older_runs_are_a_page_on(operator, store, now):
    with store.write() as tx:
        for _ in range(50):
            run = start_run(tx, "gazette", kind="crawl", now=now, pid=1, host="elsewhere")
            finish_run(tx, run.id, state="done", reason="", numbers={}, now=now)
    first = operator.get("/operate/runs?format=json").get_json()
    older = operator.get(f"/operate/runs?before={first['older']}&format=json").get_json()
    assert (len(first["runs"]), first["older"]) == (50, 6)
    assert ([run["id"] for run in older["runs"]], older["older"]) == ([5, 4, 3, 2, 1], None)


def test_a_run_stands_beside_the_usual_one(operator, store, now):
    with store.write() as tx:
        run = start_run(tx, "gazette", kind="crawl", now=now, pid=1, host="elsewhere")
        numbers = {"asked": 200, "fetched": 18, "body_bytes": 90_000}
        finish_run(tx, run.id, state="done", reason="", numbers=numbers, now=now + timedelta(minutes=2))
    assert "Unusual: 200 URLs, usually 20 URLs." in text_of(operator.get(f"/operate/runs/{run.id}"))


def test_a_run_tells_how_each_address_ended_by_outcome(operator):
    asked = operator.get("/operate/runs/5?outcome=new&format=json").get_json()
    failed = operator.get("/operate/runs/5?outcome=extraction_failed&format=json").get_json()
    assert (asked["decisions"], [one["detail"] for one in failed["decisions"]]) == ([], ["No title."])


def test_an_unknown_run_is_said_to_be_none(operator):
    for number in ("99", str(2**70)):
        assert f"There is no run {number}." in operator.get(f"/operate/runs/{number}").text


@pytest.fixture
def under_way(store, now):
    """A run under way, of a job that a worker has."""
    with store.write() as tx:
        job = claim_job(tx, worker="w", now=now, lease=timedelta(minutes=5)).job
        run = start_run(tx, "gazette", kind="crawl", now=now, pid=1, host="elsewhere")
        attach_run(tx, job.id, job.attempt, run.id)
        beat(tx, run.id, now, numbers={"asked": 7})
    return run


def test_a_run_under_way_tells_its_figures_to_its_page(operator, under_way):
    page = operator.get(f"/operate/runs/{under_way.id}")
    assert "data-live-from=" in page.text
    live = operator.get(f"/operate/runs/{under_way.id}?format=json").get_json()["live"]
    assert (live["number-asked"], live["ended"]) == ("7", "no")
    assert 'data-live="number-asked">7<' in page.text


def test_stopping_a_run_is_asked_first_and_stops_its_job_too(operator, under_way, store):
    asked = operator.get(f"/operate/runs/{under_way.id}/stop")
    assert "Stop run 6?" in asked.text
    answer = operator.post(f"/operate/runs/{under_way.id}/stop")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/operate/runs/6?done=stopping")
    with store.write() as tx:
        assert beat(tx, under_way.id, under_way.started_at) == "olga"
        assert [job.stop_asked_by for job in list_jobs(tx, states=[JobState.LEASED])] == ["olga"]
        assert [one.act for one in list_acts(tx, by="olga", limit=2)] == ["called off", "asked to stop"]


def test_a_run_that_has_ended_cannot_be_stopped(operator):
    assert "Run 5 of gazette has ended already" in operator.post("/operate/runs/5/stop").text


def test_the_grid_has_a_cell_for_each_of_thirty_days_with_words_for_it(operator):
    page = operator.get("/operate/outlets?state=broken").text
    cells = re.findall(r'<td class="cell ([a-z]*)" title="([^"]+)"><span aria-hidden="true">(.)</span>', page)
    assert len(cells) == 30
    assert cells[:2] == [("broken", "23 Nov: broken, no run", "X"), ("broken", "22 Nov: broken, 1 run", "X")]
    assert cells[-1] == ("", "25 Oct: nothing known, no run", "·")


def test_an_outlet_tells_its_scorecard_its_evidence_and_what_changed(operator):
    said = text_of(operator.get("/operate/outlets/gazette"))
    assert "None of the last 12 pages gave a title." in said
    assert "Pages with a title 0 of 12 12 of 12" in said
    assert "Articles in seven days 3 40" in said
    assert "Articles with title 0% 100%" in said
    assert "From publication to storage 15 min not known" in said
    assert "What to do:" in said
    assert "What its newest run brought is not called fresh" in said


def test_the_last_good_reading_stands_beside_the_newest(operator, store, now):
    at = now - timedelta(days=9)
    with store.write() as tx:
        run = start_run(tx, "gazette", kind="crawl", now=at, pid=1, host="elsewhere")
        record_outcome(tx, run_id=run.id, url="https://gazette.example/good", outcome=Outcome.NEW, detail="", now=at)
        finish_run(tx, run.id, state="done", reason="", numbers={}, now=at + timedelta(minutes=1))
        bad = start_run(tx, "gazette", kind="crawl", now=now, pid=1, host="elsewhere")
        record_outcome(
            tx, run_id=bad.id, url="https://gazette.example/b", outcome=Outcome.LOGIN_WALL, detail="A form.", now=now
        )
        finish_run(tx, bad.id, state="done", reason="", numbers={}, now=now)
    trace = (TraceStep("title", "rule", "h1", 1, "Ports closed", "Ports closed"),)
    save(store, an_article("good", "Ports were closed.", title="Ports closed", trace=trace), at)
    found = operator.get("/operate/outlets/gazette?format=json").get_json()
    assert (found["last_good"]["run_id"], found["newest"]["outcome"]) == (run.id, "login_wall")
    assert found["fields"] == [
        {
            "field": "title",
            "last_good": {"rule": "rule h1", "value": "Ports closed"},
            "newest": {"rule": "", "value": ""},
            "differs": True,
        }
    ]
    said = text_of(operator.get("/operate/outlets/gazette"))
    assert "Ports were closed." in said
    assert "No article: login wall." in said


def test_an_admin_adds_a_user_who_is_noted(admin, store):
    typed = {"name": "nils", "role": "reader", "password": "a good long one", "again": "a good long one"}
    assert admin.post("/operate/users", typed).headers["Location"] == "/operate/users?done=added"
    with store.read() as tx:
        assert get_user(tx, "nils").role is Role.READER
    assert last_act(store) == ("ada", "added the user", "user nils", "role reader")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "olga"}, "there is a user of that name"),
        ({"name": "o l"}, "is no name for a user"),
        ({"role": "king"}, "Choose one of the roles"),
        ({"again": "another long one"}, "differ"),
        ({"password": "short", "again": "short"}, "fewer than 10"),
    ],
)
def test_a_user_that_cannot_be_is_refused_beside_the_form(admin, typed, said):
    whole = {"name": "nils", "role": "reader", "password": "a good long one", "again": "a good long one", **typed}
    answer = admin.post("/operate/users", whole)
    assert (answer.status_code, said in answer.text) == (400, True)


def test_disabling_a_user_is_asked_first_and_undone_by_enabling(admin, store, browser_of):
    olga = browser_of("olga")
    assert "Disable olga?" in admin.get("/operate/users/olga/disable").text
    assert admin.post("/operate/users/olga/disable").status_code == 303
    assert olga.get("/operate").status_code == 401
    assert admin.post("/operate/users/olga/enable").status_code == 303
    with store.read() as tx:
        assert get_user(tx, "olga").disabled_at is None


@pytest.mark.parametrize(("path", "typed"), [("disable", {}), ("role", {"role": "reader"})])
def test_the_last_admin_stays(admin, path, typed):
    answer = admin.post(f"/operate/users/ada/{path}", typed)
    assert (answer.status_code, "only admin" in answer.text) == (400, True)


def test_another_role_takes_effect_at_once(admin, browser_of):
    olga = browser_of("olga")
    admin.post("/operate/users/olga/role", {"role": "reader"})
    assert olga.get("/operate").status_code == 401


def test_the_audit_log_is_narrowed_by_who_and_what(operator):
    by = operator.get("/operate/audit?by=olga&format=json").get_json()["acts"]
    about = operator.get("/operate/audit?subject=gazette&format=json").get_json()["acts"]
    assert by == []
    assert [one["act"] for one in about] == ["set the schedule of"]


def test_a_page_says_what_was_done_from_a_closed_list_alone(operator):
    assert "The schedule is set" in operator.get("/operate/schedules/gazette?done=set").text
    assert "evil words" not in operator.get("/operate/schedules/gazette?done=evil+words").text


def test_what_is_done_is_said_as_json_too(operator):
    answer = operator.post("/operate/jobs/1/cancel?format=json")
    assert answer.get_json()["done"] == "cancelled"


def test_what_was_typed_is_text_on_every_page(admin, store, now):
    hostile = '"><script>alert(1)</script>'
    with store.write() as tx:
        pause_schedule(tx, "gazette", reason=hostile, by=hostile, now=now)
    for path in ("/operate", "/operate/schedules", "/operate/schedules/gazette", "/operate/audit"):
        page = admin.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


@pytest.fixture
def search_takes(monkeypatch):
    """Let every search of the site have taken so many milliseconds."""

    def takes(took_ms: float) -> None:
        monkeypatch.setattr(
            search, "find_articles", lambda *a, **k: replace(find.find_articles(*a, **k), took_ms=took_ms)
        )

    return takes


def test_a_slow_search_is_noted_and_shown(app, operator, store, search_takes):
    search_takes(900.0)
    app.test_client().get("/search?q=ports+%3Cb%3E")
    app.extensions["watchfloor"].slow.write()
    with store.read() as tx:
        assert [(one.query, one.took_ms) for one in list_slow_searches(tx)] == [("ports <b>", 900)]
    assert "ports &lt;b&gt;" in operator.get("/operate").text


def test_a_quick_search_is_not_noted(app, store, operated, search_takes):
    search_takes(operated.web.slow_search_ms - 1.0)
    app.test_client().get("/search?q=ports")
    app.extensions["watchfloor"].slow.write()
    with store.read() as tx:
        assert list_slow_searches(tx) == []


def test_the_readers_pages_offer_signing_in_and_operating_to_those_who_may(app, browser_of):
    nobody = app.test_client().get("/").text
    assert 'href="/sign-in"' in nobody
    assert 'href="/operate"' not in nobody
    assert 'href="/operate"' not in browser_of("rita").get("/").text
    assert 'href="/operate"' in browser_of("olga").get("/").text


def test_a_page_costs_a_bounded_number_of_statements(operator, store):
    operator.get("/operate")
    counts = {}
    for path in ("/operate", "/operate/runs", "/operate/outlets", "/operate/outlets/gazette", "/operate/jobs"):
        before = store.statements
        operator.get(path)
        counts[path] = store.statements - before
    print(counts)
    assert max(counts.values()) <= 40


def test_every_page_is_answered_on_postgresql_too(postgres_url, operated, make_settings, now):
    settings = make_settings(database={"url": postgres_url}, crawler={"outlets_dir": operated.crawler.outlets_dir})
    opened = open_store(settings)
    fill(opened, now)
    with opened.write() as tx:
        ada = get_user(tx, "ada")
        begin_session(tx, ada, token_digest=digest_of("t"), replacing=None, now=now)
    client = create_app(settings, opened, MemoryBackend(settings=settings.search), clock=lambda: now).test_client()
    client.set_cookie("watchfloor_session", "t")
    answered = {path: client.get(path).status_code for path in PAGES}
    opened.close()
    assert set(answered.values()) == {200}, answered
