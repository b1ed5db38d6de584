"""`watchfloor alerts`: what is wrong, what was told of it and where, and whether the ways to tell are open."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from typing import Any

import click

from config.errors import EXIT_PARTIAL, UsageError, WatchfloorError
from config.settings import Settings
from crawler.telling.channels import channels_of
from index.alerts.records import Alert, Said, Telling, Told
from index.alerts.wording import one_line, trial_message
from index.store import opened_store
from index.store.alerts import list_alerts

OFF = "No channel is set, so nobody is told: see [alerts] mail_to and webhook_url in the settings."
_WORDS = {Said.BEGAN: "its begin", Said.FLAPPING: "that it comes and goes", Said.OVER: "its end"}


@click.group()
def alerts() -> None:
    """What is wrong and what was told of it; a test of the ways to tell. The scheduler sends alerts."""


@alerts.command(name="list")
@click.option("--open", "only_open", is_flag=True, help="Only those that are not over.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Alerts at the most.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_(settings: Settings, only_open: bool, limit: int, as_json: bool) -> None:
    """List alerts: those that are not over first, each with what was told of it."""
    with opened_store(settings) as store, store.read() as tx:
        found = list_alerts(tx, limit=limit, only_open=only_open)
    if as_json:
        click.echo(json.dumps([as_values(one) for one in found], ensure_ascii=False))
        return
    for one in found:
        click.echo(in_lines(one))
    if not found:
        click.echo("Nothing is wrong." if only_open else "Nothing has been wrong yet.")
    if not channels_of(settings):
        click.echo(OFF, err=True)


@alerts.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def test(settings: Settings, as_json: bool) -> int:
    """Send a test message on each channel and say what came of it. Exit code 10 where one was not taken."""
    channels = channels_of(settings)
    if not channels:
        raise UsageError(OFF)
    message = trial_message(datetime.now(UTC), sender=socket.gethostname())
    tried = []
    for channel in channels:
        try:
            note = channel.send(message)
            tried.append({"channel": channel.name, "target": channel.target, "taken": True, "said": note})
        except WatchfloorError as error:
            tried.append({"channel": channel.name, "target": channel.target, "taken": False, "said": str(error)})
    if as_json:
        click.echo(json.dumps(tried, ensure_ascii=False))
    else:
        for one in tried:
            taken = "taken; look whether it arrives." if one["taken"] else "not taken."
            click.echo(" ".join(f"{one['channel']} to {one['target']}: {taken} {one['said']}".split()))
    return 0 if all(one["taken"] for one in tried) else EXIT_PARTIAL


def in_lines(told: Told) -> str:
    """Write an alert in a line for itself, one for its sentence, and one for each thing told of it."""
    alert = told.alert
    state = f"over since {_at(alert.cleared_at or alert.ended_at)}" if alert.ended_at else alert.state
    head = f"{one_line(alert.subject, 60)}: {state}, since {_at(alert.first_at)}"
    if alert.ended_at:
        head = f"{one_line(alert.subject, 60)}: was {alert.state} from {_at(alert.first_at)}, {state}"
    lines = [head, f"  {one_line(alert.sentence, 600)}"]
    if alert.settled_at is None:
        lines.append("  Not told yet: it has not lasted long enough, or is part of many at once.")
    lines += [f"  {_fate(one)}" for one in told.tellings]
    return "\n".join(lines)


def as_values(told: Told) -> dict[str, Any]:
    """Return an alert as JSON values."""
    alert = told.alert
    return {
        "id": alert.id,
        "key": alert.key,
        "kind": alert.kind.value,
        "subject": alert.subject,
        "state": _state(alert),
        "trouble": alert.state,
        "sentence": alert.sentence,
        "began_at": alert.first_at.isoformat(),
        "settled_at": _instant(alert.settled_at),
        "over_at": _instant(alert.cleared_at),
        "ended_at": _instant(alert.ended_at),
        "told": [
            {
                "channel": one.channel,
                "said": one.said.value,
                "told_at": _instant(one.told_at),
                "dropped_at": _instant(one.dropped_at),
                "attempts": one.attempts,
                "next_try_at": _instant(one.next_try_at),
                "last_error": one.last_error,
            }
            for one in told.tellings
        ],
    }


def _state(alert: Alert) -> str:
    return "over" if alert.ended_at else "open" if alert.settled_at else "settling"


def _fate(one: Telling) -> str:
    what = f"{one.channel}: {_WORDS[one.said]}"
    if one.told_at is not None:
        return f"{what} told {_at(one.told_at)}"
    if one.dropped_at is not None:
        return f"{what} never told ({one.last_error or 'it was over before'})"
    again = f", tried again {_at(one.next_try_at)}" if one.next_try_at is not None else ""
    return f"{what} not told yet{again}{f': {one.last_error}' if one.last_error else ''}"


def _at(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
