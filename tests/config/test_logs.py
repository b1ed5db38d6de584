"""Log lines: key=value, one line each, no credentials."""

from __future__ import annotations

import json
import logging
import sys
import threading
import time

import pytest

from config.logs import (
    JsonFormatter,
    KeyValueFormatter,
    label_process,
    labelled,
    labels,
    logs_as_text,
    redact,
    set_up_logs,
    set_up_logs_from,
)


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
        ("https://a.example/?access_token=hunter2&x=1", "hunter2"),
        ("smtp_password=hunter2", "hunter2"),
        ("X-API-Key: hunter2", "hunter2"),
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


@pytest.fixture
def process_labels():
    """Labels of this process, taken away again."""
    label_process(run=12, outlet="gazette")
    yield
    label_process(run=None, outlet=None)


@pytest.fixture
def handlers():
    """Give the root logger back the handlers and level it had."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield root
    root.handlers[:] = before
    root.setLevel(level)


def a_record(msg="page lost", **extra):
    return logging.makeLogRecord({"name": "crawler.run", "msg": msg, "levelname": "INFO", "created": 0.0, **extra})


def test_every_line_of_a_process_says_what_it_is_about(process_labels):
    line = KeyValueFormatter().format(a_record(url="https://a.example/"))
    assert line.endswith('msg="page lost" run=12 outlet=gazette url=https://a.example/')


def test_a_line_that_says_itself_what_it_is_about_says_it_once(process_labels):
    line = KeyValueFormatter().format(a_record(outlet="herald"))
    assert line.endswith('msg="page lost" run=12 outlet=herald')


def test_every_line_of_a_block_says_what_it_is_about_and_none_after_it(process_labels):
    with labelled(job=7, outlet="herald"):
        assert KeyValueFormatter().format(a_record()).endswith("run=12 outlet=herald job=7")
    assert "job" not in labels()


def test_a_thread_of_the_process_knows_what_the_process_is_about_and_no_block_of_another(process_labels):
    seen = []
    with labelled(job=7):
        thread = threading.Thread(target=lambda: seen.append(labels()))
        thread.start()
        thread.join()
    assert seen == [{"run": 12, "outlet": "gazette"}]


def test_a_line_of_json_is_one_object_and_keeps_its_numbers(process_labels):
    line = JsonFormatter().format(a_record("page %s\nlost\u2028", args=("x",), attempt=2, planned=None))
    assert len(line.splitlines()) == 1
    assert json.loads(line) == {
        "at": "1970-01-01T00:00:00.000+00:00",
        "level": "info",
        "logger": "crawler.run",
        "msg": "page x\nlost\u2028",
        "run": 12,
        "outlet": "gazette",
        "attempt": 2,
        "planned": None,
    }


@pytest.mark.parametrize(
    "text", ["password=hunter2", "Authorization: Bearer hunter2", 'token="hunter2"', "https://u:hunter2@a/"]
)
def test_credentials_reach_no_line_of_json_and_leave_it_whole(text):
    said = json.loads(JsonFormatter().format(a_record(text, cause=text, password="hunter2")))
    assert "hunter2" not in json.dumps(said)
    assert list(said) == ["at", "level", "logger", "msg", "cause", "password"]


def test_an_error_stands_in_json_with_its_place():
    assert json.loads(JsonFormatter().format(raised()))["error"].startswith("ValueError: no date in https://***@")


def test_the_form_of_the_settings_is_written(handlers, capsys):
    set_up_logs("INFO", form="json")
    logging.getLogger("crawler.run").info("begun")
    assert json.loads(capsys.readouterr().err)["msg"] == "begun"


def test_a_process_of_a_process_logs_as_that_does(handlers, capsys, process_labels):
    set_up_logs("INFO", form="json")
    told = logs_as_text()
    label_process(run=None, outlet=None)
    set_up_logs("INFO")
    set_up_logs_from(told, "WARNING")
    logging.getLogger("crawler.run").warning("slow")
    said = json.loads(capsys.readouterr().err)
    assert (said["msg"], said["run"], said["outlet"]) == ("slow", 12, "gazette")


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
