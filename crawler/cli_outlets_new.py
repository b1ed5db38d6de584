"""`watchfloor outlets new`: from one article to an outlet file, a case and a test. Parses, calls, prints."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from config.errors import EXIT_PARTIAL, UsageError
from config.settings import Settings
from crawler.cli_extract import read_saved
from crawler.import_files import stated_address
from crawler.new_outlet import NewOutlet, Say, new_outlet_from_page, new_outlet_from_url, sentences_after
from crawler.record import saved_page
from index.asking import who
from index.store import opened_store
from index.store.audit import note_act
from index.store.engine import holds_archive


@click.command("new")
@click.argument("source", metavar="URL-or-FILE")
@click.option("--url", default="", metavar="URL", help="The address of a saved file; default: the one the page states.")
@click.option("--name", default="", metavar="NAME", help="Name of the outlet; default: the middle of its host.")
@click.option("--own", is_flag=True, help="Write into your own outlets folder, from a checkout too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def new(settings: Settings, source: str, url: str, name: str, own: bool, as_json: bool) -> int:
    """From one article to a filled-in outlet file, a case and a test; no code to write.

    URL-or-FILE is the address of an article, or a saved page (.html, .html.gz; then nothing is fetched and feeds are
    taken from the page unseen). It looks for feeds, sitemaps and news sitemaps (the page and the home page, robots.txt,
    the usual places), works out which addresses are articles, sees which fields JSON-LD, OpenGraph and meta tags give,
    proposes a selector for each of the others with how many matches it has, looks for the outlet's own related list at
    the foot, and says each step.

    The file goes to config/outlets/NAME.toml of the checkout you stand in, else to your own outlets folder; the case
    lies in tests/outlets/NAME/ or in cases/NAME/ beside the file, with the publisher's words replaced. Then the test
    runs: it fails, on purpose, until a person has compared the expected values with the page and set "confirmed" to
    true. Fetching keeps the pace of a crawl: a usual outlet takes less than a minute.

    Exit codes: 0 written, only your look is missing; 10 no article there, or the case is not as it should be.
    """
    say: Say = (lambda _step: None) if as_json else click.echo
    now = datetime.now(UTC)
    if source.startswith(("http://", "https://")):
        if url:
            raise UsageError("--url gives the address of a saved file; it cannot stand beside an address.")
        done = new_outlet_from_url(source, name=name, settings=settings, now=now, own_folder=own, say=say)
    else:
        _, body = read_saved(Path(source), settings.network.max_body_bytes)
        address = url or stated_address(body, "") or ""
        if not address:
            raise UsageError(f"{source}: the page does not state its address; name it with --url.")
        page = saved_page(address, body, fetched_at=now)
        done = new_outlet_from_page(page, name=name, settings=settings, now=now, own_folder=own, say=say)
    _note(settings, done, now)
    if as_json:
        click.echo(json.dumps(done.to_json(), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(sentences_after(done)))
    return EXIT_PARTIAL if done.problems else 0


def _note(settings: Settings, done: NewOutlet, now: datetime) -> None:
    """Note the new file in the log of changes; without an archive there is no log yet, and nobody else to tell."""
    if not holds_archive(settings):
        return
    with opened_store(settings) as store, store.write() as tx:
        note_act(tx, by=who(), act="made the outlet file of", subject=done.name, detail=str(done.file.name), now=now)
