"""The one door to remove what was kept for longer than the settings say: `retain`. Articles are always kept.

Everything goes in small transactions, so that crawls beside it wait for none of them; killed at any place, the next
one goes on. What something points at stays and is counted, unless the settings say otherwise.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from config.settings import Settings
from index.archive import Archive
from index.overwriting import overwrite_raw
from index.store import Store, Transaction
from index.store.removals import removals_by_file
from index.store.retention import (
    Batch,
    decisions_of_runs,
    files_without_pages,
    old_acts,
    old_decisions,
    old_raw_pages,
    old_runs,
    runs_over,
)

PAUSE_SHARE = 0.5
"""After a batch it rests half as long as that took: other writers come first."""

Stopped = Callable[[], bool]
Removing = Callable[[Transaction, int, bool], Batch]


@dataclass(frozen=True, slots=True)
class Kind:
    """What came of one kind of thing: how many went, how many are old and were kept, and bytes given back."""

    removed: int = 0
    kept: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Retained:
    """What a retention did, or, with `dry_run`, would do. `cut`: it was asked to stop before its end."""

    dry_run: bool
    decisions: Kind = Kind()
    runs: Kind = Kind()
    raw_pages: Kind = Kind()
    logs: Kind = Kind()
    audit: Kind = Kind()
    cut: bool = False

    def to_json(self) -> dict[str, object]:
        """Return it as JSON values."""
        return asdict(self)


def retain(
    store: Store,
    settings: Settings,
    *,
    now: datetime,
    dry_run: bool = False,
    stopped: Stopped = lambda: False,
) -> Retained:
    """Remove what is older than the settings say; with `dry_run` only count it."""
    keep = settings.retention
    remove = not dry_run
    done = Retained(dry_run)
    steps = _Steps(store, remove, stopped)
    if keep.decisions_days:
        before = now - timedelta(days=keep.decisions_days)
        done = replace(
            done, decisions=steps.all(lambda tx, after, go: old_decisions(tx, before, after=after, remove=go))
        )
    if keep.decisions_rows:
        done = replace(done, decisions=_sum(done.decisions, _over(steps, keep.decisions_rows)))
    if keep.runs_days:
        ended = now - timedelta(days=keep.runs_days)
        done = replace(done, runs=steps.all(lambda tx, after, go: old_runs(tx, ended, after=after, remove=go)))
    if keep.raw_pages_days:
        fetched, cited_too = now - timedelta(days=keep.raw_pages_days), keep.raw_pages_cited_too
        pages = steps.all(
            lambda tx, after, go: old_raw_pages(tx, fetched, cited_too=cited_too, after=after, remove=go, now=now)
        )
        done = replace(done, raw_pages=pages)
        if remove:
            _give_back(store, Archive(settings.warc_dir))
    if keep.logs_days:
        logs = _old_logs(settings.data.dir / "logs", now - timedelta(days=keep.logs_days), remove=remove)
        done = replace(done, logs=logs)
    if keep.audit_days:
        done = replace(done, audit=_audit(steps, now - timedelta(days=keep.audit_days)))
    return replace(done, cut=steps.was_cut)


class _Steps:
    """Does batch after batch, each in a transaction of its own."""

    def __init__(self, store: Store, remove: bool, stopped: Stopped) -> None:
        self.store, self.remove, self.stopped = store, remove, stopped
        self.was_cut = False

    def all(self, step: Removing) -> Kind:
        """Do all batches of one kind of thing."""
        kind, after = Kind(), 0
        while True:
            if self.stopped():
                self.was_cut = True
                return kind
            begun = time.monotonic()
            with self.store.write() if self.remove else self.store.read() as tx:
                batch = step(tx, after, self.remove)
            kind = Kind(kind.removed + batch.removed, kind.kept + batch.kept, kind.bytes + batch.bytes)
            if batch.after is None:
                return kind
            after = batch.after
            if self.remove and batch.removed:
                time.sleep(PAUSE_SHARE * (time.monotonic() - begun))


def _over(steps: _Steps, most_rows: int) -> Kind:
    """Remove the decisions of each outlet's older runs that are over the number kept of it."""
    with steps.store.read() as tx:
        over = runs_over(tx, most_rows)
    kind = Kind()
    for run_ids in over.values():
        for start in range(0, len(run_ids), 200):
            some = run_ids[start : start + 200]
            kind = _sum(kind, steps.all(lambda tx, after, go, some=some: _of(tx, some, after, go)))  # type: ignore[misc]
    return kind


def _of(tx: Transaction, run_ids: list[int], after: int, remove: bool) -> Batch:
    return decisions_of_runs(tx, run_ids, after=after, remove=remove)


def _audit(steps: _Steps, before: datetime) -> Kind:
    removed = 0
    while True:
        with steps.store.write() if steps.remove else steps.store.read() as tx:
            some = old_acts(tx, before, remove=steps.remove)
        removed += some
        if not some or not steps.remove:
            return Kind(removed)


def _give_back(store: Store, archive: Archive) -> None:
    """Overwrite what was taken from pages; a file of which no page is left goes as a whole, where nobody writes it."""
    with store.read() as tx:
        empty = files_without_pages(tx, removals_by_file(tx))
    for file in empty:
        archive.drop_file(file)
    overwrite_raw(store, archive)


def _old_logs(folder: Path, before: datetime, *, remove: bool) -> Kind:
    removed = freed = 0
    for path in sorted(folder.rglob("*.log*")) if folder.is_dir() else ():
        try:
            state = path.stat()
            if state.st_mtime >= before.timestamp():
                continue
            if remove:
                path.unlink()
        except FileNotFoundError:
            continue  # whoever rotates it was faster
        removed, freed = removed + 1, freed + state.st_size
    return Kind(removed, 0, freed)


def _sum(one: Kind, other: Kind) -> Kind:
    return Kind(one.removed + other.removed, one.kept + other.kept, one.bytes + other.bytes)
