"""An index of arrays whose writer is killed in the middle of commits and merges: what was committed is there, once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from whoosh import fields, query

from index.search.arrays.index import ArraysIndex

KILLS = 15
SCHEMA = fields.Schema(id=fields.ID(stored=True, unique=True), body=fields.TEXT())
WRITE = """
import sys
from pathlib import Path
from whoosh import fields
from index.search.arrays.index import ArraysIndex
schema = fields.Schema(id=fields.ID(stored=True, unique=True), body=fields.TEXT())
index = ArraysIndex(Path(sys.argv[1]), schema)
key = int(sys.argv[2])
while True:
    with index.writer(batch_documents=20) as writer:
        for _ in range(50):
            writer.update_document(id=str(key), body="steady " * (1 + key % 300) + f"word{key}")
            key += 1
        writer.update_document(id="0", body=f"steady {key}")
    print(key, flush=True)
    while index.merge():
        pass
"""

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]


def test_kills_in_commits_and_merges_lose_nothing_that_was_committed(tmp_path: Path):
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    dice = random.Random(seed)
    ArraysIndex.create(tmp_path, SCHEMA)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    committed = 1
    for _ in range(KILLS):
        command = [sys.executable, "-c", WRITE, str(tmp_path), str(committed)]
        child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        for _ in range(dice.randint(1, 4)):
            committed = int(child.stdout.readline())
        time.sleep(dice.uniform(0.0, 0.06))
        child.send_signal(signal.SIGKILL)
        rest = child.stdout.read().split()
        child.stdout.close()
        child.wait(timeout=20)
        committed = int(rest[-1]) if rest else committed
        with ArraysIndex(tmp_path, SCHEMA).searcher() as searcher:
            ids = [hit["id"] for hit in searcher.search(query.Every(), limit=None)]
            assert len(ids) == len(set(ids)), seed
            held = set(map(int, ids))
            assert held >= set(range(committed)), seed
            # A commit that ended but was not told any more may be there, whole.
            assert len(held) in (committed, committed + 50), seed
            assert len(searcher.search(query.Term("body", "steady"))) == len(held), seed
            committed = len(held)
    with ArraysIndex(tmp_path, SCHEMA).writer() as writer:
        writer.add_document(id="last", body="steady")
    index = ArraysIndex(tmp_path, SCHEMA)
    assert len(list(tmp_path.glob("*.arrays"))) == len(index.commit().segments)
    assert len(list(tmp_path.glob("_MAIN_*"))) == 1
