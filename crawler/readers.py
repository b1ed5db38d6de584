"""Reading pages beside the crawl: on all cores, in processes that can be killed, never in the way of a download.

A page that a process cannot finish in time, or that ends the process, is read once more in one pass by a new process;
failing that too, it is extraction_failed. Nothing a page does can end or stall the crawl.
"""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace

from config.logs import logs_as_text
from config.outlets import OutletSpec
from crawler.lifeline import environment_of_child
from crawler.reader_process import LOGS_VARIABLE, Job, read_value, write_value
from crawler.reading import QUICK_SHARE
from index.outcomes import Outcome
from index.records import Extraction, Page
from index.recurring import NOTHING_RECURS, Recurrence

log = logging.getLogger(__name__)

GRACE_S = 3.0
"""A process ends a page by itself when its time is up; one that is silent for so much longer is killed."""

START_S = 30.0
"""What a new process may take besides, for its first page: the parsers are loaded then."""

PAGES_PER_PROCESS = 2000
"""After so many pages a process gives way to a new one, so that what parsers leak stays small."""


class ReaderGone(Exception):  # noqa: N818  (it is no error of ours, and never leaves this module)
    """A process ended, or was ended, before it answered."""


class Readers:
    """The reading processes of one crawl; the first starts with the first page, more while all are busy."""

    def __init__(self, *, most: int, max_page_s: float) -> None:
        """Start nothing yet. `most`: processes at once, 0 for as many as the machine has cores."""
        self.most = most or os.cpu_count() or 1
        self.max_page_s = max_page_s
        self._idle: list[_Reader] = []
        self._all: set[_Reader] = set()
        self._turn = asyncio.Semaphore(self.most)

    async def read(
        self,
        page: Page,
        *,
        spec: OutletSpec | None,
        outlet: str,
        recurring: Mapping[str, Recurrence] = NOTHING_RECURS,
    ) -> Extraction:
        """Read one page; never raises, and ends within the time of a page, or soon after.

        `recurring` are the paragraphs its outlet repeats: they are left out.
        """
        async with self._turn:
            job = Job(page, spec, outlet, self.max_page_s, recurring=recurring)
            try:
                return await asyncio.to_thread(self._ask, job)
            except ReaderGone as gone:
                log.warning("page ended its reader", extra={"url": page.url, "outlet": outlet, "cause": gone})
            try:
                return await asyncio.to_thread(self._ask, replace(job, quick=True))
            except ReaderGone as gone:
                return Extraction(Outcome.EXTRACTION_FAILED, None, f"Reading the page ended the reader ({gone}).")

    def close(self) -> None:
        """End all processes; those that are reading, too."""
        for reader in list(self._all):
            reader.end()
        self._all.clear()
        self._idle.clear()

    def _ask(self, job: Job) -> Extraction:
        with self._reader() as reader:
            return reader.ask(job, within_s=self.max_page_s * (1 + QUICK_SHARE) + GRACE_S)

    @contextmanager
    def _reader(self) -> Iterator[_Reader]:
        reader = self._idle.pop() if self._idle else _Reader()
        self._all.add(reader)
        try:
            yield reader
        except ReaderGone:
            reader.end()
            self._all.discard(reader)
            raise
        if reader.pages >= PAGES_PER_PROCESS:
            reader.end()
            self._all.discard(reader)
        else:
            self._idle.append(reader)


class _Reader:
    """One process, asked by one thread at a time."""

    def __init__(self) -> None:
        self.pages = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "crawler.reader_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**environment_of_child(), LOGS_VARIABLE: logs_as_text()},
        )

    def ask(self, job: Job, *, within_s: float) -> Extraction:
        """Return the answer to a job. Raises ReaderGone; the process is dead then."""
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise ReaderGone("it has no pipes")
        limit_s = within_s + (START_S if self.pages == 0 else 0.0)
        expired = threading.Event()

        def kill() -> None:
            expired.set()
            process.kill()

        timer = threading.Timer(limit_s, kill)
        timer.start()
        try:
            write_value(process.stdin, job)
            found = read_value(process.stdout)
        except (EOFError, OSError):
            process.kill()
            code = process.wait()
            cause = f"killed after {limit_s:g} s" if expired.is_set() else f"it ended with {code}"
            raise ReaderGone(cause) from None
        finally:
            timer.cancel()
        self.pages += 1
        if not isinstance(found, Extraction):
            raise ReaderGone(f"it answered with {type(found).__name__}")
        return found

    def end(self) -> None:
        """Kill the process and close its pipes; it may be dead already."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was not yet written to a dead process is lost, as it should be
                    pipe.close()
