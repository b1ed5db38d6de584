"""Log lines: key=value, one line each, no credentials."""

from __future__ import annotations

import logging
import sys
import time

import pytest

from config.logs import KeyValueFormatter, redact, set_up_logs


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("postgresql+psycopg://user:hunter2@db/name", "hunter2"),
        ("postgresql://user:hun@ter2@db/name", "ter2"),
        ("postgresql://user:hun/ter2@db/name", "ter2"),
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


def raised() -> logging.LogRecord:
    try:
        raise ValueError("no date\nin https://reader:hunter2@outlet.example/")
    except ValueError:
        return logging.LogRecord("crawler.run", logging.ERROR, __file__, 1, "not read", (), sys.exc_info())


def test_an_exception_is_one_clause_with_its_place():
    line = KeyValueFormatter().format(raised())
    assert 'error="ValueError: no date in https://***@outlet.example/ (test_logs.py:' in line
    assert "Traceback" not in line


def test_whoever_asks_for_tracebacks_gets_them_on_one_line():
    line = KeyValueFormatter(tracebacks=True).format(raised())
    assert "Traceback" in line
    assert "\n" not in line


def test_libraries_do_not_call_a_page_without_text_an_error(capsys):
    before = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        set_up_logs("INFO")
        logging.getLogger("htmldate").setLevel(logging.WARNING)  # as trafilatura does when it is imported
        logging.getLogger("htmldate.utils").error("lxml parsing failed")
        logging.getLogger("trafilatura.core").error("empty HTML tree")
        logging.getLogger("crawler.run").warning("page took too long")
    finally:
        logging.getLogger().handlers[:], level = before
        logging.getLogger().setLevel(level)
    said = capsys.readouterr().err
    assert "page took too long" in said
    assert "HTML tree" not in said
    assert "lxml" not in said


def test_long_line_without_a_blank_is_redacted_in_no_time():
    started = time.perf_counter()
    assert redact("x" * 100_000 + "http://user:geheim@host").endswith("http://***@host")
    assert time.perf_counter() - started < 5.0  # it took minutes: a scheme was looked for from every letter to the end
