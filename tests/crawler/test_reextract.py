"""Today's rules over stored pages: shown, stored in place, gone on with; never an edit, never a request."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from config.errors import UsageError
from config.outlets import load_outlets
from config.settings import Settings
from crawler import reextract as door
from crawler.cli_reextract import reextract_
from crawler.importing import import_files
from crawler.intake import Intake
from crawler.placing import deciding_pages
from crawler.reextract import reextract
from index.archive import Archive
from index.records import Page, StoredPage
from index.search.opening import open_backend
from index.store import Store, open_store
from index.store.articles import article_by_url, count_articles, latest_articles, revisions_of
from index.store.audit import list_acts
from index.store.decisions import decisions_about
from index.store.furniture import LEAST_ARTICLES
from index.store.links import references_of
from index.store.outlets import coverage
from index.store.pages import latest_page
from index.store.runs import list_runs
from index.sync import sync, verify
from tests.loopback_outlet import HOME, OUTLET_FILE, article_html

OLD_RULES = OUTLET_FILE.replace('title = "h1"', 'title = "h2"')
ADVERT = "<p>Buy the harbour calendar today.</p>"
NO_ADVERT = OUTLET_FILE.replace("[[rules]]", '[[rules]]\ndrop = ["p.advert"]')


@pytest.fixture
def settings(make_settings: Callable[..., Settings], tmp_path: Path) -> Settings:
    (tmp_path / "outlets").mkdir()
    return make_settings(crawler={"outlets_dir": str(tmp_path / "outlets"), "min_free_mb": 1})


@pytest.fixture
def rules(settings: Settings) -> Callable[[str], None]:
    """Writes the outlet's file anew."""
    folder = settings.outlet_folders[-1]

    def write(text: str) -> None:
        (folder / "harbour.toml").write_text(text, encoding="utf-8")

    return write


@pytest.fixture
def archive(settings: Settings) -> Iterator[Store]:
    opened = open_store(settings)
    yield opened
    opened.close()


def html_of(name: str, **parts: str) -> str:
    values = {"title": f"News of {name}", "text": "", "links": "", "canonical": f"{HOME}/news/{name}", **parts}
    html = article_html(name, **values).replace("<h1>", f"<h2>Old {name}</h2><h1>")
    return re.sub("<title>.*</title>", "", html)


def take(settings: Settings, tmp_path: Path, *pages: tuple[str, str]) -> None:
    file = tmp_path / "pages.jsonl"
    file.write_text("\n".join(json.dumps({"url": f"{HOME}/news/{name}", "html": html}) for name, html in pages))
    assert import_files([file], settings=settings).faults == 0


def titles(store: Store) -> list[str]:
    with store.read() as tx:
        return sorted(article.title for article in latest_articles(tx, limit=100))


def test_a_dry_run_shows_what_differs_and_stores_nothing(settings, rules, archive, tmp_path):
    rules(OLD_RULES)
    take(settings, tmp_path, ("a", html_of("a")), ("b", html_of("b").replace("Old b", "News of b")))
    rules(OUTLET_FILE)
    seen = []
    report = reextract("harbour", settings=settings, dry_run=True, on_change=seen.append)
    assert (report.pages, report.changed, dict(report.fields)) == (2, 1, {"title": 1})
    assert [(one.url, one.fields[0].told) for one in seen] == [(f"{HOME}/news/a", "Old a -> News of a")]
    with archive.read() as tx:
        assert [run.kind for run in list_runs(tx)] == ["import"]
    assert "Old a" in titles(archive)


def test_without_it_the_revision_is_corrected_in_its_place_and_the_index_follows(settings, rules, archive, tmp_path):
    rules(OLD_RULES)
    take(settings, tmp_path, ("a", html_of("a")))
    backend = open_backend(settings)
    sync(archive, backend, settings=settings)
    rules(OUTLET_FILE)
    report = reextract("harbour", settings=settings, dry_run=False)
    assert (report.state, report.corrected, report.new) == ("done", 1, 0)
    with archive.read() as tx:
        held = article_by_url(tx, f"{HOME}/news/a")
        states = revisions_of(tx, held.id)
    assert [(one.number, one.title) for one in states] == [(1, "News of a")]
    assert "read_again" in [step.rule for step in states[0].trace]
    assert sync(archive, backend, settings=settings).indexed == 1
    assert verify(archive, backend).equal
    backend.close()


