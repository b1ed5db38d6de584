"""`watchfloor db`: making, bringing up and comparing the schema."""

from __future__ import annotations

import json
import sys

import click

from config.errors import EXIT_PARTIAL
from config.settings import Settings
from index.store import open_store
from index.store.engine import open_engine, translated
from index.store.schema import HEAD, differences, is_newer, newer_schema, schema_version
from index.store.schema import upgrade as upgrade_schema


@click.group()
def db() -> None:
    """The database schema. The embedded database needs none of this: it is made and upgraded on first use."""


@db.command()
@click.pass_obj
def upgrade(settings: Settings) -> None:
    """Make the schema or bring it to this version. Repeating it does nothing."""
    if settings.database_url.startswith("sqlite"):
        open_store(settings).close()
        click.echo(f"The schema is at {HEAD}.")
        return
    engine, where = open_engine(settings.database_url, busy_timeout_s=settings.database.busy_timeout_s)
    try:
        with translated(where):
            upgrade_schema(engine, where=where)
    finally:
        engine.dispose()
    click.echo(f"{where}: the schema is at {HEAD}.")


@db.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def check(settings: Settings, as_json: bool) -> None:
    """Compare the schema with the one this version needs. Exit code 0 when equal, else 10."""
    engine, where = open_engine(settings.database_url, busy_timeout_s=settings.database.busy_timeout_s)
    try:
        with translated(where):
            version = schema_version(engine)
            found = differences(engine) if version == HEAD else []
    finally:
        engine.dispose()
    equal = version == HEAD and not found
    if as_json:
        click.echo(json.dumps({"equal": equal, "version": version, "needed": HEAD, "differences": found}))
    elif equal:
        click.echo(f"{where}: the schema is at {HEAD}, as needed.")
    elif is_newer(version):
        click.echo(newer_schema(where, version))
    elif version != HEAD:
        state = f"the schema is at {version}" if version else "holds no Watchfloor schema yet"
        click.echo(f"{where}: {state}, {HEAD} is needed; run `watchfloor db upgrade`.")
    else:
        click.echo(f"{where}: the schema differs: {'; '.join(found)}. Restore it from a backup.")
    if not equal:
        sys.exit(EXIT_PARTIAL)
