"""A takedown beside crawls: what is in flight, what a feed goes on to name, what is imported again."""

from __future__ import annotations

import pytest

from crawler.importing import import_files
from crawler.intake import Intake
from index.archive import ArchiveWriter
from index.search.opening import open_backend
from index.store import open_store
from index.store.articles import article_by_url, count_articles
from index.store.leads import get_lead
from index.store.removals import count_removals
from index.taking_down import take_down
from tests.crawler.driving import Driver
from tests.leftovers import files_with
from tests.loopback_outlet import HOME, LoopbackOutlet

WORDS = ("Quorvex", "zarnithal", "Brellidane", "mukdorian")
TITLE = "Quorvex convoy leaves for the zarnithal border"
TEXT = (
    "Minister Brellidane said on Tuesday that the Quorvex convoy had left the mukdorian border before dawn, and that "
    "nobody at the zarnithal crossing had been asked to stop it on its way to the coast."
)
LATER = "2026-11-23T13:30:00Z"


@pytest.fixture
def outlet() -> LoopbackOutlet:
    return LoopbackOutlet()


@pytest.fixture
def driver(outlet, make_settings, tmp_path) -> Driver:
    made = Driver(outlet, outlet.settings(make_settings, tmp_path / "outlets"))
    outlet.article("secret", title=TITLE, text=TEXT)
    outlet.article("pier")
    outlet.feed("secret", "pier")
    return made


@pytest.fixture
def archive(driver):
    opened = open_store(driver.settings)
    yield opened
    opened.close()


def take_it_down(driver, **other):
    store, backend = open_store(driver.settings), open_backend(driver.settings)
    try:
        return take_down(
            store, backend, driver.settings, f"{HOME}/news/secret", by="ann", now=driver.now, wait_s=5.0, **other
        )
    finally:
        backend.close()
        store.close()


def test_nothing_is_left_after_a_crawl_and_a_takedown(driver):
    driver.crawl()
    assert files_with(driver.settings.data.dir, WORDS)
    assert take_it_down(driver).left == ()
    assert files_with(driver.settings.data.dir, WORDS) == {}


def test_a_feed_that_still_names_it_brings_no_word_back(driver, outlet, archive):
    driver.crawl()
    take_it_down(driver)
    outlet.feed("secret", "pier", updated=LATER)
    assert driver.crawl().counts["taken_down"] == 1
    with archive.read() as tx:
        assert get_lead(tx, f"{HOME}/news/secret").title == ""
    assert files_with(driver.settings.data.dir, WORDS) == {}


def test_a_feed_that_is_not_kept_is_read_all_the_same(driver, outlet, archive):
    driver.crawl()
    take_it_down(driver)
    outlet.article("third")
    outlet.feed("secret", "pier", "third", updated=LATER)
    driver.crawl()
    driver.crawl()
    with archive.read() as tx:
        assert article_by_url(tx, f"{HOME}/news/third") is not None


def test_its_title_is_not_kept_with_a_lead_that_comes_after(driver, outlet, archive):
    outlet.feed("pier")
    driver.crawl()
    take_it_down(driver)
    outlet.feed("secret", "pier", updated=LATER)
    driver.crawl()
    with archive.read() as tx:
        assert get_lead(tx, f"{HOME}/news/secret").title == ""


def test_a_page_in_flight_is_not_stored_and_its_record_is_taken_back(driver, archive, monkeypatch):
    append = ArchiveWriter.append

    def taken_down_meanwhile(self, page):
        position = append(self, page)
        if page.url.endswith("/news/secret"):
            take_it_down(driver)
        return position

    monkeypatch.setattr(ArchiveWriter, "append", taken_down_meanwhile)
    assert driver.crawl().counts["taken_down"] == 1
    with archive.read() as tx:
        assert count_articles(tx) == 1
    take_it_down(driver)
    assert files_with(driver.settings.data.dir, WORDS) == {}


def test_a_record_in_flight_is_overwritten_by_its_own_crawl(driver, archive, monkeypatch):
    """The takedown comes between the look and the record, so that it cannot see the record itself."""
    look = Intake.repeats_taken_down

    def taken_down_meanwhile(self, tx, urls):
        answer = look(self, tx, urls)
        tx.rollback()
        take_it_down(driver)
        return answer

    monkeypatch.setattr(Intake, "repeats_taken_down", taken_down_meanwhile)
    driver.crawl(url=f"{HOME}/news/secret")
    with archive.read() as tx:
        assert count_articles(tx) == 0
        assert count_removals(tx) == 0
    assert files_with(driver.settings.data.dir, WORDS) == {}


def test_it_is_not_imported_again(driver, archive, tmp_path):
    driver.crawl()
    take_it_down(driver)
    page = tmp_path / "page.html"
    page.write_bytes(f"<html><h1>{TITLE}</h1><p>{TEXT}</p></html>".encode())
    report = import_files([page], settings=driver.settings, url=f"{HOME}/news/secret")
    assert dict(report.counts) == {"taken_down": 1}
    assert files_with(driver.settings.data.dir, WORDS) == {}