def test_it_is_a_run_that_says_what_it_did_to_each_url(settings, rules, archive, tmp_path, now):
    rules(OLD_RULES)
    take(settings, tmp_path, ("a", html_of("a")))
    rules(OUTLET_FILE)
    report = reextract("harbour", settings=settings, dry_run=False)
    with archive.read() as tx:
        run = list_runs(tx, outlet="harbour")[0]
        said = decisions_about(tx, f"{HOME}/news/a")[-1]
        fresh = {one.outlet: one.state for one in coverage(tx, now=now, stale_after_h=48)}
        noted = [(one.act, one.subject, one.detail) for one in list_acts(tx)]
    assert noted == [("read again the pages of", "harbour", f"run {run.id}")]
    assert (run.id, run.kind, run.state, run.numbers["corrected"]) == (report.run_id, "reextract", "done", 1)
    assert "revision 1 corrected (title); no edit" in said.detail
    assert fresh["harbour"] == "imported"


def test_a_second_time_nothing_differs(settings, rules, archive, tmp_path):
    rules(OLD_RULES)
    take(settings, tmp_path, ("a", html_of("a")), ("b", html_of("b")))
    rules(OUTLET_FILE)
    reextract("harbour", settings=settings, dry_run=False)
    again = reextract("harbour", settings=settings, dry_run=False)
    assert (again.pages, again.changed) == (2, 0)


def test_each_revision_is_read_again_from_its_own_page(settings, rules, archive, tmp_path):
    rules(OUTLET_FILE)
    text = "The strait stays open, the harbour master of the northern town said on Friday evening.\n\n" * 4
    advert = '<p class="advert">Buy the harbour calendar today, number {}.</p>'
    for number in (1, 2):
        take(settings, tmp_path, ("a", html_of("a", text=text.strip(), links=advert.format(number))))
    rules(NO_ADVERT)
    report = reextract("harbour", settings=settings, dry_run=False)
    assert report.corrected == 2
    with archive.read() as tx:
        states = revisions_of(tx, article_by_url(tx, f"{HOME}/news/a").id)
    assert ["calendar" in one.text for one in states] == [False, False]
    assert states[1].changes == "Nothing a reader would see changed."


def test_a_page_refused_until_now_becomes_an_article(settings, rules, archive, tmp_path):
    rules(OUTLET_FILE.replace("^/news/", "^/reports/"))
    take(settings, tmp_path, ("a", html_of("a")))
    rules(OUTLET_FILE)
    report = reextract("harbour", settings=settings, dry_run=False)
    assert (report.new, dict(report.outcomes)) == (1, {"not_article -> article": 1})
    assert titles(archive) == ["News of a"]
    again = reextract("harbour", settings=settings, dry_run=False)
    assert (again.new, again.changed) == (0, 0)


def test_an_article_whose_page_is_refused_now_is_kept_and_said(settings, rules, archive, tmp_path):
    rules(OUTLET_FILE)
    take(settings, tmp_path, ("a", html_of("a")))
    rules(OUTLET_FILE.replace("^/news/", "^/reports/"))
    report = reextract("harbour", settings=settings, dry_run=False)
    assert (report.kept, dict(report.outcomes)) == (1, {"article -> not_article": 1})
    assert titles(archive) == ["News of a"]


def test_links_follow_with_their_roles(settings, rules, archive, tmp_path):
    rules(OUTLET_FILE)
    listed = '<ul class="related"><li><a href="/topics/strait">Strait</a></li></ul>'
    take(settings, tmp_path, ("a", html_of("a", links=listed)))
    rules(OUTLET_FILE.replace("ul.backlinks li", "ul.related li"))
    reextract("harbour", settings=settings, dry_run=False)
    with archive.read() as tx:
        links = references_of(tx, article_by_url(tx, f"{HOME}/news/a").id)
    assert [(link.text, link.role.value) for link in links if link.text == "Strait"] == [("Strait", "backlink")]


