"""A day of 300 outlets under a simulated clock: every firing is answered once, whatever dies; what a tick costs.

The day is one on which clocks change. Scheduler, jobs and leases are the product's own, on a database of their own;
crawls are played: each lasts as its outlet's usual one, some fail, some cost their worker its life, and for forty
minutes no scheduler runs. Beside it stands what `schedule forecast` said of that day before.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from config.outlets import OutletSpec
from config.settings import OperatingSettings, Settings, load_settings
from config.when import parse_when
from crawler.retrying import Ended, Next, after_loss, after_run
from crawler.scheduler import NextStarts, tick
from index.forecasts import Planned, forecast
from index.job_records import JobState
from index.schedules import Schedule, firings, parse_quiet, starts_at
from index.store import Store, open_store
from index.store.jobs import attach_run, claim_job, end_job, has_work, keep_lease, list_jobs, retry_job
from index.store.runs import end_if_dead, finish_run, start_run
from index.store.schedules import set_schedule
from index.usual import Usual

BEGINS = datetime(2026, 10, 25, tzinfo=UTC)  # Europe goes back to winter time at 01:00 UTC
DAY = timedelta(days=1)
OUTAGE = (BEGINS + timedelta(hours=10), BEGINS + timedelta(hours=10, minutes=40))
NOBODY = 2**22 + 1  # a process number beyond those that are given
WHENS = (
    ("every 15m", 3),
    ("every 30m", 8),
    ("every 1h", 8),
    ("every 4h", 4),
    ("*/20 6-22 * * *", 3),
    ("15 */2 * * *", 4),
    ("30 1 * * *", 2),  # 01:30 comes twice in Europe on this day
    ("0 6,18 * * *", 2),
)
ZONES = ("UTC", "Europe/Berlin", "Europe/London", "Asia/Seoul", "America/New_York", "Asia/Kathmandu")


@dataclass(slots=True)
class Played:
    """What happened in the day."""

    ticks: int = 0
    tick_cpu_s: float = 0.0
    statements: int = 0
    runs: int = 0
    died: int = 0
    failed: int = 0
    overlaps: int = 0
    busy_s: float = 0.0
    longest_wait: timedelta = timedelta(0)
    folded_or_missed: int = 0
    jobs: int = 0
    ends: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Run:
    """A crawl that is being played: its job, its run and how it will end."""

    claim: Any
    run_id: int
    ends_at: datetime
    dies: bool
    fails: bool


def outlets_of(number: int, seed: int) -> list[Planned]:
    """Return so many outlets with a schedule and the usual run of each, seeded."""
    dice = random.Random(seed)
    whens, weights = zip(*WHENS, strict=True)
    made = []
    for place in range(number):
        quiet = (parse_quiet("01:00-05:00"),) if dice.random() < 0.15 else ()
        when = parse_when(dice.choices(whens, weights)[0])
        jitter = timedelta(minutes=dice.choice((0, 0, 2, 5)))
        zone = dice.choice(ZONES)
        plan = Schedule(f"outlet_{place:03}", when, zone, jitter=jitter, quiet=quiet, since=BEGINS)
        seconds = min(1500.0, dice.lognormvariate(3.6, 0.9))
        usual = Usual(20, seconds=seconds, asked=seconds / 2, fetched=seconds / 2, new=3, changed=1, body_bytes=1e6)
        made.append(Planned(plan, f"outlet-{place:03}.example", 1.0, usual))
    return made


class Day:
    """The day, played event by event on a store."""

    def __init__(
        self, store: Store, plans: list[Planned], *, workers: int, seed: int, terms: OperatingSettings
    ) -> None:
        self.store = store
        self.plans = {one.schedule.outlet: one for one in plans}
        self.specs = {
            name: OutletSpec(name=name, title=name, home=f"https://{one.host}/", languages=("en",))
            for name, one in self.plans.items()
        }
        self.dice = random.Random(seed + 1)
        self.terms = terms
        self.lease = timedelta(seconds=terms.lease_s)
        self.running: dict[int, Run | None] = dict.fromkeys(range(workers))
        self.dead_until: dict[int, datetime] = {}
        self.step = timedelta(seconds=1)
        self.starts = NextStarts()
        self.seen = Played()

    def play(self, tick_s: float) -> Played:
        """Play the day, and as long after it as the last jobs need."""
        now, last = BEGINS, BEGINS + DAY
        self.step = timedelta(seconds=tick_s)
        while now <= last or any(self.running.values()):
            if now <= last and not OUTAGE[0] <= now < OUTAGE[1]:
                self._tick(now)
            for worker in self.running:
                self._work(worker, now)
            now += self.step
        with self.store.read() as tx:
            for job in list_jobs(tx, limit=1_000_000):
                self.seen.jobs += 1
                self.seen.folded_or_missed += job.folded + job.missed
                self.seen.ends[job.state.value] += 1
        return self.seen

    def _tick(self, now: datetime) -> None:
        before, began = self.store.statements, time.process_time()
        tick(self.store, self.specs, now, starts=self.starts)
        self.seen.ticks += 1
        self.seen.tick_cpu_s += time.process_time() - began
        self.seen.statements += self.store.statements - before

    def _work(self, worker: int, now: datetime) -> None:
        run = self.running[worker]
        if run is not None and now >= run.ends_at:
            self.running[worker] = None
            if run.dies:
                self.dead_until[worker] = now + 2 * self.lease  # systemd starts another in its place
            else:
                self._end(run, now)
        if self.running[worker] is None and now >= self.dead_until.get(worker, now):
            self.running[worker] = self._begin(worker, now)

    def _begin(self, worker: int, now: datetime) -> Run | None:
        with self.store.read() as tx:
            if not has_work(tx, now):
                return None
        with self.store.write() as tx:
            claim = claim_job(tx, worker=f"worker-{worker}", now=now, lease=self.lease)
        if claim is None:
            return None
        job = claim.job
        if claim.taken_over and job.run_id is not None:
            with self.store.write() as tx:
                lost = end_if_dead(tx, job.run_id, now=now, host="here", silent_for=self.lease)
            following = after_loss(job, lost, self.terms)
            if following is not None:
                self._keep(job, following, now)
                return None
        others = [run.claim.job.outlet for run in self.running.values() if run is not None and not run.dies]
        self.seen.overlaps += job.outlet in others
        if not claim.taken_over and job.attempt == 1:
            self.seen.longest_wait = max(self.seen.longest_wait, now - job.not_before)
        lasts = timedelta(seconds=self.plans[job.outlet].usual.seconds)  # type: ignore[union-attr]
        dies, fails = self.dice.random() < 0.01, self.dice.random() < 0.03
        with self.store.write() as tx:
            # Longer than the lease: a real worker renews it every few seconds, to its end.
            held = claim.job.lease_until if dies else now + lasts + self.step + self.lease
            run = start_run(tx, job.outlet, kind="crawl", now=now, pid=NOBODY if dies else 1, host="here")
            attach_run(tx, job.id, job.attempt, run.id)
            if held != claim.job.lease_until:
                keep_lease(tx, job, now=now, lease=held - now)
        self.seen.runs += 1
        self.seen.busy_s += lasts.total_seconds() / (2 if dies else 1)
        self.seen.died += dies
        self.seen.failed += fails and not dies
        return Run(claim, run.id, now + lasts / (2 if dies else 1), dies, fails)

    def _end(self, run: Run, now: datetime) -> None:
        job = run.claim.job
        state = "failed" if run.fails else "done"
        counts = {"connection_failed": 3} if run.fails else {"new": 3}
        with self.store.write() as tx:
            finish_run(tx, run.run_id, state=state, reason="", numbers={"asked": 3}, now=now)
        self._keep(job, after_run(Ended(state, "", counts), job, self.terms, stopped=None), now)

    def _keep(self, job: Any, following: Next, now: datetime) -> None:
        with self.store.write() as tx:
            if following.state is JobState.WAITING:
                told = {"counts": following.counts, "cause": following.cause, "reason": following.reason}
                retry_job(tx, job, not_before=now + following.wait, **told)  # type: ignore[arg-type]
            else:
                end_job(tx, job, following.state, cause=following.cause, reason=following.reason, now=now)


def measure(outlets: int, workers: int, tick_s: float, seed: int) -> dict[str, Any]:
    """Play one day and compare it with its forecast and with what the schedules promise."""
    plans = outlets_of(outlets, seed)
    with tempfile.TemporaryDirectory() as folder:
        settings = _settings(Path(folder))
        store = open_store(settings)
        try:
            with store.write() as tx:
                for one in plans:
                    set_schedule(tx, one.schedule, origin="operator", by="bench", now=BEGINS)
            seen = Day(store, plans, workers=workers, seed=seed, terms=settings.operating).play(tick_s)
        finally:
            store.close()
    promised = defaultdict(int)
    for one in plans:
        for planned in firings(one.schedule, BEGINS):
            if starts_at(one.schedule, planned) > BEGINS + DAY:
                break
            promised[one.schedule.outlet] += 1
    told = forecast(plans, begins=BEGINS, over=DAY, workers=workers)
    firings_due = sum(promised.values())
    return {
        "outlets": outlets,
        "workers": workers,
        "firings": firings_due,
        "answered": seen.jobs + seen.folded_or_missed,
        "jobs": seen.jobs,
        "folded_or_missed": seen.folded_or_missed,
        "ends": dict(sorted(seen.ends.items())),
        "runs": seen.runs,
        "workers_died": seen.died,
        "runs_failed": seen.failed,
        "outlet_twice_at_once": seen.overlaps,
        "longest_wait_s": round(seen.longest_wait.total_seconds()),
        "busy": round(seen.busy_s / DAY.total_seconds() / workers, 4),
        "forecast_busy": round(told.busy, 4),
        "forecast_longest_wait_s": round(told.longest_wait.total_seconds()),
        "ticks": seen.ticks,
        "statements_per_tick": round(seen.statements / seen.ticks, 2),
        "cpu_ms_per_tick": round(1000 * seen.tick_cpu_s / seen.ticks, 2),
    }


def _settings(folder: Path) -> Settings:
    return load_settings(environ={}, data={"dir": str(folder)})


def main() -> None:
    """Play, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outlets", type=int, default=300, help="outlets (default 300)")
    parser.add_argument("--workers", type=int, default=12, help="workers (default 12)")
    parser.add_argument(
        "--tick-s", type=float, default=5.0, help="seconds between two ticks (default 5, as the product)"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    figures = measure(options.outlets, options.workers, options.tick_s, options.seed)
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name.replace('_', ' '):<26} {value}")


if __name__ == "__main__":
    main()
