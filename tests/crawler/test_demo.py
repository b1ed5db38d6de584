"""The demo: its truth as a file, and the whole command from an empty folder to the comparison."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from config.settings import load_settings
from crawler.demo.cli import SEARCHES, crawl_site
from crawler.demo.truth import load_truth, truth_from_content
from crawler.orders import RunReport
from index.store import open_store
from index.store.articles import latest_articles
from index.store.stories import copies_of, list_stories

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
        timeout=110,
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
        [*COMMAND, "--no-serve"], env=_environment(folder), capture_output=True, text=True, timeout=60, check=False
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
