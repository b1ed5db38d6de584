"""`watchfloor outlets health`: how each outlet fares, why, and what to do. Asks the store, prints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import click

from config.counting import counted
from config.errors import EXIT_PARTIAL, UsageError
from config.faults import akin
from config.outlets import load_outlets
from config.settings import Settings
from index.health.figures import DELAY, LINKS_EACH, VOLUME
from index.health.records import Figure, HealthState
from index.health.wording import lasting_words, percent
from index.scorecards import Scorecard, scorecard_json, scorecards, states_of
from index.store import opened_store

HEAD = (
    f"{'outlet':<24}{'state':<10}{'7 days (usual)':>16}{'links each':>14}{'delay':>12}  {'least filled':<26}last read"
)


@click.command()
@click.argument("names", nargs=-1)
@click.option("--all", "with_resting", is_flag=True, help="Also outlets that are switched off and have no schedule.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def health(settings: Settings, names: tuple[str, ...], with_resting: bool, as_json: bool) -> int:
    """Show how outlets fare: state, cause, figures beside the usual ones; of NAMES also what shows it and what changed.

    Exit code 10 when one of those shown is broken or blocked, so that a cron job can tell.
    """
    specs = load_outlets(settings.outlet_folders)
    unknown = [name for name in names if name not in specs]
    if unknown:
        like = akin(unknown[0], specs)
        raise UsageError(f"{', '.join(unknown)}: no outlet of that name{like}; `watchfloor outlets list` names all.")
    now = datetime.now(UTC)
    with opened_store(settings) as store, store.read() as tx:
        cards = scorecards(tx, specs, now=now, settings=settings, names=names, with_resting=with_resting)
    if as_json:
        click.echo(json.dumps([scorecard_json(card) for card in cards], ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(as_lines(cards, now, with_details=bool(names))))
    return EXIT_PARTIAL if any(card.is_alarming for card in cards) else 0


def as_lines(cards: Sequence[Scorecard], now: datetime, *, with_details: bool) -> list[str]:
    """Write a table with a sentence under each outlet that is not as usual; with details what shows it."""
    if not cards:
        return ["No outlet is watched: none is enabled or has a schedule (`watchfloor schedule set NAME WHEN`)."]
    lines = [HEAD]
    for card in cards:
        lines.append(_row(card, now).rstrip())
        lines += [f"    {said}" for said in _said(card, now)]
        lines += [f"    {said}" for said in _details(card)] if with_details else []
    counts = ", ".join(f"{number} {state or 'not judged yet'}" for state, number in states_of(cards).items())
    return [*lines, f"{counted(len(cards), 'outlet')}: {counts}."]


def _row(card: Scorecard, now: datetime) -> str:
    figures = card.health.figures if card.health is not None else {}
    volume, links, delay = (figures.get(name, Figure()) for name in (VOLUME, LINKS_EACH, DELAY))
    read = "never" if card.last_success_at is None else f"{lasting_words(now - card.last_success_at)} ago"
    return (
        f"{card.outlet:<24}{card.state or '-':<10}{_pair(volume, 0):>16}{_pair(links, 1):>14}{_lasting(delay):>9}"
        f"  {_fill(card):<26}{read}"
    )


def _said(card: Scorecard, now: datetime) -> list[str]:
    health = card.health
    if health is None:
        return ["Not judged yet: no crawl of it has ended so far."]
    if health.state is HealthState.HEALTHY:
        return []
    fit = [] if health.fit else ["What its newest run brought is not called fresh."]
    since = f"since {health.since:%Y-%m-%d %H:%M} UTC ({lasting_words(now - health.since)})"
    return [f"{health.cause}, {since}: {health.sentence}", *fit, f"To do: {card.advice}"]


def _details(card: Scorecard) -> list[str]:
    lines = []
    for one in card.health.evidence if card.health is not None else ():
        usual = f"  (usual: {one.usual})" if one.usual else ""
        lines.append(f"{one.what}: {one.now}{usual}")
    if card.changes:
        lines.append("Changes of the last 30 days:")
    for change in card.changes:
        before = "" if change.before is None else f"{change.before} -> "
        cause = f" ({change.cause})" if change.cause else ""
        lines.append(f"  {change.at:%Y-%m-%d %H:%M} UTC  {before}{change.state}{cause}: {change.sentence}")
    return lines


def _pair(figure: Figure, digits: int) -> str:
    if figure.now is None:
        return "-"
    usual = "" if figure.usual is None else f" ({figure.usual:,.{digits}f})"
    return f"{figure.now:,.{digits}f}{usual}"


def _lasting(figure: Figure) -> str:
    if figure.now is None:
        return "-"
    minutes = figure.now / 60
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.0f} h"


def _fill(card: Scorecard) -> str:
    least = card.least_filled
    if least is None or least[1].now is None:
        return "-"
    name, one = least
    usual = "" if one.usual is None else f" ({percent(one.usual)})"
    return f"{name} {percent(least[1].now)}{usual}"
