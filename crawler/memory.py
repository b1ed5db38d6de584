"""How much memory a process and those it started hold. Linux only; elsewhere nothing is known, which is 0."""

from __future__ import annotations

import resource
from pathlib import Path

_PROC = Path("/proc")


def held_mb(pid: int) -> int:
    """Return the megabytes in memory of a process with all its descendants; those that end meanwhile count nothing."""
    pages, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        try:
            pages += int((_PROC / str(one) / "statm").read_text().split()[1])
            waiting += map(int, (_PROC / str(one) / "task" / str(one) / "children").read_text().split())
        except (OSError, IndexError, ValueError):
            continue
    return pages * resource.getpagesize() >> 20
