"""The last act of a crawl: what it saw is kept, its outlet is judged, and a run below a minimum is not called fresh.

What is kept stands in the transaction that ends the run's row, so that neither is known without the other. What is
judged by is read before: weeks of runs take a while to read, and others wait for whoever writes.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime

from config.outlets import OutletSpec
from config.settings import Settings
from index.health.history import Facts, History
from index.health.judging import Judged, judge
from index.health.records import HealthChange, HealthState, Observation
from index.judging_outlets import facts_of
from index.records import Run
from index.store import Store, Transaction
from index.store.health import save_observation, set_health
from index.store.runs import mark_unfit

log = logging.getLogger(__name__)


def facts_before(store: Store, spec: OutletSpec, *, settings: Settings, now: datetime) -> Facts:
    """Read what is known of an outlet from the runs before the one that ends now."""
    with store.read() as tx:
        return facts_of(tx, spec.name, spec, now=now, settings=settings)


def observe_and_judge(tx: Transaction, run: Run, observation: Observation, before: Facts) -> Run:
    """Keep an observation and judge its outlet by it; return the run, which says so where it is not fresh news.

    A judgement that fails is logged and changes nothing: the run ends all the same, with what it saw.
    """
    save_observation(tx, observation)
    judged = _judged(run, observation, before)
    if judged is None:
        return run
    change = set_health(tx, judged.health)
    if change is not None:
        tell_change(change)
    return mark_unfit(tx, run.id, judged.unfit) if judged.unfit else run


def tell_change(change: HealthChange) -> None:
    """Log that an outlet came into a state, or out of it; an operator's alerts are sent from the row, not from here."""
    well = change.state in (HealthState.HEALTHY, HealthState.PAUSED)
    log.log(
        logging.INFO if well else logging.WARNING,
        "outlet health changed: %s",
        change.sentence,
        extra={"outlet": change.outlet, "state": change.state.value, "cause": change.cause},
    )


def _judged(run: Run, observation: Observation, before: Facts) -> Judged | None:
    history = History.of((*before.history.seen, observation))
    runs = (run, *(one for one in before.runs if one.id != run.id))
    try:
        return judge(replace(before, history=history, runs=runs))
    except Exception:
        log.exception("outlet not judged", extra={"outlet": run.outlet, "run": run.id})
        return None
