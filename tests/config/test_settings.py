"""Settings: precedence, refusals, and one report with every fault."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from config.cli_init import commented_defaults
from config.errors import ConfigurationError
from config.settings import load_settings


def write(folder: Path, text: str) -> Path:
    path = folder / "watchfloor.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(path: Path | None, environ: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(path, environ)
    return list(caught.value.faults)


def test_defaults_alone_are_a_whole_configuration():
    assert load_settings(environ={}).politeness.floor_s == 1.0


def test_environment_wins_over_the_file_and_the_file_over_defaults(tmp_path: Path):
    path = write(tmp_path, '[data]\ndir = "from-file"\n[web]\nport = 8100\n')
    settings = load_settings(path, {"WATCHFLOOR_DATA__DIR": "from-environment"})
    assert (str(settings.data.dir), settings.web.port) == ("from-environment", 8100)


def test_a_list_in_the_environment_is_json_or_comma_separated():
    for value in ('["a.example", "b.example"]', "a.example, b.example"):
        settings = load_settings(environ={"WATCHFLOOR_NETWORK__PRIVATE_HOSTS": value})
        assert settings.network.private_hosts == ("a.example", "b.example")


def test_settings_are_frozen():
    with pytest.raises(ValidationError):
        load_settings(environ={}).web.port = 1  # type: ignore[misc]


def test_unknown_keys_are_refused_in_nested_tables_too(tmp_path: Path):
    path = write(tmp_path, "[web]\nprot = 1\n[nothing]\nx = 1\n")
    assert faults_of(path, {}) == [
        f"{path}: web.prot: unknown key; see config/defaults.toml or docs/settings.md for the list.",
        f"{path}: nothing: unknown key; see config/defaults.toml or docs/settings.md for the list.",
    ]


def test_every_fault_is_told_at_once_with_its_origin_and_key(tmp_path: Path):
    path = write(tmp_path, '[web]\nport = 99999\n[search]\nbudget_s = "long"\n')
    faults = faults_of(path, {"WATCHFLOOR_CRAWLER__MAX_DEPTH": "-1", "WATCHFLOOR_BAD": "1"})
    assert [fault.split(": ")[:2] for fault in faults] == [
        ["environment WATCHFLOOR_BAD", "write it as WATCHFLOOR_<TABLE>__<KEY>, as WATCHFLOOR_DATA__DIR."],
        [str(path), "search.budget_s"],
        ["environment WATCHFLOOR_CRAWLER__MAX_DEPTH", "crawler.max_depth"],
        [str(path), "web.port"],
    ]


def test_broken_toml_names_the_file(tmp_path: Path):
    path = write(tmp_path, "[web\n")
    assert faults_of(path, {})[0].startswith(f"{path}: not valid TOML")


def test_a_named_file_that_is_missing_says_how_to_make_one(tmp_path: Path):
    assert "watchfloor init" in faults_of(tmp_path / "none.toml", {})[0]


def test_floor_under_a_second_holds_only_for_listed_private_hosts():
    settings = load_settings(environ={}, politeness={"floor_s": 0.0}, network={"private_hosts": ["Demo.example"]})
    assert settings.floor_s_for("demo.example") == 0.0
    assert settings.floor_s_for("public.example") == 1.0


def test_the_file_that_init_writes_is_valid_and_changes_nothing(tmp_path: Path):
    path = write(tmp_path, commented_defaults())
    assert load_settings(path, {}) == load_settings(environ={})


def test_every_setting_that_init_writes_can_be_uncommented(tmp_path: Path):
    lines = [
        line.removeprefix("# ") if line.startswith("# ") and " = " in line and not line.rstrip().endswith(".") else line
        for line in commented_defaults().splitlines()
    ]
    assert load_settings(write(tmp_path, "\n".join(lines)), {}) == load_settings(environ={})
