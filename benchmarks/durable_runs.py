"""The runs of `bench_durability`: readers beside a writing process, kills of it, and what a process has open."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.durable_articles import Archive
from benchmarks.durable_readers import Readers, Tally
from config.settings import load_settings
from index.search.whoosh_backend import WhooshBackend

ROOT = Path(__file__).parent.parent
STAGES = ("commit", "merge", "rebuild")


@dataclass(slots=True)
class Usage:
    """What a process and the index folder take at a moment."""

    minute: float
    rss_mb: float
    writer_rss_mb: float
    descriptors: int
    mapped_files: int
    threads: int
    disk_mb: float


@dataclass(slots=True)
class Load:
    """What readers beside a writer came to: alone first, then beside it."""

    alone: Tally
    beside: Tally
    done: Counter[str] = field(default_factory=Counter)
    usage: list[Usage] = field(default_factory=list)


@dataclass(slots=True)
class Kills:
    """What so many kills came to. `inside` counts the stages the writer was in, of which several may go on at once."""

    kills: int = 0
    inside: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    wrong: int = 0
    twice: int = 0
    went_back: int = 0
    failed_opens: Counter[str] = field(default_factory=Counter)
    commits: int = 0
    left_files: list[str] = field(default_factory=list)


class Writer:
    """The writing process; `done` counts what it says it has done."""

    def __init__(self, folder: Path, articles: int, *, pace_ms: int, rebuild_every: int) -> None:
        command = [sys.executable, "-m", "benchmarks.durable_writer"]
        command += [str(folder), str(articles), str(pace_ms), str(rebuild_every)]
        self.child = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.done: Counter[str] = Counter()
        self.open: set[str] = set()
        self.position = 0

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield (what, stage) of every line until the process has ended."""
        assert self.child.stdout is not None
        for line in self.child.stdout:
            if not line.endswith("\n"):
                return  # cut by a kill
            what, stage, *position = line.split()
            if what == "begin":
                self.open.add(stage)
            elif what == "at":
                self.position = int(stage)
            else:
                self.open.discard(stage)
                self.done[stage] += what == "done"
            if position:
                self.position = int(position[0])
            yield what, stage

    def ask_to_end(self) -> None:
        """Let it end in order, when what it is at has ended."""
        assert self.child.stdin is not None
        self.child.stdin.close()

    def kill(self) -> None:
        """Kill it where it is."""
        self.child.kill()

    def ended(self) -> int:
        """Read what it still says, wait for its end, and return its exit code."""
        for _ in self.lines():
            pass
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.child.stdin.close()
        self.child.stdout.close()
        return self.child.wait(timeout=120)


@contextmanager
def opened(folder: Path) -> Iterator[WhooshBackend]:
    """Open an index."""
    backend = WhooshBackend(folder, settings=load_settings(environ={}).search)
    try:
        yield backend
    finally:
        backend.close()


def load(
    folder: Path,
    *,
    articles: int,
    threads: int,
    seconds: float,
    commits: int = 0,
    pace_ms: int,
    rebuild_every: int,
    alone_s: float = 0.0,
    pause_ms: float = 0.0,
    sample_s: float = 0.0,
) -> Load:
    """Have threads ask one engine, first alone, then beside a process that commits, merges and rebuilds.

    It ends when so many seconds have passed and so many commits were told.
    """
    with opened(folder) as backend:
        archive = Archive(articles)
        backend.rebuild(archive.batches(archive.state(1)))
        readers = Readers(backend, archive, threads, pause_ms=pause_ms)
        readers.start()
        try:
            time.sleep(alone_s)
            found = Load(readers.restart_tally(), readers.tally)
            writer = Writer(folder, articles, pace_ms=pace_ms, rebuild_every=rebuild_every)
            following = threading.Thread(target=_follow, args=(writer, readers))
            following.start()
            began = time.monotonic()
            while following.is_alive():
                left = seconds - (time.monotonic() - began)
                if left <= 0 and writer.done["commit"] >= commits:
                    break
                time.sleep(min(sample_s or 0.2, left) if left > 0 else 0.05)
                if sample_s:
                    found.usage.append(usage_of(folder, writer.child.pid, (time.monotonic() - began) / 60))
            writer.ask_to_end()
            following.join()
            if code := writer.ended():
                raise RuntimeError(f"the writing process ended with {code}")
        finally:
            found.beside = readers.stop()
        found.done = writer.done
    with opened(folder) as backend:
        held = sorted(backend.contents())
        if held != sorted(archive.state(backend.position()).contents):
            found.beside.wrong["the contents at the end"] += 1
    return found


