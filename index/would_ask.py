"""What would happen to an address if a crawl came upon it now, and when it will: decided from values, as a crawl does.

First what the address is, then what its host asks of us, then what is known of it. Pure; nothing is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from config.counting import counted
from config.outlets import OutletSpec
from config.settings import Settings
from config.user_agent import user_agent
from index.host_records import Breaker, HostState
from index.hosts_told import moment
from index.job_records import KeptSchedule
from index.outcomes import STORED, Outcome
from index.records import Lead, LeadState, Via
from index.revisits import Watched, next_look, pace_of
from index.robots_rules import line_forbidding, lines_for, may_ask
from index.schedules import next_firing
from index.traps import why_trap
from index.urls import url_key
from index.usual import lasting


@dataclass(frozen=True, slots=True)
class LeadSeen:
    """A lead with when it was tried last, when it may be tried again, and the run that has it now."""

    lead: Lead
    tried_at: datetime | None = None
    next_try_at: datetime | None = None
    run_id: int | None = None


@dataclass(frozen=True, slots=True)
class UrlFacts:
    """What is known of an address: `spec` is of the outlet whose host it is, `article_id` of the article it shows."""

    url: str
    spec: OutletSpec | None = None
    lead: LeadSeen | None = None
    taken_down_at: datetime | None = None
    taken_down_why: str = ""
    host: HostState | None = None
    article_id: int | None = None
    watched: Watched | None = None
    schedule: KeptSchedule | None = None


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an address would not be asked for now, until when; `by_hand`: `crawl --url` asks all the same."""

    outcome: Outcome | None
    sentence: str
    until: datetime | None = None
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Coming:
    """When an address will be looked at (None: no instant is known, or never), and why then, in words."""

    at: datetime | None
    sentence: str


def obstacles(facts: UrlFacts, settings: Settings, *, now: datetime) -> list[Obstacle]:
    """Return everything that keeps a crawl from asking for an address now, the gravest first."""
    parts = urlsplit(facts.url)
    if parts.scheme not in ("http", "https"):
        return [Obstacle(Outcome.SCHEME_REFUSED, "Only http and https are asked.")]
    if facts.spec is None:
        way = f"`watchfloor outlets new {facts.url}` makes one."
        return [Obstacle(None, f"{parts.hostname or facts.url} is a host of no outlet here; {way}")]
    # What its host asks is told before what came of it last: that it was refused then is no reason by itself.
    of_host = _of_host(facts, settings, now)
    if source_told(facts.url, facts.spec):
        return of_host
    return [*_of_address(facts, facts.spec, settings), *of_host, *_of_past(facts, settings, now)]


def coming(facts: UrlFacts, settings: Settings, *, now: datetime) -> Coming:
    """Say when an address will be looked at, and why then."""
    if facts.taken_down_at is not None:
        return Coming(None, "Never: it was taken down here.")
    if facts.spec is None:
        return Coming(None, "Never: its host is of no outlet here.")
    crawl = _next_crawl(facts, facts.spec, now)
    source = source_told(facts.url, facts.spec)
    if source:
        return Coming(
            crawl.at, f"It is a {source} of {facts.spec.name}, read first in each of its crawls. {crawl.sentence}"
        )
    seen = facts.lead
    if seen is not None and seen.lead.state is LeadState.TAKEN:
        return Coming(now, f"Run {seen.run_id} has taken it and asks for it in its turn.")
    if seen is not None and seen.lead.state is LeadState.WAITING:
        later = seen.next_try_at if seen.next_try_at is not None and seen.next_try_at > now else None
        told = f"It waits for the first crawl after {moment(later)}" if later else "It waits for the next crawl"
        return Coming(_later(later, crawl.at), f"{told}, within that run's budget of pages. {crawl.sentence}")
    if facts.watched is not None:
        return _looked_at_again(facts.watched, settings, crawl)
    if seen is not None and seen.tried_at is not None and seen.lead.outcome not in STORED:
        at = seen.tried_at + timedelta(hours=settings.crawler.revisit_after_h)
        told = f"When a source of the outlet names it after {moment(at)}, or says that it changed. {crawl.sentence}"
        return Coming(None, told)
    return Coming(None, f"When a source or an article names it, or `crawl --url` asks for it. {crawl.sentence}")


def source_told(url: str, spec: OutletSpec) -> str:
    """Say which kind of source of an outlet an address is: feed, sitemap or listing; "" where it is none."""
    key = url_key(url)
    kinds = (("feed", spec.leads.feeds), ("sitemap", spec.leads.sitemaps), ("listing", spec.leads.listings))
    return next((kind for kind, urls in kinds if any(url_key(one) == key for one in urls)), "")


def _looked_at_again(watched: Watched, settings: Settings, crawl: Coming) -> Coming:
    pace = pace_of(settings.crawler)
    at = next_look(watched, pace)
    begun = max(watched.begun_at, watched.changed_at or watched.begun_at)
    what = "edited" if watched.changed_at is not None and watched.changed_at == begun else "published"
    if at is None:
        days = counted(round(settings.crawler.revisit_until_days), "day")
        told = f"Never, unless a source calls it changed: {what} {moment(begun)}, it would be quiet for {days} by then."
        return Coming(None, told)
    quiet = lasting(max(0.0, (watched.fetched_at - begun).total_seconds()))
    why = f"because it was {what} {moment(begun)} and had been left alone for {quiet} when last looked at"
    more = (
        "; a live report, so sooner"
        if watched.is_live
        else "; often edited, so sooner"
        if watched.revisions >= 3
        else ""
    )
    told = f"In the first crawl after {moment(at)}, {why}, {moment(watched.fetched_at)}{more}. {crawl.sentence}"
    return Coming(_later(at, crawl.at), told)


