"""Write what docs/ repeats of the code: settings, outcomes, commands, outlets. `make docs`; a test compares."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import click

from config.cli import COMMAND_GROUP
from config.outlets import load_outlets
from config.settings import DEFAULTS_FILE
from index.health.causes import Cause
from index.outcomes import STORED, WAITS_AGAIN, Outcome

DOCS = Path(__file__).parent
OUTLETS = DOCS.parent / "config" / "outlets"
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


def causes_page() -> str:
    """Return docs/causes.md: the closed list of what can be wrong with an outlet."""
    lines = [
        "# What can be wrong with an outlet",
        "",
        NOTE.format(source="index/health/causes.py"),
        "`watchfloor outlets health` names one of these causes; NAME stands for the outlet. The state is the one a",
        "cause leads to at the most; `told beside` are those that change no state. Readers see the words of the last",
        "column beside their results; where there are none, the cause concerns operators alone.",
        "",
        "| cause | state | means | to do | readers are told |",
        "|---|---|---|---|---|",
    ]
    for cause in Cause:
        state = cause.state.value if cause.state is not None else "told beside"
        lines.append(f"| `{cause.value}` | {state} | {cause.meaning} | {cause.advice} | {cause.for_readers} |")
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


def outlets_page() -> str:
    """Return docs/outlets.md: the outlets that ship, by country, with what is known of each."""
    folder = DOCS.parent / "tests" / "outlets"
    real = [spec for spec in load_outlets([OUTLETS]).values() if not spec.home.endswith(".example/")]
    cases = {spec.name: _cases_in(folder / spec.name) for spec in real}
    seen, cased = sum(spec.verified for spec in real), sum("article" in kinds for kinds in cases.values())
    countries = len({spec.country for spec in real})
    lines = [
        "# Outlets that ship",
        "",
        NOTE.format(source="config/outlets/*.toml"),
        f"{len(real)} outlets in {countries} countries, {cased} of them with a case made from a real page. {seen} have",
        "passed a live check (`verified`): all others are off, no part of `crawl --all`, until one has passed. Their",
        "feeds and patterns are what is known of them; a case shows that the page it was made from is read right, and",
        "nothing more.",
        "",
        "```",
        "watchfloor outlets check NAME     # a dry run of a few pages: leads, fields, what would be rejected and why",
        "watchfloor crawl NAME             # crawls it by name, on or off",
        "```",
        "",
        "The fictional outlets of the demo are not listed.",
        "",
        "| name | outlet | country | languages | cases | rules |",
        "|---|---|---|---|---|---|",
    ]
    for spec in sorted(real, key=lambda spec: (spec.country, spec.name)):
        rules = sorted({field for ruled in spec.rules for field in ruled.model_dump(exclude_defaults=True)} - {"until"})
        lines.append(
            f"| `{spec.name}` | [{spec.title}]({spec.home}) | {spec.country} | {', '.join(spec.languages)} "
            f"| {', '.join(cases[spec.name])} | {', '.join(rules)} |"
        )
    return "\n".join(lines) + "\n"


def _cases_in(folder: Path) -> list[str]:
    """Return for each case of an outlet whether it is an article or a page to reject."""
    outcomes = [
        json.loads(path.read_text(encoding="utf-8"))["outcome"] for path in sorted(folder.glob("*/expected.json"))
    ]
    return sorted("article" if outcome in ("new", "paywalled_stub") else "rejected" for outcome in outcomes)


def _walk(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from _walk(f"{path} {name}", command.commands[name])


PAGES = {
    "settings.md": settings_page,
    "outcomes.md": outcomes_page,
    "causes.md": causes_page,
    "commands.md": commands_page,
    "outlets.md": outlets_page,
}


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
