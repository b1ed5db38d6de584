"""A takedown killed before any of its steps: repeated it leaves no word, and what else is held stays readable."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.importing import import_files
from index.archive import Archive
from index.search.opening import open_backend
from index.store import open_store
from index.store.articles import article_by_url, count_articles
from index.store.pages import latest_page
from index.store.removals import count_removals
from index.store.takedowns import pending_takedowns
from index.sync import sync, verify
from index.taking_down import take_down
from tests.leftovers import files_with
from tests.loopback_outlet import HOME, OUTLET_FILE, article_html

ARTICLES = 24
KILLS = 12
ROOT = Path(__file__).parent.parent.parent
CHILD = """
import sys
from datetime import UTC, datetime
from config.settings import Settings
from index.search.opening import open_backend
from index.store import open_store
from index.taking_down import take_down
from tests.faults.stepping import steps_of

settings = Settings.model_validate_json(sys.stdin.read())
store, backend = open_store(settings), open_backend(settings)
with steps_of(settings.data.dir, killed_before=int(sys.argv[2])) as steps:
    take_down(store, backend, settings, sys.argv[1], by="ann", now=datetime.now(UTC))
print(len(steps))
"""

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


def word(number: int) -> str:
    """A word that only one article has."""
    return "quor" + "".join(chr(ord("a") + int(digit)) for digit in f"{number:04}") + "vex"


@pytest.fixture
def settings(make_settings, tmp_path):
    """An archive of pages, each with a word of its own, in one WARC file and the index."""
    folder = tmp_path / "outlets"
    folder.mkdir()
    settings = make_settings(crawler={"outlets_dir": str(folder), "min_free_mb": 1})
    (folder / "harbour.toml").write_text(OUTLET_FILE)
    lines = []
    for number in range(ARTICLES):
        own, url = word(number), f"{HOME}/news/n{number}"
        text = f"The {own} envoy left the town at nine on Monday, and nobody who saw the {own} envoy knew why. " * 3
        lines.append(
            json.dumps({"url": url, "html": article_html(f"n{number}", f"The {own} envoy left", text, "", url)})
        )
    file = tmp_path / "pages.jsonl"
    file.write_text("\n".join(lines))
    import_files([file], settings=settings)
    store, backend = open_store(settings), open_backend(settings)
    sync(store, backend, settings=settings)
    backend.close()
    store.close()
    return settings


def takes_down(settings, number: int, *, killed_before: int = 0) -> int | None:
    """Take an article down in a process of its own: how many steps it took, or None where it was killed before one."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, f"{HOME}/news/n{number}", str(killed_before)],
        input=settings.model_dump_json(),
        capture_output=True,
        cwd=ROOT,
        text=True,
        timeout=120,
    )
    if done.returncode == -signal.SIGKILL:
        return None
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_kills_leave_no_word_when_it_is_repeated(settings):
    seed = int.from_bytes(os.urandom(4), "big")
    dice = random.Random(seed)
    whole = takes_down(settings, 0)
    assert whole > KILLS
    chosen = sorted(dice.sample(range(1, whole), KILLS))
    print(f"seed {seed}: {whole} steps, killed before {chosen}")
    numbers = range(1, KILLS + 1)
    killed = [n for n, step in zip(numbers, chosen, strict=True) if takes_down(settings, n, killed_before=step) is None]
    assert len(killed) > KILLS / 2, (seed, killed)  # the last may need fewer steps than the first
    store, backend, archive = open_store(settings), open_backend(settings), Archive(settings.warc_dir)
    for number in killed:
        url = f"{HOME}/news/n{number}"
        assert take_down(store, backend, settings, url, by="ann", now=datetime.now(UTC)).left == ()
    assert files_with(settings.data.dir, [word(number) for number in range(KILLS + 1)]) == {}, seed
    with store.read() as tx:
        assert (count_articles(tx), count_removals(tx), pending_takedowns(tx)) == (ARTICLES - KILLS - 1, 0, [])
        for number in range(KILLS + 1, ARTICLES):
            page = latest_page(tx, f"{HOME}/news/n{number}")
            assert word(number).encode() in archive.read(page.warc).body
            assert word(number) in article_by_url(tx, f"{HOME}/news/n{number}").text
    assert verify(store, backend).equal
    backend.close()
    store.close()
