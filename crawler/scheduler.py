"""The scheduler: at each tick it makes a job of every firing that has come, once, whatever the number of schedulers.

Schedules are read anew at each tick, so an edit is in force within seconds. Those of outlet files count where no
operator has set another; they are kept as rows too, for a firing must be dealt with once.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.counting import counted
from config.errors import WatchfloorError
from config.outlet_files import OutletFiles
from config.outlets import OutletSpec
from config.settings import Settings
from crawler.adaptive import wait_of
from crawler.closing import tell_change
from crawler.pulse import Pulse, end_in_order
from crawler.revisiting import watched_pace
from crawler.stopping import Stop
from crawler.upkeep import Upkeep
from crawler.worker import Clock, utc_now
from index.alerts.records import Part
from index.file_schedules import follow_files
from index.job_records import KeptSchedule
from index.judging_outlets import judge_silence
from index.revisits import Pace
from index.schedules import Schedule, due, next_firing, starts_at
from index.store import Store, open_store
from index.store.jobs import add_planned_job
from index.store.schedules import (
    list_schedules,
    note_dealt_with,
    note_wait,
)

log = logging.getLogger(__name__)

LONGEST_SLEEP = timedelta(seconds=5)
"""An edit of a schedule is in force within this."""

SHORTEST_SLEEP = timedelta(seconds=1)

JUDGED_EVERY = timedelta(minutes=1)
"""How often it is looked whether an outlet is crawled at all: no run says that none comes."""

LONGEST_PAUSE_S = 30.0


@dataclass(frozen=True, slots=True)
class Fired:
    """A firing that was dealt with: by a job made for it, or folded into one that waited or ran."""

    outlet: str
    job_id: int
    planned: datetime
    missed: int
    folded: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """What one look at the schedules did; `next_at` is when the next firing comes, None without any.

    `unknown` are outlets with a schedule and without a file.
    """

    fired: tuple[Fired, ...]
    unknown: tuple[str, ...] = ()
    next_at: datetime | None = None


class NextStarts:
    """When the next firing of each schedule begins, kept from tick to tick: to find it out costs a millisecond a line.

    What is kept holds for one plan and the firing it was worked out from, so an edit is seen at once.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[Schedule, datetime, datetime | None]] = {}

    def of(self, plan: Schedule, after: datetime) -> datetime | None:
        """Return when the first firing planned after `after` begins; None where none ever does."""
        known = self._known.get(plan.outlet)
        if known is not None and known[:2] == (plan, after):
            return known[2]
        planned = next_firing(plan, after)
        start = None if planned is None else starts_at(plan, planned)
        self._known[plan.outlet] = plan, after, start
        return start


def tick(
    store: Store,
    specs: Mapping[str, OutletSpec],
    now: datetime,
    *,
    pace: Pace | None = None,
    starts: NextStarts | None = None,
) -> Tick:
    """Deal with every firing that has come. Each has a transaction of its own, with the job it makes.

    `pace` is that of looking again at articles held, which adaptive schedules go by too; `starts` is what ticks before
    found out.
    """
    starts = starts or NextStarts()
    with store.read() as tx:
        held = list_schedules(tx)
    if follow_files(store, specs, held, now):
        with store.read() as tx:
            held = list_schedules(tx)
    known = [kept for kept in held if kept.outlet in specs]
    fired, coming = [], []
    for kept in known:
        if kept.paused_at is not None:
            continue
        start = starts.of(kept.plan, kept.planned_until)
        if _awaits_its_interval(kept.plan) or (start is not None and start <= now):
            one = _deal_with(store, kept, now, pace)
            if one is not None:
                fired.append(one)
                start = starts.of(kept.plan, one.planned)
        if start is not None:
            coming.append(start)
    unknown = tuple(kept.outlet for kept in held if kept.outlet not in specs)
    return Tick(tuple(fired), unknown, min(coming, default=None))


