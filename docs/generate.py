"""Write the parts of docs/ that repeat the code: settings, outcomes, commands. `make docs`; a test compares."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import click

from config.cli import COMMAND_GROUP
from config.settings import DEFAULTS_FILE
from index.outcomes import STORED, WAITS_AGAIN, Outcome

DOCS = Path(__file__).parent
NOTE = "<!-- Written by `make docs` from {source}; change it there. -->\n"


def settings_page() -> str:
    """Return docs/settings.md: every option with its default and its sentence, by table."""
    lines = [
        "# Settings",
        "",
        NOTE.format(source="config/defaults.toml"),
        "Defaults < `watchfloor.toml` (or `--config FILE`) < environment `WATCHFLOOR_<TABLE>__<KEY>`, as",
        "`WATCHFLOOR_DATA__DIR=/srv/watchfloor`. Lists in the environment are JSON or comma-separated. Unknown keys",
        "are refused, in nested tables too; every problem is told at once with its file and key path (exit code 3).",
        "`watchfloor init` writes this list as a commented file.",
    ]
    said: list[str] = []
    for line in DEFAULTS_FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            table = line.strip("[]")
            lines += ["", f"## {table}", ""]
            if table == "network.hosts":
                said = []
                lines += ['Host names as keys, `"address:port"` as values.', ""]
            else:
                lines += ["| key | default | meaning |", "|---|---|---|"]
        elif line.startswith("#"):
            said.append(line.removeprefix("#").strip())
        elif " = " in line:
            key, value = line.split(" = ", 1)
            meaning = " ".join(said).replace("|", "\\|")
            lines.append(f"| `{key}` | `{value}` | {meaning} |")
            said = []
        elif not line:
            said = []
    if said:
        lines += said
    return "\n".join(lines) + "\n"


def outcomes_page() -> str:
    """Return docs/outcomes.md: the closed list of ways a URL can end."""
    lines = [
        "# Outcomes",
        "",
        NOTE.format(source="index/outcomes.py"),
        "Every URL ends in exactly one of these, counted once where it is decided. `watchfloor why URL` tells the",
        "whole history of one address.",
        "",
        "| outcome | means | held | tried again |",
        "|---|---|---|---|",
    ]
    for outcome in Outcome:
        held = "yes" if outcome in STORED else ""
        again = "next run" if outcome in WAITS_AGAIN else ""
        lines.append(f"| `{outcome.value}` | {outcome.sentence} | {held} | {again} |")
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """Return docs/commands.md: the help text of every command."""
    lines = [
        "# Commands",
        "",
        NOTE.format(source="the commands' own --help"),
        "Exit codes: 0 done, 2 usage, 3 configuration, 10 partial, 11 blocked by the outlet, 12 budget reached,",
        "13 storage full, 70 a fault of Watchfloor (told in a sentence; please report it), 75 try again.",
    ]
    for entry in sorted(entry_points(group=COMMAND_GROUP), key=lambda entry: entry.name):
        for path, command in _walk(entry.name, entry.load()):
            context = click.Context(command, info_name=f"watchfloor {path}", terminal_width=100)
            lines += ["", f"## watchfloor {path}", "", "```", command.get_help(context), "```"]
    return "\n".join(lines) + "\n"


def _walk(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from _walk(f"{path} {name}", command.commands[name])


PAGES = {"settings.md": settings_page, "outcomes.md": outcomes_page, "commands.md": commands_page}


def check_defaults() -> None:
    """Raise ValueError unless every key of defaults.toml stands in the page."""
    page = settings_page()
    for table, keys in tomllib.loads(DEFAULTS_FILE.read_text(encoding="utf-8")).items():
        for key, value in keys.items():
            if not isinstance(value, dict) and f"| `{key}` |" not in page.split(f"## {table}\n")[1]:
                raise ValueError(f"{table}.{key} has no line in docs/settings.md")


if __name__ == "__main__":
    check_defaults()
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
