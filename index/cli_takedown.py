"""`watchfloor takedown URL`: remove an article for good, or say what would go; lift the bar again."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from config.counting import counted
from config.errors import EXIT_TRY_AGAIN
from config.settings import Settings
from index.asking import who
from index.search.backend import SearchBackend
from index.search.opening import open_backend
from index.store import Store, opened_store
from index.store.takedowns import addresses_barred, lift, list_takedowns
from index.takedown_records import LEFT, TakedownReport
from index.taking_down import report_json, take_down

WAIT_S = 60.0
"""Seconds that other processes at work on index or database are waited for."""

_PLURALS = {"story": "stories"}


@click.command()
@click.argument("url", required=False)
@click.option("--reason", default="", help="Why; readers of its page are told.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and remove nothing.")
@click.option("--copies", is_flag=True, help="Take down articles with the same text, too.")
@click.option("--everywhere", is_flag=True, help="Remove raw pages of other articles that repeat its words, too.")
@click.option("--lift", "lift_it", is_flag=True, help="Let a taken-down address be crawled again; nothing comes back.")
@click.option("--list", "list_them", is_flag=True, help="List what was taken down, newest first; URL is left out.")
@click.option("--by", default="", help="Who decides; default: the name of the user.")
@click.option("--yes", is_flag=True, help="Do not ask on a terminal.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def takedown(
    settings: Settings,
    url: str | None,
    reason: str,
    dry_run: bool,
    copies: bool,
    everywhere: bool,
    lift_it: bool,
    list_them: bool,
    by: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Remove the article at URL for good: text, title, quotations, names, links, index entry, raw records.

    Its addresses are barred: they are never crawled or imported again. Killed or cut short, repeat it. Exit code 75:
    the rows are gone, but another process kept the index or the database from being overwritten; repeat it.
    """
    if list_them:
        _list(settings, as_json=as_json)
        return
    if not url:
        raise click.UsageError("Name the URL to take down, or --list.")
    now = datetime.now(UTC)
    if lift_it:
        with opened_store(settings) as store, store.write() as tx:
            lifted = lift(tx, url, by=by or who(), now=now)
        many = counted(len(lifted), "address", "addresses")
        click.echo(
            json.dumps({"lifted": lifted}) if as_json else f"{many} may be crawled again; nothing was brought back."
        )
        return
    with _both(settings) as (store, backend):
        options = {
            "wait_s": WAIT_S,
            "by": by or who(),
            "reason": reason,
            "now": now,
            "copies": copies,
            "everywhere": everywhere,
        }
        if not (dry_run or yes or as_json) and sys.stdin.isatty():
            _tell(take_down(store, backend, settings, url, dry_run=True, **options))  # type: ignore[arg-type]
            click.confirm("This cannot be undone. Remove all that?", abort=True)
        report = take_down(store, backend, settings, url, dry_run=dry_run, **options)  # type: ignore[arg-type]
    if as_json:
        click.echo(json.dumps(report_json(report), ensure_ascii=False))
    else:
        _tell(report)
    if report.left:
        sys.exit(EXIT_TRY_AGAIN)


def _list(settings: Settings, *, as_json: bool) -> None:
    with opened_store(settings) as store, store.read() as tx:
        found = [(one, addresses_barred(tx, one.id)) for one in list_takedowns(tx, limit=1_000_000)]
    if as_json:
        told = [
            {
                "id": one.id,
                "url": one.url,
                "article_id": one.article_id,
                "addresses": urls,
                "at": one.at.isoformat(),
                "by": one.by,
                "reason": one.reason,
                "pending": list(one.pending),
                "ended_at": one.ended_at.isoformat() if one.ended_at is not None else None,
                "lifted_at": one.lifted_at.isoformat() if one.lifted_at is not None else None,
            }
            for one, urls in found
        ]
        click.echo(json.dumps({"takedowns": told}, ensure_ascii=False))
        return
    for one, _ in found:
        state = f"lifted by {one.lifted_by}" if one.lifted_at is not None else one.reason or "no reason given"
        click.echo(f"{one.at:%Y-%m-%d %H:%M} UTC  {one.url}  by {one.by}: {state}")
        for part in one.pending:
            click.echo(f"  not done yet: {LEFT[part]}; take it down once more")


def _tell(report: TakedownReport) -> None:
    plan = report.plan
    would = "would be " if report.dry_run else ""
    if plan.article_id is None:
        click.echo(f"{plan.url}: no article is held here.")
    else:
        click.echo(f"{plan.url}: article {plan.article_id} of {plan.outlet}: {plan.title}")
        for other in report.others:
            click.echo(f"{other.url}: article {other.article_id} of {other.outlet}, with the same text")
    click.echo(f"  {would or 'was '}removed: {_counts({**plan.counts, 'raw record': report.raw_records})}")
    click.echo(f"  {would or 'is '}never asked for again: {', '.join(plan.addresses)}")
    for same in plan.copies:
        click.echo(f"  same text: article {same.article_id} of {same.outlet}, {same.url}")
    for url in report.elsewhere[:10]:
        click.echo(f"  its words are in the raw page of {url}")
    for note in report.notes:
        click.echo(f"  {note}")
    for sentence in report.left:
        click.echo(f"  Not done yet: {sentence}. Repeat the command.")


def _counts(counts: Mapping[str, int]) -> str:
    told = [counted(number, noun, _PLURALS.get(noun, "")) for noun, number in counts.items() if number]
    return ", ".join(told) or "nothing, for nothing is held"


@contextmanager
def _both(settings: Settings) -> Iterator[tuple[Store, SearchBackend]]:
    with opened_store(settings) as store:
        backend = open_backend(settings)
        try:
            yield store, backend
        finally:
            backend.close()