def test_an_outlet_file_written_afterwards_takes_the_articles_over(settings, rules, archive, tmp_path):
    take(settings, tmp_path, ("a", html_of("a")))
    rules(OUTLET_FILE)
    report = reextract("harbour", settings=settings, dry_run=False)
    with archive.read() as tx:
        held = article_by_url(tx, f"{HOME}/news/a")
    assert (report.fields["outlet"], held.outlet, held.flags) == (1, "harbour", ())


def test_a_limit_ends_it_and_the_next_goes_on(settings, rules, archive, tmp_path):
    rules(OLD_RULES)
    take(settings, tmp_path, *[(name, html_of(name)) for name in "abcd"])
    rules(OUTLET_FILE)
    first = reextract("harbour", settings=settings, dry_run=False, limit=3)
    second = reextract("harbour", settings=settings, dry_run=False)
    assert (first.state, first.exit_code, first.pages) == ("budget", 12, 3)
    assert (second.state, second.pages, second.corrected) == ("done", 1, 1)


def test_one_cut_short_begins_anew_when_the_rules_are_others(settings, rules, archive, tmp_path):
    rules(OLD_RULES)
    take(settings, tmp_path, *[(name, html_of(name)) for name in "abcd"])
    rules(OUTLET_FILE)
    reextract("harbour", settings=settings, dry_run=False, limit=3)
    rules(NO_ADVERT)
    assert reextract("harbour", settings=settings, dry_run=False).pages == 4


