"""The one door to ask for a run: `request_run`. The command line and the site both go through it."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Mapping
from datetime import datetime

from config.counting import counted
from config.errors import UsageError
from config.faults import akin
from config.outlets import OutletSpec
from index.job_records import Job, Wish
from index.store import Transaction
from index.store.audit import note_act
from index.store.jobs import add_job
from index.urls import canonical_url

MOST_PAGES = 86_400
"""A limit over it limits nothing: a host is asked once a second at the most."""


def request_run(tx: Transaction, wish: Wish, *, specs: Mapping[str, OutletSpec], by: str, now: datetime) -> Job:
    """Ask for a run; a worker takes it as soon as one is free.

    Raises UsageError for an unknown outlet, what is no address or one of another, or a limit that is none.
    """
    spec = specs.get(wish.outlet)
    if not wish.outlet:
        raise UsageError("Name the outlet; `watchfloor outlets list` names all.")
    if spec is None:
        raise UsageError(
            f"{wish.outlet}: no outlet of that name{akin(wish.outlet, specs)}; `watchfloor outlets list` names all."
        )
    if wish.limit is not None and wish.limit < 1:
        raise UsageError(f"A limit of {counted(wish.limit, 'page')} is no run; name 1 or more.")
    if wish.limit is not None and wish.limit > MOST_PAGES:
        raise UsageError(
            f"A limit of {counted(wish.limit, 'page')} is none: no run comes so far, {MOST_PAGES:,} are a day of one a "
            "second. Name fewer, or none for the outlet's own budget."
        )
    if wish.url is not None:
        _refuse_foreign(wish.url, spec)
    job = add_job(tx, wish, by=by, now=now)
    what = wish.url or (counted(wish.limit, "page") + " at the most" if wish.limit else "")
    detail = f"job {job.id}{f': {what}' if what else ''}"
    note_act(tx, by=by, act="asked for a run of", subject=wish.outlet, detail=detail, now=now)
    return job


def _refuse_foreign(url: str, spec: OutletSpec) -> None:
    try:
        canonical_url(url)
    except ValueError:
        raise UsageError(
            f"{url[:200]!r}: no whole address; write it with its https://, as the browser shows it."
        ) from None
    if not spec.owns(url):
        raise UsageError(f"{url[:200]}: on no host of {spec.name}; name the outlet that has it.")


def who() -> str:
    """Name whoever runs this process, for the log of changes: user and machine."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container without a name for its user
        user = "somebody"
    return f"{user}@{socket.gethostname()}"
