"""Log lines: key=value, one line each, no credentials."""

from __future__ import annotations

import logging

import pytest

from config.logs import KeyValueFormatter, redact


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("postgresql+psycopg://user:hunter2@db/name", "hunter2"),
        ("GET https://reader:hunter2@outlet.example/feed", "hunter2"),
        ("Authorization: Bearer hunter2", "hunter2"),
        ("{'Authorization': 'Basic hunter2'}", "hunter2"),
        ("Cookie: session=hunter2; other=1", "hunter2"),
        ("Set-Cookie: id=hunter2", "hunter2"),
        ("password=hunter2 host=db", "hunter2"),
        ("https://a.example/?token=hunter2&x=1", "hunter2"),
        ('api_key: "hunter2"', "hunter2"),
    ],
)
def test_credentials_do_not_reach_the_log(text: str, secret: str):
    assert secret not in redact(text)


def test_ordinary_text_is_left_alone():
    assert redact("fetched https://outlet.example/a?page=2 in 3 s") == "fetched https://outlet.example/a?page=2 in 3 s"


def test_a_record_is_one_line_of_pairs_with_its_extras():
    record = logging.makeLogRecord({"name": "crawler.run", "msg": "page %s\nlost", "args": ("x",), "levelname": "INFO"})
    record.outlet = "foremedia"
    line = KeyValueFormatter().format(record)
    assert "\n" not in line
    assert 'msg="page x\\nlost"' in line
    assert line.endswith("outlet=foremedia")
