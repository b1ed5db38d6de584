"""The pages of jobs and schedules: asked for, called off, tried, set, paused, removed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from index.job_records import JobState
from index.store.audit import list_acts
from index.store.jobs import claim_job, count_jobs, end_job, list_jobs
from index.store.runs import finish_run, start_run
from index.store.schedules import get_schedule
from tests.web.operate.conftest import last_act, text_of


def test_a_run_is_asked_for_in_a_form(operator, store):
    answer = operator.post("/operate/jobs", {"outlet": "gazette", "limit": "20", "url": "https://gazette.example/x"})
    assert answer.headers["Location"] == "/operate/jobs?done=asked&state=waiting"
    with store.read() as tx:
        job = list_jobs(tx)[-1]
    assert (job.wish.limit, job.wish.url, job.asked_by) == (20, "https://gazette.example/x", "olga")
    assert last_act(store) == ("olga", "asked for a run of", "gazette", f"job {job.id}: https://gazette.example/x")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"outlet": "gazete"}, "no outlet of that name"),
        ({"outlet": "gazette", "limit": "many"}, "is no number of pages"),
        ({"outlet": "gazette", "limit": "0"}, "is no number of pages"),
        ({"outlet": "gazette", "limit": "999999999"}, "86,400 are a day of one a second"),
        ({"outlet": ""}, "Name the outlet;"),
        ({"outlet": "gazette", "url": "https://elsewhere.example/"}, "on no host of gazette"),
        ({"outlet": "gazette", "url": "https://[::1"}, "no whole address"),
        ({"outlet": "gazette", "url": "javascript://gazette.example/%0aalert(1)"}, "no whole address"),
        ({"outlet": "gazette", "url": "gazette.example/x"}, "no whole address"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_beside_its_form(operator, store, typed, said):
    answer = operator.post("/operate/jobs", typed)
    assert answer.status_code == 400
    assert said in answer.text
    with store.read() as tx:
        assert count_jobs(tx)[JobState.WAITING] == 1


def test_what_was_asked_for_or_set_is_told_to_programs(operator):
    told = {"Accept": "application/json"}
    job = operator.post("/operate/jobs", {"outlet": "gazette", "limit": "5"}, headers=told).json["job"]
    assert (job["outlet"], job["limit"], job["state"]) == ("gazette", 5, "waiting")
    one = operator.post("/operate/schedules/gazette", {"when": "every 2h"}, headers=told).json["schedule"]
    assert (one["when"], one["next_at"][:10]) == ("every 2h", "2026-11-23")


def test_calling_a_job_off_is_asked_first(operator, store):
    assert "Call off job 1?" in operator.get("/operate/jobs/1/cancel").text
    assert operator.post("/operate/jobs/1/cancel").status_code == 303
    with store.read() as tx:
        assert count_jobs(tx)[JobState.CANCELLED] == 1
    assert "has ended already" in operator.post("/operate/jobs/1/cancel").text


@pytest.mark.parametrize("path", ["/operate/jobs/{}/cancel", "/operate/runs/{}/stop", "/operate/runs/{}"])
def test_a_number_that_no_row_can_have_is_unknown_to_forms_too(operator, path):
    address = path.format("9" * 30)
    assert operator.get(address).status_code == 404
    if not address.endswith("9"):
        assert operator.post(address).status_code == 404


def test_a_job_given_up_says_why(operator, store, now):
    with store.write() as tx:
        job = claim_job(tx, worker="w", now=now, lease=timedelta(minutes=5)).job
        end_job(tx, job, JobState.FAILED, cause=None, reason="Five attempts failed.", now=now)
    assert "Five attempts failed." in text_of(operator.get("/operate/jobs?state=failed"))


def test_a_schedule_is_tried_without_being_set(operator, store):
    page = operator.get("/operate/schedules/gazette?when=every+2h&zone=Europe/Paris")
    assert "Every 2 hours , Europe/Paris" in text_of(page)
    assert "Mon 2026-11-23 15:00 CET" in page.text
    with store.read() as tx:
        assert get_schedule(tx, "gazette").plan.when.text == "every 30m"


def test_a_schedule_is_tried_beside_all_others_without_being_set(operator, store):
    assert "/operate/schedules/forecast?outlet=gazette&amp;when=every+2h" in (
        operator.get("/operate/schedules/gazette?when=every+2h").text
    )
    page = operator.get("/operate/schedules/forecast?outlet=gazette&when=every+2h&days=2")
    assert "As if every 2h , UTC, were set for" in text_of(page)
    told = operator.get("/operate/schedules/forecast?outlet=gazette&when=every+2h&format=json").json
    assert (len(told["outlets"][0]["firings"]), told["tried"]["refused"]) == (12, "")
    assert "is no hour" in operator.get("/operate/schedules/forecast?outlet=gazette&when=0+25+*+*+*").text
    assert operator.get("/operate/schedules/forecast?outlet=nobody&when=every+2h").status_code == 404
    with store.read() as tx:
        assert get_schedule(tx, "gazette").plan.when.text == "every 30m"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("when=0+25+*+*+*", "25"),
        ("when=every+2h&zone=Europe/Pariss", "Zone: "),
        ("when=every+2h&jitter=9h", "Later by up to 9h: six hours are the most"),
        ("when=every+2h&quiet=25:00-26:00", "quiet hours are two times of the day"),
        ("when=", "a schedule needs a time"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_in_words(operator, typed, said):
    page = operator.get(f"/operate/schedules/gazette?{typed}")
    assert said in re.search(r'role="alert"[^>]*>(.*?)</div>', page.text, re.DOTALL)[1]
    assert "Set this schedule" not in page.text


def test_a_schedule_is_set_by_its_form_and_noted_with_what_was_before(operator, store):
    answer = operator.post("/operate/schedules/gazette", {"when": "every 2h", "zone": "UTC"})
    assert answer.headers["Location"] == "/operate/schedules/gazette?done=set"
    assert last_act(store) == (
        "olga",
        "set the schedule of",
        "gazette",
        "before: every 30m, UTC; now: every 2h, UTC",
    )


def test_a_schedule_that_does_not_fit_is_set_only_when_that_is_said(operator, store, now):
    with store.write() as tx:
        for back in range(3):
            at = now - timedelta(hours=9 * (back + 1))
            run = start_run(tx, "gazette", kind="crawl", now=at, pid=1, host="elsewhere")
            finish_run(tx, run.id, state="done", reason="", numbers={"asked": 2000}, now=at + timedelta(hours=3))
        for _ in range(20):
            run = start_run(tx, "gazette", kind="crawl", now=now, pid=1, host="elsewhere")
            finish_run(tx, run.id, state="done", reason="", numbers={"asked": 2000}, now=now + timedelta(hours=3))
    typed = {"when": "every 30m", "zone": "UTC"}
    refused = operator.post("/operate/schedules/gazette", typed)
    assert (refused.status_code, "would fit and fire at" in refused.text) == (400, True)
    assert operator.post("/operate/schedules/gazette", {**typed, "anyway": "1"}).status_code == 303


def test_a_schedule_is_paused_with_a_reason_and_resumed(operator, store):
    assert operator.post("/operate/schedules/gazette/pause", {"reason": " "}).status_code == 400
    assert operator.post("/operate/schedules/gazette/pause", {"reason": "They move."}).status_code == 303
    assert "Paused since" in text_of(operator.get("/operate/schedules/gazette"))
    assert operator.post("/operate/schedules/gazette/resume").status_code == 303
    with store.read() as tx:
        assert get_schedule(tx, "gazette").paused_at is None
        acts = [(one.act, one.detail) for one in list_acts(tx, by="olga", limit=2)]
    assert acts == [
        ("resumed the schedule of", "paused before: They move."),
        ("paused the schedule of", "They move."),
    ]


def test_removing_a_schedule_is_asked_first(operator, store):
    assert "Remove the schedule of gazette?" in operator.get("/operate/schedules/gazette/remove").text
    assert operator.post("/operate/schedules/gazette/remove").status_code == 303
    with store.read() as tx:
        assert get_schedule(tx, "gazette") is None
    assert operator.post("/operate/schedules/gazette/remove").status_code == 404
