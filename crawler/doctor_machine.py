"""What `watchfloor doctor` finds of the machine: versions, disk, clock."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from config.counting import counted
from config.disk import free_bytes_of
from config.errors import WatchfloorError
from config.settings import Settings
from crawler.findings import FAULT, OK, WARNING, Finding
from index.store import opened_store
from index.store.instants import database_bytes, newest_instant, server_instant

log = logging.getLogger(__name__)

LEAST_PYTHON = (3, 11)
MOST_FILES = 200_000
"""Files of the data folder that are weighed; of a larger one the rest is not."""

CLOCKS_APART = timedelta(seconds=2)
AHEAD = timedelta(minutes=2)
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)(.*)$")
_PARTS = {"index": "index", "warc": "raw pages", "logs": "logs", "outlets": "outlet files"}


def python(lock: Path | None = None) -> Iterator[Finding]:
    """Find the versions of Python and of the libraries, beside those this version was made with."""
    parts = ", ".join(f"{name} {version(name)}" for name in ("watchfloor", "scrapy", "sqlalchemy", "whoosh-reloaded"))
    if sys.version_info < LEAST_PYTHON:
        yield Finding("python", FAULT, f"{sys.version.split()[0]} is too old: install Python 3.11 or newer.")
    wanted = pinned(lock or Path(__file__).parent.parent / "requirements.lock")
    other = [
        f"{name} {held} (made with {' or '.join(pins)})"
        for name, pins in sorted(wanted.items())
        if (held := _installed(name)) is not None and held not in pins
    ]
    missing = [name for name in sorted(_needed()) if _installed(name) is None]
    if missing:
        yield Finding("python", FAULT, f"Not installed: {', '.join(missing)}. Run `make setup`.")
    if other:
        shown = ", ".join(other[:8]) + (f" and {len(other) - 8} more" if len(other) > 8 else "")
        yield Finding("python", WARNING, f"Other versions than this was tested with: {shown}. Run `make setup`.")
    if not missing and not other:
        yield Finding("python", OK, f"{sys.version.split()[0]} with {parts}, as locked.")


def pinned(lock: Path) -> dict[str, tuple[str, ...]]:
    """Return the versions of a lock file by name; without the file, those the package itself asks for.

    Some have several, each for other versions of Python.
    """
    try:
        lines = lock.read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = [
            line.replace(" ", "") for line in requires("watchfloor") or () if "extra==" not in line.replace(" ", "")
        ]
    found: dict[str, tuple[str, ...]] = {}
    for match in filter(None, map(_PIN.match, lines)):
        found[match[1].lower()] = (*found.get(match[1].lower(), ()), match[2])
    return found


def disk(settings: Settings) -> Iterator[Finding]:
    """Find how much is free where the data folder is, and what it uses by part."""
    folder = settings.data.dir
    free = free_bytes_of(folder)
    least = settings.crawler.min_free_mb
    if free is None:
        yield Finding("disk", WARNING, f"{folder}: the system does not say how much is free; check that disk by hand.")
        return
    free_mb = free // (1 << 20)
    if free_mb < least:
        yield Finding(
            "disk",
            FAULT,
            f"{folder}: {free_mb:,} MB free, crawls need {least:,} (crawler.min_free_mb): free space, or move the "
            f"folder ([data] dir).{_used(settings)}",
        )
    elif free_mb < 2 * least:
        yield Finding(
            "disk", WARNING, f"{folder}: {free_mb:,} MB free, crawls stop under {least:,}: make space.{_used(settings)}"
        )
    else:
        yield Finding("disk", OK, f"{folder}: {free_mb:,} MB free.{_used(settings)}")


def _used(settings: Settings) -> str:
    weights, files = weighed(settings.data.dir)
    if settings.database.url.startswith("postgres"):
        try:
            with opened_store(settings) as store, store.read() as tx:
                weights["database on its server"] = database_bytes(tx)
        except WatchfloorError as error:
            log.debug("size of the database not known: %s", error)  # the look at the database tells it
    if not weights:
        return ""
    parts = ", ".join(f"{name} {_megabytes(size)}" for name, size in weights.most_common())
    more = f" (the first {counted(files, 'file')})" if files >= MOST_FILES else ""
    return f" In use: {parts}{more}."


def weighed(folder: Path) -> tuple[Counter[str], int]:
    """Return the bytes a data folder takes by part, and how many files were weighed, a bounded number of them."""
    weights: Counter[str] = Counter()
    files = 0
    for place, _folders, names in os.walk(folder):
        top = Path(place).relative_to(folder).parts[:1]
        for name in names:
            try:
                held = Path(place, name).lstat()
            except OSError:
                continue  # it was taken away between the list and the look
            part = _PARTS.get(top[0], "other") if top else "database" if ".sqlite3" in name else "other"
            weights[part] += held.st_blocks * 512
            files += 1
            if files >= MOST_FILES:
                return weights, files
    return +weights, files


def _megabytes(size: int) -> str:
    return f"{size / (1 << 20):,.0f} MB" if size >= 10 << 20 else f"{size / (1 << 20):,.1f} MB"


def clock(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Find whether this machine's clock agrees with the database's, and with what was written before."""
    with opened_store(settings) as store, store.read() as tx:
        server, newest = server_instant(tx), newest_instant(tx)
    apart = None if server is None else abs(server - now)
    if newest is not None and newest - now > AHEAD:
        yield Finding(
            "clock",
            WARNING,
            f"Something was written at {newest:%Y-%m-%d %H:%M} UTC, and here it is {now:%Y-%m-%d %H:%M} UTC: the clock "
            "of this machine was set back, or that of another is ahead. Keep all by NTP.",
        )
    elif apart is not None and apart > CLOCKS_APART:
        grave = apart > timedelta(seconds=settings.operating.lease_s / 2)
        yield Finding(
            "clock",
            FAULT if grave else WARNING,
            f"This machine and the database are {apart.total_seconds():,.1f} s apart; leases last "
            f"{settings.operating.lease_s:g} s. Keep both by NTP.",
        )
    elif apart is not None:
        yield Finding("clock", OK, f"{apart.total_seconds():.1f} s beside that of the database.")
    else:
        yield Finding("clock", OK, f"{now:%Y-%m-%d %H:%M} UTC, after all that was written.")


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _needed() -> set[str]:
    """The libraries without which this does not run."""
    return {re.split(r"[\[=<>;!~]", line)[0].lower() for line in _asked_for()}


def _asked_for() -> list[str]:
    lines = (line.replace(" ", "") for line in requires("watchfloor") or ())
    return [line for line in lines if "extra==" not in line]
