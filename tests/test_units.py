"""The systemd units that ship: each runs a command there is, and systemd reads them without a word."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from config.cli import COMMAND_GROUP

UNITS = sorted((Path(__file__).parent.parent / "docs" / "examples" / "systemd").glob("*.service"))
PROGRAM = "/opt/watchfloor/.venv/bin/watchfloor"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_runs_a_command_there_is(unit: Path) -> None:
    command = re.search(rf"^ExecStart={re.escape(PROGRAM)} --config \S+ (\w+)$", unit.read_text(), re.MULTILINE)
    assert command is not None
    assert command[1] in {entry.name for entry in entry_points(group=COMMAND_GROUP)}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_has_nothing_to_say_about_the_units(tmp_path: Path) -> None:
    assert UNITS
    copies = [tmp_path / unit.name.replace("@", "@1") for unit in UNITS]
    for unit, copy in zip(UNITS, copies, strict=True):
        copy.write_text(unit.read_text().replace(PROGRAM, sys.executable))  # it looks whether the program is there
    for copy in copies:
        seen = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False)
        assert (seen.returncode, seen.stderr) == (0, ""), copy.name
