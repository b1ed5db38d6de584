"""Merging beside a writer: what was committed meanwhile is carried over, and a kill at any stage loses nothing."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from whoosh import query

from index.search.arrays import upkeep
from index.search.arrays.index import ArraysIndex
from index.search.arrays.upkeep import Outcome
from tests.index.search.arrays.test_writing import SCHEMA, answers, document, fill

KEYS = range(400)


@pytest.fixture
def index(tmp_path: Path) -> ArraysIndex:
    """Six segments of forty documents, some of them deleted, which are due to be merged, and one of 160."""
    made = ArraysIndex.create(tmp_path / "index", SCHEMA)
    fill(made, KEYS[:240], size=40)
    with made.writer() as writer:
        for key in KEYS[240:]:
            writer.add_document(**document(random.Random(f"5 {key}"), key))
    with made.writer() as writer:
        for key in (3, 44, 45, 121):
            writer.delete_by_term("id", str(key))
    return made


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Have something done when the merged file is written and not yet in force."""

    def do(what: Callable[[], None]) -> None:
        written = upkeep.merge_segments

        def then(*given: Any) -> int:
            documents = written(*given)
            monkeypatch.setattr(upkeep, "merge_segments", written)
            what()
            return documents

        monkeypatch.setattr(upkeep, "merge_segments", then)

    return do


def other(index: ArraysIndex) -> ArraysIndex:
    """The index as another process has it."""
    return ArraysIndex(index.folder, SCHEMA)


def replaced(index: ArraysIndex, deleted: list[int], rewritten: list[int]) -> None:
    with index.writer() as writer:
        for key in deleted:
            writer.delete_by_term("id", str(key))
        for key in rewritten:
            writer.update_document(**document(random.Random(f"again {key}"), key))


def found(index: ArraysIndex) -> list[Any]:
    """What an index answers without scores: those count deleted documents until they are merged away."""
    return [[key for key, _ in one] for one in answers(index, random.Random(9))]


def files(index: ArraysIndex) -> list[str]:
    return sorted(path.name for path in index.folder.iterdir() if "LOCK" not in path.name)


def check_files(index: ArraysIndex) -> None:
    """No file is left but those of the newest commit."""
    commit = index.commit()
    named = [f"{one.segment_id()}.arrays" for one in commit.segments]
    assert files(index) == sorted([*named, index.contents_path(commit.generation).name])


def test_what_is_deleted_and_replaced_during_a_merge_is_as_if_written_at_once(index, meanwhile, tmp_path):
    gone, again = [0, 1, 50, 90, 130], [2, 51, 52, 100, 125, 159, 230]
    meanwhile(lambda: replaced(other(index), gone, again))
    assert index.merge() is Outcome.MERGED
    assert [one.doc_count_all() for one in index.commit().segments] == [160, len(again), 240 - 4]
    fresh = ArraysIndex.create(tmp_path / "fresh", SCHEMA)
    left = [key for key in KEYS if key not in (3, 44, 45, 121, *gone, *again)]
    with fresh.writer() as writer:
        for key in left:
            writer.add_document(**document(random.Random(f"5 {key}"), key))
        for key in again:
            writer.add_document(**document(random.Random(f"again {key}"), key))
    for one in (index, fresh):
        while one.merge(everything=True):
            pass
    assert answers(index, random.Random(9)) == answers(fresh, random.Random(9))
    check_files(index)


def test_what_is_deleted_whole_during_a_merge_is_gone(index, meanwhile):
    meanwhile(lambda: replaced(other(index), list(KEYS), []))
    assert index.merge()
    while index.merge():
        pass
    assert index.commit().segments == []
    check_files(index)


def test_several_commits_during_a_merge_are_all_carried_over(index, meanwhile):
    def commits() -> None:
        for key in range(30):
            replaced(other(index), [], [key])

    meanwhile(commits)
    assert index.merge()
    with index.searcher() as searcher:
        ids = sorted(int(hit["id"]) for hit in searcher.search(query.Every(), limit=None))
    assert ids == sorted({*KEYS} - {44, 45, 121})


