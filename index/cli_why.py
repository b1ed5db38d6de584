"""`watchfloor why URL`: everything about an address."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

import click

from config.outlets import read_outlet_files
from config.settings import Settings
from index.errors import NotFoundError
from index.store import opened_store
from index.why import as_json as json_of
from index.why import in_words
from index.why import why as why_url


@click.command()
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def why(settings: Settings, url: str, as_json: bool) -> None:
    """Tell everything about URL in order: found where, asked for by whom, fetched when, skipped why, stored as what.

    Then when it will be looked at next, and what would happen if a crawl came upon it now. Exit code 2 where nothing
    is known of it.
    """
    specs = read_outlet_files(settings.outlet_folders).specs
    with opened_store(settings) as store, store.read() as tx:
        found = why_url(tx, url, settings=settings, specs=specs, now=datetime.now(UTC))
    if as_json:
        click.echo(json.dumps(json_of(found), ensure_ascii=False))
    else:
        click.echo("\n".join(in_words(found)))
    if found.nothing:
        sys.exit(NotFoundError.exit_code)
