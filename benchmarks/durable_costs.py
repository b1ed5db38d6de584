"""What a new article costs until it is found, and what several processes over one index share. For bench_durability."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

from benchmarks.corpus import documents
from benchmarks.durable_runs import ROOT, opened
from index.search.backend import FACETS, IndexDocument, SearchBackend, SearchRequest
from index.search.query import Word

BATCH = 5000
FURTHER = 100
ALONE = 20
WORDS = ("government", "minister", "border", "energy", "week", "market", "president", "people", "water", "year")
MERGE = """
import sys
from pathlib import Path
from benchmarks.durable_runs import opened
with opened(Path(sys.argv[1])) as backend:
    backend.position()
    print("merging", flush=True)
    while backend.tidy():
        pass
"""
READ = """
import sys
from pathlib import Path
from benchmarks.durable_costs import WORDS
from benchmarks.durable_runs import opened
from index.search.backend import FACETS, SearchRequest
from index.search.query import Word
with opened(Path(sys.argv[1])) as backend:
    for word in WORDS:
        backend.search(SearchRequest(Word(word), limit=20, facets=FACETS))
    print("asked", flush=True)
    sys.stdin.read()
"""


@dataclass(slots=True)
class NewArticle:
    """Milliseconds of one new article beside so many: its commit, and a reader's first answer that has it."""

    held: int
    apply_ms: list[float] = field(default_factory=list)
    apply_cpu_ms: list[float] = field(default_factory=list)
    seen_ms: list[float] = field(default_factory=list)
    seen_cpu_ms: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Shared:
    """What the processes over one index take, in MB: each, and all of them together."""

    processes: int
    index_mb: float
    rss_mb: list[float]
    pss_mb: list[float]
    mapped_rss_mb: list[float]
    mapped_pss_mb: list[float]


@dataclass(slots=True)
class BesideMerge:
    """Milliseconds of commits of one article: alone, and while another process merges."""

    merged: int  # documents
    merge_s: float
    alone: list[tuple[float, float]] = field(default_factory=list)  # wall clock, processor
    beside: list[tuple[float, float]] = field(default_factory=list)


def fill(folder: Path, number: int) -> tuple[list[IndexDocument], BesideMerge]:
    """Make an index of so many articles, merged beside commits; return some further ones, and how those went."""
    made = documents(number + FURTHER)
    with opened(folder) as backend:
        for begin in range(0, number, BATCH):
            backend.apply(made[begin : min(begin + BATCH, number)], (), begin + 1)
        return made[number:], _beside_merge(folder, backend, made[number])


def _beside_merge(folder: Path, backend: SearchBackend, document: IndexDocument) -> BesideMerge:
    position = backend.position()

    def commit() -> tuple[float, float]:
        nonlocal position
        position += 1
        began, began_cpu = time.perf_counter(), time.process_time()
        backend.apply([document], (), position)
        return (time.perf_counter() - began) * 1000, (time.process_time() - began_cpu) * 1000

    found = BesideMerge(backend.count(), 0.0, [commit() for _ in range(ALONE)])
    command = [sys.executable, "-c", MERGE, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        child.stdout.readline()
        began = time.perf_counter()
        while child.poll() is None:
            found.beside.append(commit())
        found.merge_s = time.perf_counter() - began
    return found


def new_article(folder: Path, further: Sequence[IndexDocument], *, rounds: int) -> NewArticle:
    """Commit articles one at a time beside a reader who has the index open, and ask until it is found."""
    with opened(folder) as writer, opened(folder) as reader:
        found = NewArticle(reader.count())
        position = writer.position()
        for number, document in enumerate(further[:rounds]):
            word = f"newcomer{number}"
            asked = SearchRequest(Word(word), limit=20, facets=FACETS)
            reader.search(asked)
            began, began_cpu = time.perf_counter(), time.process_time()
            writer.apply([replace(document, text=f"{document.text} {word}")], (), position + number + 1)
            committed, committed_cpu = time.perf_counter(), time.process_time()
            while not reader.search(asked).total:
                time.sleep(0)
            found.apply_ms.append((committed - began) * 1000)
            found.apply_cpu_ms.append((committed_cpu - began_cpu) * 1000)
            found.seen_ms.append((time.perf_counter() - committed) * 1000)
            found.seen_cpu_ms.append((time.process_time() - committed_cpu) * 1000)
    return found


def shared(folder: Path, processes: int) -> Shared:
    """Have so many processes ask the same index, and read what each takes while all are there."""
    command = [sys.executable, "-c", READ, str(folder)]
    children = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    size = sum(path.stat().st_size for path in folder.rglob("*.arrays"))
    found = Shared(processes, size / 1e6, [], [], [], [])
    try:
        for child in children:
            assert child.stdout is not None
            assert child.stdout.readline() == "asked\n"
        for child in children:
            whole = _sizes(Path(f"/proc/{child.pid}/smaps_rollup"), "")
            mapped = _sizes(Path(f"/proc/{child.pid}/smaps"), ".arrays")
            found.rss_mb.append(whole["Rss"])
            found.pss_mb.append(whole["Pss"])
            found.mapped_rss_mb.append(mapped["Rss"])
            found.mapped_pss_mb.append(mapped["Pss"])
    finally:
        for child in children:
            child.communicate(timeout=60)
    return found


def told(wall: Sequence[float], cpu: Sequence[float]) -> str:
    """Say the median and the greatest of some milliseconds, by the clock and of a processor."""
    return f"{median(wall):.1f} ms, at most {max(wall):.1f} (processor {median(cpu):.1f}, at most {max(cpu):.1f})"


def _sizes(path: Path, of: str) -> dict[str, float]:
    """Return Rss and Pss in MB of the mappings whose line has some letters."""
    sizes = {"Rss": 0.0, "Pss": 0.0}
    counts = False
    for line in path.read_text(encoding="utf-8").splitlines():
        name, _, rest = line.partition(":")
        if "-" in line.split(" ", 1)[0]:
            counts = of in line
        elif counts and name in sizes:
            sizes[name] += int(rest.split()[0]) / 1024
    return sizes
