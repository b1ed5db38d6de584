"""Articles in JSON Lines files, labelled or not: read, put into stories and copies, scored. Touches no database."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from config.errors import UsageError
from index.stories.clustering import Clusterer
from index.stories.values import StoryText
from index.stories.weights import Weights

BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
WANTED = "one JSON object a line with id, date, outlet, title and text"

Id = str | int


@dataclass(frozen=True, slots=True)
class Line:
    """An article of a file. `id` and `cluster` are as written; `text.id` is the number of its line among all."""

    id: Id
    text: StoryText
    cluster: str | None
    dated: bool


def read_articles(path: str) -> list[Line]:
    """Read the articles of a file, `-` for standard input; a bad line is told by its number.

    An article without a date that can be read has the time of the one before it: it came with it.
    """
    lines: list[Line] = []
    seen: set[str] = set()
    at = BEFORE_ALL
    for number, row in read_rows(path):
        line = _line(f"{path}:{number}", row, number=len(lines) + 1, otherwise=at)
        if str(line.id) in seen:
            raise UsageError(f"{path}:{number}: the id {line.id!r} stands in a line before; give each article its own.")
        seen.add(str(line.id))
        at = line.text.at
        lines.append(line)
    return lines


def read_rows(path: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of a JSON Lines file with their line numbers, gzip read too."""
    try:
        with _open(path) as file:
            for number, raw in enumerate(file, 1):
                if raw.strip():
                    yield number, _object(f"{path}:{number}", raw)
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{path} cannot be read ({reason}): name a file of JSON Lines, plain or .gz.") from error


def cluster_lines(
    lines: Iterable[Line], weights: Weights, *, progress: Callable[[int], object] = lambda _: None
) -> tuple[dict[Id, int], list[tuple[Id, Id]]]:
    """Put articles into stories in the order of their times; return the story of each, and the pairs of one text.

    Stories come in the order of the lines, of equal times the earlier line is first; numbered from 1.
    """
    lines = list(lines)
    clusterer, numbers = Clusterer(weights), count(1)
    story_of: dict[int, int] = {}
    merged: dict[int, int] = {}
    for line in sorted(lines, key=lambda one: (one.text.at, one.text.id)):
        placement = clusterer.place(line.text, new_id=lambda: next(numbers))
        story_of[line.text.id] = placement.story_id
        merged.update(dict.fromkeys(placement.merged, placement.story_id))
        progress(1)
    ids = {line.text.id: line.id for line in lines}
    placed = {line.id: _followed(story_of[line.text.id], merged) for line in lines}
    return placed, [(ids[a], ids[b]) for a, b in clusterer.copy_pairs()]


def _followed(story_id: int, merged: dict[int, int]) -> int:
    """Return the story that one is part of now."""
    while story_id in merged:
        story_id = merged[story_id]
    return story_id


def _line(where: str, row: dict[str, Any], *, number: int, otherwise: datetime) -> Line:
    id_ = row.get("id")
    if isinstance(id_, bool) or not isinstance(id_, str | int):
        raise UsageError(f"{where}: no id; give {WANTED}.")
    fields = {name: row.get(name) or "" for name in ("outlet", "title", "text", "language")}
    for name, value in fields.items():
        if not isinstance(value, str):
            raise UsageError(f"{where}: {name} is not a string; give {WANTED}.")
    at = _instant(row.get("stream_date") or row.get("date"))
    text = StoryText(
        number, fields["outlet"], at or otherwise, fields["language"] or "en", fields["title"], fields["text"]
    )
    cluster = row.get("cluster")
    return Line(id_, text, None if cluster is None else str(cluster), at is not None)


def _instant(value: object) -> datetime | None:
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
        if read is None:
            return None
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _open(path: str) -> AbstractContextManager[Iterable[bytes]]:
    if path == "-":
        return nullcontext(sys.stdin.buffer)
    with Path(path).open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    if packed:
        return gzip.open(path, "rb")
    return Path(path).open("rb")


def _object(where: str, raw: bytes) -> dict[str, Any]:
    try:
        row = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where}: not JSON ({error}); give {WANTED}.") from error
    if not isinstance(row, dict):
        raise UsageError(f"{where}: not a JSON object; give {WANTED}.")
    return row
