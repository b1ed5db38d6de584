"""The settings of alerts: refused where they could not work, and never shown."""

from __future__ import annotations

import pytest

from config.errors import ConfigurationError
from config.settings import load_settings

MAIL = {"mail_to": ["ann@watch.example"], "mail_from": "floor@watch.example", "smtp_host": "mail.example"}


def refusal(**alerts):
    with pytest.raises(ConfigurationError) as told:
        load_settings(environ={}, alerts=alerts)
    return str(told.value)


def test_alerts_are_off_by_default():
    alerts = load_settings(environ={}).alerts
    assert (alerts.mail_to, alerts.webhook_url.get_secret_value()) == ((), "")


def test_a_password_comes_from_the_environment():
    environ = {"WATCHFLOOR_ALERTS__SMTP_PASSWORD": "hunter2"}
    assert load_settings(environ=environ, alerts=MAIL).alerts.smtp_password.get_secret_value() == "hunter2"


@pytest.mark.parametrize(
    ("alerts", "told"),
    [
        ({"mail_to": ["ann@watch.example"]}, "alerts: mail_to needs mail_from and smtp_host beside it."),
        ({**MAIL, "mail_to": ["ann@watch.example\r\nBcc: all@b.example"]}, "alerts.mail_to.0: "),
        ({**MAIL, "mail_from": "Ann <ann@watch.example>"}, "alerts.mail_from: "),
        ({**MAIL, "smtp_user": "ann", "smtp_security": "none"}, "smtp_user would send its password in the clear"),
        ({"states": ["bad"]}, "alerts.states.0: "),
    ],
)
def test_what_could_not_work_is_refused(alerts, told):
    assert told in refusal(**alerts)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://hook.example/hunter2",
        "https://ann:hunter2@hook.example/",
        "https:///hunter2",
        "https://hook.example/hunter2 x",
        "https://hook.example/hunter2\r\nX: y",
        "https://hook.example:99999/hunter2",
        "hunter2",
    ],
)
def test_a_webhook_that_is_no_web_address_is_refused_without_showing_it(url):
    told = refusal(webhook_url=url)
    assert "alerts.webhook_url: must be an http or https address" in told
    assert "hunter2" not in told


def test_a_password_of_the_wrong_kind_is_not_shown():
    assert "hunter2" not in refusal(smtp_password=["hunter2"])


def test_a_table_that_does_not_fit_together_shows_no_password():
    assert "hunter2" not in refusal(**{**MAIL, "smtp_user": "a", "smtp_security": "none", "smtp_password": "hunter2"})
