"""Nobody changes anything without the token of an own session, and nobody sees what is not for that role.

The routes are those of the application, so that a new one cannot be forgotten.
"""

from __future__ import annotations

import re

import pytest
from flask import Flask

from config.settings import load_settings
from index.account_records import Role
from index.search.memory_backend import MemoryBackend
from web import create_app
from web.application import HEADERS
from web.auth import role_needed

VALUES = {"run_id": "1", "job_id": "1", "name": "gazette", "article_id": "1", "story_id": "1", "slug": "x", "host": "x"}
CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def _app() -> Flask:
    return create_app(load_settings(environ={}), None, MemoryBackend())  # type: ignore[arg-type]


def _path(rule) -> str:
    parts = [rule.rule]
    for name in rule.arguments:
        for kind in ("", "int:", "path:", "string:"):
            parts[0] = parts[0].replace(f"<{kind}{name}>", VALUES.get(name, "1"))
    return parts[0]


APP = _app()
RULES = list(APP.url_map.iter_rules())
CHANGING = sorted({(_path(rule), method) for rule in RULES for method in (rule.methods or set()) & CHANGES})
GUARDED = sorted(
    {
        (_path(rule), method, role_needed(APP.view_functions[rule.endpoint]))
        for rule in RULES
        for method in (rule.methods or set()) & (CHANGES | {"GET"})
        if role_needed(APP.view_functions[rule.endpoint]) is not None
    }
)
OF_OPERATORS = [one for one in GUARDED if one[2] is not Role.READER]
OF_ADMINS = [one for one in GUARDED if one[2] is Role.ADMIN]


def test_there_is_something_to_test():
    assert len(CHANGING) >= 14
    assert len(OF_OPERATORS) >= 25
    assert len(OF_ADMINS) >= 8


def test_every_page_below_operate_says_whom_it_is_for():
    below = {_path(rule) for rule in RULES if rule.rule.startswith("/operate")}
    assert below == {path for path, _, _ in OF_OPERATORS}


@pytest.mark.parametrize("asked", ["missing", "wrong", "foreign", "anonymous"])
@pytest.mark.parametrize(("path", "method"), CHANGING)
def test_a_change_without_the_token_of_its_session_is_refused(app, browser_of, path, method, asked):
    ada, other = browser_of("ada"), browser_of("olga")
    tokens = {"missing": {}, "wrong": {"csrf": "0" * 64}, "foreign": {"csrf": other.form_token}}
    anonymous = app.test_client().get("/sign-in").text.split('name="csrf" value="')[1].split('"')[0]
    answer = ada.client.open(path, method=method, data=tokens.get(asked, {"csrf": anonymous}))
    assert answer.status_code == 403


@pytest.mark.parametrize(("path", "method"), [one for one in CHANGING if one != ("/sign-in", "POST")])
def test_a_change_with_the_token_of_its_session_is_not_refused(admin, path, method):
    answer = admin.client.open(path, method=method, data={"csrf": admin.form_token})
    assert answer.status_code in (200, 303, 400, 404)


@pytest.mark.parametrize(("path", "method"), CHANGING)
def test_a_change_by_nobody_without_a_token_is_refused(app, path, method):
    assert app.test_client().open(path, method=method).status_code == 403


