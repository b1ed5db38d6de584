"""Stories after kills: following and rebuilding, killed at any moment, end where they would have ended."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from config.settings import Settings
from index.following import follow
from index.store import Store
from index.store.followers import follower_state
from index.store.story_edits import merge_stories, split_story
from index.store.story_tables import (
    copies,
    followers,
    stories,
    story_constraints,
    story_features,
    story_members,
    story_terms,
)
from index.stories.following import StoryFollower
from index.stories.rebuilding import rebuild_stories
from tests.factories import register, save
from tests.index.stories.events import OUTLETS, stream, telling, text_of

KILLS = 8
FOLLOW = """
import os
from datetime import datetime
from config.settings import load_settings
from index import following
from index.store import open_store
from index.stories.following import StoryFollower
following.BATCH = 5
now = datetime.fromisoformat(os.environ["TEST_NOW"])
following.follow(open_store(load_settings(None, os.environ)), [StoryFollower()], now=now)
"""
REBUILD = """
import os
from datetime import datetime
from config.settings import load_settings
from index.store import open_store
from index.stories.rebuilding import rebuild_stories
from tests.faults.stepping import steps_of
settings = load_settings(None, os.environ)
store, now = open_store(settings), datetime.fromisoformat(os.environ["TEST_NOW"])
with steps_of(settings.data.dir, killed_before=int(os.environ["TEST_KILL_AT"])) as steps:
    rebuild_stories(store, now=now)
print(len(steps))
"""
COMMIT, COMMITTED = 1_000_000, 1_000_001  # right before the swap is committed, and right behind it
SWAP = f"""
import os, signal
from datetime import datetime
from sqlalchemy import Engine, event
from config.settings import load_settings
from index.store import open_store
from index.stories.rebuilding import rebuild_stories

at, sent = int(os.environ["TEST_KILL_AT"]), 0
store = open_store(load_settings(None, os.environ))

def reach(point):
    if point == at:
        os.kill(os.getpid(), signal.SIGKILL)

@event.listens_for(Engine, "after_cursor_execute")
def executed(connection, *_):
    global sent
    if connection.get_execution_options().get("watchfloor_write"):
        reach(sent)
        sent += 1

@event.listens_for(Engine, "commit")
def commit(connection):
    if connection.get_execution_options().get("watchfloor_write"):
        reach({COMMIT})