def kills(folder: Path, *, articles: int, number: int, seed: int, rebuild_every: int = 12) -> Kills:
    """Kill the writing process `number` times inside commits, merges and rebuilds, and look at what is there."""
    dice = random.Random(seed)
    archive = Archive(articles)
    found = Kills()
    usual = dict.fromkeys(STAGES, 0.05)
    for at in range(number):
        writer = Writer(folder, articles, pace_ms=1, rebuild_every=rebuild_every)
        wanted = STAGES[at % len(STAGES)] if at else "rebuild"  # the first fills the index
        passes = dice.randint(1, 3) if wanted != "rebuild" else 1
        begun = 0.0
        reached = 0
        for what, stage in writer.lines():
            if stage != wanted:
                continue
            if what == "begin":
                reached += 1
                begun = time.monotonic()
                if reached > passes and (at or writer.done["rebuild"]):
                    time.sleep(dice.uniform(0, usual[stage]))
                    break
            elif what == "done":
                usual[stage] = (usual[stage] + time.monotonic() - begun) / 2
        writer.kill()
        writer.ended()
        found.kills += 1
        found.commits += writer.done["commit"]
        found.inside.update(writer.open or {"between"})
        _look(folder, archive, writer.position, found)
    writer = Writer(folder, articles, pace_ms=1, rebuild_every=0)
    for _ in writer.lines():
        if writer.done["commit"] > 3:
            break
    writer.ask_to_end()
    writer.ended()
    _look(folder, archive, writer.position, found)
    found.left_files = _left(folder)
    return found


def usage_of(folder: Path, writer_pid: int, minute: float) -> Usage:
    """Read what this process, the writing one and the folder take now."""
    maps = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace").splitlines()
    disk = 0
    for path in folder.rglob("*"):
        try:
            disk += path.stat().st_blocks * 512
        except FileNotFoundError:
            continue  # a commit has just taken it away
    return Usage(
        minute=round(minute, 2),
        rss_mb=_rss_mb("self"),
        writer_rss_mb=_rss_mb(str(writer_pid)),
        descriptors=len(list(Path("/proc/self/fd").iterdir())),
        mapped_files=sum(".arrays" in line for line in maps),
        threads=threading.active_count(),
        disk_mb=round(disk / 1e6, 1),
    )


def _follow(writer: Writer, readers: Readers) -> None:
    for what, stage in writer.lines():
        if (what, stage) == ("done", "commit"):
            readers.told(writer.position)


def _look(folder: Path, archive: Archive, told: int, found: Kills) -> None:
    """Open what a kill left behind and compare it with what must be there."""
    try:
        with opened(folder) as backend:
            position = backend.position()
            held = list(backend.contents())
    except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
        found.failed_opens[f"{type(error).__name__}: {error}"] += 1
        return
    right = archive.state(position).contents
    found.went_back += position < told
    found.lost += len({key for key, _ in right} - {key for key, _ in held})
    found.wrong += len(set(held) - right)
    found.twice += len(held) - len({key for key, _ in held})


def _left(folder: Path) -> list[str]:
    """Return files and folders that neither the pointer nor the table of contents names."""
    with opened(folder) as backend:
        snapshot = backend.opened.newest()
        assert snapshot is not None
        generation = snapshot.segments.folder
        named = {f"{part.segment.segment_id()}.arrays" for part in snapshot.parts}
    left = [path.name for path in folder.glob("gen-*") if path != generation]
    left += [path.name for path in folder.glob("current.*")]
    known = named | {f"_MAIN_{snapshot.commit}.toc", "MAIN_WRITELOCK", "MAIN_MERGELOCK"}
    return left + [path.name for path in generation.iterdir() if path.name not in known]


def _rss_mb(process: str) -> float:
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return 0.0
    return next((round(int(line.split()[1]) / 1024, 1) for line in lines if line.startswith("VmRSS")), 0.0)
