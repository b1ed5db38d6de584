"""The command line as a user meets it: one sentence and the right exit code, never a traceback."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from config.cli import COMMAND_GROUP, SUMMARIES, main

COMMANDS = [
    "alerts",
    "backup",
    "crawl",
    "db",
    "demo",
    "doctor",
    "extract",
    "hosts",
    "import",
    "index",
    "indexer",
    "init",
    "jobs",
    "links",
    "outlets",
    "record",
    "reextract",
    "related",
    "restore",
    "retention",
    "runs",
    "schedule",
    "scheduler",
    "search",
    "serve",
    "stories",
    "takedown",
    "up",
    "user",
    "why",
    "worker",
]
HELP = """
# The help of each command, in one process; what is ours is imported anew for each: none may need what another imported.
import contextlib, importlib, io, json, sys

found = {}
for command in sys.argv[1:]:
    for name in [name for name in sys.modules if name.partition(".")[0] in ("config", "index", "crawler", "web")]:
        del sys.modules[name]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            importlib.import_module("config.cli").main([command, "--help"])
        except SystemExit as end:
            found[command] = end.code, out.getvalue(), err.getvalue()
print(json.dumps(found))
"""


def watchfloor(*arguments: str, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("watchfloor")), *arguments],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **environ},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_every_command_of_the_contract_is_there_with_a_summary():
    assert sorted(entry.name for entry in entry_points(group=COMMAND_GROUP)) == COMMANDS == sorted(SUMMARIES)


@pytest.mark.timeout(300)
def test_every_command_has_help(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-c", HELP, *COMMANDS],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [name for name in COMMANDS if found[name][0] != 0 or found[name][2]] == []
    assert [name for name, (_, said, _) in found.items() if f"Usage: watchfloor {name}" not in said] == []


def test_help_touches_nothing(tmp_path: Path):
    watchfloor("crawl", "--help", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_command_is_a_usage_error(tmp_path: Path):
    done = watchfloor("crwal", folder=tmp_path)
    assert done.returncode == 2
    assert "crwal" in done.stderr


def test_a_wrong_setting_is_a_sentence_and_exit_code_3(tmp_path: Path):
    done = watchfloor("search", "x", folder=tmp_path, WATCHFLOOR_WEB__PROT="1")
    assert done.returncode == 3
    assert done.stderr == (
        "watchfloor: environment WATCHFLOOR_WEB__PROT: web.prot: unknown key; "
        "see config/defaults.toml or docs/settings.md for the list.\n"
    )


def test_a_wrong_setting_does_not_hide_help(tmp_path: Path):
    assert watchfloor("search", "--help", folder=tmp_path, WATCHFLOOR_WEB__PROT="1").returncode == 0


def test_init_writes_a_file_once_and_never_overwrites_it(tmp_path: Path):
    assert watchfloor("init", folder=tmp_path).returncode == 0
    written = (tmp_path / "watchfloor.toml").read_text(encoding="utf-8")
    again = watchfloor("init", folder=tmp_path)
    assert (again.returncode, (tmp_path / "watchfloor.toml").read_text(encoding="utf-8")) == (2, written)
    assert "exists already" in again.stderr


def test_a_foreign_package_named_like_ours_is_told_with_both_folders(tmp_path: Path):
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "__init__.py").write_text("", encoding="utf-8")
    done = watchfloor("search", "x", folder=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 3
    assert str(tmp_path / "web") in done.stderr
    assert "Traceback" not in done.stderr


def test_a_fault_of_ours_is_a_sentence_that_asks_for_a_report(tmp_path: Path, monkeypatch, capsys):
    def broken(_file: object, _environ: object) -> None:
        raise LookupError("password=hunter2 in a column")

    monkeypatch.setattr("config.cli.load_settings", broken)
    with pytest.raises(SystemExit) as ended:
        main(["search", "x"])
    said = capsys.readouterr().err
    assert ended.value.code == 70
    assert said.startswith("watchfloor: LookupError: password=***")
    assert "report it" in said
    assert "Traceback" not in said


def test_a_closed_pipe_is_no_failure(tmp_path: Path):
    reading, writing = os.pipe()
    os.close(reading)
    program = str(Path(sys.executable).with_name("watchfloor"))
    done = subprocess.run(
        [program, "outlets", "list"], cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, timeout=60
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_full_disk_is_exit_code_13_wherever_it_shows(tmp_path: Path, monkeypatch, capsys):
    def full(_file: object, _environ: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "data/index/x.seg")

    monkeypatch.setattr("config.cli.load_settings", full)
    with pytest.raises(SystemExit) as ended:
        main(["search", "x"])
    assert ended.value.code == 13
    assert capsys.readouterr().err.startswith("watchfloor: data/index/x.seg: the disk is full; free space, then repeat")


def test_a_query_may_look_like_an_option(tmp_path: Path):
    done = watchfloor("search", "--", "--help", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("0 articles")


def test_credentials_do_not_stand_in_a_fault(tmp_path: Path):
    (tmp_path / "watchfloor.toml").write_text('database = "postgresql://u:hun@ter/2@h/db"\n', encoding="utf-8")
    done = watchfloor("outlets", "list", folder=tmp_path)
    assert done.returncode == 3
    assert "database" in done.stderr
    assert not any(part in done.stderr for part in ("hun", "ter/2"))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_a_command_in_order(number: int, code: int, monkeypatch, capsys):
    monkeypatch.setattr("config.cli.load_settings", lambda _file, _environ: signal.raise_signal(number))
    with pytest.raises(SystemExit) as ended:
        main(["search", "x"])
    assert (ended.value.code, capsys.readouterr().err.strip()) == (code, "watchfloor: stopped.")


def test_json_is_utf8_whatever_the_locale(tmp_path: Path):
    done = watchfloor("outlets", "show", "courrier_sarn", "--json", folder=tmp_path, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
