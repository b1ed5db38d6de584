"""How a run goes on and ends, without a network: budgets, faults, refusals, takedowns, other outlets."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.errors import ConfigurationError, TryAgainError, UsageError
from crawler import frontier
from crawler.network.outcomes import Fault
from crawler.orders import Limits
from index.outcomes import Outcome
from index.records import LeadState
from index.store.articles import count_articles, delete_article
from index.store.leads import count_leads, get_lead
from index.store.runs import get_run
from tests.crawler.driving import held, link_to
from tests.loopback_outlet import HOME, OUTLET_FILE, Answer

LATER = "2027-01-01T00:00:00Z"


def test_page_budget_ends_the_run_and_the_next_run_takes_the_rest(outlet, driver):
    names = [f"n{number}" for number in range(7)]
    for name in names:
        outlet.article(name)
    outlet.feed(*names)
    report = driver.crawl(Limits(pages=4))
    assert (report.state, report.exit_code) == ("budget", 12)
    assert report.counts == {"new": 4, "not_article": 1, "over_budget": 3}
    second = driver.crawl()
    assert (second.state, second.new) == ("done", 3)


def test_budget_that_is_just_enough_is_not_reached(outlet, driver):
    outlet.article("a")
    outlet.feed("a")
    assert driver.crawl(Limits(pages=1)).state == "done"


def test_new_url_budget_counts_what_it_cuts_and_the_next_run_finds_it(outlet, driver):
    names = [f"n{number}" for number in range(5)]
    for name in names:
        outlet.article(name)
    outlet.feed(*names)
    report = driver.crawl(Limits(new_urls=2))
    assert (report.state, report.new, report.counts["over_budget"]) == ("budget", 2, 3)
    assert driver.crawl().new == 3


def test_time_of_a_run_is_a_budget(outlet, driver):
    for name in "abc":
        outlet.article(name)
    outlet.feed("a", "b", "c")
    driver.tick = timedelta(seconds=10)
    report = driver.crawl(Limits(run_s=15))
    assert (report.state, report.new, report.counts["over_budget"]) == ("budget", 1, 2)


def test_stopped_run_leaves_its_leads_waiting(outlet, driver, archive):
    for name in "abc":
        outlet.article(name)
    outlet.feed("a", "b", "c")
    driver.stop_after = lambda count: count == 2
    driver.crawl()
    with archive.read() as tx:
        counts = count_leads(tx, "harbour")
    assert (counts[LeadState.WAITING], counts[LeadState.TAKEN], counts[LeadState.DONE]) == (2, 0, 1)


def test_trap_ends_before_a_request(outlet, driver):
    outlet.article("a", links=link_to("x/x/x/x/x/b"))
    outlet.feed("a")
    assert driver.crawl().counts["trap"] == 1
    assert not any("/x/" in url for url in driver.asked)


def test_link_deeper_than_the_limit_is_too_deep(outlet, driver):
    outlet.article("a", links=link_to("b"))
    outlet.article("b")
    outlet.feed("a")
    assert driver.crawl(Limits(depth=0)).counts == {"new": 1, "too_deep": 1, "not_article": 1}
    assert f"{HOME}/news/b" not in driver.asked


def test_dead_link_is_gone_and_no_fault_of_the_run(outlet, driver):
    outlet.article("a", links=link_to("dead"))
    outlet.feed("a")
    report = driver.crawl()
    assert (report.state, report.counts["gone"]) == ("done", 1)


def test_passing_fault_is_tried_again_in_the_next_run_and_not_in_this_one(outlet, driver):
    url = outlet.article("a")
    outlet.article("b", links=link_to("a"))
    outlet.feed("a", "b")
    driver.faults[url] = Fault(Outcome.TIMEOUT, "No complete answer within the time limit.")
    report = driver.crawl()
    assert (report.state, report.counts["timeout"]) == ("partial", 1)
    assert driver.asked.count(url) == 1
    driver.faults.clear()
    assert driver.crawl().new == 1


def test_outlet_rests_until_the_instant_its_server_named(outlet, driver):
    url = outlet.article("a")
    outlet.feed("a")
    until = driver.now + timedelta(hours=2)
    driver.faults[url] = Fault(Outcome.RATE_LIMITED, "HTTP 429.", retry_at=until)
    driver.crawl()
    driver.faults.clear()
    with pytest.raises(TryAgainError, match="harbour: asked to be left alone until 2026-11-23 14:00 UTC"):
        driver.crawl()
    driver.now = until
    driver.crawl()
    assert url in driver.asked


def test_broken_feed_makes_a_run_partial_and_is_named(outlet, driver):
    outlet.article("a")
    outlet.feed("a")
    driver.crawl()
    outlet.pages["/feed.xml"] = Answer(b"<html><h1>Oops</h1></html>")
    report = driver.crawl()
    assert report.state == "partial"
    assert f"{HOME}/feed.xml" in report.reason


def test_refusing_outlet_is_blocked(outlet, driver):
    outlet.pages["/feed.xml"] = Answer(b"No.", 403, etag=False)
    assert driver.crawl().state == "blocked"


def test_unreachable_outlet_is_to_be_tried_again(outlet, driver):
    driver.faults[f"{HOME}/feed.xml"] = Fault(Outcome.CONNECTION_FAILED, "The connection was refused.")
    assert driver.crawl().exit_code == 75


def test_single_url_is_fetched_whatever_it_was_before(outlet, driver):
    outlet.article("a")
    outlet.article("b")
    outlet.feed("a", "b")
    driver.crawl()
    assert driver.crawl(url=f"{HOME}/news/a").counts == {"unchanged": 1}
    assert driver.asked == [f"{HOME}/news/a"]


def test_taken_down_article_is_not_asked_for_again(outlet, driver, archive):
    url = outlet.article("a")
    outlet.feed("a")
    driver.crawl()
    with archive.write() as tx:
        article_id = held(archive, url).id
        delete_article(tx, article_id, reason="The publisher asked.", now=driver.now)
    outlet.feed("a", updated=LATER)
    assert driver.crawl().counts["taken_down"] == 1
    assert url not in driver.asked


def test_nothing_of_a_taken_down_article_is_kept_when_it_is_named(outlet, driver, archive):
    url = outlet.article("a")
    outlet.feed("a")
    driver.crawl()
    with archive.write() as tx:
        delete_article(tx, held(archive, url).id, reason="The publisher asked.", now=driver.now)
    outlet.article("a", text="An edited text that must not be kept either.")
    driver.crawl(url=url)
    kept = b"".join(path.read_bytes() for path in driver.settings.warc_dir.iterdir())
    with archive.read() as tx:
        assert count_articles(tx) == 0
    assert len(list(driver.settings.warc_dir.iterdir())) == 1, len(kept)


def test_link_to_another_registered_outlet_waits_for_its_own_run(outlet, driver, archive, tmp_path):
    other = OUTLET_FILE.replace("harbour", "valley").replace("Harbour", "Valley")
    (tmp_path / "outlets" / "valley.toml").write_text(other, encoding="utf-8")
    there = "http://valley.example/news/z"
    outlet.article("a", links=f'<p>See <a href="{there}">what the valley says</a> on this.</p>')
    outlet.feed("a")
    driver.crawl()
    with archive.read() as tx:
        lead = get_lead(tx, there)
    assert lead is not None
    assert (lead.outlet, lead.state) == ("valley", LeadState.WAITING)
    assert there not in driver.asked


def test_redirect_to_another_registered_outlet_is_left_to_it(outlet, driver, archive, tmp_path):
    other = OUTLET_FILE.replace("harbour", "valley").replace("Harbour", "Valley")
    (tmp_path / "outlets" / "valley.toml").write_text(other, encoding="utf-8")
    outlet.redirect("/news/a", "http://valley.example/news/z")
    outlet.feed("a")
    report = driver.crawl()
    assert report.counts == {"not_article": 2}
    with archive.read() as tx:
        lead = get_lead(tx, "http://valley.example/news/z")
    assert lead is not None
    assert lead.outlet == "valley"


def test_feed_entry_the_outlet_file_calls_no_article_is_not_asked_for(outlet, driver):
    outlet.feed("../video/1")
    driver.crawl()
    assert driver.asked == [f"{HOME}/feed.xml"]


def test_equal_bytes_are_not_kept_twice(outlet, driver):
    outlet.article("a")
    outlet.pages["/news/a"] = Answer(outlet.pages["/news/a"].body, etag=False)
    outlet.feed("a")
    driver.crawl()
    files = sorted(driver.settings.warc_dir.iterdir())
    outlet.feed("a", updated=LATER)
    assert driver.crawl(url=f"{HOME}/news/a").counts == {"unchanged": 1}
    assert sorted(driver.settings.warc_dir.iterdir()) == files


def test_run_is_recorded_with_its_numbers(outlet, driver, archive):
    outlet.article("a")
    outlet.feed("a")
    report = driver.crawl()
    assert report.run_id is not None
    with archive.read() as tx:
        run = get_run(tx, report.run_id)
    assert run is not None
    assert (run.state, dict(run.counts)) == ("done", {"new": 1, "not_article": 1})
    assert {key: run.numbers[key] for key in ("leads", "asked", "fetched", "waiting")} == {
        "leads": 1,
        "asked": 1,
        "fetched": 2,
        "waiting": 0,
    }


def test_full_disk_ends_the_run_and_says_so(outlet, driver, monkeypatch):
    from index.archive import ArchiveWriter

    outlet.article("a")
    outlet.article("b")
    outlet.feed("a", "b")
    real = ArchiveWriter.append

    def full(writer: ArchiveWriter, page: object) -> object:
        if "/news/" in page.url:  # type: ignore[attr-defined]
            raise OSError(28, "No space left on device")
        return real(writer, page)  # type: ignore[arg-type]

    monkeypatch.setattr(ArchiveWriter, "append", full)
    report = driver.crawl()
    assert (report.state, report.exit_code) == ("storage_full", 13)
    monkeypatch.setattr(ArchiveWriter, "append", real)
    assert driver.crawl().new == 2


def sitemap_index(*names: str) -> Answer:
    entries = "".join(f"<sitemap><loc>{HOME}/{name}.xml</loc></sitemap>" for name in names)
    return Answer(f"<sitemapindex>{entries}</sitemapindex>".encode(), content_type="application/xml")


def with_sitemap() -> str:
    return OUTLET_FILE.replace("[articles]", f'sitemaps = ["{HOME}/map.xml"]\n\n[articles]', 1)


def test_index_that_names_ever_more_sitemaps_ends_and_each_has_an_outcome(outlet, make, monkeypatch):
    monkeypatch.setattr(frontier, "MAX_SOURCES", 4)
    outlet.feed()
    outlet.pages["/map.xml"] = sitemap_index(*(f"m{number}" for number in range(7)))
    for number in range(7):
        outlet.pages[f"/m{number}.xml"] = Answer(b"<urlset/>", content_type="application/xml")
    report = make(outlet_file=with_sitemap()).crawl()
    assert report.counts == {"not_article": 4, "over_budget": 5}


def test_time_of_a_run_ends_the_reading_of_sitemaps_too(outlet, make):
    outlet.feed()
    outlet.pages["/map.xml"] = sitemap_index("m1", "m2", "m3")
    driver = make(outlet_file=with_sitemap())
    driver.tick = timedelta(seconds=10)
    report = driver.crawl(Limits(run_s=15))
    assert (report.state, report.counts) == ("budget", {"not_article": 2, "over_budget": 3})


def test_page_without_an_article_is_not_asked_for_conditionally(outlet, driver):
    outlet.pages["/news/a"] = Answer(b"<html><body><p>Soon.</p></body></html>")
    outlet.feed("a")
    first = driver.crawl()
    assert first.new == 0
    outlet.feed("a", updated=LATER)
    assert "not_modified" not in driver.crawl().counts


def test_public_host_is_not_crawled_without_a_contact_whoever_starts_the_run(outlet, make):
    driver = make(network={"private_hosts": []})
    with pytest.raises(ConfigurationError, match=r"crawler\.contact"):
        driver.crawl()


@pytest.mark.parametrize("url", ["http://elsewhere.example/a", "ftp://harbour.example/a", "http://[::1"])
def test_address_of_no_host_of_the_outlet_is_refused_before_the_run(driver, archive, url):
    with pytest.raises(UsageError):
        driver.crawl(url=url)
    with archive.read() as tx:
        assert get_lead(tx, url) is None
        assert get_run(tx, 1) is None
