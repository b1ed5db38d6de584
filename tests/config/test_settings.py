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


def test_a_list_of_one_number_needs_no_brackets_in_the_environment():
    assert load_settings(environ={"WATCHFLOOR_NETWORK__PORTS": "8080"}).network.ports == (8080,)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('data = "x"', "data: must be a table, not 'x'."),
        ('[data]\ndir = ""', "data.dir: name a folder, not ''."),
        ('[data]\ndir = "a\\u0000b"', "data.dir: name a folder, not 'a\\x00b'."),
        ('[network]\nports = "80"', "network.ports: must be a list, not '80'."),
        ("[crawler]\nmax_pages = 1.5", "crawler.max_pages: must be a whole number, not 1.5."),
        (
            '[network.hosts]\na = "nowhere"',
            "network.hosts: a leads to an address with its port, as 127.0.0.1:80, not {'a': 'nowhere'}.",
        ),
    ],
)
def test_a_fault_says_what_is_wanted(text: str, told: str, tmp_path: Path):
    path = write(tmp_path, text + "\n")
    assert faults_of(path, {}) == [f"{path}: {told}"]


@pytest.mark.parametrize("contact", ["nobody", "me@a.example\nX-Other: 1", "https://a.example/ (me)", "@", "me@there"])
def test_a_contact_nobody_can_use_is_refused(contact: str):
    (fault,) = faults_of(None, {"WATCHFLOOR_CRAWLER__CONTACT": contact})
    assert "crawler.contact: must be a URL or a mail address" in fault


@pytest.mark.parametrize("contact", ["", "me@a.example", "mailto:me@a.example", "https://a.example/who?x=1"])
def test_a_contact_is_a_url_or_a_mail_address(contact: str):
    assert load_settings(environ={"WATCHFLOOR_CRAWLER__CONTACT": contact}).crawler.contact == contact


def test_a_folder_for_outlets_that_is_not_there_is_told():
    (fault,) = faults_of(None, {"WATCHFLOOR_CRAWLER__OUTLETS_DIR": "nowhere"})
    assert fault == "environment WATCHFLOOR_CRAWLER__OUTLETS_DIR: crawler.outlets_dir: 'nowhere' is no folder; make it."


def test_a_file_nested_without_end_is_told(tmp_path: Path):
    path = write(tmp_path, "a = " + "[" * 5000 + "]" * 5000)
    assert faults_of(path, {}) == [f"{path}: nested too deeply for a settings file."]


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
