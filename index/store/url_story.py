"""Everything kept about one address, read for `why`: its story in order, and the facts about what would happen now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select

from config.counting import counted
from config.outlets import OutletSpec, fold_host
from index.file_schedules import in_force
from index.link_states import LinkState
from index.outcomes import Outcome
from index.records import Decision, Lead, LeadState, Via
from index.store.columns import storable
from index.store.decisions import decisions_about
from index.store.engine import Transaction
from index.store.hosts import get_host
from index.store.link_checks import check_of
from index.store.schedules import get_schedule
from index.store.tables import addresses, articles, jobs, leads, outlet_hosts, pages, tombstones
from index.store.watching import watched_article
from index.urls import url_key
from index.would_ask import LeadSeen, UrlFacts

MOST_JOBS = 500
MOST_PAGES = 200
MOST_HOPS = 5

_ORDER = (
    "linked",
    "found",
    "asked for",
    "fetched",
    "redirected",
    "outcome",
    "stored",
    "address",
    "checked",
    "taken_down",
)
"""What comes first of what happened at one instant."""


def story_of(tx: Transaction, url: str) -> list[Decision]:
    """Return everything that happened to an address in order: what `decisions_about` tells, and jobs, redirects,
    other addresses of the same article, link checks. Raises NotFoundError when nothing is known of it.
    """
    key = url_key(storable(url))
    told = [*decisions_about(tx, url), *_jobs_for(tx, url, key), *_redirected(tx, url, key), *_checked(tx, url)]
    return sorted(told, key=lambda one: (one.at, _ORDER.index(one.what) if one.what in _ORDER else len(_ORDER)))


def facts_of(tx: Transaction, url: str, specs: Mapping[str, OutletSpec], *, now: datetime) -> UrlFacts:
    """Return what decides about asking for an address now; about a dozen statements, however much is known of it."""
    key = url_key(storable(url))
    host = fold_host(urlsplit(url).hostname or "")
    owner = tx.execute(select(outlet_hosts.c.outlet).where(outlet_hosts.c.host == host)).scalar()
    spec = next((one for one in specs.values() if host in one.all_hosts), specs.get(owner or ""))
    facts = UrlFacts(url, spec, lead=_lead(tx, key), host=get_host(tx, host) if host else None)
    grave = tx.execute(select(tombstones).where(tombstones.c.url_key == key)).first()
    if grave is not None:
        facts = replace(facts, taken_down_at=grave.at, taken_down_why=grave.reason)
    article_id = tx.execute(select(addresses.c.article_id).where(addresses.c.url_key == key)).scalar()
    if article_id is not None:
        facts = replace(facts, article_id=article_id, watched=watched_article(tx, article_id))
    if spec is not None:
        held = get_schedule(tx, spec.name)
        plans = in_force([held] if held is not None else [], {spec.name: spec}, now)
        facts = replace(facts, schedule=next(iter(plans), None))
    return facts


def _lead(tx: Transaction, key: str) -> LeadSeen | None:
    row = tx.execute(select(leads).where(leads.c.url_key == key)).first()
    if row is None:
        return None
    lead = Lead(
        url=row.url,
        outlet=row.outlet,
        via=Via(row.via),
        found_in=row.found_in,
        depth=row.depth,
        state=LeadState(row.state),
        attempt=row.attempt,
        outcome=Outcome(row.outcome) if row.outcome else None,
    )
    return LeadSeen(lead, row.tried_at, row.next_try_at, row.run_id)


def _jobs_for(tx: Transaction, url: str, key: str) -> list[Decision]:
    """The jobs that asked for this very address; of its outlet's newest jobs for single addresses five hundred."""
    host = fold_host(urlsplit(url).hostname or "")
    owner = select(outlet_hosts.c.outlet).where(outlet_hosts.c.host == host).scalar_subquery()
    query = select(jobs).where(jobs.c.outlet == owner, jobs.c.url.is_not(None)).order_by(jobs.c.id.desc())
    told = []
    for row in tx.execute(query.limit(MOST_JOBS)):
        if url_key(storable(row.url)) != key:
            continue
        how = f"{row.state}{f' ({row.reason})' if row.reason else ''}"
        detail = f"Job {row.id} asks for it, as {row.asked_by or 'somebody'} wished; {how}."
        told.append(Decision(row.url, row.wanted_at, "asked for", None, detail, row.run_id))
    return told


def _redirected(tx: Transaction, url: str, key: str) -> list[Decision]:
    """That the address led elsewhere, or is another address of an article, each as far as pages and links tell."""
    query = select(addresses.c.added_at, articles.c.id, articles.c.canonical_url).join(
        articles, articles.c.id == addresses.c.article_id
    )
    row = tx.execute(query.where(addresses.c.url_key == key)).first()
    told = []
    if row is not None and url_key(row.canonical_url) != key:
        detail = f"Another address of article {row.id}, which is known as {row.canonical_url}."
        told.append(Decision(url, row.added_at, "address", None, detail))
    if row is not None:
        asked = select(pages).where(pages.c.article_id == row.id).order_by(pages.c.id.desc()).limit(MOST_PAGES)
        for page in tx.execute(asked):
            if page.requested_url and url_key(page.requested_url) == key and page.url_key != key:
                detail = f"Asked for, it led to {page.url}: HTTP {page.status}, {counted(page.body_bytes, 'byte')}."
                told.append(Decision(page.requested_url, page.fetched_at, "redirected", None, detail, page.run_id))
    return told


def _checked(tx: Transaction, url: str) -> list[Decision]:
    """How it answered as a linked address, and where a chain of redirects leads."""
    told: list[Decision] = []
    seen, here = set(), url
    for _ in range(MOST_HOPS):
        check = check_of(tx, here)
        if check is None or url_key(here) in seen:
            break
        seen.add(url_key(here))
        status = f" (HTTP {check.status})" if check.status else ""
        leads_to = f", to {check.leads_to}" if check.leads_to else ""
        whose = "As a link" if not told else f"{here}, as a link"
        detail = f"{whose} {check.state.value}{status}{leads_to}, so since {check.since:%Y-%m-%d %H:%M} UTC."
        told.append(Decision(here, check.checked_at, "checked", None, detail))
        if check.state is not LinkState.REDIRECTED or not check.leads_to:
            break
        here = check.leads_to
    return told