rebuild_stories(store, now=datetime.fromisoformat(os.environ["TEST_NOW"]))
reach({COMMITTED})
print(sent)
"""
KEPT = (story_members, copies, story_features, story_terms, stories)

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


@pytest.fixture
def archive(store, now) -> Store:
    """A hundred articles of a dozen events, with copies of a wire text among them, edits, and nothing placed yet."""
    register(store, now, *OUTLETS)
    articles = stream(12, 8, now - timedelta(days=5))
    wire = text_of(90, 1)
    for number, outlet in enumerate(OUTLETS):
        articles.insert(30 + 20 * number, telling(90, number, now - timedelta(days=2), outlet=outlet, text=wire))
    for number, article in enumerate(articles):
        save(store, article, now)
        if number % 20 == 19:
            save(store, telling(91, number, now, outlet=article.outlet, slug=article.url.rsplit("/", 1)[1]), now)
    return store


def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    with store.read() as tx:
        return {
            table.name: [tuple(row) for row in tx.execute(select(table).order_by(*table.primary_key.columns))]
            for table in KEPT
        }


def forget_all(store: Store) -> None:
    with store.write() as tx:
        for table in (*KEPT, story_constraints, followers):
            tx.execute(table.delete())


def start(code: str, settings: Settings, now: Any, **more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, **child_environment(settings, now), **more},
        stdout=subprocess.DEVNULL,
    )


def child_environment(settings: Settings, now: Any) -> dict[str, str]:
    return {
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "WATCHFLOOR_DATA__DIR": str(settings.data.dir),
        "WATCHFLOOR_DATABASE__URL": settings.database_url,
        "TEST_NOW": now.isoformat(),
    }


def kill(child: subprocess.Popen[bytes]) -> None:
    child.send_signal(signal.SIGKILL)
    child.wait(timeout=20)


def wait_for(done: Callable[[], bool], child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while not done() and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)


def position_of(store: Store) -> int:
    with store.read() as tx:
        return follower_state(tx, StoryFollower.name)[0]


def test_following_killed_at_any_moment_ends_as_if_it_had_not_been(archive, database_settings, now):
    follow(archive, [StoryFollower()], now=now)
    expected = everything(archive)
    forget_all(archive)
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    dice = random.Random(seed)
    for _ in range(KILLS):
        before = position_of(archive)
        child = start(FOLLOW, database_settings, now)
        wait_for(lambda before=before: position_of(archive) != before, child)
        time.sleep(dice.uniform(0.0, 0.05))
        kill(child)
        # What is there is whole: no member without its story, no story without its counts.
        found = everything(archive)
        members = {row[1] for row in found["story_members"]}
        assert members <= {row[0] for row in found["stories"]}, seed
        assert sum(row[5] for row in found["stories"]) == len(found["story_members"]), seed
    follow(archive, [StoryFollower()], now=now)
    assert everything(archive) == expected, seed


def test_killed_rebuild_leaves_the_old_stories_or_the_new_never_half(archive, database_settings, now):
    follow(archive, [StoryFollower()], now=now)
    with archive.write() as tx:
        moved = [row.article_id for row in tx.execute(select(story_members).where(story_members.c.story_id == 1))][:2]
        split_story(tx, 1, moved, by="ana", note="apart", now=now)
        merge_stories(tx, 2, [3], by="ana", note="together", now=now)
    old = everything(archive)
    rebuild_stories(archive, now=now)
    new = everything(archive)
    assert {row[:2] for row in new["story_members"]} == {row[:2] for row in old["story_members"]}
    seed = int.from_bytes(os.urandom(4), "big")
    steps = counted_by(REBUILD, database_settings, now)
    chosen = sorted(random.Random(seed).sample(range(1, steps + 1), KILLS))
    print(f"seed {seed}: {steps} steps, killed before {chosen}")
    for step in chosen:
        child = start(REBUILD, database_settings, now, TEST_KILL_AT=str(step))
        assert child.wait(timeout=60) == -signal.SIGKILL, (seed, step)
        assert everything(archive) == new, (seed, step)
    rebuild_stories(archive, now=now)
    assert everything(archive) == new, seed


def counted_by(code: str, database_settings: Settings, now: Any) -> int:
    """How many steps a rebuild takes, or how many statements its swap, by one that is let through."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **child_environment(database_settings, now), "TEST_KILL_AT": "-1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return int(done.stdout)


def make_other(store: Store) -> None:
    """Give the stories a state that a rebuild mends, story ids kept: what is there is told apart from what will be."""
    with store.write() as tx:
        tx.execute(update(story_members).values(method="other"))
        tx.execute(update(stories).values(title="other"))
        for table in (copies, story_features, story_terms):
            tx.execute(table.delete())


def test_rebuild_killed_at_every_part_of_its_swap_leaves_the_old_stories_or_the_new(archive, database_settings, now):
    follow(archive, [StoryFollower()], now=now)
    rebuild_stories(archive, now=now)
    new = everything(archive)
    make_other(archive)
    old = everything(archive)
    assert all(old[table.name] != new[table.name] for table in KEPT)
    statements = counted_by(SWAP, database_settings, now)
    assert everything(archive) == new
    assert statements > len(KEPT)
    make_other(archive)
    for at in sorted({*range(0, statements, max(1, statements // 10)), statements - 1, COMMIT}):
        child = start(SWAP, database_settings, now, TEST_KILL_AT=str(at))
        assert child.wait(timeout=60) == -signal.SIGKILL, at
        assert everything(archive) == old, at
    child = start(SWAP, database_settings, now, TEST_KILL_AT=str(COMMITTED))
    assert child.wait(timeout=60) == -signal.SIGKILL
    assert everything(archive) == new


@pytest.mark.parametrize("batch", [1, 5])
def test_restart_after_every_batch_changes_nothing(batch, archive, now, monkeypatch):
    follow(archive, [StoryFollower()], now=now)
    expected = everything(archive)
    forget_all(archive)
    monkeypatch.setattr("index.following.BATCH", batch)
    work_out = StoryFollower.work_out

    def work_out_anew(self: StoryFollower, *given: Any, now: Any) -> Any:
        self.forget()
        return work_out(self, *given, now=now)

    monkeypatch.setattr(StoryFollower, "work_out", work_out_anew)
    follow(archive, [StoryFollower()], now=now)
    assert everything(archive) == expected
