"""Columns of several values and of counts: as they were given, after commits, deletions and merges."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from whoosh import columns, fields

from index.search.arrays.columns import Counts, Several
from index.search.arrays.index import ArraysIndex

SCHEMA = fields.Schema(
    id=fields.COLUMN(columns.NumericColumn("q")),
    outlet=fields.COLUMN(columns.RefBytesColumn()),
    topics=fields.COLUMN(Several()),
    length=fields.COLUMN(Counts()),
)


def rows_of(dice: random.Random, count: int) -> list[dict[str, Any]]:
    names = [f"topic {one}".encode() for one in range(40)]
    return [
        {
            "id": number,
            "outlet": dice.choice([b"gazette", b"post", None]),
            "topics": tuple(dice.sample(names, k=dice.randint(0, 4))) or None,
            "length": dice.choice([0, 7, 65_535, 70_000 if number > count // 2 else 1]),
        }
        for number in range(count)
    ]


def held(index: ArraysIndex) -> list[dict[str, Any]]:
    found = []
    for segment in index.commit().segments:
        data = index.open_segments.get(segment.segment_id())
        for number in range(data.documents):
            if not segment.is_deleted(number):
                found.append(
                    {name: data.columns[name][number] if name in data.columns else None for name in SCHEMA.names()}
                )
    return sorted(found, key=lambda row: row["id"])


@pytest.mark.parametrize("seed", range(4))
def test_columns_stay_what_they_were_through_deletions_and_merges(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    index = ArraysIndex.create(tmp_path, SCHEMA)
    rows = rows_of(dice, 120)
    for begin in range(0, 120, 15):
        with index.writer() as writer:
            for row in rows[begin : begin + 15]:
                writer.add_document(**row)
    gone = set(dice.sample(range(120), k=30))
    with index.writer() as writer:
        for number in gone:
            writer.delete_document(number)
    expected = [
        {**row, "outlet": row["outlet"] or b"", "topics": tuple(sorted(row["topics"] or ()))}
        for row in rows
        if row["id"] not in gone
    ]
    for _ in range(2):
        found = held(index)
        assert [{**row, "topics": tuple(sorted(row["topics"]))} for row in found] == expected
        while index.merge():
            pass
    assert len(index.commit().segments) < 8
    for segment in index.commit().segments:
        data = index.open_segments.get(segment.segment_id())
        if not segment.has_deletions() and "topics" in data.columns:
            rows_here = [data.columns["topics"][number] for number in range(data.documents)]
            assert data.columns["topics"].distinct == sorted({topic for topics in rows_here for topic in topics})


def test_counts_take_no_more_bits_than_they_need_and_names_are_found_by_bisection(tmp_path: Path) -> None:
    index = ArraysIndex.create(tmp_path, SCHEMA)
    for length in (65_535, 65_536):
        with index.writer() as writer:
            writer.add_document(id=1, length=length, topics=(b"war", b"cyber", b"war"))
    first, second = (index.open_segments.get(one.segment_id()) for one in index.commit().segments)
    assert [one.columns["length"].numbers.dtype for one in (first, second)] == [np.uint16, np.uint32]
    topics = first.columns["topics"]
    assert [topics.code_of(name) for name in (b"cyber", b"war", b"iran", b"")] == [0, 1, -1, -1]
    assert topics[0] == (b"cyber", b"war") or topics[0] == (b"war", b"cyber")


def test_what_is_said_with_a_commit_stays_until_something_else_is_said(tmp_path: Path) -> None:
    index = ArraysIndex.create(tmp_path, SCHEMA)
    for number in range(4):
        with index.writer() as writer:
            writer.add_document(id=number, length=1)
            if number == 1:
                writer.say(position=17)
    assert index.commit().said == {"position": 17}
    assert index.merge()
    assert index.commit().said == {"position": 17}
