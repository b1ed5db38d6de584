"""Documents a second into the index beside SQLite FTS5, rounds interleaved in one run; bytes on disk and memory.

`--engines` builds the indexes of `bench_engines` instead: our arrays under Whoosh beside stock Whoosh, FTS5, tantivy.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import bench_engines
from benchmarks.corpus import documents, source_name
from benchmarks.fts5 import Fts5
from config.settings import load_settings
from index.search.whoosh_backend import WhooshBackend


def measure(number: int, batch: int) -> dict[str, Any]:
    """Index `number` documents in commits of `batch` into both, one commit here and one there."""
    made = documents(number)
    settings = load_settings(environ={}).search
    with tempfile.TemporaryDirectory() as folder:
        ours = WhooshBackend(Path(folder) / "index", settings=settings)
        peer = Fts5(Path(folder) / "fts5.sqlite3")
        seconds = {"watchfloor": 0.0, "fts5": 0.0}
        cpu = {"watchfloor": 0.0, "fts5": 0.0}
        for start in range(0, number, batch):
            part = made[start : start + batch]
            began, began_cpu = time.perf_counter(), time.process_time()
            ours.apply(part, (), start + len(part))
            seconds["watchfloor"] += time.perf_counter() - began
            cpu["watchfloor"] += time.process_time() - began_cpu
            began, began_cpu = time.perf_counter(), time.process_time()
            peer.add(part)
            seconds["fts5"] += time.perf_counter() - began
            cpu["fts5"] += time.process_time() - began_cpu
        size = sum(path.stat().st_size for path in (Path(folder) / "index").rglob("*") if path.is_file())
        figures = {
            "documents": number,
            "text": source_name(),
            "watchfloor": {
                "docs_per_s": round(number / seconds["watchfloor"], 1),
                "docs_per_cpu_s": round(number / cpu["watchfloor"], 1),
                "bytes_per_doc": round(size / number),
                "held": ours.count(),
                "position": ours.position(),
            },
            "fts5": {
                "docs_per_s": round(number / seconds["fts5"], 1),
                "docs_per_cpu_s": round(number / cpu["fts5"], 1),
                "bytes_per_doc": round(peer.bytes() / number),
            },
            "ratio": round(seconds["fts5"] / seconds["watchfloor"], 4),
            "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        }
        ours.close()
        peer.close()
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1000, help="documents (default 1000; full size 20000)")
    parser.add_argument("--batch", type=int, default=500, help="documents in one commit (default 500)")
    parser.add_argument("--engines", action="store_true", help="build the engines themselves, beside all peers")
    bench_engines.add_options(parser)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    if options.engines:
        asked = bench_engines.engines_of(options)
        found = bench_engines.measure(options.documents, 2, engines=asked, peers_python=options.peers_python)
        print(json.dumps(found["built"], indent=2) if options.json else bench_engines.built_table(found))
        return
    figures = measure(options.documents, options.batch)
    if options.json:
        print(json.dumps(figures, indent=2))
        return
    print(f"{figures['documents']} documents, {figures['text']}; peak {figures['peak_rss_mb']} MB for both together")
    for name in ("watchfloor", "fts5"):
        row = figures[name]
        told = (
            f"{row['docs_per_s']:>9} docs/s {row['docs_per_cpu_s']:>9} docs/cpu-s {row['bytes_per_doc']:>7} bytes/doc"
        )
        print(f"{name:<11} {told}")
    print(f"ratio       {figures['ratio']:>9} of FTS5's speed")


if __name__ == "__main__":
    main()
