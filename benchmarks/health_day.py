"""A day of 300 made-up outlets in a real database: what judging them costs, after each run and every minute.

`python -m benchmarks.health_day` stores eight weeks of observations for each outlet (SQLite in a throw-away folder, or
`--url`), then goes through a day: every run is stored and its outlet judged, and `judge_silence` looks at all of them
every minute. Halfway no outlet is crawled any more for two hours, as if no worker ran.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import mean

import numpy as np

from benchmarks.health_world import DAY, STARTS, make_outlet, observe
from config.outlets import OutletSpec
from config.settings import load_settings
from config.when import parse_when
from index.health.records import Observation
from index.judging_outlets import judge_outlet, judge_silence
from index.schedules import Schedule
from index.store import Store, open_store
from index.store.health import list_health, save_observation
from index.store.outlets import register_outlets
from index.store.runs import finish_run, start_run
from index.store.schedules import set_schedule

LEARNED = 56
MINUTE = timedelta(minutes=1)
NO_WORKER = (timedelta(hours=12), timedelta(hours=14))


def measure(outlets: int, seed: int, url: str = "") -> dict[str, object]:
    """Go through the day; return what it cost, and the changes told."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(environ={}, data={"dir": folder}, **({"database": {"url": url}} if url else {}))
        store = open_store(settings)
        specs, coming = _prepared(store, outlets, seed)
        begins = STARTS + LEARNED * DAY
        after_runs: list[float] = []
        by_clock: list[float] = []
        statements: Counter[str] = Counter()
        told: Counter[str] = Counter()
        for minute in range(24 * 60):
            now = begins + minute * MINUTE
            if not NO_WORKER[0] <= now - begins < NO_WORKER[1]:
                while coming and coming[0].finished_at <= now:
                    one = coming.pop(0)
                    _run(store, one)
                    counted, began = store.statements, time.process_time()
                    with store.write() as tx:
                        found = judge_outlet(tx, one.outlet, specs[one.outlet], now=now, settings=settings)
                    after_runs.append(time.process_time() - began)
                    statements["most of a run"] = max(statements["most of a run"], store.statements - counted)
                    if found is not None and found.change is not None:
                        told[f"{found.change.before} -> {found.change.state} {found.change.cause}"] += 1
            elif coming and coming[0].finished_at <= now:
                coming.pop(0)  # nobody was there to crawl
            counted, began = store.statements, time.process_time()
            with store.write() as tx:
                changes = judge_silence(tx, specs, now=now, settings=settings)
            by_clock.append(time.process_time() - began)
            if not changes:
                statements["a quiet minute"] = max(statements["a quiet minute"], store.statements - counted)
            for change in changes:
                told[f"{change.before} -> {change.state} {change.cause}"] += 1
        with store.read() as tx:
            states = Counter(health.state.value for health in list_health(tx))
        store.close()
        return {
            "outlets": outlets,
            "runs": len(after_runs),
            "ms_after_a_run": round(1000 * mean(after_runs), 1),
            "ms_every_minute": round(1000 * mean(by_clock), 1),
            "cpu_share_of_a_core": round((sum(after_runs) + sum(by_clock)) / 86400, 4),
            "statements": dict(statements),
            "changes": dict(told),
            "states_at_the_end": dict(states),
        }


def _prepared(store: Store, outlets: int, seed: int) -> tuple[dict[str, OutletSpec], list[Observation]]:
    """Store outlets, schedules and eight weeks; return the specs and the runs of the day, in order."""
    specs: dict[str, OutletSpec] = {}
    coming: list[Observation] = []
    begins, number = STARTS + LEARNED * DAY, 0
    for which in range(outlets):
        rng = np.random.default_rng((seed, which))
        outlet = make_outlet(which, rng)
        home = f"https://{outlet.name.replace('_', '-')}.example/"
        specs[outlet.name] = OutletSpec(name=outlet.name, title=outlet.name, home=home, languages=("en",))
        seen = observe(outlet, rng, days=LEARNED + 1)
        with store.write() as tx:
            register_outlets(tx, [specs[outlet.name]], STARTS)
            when = parse_when(f"every {outlet.every // MINUTE}m")
            set_schedule(tx, Schedule(outlet.name, when, since=begins), origin="operator", by="me", now=begins - DAY)
            for one in seen:
                number += 1
                if one.finished_at < begins:
                    save_observation(tx, replace(one, run_id=number))
        coming += [one for one in seen if one.finished_at >= begins]
        last = max((one.finished_at for one in seen if one.finished_at < begins), default=begins)
        _a_run(store, outlet.name, last)
    return specs, sorted(coming, key=lambda one: one.finished_at)


def _a_run(store: Store, outlet: str, at: datetime) -> int:
    with store.write() as tx:
        run = start_run(tx, outlet, kind="crawl", now=at, pid=1, host="bench")
        finish_run(tx, run.id, state="done", reason="", numbers={}, now=at)
    return run.id


def _run(store: Store, one: Observation) -> None:
    run_id = _a_run(store, one.outlet, one.finished_at)
    with store.write() as tx:
        save_observation(tx, replace(one, run_id=10_000_000 + run_id))


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outlets", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url", default="", help="Another database than SQLite in a throw-away folder; it is filled.")
    arguments = parser.parse_args()
    print(json.dumps(measure(arguments.outlets, arguments.seed, arguments.url), indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
