"""`watchfloor links`: what is cited most, whether linked addresses still answer, and counting all links anew."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import click

from config.counting import counted
from config.errors import EXIT_DONE, UsageError
from config.outlets import load_outlets
from config.settings import Settings
from crawler.in_turn import run_in_turn, with_index
from crawler.orders import RunReport
from crawler.run import crawl_outlet
from crawler.verdict import exit_code_of
from index.asking import who
from index.link_states import LinkState
from index.search.query_parser import day_of
from index.store import open_store
from index.store.audit import note_act
from index.store.cited import most_cited
from index.store.link_checks import addresses_to_check, count_states
from index.store.outlets import register_outlets
from index.store.relinking import relink

CHECK_EVERY = timedelta(days=1)
"""An address that was asked later than this ago is not asked again."""


class _Day(click.ParamType[date]):
    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        day = day_of(str(value))
        if day is None:
            self.fail(f"{value!r} is no year, month or day; write it as 2024, 2024-06 or 2024-06-22.", param, ctx)
        return day


@click.group()
def links() -> None:
    """Links: what is cited most, and whether what is linked to still answers."""


@links.command()
@click.option("--after", type=_Day(), metavar="DAY", help="Articles dated from this day (month, year) on.")
@click.option("--before", type=_Day(), metavar="DAY", help="Articles dated before this day.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Addresses at the most.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def cited(settings: Settings, after: date | None, before: date | None, limit: int, as_json: bool) -> None:
    """Show the addresses that articles cite most, held or not, of all articles or of a span of days."""
    store = open_store(settings)
    try:
        with store.read() as tx:
            found = most_cited(tx, after=after, before=before, limit=limit)
    finally:
        store.close()
    if as_json:
        cited_json = [
            {"url": one.url, "articles": number, "all_articles": one.citers, "article_id": one.article_id}
            for one, number in found.found
        ]
        click.echo(json.dumps({"articles_read": found.articles_read, "cut": found.cut, "cited": cited_json}))
        return
    for one, number in found.found:
        held = f"  (article {one.article_id})" if one.article_id is not None else ""
        click.echo(f"{number:>7} {one.url}{held}")
    if not found.found:
        click.echo("No address is cited by two articles.")
    if found.cut and found.articles_read is not None:
        click.echo(
            f"Only the newest {counted(found.articles_read, 'article')} of these days were counted; name fewer days."
        )


@links.command()
@click.option("--outlet", "names", multiple=True, metavar="NAME", help="Only addresses of this outlet; repeatable.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="Addresses of an outlet.")
@click.option("--json", "as_json", is_flag=True, help="Print the reports as JSON.")
@click.pass_obj
def check(settings: Settings, names: tuple[str, ...], limit: int, as_json: bool) -> int:
    """Ask linked addresses of registered outlets whether they still answer, those asked longest ago first.

    Goes through robots.txt, pace and guards as a crawl does; no other host is asked. An article found so is stored.
    """
    specs = load_outlets(settings.outlet_folders)
    unknown = sorted(set(names) - set(specs))
    if unknown:
        raise UsageError(f"{unknown[0]}: no outlet of that name; `watchfloor outlets list` names all.")
    chosen = dict.fromkeys(names) or sorted(name for name, spec in specs.items() if spec.enabled)
    now = datetime.now(UTC)
    store = open_store(settings)
    try:
        with store.write() as tx:
            register_outlets(tx, [specs[name] for name in chosen], now)
        with store.read() as tx:
            asked = {name: addresses_to_check(tx, name, limit=limit, now=now, every=CHECK_EVERY) for name in chosen}
    finally:
        store.close()
    owned = {name: tuple(url for url in urls if specs[name].owns(url)) for name, urls in asked.items()}
    waiting = {name: urls for name, urls in owned.items() if urls}
    reports, codes = run_in_turn(waiting, lambda name: crawl_outlet(name, settings=settings, check=waiting[name]))
    reports, codes = with_index(reports, codes, settings=settings)
    return _tell(reports, codes, settings=settings, as_json=as_json)


@links.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def resolve(settings: Settings, as_json: bool) -> None:
    """Read all links anew by today's rules: what each address means, which article it leads to, who cites what."""
    store = open_store(settings)
    try:
        found = relink(store)
        with store.write() as tx:
            told = f"{counted(found.changed, 'link')} changed"
            note_act(tx, by=who(), act="read anew", subject="links", detail=told, now=datetime.now(UTC))
    finally:
        store.close()
    if as_json:
        click.echo(json.dumps({name: getattr(found, name) for name in found.__slots__}))
        return
    click.echo(
        f"{counted(found.links, 'link')} with an address, {found.wrapped} of them through another one; "
        f"{counted(found.resolved, 'leads', 'lead')} to an article held; "
        f"{counted(found.cited, 'address is', 'addresses are')} cited; "
        f"{counted(found.changed, 'link was', 'links were')} changed."
    )
    if found.rekeyed:
        click.echo(f"{counted(found.rekeyed, 'stored address has', 'stored addresses have')} another key now.")


def _tell(reports: list[RunReport], codes: list[int], *, settings: Settings, as_json: bool) -> int:
    store = open_store(settings)
    try:
        with store.read() as tx:
            states = {state.value: number for state, number in count_states(tx).items() if state != LinkState.UNKNOWN}
    finally:
        store.close()
    code = exit_code_of(codes) if codes else EXIT_DONE
    if as_json:
        runs = [report.to_json() for report in reports]
        click.echo(json.dumps({"runs": runs, "states": states, "exit_code": code}, indent=2))
        return code
    for report in reports:
        told = ", ".join(f"{name} {number}" for name, number in sorted(report.counts.items()))
        click.echo(
            f"{report.outlet}: {told or 'no address was asked for'}" + (f"; {report.reason}" if report.reason else "")
        )
    if not reports and not codes:
        click.echo("No linked address of these outlets waits to be asked.")
    click.echo("Known now: " + ", ".join(f"{number} {name}" for name, number in states.items()) + ".")
    return code
