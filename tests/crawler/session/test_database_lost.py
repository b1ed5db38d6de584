"""A run whose database goes away, or whose job another worker took over: it ends named, and blames no outlet."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crawler.answers import Answer
from crawler.orders import Limits, Order
from crawler.session import OUSTED, RunSession
from index.errors import BusyError, StoreError
from index.job_records import Wish
from index.outcomes import Outcome
from index.records import Page
from index.store.articles import count_articles
from index.store.decisions import decisions_of_run
from index.store.health import list_health
from index.store.jobs import add_job, claim_job
from index.store.runs import get_run
from tests.crawler.driving import Driver
from tests.loopback_outlet import LoopbackOutlet

LEASE = timedelta(seconds=60)


@pytest.fixture(autouse=True)
def pages(outlet):
    for name in "abc":
        outlet.article(name)
    outlet.feed(*"abc")


@pytest.fixture
def begin(driver):
    """Open a run by hand; it is closed at the end of the test."""
    opened = []

    def made(job=None):
        session = RunSession.open(Order(driver.settings, "harbour", Limits(), job=job), now=driver.now)
        opened.append(session)
        return session

    yield made
    for session in opened:
        session.store.close()


def next_answer(session: RunSession, driver: Driver, outlet: LoopbackOutlet) -> Answer:
    """The answer to the next ask, made by hand."""
    ask = session.frontier.next_ask(now=driver.now, sources_pending=False)
    served = outlet.pages[ask.url.removeprefix("http://harbour.example")]
    page = Page(ask.url, served.body, driver.now, content_type=served.content_type)
    return Answer(ask, page) if ask.source else Answer(ask, page, session.intake.read_page(page))


@pytest.mark.parametrize("error", [BusyError("Somebody keeps it."), StoreError("It does not answer.")])
def test_a_run_that_cannot_store_is_killed_by_that_cause_and_the_next_takes_the_rest(
    error, driver, archive, monkeypatch
):
    from crawler.intake import Intake

    real = Intake.take_page

    def taken(self, reading, **more):
        if reading.page.url.endswith("/b"):
            raise error
        return real(self, reading, **more)

    monkeypatch.setattr(Intake, "take_page", taken)
    report = driver.crawl()
    assert (report.state, report.exit_code) == ("killed", 75)
    assert str(error) in report.reason
    with archive.read() as tx:
        assert list_health(tx) == []  # it says nothing of the outlet
    monkeypatch.setattr(Intake, "take_page", real)
    assert driver.crawl().state == "done"
    with archive.read() as tx:
        assert count_articles(tx) == 3


def test_an_answer_without_a_database_has_no_outcome(begin, driver, outlet, archive):
    session = begin()
    session.take_answer(next_answer(session, driver, outlet), now=driver.now)
    ask = session.frontier.next_ask(now=driver.now, sources_pending=False)
    session.take_answer(Answer(ask, lost=StoreError("It does not answer.")), now=driver.now)
    assert session.finish("finished", now=driver.now).state == "killed"
    assert isinstance(session.lost, StoreError)
    with archive.read() as tx:
        assert [one for one in decisions_of_run(tx, session.run_id) if one.url == ask.url and one.outcome] == []


def test_a_run_that_was_through_is_done_although_its_end_is_written_at_the_second_try(
    begin, driver, outlet, archive, monkeypatch
):
    session = begin()
    for _ in range(4):
        session.take_answer(next_answer(session, driver, outlet), now=driver.now)
    real = RunSession._close_row

    def away(*_):
        monkeypatch.setattr(RunSession, "_close_row", real)
        raise StoreError("It does not answer.")

    monkeypatch.setattr(RunSession, "_close_row", away)
    with pytest.raises(StoreError):
        session.finish("finished", now=driver.now)
    assert session.finish("shutdown", now=driver.now).state == "done"


@pytest.mark.parametrize("how", ["at a beat", "after a long sleep"])
def test_a_run_whose_job_another_worker_took_over_stores_nothing_more(how, begin, driver, outlet, archive):
    with archive.write() as tx:
        add_job(tx, Wish("harbour"), by="test", now=driver.now)
        job = claim_job(tx, worker="one", now=driver.now, lease=LEASE).job
    session = begin((job.id, job.attempt))
    session.take_answer(next_answer(session, driver, outlet), now=driver.now)
    answer = next_answer(session, driver, outlet)
    with archive.write() as tx:
        claim_job(tx, worker="two", now=driver.now + LEASE, lease=LEASE)
    if how == "at a beat":
        session.keep_going(now=driver.now)
    session.take_answer(answer, now=driver.now + LEASE)
    assert session.frontier.next_ask(now=driver.now, sources_pending=False) is None
    report = session.finish("finished", now=driver.now)
    assert (report.state, report.reason) == ("killed", OUSTED)
    with archive.read() as tx:
        assert count_articles(tx) == 0
        assert get_run(tx, session.run_id).counts.get(Outcome.NEW, 0) == 0
