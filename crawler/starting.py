"""How a run begins: is the order one that may be run, may the outlet be asked now, and the run's row."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from config.errors import ConfigurationError, TryAgainError, UsageError
from config.outlets import OutletSpec
from crawler.identity import clean_url
from crawler.network.settings import why_no_contact
from crawler.orders import Order
from index.records import Run
from index.store import Store
from index.store.jobs import attach_run
from index.store.outlets import register_outlets, rests_until
from index.store.runs import asked_last_at, start_run, was_cut


@dataclass(frozen=True, slots=True)
class Started:
    """A run's row, and what the rows of the runs before it say."""

    run: Run
    asked_before: datetime | None
    was_cut: bool


def begin(store: Store, order: Order, spec: OutletSpec, specs: Mapping[str, OutletSpec], *, now: datetime) -> Started:
    """Write the outlets and the run's row. Raises TryAgainError while the outlet asked to be left alone."""
    replayed = order.replay is not None
    with store.write() as tx:
        register_outlets(tx, specs.values(), now)
    with store.write() as tx:
        until = None if replayed else rests_until(tx, spec.name, now=now)
        if until is not None:
            raise TryAgainError(
                f"{spec.name}: asked to be left alone until {until:%Y-%m-%d %H:%M} UTC (Retry-After); "
                "repeat after that."
            )
        asked_before = asked_last_at(tx, spec.name, now=now)
        cut = was_cut(tx, spec.name)
        kind = "replay" if replayed else "check" if order.check else "crawl"
        run = start_run(tx, spec.name, kind=kind, now=now, pid=os.getpid(), host=socket.gethostname())
        if order.job is not None:
            attach_run(tx, *order.job, run.id)
    return Started(run, asked_before, cut)


def ordered(order: Order, specs: Mapping[str, OutletSpec]) -> OutletSpec:
    """Return the outlet of an order that may be run; raises what is wrong with it."""
    if order.outlet not in specs:
        raise UsageError(f"{order.outlet}: no outlet of that name.")
    spec = specs[order.outlet]
    refusal = why_no_contact(order.settings, spec) if order.replay is None else None
    if refusal:
        raise ConfigurationError([refusal])
    for url in (*order.check, *([order.url] if order.url is not None else [])):
        _check_address(url, spec)
    return spec


def _check_address(url: str, spec: OutletSpec) -> None:
    """Raise UsageError for an address that this outlet cannot be asked for."""
    try:
        clean_url(url, spec)
    except ValueError as error:
        raise UsageError(f"{url[:200]}: {error}.") from None
    if not spec.owns(url):
        raise UsageError(f"{url[:200]}: on no host of {spec.name}; name the outlet that has it.")
