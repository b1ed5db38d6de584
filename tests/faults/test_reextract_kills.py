"""A re-extraction killed before any of its steps goes on, and stores nothing twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.importing import import_files
from crawler.reextract import reextract
from index.search.opening import open_backend
from index.store import open_store
from index.store.articles import latest_articles, revisions_of
from index.store.links import references_of
from index.store.runs import list_runs
from index.sync import sync, verify
from tests.loopback_outlet import HOME, OUTLET_FILE, article_html

PAGES = 60
KILLS = 5
MOST_STEPS = 150
"""So far a run comes; a page takes some ten steps, so that there is something left for the last run."""
ROOT = Path(__file__).parent.parent.parent
CHILD = """
import sys
from config.settings import Settings
from crawler.reextract import reextract
from tests.faults.stepping import steps_of

settings = Settings.model_validate_json(sys.stdin.read())
with steps_of(settings.data.dir, killed_before=int(sys.argv[1])):
    reextract("harbour", settings=settings, dry_run=False)
"""

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]


@pytest.fixture
def settings(make_settings, tmp_path):
    """An archive of pages read by rules that take the wrong heading, and the outlet file mended since."""
    folder = tmp_path / "outlets"
    folder.mkdir()
    settings = make_settings(crawler={"outlets_dir": str(folder), "min_free_mb": 1})
    (folder / "harbour.toml").write_text(OUTLET_FILE.replace('title = "h1"', 'title = "h2"'))
    lines = []
    for number in range(PAGES):
        url = f"{HOME}/news/n{number}"
        html = article_html(
            f"n{number}",
            f"News {number}",
            "",
            f'<p>See <a href="{HOME}/news/n{PAGES}">the report of May</a> on this.</p>',
            url,
        )
        lines.append(json.dumps({"url": url, "html": html.replace("<h1>", f"<h2>Old {number}</h2><h1>")}))
    file = tmp_path / "pages.jsonl"
    file.write_text("\n".join(lines))
    import_files([file], settings=settings)
    (folder / "harbour.toml").write_text(OUTLET_FILE)
    return settings


def reextracts(settings, *, killed_before: int) -> int:
    """Re-extract in a process of its own, killed before a step: its exit code."""
    return subprocess.run(
        [sys.executable, "-c", CHILD, str(killed_before)],
        input=settings.model_dump_json(),
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
        text=True,
        timeout=120,
    ).returncode


def test_kills_lose_nothing_and_store_nothing_twice(settings):
    seed = int.from_bytes(os.urandom(4), "big")
    dice = random.Random(seed)
    chosen = [dice.randint(1, MOST_STEPS) for _ in range(KILLS)]
    print(f"seed {seed}: killed before {chosen}")
    ended = [reextracts(settings, killed_before=step) for step in chosen]
    assert ended == [-signal.SIGKILL] * KILLS, seed
    report = reextract("harbour", settings=settings, dry_run=False)
    assert report.state == "done", seed
    store, backend = open_store(settings), open_backend(settings)
    with store.read() as tx:
        held = latest_articles(tx, limit=PAGES * 2)
        assert sorted(one.title for one in held) == sorted(f"News {number}" for number in range(PAGES)), seed
        assert all(len(revisions_of(tx, one.id)) == 1 for one in held), seed
        for one in held:
            urls = [link.url for link in references_of(tx, one.id)]
            assert urls == [f"{HOME}/news/n{PAGES}"], (seed, one.canonical_url, urls)
        runs = [run for run in list_runs(tx, outlet="harbour", limit=50) if run.kind == "reextract"]
    assert sum(run.numbers["corrected"] for run in runs) == PAGES, (seed, [run.numbers for run in runs])
    sync(store, backend, settings=settings)
    assert verify(store, backend).equal
    backend.close()
    store.close()
