"""What may be sent to an outlet: a consent dialog's answer; never a login, never somebody else's name."""

from __future__ import annotations

import pytest

from config.errors import ConfigurationError
from config.outlets import OutletSpec, read_outlet
from config.request_headers import cookie_header, why_cookie_refused, why_header_refused

GOOD = 'name = "abc"\ntitle = "T"\nhome = "https://abc.example/"\nlanguages = ["en"]\n'


@pytest.mark.parametrize(
    "name",
    ["consent", "cookieconsent_status", "vp_choice", "OptanonAlertBoxClosed", "euconsent-v2", "gdpr", "author_hint",
     "privacy", "notice_preferences"],
)  # fmt: skip
def test_answer_of_a_consent_dialog_may_be_sent(name):
    assert why_cookie_refused(name, "necessary.20261120") == ""


@pytest.mark.parametrize(
    "name",
    ["sessionid", "PHPSESSID", "JSESSIONID", "sid", "connect.sid", "auth", "access_token", "login", "user_id",
     "subscriber", "paywall_meter", "member", "sso", "csrf-token"],
)  # fmt: skip
def test_cookie_of_a_login_or_a_paywall_is_refused(name):
    assert "login or a paywall" in why_cookie_refused(name, "x")


@pytest.mark.parametrize(
    "value", ["a;b", "a b", "a\r\nX: y", "ä", "x" * 5000], ids=["pair", "space", "line", "letter", "long"]
)
def test_value_no_cookie_may_carry_is_refused(value):
    assert why_cookie_refused("consent", value).startswith("cookie consent: ")


@pytest.mark.parametrize("name", ["Accept-Language", "Accept", "X-Consent", "DNT", "Sec_GPC"])
def test_header_that_says_what_is_wished_may_be_sent(name):
    assert why_header_refused(name, "1") == ""


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("User-Agent", "set by Watchfloor alone"),
        ("referer", "set by Watchfloor alone"),
        ("X-Forwarded-For", "set by Watchfloor alone"),
        ("Host", "set by Watchfloor alone"),
        ("If-None-Match", "set by Watchfloor alone"),
        ("Proxy-Authorization", "set by Watchfloor alone"),
        ("Authorization", "would log us in"),
        ("X-Api-Key", "would log us in"),
        ("Cookie", "write cookies under request.cookies"),
        ("Bad Name", "is no name of a header"),
        ("X-A\r\nX-B", "is no name of a header"),
    ],
)
def test_header_that_hides_who_asks_or_logs_in_is_refused(name, told):
    assert told in why_header_refused(name, "x")


def test_fault_is_told_with_file_and_table(tmp_path):
    path = tmp_path / "abc.toml"
    path.write_text(GOOD + '[request]\nheaders = { User-Agent = "Mozilla" }\ncookies = { sessionid = "1" }\n')
    with pytest.raises(ConfigurationError) as caught:
        read_outlet(path)
    (fault,) = caught.value.faults
    assert fault.startswith(f"{path}: request: User-Agent is set by Watchfloor alone")
    assert "cookie sessionid" in fault


def test_cookies_become_one_header():
    parts = {"request": {"cookies": {"a": "1", "b": "2"}}}
    spec = OutletSpec(name="abc", title="T", home="https://abc.example/", languages=("en",), **parts)
    assert cookie_header(spec.request.cookies) == "a=1; b=2"
