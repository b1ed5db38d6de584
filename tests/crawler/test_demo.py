"""The demo: its truth as a file, and the whole command from an empty folder to the comparison."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import load_settings
from crawler.demo.cli import SEARCHES, crawl_site
from crawler.demo.content_files import article_url
from crawler.demo.truth import load_truth, truth_from_content
from crawler.orders import RunReport
from index.store import Store, open_store
from index.store.articles import article_by_url, latest_articles
from index.store.origins import origins_of_story
from index.store.relations import surroundings_of_article
from index.store.stories import article_ids_of_story, copies_of, list_stories, stories_of_articles
from index.store.story_edits import merge_stories, split_story
from index.stories.origins import Origins
from index.stories.related import related_to

pytestmark = pytest.mark.timeout(400)  # whole demos, crawled twice

COMMAND = [sys.executable, "-c", "from config.cli import main; main()", "demo"]


def _environment(folder: Path) -> dict[str, str]:
    here = str(Path(__file__).parents[2])
    return {**os.environ, "PYTHONPATH": here, "WATCHFLOOR_DATA__DIR": str(folder), "WATCHFLOOR_LOGS__LEVEL": "ERROR"}


def test_truth_file_is_what_the_content_says():
    assert load_truth() == truth_from_content(), "run `python -m crawler.demo.truth`"


def test_truth_has_sixty_articles_of_three_outlets():
    articles = load_truth()["articles"]
    assert len(articles) >= 60
    assert len({article["outlet"] for article in articles}) == 3


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object], int]:
    """The demo crawled, crawled again and compared, once for all tests here."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    done = subprocess.run(
        [*COMMAND, "--no-serve", "--json"],
        env=_environment(folder),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        cwd=folder.parent,
    )
    return folder, json.loads(done.stdout), done.returncode


def test_everything_of_the_truth_is_found(compared):
    _, result, code = compared
    assert result["faults"] == []
    assert code == 0
    assert result["articles"] == {"expected": 64, "found": 64}
    assert result["links"]["found"] == result["links"]["expected"] == 188
    assert result["links"]["wrong_role"] == 0
    assert result["revisions"] == {"expected": 2, "found": 2}


def test_traps_end_in_their_outcomes(compared):
    outcomes = compared[1]["outcomes"]
    expected = {"moved": 1, "trap": 1, "robots_denied": 1, "login_wall": 1, "gone": 2, "paywalled_stub": 1}
    assert {name: outcomes.get(name) for name in expected} == expected


def test_crawling_again_finds_nothing_new(compared):
    second = compared[1]["second_crawl"]
    assert second["new"] == 0
    assert second["new_revisions"] == 0
    assert second["unchanged_share"] >= 0.95


@pytest.fixture
def archive(compared, tmp_path) -> Iterator[Store]:
    """A copy of the database that the demo left, for tests that change it."""
    folder = tmp_path / "archive"
    folder.mkdir()
    shutil.copy(compared[0] / "watchfloor.sqlite3", folder)
    store = open_store(load_settings(environ={}, data={"dir": str(folder)}))
    yield store
    store.close()


def _ids(store: Store, *names: str) -> list[int]:
    """The articles of the demo by outlet and slug, as `foremedia/slug`."""
    with store.read() as tx:
        held = [article_by_url(tx, article_url(*name.split("/"))) for name in names]
    assert all(held), names
    return [one.id for one in held if one is not None]


def _origins(store: Store, ids: list[int]) -> Origins:
    """The origins of the story that these articles make, cut and put together by hand where the clusterer did not."""
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    with store.write() as tx:
        first, *others = dict.fromkeys(stories_of_articles(tx, ids)[one] for one in ids)
        for story_id in (first, *others):
            strangers = article_ids_of_story(tx, story_id) - set(ids)
            if strangers:
                split_story(tx, story_id, strangers, by="test", note="another event", now=now)
        if others:
            merge_stories(tx, first, others, by="test", note="one event in two languages", now=now)
        return origins_of_story(tx, stories_of_articles(tx, ids)[ids[0]])


def _chain(found: Origins, ids: list[int]) -> list[tuple[int, str, int | None, str]]:
    """Of each step its place in `ids`, the kind, the place of the article followed, and the origin's name."""
    place = {article_id: number for number, article_id in enumerate(ids)}
    return [
        (place[step.article_id], step.kind, None if step.from_id is None else place[step.from_id], step.origin_name)
        for step in found.chain
    ]


