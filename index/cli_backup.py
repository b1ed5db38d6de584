"""`watchfloor backup TARGET` and `watchfloor restore FROM`."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from config.counting import counted
from config.errors import EXIT_PARTIAL
from config.settings import Settings
from index.backing_up import make_backup
from index.backup_records import SETTINGS, Manifest
from index.restoring import Restored, read_tombstones, restore_backup
from index.store import opened_store


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--no-raw", is_flag=True, help="Leave the raw pages out; articles, links and revisions are all there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def backup(ctx: click.Context, target: Path, no_raw: bool, as_json: bool) -> None:
    """Write a backup to TARGET, a new folder or .tar file, while crawls run.

    In it: the database at one instant, raw pages as far as it knows them, your outlet files, the settings without
    passwords, a manifest with counts and checksums. Not in it: the index, which `restore` makes anew.
    """
    settings: Settings = ctx.obj
    config_file = ctx.find_root().params.get("config_file") or Path(SETTINGS)
    with opened_store(settings) as store:
        manifest = make_backup(
            store, settings, target, now=datetime.now(UTC), config_file=Path(config_file), raw=not no_raw
        )
    if as_json:
        click.echo(json.dumps({"target": str(target), **_manifest_json(manifest)}, ensure_ascii=False))
        return
    size = sum(one.bytes for one in manifest.files)
    click.echo(f"{target}: {counted(len(manifest.files), 'file')}, {size / 1e6:,.1f} MB.")
    click.echo(f"  {_held(manifest)}")
    for note in manifest.notes:
        click.echo(f"  {note}")


@click.command()
@click.argument("source", metavar="FROM", type=click.Path(path_type=Path))
@click.option("--into", type=click.Path(path_type=Path), help="The data folder to fill; default: [data] dir.")
@click.option(
    "--tombstones",
    "tombstones_file",
    type=click.Path(path_type=Path),
    help="Take down what a newer archive took down: its watchfloor.sqlite3, or `takedown --list --json` in a file.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def restore(settings: Settings, source: Path, into: Path | None, tombstones_file: Path | None, as_json: bool) -> None:
    """Bring a backup back into an empty data folder, verify it, and make the index anew.

    A PostgreSQL backup goes into the empty database that [database] url names. Exit code 10: it was restored, and is
    not as its manifest says. A backup that is damaged, cut short or of a newer version is refused.
    """
    tombstones = [] if tombstones_file is None else read_tombstones(tombstones_file)
    if into is not None:
        settings = settings.model_copy(update={"data": settings.data.model_copy(update={"dir": into})})
    restored = restore_backup(source, settings, tombstones=tombstones, now=datetime.now(UTC))
    if as_json:
        click.echo(json.dumps(_restored_json(restored), ensure_ascii=False))
    else:
        _tell(restored)
    if not restored.whole:
        sys.exit(EXIT_PARTIAL)


def _tell(restored: Restored) -> None:
    manifest = restored.manifest
    click.echo(f"{restored.folder}: restored from the backup of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC.")
    click.echo(f"  {_held(manifest)}; {counted(len(manifest.files), 'file')} as they were written.")
    click.echo(f"  Index: {counted(restored.documents, 'document')}, made anew.")
    if restored.taken_down:
        click.echo(f"  {counted(restored.taken_down, 'article')} taken down, as in the newer archive.")
    if any(one.path == SETTINGS for one in manifest.files):
        click.echo(f"  The settings are in restored-{SETTINGS}, without passwords; no settings of yours were changed.")
    for difference in restored.differences:
        click.echo(f"  Not as in the manifest: {difference}.")
    if not restored.index_equal:
        click.echo("  The index is not equal to the database: run `watchfloor index rebuild`.")


def _held(manifest: Manifest) -> str:
    counts = manifest.counts
    parts = [
        counted(counts.get("articles", 0), "article"),
        counted(counts.get("revisions", 0), "revision"),
        counted(counts.get("links", 0), "link"),
        counted(counts.get("pages", 0), "page"),
    ]
    return ", ".join(parts) + ("" if manifest.raw else " (raw pages left out)")


def _manifest_json(manifest: Manifest) -> dict[str, object]:
    return {
        "made_at": manifest.made_at.isoformat(),
        "program": manifest.program,
        "schema": manifest.schema,
        "database": manifest.dialect,
        "raw": manifest.raw,
        "counts": dict(manifest.counts),
        "files": len(manifest.files),
        "bytes": sum(one.bytes for one in manifest.files),
        "notes": list(manifest.notes),
    }


def _restored_json(restored: Restored) -> dict[str, object]:
    return {
        "folder": str(restored.folder),
        "whole": restored.whole,
        "documents": restored.documents,
        "taken_down": restored.taken_down,
        "differences": list(restored.differences),
        "index_equal": restored.index_equal,
        "backup": _manifest_json(restored.manifest),
    }
