"""Processes of ours: they import this program and no other, and never outlive the one that started them."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

PR_SET_PDEATHSIG = 1
CRAWL = b"crawler.child"
"""The module that the process of a crawl runs, as it stands in its command."""

_PROC = Path("/proc")


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Ask the system (Linux) for a signal when the parent dies, so that no work goes on without one."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number)


def end_after_parent(parent: int, *, grace_s: float) -> None:
    """Kill this process where it has not ended by itself so long after its parent; in a thread of its own.

    It was told when that happened, but may wait for a server, or not listen.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        time.sleep(grace_s)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()


def end_crawl(pid: int, *, begun_at: datetime) -> bool:
    """Kill a crawl of ours by its process number (Linux); False where another process has that number by now."""
    began = _began_at(pid)
    if began is None or began > begun_at or CRAWL not in _words(pid):
        return False
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        return False
    return True


def _words(pid: int) -> list[bytes]:
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def _began_at(pid: int) -> datetime | None:
    """Return when a process began, None where there is none."""
    try:
        ticks = int((_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[19])
        up_s = float((_PROC / "uptime").read_text().split()[0])
    except (OSError, IndexError, ValueError):
        return None
    return datetime.now(UTC) - timedelta(seconds=up_s - ticks / os.sysconf("SC_CLK_TCK"))


def environment_of_child() -> dict[str, str]:
    """Return our environment, with the folder our packages were imported from before whatever else it names."""
    ours = str(Path(__file__).parent.parent)
    path = [ours, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path)}
