"""A takedown killed at random moments: repeated it leaves no word, and what else is held stays readable."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
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
CHILD = (
    "import sys; from datetime import UTC, datetime; from config.settings import Settings; "
    "from index.taking_down import take_down; from index.store import open_store; "
    "from index.search.opening import open_backend; import index.sync, sqlalchemy; "
    "settings = Settings.model_validate_json(sys.stdin.read()); "
    "store, backend = open_store(settings), open_backend(settings); print('begun', flush=True); "
    "take_down(store, backend, settings, sys.argv[1], by='ann', now=datetime.now(UTC)); print('done', flush=True)"
)

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


def takes_down(settings, number: int, *, kill_after: float | None) -> tuple[bool, float]:
    """Take an article down in a process of its own, killed after some seconds: whether it came to its end, and when."""
    arguments = [sys.executable, "-c", CHILD, f"{HOME}/news/n{number}"]
    child = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(settings.model_dump_json())
    child.stdin.close()
    child.stdout.readline()
    begun = time.monotonic()
    if kill_after is not None:
        time.sleep(kill_after)
        child.send_signal(signal.SIGKILL)
    said, seconds = child.stdout.read(), time.monotonic() - begun
    child.stdout.close()
    child.wait(timeout=60)
    return "done" in said, seconds


def test_kills_leave_no_word_when_it_is_repeated(settings):
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    dice = random.Random(seed)
    ended, whole = takes_down(settings, 0, kill_after=None)
    assert ended
    killed = [n for n in range(1, KILLS + 1) if not takes_down(settings, n, kill_after=dice.uniform(0, whole))[0]]
    print(f"{len(killed)} of {KILLS} were killed before their end, which takes {whole:.1f} s")
    assert killed
    store, backend, archive = open_store(settings), open_backend(settings), Archive(settings.warc_dir)
    for number in killed:
        url = f"{HOME}/news/n{number}"
        assert take_down(store, backend, settings, url, by="ann", now=datetime.now(UTC)).left == ()
    assert files_with(settings.data.dir, [word(number) for number in range(KILLS + 1)]) == {}
    with store.read() as tx:
        assert (count_articles(tx), count_removals(tx), pending_takedowns(tx)) == (ARTICLES - KILLS - 1, 0, [])
        for number in range(KILLS + 1, ARTICLES):
            page = latest_page(tx, f"{HOME}/news/n{number}")
            assert word(number).encode() in archive.read(page.warc).body
            assert word(number) in article_by_url(tx, f"{HOME}/news/n{number}").text
    assert verify(store, backend).equal
    backend.close()
    store.close()
