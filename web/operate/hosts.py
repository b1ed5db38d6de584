"""`/operate/hosts` and `/operate/hosts/<host>`: how each host is asked, what it asked of us, and that it is obeyed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from config.counting import counted
from config.outlets import fold_host
from config.user_agent import user_agent
from index import hosts_told
from index.account_records import Role
from index.errors import NotFoundError
from index.host_records import HostState, HourOfUse
from index.robots_rules import lines_for
from index.store.hosts import hours_of, list_hosts, robots_changes_of, used_since
from index.store.outlets import outlet_titles
from web.auth import needs
from web.pictures import Bars, hour_bars
from web.site import answer, site

pages = Blueprint("operate_hosts", __name__, url_prefix="/operate/hosts")
HOSTS_PAGE = 100
DAYS_SHOWN = 7
MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class DayOfUse:
    """How a host was asked within one day of UTC."""

    day: str
    requests: int
    failures: int
    waited_s: float
    smallest_gap_s: float | None


@pages.get("")
@needs(Role.OPERATOR)
def host_list() -> ResponseReturnValue:
    """List the hosts that were asked, by name, of all outlets or one; a hundred a page."""
    outlet, after = (request.args.get(name, "").strip()[:300] for name in ("outlet", "after"))
    now = site().now()
    with site().store.read() as tx:
        found = list_hosts(tx, now=now, outlet=outlet or None, after=after, limit=HOSTS_PAGE + 1)
        titles = outlet_titles(tx)
    shown = found[:HOSTS_PAGE]
    more = shown[-1].state.host if len(found) > HOSTS_PAGE else None
    listed = [hosts_told.host_json(one.state, now=now, today=one.today, week=one.week) for one in shown]
    return answer(
        "operate/hosts.html",
        {"user_agent": user_agent(site().settings), "hosts": listed, "after": more},
        hosts=shown,
        more=more,
        after=after,
        outlet=outlet,
        titles=titles,
        agent=user_agent(site().settings),
        contact=site().settings.crawler.contact,
        told=hosts_told,
        now=now,
    )


@pages.get("/<host>")
@needs(Role.OPERATOR)
def host(host: str) -> ResponseReturnValue:
    """Show a host: what is in force and why, how it was asked by hour, its robots.txt and how that changed."""
    now, agent = site().now(), user_agent(site().settings)
    since = (now - timedelta(days=DAYS_SHOWN)).replace(minute=0, second=0, microsecond=0)
    with site().store.read() as tx:
        one = used_since(tx, fold_host(host), now=now)
        if one is None:
            raise NotFoundError(f"No crawl has asked {host[:200]} yet.")
        hours = hours_of(tx, one.state.host, since=since)
        changes = robots_changes_of(tx, one.state.host)
        titles = outlet_titles(tx)
    told = hosts_told.host_json(one.state, now=now, today=one.today, week=one.week)
    more = hosts_told.more_json(one.state, hours, changes, user_agent=agent)
    text = one.state.robots.text if one.state.robots is not None else ""
    ours = lines_for(text, agent)
    return answer(
        "operate/host.html",
        {**told, **more},
        one=one,
        state=one.state,
        facts=_facts(one.state, now),
        picture=_picture(hours, since, now),
        days=_days(hours),
        lines=ours[:MOST_LINES],
        left_out=max(0, len(ours) - MOST_LINES),
        whole_file=text,
        changes=changes,
        titles=titles,
        agent=agent,
        contact=site().settings.crawler.contact,
        told=hosts_told,
        now=now,
    )


def _facts(state: HostState, now: datetime) -> list[tuple[str, str]]:
    """What is in force, as (what, in words)."""
    return [
        ("Delay", hosts_told.delay_told(state)),
        ("Retry-After", hosts_told.rest_told(state, now)),
        ("After failures", hosts_told.breaker_told(state)),
        ("Last answers", hosts_told.answers_told(state)),
        ("Certificates", hosts_told.tls_told(state)),
        ("robots.txt", hosts_told.robots_told(state)),
    ]


def _picture(hours: Sequence[HourOfUse], since: datetime, now: datetime) -> Bars | None:
    if not hours:
        return None
    slots = [((hour.hour - since) // timedelta(hours=1), hour.requests, _hour_told(hour)) for hour in hours]
    size = (now - since) // timedelta(hours=1) + 1
    return hour_bars(slots, size=size, first=f"{since:%d %b %H:%M}", last=f"{now:%d %b %H:%M} UTC")


def _hour_told(hour: HourOfUse) -> str:
    told = f"{hour.hour:%d %b %H:00} UTC: {counted(hour.requests, 'request')}"
    if hour.failures:
        told += f", {counted(hour.failures, 'failure')}"
    if hour.smallest_gap_s is not None:
        told += f", at least {hosts_told.seconds(hour.smallest_gap_s)} apart"
    return told


def _days(hours: Sequence[HourOfUse]) -> list[DayOfUse]:
    """Add the hours up by day, the newest first."""
    by_day: dict[str, list[HourOfUse]] = {}
    for hour in hours:
        by_day.setdefault(f"{hour.hour:%Y-%m-%d}", []).append(hour)
    return [
        DayOfUse(
            day,
            sum(hour.requests for hour in found),
            sum(hour.failures for hour in found),
            sum(hour.waited_s for hour in found),
            min((hour.smallest_gap_s for hour in found if hour.smallest_gap_s is not None), default=None),
        )
        for day, found in sorted(by_day.items(), reverse=True)
    ]