def test_the_wire_copy_has_one_origin_that_is_the_agency(archive):
    names = ("strait_herald/grain-convoy-leaves-port-halven", "foremedia/grain-convoy-leaves-port-halven")
    ids = _ids(archive, *names, "strait_herald/convoy-loses-a-day-to-fog")
    found = _origins(archive, ids)
    assert _chain(found, ids) == [
        (0, "wire", None, "Meridian Wire"),
        (1, "copy", 0, "Meridian Wire"),
        (2, "link", 0, "Meridian Wire"),
    ]
    assert (found.outlets, found.independent) == (2, 1)
    assert "copy_without_original" in {doubt.kind for doubt in found.uncertain}
    with archive.read() as tx:
        [copied, *_] = related_to(surroundings_of_article(tx, ids[0]), now=datetime(2026, 11, 23, tzinfo=UTC)).items
    assert (copied.article.id, [reason.kind for reason in copied.reasons]) == (ids[1], ["copy", "story"])


def test_three_outlets_that_link_have_the_one_origin_that_was_first(archive):
    ids = _ids(
        archive,
        "foremedia/kestrian-patrol-boat-rammed-off-cape-orrin",
        "courrier_sarn/collision-au-cap-orrin-ce-que-l-on-sait",
        "strait_herald/register-still-names-balt-and-korr",
        "foremedia/search-called-off-for-petrel-sailors",
        "courrier_sarn/a-lisk-on-n-attend-plus",
    )
    found = _origins(archive, ids)
    assert _chain(found, ids) == [
        (0, "own", None, "ForeMedia News"),
        (1, "link", 0, "ForeMedia News"),
        (2, "link", 0, "ForeMedia News"),
        (3, "link", 2, "ForeMedia News"),
        (4, "link", 3, "ForeMedia News"),
    ]
    assert (found.outlets, found.independent, found.at_most) == (3, 1, 3)
    assert "rapporte ForeMedia News" in found.chain[1].evidence


def test_two_outlets_that_follow_nobody_are_two_origins_behind_three(archive):
    ids = _ids(
        archive,
        "strait_herald/ostra-cable-cut-a-second-time",
        "courrier_sarn/ostra-coupee-du-monde-pendant-deux-heures",
        "foremedia/ostra-isles-ask-pact-for-patrols",
    )
    found = _origins(archive, ids)
    assert _chain(found, ids) == [
        (0, "own", None, "The Strait Herald"),
        (1, "link", 0, "The Strait Herald"),
        (2, "own", None, "ForeMedia News"),
    ]
    assert (found.outlets, found.independent) == (3, 2)


def test_a_finished_demo_is_served_at_once_and_every_search_of_it_has_hits(compared):
    folder, _, _ = compared
    process = subprocess.Popen(
        [*COMMAND, "--port", "0"], env=_environment(folder), stdout=subprocess.PIPE, text=True, cwd=folder.parent
    )
    assert process.stdout is not None
    try:
        lines = [process.stdout.readline() for _ in range(5 + 2 * len(SEARCHES))]
        addresses = [line.strip() for line in lines if line.strip().startswith("http://127.0.0.1:")]
        assert len(addresses) == len(SEARCHES)
        for address in addresses:
            with urllib.request.urlopen(f"{address}&format=json", timeout=20) as answer:
                found = json.load(answer)
            assert found["total"] > 0, address
            assert found["relaxed"] is None, address
            assert {one["state"] for one in found["coverage"]} == {"fresh"}
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "letter.txt").write_text("keep me")
    done = subprocess.run(
        [*COMMAND, "--no-serve"], env=_environment(folder), capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 2
    assert "holds something that is no demo" in done.stderr
    assert (folder / "letter.txt").read_text() == "keep me"


def test_a_signal_during_a_run_begins_no_other(settings, monkeypatch):
    asked: list[str] = []

    def stopped(name: str, **_: object) -> RunReport:
        asked.append(name)
        return RunReport(1, name, "done", stop_asked=True)

    monkeypatch.setattr("crawler.demo.cli.crawl_outlet", stopped)
    with pytest.raises(KeyboardInterrupt):
        crawl_site(settings)
    assert len(asked) == 1


def test_wire_copy_is_folded_under_its_original_with_what_followed(compared):
    folder = compared[0]
    settings = load_settings(environ={}, data={"dir": str(folder)})
    store = open_store(settings)
    try:
        with store.read() as tx:
            titles = {one.title: one for one in latest_articles(tx, limit=100)}
            first = titles["Grain convoy leaves Port Halven under escort"]
            copy = titles["First grain convoy leaves Port Halven under escort"]
            followed = titles["Convoy loses a day to fog and a barge"]
            assert [one.article_id for one in copies_of(tx, [first.id])[first.id]] == [copy.id]
            assert first.story_id == copy.story_id == followed.story_id
            listed = list_stories(tx, now=first.first_seen_at, limit=50)
    finally:
        store.close()
    assert first.story_id in {one.story.id for one in listed}
