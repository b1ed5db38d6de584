"""A backup killed at random moments is there whole or not at all; the next one to the same place is whole."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index.archive import Archive
from index.records import Page
from index.restoring import restore_backup
from index.store import opened_store
from index.store.articles import save_article
from index.store.pages import save_page
from tests.factories import an_article, register

ARTICLES = 150
KILLS = 5
ROOT = Path(__file__).parent.parent.parent
CHILD = (
    "import sys; from datetime import UTC, datetime; from pathlib import Path; from config.settings import Settings; "
    "from index.backing_up import make_backup; from index.store import open_store; "
    "settings = Settings.model_validate_json(sys.stdin.read()); store = open_store(settings); "
    "print('begun', flush=True); make_backup(store, settings, Path(sys.argv[1]), now=datetime.now(UTC)); store.close()"
)

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]


@pytest.fixture
def archived(settings, now):
    with opened_store(settings) as store:
        register(store, now)
        with Archive(settings.warc_dir).open_writer("gazette") as writer, store.write() as tx:
            for number in range(ARTICLES):
                article = an_article(f"a{number}", f"Ships left at {number}. " * 200)
                position = writer.append(Page(article.url, os.urandom(40_000), now))
                page_id = save_page(tx, Page(article.url, b"", now), digest="0" * 64, warc=position, run_id=None)
                save_article(tx, article, page_id=page_id, run_id=None, now=now)
    return settings


def backs_up(settings, target: Path, *, kill_after: float | None) -> float:
    """Make a backup in a process of its own, killed after some seconds; return the seconds it took."""
    arguments = [sys.executable, "-c", CHILD, str(target)]
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
    child.stdout.close()
    child.wait(timeout=60)
    return time.monotonic() - begun


@pytest.mark.parametrize("name", ["b", "b.tar"])
def test_a_killed_backup_is_whole_or_not_there(archived, tmp_path, now, name):
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    dice = random.Random(seed)
    whole = backs_up(archived, tmp_path / f"first-{name}", kill_after=None)
    there = 0
    for number in range(KILLS):
        target = tmp_path / f"{number}-{name}"
        backs_up(archived, target, kill_after=dice.uniform(0, whole * 0.9))
        if not target.exists():
            backs_up(archived, target, kill_after=None)
            there += 1
        data = archived.data.model_copy(update={"dir": tmp_path / f"restored{number}"})
        here = archived.model_copy(update={"data": data})
        if number < 2:
            assert restore_backup(target, here, tombstones=(), now=now).whole
    print(f"{there} of {KILLS} were killed before their end, which takes {whole:.2f} s")
    assert there
