"""The end of every removal: bytes of raw records, of the index, of the database are overwritten, or it is said why not.

Each step is repeatable and on record until it is done (`pending`, the list of removals): whoever comes next goes on.
"""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path

from config.errors import WatchfloorError
from config.settings import Settings
from index.archive import Archive
from index.errors import BusyError
from index.search.backend import SearchBackend
from index.sought import Sought
from index.store import Store
from index.store.changes import last_change
from index.store.overwriting import overwrite_freed
from index.store.removals import forget_removals, removals_by_file
from index.store.takedowns import note_overwritten, pending_takedowns
from index.sync import sync
from index.takedown_records import DATABASE, INDEX, LEFT, RAW

_POLL_S = 0.2
_REMOVED = b"removed by a takedown"


def overwrite_raw(store: Store, archive: Archive) -> int:
    """Overwrite the raw records on the list of removals, file by file, and take them off it; return how many."""
    with store.read() as tx:
        waiting = removals_by_file(tx)
    for file, places in waiting.items():
        archive.remove_all(file, places.values())
        with store.write() as tx:
            forget_removals(tx, places)
    return sum(len(places) for places in waiting.values())


def overwrite_logs(folder: Path, sought: Sought) -> int:
    """Write over the lines of log files that hold what is sought, in their place, as somebody may be adding lines.

    Return how many there were.
    """
    overwritten = 0
    for path in sorted(folder.rglob("*.log*")) if folder.is_dir() else ():
        try:
            with path.open("r+b") as file:
                at = 0
                for line in file:
                    if sought.in_bytes(line):
                        os.pwrite(file.fileno(), _REMOVED.ljust(len(line) - 1)[: len(line) - 1], at)
                        overwritten += 1
                    at += len(line)
        except FileNotFoundError:
            continue  # it was rotated away
    return overwritten


def overwrite_pending(
    store: Store,
    backend: SearchBackend,
    settings: Settings,
    *,
    now: datetime,
    sought: Sought | None = None,
    wait_s: float = 60.0,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Bring every takedown to its end; return what is left to do and what else is to be told, in sentences.

    `sought` are the words of the only takedown that is pending; None: they are not known any more. Other processes at
    work on index or database are waited for, `wait_s` seconds each.
    """
    with store.read() as tx:
        open_ones = pending_takedowns(tx)
    parts = {part for one in open_ones for part in one.pending}
    if not open_ones:
        overwrite_raw(store, Archive(settings.warc_dir))
        return (), ()
    last = open_ones[-1].id
    left: list[str] = []
    told: list[str] = []

    def ended(part: str) -> None:
        with store.write() as tx:
            note_overwritten(tx, part, up_to=last, now=now)

    overwrite_raw(store, Archive(settings.warc_dir))
    if RAW in parts:
        ended(RAW)
    if INDEX in parts:
        why = _purged(store, backend, settings, wait_s)
        if why:
            left.append(f"{_sentence(INDEX)} ({why})")
        else:
            ended(INDEX)
    if DATABASE in parts:
        done, said = overwrite_freed(store, sought=sought if len(open_ones) == 1 else None, wait_s=wait_s)
        if done:
            ended(DATABASE)
            told += [said] if said else []
        else:
            left.append(f"{_sentence(DATABASE)} ({said})")
    return tuple(left), tuple(told)


def _purged(store: Store, backend: SearchBackend, settings: Settings, wait_s: float) -> str:
    """Take what is removed out of the index and its files; return why it could not be done, "" when it was."""
    deadline = time.monotonic() + wait_s
    with store.read() as tx:
        removed_by = last_change(tx)
    while True:
        try:
            try:
                sync(store, backend, settings=settings)
            except BusyError:
                if backend.position() < removed_by:  # who writes the index has not read of the removal yet
                    raise
            backend.purge()
            return ""
        except BusyError as error:
            if time.monotonic() >= deadline:
                return str(error).rstrip(".")
        except WatchfloorError as error:
            return str(error).rstrip(".")
        time.sleep(_POLL_S)


def _sentence(part: str) -> str:
    return LEFT[part][:1].upper() + LEFT[part][1:]
