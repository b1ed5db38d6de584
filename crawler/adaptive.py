"""The interval of an adaptive schedule: by what its outlet wrote of late, and by what is due to be looked at again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from index.revisits import Pace, Watched, next_look
from index.schedules import Schedule, adaptive_wait
from index.store import Store
from index.store.schedules import articles_since
from index.store.watching import watched_articles

PACE_OVER = timedelta(days=7)
"""An adaptive schedule goes by what its outlet wrote in these days."""

WANTED = 3
"""Worth a run: so many new articles, or so many held that are due to be looked at again."""


def wait_of(store: Store, plan: Schedule, now: datetime, pace: Pace | None) -> timedelta | None:
    """Return how long the schedule waits from `now`; None for one that is not adaptive.

    `pace` is that of looking again, None where articles are not. Reads only: it is called before the write that keeps
    its answer, for an outlet's articles may take a second.
    """
    if plan.when.between is None:
        return None
    with store.read() as tx:
        wrote = articles_since(tx, plan.outlet, now - PACE_OVER, now)
        held = [] if pace is None else watched_articles(tx, plan.outlet, since=now - pace.until)
    look_in = None if pace is None else until_looks(held, pace, now)
    return adaptive_wait(wrote, PACE_OVER, plan.when.between, wanted=WANTED, look_in=look_in)


def until_looks(held: list[Watched], pace: Pace, now: datetime) -> timedelta | None:
    """Return when WANTED articles are due again; what is due already is looked at by the run that begins now."""
    coming = []
    for one in held:
        at = next_look(one, pace)
        if at is not None and at <= now:
            at = next_look(replace(one, fetched_at=now), pace)
        if at is not None:
            coming.append(at)
    return sorted(coming)[WANTED - 1] - now if len(coming) >= WANTED else None
