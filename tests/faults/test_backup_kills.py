"""A backup killed before any of its steps is there whole or not at all; the next one to the same place is whole."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
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
KILLS = int(os.environ.get("TEST_KILLS", "6"))
ROOT = Path(__file__).parent.parent.parent
CHILD = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from config.settings import Settings
from index.backing_up import make_backup
from index.store import open_store
from tests.faults.stepping import steps_of

target = Path(sys.argv[1])
settings = Settings.model_validate_json(sys.stdin.read())
store = open_store(settings)
with steps_of(settings.data.dir.parent, killed_before=int(sys.argv[2])) as steps:
    make_backup(store, settings, target, now=datetime.now(UTC))
store.close()
print(json.dumps(steps))
"""

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


def backs_up(settings, target: Path, *, killed_at: int = 0) -> list[str] | None:
    """Make a backup in a process of its own; return its steps, or None where it was killed before one of them."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(target), str(killed_at)],
        input=settings.model_dump_json(),
        capture_output=True,
        cwd=ROOT,
        text=True,
        timeout=60,
    )
    if killed_at:
        assert done.returncode == -signal.SIGKILL, done.stderr
        return None
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", ["b", "b.tar"])
def test_a_killed_backup_is_whole_or_not_there(archived, tmp_path, now, name):
    seed = int.from_bytes(os.urandom(4), "big")
    dice = random.Random(seed)
    steps = backs_up(archived, tmp_path / f"first-{name}")
    named = max(number for number, step in enumerate(steps, 1) if step == "os.rename")
    print(f"seed {seed}: {len(steps)} steps, {named} names it")
    chosen = {named, named + 1, 1, *dice.sample(range(2, named), min(KILLS - 3, named - 2))}
    for number in sorted(chosen):
        target = tmp_path / f"{number}-{name}"
        backs_up(archived, target, killed_at=number)
        assert target.exists() == (number > named)
        if not target.exists():
            backs_up(archived, target)
            assert not list(tmp_path.glob(f"{number}-*.partial/*"))
        data = archived.data.model_copy(update={"dir": tmp_path / f"restored{number}"})
        here = archived.model_copy(update={"data": data})
        assert restore_backup(target, here, tombstones=(), now=now).whole
