"""A run below a minimum of its outlet's file ends as any other, but what it brought is not called fresh news."""

from __future__ import annotations

from datetime import timedelta

import pytest

from index.health.records import HealthState
from index.store import open_store
from index.store.health import changes_of, get_health, observation_of_run
from index.store.outlets import coverage, get_outlet
from index.store.runs import get_run
from tests.crawler.driving import link_to
from tests.loopback_outlet import OUTLET_FILE

EXPECTS_LINKS = f"{OUTLET_FILE}\n[expect]\nlinks_per_article = [2, 9]\n"
NAMES = [f"n{number}" for number in range(20)]


@pytest.fixture
def strict(make):
    return make(outlet_file=EXPECTS_LINKS)


@pytest.fixture
def archive(strict):
    store = open_store(strict.settings)
    yield store
    store.close()


def publish(outlet, *, links):
    for name in NAMES:
        outlet.article(name, links=link_to("n1", "n2", "n3") if links else "")
    outlet.feed(*NAMES)


def state_of(archive, driver):
    with archive.read() as tx:
        [found] = coverage(tx, now=driver.now, stale_after_h=48, outlets=("harbour",))
    return found.last_success_at


def test_a_run_below_a_minimum_is_no_fresh_news(outlet, strict, archive):
    publish(outlet, links=False)
    report = strict.crawl()
    assert (report.state, report.new, report.exit_code) == ("done", 20, 0)
    assert "expects 2 at the least" in report.reason
    with archive.read() as tx:
        run = get_run(tx, report.run_id)
        assert run.unfit in run.reason
        assert get_health(tx, "harbour").fit is False
        assert get_outlet(tx, "harbour").last_success_at is None
    assert state_of(archive, strict) is None


def test_what_was_fresh_before_stays_the_last_success(outlet, strict, archive):
    publish(outlet, links=True)
    strict.crawl()
    good = strict.now - timedelta(hours=1)
    for name in NAMES:
        outlet.article(f"{name}x", text="\n\n".join([f"Another ship left for {name} with {name}x on board."] * 4))
    outlet.feed(*(f"{name}x" for name in NAMES))
    assert "expects 2" in strict.crawl().reason
    assert state_of(archive, strict) == good


def test_a_run_that_meets_its_minimums_is_fresh(outlet, strict, archive):
    publish(outlet, links=True)
    report = strict.crawl()
    with archive.read() as tx:
        assert get_run(tx, report.run_id).unfit == ""
        assert get_health(tx, "harbour").state is HealthState.HEALTHY
    assert state_of(archive, strict) is not None


def test_a_judgement_that_fails_does_not_cost_the_run(outlet, strict, archive, monkeypatch, caplog):
    def fail(_facts):
        raise ZeroDivisionError("no usual figure")

    monkeypatch.setattr("crawler.closing.judge", fail)
    publish(outlet, links=True)
    report = strict.crawl()
    assert report.state == "done"
    assert "outlet not judged" in caplog.text
    with archive.read() as tx:
        assert get_run(tx, report.run_id).state == "done"
        assert observation_of_run(tx, report.run_id).new == 20
        assert (get_health(tx, "harbour"), changes_of(tx)) == (None, [])