@pytest.mark.parametrize(("path", "method"), CHANGING)
@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_a_change_that_another_site_sent_is_refused_even_with_the_token(admin, path, method, headers):
    answer = admin.client.open(path, method=method, data={"csrf": admin.form_token}, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize(("path", "method", "role"), GUARDED)
def test_nobody_sees_a_guarded_page(app, path, method, role):
    client = app.test_client()
    token = client.get("/sign-in").text.split('name="csrf" value="')[1].split('"')[0]
    answer = client.open(path, method=method, data={"csrf": token})
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(("path", "method", "role"), OF_OPERATORS)
def test_a_reader_sees_no_page_of_operators(browser_of, path, method, role):
    rita = browser_of("rita")
    assert rita.client.open(path, method=method, data={"csrf": rita.form_token}).status_code == 403


@pytest.mark.parametrize(("path", "method", "role"), OF_ADMINS)
def test_an_operator_sees_no_page_of_admins(operator, path, method, role):
    assert operator.client.open(path, method=method, data={"csrf": operator.form_token}).status_code == 403


@pytest.mark.parametrize(
    "path", [path for path, method, role in OF_OPERATORS if method == "GET" and role is Role.OPERATOR]
)
def test_an_operator_is_answered_on_each_page_of_operators(operator, path):
    assert operator.get(path).status_code in (200, 404)  # 404: a thing of that name is not in this small archive


@pytest.mark.parametrize("path", [path for path, method, _ in GUARDED if method == "GET"])
def test_what_one_person_sees_is_kept_by_no_cache(admin, path):
    answer = admin.get(path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", sorted({_path(rule) for rule in RULES} | {"/nothing/here"}))
def test_every_answer_to_nobody_carries_the_headers_and_no_cookie(app, path, method):
    answer = app.test_client().open(path, method=method)
    missing = [name for name in HEADERS if name not in answer.headers]
    assert missing == []
    assert "Set-Cookie" not in answer.headers
    assert answer.headers.get("Cache-Control")
    assert not re.search(r"\d", answer.headers.get("Server", ""))


def test_a_body_that_is_too_large_and_a_bug_carry_the_headers_too(app, admin, monkeypatch):
    large = admin.client.post("/operate/jobs", data={"csrf": admin.form_token, "url": "x" * 70_000})
    monkeypatch.setattr("web.operate.audit.list_acts", lambda *_, **__: 1 / 0)
    broken = admin.get("/operate/audit")
    assert (large.status_code, broken.status_code) == (413, 500)
    assert all(name in answer.headers for answer in (large, broken) for name in HEADERS)
    assert "ZeroDivision" not in broken.text


def test_a_page_below_operate_that_says_nothing_stops_the_start(monkeypatch):
    from flask import Blueprint

    from web import application

    open_page = Blueprint("open_page", __name__, url_prefix="/operate/open")
    open_page.add_url_rule("", view_func=lambda: "", endpoint="open")
    monkeypatch.setattr(application, "BLUEPRINTS", (*application.BLUEPRINTS, open_page))
    with pytest.raises(RuntimeError, match="/operate/open"):
        _app()


def test_the_token_of_a_form_may_come_in_a_header(operator):
    answer = operator.client.post("/operate/jobs/1/cancel", headers={"X-CSRF-Token": operator.form_token})
    assert answer.status_code == 303, answer.text


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/outlets/a%00b", 404, "nothing at this address"),
        ("/topics/%00", 404, "nothing at this address"),
        ("/search?outlet=a%00b", 400, "holds a NUL"),
        ("/search?outlet=x&outlet=%00", 400, "holds a NUL"),
        ("/operate/audit?by=%00", 400, "holds a NUL"),
    ],
)
def test_a_nul_in_an_address_is_refused_in_words_whatever_the_database(admin, path, status, said):
    answer = admin.get(path)
    assert answer.status_code == status
    assert said in answer.text


def test_a_nul_in_a_form_is_refused_in_words_whatever_the_database(app, admin):
    client = app.test_client()
    token = client.get("/sign-in").text.split('name="csrf" value="')[1].split('"')[0]
    stranger = client.post("/sign-in", data={"csrf": token, "name": "a\0", "password": "x"})
    known = admin.post("/operate/jobs", {"outlet": "gazette\0"})
    assert [answer.status_code for answer in (stranger, known)] == [400, 400]
    assert "holds a NUL" in stranger.text


def test_a_nul_in_a_search_is_passed_over(app):
    assert app.test_client().get("/search?q=a%00b").status_code == 200


@pytest.mark.parametrize("number", [2**63 - 1, 2**63, 10**30])
@pytest.mark.parametrize(
    "path", sorted({re.sub(r"/1(?=/|$)", "/{}", _path(rule)) for rule in RULES if "<int:" in rule.rule})
)
def test_a_number_that_nothing_can_have_is_answered_as_one_that_nothing_has(admin, path, number):
    assert admin.get(path.format(number)).status_code in (400, 404, 405)
    assert admin.post(path.format(number), {"with": "1", "article": "1"}).status_code in (400, 404, 405)
