"""The log file of a run: bounded with head and tail, redacted, read while it is written and after a kill, removed."""

from __future__ import annotations

import logging

import pytest

from index.run_logs import RunLog, excerpt, in_words, read_log, runs_folder


@pytest.fixture
def log_settings(make_settings):
    return make_settings(logs={"run_max_kb": 16})


@pytest.fixture
def run_log(log_settings):
    handler = RunLog(log_settings)
    yield handler
    handler.close()


def say(handler: RunLog, message: str, level: int = logging.INFO, **extra) -> None:
    record = logging.LogRecord("crawler.test", level, "x.py", 1, message, (), None)
    vars(record).update(extra)
    handler.handle(record)


def held_bytes(settings) -> int:
    return sum(path.stat().st_size for path in runs_folder(settings).iterdir())


def test_lines_before_the_number_of_the_run_are_in_its_log(log_settings, run_log):
    say(run_log, "before")
    run_log.begin(7)
    say(run_log, "after")
    assert ["before" in line or "after" in line for line in read_log(log_settings, 7)] == [True, True]


def test_lines_are_key_and_value_without_credentials(log_settings, run_log):
    run_log.begin(7)
    say(run_log, "asked", url="https://user:geheim@gazette.example/x", status=200)
    (line,) = read_log(log_settings, 7)
    assert line.endswith("level=info logger=crawler.test msg=asked url=https://***@gazette.example/x status=200")


def test_long_log_keeps_its_head_and_its_tail_and_says_that_lines_are_missing(log_settings, run_log):
    run_log.begin(7)
    for number in range(1000):
        say(run_log, f"line {number:04}")
    assert held_bytes(log_settings) <= 16 * 1024
    run_log.close()
    lines = list(read_log(log_settings, 7))
    assert "line 0000" in lines[0]
    assert "line 0999" in lines[-1]
    assert sum("lines were left out here" in line for line in lines) == 1
    assert held_bytes(log_settings) <= 16 * 1024 + 200
    assert [path.name for path in runs_folder(log_settings).iterdir()] == ["7.log"]


def test_log_of_a_killed_process_is_read_with_head_and_tail(log_settings, run_log):
    run_log.begin(7)
    for number in range(1000):
        say(run_log, f"line {number:04}")
    lines = list(read_log(log_settings, 7))  # nobody closed it
    assert "line 0000" in lines[0]
    assert "line 0999" in lines[-1]


def test_log_under_its_limit_leaves_nothing_out(log_settings, run_log):
    run_log.begin(7)
    for number in range(120):
        say(run_log, f"line {number:04}")
    run_log.close()
    assert len(list(read_log(log_settings, 7))) == 120


def test_line_without_end_is_cut(log_settings, run_log):
    run_log.begin(7)
    say(run_log, "x" * 100_000)
    assert held_bytes(log_settings) < 10_000


def test_excerpt_tells_warnings_first_and_then_the_last_lines(log_settings, run_log):
    run_log.begin(7)
    say(run_log, "host is left alone", logging.WARNING)
    for number in range(70):
        say(run_log, f"line {number}")
    shown = excerpt(log_settings, 7)
    assert [line.level for line in shown.warnings] == ["warning"]
    assert (len(shown.newest), shown.lines, shown.all_warnings) == (60, 71, 1)
    told = in_words(shown)
    assert told[0] == "1 warning:"
    assert told[3] == "the last 60 lines of 71:"


def test_message_that_looks_like_a_level_is_no_warning(log_settings, run_log):
    run_log.begin(7)
    say(run_log, "level=error")
    assert excerpt(log_settings, 7).warnings == ()


def test_run_without_a_log_is_told_in_words(log_settings):
    assert "No log of run 9 is here" in in_words(excerpt(log_settings, 9))[0]


def test_second_run_of_a_number_begins_anew(log_settings, run_log):
    for number in range(1000):
        say(run_log, f"{number}")
    run_log.begin(7)
    run_log.close()
    again = RunLog(log_settings)
    again.begin(7)
    say(again, "fresh")
    again.close()
    assert len(list(read_log(log_settings, 7))) == 1


def test_folder_that_cannot_be_made_ends_no_run(log_settings, run_log, caplog):
    log_settings.data.dir.mkdir(parents=True)
    (log_settings.data.dir / "logs").write_text("in the way")
    run_log.begin(7)
    say(run_log, "goes on")
    assert "the log of the run ends here" in caplog.text


def test_logs_are_for_their_owner_alone(log_settings, run_log):
    run_log.begin(7)
    assert (runs_folder(log_settings) / "7.log").stat().st_mode & 0o777 == 0o600
