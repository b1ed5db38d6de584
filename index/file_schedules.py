"""Schedules that stand in outlet files: they count where no operator has set another, and are kept as rows too.

Rows, for a firing must be dealt with once, and can be paused before a scheduler has seen the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from config.outlets import OutletSpec
from config.when import parse_when
from index.job_records import KeptSchedule
from index.schedules import Schedule
from index.store import Store
from index.store.schedules import get_schedule, remove_schedule, set_schedule

BY_FILE = "the outlet's file"


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
                remove_schedule(tx, name, by=BY_FILE, now=now)
            if name in wanted and (kept is None or _differs(kept, wanted[name])):
                set_schedule(tx, wanted[name], origin="file", by=BY_FILE, now=now)
    return bool(changed or gone)


def _differs(kept: KeptSchedule, plan: Schedule) -> bool:
    return kept.origin == "file" and (kept.plan.when, kept.plan.zone) != (plan.when, plan.zone)
