"""One engine in this process: builds its index, then answers questions line by line. JSON in, JSON out."""

from __future__ import annotations

import gc
import importlib
import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ENGINES = {
    "watchfloor": "benchmarks.engines.watchfloor_engine:Watchfloor",
    "arrays": "benchmarks.engines.whoosh_engines:Arrays",
    "stock": "benchmarks.engines.whoosh_engines:Stock",
    "fts5": "benchmarks.engines.fts5_engine:Fts5",
    "tantivy": "benchmarks.engines.tantivy_engine:Tantivy",
}


def main() -> None:
    """Build, tell what that cost, then answer until the input ends. Arguments: engine, folder, file of articles."""
    name, folder, articles = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    module, _, kind = ENGINES[name].partition(":")
    engine = getattr(importlib.import_module(module), kind)(folder)
    read_cpu_s = 0.0

    def read() -> Iterator[dict[str, Any]]:
        nonlocal read_cpu_s
        with articles.open(encoding="utf-8") as file:
            while True:
                began = time.process_time()
                line = file.readline()
                one = json.loads(line) if line else None
                read_cpu_s += time.process_time() - began
                if one is None:
                    return
                yield one

    before, began, cpu = _peak_mb(), time.perf_counter(), time.process_time()
    engine.build(read())
    built_cpu_s, built_s = time.process_time() - cpu - read_cpu_s, time.perf_counter() - began
    engine.settle()
    said = {
        "build_cpu_s": built_cpu_s,
        "build_s": built_s,
        "settled_cpu_s": time.process_time() - cpu - read_cpu_s,
        "peak_mb": _peak_mb(),
        "empty_mb": before,
        "size_bytes": engine.size_bytes(),
        "leaves_out": list(getattr(engine, "leaves_out", ())),
    }
    print(json.dumps(said), flush=True)
    # Who answers is another process than who builds: what building left is not gone through at every collection.
    gc.collect()
    gc.freeze()
    began = time.perf_counter()
    engine.open()
    print(json.dumps({"open_ms": round((time.perf_counter() - began) * 1000, 1)}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        began, cpu = time.perf_counter(), time.process_time()
        found = engine.ask(asked["kind"], asked["asked"])
        told = {"cpu_ms": (time.process_time() - cpu) * 1000, "ms": (time.perf_counter() - began) * 1000}
        print(json.dumps({**told, "ids": found}), flush=True)


def _peak_mb() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
