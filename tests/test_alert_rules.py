"""The Prometheus rules that ship: promtool accepts them, and each fires and is silent as its own tests say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "docs" / "examples" / "prometheus"
VARIABLE = "TEST_PROMTOOL"


@pytest.fixture
def promtool() -> str:
    """Debian's promtool. Skips without one; fails in CI."""
    found = os.environ.get(VARIABLE) or shutil.which("promtool")
    if not found:
        reason = f"promtool is not installed and {VARIABLE} names none; `.ci/promtool DIR` brings one"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return found


def run(promtool: str, *arguments: str, folder: Path = FOLDER) -> subprocess.CompletedProcess[str]:
    return subprocess.run([promtool, *arguments], cwd=folder, capture_output=True, text=True, check=False)


def test_promtool_accepts_the_configuration(promtool: str):
    seen = run(promtool, "check", "config", "prometheus.yml")
    assert seen.returncode == 0, seen.stdout + seen.stderr


def test_every_rule_fires_and_is_silent_as_its_tests_say(promtool: str):
    seen = run(promtool, "test", "rules", "alerts_test.yml")
    assert seen.returncode == 0, seen.stdout + seen.stderr


def test_a_rule_that_says_something_else_fails_its_test(promtool: str, tmp_path: Path):
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    rules = tmp_path / "alerts.yml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("lag_seconds > 1800", "lag_seconds > 7200"))
    assert run(promtool, "test", "rules", "alerts_test.yml", folder=tmp_path).returncode != 0


def test_every_rule_has_a_test_that_it_fires_and_one_that_it_is_silent():
    rules = re.findall(r"- alert: (\w+)", (FOLDER / "alerts.yml").read_text(encoding="utf-8"))
    tests = (FOLDER / "alerts_test.yml").read_text(encoding="utf-8")
    assert rules
    assert [name for name in rules if f"{name} fires" not in tests or f"{name} is silent" not in tests] == []


def test_every_figure_a_rule_asks_for_is_in_the_docs():
    """Which are held to what `/metrics` tells by tests/web/test_metrics.py."""
    asked = set(re.findall(r"\bwatchfloor_\w+", (FOLDER / "alerts.yml").read_text(encoding="utf-8")))
    told = (FOLDER.parents[1] / "operating.md").read_text(encoding="utf-8")
    names = {re.sub(r"_(bucket|count|sum)$", "", name) for name in asked}
    assert [name for name in sorted(names) if f"`{name}`" not in told] == []
