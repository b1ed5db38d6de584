"""The process that reads pages for a crawl: `python -m crawler.reader_process`, a job in, an extraction out.

Jobs and answers are pickled values between two processes of one program, each led by its length in eight bytes. It ends
when its input does, and when its parent dies. What it must not do is known to `readers`, which kills it.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from config.logs import set_up_logs_from
from config.outlets import OutletSpec
from crawler.lifeline import die_with_parent
from crawler.reading import read_page
from index.records import Extraction, Page
from index.recurring import Recurrence

log = logging.getLogger(__name__)

LOGS_VARIABLE = "WATCHFLOOR_READER_LOG"
"""How and about what a reader logs: as the crawl that started it."""

HEADER = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Job:
    """A page to be read within `max_page_s`; `quick`: in one pass, since reading it with all care failed before.

    `recurring` are the paragraphs its outlet repeats, by key.
    """

    page: Page
    spec: OutletSpec | None
    outlet: str
    max_page_s: float
    quick: bool = False
    recurring: Mapping[str, Recurrence] = field(default_factory=dict)


def write_value(stream: IO[bytes], value: Any) -> None:
    """Write one value and flush."""
    body = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(HEADER.pack(len(body)) + body)
    stream.flush()


def read_value(stream: IO[bytes]) -> Any:
    """Return the next value; raises EOFError where the stream ends."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        raise EOFError
    (length,) = HEADER.unpack(header)
    body = stream.read(length)
    if len(body) < length:
        raise EOFError
    return pickle.loads(body)  # noqa: S301 - see above


def main() -> int:
    """Answer jobs until there are no more."""
    die_with_parent(signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the crawl, which lets us finish the page
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no answer
    set_up_logs_from(os.environ.get(LOGS_VARIABLE, ""), "WARNING")
    while True:
        try:
            job: Job = read_value(sys.stdin.buffer)
        except EOFError:
            return 0
        try:
            write_value(answers, _answer(job))
        except BrokenPipeError:
            return _leave(answers, job)


def _leave(answers: IO[bytes], job: Job) -> int:
    """End quietly: the crawl went away while its page was read, and whoever finds that out asks for it again."""
    log.info("crawl went away while its page was read", extra={"url": job.page.url, "outlet": job.outlet})
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), answers.fileno())  # for what is left to be written when `answers` is closed
    return 0


def _answer(job: Job) -> Extraction:
    return read_page(
        job.page,
        spec=job.spec,
        outlet=job.outlet,
        max_page_s=job.max_page_s,
        quick=job.quick,
        recurring=job.recurring,
    )


if __name__ == "__main__":
    sys.exit(main())
