"""A small archive under operation, and browsers of everybody who may come: a reader, an operator, an admin, nobody."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from config.settings import Settings, load_settings
from index.account_records import Role
from index.health.records import Evidence, Figure, Health, HealthState, Observation
from index.job_records import Wish
from index.outcomes import Outcome
from index.plans import read_plan
from index.search.memory_backend import MemoryBackend
from index.store import Store, open_store
from index.store.audit import list_acts
from index.store.decisions import record_outcome
from index.store.health import save_observation, set_health
from index.store.jobs import add_job
from index.store.outlets import register_outlets
from index.store.runs import finish_run, start_run
from index.store.schedules import set_schedule
from index.store.sessions import begin_session
from index.store.users import add_user
from tests.factories import a_spec
from web import create_app
from web.auth import FIELD, digest_of

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # that of the fixture `now`
GAZETTE = """\
name = "gazette"
title = "The Gazette"
home = "https://gazette.example/"
languages = ["en"]

[leads]
feeds = ["https://gazette.example/feed.xml"]
"""


class Browser:
    """A client with a session, that puts the token of its forms into what it posts."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client = client
        self.form_token = token

    def get(self, path: str, **more):
        return self.client.get(path, **more)

    def post(self, path: str, data: dict[str, str] | None = None, **more):
        return self.client.post(path, data={FIELD: self.form_token, **(data or {})}, **more)


@pytest.fixture
def operated(make_settings: Callable[..., Settings], tmp_path) -> Settings:
    """Settings with the one outlet file of these tests beside the shipped ones."""
    folder = tmp_path / "outlets"
    folder.mkdir()
    (folder / "gazette.toml").write_text(GAZETTE, encoding="utf-8")
    return make_settings(crawler={"outlets_dir": str(folder)})


@pytest.fixture(scope="session")
def filled(tmp_path_factory, _migrated_sqlite):
    """A database file with runs, a job, a schedule, a broken outlet and three users, to be copied."""
    folder = tmp_path_factory.mktemp("operated")
    shutil.copy(_migrated_sqlite, folder / _migrated_sqlite.name)
    opened = open_store(load_settings(environ={}, data={"dir": str(folder)}))
    fill(opened, NOW)
    opened.close()
    return folder / _migrated_sqlite.name


@pytest.fixture
def store(operated: Settings, filled):
    """The filled archive."""
    operated.data.dir.mkdir(mode=0o700)
    shutil.copy(filled, operated.data.dir / filled.name)
    opened = open_store(operated)
    yield opened
    opened.close()


@pytest.fixture
def app(operated: Settings, store: Store, now) -> Flask:
    """The site over it."""
    return create_app(operated, store, MemoryBackend(settings=operated.search), clock=lambda: now)


@pytest.fixture
def browser_of(app: Flask, store: Store, now) -> Callable[[str], Browser]:
    """Give the browser of a user by name, signed in."""

    def signed_in(name: str) -> Browser:
        token = f"token-of-{name}"
        with store.write() as tx:
            users = {one.name: one for one in _users(tx)}
            begin_session(tx, users[name], token_digest=digest_of(token), replacing=digest_of(token), now=now)
        client = app.test_client(use_cookies=True)
        client.set_cookie("watchfloor_session", token)
        with app.test_request_context(headers=Headers([("Cookie", f"watchfloor_session={token}")])):
            from web.auth import csrf_token

            return Browser(client, csrf_token())

    return signed_in


@pytest.fixture
def operator(browser_of) -> Browser:
    """The browser of an operator."""
    return browser_of("olga")


@pytest.fixture
def admin(browser_of) -> Browser:
    """The browser of an admin."""
    return browser_of("ada")


def _users(tx):
    from index.store.users import list_users

    return list_users(tx)


def fill(store: Store, now) -> None:
    """Put into an archive what these tests are about."""
    with store.write() as tx:
        register_outlets(tx, [a_spec("gazette", title="The Gazette")], now)
        for name, role in (("rita", Role.READER), ("olga", Role.OPERATOR), ("ada", Role.ADMIN)):
            add_user(tx, name, role=role, password_hash="none", by="root@desk", now=now)
        for back in range(5, 0, -1):
            _add_run(tx, now - timedelta(days=back))
        set_health(tx, _health(now))
        plan = read_plan("gazette", ("every", "30m"), zone="UTC", jitter=None, quiet=(), now=now)
        set_schedule(tx, plan, origin="operator", by="ada", now=now)
        add_job(tx, Wish("gazette"), by="olga", now=now)


def _add_run(tx, at) -> None:
    run = start_run(tx, "gazette", kind="crawl", now=at, pid=1, host="elsewhere")
    record_outcome(
        tx,
        run_id=run.id,
        url="https://gazette.example/a",
        outcome=Outcome.EXTRACTION_FAILED,
        detail="No title.",
        now=at,
    )
    numbers = {"asked": 20, "fetched": 18, "body_bytes": 90_000}
    finish_run(tx, run.id, state="done", reason="", numbers=numbers, now=at + timedelta(minutes=2))
    seen = Observation(
        run.id, "gazette", "crawl", "done", at, at + timedelta(minutes=2), articles=10, filled={"title": 9}, links=40
    )
    save_observation(tx, seen)


def _health(now) -> Health:
    return Health(
        "gazette",
        HealthState.BROKEN,
        "layout_changed",
        "None of the last 12 pages gave a title.",
        now - timedelta(days=1),
        now - timedelta(days=1),
        evidence=(Evidence("Pages with a title", "0 of 12", "12 of 12"),),
        fit=False,
        run_id=5,
        figures={"articles_a_week": Figure(3, 40.5), "fill_title": Figure(0.0, 1.0), "delay_s": Figure(900.0)},
    )


def text_of(answer: TestResponse) -> str:
    """What a page says, without its markup, white space folded."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).replace("&#39;", "'").split())


def last_act(store: Store) -> tuple[str, str, str, str]:
    """The newest line of the log of changes."""
    with store.read() as tx:
        one = list_acts(tx, limit=1)[0]
    return one.by, one.act, one.subject, one.detail
