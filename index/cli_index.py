"""`watchfloor index`: status, sync, rebuild and verify of the full-text index."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import click
from tqdm import tqdm

from config.counting import counted
from config.errors import EXIT_PARTIAL
from config.settings import Settings
from index.search.backend import SearchBackend
from index.search.opening import open_backend
from index.store import Store, open_store
from index.store.changes import last_change
from index.sync import OnProgress, SyncReport, Verification
from index.sync import rebuild as rebuild_index
from index.sync import sync as sync_index
from index.sync import verify as verify_index


@click.group()
def index() -> None:
    """The full-text index: a copy of the database that can be deleted and made anew at any time."""


@index.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def status(settings: Settings, as_json: bool) -> None:
    """Say what the index holds and how far it is behind the database."""
    with _both(settings) as (store, backend):
        with store.read() as tx:
            end = last_change(tx)
        position = backend.position()
        documents = backend.count()
        found = {
            "engine": backend.name,
            "documents": documents,
            "position": position,
            "last_change": end,
            "behind": end - position,
        }
    if as_json:
        click.echo(json.dumps(found))
        return
    click.echo(f"{found['engine']}: {counted(documents, 'document')}, position {position} of {end}.")
    if end != position:
        click.echo(f"{counted(end - position, 'change')} behind: run `watchfloor index sync`.")


@index.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def sync(settings: Settings, as_json: bool) -> None:
    """Read the change log to its end. Goes on where the last one stopped; repeating it does nothing."""
    with _both(settings) as (store, backend), _bar("indexing") as progress:
        report = sync_index(store, backend, settings=settings, progress=progress)
    _tell(report, as_json)


@index.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def rebuild(settings: Settings, as_json: bool) -> None:
    """Make the index anew from the database and switch to it; searches go on meanwhile."""
    with _both(settings) as (store, backend), _bar("rebuilding") as progress:
        report = rebuild_index(store, backend, settings=settings, progress=progress)
    _tell(report, as_json)


@index.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def verify(settings: Settings, as_json: bool) -> None:
    """Compare index and database by ids and revisions. Exit code 0 only when they are equal, else 10."""
    with _both(settings) as (store, backend):
        found = verify_index(store, backend)
    click.echo(json.dumps({"equal": found.equal, **asdict(found)}) if as_json else _sentence(found))
    if not found.equal:
        sys.exit(EXIT_PARTIAL)


def _sentence(found: Verification) -> str:
    held = f"{counted(found.articles, 'article')} in the database, {counted(found.documents, 'document')} in the index"
    if found.equal:
        return f"Equal: {held}."
    parts = [f"{counted(found.behind, 'change')} not read yet"] if found.behind else []
    for name, ids in (("missing", found.missing), ("extra", found.extra), ("stale", found.stale)):
        if ids:
            parts.append(f"{name}: {', '.join(map(str, ids))}")
    return f"Not equal: {held}; {'; '.join(parts)}. Run `watchfloor index sync`, or `watchfloor index rebuild`."


def _tell(report: SyncReport, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(report)))
    else:
        click.echo(f"{report.indexed} indexed, {report.deleted} removed; position {report.position}.")


@contextmanager
def _both(settings: Settings) -> Iterator[tuple[Store, SearchBackend]]:
    store = open_store(settings)
    backend = open_backend(settings)
    try:
        yield store, backend
    finally:
        backend.close()
        store.close()


@contextmanager
def _bar(what: str) -> Iterator[OnProgress]:
    """A progress bar on stderr, only on a terminal."""
    bar: tqdm[Any] = tqdm(desc=what, unit="doc", disable=not sys.stderr.isatty(), leave=False)

    def show(done: int, total: int) -> None:
        bar.total = total
        bar.n = done
        bar.refresh()

    try:
        yield show
    finally:
        bar.close()
