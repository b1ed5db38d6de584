"""The last act of a crawl: what it saw is kept, its outlet is judged, and a run below a minimum is not called fresh.

It stands in the transaction that ends the run's row, so that neither is known without the other.
"""

from __future__ import annotations

import logging
from datetime import datetime

from config.outlets import OutletSpec
from config.settings import Settings
from index.health.records import HealthChange, HealthState, Observation
from index.judging_outlets import judge_outlet
from index.records import Run
from index.store import Transaction
from index.store.engine import apart
from index.store.health import save_observation
from index.store.runs import mark_unfit

log = logging.getLogger(__name__)


def observe_and_judge(
    tx: Transaction, run: Run, observation: Observation, *, spec: OutletSpec, settings: Settings, now: datetime
) -> Run:
    """Keep an observation and judge its outlet by it; return the run, which says so where it is not fresh news.

    A judgement that fails is logged and changes nothing: the run ends all the same, with what it saw.
    """
    save_observation(tx, observation)
    try:
        with apart(tx):
            judged = judge_outlet(tx, run.outlet, spec, now=now, settings=settings)
            if judged is not None and judged.unfit:
                run = mark_unfit(tx, run.id, judged.unfit)
            if judged is not None and judged.change is not None:
                tell_change(judged.change)
    except Exception:
        log.exception("outlet not judged", extra={"outlet": run.outlet, "run": run.id})
    return run


def tell_change(change: HealthChange) -> None:
    """Log that an outlet came into a state, or out of it; an operator's alerts are sent from the row, not from here."""
    well = change.state in (HealthState.HEALTHY, HealthState.PAUSED)
    log.log(
        logging.INFO if well else logging.WARNING,
        "outlet health changed: %s",
        change.sentence,
        extra={"outlet": change.outlet, "state": change.state.value, "cause": change.cause},
    )