def test_ctrl_c_ends_it_in_order_and_the_next_goes_on(settings, rules, archive, tmp_path):
    rules(OLD_RULES)
    take(settings, tmp_path, *[(name, html_of(name)) for name in "abcd"])
    rules(OUTLET_FILE)

    def stop(done: int, _total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    first = reextract("harbour", settings=settings, dry_run=False, on_progress=stop)
    second = reextract("harbour", settings=settings, dry_run=False)
    assert (first.state, first.exit_code, first.corrected) == ("partial", 10, 2)
    assert (second.went_on_after > 0, second.corrected) == (True, 2)


def test_a_record_that_is_gone_is_counted_and_the_rest_is_read(settings, rules, archive, tmp_path):
    rules(OLD_RULES)
    take(settings, tmp_path, ("a", html_of("a")))
    for file in settings.warc_dir.iterdir():
        file.unlink()
    take(settings, tmp_path, ("b", html_of("b")))
    rules(OUTLET_FILE)
    report = reextract("harbour", settings=settings, dry_run=False)
    assert (report.state, report.lost, report.corrected) == ("partial", 1, 1)
    assert "1 raw record is gone" in report.reason


def test_a_text_file_is_read_again_as_its_import_did(settings, archive, tmp_path):
    file = tmp_path / "old.txt"
    text = "The strait stays open, the harbour master of the northern town said on Friday evening.\n\n" * 3
    file.write_text(text)
    import_files([file], settings=settings, outlet="oldpaper")
    report = reextract("oldpaper", settings=settings, dry_run=True)
    assert (report.pages, report.changed) == (1, 0)


def test_an_outlet_nobody_knows_is_a_usage_error(settings):
    with pytest.raises(UsageError, match="nobody: no outlet of that name"):
        reextract("nobody", settings=settings, dry_run=True)


def test_nothing_is_asked_of_any_host(settings, rules, archive, tmp_path, monkeypatch):
    rules(OLD_RULES)
    take(settings, tmp_path, ("a", html_of("a")))
    rules(OUTLET_FILE)

    def refuse(*_args: object, **_more: object) -> None:
        raise AssertionError("a re-extraction opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    assert reextract("harbour", settings=settings, dry_run=False).corrected == 1


def test_the_same_bytes_crawled_again_are_no_edit_whatever_the_rules(settings, rules, archive, tmp_path):
    rules(OLD_RULES)
    take(settings, tmp_path, ("a", html_of("a")))
    rules(OUTLET_FILE)
    with archive.read() as tx:
        stored = latest_page(tx, f"{HOME}/news/a")
    page = Archive(settings.warc_dir).read(stored.warc)
    later = datetime.now(UTC) + timedelta(hours=1)
    again = Page(page.url, page.body, later, content_type=page.content_type)
    specs = load_outlets(settings.outlet_folders)
    writer = Archive(settings.warc_dir).open_writer("again")
    intake = Intake(archive, writer, specs, 1)
    taken = intake.take_page(intake.read_page(again), now=later)
    assert taken.outcome == "unchanged"
    with archive.read() as tx:
        held = article_by_url(tx, page.url)
        assert (held.title, held.revision, held.last_seen_at) == ("News of a", 1, later)
        assert count_articles(tx) == 1


def page_at(number: int, hour: int, url: str = "https://x.example/a") -> StoredPage:
    return StoredPage(number, url, datetime(2026, 11, 20, hour, tzinfo=UTC), 200, 1, str(number), None, None, None, 1)


@pytest.mark.parametrize(
    ("revisions", "pages", "expected"),
    [
        ([(1, 1)], [page_at(1, 1)], {1: 1}),
        ([(1, 1)], [page_at(1, 1), page_at(2, 2)], {2: 1}),
        ([(1, 1), (2, 3)], [page_at(1, 1), page_at(2, 2), page_at(3, 3), page_at(4, 4)], {2: 1, 4: 2}),
        ([(1, 1)], [page_at(1, 1), page_at(2, 2, "https://x.example/twin")], {1: 1}),
        ([(1, None)], [], {}),
        ([(1, 1), (2, 2)], [page_at(1, 1), page_at(2, 1)], {1: 1, 2: 2}),
    ],
)
def test_the_newest_page_of_a_revision_decides_it(revisions, pages, expected):
    assert deciding_pages(revisions, pages) == expected


def test_the_number_of_the_rules_is_another_for_other_rules(settings, rules):

    rules(OUTLET_FILE)
    one = door.rules_number(load_outlets(settings.outlet_folders)["harbour"])
    rules(OLD_RULES)
    assert door.rules_number(load_outlets(settings.outlet_folders)["harbour"]) != one


def command(settings: Settings, *arguments: str):
    return CliRunner().invoke(reextract_, list(arguments), obj=settings, standalone_mode=False)


def test_the_command_prints_the_fields_and_a_summary(settings, rules, archive, tmp_path):
    rules(OLD_RULES)
    take(settings, tmp_path, *[(name, html_of(name)) for name in "abc"])
    rules(OUTLET_FILE)
    done = command(settings, "harbour", "--dry-run", "--show", "1")
    assert "  title        Old a -> News of a" in done.output
    assert "… and 2 more pages that differ." in done.output
    assert "  title             3 pages" in done.output
    assert "Nothing was stored (dry run)." in done.output


def test_the_command_prints_json(settings, rules, archive, tmp_path):
    rules(OLD_RULES)
    take(settings, tmp_path, ("a", html_of("a")))
    rules(OUTLET_FILE)
    found = json.loads(command(settings, "harbour", "--json").output)
    assert (found["corrected"], found["fields"], found["changes_left_off"]) == (1, {"title": 1}, 0)
    assert found["changes"][0]["fields"]["title"] == {"before": "Old a", "after": "News of a"}
    assert found["notes"][0].startswith("Index: ")


def test_feeds_and_the_like_are_no_pages_to_read_again(settings, rules, archive, tmp_path):
    rules(OUTLET_FILE.replace("/feed.xml", "/news/feed.xml"))
    take(settings, tmp_path, ("a", html_of("a")), ("feed.xml", "<rss><channel></channel></rss>"))
    report = reextract("harbour", settings=settings, dry_run=True)
    assert (report.pages, report.passed_over) == (1, 1)


def test_what_was_learned_of_an_outlets_links_is_no_difference(settings, rules, archive, tmp_path):
    """A link on most articles is furniture by learning; the rules alone call it inline."""
    rules(OUTLET_FILE)
    bar = f'<p>Ship {{}} stands in our <a href="{HOME}/news/standing">standing report</a> on the strait.</p>'
    names = [f"n{number}" for number in range(LEAST_ARTICLES + 1)]
    take(settings, tmp_path, *[(name, html_of(name, links=bar.format(name))) for name in names])
    with archive.read() as tx:
        roles = [link.role.value for link in references_of(tx, article_by_url(tx, f"{HOME}/news/n0").id)]
    assert roles == ["furniture"]
    assert reextract("harbour", settings=settings, dry_run=True).changed == 0
