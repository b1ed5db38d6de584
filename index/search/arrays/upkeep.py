"""Merging beside a writer: the file is written without his lock, which is held for the change of the table alone.

One merge at a time: it has a lock of its own, which ends with its process. Its file has a name that no commit sweeps
until it is whole and renamed under the writer's lock; what a killed merge left is taken away by the next one.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from whoosh.util.filelock import try_for

from index.search.arrays.merging import Input, inputs_of, merge_segments
from index.search.arrays.segment import EXTENSION, ArraysSegment
from index.search.arrays.tiers import Pile, to_merge

if TYPE_CHECKING:
    from index.search.arrays.index import ArraysIndex

log = logging.getLogger(__name__)
MERGE_LOCK = "MERGELOCK"
WAIT_S = 60.0
POLL_S = 0.005
"""A commit holds the writer's lock for some milliseconds, seldom for a second."""


class Outcome(Enum):
    """How a merge ended. Only MERGED is true, so that `while index.merge()` does all that is due."""

    MERGED = "merged"
    NOTHING = "nothing is due"
    BUSY = "another process is merging"
    DROPPED = "the segments changed meanwhile"

    def __bool__(self) -> bool:
        """Say whether the index has fewer segments now."""
        return self is Outcome.MERGED


def merge_beside(index: ArraysIndex, *, everything: bool = False, wait_s: float = WAIT_S) -> Outcome:
    """Merge once what the tiers say is due (with `everything`: as much as fits), while others may commit.

    Raises FileNotFoundError where the folder or a segment is gone, and what opening and writing files raise.
    """
    return _one_at_a_time(
        index,
        lambda segments: to_merge(
            [Pile(one.doc_count_all(), one.deleted_count()) for one in segments], everything=everything
        ),
        wait_s,
    )


def purge_beside(index: ArraysIndex, *, wait_s: float = WAIT_S) -> Outcome:
    """Write the first segment of which something is deleted anew, whatever its size. Raises as `merge_beside`."""
    return _one_at_a_time(
        index, lambda segments: [at for at, one in enumerate(segments) if one.deleted_count()][:1], wait_s
    )


def _one_at_a_time(
    index: ArraysIndex, choose: Callable[[Sequence[ArraysSegment]], Sequence[int]], wait_s: float
) -> Outcome:
    """Merge the segments that are chosen, by their numbers, unless another process is merging."""
    lock = index.lock(MERGE_LOCK)
    if not lock.acquire():
        return Outcome.BUSY
    try:
        for left in index.folder.glob(f"{index.indexname}.*.merging"):
            left.unlink(missing_ok=True)
        before = index.commit().segments
        sources = [before[at] for at in choose(before)]
        return _merged(index, sources, wait_s) if sources else Outcome.NOTHING
    finally:
        lock.release()


def _merged(index: ArraysIndex, sources: Sequence[ArraysSegment], wait_s: float) -> Outcome:
    inputs = inputs_of([(index.open_segments.whole(one.segment_id()), one.deleted_docs()) for one in sources])
    part = index.folder / f"{index.indexname}.{secrets.token_hex(6)}.merging"
    try:
        documents = merge_segments(inputs, part)
        lock = index.lock("WRITELOCK")
        if not try_for(lock.acquire, timeout=wait_s, delay=POLL_S):
            return _dropped(index, "a writer did not end")
        try:
            return _put_in_force(index, sources, inputs, documents, part)
        finally:
            lock.release()
    finally:
        part.unlink(missing_ok=True)


def _put_in_force(
    index: ArraysIndex, sources: Sequence[ArraysSegment], inputs: Sequence[Input], documents: int, part: Path
) -> Outcome:
    """Name the merged file in a new table in the place of its sources, without what was deleted since."""
    commit = index.commit()
    now = {one.segment_id(): one for one in commit.segments}
    new: ArraysSegment = index.codec.new_segment(index.storage, index.indexname)
    new.set_doc_count(documents)
    for source, of in zip(sources, inputs, strict=True):
        held = now.pop(source.segment_id(), None)
        if held is None:
            return _dropped(index, f"{source.segment_id()} is no longer in the table of contents")
        before, since = source.deleted_docs(), held.deleted_docs()
        if before - since:
            return _dropped(index, f"a document of {source.segment_id()} is no longer deleted")
        for number in since - before:
            new.delete_document(int(of.numbers[number]))
    kept = list(now.values())
    if documents:
        part.rename(index.folder / new.make_filename(EXTENSION))
        kept.append(new)
    index.save(kept, commit.generation + 1, commit.said)
    return Outcome.MERGED


def _dropped(index: ArraysIndex, why: str) -> Outcome:
    log.info("a merge was dropped and its work is lost", extra={"folder": str(index.folder), "cause": why})
    return Outcome.DROPPED