def run_scheduler(settings: Settings, stop: Stop, *, clock: Clock = utc_now) -> None:
    """Tick until asked to stop. A database that does not answer is waited for; outlet files with faults are told."""
    files = OutletFiles(settings.outlet_folders)
    pace, starts = watched_pace(settings.crawler), NextStarts()
    upkeep = Upkeep(settings, stop)
    pulse = Pulse(Part.SCHEDULER, settings, clock())
    store: Store | None = None
    told_unknown: tuple[str, ...] = ()
    judged_at: datetime | None = None
    pause_s = SHORTEST_SLEEP.total_seconds()
    try:
        while not stop.asked:
            try:
                store = store or open_store(settings)
                now = clock()
                seen = tick(store, files.specs(), now, pace=pace, starts=starts)
                if judged_at is None or now - judged_at >= JUDGED_EVERY:
                    judge_silent(store, files.specs(), settings, now)
                    judged_at = now
                upkeep.look(store, now)
                pulse.beat_if_due(store, now)
                pause_s = SHORTEST_SLEEP.total_seconds()
            except WatchfloorError as error:
                log.warning("no tick: %s", error)
                pause_s = min(LONGEST_PAUSE_S, pause_s * 2)
                stop.wait(pause_s)
                continue
            for fired in seen.fired:
                tell(fired)
            if seen.unknown and seen.unknown != told_unknown:
                log.warning("schedules of outlets without a file", extra={"outlets": ", ".join(seen.unknown)})
            told_unknown = seen.unknown
            stop.wait(sleep_for(seen, clock()).total_seconds())
    finally:
        upkeep.finish()
        if store is not None:
            end_in_order(pulse, store, clock())


def judge_silent(store: Store, specs: Mapping[str, OutletSpec], settings: Settings, now: datetime) -> None:
    """Judge which outlets are not crawled as their schedules promise. A judgement that fails stops no schedule."""
    try:
        with store.write() as tx:
            changes = judge_silence(tx, specs, now=now, settings=settings)
    except WatchfloorError:
        raise  # the database: waited for like at any tick
    except Exception:
        log.exception("silence not judged")
        return
    for change in changes:
        tell_change(change)


def sleep_for(seen: Tick, now: datetime) -> timedelta:
    """Return how long to sleep until the next tick."""
    left = LONGEST_SLEEP if seen.next_at is None else seen.next_at - now
    return min(LONGEST_SLEEP, max(SHORTEST_SLEEP, left))


def tell(fired: Fired) -> None:
    """Log what became of a firing, and how many before it were missed."""
    log.info(
        "firing folded into a job under way" if fired.folded else "job made",
        extra={"outlet": fired.outlet, "job": fired.job_id, "planned": fired.planned.isoformat()},
    )
    if fired.missed:
        many = counted(fired.missed, "earlier firing was", "earlier firings were")
        log.warning("%s missed; one run answers all", many, extra={"outlet": fired.outlet, "job": fired.job_id})


def _awaits_its_interval(plan: Schedule) -> bool:
    """Say whether it is an adaptive schedule that nobody has worked out the interval of yet."""
    return plan.when.between is not None and plan.wait is None


def _deal_with(store: Store, kept: KeptSchedule, now: datetime, pace: Pace | None) -> Fired | None:
    """Make a job of what has come of a schedule, unless another scheduler was faster."""
    plan = kept.plan
    if _awaits_its_interval(plan):
        first = wait_of(store, plan, now, pace)
        assert first is not None
        with store.write() as tx:
            note_wait(tx, kept, first)
        return None  # the next tick reads it
    come = due(plan, kept.planned_until, now)
    if come is None:
        return None
    wait = wait_of(store, plan, now, pace)
    with store.write() as tx:
        if not note_dealt_with(tx, kept, come.planned, wait=wait):
            return None
        by = f"schedule ({plan.when.text})"
        job, made = add_planned_job(tx, plan.outlet, planned_at=come.planned, missed=come.missed, by=by, now=now)
    return Fired(plan.outlet, job.id, come.planned, come.missed, not made)
