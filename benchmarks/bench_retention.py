"""Retention beside a crawl: how long removing decisions takes, and how long a writer beside it waits at the most.

python -m benchmarks.bench_retention [--decisions 1000000]
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select

from config.settings import Settings, load_settings
from index.outcomes import Outcome
from index.retaining import retain
from index.store import Store, opened_store
from index.store.decisions import decisions_about, record_outcomes
from index.store.tables import decisions, runs

OUTLETS, RUNS_EACH = 20, 100
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def main() -> None:
    """Print the figures, for limits by age and by number."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--decisions", type=int, default=100_000)
    number = parser.parse_args().decisions
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(environ={}, data={"dir": folder})
        with opened_store(settings) as store:
            _fill(store, number)
            file = Path(folder) / "watchfloor.sqlite3"
            print(f"{number:,} decisions of {OUTLETS} outlets, {file.stat().st_size / 1e6:,.0f} MB")
            begun = time.perf_counter()
            with store.read() as tx:
                decisions_about(tx, "https://outlet3.example/a/77")
            print(f"why URL: {1000 * (time.perf_counter() - begun):.1f} ms")
            _measured(store, settings, "dry run", dry_run=True, decisions_days=90)
            _measured(store, settings, "older than 90 of 200 days", decisions_days=90)
            _measured(store, settings, "over a tenth of it for each outlet", decisions_rows=number // OUTLETS // 10)


def _fill(store: Store, number: int) -> None:
    each = number // (OUTLETS * RUNS_EACH)
    for run in range(RUNS_EACH):
        for outlet in range(OUTLETS):
            at = NOW - timedelta(days=200) + timedelta(days=200 * run / RUNS_EACH)
            values = {
                "outlet": f"outlet{outlet}",
                "kind": "crawl",
                "started_at": at,
                "finished_at": at,
                "state": "done",
            }
            values |= {"reason": "", "numbers": {}, "counts": {}, "pid": 1, "host": "", "beat_at": at}
            with store.write() as tx:
                run_id = tx.execute(insert(runs).values(values).returning(runs.c.id)).scalar_one()
                urls = (f"https://outlet{outlet}.example/a/{(run * each // 4 + each_one)}" for each_one in range(each))
                endings = [(url, Outcome.UNCHANGED, "Held, and no source says it changed.") for url in urls]
                record_outcomes(tx, endings, run_id=run_id, now=at)


def _measured(store: Store, settings: Settings, what: str, *, dry_run: bool = False, **limits: int) -> None:
    table = settings.retention.model_copy(update={"decisions_days": 0, "decisions_rows": 0, "logs_days": 0, **limits})
    chosen = settings.model_copy(update={"retention": table})
    waits: list[float] = []
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            begun = time.perf_counter()
            with store.write() as tx:
                tx.execute(select(func.count()).select_from(runs).where(runs.c.id == 1))
            waits.append(time.perf_counter() - begun)
            time.sleep(0.01)

    thread = threading.Thread(target=write)
    thread.start()
    begun = time.perf_counter()
    done = retain(store, chosen, now=NOW, dry_run=dry_run)
    seconds = time.perf_counter() - begun
    stop.set()
    thread.join()
    with store.read() as tx:
        left = tx.execute(select(func.count()).select_from(decisions)).scalar_one()
    usual = 1000 * sorted(waits)[len(waits) // 2]
    print(
        f"{what}: {done.decisions.removed:,} in {seconds:.1f} s, {left:,} left; "
        f"a writer beside it waited {1000 * max(waits):.0f} ms at the most, {usual:.1f} ms usually"
    )


if __name__ == "__main__":
    main()
