"""Processes of ours: they import this program and no other, and never outlive the one that started them."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Ask the system (Linux) for a signal when the parent dies, so that no work goes on without one."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number)


def environment_of_child() -> dict[str, str]:
    """Return our environment, with the folder our packages were imported from before whatever else it names."""
    ours = str(Path(__file__).parent.parent)
    path = [ours, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path)}
