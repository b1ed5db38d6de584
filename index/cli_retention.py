"""`watchfloor retention`: remove what was kept for longer than the settings say, or count it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click

from config.counting import counted
from config.settings import Settings
from index.retaining import Kind, Retained, retain
from index.store import opened_store

_WHY_KEPT = {
    "raw_pages": "a story, a quotation or a citation points at {them}",
    "decisions": "re-extraction needs {them}",
    "runs": "what is usual is worked out from {them}",
}


@click.command()
@click.option("--dry-run", is_flag=True, help="Count what would go, and remove nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def retention(settings: Settings, dry_run: bool, as_json: bool) -> None:
    """Remove decisions, runs, raw pages, logs and audit lines older than [retention] says; articles always stay.

    The scheduler does this once a day. Crawls may go on beside it.
    """
    with opened_store(settings) as store:
        done = retain(store, settings, now=datetime.now(UTC), dry_run=dry_run)
    if as_json:
        click.echo(json.dumps(done.to_json()))
        return
    for line in sentences(done):
        click.echo(line)


def sentences(done: Retained) -> list[str]:
    """Return what a retention came to, a line for each kind of thing that is not kept for ever."""
    would = "would be removed" if done.dry_run else "removed"
    nouns = {"decisions": "decision", "runs": "run", "raw_pages": "raw page", "logs": "log file", "audit": "audit line"}
    lines = []
    for name, noun in nouns.items():
        kind: Kind = getattr(done, name)
        size = f", {kind.bytes / 1e6:,.1f} MB" if kind.bytes else ""
        line = f"{counted(kind.removed, noun)} {would}{size}"
        if kind.kept:
            why = _WHY_KEPT[name].format(them="it" if kind.kept == 1 else "them")
            line += f"; {counted(kind.kept, 'older one is', 'older ones are')} kept, for {why}"
        lines.append(f"{line}.")
    return lines
