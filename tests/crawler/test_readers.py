"""Reading pages in processes of their own: what one page does to its process is no other page's business."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.lifeline import environment_of_child
from crawler.reader_process import Job, write_value
from crawler.readers import ReaderGone, Readers, _Reader
from crawler.reading import read_page
from index.outcomes import Outcome
from index.records import ArticleFlag, Page

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SENTENCE = (
    "The harbour office of Velden said on Friday that the northern ports would stay closed until the storm passed. "
)
HTML = "<main><h1>Ports closed</h1>" + "".join(f"<p>{SENTENCE * 2}Notice {n}.</p>" for n in range(5)) + "</main>"


def page(number: int = 1, html: str = HTML) -> Page:
    return Page(f"https://gazette.example/{number}", html.encode(), NOW, content_type="text/html")


@pytest.fixture
def readers():
    made = Readers(most=2, max_page_s=20)
    yield made
    made.close()


def test_pages_are_read_as_in_this_process(readers):
    async def read() -> list[object]:
        return list(await asyncio.gather(*(readers.read(page(n), spec=None, outlet="x") for n in range(6))))

    assert asyncio.run(read()) == [read_page(page(n), spec=None, outlet="x", max_page_s=20) for n in range(6)]
    assert len(readers._all) <= 2


def test_killed_process_costs_its_page_nothing_but_time(readers):
    async def read() -> object:
        first = await readers.read(page(), spec=None, outlet="x")
        (reader,) = readers._all
        os.kill(reader._process.pid, signal.SIGKILL)
        second = await readers.read(page(2), spec=None, outlet="x")
        return first, second

    first, second = asyncio.run(read())
    assert first.article is not None
    assert second.article is not None
    assert second.article.text == first.article.text
    assert ArticleFlag.QUICK in second.article.flags  # it may have been the page that killed its process


def test_page_that_ends_every_process_has_an_outcome(readers, monkeypatch):
    def gone(self: _Reader, job: Job, *, within_s: float) -> object:
        raise ReaderGone("it ended with -9")

    monkeypatch.setattr(_Reader, "ask", gone)
    found = asyncio.run(readers.read(page(), spec=None, outlet="x"))
    assert found.outcome is Outcome.EXTRACTION_FAILED
    assert "ended the reader" in found.detail
    assert not readers._idle


def test_silent_process_is_killed_when_its_time_is_up():
    reader = _Reader()
    reader.pages = 1  # past its start
    os.kill(reader._process.pid, signal.SIGSTOP)
    began = time.monotonic()
    with pytest.raises(ReaderGone, match=r"killed after 0\.2 s"):
        reader.ask(Job(page(), None, "x", 20), within_s=0.2)
    assert time.monotonic() - began < 10
    assert reader._process.poll() is not None
    reader.end()


def test_closing_ends_all_processes(readers):
    asyncio.run(readers.read(page(), spec=None, outlet="x"))
    (reader,) = readers._all
    readers.close()
    assert reader._process.poll() is not None
    assert not Path(f"/proc/{reader._process.pid}/cmdline").exists()


def test_process_whose_crawl_went_away_ends_without_a_word():
    process = subprocess.Popen(
        [sys.executable, "-m", "crawler.reader_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment_of_child(),
    )
    process.stdout.close()  # as a crawl that is killed while the page is read
    write_value(process.stdin, Job(page(), None, "x", 60))
    assert process.stderr.read() == b""
    assert process.wait() == 0
    process.stdin.close()
    process.stderr.close()


def test_page_over_its_time_is_finished_in_one_pass_and_flagged(monkeypatch):
    def endless(*_args: object, **_options: object) -> list[str]:
        while True:
            pass

    monkeypatch.setattr("crawler.extract.body._trafilatura", endless)
    monkeypatch.setattr("crawler.reading.QUICK_SHARE", 100)  # one pass takes what time it needs on a busy machine
    found = read_page(page(), spec=None, outlet="x", max_page_s=0.4)
    assert found.article is not None
    assert ArticleFlag.QUICK in found.article.flags
    assert found.article.text.count("\n\n") == 4


def test_page_too_slow_even_for_one_pass_is_extraction_failed(monkeypatch):
    def endless(*_args: object, **_options: object) -> list[str]:
        while True:
            pass

    monkeypatch.setattr("crawler.extract.body.text_blocks", endless)
    found = read_page(page(), spec=None, outlet="x", max_page_s=0.2)
    assert (found.outcome, found.detail) == (Outcome.EXTRACTION_FAILED, "Reading it took longer than 0.25 s.")
