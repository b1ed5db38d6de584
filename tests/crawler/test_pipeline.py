"""What the pipeline and the child do when the database is away: signs of life go on, the end is waited for."""

from __future__ import annotations

import pytest

from config.errors import StorageFullError
from crawler import child as module
from crawler.child import finished
from crawler.orders import Progress, RunReport
from crawler.pipeline import ArchivePipeline
from index.errors import BusyError, StoreError


class Spider:
    name = "gazette"

    def __init__(self):
        self.told = []

    def tell(self, message):
        self.told.append(message)


class Loop:
    def __init__(self, *, running):
        self.running = running
        self.stopped = 0

    def stop(self):
        assert self.running, "a loop that failed cannot be stopped"
        self.stopped += 1


class Session:
    """A run whose database raises so many times, then answers."""

    lost = None

    def __init__(self, *errors):
        self.errors = list(errors)
        self.reasons = []

    def _maybe(self):
        if self.errors:
            raise self.errors.pop(0)

    def progress(self):
        self._maybe()
        return Progress(asked=7)

    def keep_going(self, *, now):
        self._maybe()

    def finish(self, reason, *, now):
        self.reasons.append(reason)
        self._maybe()
        return RunReport(1, "gazette", "done")


@pytest.fixture
def pipeline(monkeypatch):
    made = ArchivePipeline(crawler=None)
    spider = Spider()
    monkeypatch.setattr(ArchivePipeline, "spider", spider)
    made.told_to = spider
    return made


def test_a_crawl_without_a_database_still_gives_signs_of_life(pipeline):
    pipeline.session = Session(StoreError("It does not answer."), ZeroDivisionError())
    for _ in range(3):
        pipeline._report_progress()
    assert [message["progress"]["asked"] for message in pipeline.told_to.told] == [0, 0, 7]


def test_no_fault_of_a_beat_ends_the_beats(pipeline):
    pipeline.session = Session(StoreError("It does not answer."), ZeroDivisionError())
    for _ in range(3):
        pipeline._beat()
    assert pipeline.session.errors == []


def test_an_end_that_the_database_does_not_take_is_left_to_the_second_try(pipeline):
    running, failed = Loop(running=True), Loop(running=False)
    pipeline.loops = [failed, running]
    pipeline.session = Session(StoreError("It does not answer."))
    pipeline.end_run(pipeline.told_to, "finished")
    assert (running.stopped, pipeline.told_to.told) == (1, [])
    pipeline.end_run(pipeline.told_to, "finished")
    assert pipeline.told_to.told[0]["report"]["state"] == "done"


def test_the_end_of_a_run_waits_for_its_database(monkeypatch):
    monkeypatch.setattr(module.time, "sleep", lambda _seconds: None)
    session = Session(StoreError("It does not answer."), BusyError("Somebody keeps it."))
    assert finished(session).state == "done"
    assert len(session.reasons) == 3


@pytest.mark.parametrize("error", [StoreError("It does not answer."), StorageFullError("The disk is full.")])
def test_a_database_that_stays_away_or_is_full_is_told(error, monkeypatch):
    monkeypatch.setattr(module, "CLOSING_S", -1.0)
    with pytest.raises(type(error)):
        finished(Session(error))
