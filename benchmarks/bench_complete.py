"""What a key stroke in the search box costs: processor and wall time and statements of completions, dearest first.

`python -m benchmarks.bench_complete --articles 100000` makes an archive (bulk.py) with six names for ten
articles and asks for beginnings that readers type, each several times; what is told is the median.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from benchmarks.bulk import fill
from benchmarks.corpus import BEGIN, documents
from config.settings import load_settings
from index.completing import complete, starting_points
from index.search.opening import open_backend
from index.store import open_store

NOW = BEGIN + timedelta(days=731)
TOPICS = {"security": "Security news", "war": "War and fighting", "sanctions": "Sanctions and embargoes"}
BEGINNINGS = (
    *("an", "ma", "the", "oil", "war", "pet", "anna b", "anna ber", "oil pri", "u.s. trade b", "rise in the p"),
    *("пут", "習", "sanctions against the gov", "person:", "person:pe", "outlet:g", "topic:a", "-outlet:her"),
    *("xyzzy", "%", "a" * 200),
)
TIMES = 9


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--articles", type=int, default=5_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(environ={}, data={"dir": str(Path(folder))})
        store, backend = open_store(settings), open_backend(settings)
        fill(store, backend, documents(chosen.articles), now=NOW)
        told = []
        for text in BEGINNINGS:
            cpu, wall, statements, found = [], [], 0, 0
            for _ in range(TIMES):
                before, began, ran = store.statements, time.perf_counter(), time.thread_time()
                found = len(complete(store, backend, text, topics=TOPICS, now=NOW))
                cpu.append(time.thread_time() - ran)
                wall.append(time.perf_counter() - began)
                statements = store.statements - before
            told.append((statistics.median(cpu), statistics.median(wall), statements, found, text))
        began = time.thread_time()
        starting_points(store, topics=TOPICS)
        told.append((time.thread_time() - began, 0.0, 0, 0, "(nothing typed)"))
        for used, passed, statements, found, text in sorted(told, reverse=True):
            cost = f"{used * 1000:>6.1f} ms cpu {passed * 1000:>7.1f} ms wall {statements:>3} statements"
            print(f"{cost} {found:>3} found  {text[:40]}", flush=True)
        backend.close()
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
