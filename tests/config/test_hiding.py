"""A settings file without its secrets, however they are written, and still a settings file."""

from __future__ import annotations

import tomllib

import pytest

from config.hiding import without_secrets


@pytest.mark.parametrize(
    "text",
    [
        '[alerts]\nsmtp_password = "hunter2"',
        '[alerts]\n# smtp_password = "hunter2"',
        '[alerts]\n  ## smtp_password="hunter2" # of old',
        "[alerts]\nsmtp_password = 'hunter2'",
        '[alerts]\nsmtp_password = """\nhunter2"""\nsmtp_port = 25',
        "[alerts]\nsmtp_password = '''one\nhunter2\n'''",
        'alerts.smtp_password = "hunter2"',
        'alerts."smtp_password" = "hunter2"',
        'alerts = {smtp_port = 25, smtp_password = "hunter2"}',
        '[alerts]\nwebhook_url = "https://chat.example/hooks/hunter2"',
        '[alerts]\nwebhook_secret = "hunter2"',
        '[web]\nmetrics_token = "hunter2"',
        '[database]\nurl = "postgresql://ann:hunter2@host/db"',
        '[database]\nurl = "postgresql://host/db?user=ann&password=hunter2"',
        '[database]\nurl = "postgresql://host/db?sslpassword=hunter2"',
        '[database]\nurl = "postgresql://host/db?password=hunter\\u0032"',
        '[alerts\nsmtp_password = "hunter2"',
    ],
)
def test_no_secret_is_left_however_it_is_written(text):
    told = without_secrets(text)
    assert "hunter" not in told
    if not text.startswith("[alerts\n"):
        assert tomllib.loads(told).keys() == tomllib.loads(text).keys()


def test_comments_and_order_stay_where_lines_tell():
    text = '# Ours.\n[web]\nport = 80 # taken\nmetrics_token = "a"\n\n[alerts]\nmail_to = ["ann@example.org"]\n'
    assert without_secrets(text) == text.replace('"a"', '"***"')


def test_what_is_written_anew_has_every_other_value():
    text = 'x = 1\n[a]\nlist = ["é", 2, true]\nsmtp_password = """\n"""\nshare = 0.5\n"k y" = false\ninner = {b = "c"}'
    held = tomllib.loads(text)
    assert tomllib.loads(without_secrets(text)) == {**held, "a": {**held["a"], "smtp_password": "***"}}