def _next_crawl(facts: UrlFacts, spec: OutletSpec, now: datetime) -> Coming:
    kept = facts.schedule
    if kept is None:
        return Coming(None, f"{spec.name} has no schedule: it is crawled when somebody asks for it.")
    if kept.paused_at is not None:
        reason = f": {kept.paused_reason}" if kept.paused_reason else ""
        return Coming(None, f"The schedule of {spec.name} is paused since {moment(kept.paused_at)}{reason}.")
    at = next_firing(kept.plan, max(now, kept.planned_until))
    if at is None:
        return Coming(None, f"The schedule of {spec.name} never fires again.")
    return Coming(at, f"The next crawl of {spec.name} is planned for {moment(at)}.")


def _of_address(facts: UrlFacts, spec: OutletSpec, settings: Settings) -> list[Obstacle]:
    """What the address itself is, and what the outlet's file says of it."""
    found = []
    trap = why_trap(facts.url, settings)
    if trap:
        found.append(Obstacle(Outcome.TRAP, trap, by_hand=True))
    depth = facts.lead.lead.depth if facts.lead is not None else 0
    if depth > settings.crawler.max_depth:
        told = f"{counted(depth, 'link step')} from a source; the limit is {settings.crawler.max_depth}."
        found.append(Obstacle(Outcome.TOO_DEEP, told, by_hand=True))
    if facts.taken_down_at is not None:
        why = f": {facts.taken_down_why}" if facts.taken_down_why else ""
        found.append(Obstacle(Outcome.TAKEN_DOWN, f"Taken down here {moment(facts.taken_down_at)}{why}."))
    named = facts.lead is not None and facts.lead.lead.via in (Via.HUB, Via.COMMAND)
    if not named and not spec.is_article_url(facts.url):
        told = "The outlet's file says this address is no article ([articles] match, exclude)."
        found.append(Obstacle(Outcome.NOT_ARTICLE, told, by_hand=True))
    try:
        port = urlsplit(facts.url).port
    except ValueError:
        port = 0
    if port is not None and port not in {*settings.network.ports, *spec.ports}:
        found.append(Obstacle(Outcome.ADDRESS_REFUSED, f"Port {port} is not among those that may be asked."))
    return found


def _of_past(facts: UrlFacts, settings: Settings, now: datetime) -> list[Obstacle]:
    """What was found out about it before."""
    seen, watched = facts.lead, facts.watched
    if watched is not None:
        at = next_look(watched, pace_of(settings.crawler))
        if at is None or at > now:
            told = f"Held as article {watched.article_id}, and no source says it changed"
            until = f"; looked at again after {moment(at)}" if at is not None else ""
            return [Obstacle(Outcome.UNCHANGED, f"{told}{until}.", at, by_hand=True)]
        return []
    if seen is None:
        return []
    if seen.lead.state is LeadState.DONE and seen.lead.outcome is not None and seen.lead.outcome not in STORED:
        told = f"Its last try ended as {seen.lead.outcome}; it is tried again when a source names it anew."
        return [Obstacle(seen.lead.outcome, told, by_hand=True)]
    if seen.next_try_at is not None and seen.next_try_at > now:
        told = f"It is to be tried again after {moment(seen.next_try_at)}, not before."
        return [Obstacle(None, told, seen.next_try_at, by_hand=True)]
    return []


def _of_host(facts: UrlFacts, settings: Settings, now: datetime) -> list[Obstacle]:
    """What its host asks of us."""
    host, found = facts.host, list[Obstacle]()
    name = urlsplit(facts.url).hostname or ""
    if host is not None:
        found += _of_known_host(facts.url, host, settings, now)
    if not settings.crawler.contact.strip() and name.lower() not in settings.private_hosts:
        found.append(Obstacle(None, "crawler.contact is empty: no public host is asked without it."))
    return found


def _of_known_host(url: str, host: HostState, settings: Settings, now: datetime) -> list[Obstacle]:
    found = _of_robots(url, host, settings)
    if host.rest is not None and host.rest.until > now:
        told = f"{host.host} rests until {moment(host.rest.until)}: {host.rest.why}."
        found.append(Obstacle(Outcome.RATE_LIMITED, told, host.rest.until))
    if host.breaker is Breaker.OPEN:
        told = f"{host.host} is left alone until the run that asks it ends: {host.breaker_why}."
        found.append(Obstacle(Outcome.CONNECTION_FAILED, told))
    return found


def _of_robots(url: str, host: HostState, settings: Settings) -> list[Obstacle]:
    robots, agent = host.robots, user_agent(settings)
    if robots is None:
        return []
    read = f"as read {moment(robots.at)}"
    if robots.trouble:
        told = f"{robots.trouble} So it was {moment(robots.at)}; the next run reads it first."
        return [Obstacle(Outcome.SERVER_ERROR, told)]
    if not may_ask(robots.text, url, agent):
        line = line_forbidding(lines_for(robots.text, agent), url)
        told = line.told if line is not None else f"robots.txt of {host.host}"
        return [Obstacle(Outcome.ROBOTS_DENIED, f"{told} forbids it ({read}).")]
    limit = settings.politeness.max_crawl_delay_s
    if robots.crawl_delay_s > limit:
        told = (
            f"robots.txt asks for {robots.crawl_delay_s:.0f} s between requests; the limit is {limit:.0f} s ({read})."
        )
        return [Obstacle(Outcome.ROBOTS_DENIED, told)]
    return []


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the earliest instant that lies behind both; None stands for an instant that is not known."""
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)
