"""A settings file without its secrets, however they are written, and still a settings file."""

from __future__ import annotations

import tomllib

import pytest

from config.errors import ConfigurationError
from config.hiding import without_secrets
from config.settings import load_settings


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


@pytest.mark.parametrize("key", ["smtp_password", "webhook_secret", "webhook_url"])
def test_settings_out_of_a_backup_are_refused_until_their_secrets_are_typed_in(key, tmp_path):
    file = tmp_path / "restored-watchfloor.toml"
    file.write_text(without_secrets(f'[alerts]\n{key} = "https://hunter2.example/"\n[web]\nmetrics_token = "hunter2"'))
    with pytest.raises(ConfigurationError, match="stands where a backup left it out") as refused:
        load_settings(file, {})
    assert f"alerts.{key}: ***" in str(refused.value)
    assert "web.metrics_token: ***" in str(refused.value)


def test_comments_and_order_stay_where_lines_tell():
    text = '# Ours.\n[web]\nport = 80 # taken\nmetrics_token = "a"\n\n[alerts]\nmail_to = ["ann@example.org"]\n'
    assert without_secrets(text) == text.replace('"a"', '"***"')


def test_what_is_written_anew_has_every_other_value():
    text = 'x = 1\n[a]\nlist = ["é", 2, true]\nsmtp_password = """\n"""\nshare = 0.5\n"k y" = false\ninner = {b = "c"}'
    held = tomllib.loads(text)
    assert tomllib.loads(without_secrets(text)) == {**held, "a": {**held["a"], "smtp_password": "***"}}
