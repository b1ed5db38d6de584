"""Short runs of `benchmarks.bench_durability`: no answer is wrong, no search fails, no kill loses anything."""

from __future__ import annotations

import os
import random
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import durable_costs, durable_runs
from benchmarks.durable_articles import Archive
from benchmarks.durable_readers import Readers, question
from index.search.backend import SearchAnswer, SearchRequest
from index.search.whoosh_backend import WhooshBackend

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


def test_no_answer_is_wrong_beside_commits_merges_and_rebuilds(tmp_path: Path):
    found = durable_runs.load(
        tmp_path, articles=300, threads=4, seconds=1, commits=100, pace_ms=5, rebuild_every=40, sample_s=0.5
    )
    assert found.beside.answers > 0
    assert found.done["commit"] >= 100
    assert found.done["rebuild"] >= 2
    for tally in (found.alone, found.beside):
        assert not tally.wrong
        assert not tally.errors
    for usage in found.usage:
        # Files of commits before are let go: what is mapped is that of two snapshots at the most.
        assert usage.mapped_files < 60
        assert usage.descriptors < 100


def test_an_answer_that_mixes_two_positions_is_noticed(tmp_path: Path):
    archive, dice = Archive(300), random.Random(3)
    asked = [question(dice) for _ in range(60)]
    with durable_runs.opened(tmp_path) as backend:
        backend.rebuild(archive.batches(archive.state(1)))
        before = [backend.search(request) for request, _ in asked]
        backend.apply(*archive.changes(2, archive.state(1).revisions), 2)
        after = [backend.search(request) for request, _ in asked]
    right = archive.answers(2)
    told = set()
    for (_, judge), old, new in zip(asked, before, after, strict=True):
        assert judge(new, right) == ""
        for part in ("total", "facets"):
            told.add(judge(replace(new, **{part: getattr(old, part)}), right))
        told.add(judge(replace(new, hits=(new.hits[0], *old.hits[1:])), right))
    whats = ("a total", "a total without a word", "the newest", "facets")
    assert told == {"", *(f"{what} of no position" for what in whats)}


def test_an_answer_older_than_one_before_and_an_error_are_counted(tmp_path: Path):
    archive = Archive(300)
    with durable_runs.opened(tmp_path / "old") as old, durable_runs.opened(tmp_path / "new") as new:
        for position, backend in ((1, old), (2, new)):
            backend.rebuild(archive.batches(archive.state(position)))
        engine = Changing([new, old, None])
        readers = Readers(engine, archive, 1)  # type: ignore[arg-type]
        readers.start()
        assert engine.enough.wait(60)
        tally = readers.stop()
    assert tally.wrong.keys() == {"an answer older than one given before"}
    assert tally.errors.keys() == {"RuntimeError: no answer"}
    assert tally.answers == sum(tally.waits.values())


class Changing:
    """Asks several engines in turn; None raises."""

    def __init__(self, engines: list[WhooshBackend | None]) -> None:
        self.engines = engines
        self.asked = 0
        self.enough = threading.Event()

    def search(self, request: SearchRequest) -> SearchAnswer:
        engine = self.engines[self.asked % len(self.engines)]
        self.asked += 1
        if self.asked > 12:
            self.enough.set()
        if engine is None:
            raise RuntimeError("no answer")
        return engine.search(request)


def test_kills_inside_commits_merges_and_rebuilds_lose_nothing(tmp_path: Path):
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    found = durable_runs.kills(tmp_path, articles=300, number=9, seed=seed, rebuild_every=8)
    assert found.kills == 9
    assert found.lost == found.wrong == found.twice == found.went_back == 0, seed
    assert not found.failed_opens, seed
    assert found.left_files == [], seed


def test_processes_share_one_copy_of_the_index(tmp_path: Path):
    further, _ = durable_costs.fill(tmp_path, 400)
    found = durable_costs.shared(tmp_path, 3)
    # A page that three processes have mapped counts a third for each of them.
    assert sum(found.mapped_pss_mb) < 0.5 * sum(found.mapped_rss_mb)
    new = durable_costs.new_article(tmp_path, further, rounds=2)
    assert len(new.seen_ms) == 2
