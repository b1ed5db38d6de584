"""How the site's own machine and index stand, asked of disk, database and engine."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from config.errors import WatchfloorError
from index.alerts.records import Facts
from index.alerts.terms import terms_of_page
from index.alerts.troubles import troubles_of
from index.errors import IndexDamagedError
from index.file_schedules import in_force
from index.job_records import KeptSchedule
from index.needs import Need, Standing, needs_of
from index.store import Transaction
from index.store.alert_facts import gather_facts, unread_since
from index.store.alerts import count_unsent
from index.store.changes import last_change
from index.store.schedules import list_schedules
from web.site import site

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Stands:
    """What the first page tells: what needs a person, and the figures behind it."""

    needs: list[Need]
    standing: Standing
    facts: Facts
    position: int
    disk_mb: int


def how_it_stands(tx: Transaction) -> Stands:
    """Read everything that may need a person."""
    now, parts = site().now(), site()
    terms = terms_of_page(parts.settings.alerts)
    facts = gather_facts(tx, states=terms.states, since=now - terms.flap_within, now=now)
    kept = in_force(list_schedules(tx), parts.files.specs(), now)
    paused = [one for one in kept if one.paused_at is not None]
    standing, position, disk_mb = _standing(tx, kept, paused)
    needs = needs_of(troubles_of(facts, terms, now).found, paused, standing, facts, now, terms=terms)
    return Stands(needs, standing, facts, position, disk_mb)


def _standing(tx: Transaction, kept: list[KeptSchedule], paused: list[KeptSchedule]) -> tuple[Standing, int, int]:
    settings = site().settings
    fault, position, end = "", 0, last_change(tx)
    try:
        position = site().backend.position()
    except IndexDamagedError as error:
        fault = "It is being made anew just now." if error.rebuilding else f"It does not open; {error.mended_by}."
    except WatchfloorError:
        fault = "It does not answer; the log of the site has the cause."
    behind = max(0, end - position)
    disk = shutil.disk_usage(settings.data.dir if settings.data.dir.exists() else ".")
    standing = Standing(
        free_mb=disk.free // MB,
        least_mb=settings.crawler.min_free_mb,
        index_fault=fault,
        behind=behind,
        behind_since=unread_since(tx, position) if behind and not fault else None,
        scheduled=len(kept) - len(paused),
        unsent=count_unsent(tx)[1],
    )
    return standing, position, disk.total // MB
