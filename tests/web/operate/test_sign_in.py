"""Signing in and out: cookies, throttle, no telling of names, and never a way off the site."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta

import pytest

from index.account_records import Role
from index.search.memory_backend import MemoryBackend
from index.store.audit import list_acts
from index.store.sessions import begin_session
from index.store.users import add_user, disable_user, get_user, list_users, password_hash_of, set_password
from web import create_app, passwords
from web.auth import digest_of
from web.passwords import fits, hashed

PASSWORD = "correct horse battery"
NETWORK = "203.0.113.7"


COSTLY = passwords._HASHER
"""How passwords are hashed outside of these tests."""


@pytest.fixture(autouse=True)
def hasher(monkeypatch):
    """A hasher of the lowest costs, but where the costs are what a test is about."""
    cheap = passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", cheap)
    monkeypatch.setattr(passwords, "_made", [])


@pytest.fixture
def costly(hasher, monkeypatch):
    """The hasher in its place."""
    monkeypatch.setattr(passwords, "_HASHER", COSTLY)


@pytest.fixture
def kept():
    """The hash of the password."""
    return hashed(PASSWORD)


@pytest.fixture
def known(store, now, kept):
    """The archive with an operator who has a password."""
    with store.write() as tx:
        add_user(tx, "Nina", role=Role.OPERATOR, password_hash=kept, by="root@desk", now=now)
    return store


@pytest.fixture
def site_at(operated, known):
    """Make the site at an instant, perhaps with other settings of [web]."""

    def make(at, **web):
        settings = operated.model_copy(update={"web": operated.web.model_copy(update=web)})
        return create_app(settings, known, MemoryBackend(settings=settings.search), clock=lambda: at)

    return make


def token_of(client, path="/sign-in", **more):
    return re.search(r'name="csrf" value="([^"]+)"', client.get(path, **more).text)[1]


def sign_in(client, *, name="nina", password=PASSWORD, query="", address=NETWORK, **more):
    environ = {"REMOTE_ADDR": address}
    data = {"csrf": token_of(client, environ_overrides=environ), "name": name, "password": password}
    return client.post(f"/sign-in{query}", data=data, environ_overrides=environ, **more)


def test_the_right_password_begins_a_session_under_a_cookie_that_no_script_reads(site_at, now):
    client = site_at(now).test_client()
    answer = sign_in(client)
    cookie = answer.headers["Set-Cookie"]
    assert (answer.status_code, answer.headers["Location"]) == (303, "/operate")
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=604800"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert client.get("/operate").status_code == 200


def test_by_https_the_cookie_goes_over_nothing_else(site_at, now):
    cookie = sign_in(site_at(now, https=True).test_client()).headers["Set-Cookie"]
    assert cookie.startswith("__Host-watchfloor_session=")
    assert "; Secure" in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize(("trusted", "secure"), [(("10.0.0.0/8",), True), ((), False), (("10.9.0.0/16",), False)])
def test_a_proxy_says_https_only_where_it_is_trusted(site_at, now, trusted, secure):
    client = site_at(now, trusted_proxies=trusted).test_client()
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": NETWORK}
    environ = {"REMOTE_ADDR": "10.0.0.1"}
    data = {"csrf": token_of(client, headers=headers, environ_overrides=environ), "name": "nina", "password": PASSWORD}
    answer = client.post("/sign-in", data=data, headers=headers, environ_overrides=environ)
    assert ("Secure" in answer.headers["Set-Cookie"]) is secure


def test_each_sign_in_has_a_token_of_its_own_and_ends_the_one_before(site_at, now):
    app = site_at(now)
    client = app.test_client()
    first = sign_in(client).headers["Set-Cookie"].split("=")[1].split(";")[0]
    data = {"csrf": token_of(client), "name": "nina", "password": PASSWORD}
    second = client.post("/sign-in", data=data).headers["Set-Cookie"].split("=")[1].split(";")[0]
    assert len(first) == len(second) == 43
    assert first != second
    other = app.test_client()
    other.set_cookie("watchfloor_session", first)
    assert other.get("/operate").status_code == 401


def test_the_token_is_nowhere_in_the_database(site_at, now, known, operated):
    token = sign_in(site_at(now).test_client()).headers["Set-Cookie"].split("=")[1].split(";")[0]
    known.close()
    files = [path.read_bytes() for path in operated.data.dir.glob("watchfloor.sqlite3*")]
    assert files
    assert not any(token.encode() in content or PASSWORD.encode() in content for content in files)


@pytest.mark.parametrize(("name", "password"), [("nina", "wrong"), ("nobody", PASSWORD), ("", ""), ("olga", "none")])
def test_whatever_is_wrong_the_answer_is_the_same(site_at, now, name, password):
    answer = sign_in(site_at(now).test_client(), name=name, password=password)
    assert answer.status_code == 401
    assert "Name and password do not fit together" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_a_disabled_user_is_told_no_more_than_a_stranger(site_at, now, known):
    with known.write() as tx:
        disable_user(tx, "nina", by="ada", now=now)
    assert "Name and password do not fit together" in sign_in(site_at(now).test_client()).text


def test_after_five_wrong_tries_even_the_right_password_waits(site_at, now):
    client = site_at(now).test_client()
    for number in range(5):
        assert sign_in(client, password=f"wrong {number}").status_code == 401
    answers = [sign_in(client, password=PASSWORD) for _ in range(15)]
    assert {answer.status_code for answer in answers} == {429}
    assert int(answers[0].headers["Retry-After"]) <= 31
    assert "Too many wrong tries" in answers[0].text
    assert sign_in(site_at(now + timedelta(seconds=31)).test_client()).status_code == 303


@pytest.mark.parametrize(("address", "name", "status"), [("203.0.113.99", "olga", 429), ("198.51.100.1", "olga", 401)])
def test_the_network_is_throttled_whatever_names_it_tries(site_at, now, address, name, status):
    client = site_at(now).test_client()
    for number in range(5):
        sign_in(client, name=f"guess{number}", password="wrong")
    assert sign_in(client, name=name, password="wrong", address=address).status_code == status


def test_a_name_is_throttled_whatever_networks_try_it(site_at, now):
    client = site_at(now).test_client()
    for number in range(5):
        sign_in(client, password="wrong", address=f"198.51.{number}.1")
    assert sign_in(client, address="203.0.113.7").status_code == 429


def test_names_that_nobody_has_are_throttled_as_any(site_at, now):
    client = site_at(now).test_client()
    for number in range(5):
        sign_in(client, name="nobody", password="wrong", address=f"198.51.{number}.1")
    assert sign_in(client, name="nobody", address="203.0.113.7").status_code == 429


def test_a_forged_address_does_not_escape_the_throttle(site_at, now):
    client = site_at(now).test_client()
    for number in range(5):
        sign_in(client, name=f"x{number}", password="wrong", headers={"X-Forwarded-For": f"198.51.100.{number}"})
    assert sign_in(client, name="y", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 429


def test_signing_out_ends_the_session_here_and_in_the_browser(site_at, now):
    app = site_at(now)
    client = app.test_client()
    token = sign_in(client).headers["Set-Cookie"].split("=")[1].split(";")[0]
    answer = client.post("/sign-out", data={"csrf": token_of(client, "/account")})
    assert answer.status_code == 303
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    other = app.test_client()
    other.set_cookie("watchfloor_session", token)
    assert other.get("/operate").status_code == 401


def test_signing_out_everywhere_ends_the_sessions_of_other_browsers_too(site_at, now, known):
    app = site_at(now)
    here, there, other = app.test_client(), app.test_client(), app.test_client()
    for client in (here, there):
        sign_in(client)
    with known.write() as tx:
        ada = get_user(tx, "ada")
        begin_session(tx, ada, token_digest=digest_of("of-ada"), replacing=None, now=now)
    other.set_cookie("watchfloor_session", "of-ada")
    here.post("/sign-out", data={"csrf": token_of(here, "/account"), "everywhere": "yes"})
    assert [client.get("/account").status_code for client in (here, there, other)] == [401, 401, 200]
    with known.read() as tx:
        assert list_acts(tx, by="Nina")[0].detail == "1 other session ended"


def test_an_ended_session_says_so_and_does_nothing(site_at, now, known):
    client = site_at(now).test_client()
    sign_in(client)
    token = token_of(client, "/account")
    with known.write() as tx:
        set_password(tx, "nina", "other", by="ada", now=now)
    answer = client.post("/operate/jobs/1/cancel", data={"csrf": token})
    assert answer.status_code == 401
    assert "Your session has ended" in answer.text


@pytest.mark.parametrize("how", ["idle", "another password", "no session of ours"])
def test_a_browser_whose_session_has_ended_signs_in_again(site_at, now, known, kept, how):
    client, later = site_at(now).test_client(), now
    sign_in(client)
    cookie = client.get_cookie("watchfloor_session")
    if how == "idle":
        later = now + timedelta(days=2)
    elif how == "another password":
        with known.write() as tx:
            set_password(tx, "nina", kept, by="ada", now=now)
    else:
        cookie = dataclasses.replace(cookie, value="planted-by-somebody")
    again = site_at(later).test_client()
    again.set_cookie(cookie.key, cookie.value)
    assert again.get("/operate").status_code == 401
    answer = sign_in(again)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/operate")
    assert again.get("/operate").status_code == 200
    assert again.get_cookie("watchfloor_session").value != cookie.value


def test_changing_ones_password_asks_for_the_old_one_and_ends_every_session(site_at, now, known):
    client = site_at(now).test_client()
    sign_in(client)
    token, new = token_of(client, "/account"), "another long password"
    wrong = client.post("/account", data={"csrf": token, "old": "wrong", "new": new, "again": new})
    assert (wrong.status_code, "The old password is another one" in wrong.text) == (400, True)
    answer = client.post("/account", data={"csrf": token, "old": PASSWORD, "new": new, "again": new})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert client.get("/account").status_code == 401
    with known.read() as tx:
        assert fits(new, password_hash_of(tx, "nina")[1])


@pytest.mark.parametrize(
    ("new", "again", "said"),
    [
        ("short", "short", "fewer than 10 characters"),
        ("aaaaaaaaaaaa", "aaaaaaaaaaaa", "five different characters"),
        ("nina-nina-1", "nina-nina-1", "name with little more"),
        ("a good long one", "another good one", "differ"),
        ("x" * 257, "x" * 257, "more than 256"),
    ],
)
def test_a_weak_password_is_refused_in_words(site_at, now, new, again, said):
    client = site_at(now).test_client()
    sign_in(client)
    answer = client.post(
        "/account", data={"csrf": token_of(client, "/account"), "old": PASSWORD, "new": new, "again": again}
    )
    assert answer.status_code == 400
    assert said in answer.text


def test_signing_in_and_out_is_in_the_log_with_the_network_alone(site_at, now, known):
    client = site_at(now).test_client()
    sign_in(client)
    client.post("/sign-out", data={"csrf": token_of(client, "/account")})
    with known.read() as tx:
        found = [(one.by, one.act, one.detail) for one in list_acts(tx, by="Nina")]
    assert found == [("Nina", "signed out", ""), ("Nina", "signed in", "from 203.0.113.0/24")]


def test_a_try_that_failed_is_logged_without_what_was_typed(site_at, now, caplog):
    client = site_at(now).test_client()
    sign_in(client, password="wrong password")
    sign_in(client, name="my-password-in-the-wrong-field", password="wrong password")
    found = [(one.why, one.user, one.network) for one in caplog.records if one.name == "web.sign_in"]
    assert found == [("wrong", "Nina", "203.0.113.0/24"), ("wrong", "nobody's", "203.0.113.0/24")]
    for _ in range(4):
        sign_in(client, password="wrong password")
    assert caplog.records[-1].why == "too many wrong tries"
    assert not any("password" in str(vars(one)) for one in caplog.records if one.name == "web.sign_in")


def test_a_program_is_told_in_json_why_it_is_not_signed_in(site_at, now):
    answer = sign_in(site_at(now).test_client(), password="wrong", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert "Name and password do not fit together" in answer.json["detail"]


def test_the_form_of_another_network_is_refused(site_at, now):
    client = site_at(now).test_client()
    token = token_of(client, environ_overrides={"REMOTE_ADDR": "198.51.100.1"})
    data = {"csrf": token, "name": "nina", "password": PASSWORD}
    assert client.post("/sign-in", data=data, environ_overrides={"REMOTE_ADDR": NETWORK}).status_code == 403


@pytest.mark.parametrize(("hours", "status"), [(5, 303), (8, 403)])
def test_a_form_stands_open_for_some_hours(site_at, now, hours, status):
    environ = {"REMOTE_ADDR": NETWORK}
    token = token_of(site_at(now).test_client(), environ_overrides=environ)
    later = site_at(now + timedelta(hours=hours)).test_client()
    data = {"csrf": token, "name": "nina", "password": PASSWORD}
    assert later.post("/sign-in", data=data, environ_overrides=environ).status_code == status


def test_a_hash_of_lower_costs_is_replaced_when_its_password_is_known(costly, site_at, now, known):
    weaker = passwords.PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    with known.write() as tx:
        set_password(tx, "nina", weaker, by="ada", now=now)
    assert sign_in(site_at(now).test_client()).status_code == 303
    with known.read() as tx:
        kept = password_hash_of(tx, "nina")[1]
    assert kept != weaker
    assert "m=65536" in kept


def test_the_list_of_users_says_when_one_signed_in(site_at, now, known):
    sign_in(site_at(now).test_client())
    with known.read() as tx:
        assert {one.name: one.signed_in_at for one in list_users(tx)}["Nina"] == now


SAFE = [
    ("operate_runs.run_list", "/operate/runs"),
    ("operate_runs.run&run_id=3", "/operate/runs/3"),
    ("operate_outlets.outlet&name=gazette", "/operate/outlets/gazette"),
    ("sign_in.account", "/account"),
]
UNSAFE = [
    *("https://evil.example/", "//evil.example", "///evil.example", "\\\\evil.example", "/\\evil.example"),
    *("/\\/evil.example", "http:evil.example", "https:/evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)"),
    *("data:text/html,x", "%2f%2fevil.example", "%2F%2Fevil.example", "/%2fevil.example", "/%5cevil.example"),
    *("%5c%5cevil.example", "\tevil.example", "/\t/evil.example", "/\n/evil.example", "\r\nSet-Cookie: a=b"),
    *("%0d%0aLocation:%20https://evil.example", "/operate\r\nX: y", ".evil.example", "@evil.example"),
    *("/@evil.example", "https://localhost@evil.example", "//localhost@evil.example", "https://localhost.evil.example"),
    *("///", "/", "/operate", "operate", "//operate", "..//evil.example", "/../evil.example", "/..//evil.example"),
    *("./\\evil.example", "\u2044\u2044evil.example", "\uff0f\uff0fevil.example", "https:\uff0f\uff0fevil.example"),
    *("static", "static&filename=../../etc/passwd", "sign_in.sign_in", "sign_in.form", "operate_jobs.crawl_now"),
    *("search.results&_external=1&_scheme=evil", "operate_runs.run", "operate_runs.run&run_id=//evil.example"),
    *("operate_outlets.outlet&name=//evil.example", "operate_outlets.outlet&name=..%2F..%2F", "nothing.here", "None"),
    *("home.now&_anchor=x", "operate_runs.run&run_id=-1", "operate_outlets.outlet&name=%0d%0aX:%20y"),
]


@pytest.mark.parametrize(("given", "leads_to"), SAFE)
def test_next_is_the_name_of_a_route_with_its_values(site_at, now, given, leads_to):
    assert sign_in(site_at(now).test_client(), query=f"?next={given}").headers["Location"] == leads_to


def test_fifty_spellings_of_a_way_out_are_tried():
    assert len(set(UNSAFE)) >= 50


@pytest.mark.parametrize("given", UNSAFE)
def test_no_next_leaves_the_site(site_at, now, given):
    answer = sign_in(site_at(now).test_client(), query=f"?next={given}")
    assert answer.status_code == 303
    location = answer.headers["Location"]
    assert re.fullmatch(r"/(?![/\\])[\w./%~:?=-]*", location), location
    assert "evil.example" not in location or location.startswith("/operate/outlets/")
    assert not re.search(r"[\r\n\t\\]", location)


def test_the_page_asked_for_is_where_signing_in_leads_back_to(site_at, now):
    client = site_at(now).test_client()
    page = client.get("/operate/runs/3")
    assert page.status_code == 401
    assert 'action="/sign-in?next=operate_runs.run&amp;run_id=3"' in page.text
