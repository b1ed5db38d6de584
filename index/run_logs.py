"""The log file of each run: written by its process, bounded, read back for people, removed by whoever keeps the house.

`<data>/logs/runs/<id>.log` holds the first half of what is allowed. Of all beyond it the newest stays, in two files
beside it that take turns (`.tail`, `.tail.old`), until the run ends and they are joined; so a process that is killed
leaves head and tail behind. Lines are those of config/logs.py: key=value, redacted.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from config.counting import counted
from config.logs import KeyValueFormatter
from config.settings import Settings

MOST_HELD_BACK = 500
"""Lines held back until the run has its number; those before it are few."""

MOST_LINE_BYTES = 8_000
LEFT_OUT = 'level=info msg="lines were left out here: the log had reached logs.run_max_kb"'
SHOWN_LINES = 60
SHOWN_WARNINGS = 40

_LEVEL = re.compile(r"\blevel=(\w+)")
_GRAVE = ("warning", "error", "critical")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a log: its level in lower case, and the line as it was written."""

    level: str
    text: str

    @property
    def is_grave(self) -> bool:
        """Whether it is a warning or worse."""
        return self.level in _GRAVE


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is shown of a log: warnings and errors first (the last ones), then the newest lines; each in its order.

    `lines` is how many the log holds. An empty excerpt says why in `missing`.
    """

    warnings: tuple[LogLine, ...] = ()
    newest: tuple[LogLine, ...] = ()
    lines: int = 0
    all_warnings: int = 0
    missing: str = ""


def runs_folder(settings: Settings) -> Path:
    """Return where the logs of runs lie."""
    return settings.data.dir / "logs" / "runs"


class RunLog(logging.Handler):
    """Writes the log of the run of this process. What comes before its number is known is held back for a while.

    A log that cannot be written ends no run: it says so once on stderr, and in its file where that is possible.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.setFormatter(KeyValueFormatter())
        self._folder = runs_folder(settings)
        self._most_bytes = settings.logs.run_max_kb * 1024
        self._held_back: list[bytes] = []
        self._path: Path | None = None
        self._file: BinaryIO | None = None
        self._written = 0
        self._in_tail = False

    def begin(self, run_id: int) -> None:
        """Open the file of a run and write what was held back."""
        self._path = self._folder / f"{run_id}.log"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for old in (self._path, _tail(self._path), _old_tail(self._path)):
                old.unlink(missing_ok=True)
            self._open(self._path)
        except OSError as error:
            self._give_up(error)
        for line in self._held_back:
            self._write(line)
        self._held_back = []

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        line = self.format(record).encode("utf-8", "replace")[:MOST_LINE_BYTES] + b"\n"
        if self._path is None:
            if len(self._held_back) < MOST_HELD_BACK:
                self._held_back.append(line)
            return
        self._write(line)

    def close(self) -> None:
        """Close the file and join head and tail. Repeating it does nothing."""
        file, self._file = self._file, None
        if file is not None:
            file.close()
            if self._in_tail and self._path is not None:
                try:
                    _join(self._path)
                except OSError as error:
                    self._give_up(error)
        super().close()

    def _write(self, line: bytes) -> None:
        if self._file is None or self._path is None:
            return
        try:
            half = self._most_bytes // 2
            if self._written + len(line) > (half // 2 if self._in_tail else half):
                self._turn(self._path)
            self._file.write(line)
            self._written += len(line)
        except OSError as error:
            self._give_up(error)

    def _turn(self, path: Path) -> None:
        """Go on in the next file: the tail, whose older half goes when the newer is full."""
        if self._file is not None:
            self._file.close()
        if self._in_tail:
            _tail(path).replace(_old_tail(path))
        self._in_tail = True
        self._open(_tail(path))

    def _open(self, path: Path) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(descriptor, "wb", buffering=0)
        self._written = 0

    def _give_up(self, error: OSError) -> None:
        self._file = None
        logging.getLogger(__name__).warning(
            "the log of the run ends here: %s", error.strerror or error, extra={"file": str(self._path)}
        )


def read_log(settings: Settings, run_id: int) -> Iterator[str]:
    """Give the lines of a run's log, a sentence where lines were left out; nothing where there is no log."""
    path = runs_folder(settings) / f"{run_id}.log"
    if not path.exists():
        return
    yield from _lines(path)
    tails = [tail for tail in (_old_tail(path), _tail(path)) if tail.exists()]
    if len(tails) > 1:
        yield LEFT_OUT
    for tail in tails:
        yield from _lines(tail)


def excerpt(settings: Settings, run_id: int) -> Excerpt:
    """Return what is shown of a run's log: its last 40 warnings and errors, and its last 60 lines."""
    lines = [LogLine(_level_of(line), line) for line in read_log(settings, run_id)]
    if not lines:
        told = (
            f"No log of run {run_id} is here: only crawls write one, on the machine they run on; old ones are removed."
        )
        return Excerpt(missing=told)
    grave = [line for line in lines if line.is_grave]
    return Excerpt(tuple(grave[-SHOWN_WARNINGS:]), tuple(lines[-SHOWN_LINES:]), len(lines), len(grave))


def _tail(path: Path) -> Path:
    return path.with_name(path.name + ".tail")


def _old_tail(path: Path) -> Path:
    return path.with_name(path.name + ".tail.old")


def _join(path: Path) -> None:
    """Lay the tail behind the head. Killed meanwhile, the tail stays as it is and is read twice at the worst."""
    tails = [tail for tail in (_old_tail(path), _tail(path)) if tail.exists()]
    with path.open("ab") as head:
        if len(tails) > 1:
            head.write(LEFT_OUT.encode() + b"\n")
        for tail in tails:
            head.write(tail.read_bytes())
    for tail in tails:
        tail.unlink()


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                yield line.rstrip("\n")
    except FileNotFoundError:  # joined or removed meanwhile
        return


def _level_of(line: str) -> str:
    found = _LEVEL.search(line)
    return found.group(1) if found else "info"


def in_words(shown: Excerpt) -> list[str]:
    """Return an excerpt as lines for a terminal, with headings."""
    if shown.missing:
        return [shown.missing]
    told = []
    if shown.warnings:
        of_all = f" (of {shown.all_warnings})" if shown.all_warnings > len(shown.warnings) else ""
        told += [f"{counted(len(shown.warnings), 'warning')}{of_all}:", *(line.text for line in shown.warnings), ""]
    told += [f"the last {counted(len(shown.newest), 'line')} of {shown.lines}:", *(line.text for line in shown.newest)]
    return told
