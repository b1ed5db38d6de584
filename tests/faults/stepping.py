"""Killing a process before a chosen step of its work instead of after a chosen time: the same on any machine.

A step is what the work asks of the files below a folder (Python's audit events that name one), a statement it sends to
the database, and a commit. Used inside a child process.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, event

FILES = frozenset({"open", "os", "shutil", "sqlite3"})
"""The kinds of audit events that are about files."""


@contextmanager
def steps_of(folder: Path, *, killed_before: int = 0) -> Iterator[list[str]]:
    """List the steps of the block, counted from 1, and kill this process before one of them; 0 for none."""
    steps: list[str] = []
    inside = os.fspath(folder)
    watching = False

    def take(step: str) -> None:
        if watching:
            steps.append(step)
            if len(steps) == killed_before:
                os.kill(os.getpid(), signal.SIGKILL)

    def asked(name: str, arguments: tuple[object, ...]) -> None:
        if name.partition(".")[0] in FILES and any(_is_inside(one, inside) for one in arguments):
            take(name)

    def executed(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        take(statement.split(maxsplit=1)[0])

    def committed(_connection: object) -> None:
        take("COMMIT")

    sys.addaudithook(asked)
    event.listen(Engine, "before_cursor_execute", executed)
    event.listen(Engine, "commit", committed)
    watching = True
    yield steps
    watching = False


def _is_inside(argument: object, folder: str) -> bool:
    return isinstance(argument, (str, os.PathLike)) and str(argument).startswith(folder)
