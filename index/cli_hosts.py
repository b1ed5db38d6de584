"""`watchfloor hosts`: how each host is asked: robots.txt in force, delays, rests, breaker, pace, our User-Agent."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import click

from config.counting import counted
from config.faults import akin
from config.outlets import fold_host
from config.settings import Settings
from config.user_agent import user_agent
from index.errors import NotFoundError
from index.hosts_told import (
    answers_told,
    breaker_told,
    delay_told,
    doing_told,
    host_json,
    moment,
    more_json,
    rest_told,
    robots_told,
    seconds,
    tls_told,
)
from index.robots_rules import lines_for
from index.store import opened_store
from index.store.hosts import ListedHost, hours_of, list_hosts, robots_changes_of, used_since

MOST_LISTED = 10_000
MOST_LINES = 40


@click.group()
def hosts() -> None:
    """Hosts: how each is asked, what its robots.txt and its answers ask of us, and that it is obeyed."""


@hosts.command(name="list")
@click.option("--outlet", metavar="NAME", help="Only those of one outlet.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_(settings: Settings, outlet: str | None, as_json: bool) -> None:
    """List the hosts that were asked, by name."""
    now = datetime.now(UTC)
    with opened_store(settings) as store, store.read() as tx:
        found = list_hosts(tx, now=now, outlet=outlet, limit=MOST_LISTED)
    if as_json:
        listed = [host_json(one.state, now=now, today=one.today, week=one.week) for one in found]
        click.echo(json.dumps(listed, ensure_ascii=False))
        return
    if not found:
        of = f" of {outlet}" if outlet else ""
        click.echo(f"No host{of} was asked yet; a crawl keeps what it sees of those it asks.")
        return
    heads = ("host", "outlet", "now", "delay", "rule", "today", "7 days", "answer", "asked last")
    click.echo("{:<32} {:<20} {:<13} {:>7} {:<12} {:>6} {:>7} {:>7} {:<20}".format(*heads))
    for one in found:
        click.echo(_line(one, now))


@hosts.command()
@click.argument("host", metavar="HOST")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def show(settings: Settings, host: str, as_json: bool) -> None:
    """Show a host: robots.txt in force, delay and why, rests it asked for, breaker, answers, pace, our User-Agent."""
    now, agent = datetime.now(UTC), user_agent(settings)
    folded = fold_host(host.strip().removeprefix("https://").removeprefix("http://").split("/")[0])
    with opened_store(settings) as store, store.read() as tx:
        one = used_since(tx, folded, now=now)
        if one is None:
            names = [listed.state.host for listed in list_hosts(tx, now=now, limit=MOST_LISTED)]
            raise NotFoundError(
                f"{host[:200]}: no crawl has asked this host{akin(folded, names)}; `watchfloor hosts list` names all."
            )
        hours = hours_of(tx, folded, since=now - timedelta(days=7))
        changes = robots_changes_of(tx, folded)
    if as_json:
        told = host_json(one.state, now=now, today=one.today, week=one.week)
        more = more_json(one.state, hours, changes, user_agent=agent)
        click.echo(json.dumps({**told, **more}, ensure_ascii=False))
        return
    state = one.state
    gaps = [hour.smallest_gap_s for hour in hours if hour.smallest_gap_s is not None]
    least = f"; the least between two was {seconds(min(gaps))}" if gaps else ""
    asked = "never" if state.asked_at is None else moment(state.asked_at)
    lines = [
        f"{state.host}{f', of {state.outlet}' if state.outlet else ', of no outlet'}",
        f"we are     {agent}",
        f"delay      {delay_told(state)}",
        f"asked      last {asked}; {counted(one.today, 'request')} today (UTC), {one.week} in 7 days{least}",
        f"rest       {rest_told(state, now)}",
        f"breaker    {breaker_told(state)}",
        f"answers    {answers_told(state)}",
        f"TLS        {tls_told(state)}",
        f"robots.txt {robots_told(state)}",
    ]
    ours = lines_for(state.robots.text, agent) if state.robots is not None else ()
    lines += [f"  {line.number:>4}  {line.text[:160]}" for line in ours[:MOST_LINES]]
    if len(ours) > MOST_LINES:
        lines.append(f"        and {counted(len(ours) - MOST_LINES, 'line')} more")
    lines += [f"changed    {moment(change.at)}: {change.in_words}" for change in changes[:5]]
    click.echo("\n".join(lines))


def _line(one: ListedHost, now: datetime) -> str:
    state = one.state
    answer = "-" if state.response_s is None else seconds(state.response_s)
    asked = "never" if state.asked_at is None else moment(state.asked_at)
    return (
        f"{state.host:<32} {state.outlet:<20} {doing_told(state, now):<13} {seconds(state.delay_s):>7} "
        f"{state.delay_why.value:<12} {one.today:>6} {one.week:>7} {answer:>7} {asked:<20}"
    )
