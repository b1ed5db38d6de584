"""The writing process of `bench_durability`: commits, merges beside them and rebuilds, told on its output as they go.

    python -m benchmarks.durable_writer FOLDER ARTICLES PACE_MS REBUILD_EVERY

It goes on from the position the index has, as the indexer does from the change log, until its input ends.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

from benchmarks.durable_articles import Archive
from config.settings import load_settings
from index.search.whoosh_backend import WhooshBackend


def main() -> None:
    """Write until the input ends, or until killed."""
    folder, articles, pace_ms, rebuild_every = Path(sys.argv[1]), *map(int, sys.argv[2:5])
    archive = Archive(articles)
    backend = WhooshBackend(folder, settings=load_settings(environ={}).search)
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    position = backend.position()
    if not position:
        _tell("begin rebuild")
        position = 1
        backend.rebuild(archive.batches(archive.state(position)))
        _tell(f"done rebuild {position}")
    revisions = archive.state(position).revisions
    _tell(f"at {position}")
    merger = threading.Thread(target=_merge, args=(backend, stop))
    merger.start()
    while not stop.is_set() and merger.is_alive():
        position += 1
        documents, deleted = archive.changes(position, revisions)
        _tell("begin commit")
        backend.apply(documents, deleted, position)
        _tell(f"done commit {position}")
        if rebuild_every and position % rebuild_every == 0:
            _tell("begin rebuild")
            backend.rebuild(archive.batches(archive.state(position)))
            _tell(f"done rebuild {position}")
        time.sleep(pace_ms / 1000)
    stop.set()
    merger.join()
    backend.close()


def _merge(backend: WhooshBackend, stop: threading.Event) -> None:
    while not stop.is_set():
        _tell("begin merge")
        merged = backend.tidy()
        _tell("done merge" if merged else "none merge")
        if not merged:
            time.sleep(0.02)


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
