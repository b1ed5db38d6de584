"""The scheduler: at each tick it makes a job of every firing that has come, once, whatever the number of schedulers.

Schedules are read anew at each tick, so an edit is in force within seconds. Those of outlet files count where no
operator has set another; they are kept as rows too, for a firing must be dealt with once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from config.counting import counted
from config.errors import WatchfloorError
from config.outlets import OutletSpec, read_outlet_files
from config.settings import Settings
from config.when import parse_when
from crawler.adaptive import wait_of
from crawler.revisiting import watched_pace
from crawler.stopping import Stop
from crawler.worker import Clock, utc_now
from index.job_records import KeptSchedule
from index.revisits import Pace
from index.schedules import Schedule, due, next_firing, starts_at
from index.store import Store, open_store
from index.store.jobs import add_planned_job
from index.store.schedules import (
    get_schedule,
    list_schedules,
    note_dealt_with,
    note_wait,
    remove_schedule,
    set_schedule,
)

log = logging.getLogger(__name__)

LONGEST_SLEEP = timedelta(seconds=5)
"""An edit of a schedule is in force within this."""

SHORTEST_SLEEP = timedelta(seconds=1)

BY_FILE = "the outlet's file"
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
    store: Store | None = None
    told_unknown: tuple[str, ...] = ()
    pause_s = SHORTEST_SLEEP.total_seconds()
    try:
        while not stop.asked:
            try:
                store = store or open_store(settings)
                seen = tick(store, files.specs(), clock(), pace=pace, starts=starts)
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
        if store is not None:
            store.close()


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


class OutletFiles:
    """The outlets of the folders, read anew when a file there has changed."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folders)
        self._seen: frozenset[tuple[str, int, int]] | None = None
        self._specs: dict[str, OutletSpec] = {}

    def specs(self) -> dict[str, OutletSpec]:
        """Return them; of a file with faults, which are told once, what was read last."""
        seen = frozenset(_stamps(self._folders))
        if seen != self._seen:
            files = read_outlet_files(self._folders)
            for fault in files.faults:
                log.warning("outlet file left as it was: %s", fault)
            self._specs = {**self._specs, **files.specs} if files.faults else files.specs
            self._seen = seen
        return self._specs


def plan_of_file(spec: OutletSpec, now: datetime) -> Schedule:
    """Return the schedule an outlet's file names, its clock that of the file's zone."""
    return Schedule(spec.name, parse_when(spec.schedule), spec.zone or "UTC", since=now)


def in_force(held: Iterable[KeptSchedule], specs: Mapping[str, OutletSpec], now: datetime) -> list[KeptSchedule]:
    """Return the schedules kept and those of outlet files that no scheduler has seen yet, by outlet."""
    rows = {kept.outlet: kept for kept in held}
    for name, spec in specs.items():
        if spec.schedule and spec.enabled and (name not in rows or _differs(rows[name], plan_of_file(spec, now))):
            unseen = KeptSchedule(plan_of_file(spec, now), "file", planned_until=now, changed_by=BY_FILE)
            old = rows.get(name, unseen)
            rows[name] = replace(unseen, paused_at=old.paused_at, paused_reason=old.paused_reason)
    return [rows[name] for name in sorted(rows)]


def _stamps(folders: Iterable[Path]) -> Iterable[tuple[str, int, int]]:
    for folder in folders:
        for path in folder.glob("*.toml") if folder.is_dir() else ():
            try:
                seen = path.stat()
            except OSError:
                continue  # it went away between the list and the look
            yield str(path), seen.st_mtime_ns, seen.st_size


def follow_files(store: Store, specs: Mapping[str, OutletSpec], held: Iterable[KeptSchedule], now: datetime) -> bool:
    """Bring the rows that stand for outlet files to what the files say; say whether anything changed.

    The row of an outlet whose file is missing stays: a file may be moved or mended, and a pause should outlive that.
    """
    rows = {kept.outlet: kept for kept in held}
    wanted = {name: plan_of_file(spec, now) for name, spec in specs.items() if spec.schedule and spec.enabled}
    changed = [name for name, plan in wanted.items() if name not in rows or _differs(rows[name], plan)]
    gone = [name for name, kept in rows.items() if kept.origin == "file" and name in specs and name not in wanted]
    for name in (*changed, *gone):
        with store.write() as tx:
            kept = get_schedule(tx, name)  # another scheduler, or an operator, may have been here
            if name in gone and kept is not None and kept.origin == "file":
                remove_schedule(tx, name)
            if name in wanted and (kept is None or _differs(kept, wanted[name])):
                set_schedule(tx, wanted[name], origin="file", by=BY_FILE, now=now)
    return bool(changed or gone)


def _differs(kept: KeptSchedule, plan: Schedule) -> bool:
    return kept.origin == "file" and (kept.plan.when, kept.plan.zone) != (plan.when, plan.zone)


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
