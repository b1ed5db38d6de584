"""A paragraph the outlet repeats: kept at first, learned at the end of the run, left out from the next on; no edit."""

from __future__ import annotations

import pytest

from crawler.reextract import reextract
from index.records import Role
from index.recurring import LEAST_ARTICLES
from index.store import open_store
from index.store.articles import article_by_url, revisions_of
from index.store.links import references_of
from index.store.recurring import blocks_of
from tests.crawler.driving import held
from tests.loopback_outlet import HOME, OUTLET_FILE

LATER = "2027-01-01T00:00:00Z"
PITCH = "Our harbour letter comes every morning, free of charge, before the first ship has left."
MARKED_UP = f"<p>{PITCH.replace('harbour letter', '<a href=/letter/NAME>harbour letter</a>')}</p>"
FIRST = [f"n{number}" for number in range(LEAST_ARTICLES)]


def publish(outlet, *names: str, links: str = MARKED_UP, updated: str = "2026-11-20T08:00:00Z") -> None:
    for name in names:
        outlet.article(name, links=links.replace("NAME", name))
    outlet.feed(*names, updated=updated)


@pytest.fixture
def learned(outlet, driver, archive):
    """The outlet after its first run."""
    publish(outlet, *FIRST)
    driver.crawl()
    return outlet


def url(name: str) -> str:
    return f"{HOME}/news/{name}"


def revisions(archive, name: str) -> list[str]:
    with archive.read() as tx:
        return [one.changes for one in revisions_of(tx, held(archive, url(name)).id)]


def roles(archive, name: str) -> list[Role]:
    with archive.read() as tx:
        return [link.role for link in references_of(tx, held(archive, url(name)).id)]


def test_pages_of_the_first_run_keep_it_in_any_order_and_it_is_learned_at_its_end(learned, archive):
    assert all(PITCH in held(archive, url(name)).text for name in FIRST)
    with archive.read() as tx:
        (block,) = blocks_of(tx, "harbour")
    assert (block.text, block.recurrence.articles, block.recurrence.of_articles) == (PITCH, 20, 20)


def test_articles_of_the_next_run_come_without_it_and_its_links_are_furniture(learned, driver, archive):
    publish(learned, "later", updated=LATER)
    assert driver.crawl().counts["new"] == 1
    assert PITCH not in held(archive, url("later")).text
    assert roles(archive, "later") == [Role.FURNITURE]


def test_second_crawl_of_pages_that_were_served_anew_adds_no_revision(learned, driver, archive):
    publish(learned, *FIRST, links=f"{MARKED_UP}<!-- served anew -->", updated=LATER)
    assert "changed" not in driver.crawl().counts
    assert {len(revisions(archive, name)) for name in FIRST} == {1}
    assert not any(PITCH in held(archive, url(name)).text for name in FIRST)
    with archive.read() as tx:
        assert [block.recurrence.articles for block in blocks_of(tx, "harbour")] == [20]


def test_page_from_which_the_outlet_took_it_is_no_edit(learned, driver, archive):
    publish(learned, "n0", links="", updated=LATER)
    driver.crawl()
    assert revisions(archive, "n0") == ["First revision."]


def test_forgotten_again_it_comes_back_without_a_revision(learned, driver, archive):
    publish(learned, *FIRST, links=f"{MARKED_UP}<!-- served anew -->", updated=LATER)
    driver.crawl()
    with archive.write() as tx:
        tx.exec_driver_sql("DELETE FROM recurring_blocks")
    publish(learned, "n0", links=f"{MARKED_UP}<!-- and again -->", updated="2027-02-01T00:00:00Z")
    driver.crawl()
    assert PITCH in held(archive, url("n0")).text
    assert revisions(archive, "n0") == ["First revision."]


def test_edit_beside_it_is_one_and_is_told_alone(learned, driver, archive):
    more = "<p>The crossing was closed after all, the harbour master said at noon.</p>"
    publish(learned, "n0", links=more + MARKED_UP, updated=LATER)
    assert driver.crawl().counts["changed"] == 1
    assert revisions(archive, "n0")[1:] == ["1 paragraph added."]


def test_moved_article_is_known_though_it_is_held_with_it(learned, driver, archive):
    body = learned.pages["/news/n0"].body
    learned.article("elsewhere")
    moved = type(learned.pages["/news/n0"])(body.replace(b"/news/n0", b"/news/elsewhere"))
    learned.pages["/news/elsewhere"] = moved
    del learned.pages["/news/n0"]
    learned.feed("elsewhere", updated=LATER)
    assert driver.crawl().counts["moved"] == 1
    assert held(archive, url("elsewhere")).id == held(archive, url("n0")).id


@pytest.mark.parametrize("where", ["setting", "outlet file"])
def test_switched_off_it_stays_and_is_shown_all_the_same(outlet, make, where):
    tables = {"crawler": {"drop_recurring": False}}
    if where == "outlet file":
        tables = {
            "outlet_file": OUTLET_FILE.replace('languages = ["en"]', 'languages = ["en"]\ndrop_recurring = false')
        }
    driver = make(**tables)
    publish(outlet, *FIRST)
    driver.crawl()
    publish(outlet, "later", updated=LATER)
    driver.crawl()
    store = open_store(driver.settings)
    with store.read() as tx:
        assert PITCH in article_by_url(tx, url("later")).text
        assert len(blocks_of(tx, "harbour")) == 1
    store.close()


def test_reextract_shows_what_it_would_leave_out_and_then_does_in_place(learned, driver, archive):
    seen = []
    report = reextract("harbour", settings=driver.settings, dry_run=True, on_change=seen.append)
    assert (report.changed, dict(report.fields)) == (20, {"text": 20, "links": 20})
    assert seen[0].fields[0].values["removed"] == [PITCH]
    assert PITCH in held(archive, url("n0")).text
    assert reextract("harbour", settings=driver.settings, dry_run=False).corrected == 20
    assert PITCH not in held(archive, url("n0")).text
    assert revisions(archive, "n0") == ["First revision."]
    assert reextract("harbour", settings=driver.settings, dry_run=False).changed == 0