def test_a_merge_whose_segments_are_gone_is_dropped_and_says_so(index, meanwhile, caplog):
    first = index.commit().segments[0].segment_id()

    def without_the_first() -> None:
        one = other(index)
        commit = one.commit()
        one.save(commit.segments[1:], commit.generation + 1)

    meanwhile(without_the_first)
    with caplog.at_level("INFO"):
        assert index.merge() is Outcome.DROPPED
    assert [record.cause for record in caplog.records] == [f"{first} is no longer in the table of contents"]
    assert len(index.commit().segments) == 6
    check_files(index)


def test_a_merge_that_left_out_what_is_no_longer_deleted_is_dropped(index, meanwhile):
    def bring_back() -> None:
        with other(index).writer() as writer:
            writer.delete_document(3, delete=False)

    meanwhile(bring_back)
    assert index.merge() is Outcome.DROPPED
    with index.searcher() as searcher:
        assert len(searcher.search(query.Term("id", "3"))) == 1
    check_files(index)


def test_a_merge_is_dropped_while_a_writer_does_not_end(index):
    writer = other(index).writer()
    assert upkeep.merge_beside(index, wait_s=0.0) is Outcome.DROPPED
    writer.cancel()
    check_files(index)
    assert index.merge()


def test_one_merge_at_a_time_and_nobody_takes_its_file_away(index, meanwhile):
    seen: list[Any] = []

    def look() -> None:
        (part,) = index.folder.glob("*.merging")
        seen.append(other(index).merge())
        replaced(other(index), [7], [8])
        seen.append(part.exists())

    meanwhile(look)
    assert index.merge()
    assert seen == [Outcome.BUSY, True]
    check_files(index)


def test_a_merge_that_fails_leaves_the_index_as_it_was(index, monkeypatch):
    before = files(index)
    monkeypatch.setattr(index, "save", None)
    with pytest.raises(TypeError):
        index.merge()
    monkeypatch.undo()
    commit = index.commit()
    with index.writer() as writer:
        writer.add_document(id="last")
    assert len(files(index)) == len(before) + 1
    assert len(index.commit().segments) == len(commit.segments) + 1
    assert index.merge()
    check_files(index)


STAGES = (
    "writing the file",
    "before the lock",
    "before the file has its name",
    "before the table",
    "before the table has its name",
    "before old files go",
    "at the end",
)
KILLED = """
import os, signal, sys
from pathlib import Path
from index.search.arrays import container, index as of_index, toc, upkeep
from index.search.arrays.index import ArraysIndex
from tests.index.search.arrays.test_writing import SCHEMA

def before(module, name):
    def die(*_, **__):
        os.kill(os.getpid(), signal.SIGKILL)
    setattr(module, name, die)

def fill_then_die(self):
    os.kill(os.getpid(), signal.SIGKILL)

match sys.argv[2]:
    case "writing the file":
        container.ArrayFileWriter.close = fill_then_die
    case "before the lock":
        before(upkeep, "try_for")
    case "before the file has its name":
        before(upkeep, "_put_in_force")
    case "before the table":
        before(of_index, "write_contents")
    case "before the table has its name":
        Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    case "before old files go":
        before(of_index, "clean_files")
index = ArraysIndex(Path(sys.argv[1]), SCHEMA)
assert index.merge()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.faults
@pytest.mark.parametrize("stage", STAGES)
def test_a_kill_at_each_stage_of_a_merge_loses_nothing_and_leaves_nothing(index, stage, tmp_path):
    shutil.copytree(index.folder, tmp_path / "fresh")
    fresh = ArraysIndex(tmp_path / "fresh", SCHEMA)
    assert fresh.merge(everything=True)
    before = found(index)
    segments = len(index.commit().segments)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])}
    command = [sys.executable, "-c", KILLED, str(index.folder), stage]
    ended = subprocess.run(command, env=environment, capture_output=True, timeout=120, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    opened = other(index)
    assert found(opened) == before == found(fresh)
    merged = stage in ("before old files go", "at the end")
    assert len(opened.commit().segments) == (segments - 5 if merged else segments)
    assert any(index.folder.glob("*.merging")) == (stage in STAGES[:3])
    if not merged:
        assert opened.merge() is Outcome.MERGED
    replaced(opened, [], [])
    check_files(opened)
    assert opened.merge(everything=True)
    assert answers(opened, random.Random(9)) == answers(fresh, random.Random(9))
