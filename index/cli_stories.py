"""`watchfloor stories`: put the articles of a file into stories, and score stories against labelled ones."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import click
from tqdm import tqdm

from config.counting import counted
from config.errors import EXIT_DONE, EXIT_PARTIAL, UsageError
from index.cli_related import origins_command
from index.cli_stories_edit import join_to
from index.stories.labelled_files import WANTED, Id, Line, cluster_lines, read_articles, read_rows
from index.stories.scoring import Scores, score_clusters, score_copies
from index.stories.weights import load_weights


@click.group()
def stories() -> None:
    """Stories: which articles tell of one event, and which carry one text."""


stories.add_command(origins_command)
join_to(stories)


@stories.command()
@click.argument("file")
@click.option("--copies", is_flag=True, help='Print the pairs of one text instead: lines {"a", "b"}.')
def cluster(file: str, copies: bool) -> None:
    """Put the articles of FILE into stories, by themselves: no database is read or written.

    FILE (- for standard input, .gz read too) has lines {"id", "stream_date" or "date", "outlet", "title", "text"}.
    They are placed in the order of their times, of equal times in the order of the file; printed are lines
    {"id", "cluster"} in the order of the file.
    """
    lines = read_articles(file)
    if not lines:
        click.echo(f"{file}: no article in it; give {WANTED}.", err=True)
        return
    placed, pairs = _placed(lines)
    if copies:
        for a, b in pairs:
            click.echo(json.dumps({"a": a, "b": b}, ensure_ascii=False))
        return
    for line in lines:
        click.echo(json.dumps({"id": line.id, "cluster": placed[line.id]}, ensure_ascii=False))


@stories.command()
@click.argument("gold")
@click.argument("predicted", required=False)
@click.option("--copies", "wire", metavar="WIRE", help='Pairs {"a", "b", "label"}, label copy or partial: score these.')
@click.option("--min", "least", type=click.FloatRange(0, 1), help="End with 10 where BCubed F1 is below.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def score(gold: str, predicted: str | None, wire: str | None, least: float | None, as_json: bool) -> int:
    """Score stories against the labelled ones of GOLD, lines {"id", "cluster"}.

    The stories are those of PREDICTED, lines {"id", "cluster"} as `stories cluster` prints them (with --copies lines
    {"a", "b"}); without it the articles of GOLD are put into stories now, as `stories cluster` does it.
    """
    if wire is not None:
        return _score_copies(gold, predicted, wire, as_json)
    if predicted is None:
        lines = read_articles(gold)
        found = {str(one): str(story) for one, story in _placed(lines)[0].items()}
    else:
        found = _clusters(predicted)
    scores = score_clusters(_clusters(gold), found)
    _show(scores, as_json)
    return EXIT_PARTIAL if least is not None and scores.bcubed_f1 < least else EXIT_DONE


def _score_copies(gold: str, predicted: str | None, wire: str, as_json: bool) -> int:
    labelled = [
        (str(row.get("a")), str(row.get("b")), str(row.get("label"))) for _, row in read_rows(wire) if "label" in row
    ]
    if predicted is None:
        found = [(str(a), str(b)) for a, b in _placed(read_articles(gold))[1]]
    else:
        found = [(str(row.get("a")), str(row.get("b"))) for _, row in read_rows(predicted)]
    precision, recall, wanted, right = score_copies(labelled, found)
    if as_json:
        click.echo(json.dumps({"copies": wanted, "found": right, "precision": precision, "recall": recall}))
    else:
        click.echo(f"copies: {right} of {wanted} found, precision {precision:.3f}, recall {recall:.3f}")
    return EXIT_DONE


def _clusters(path: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, row in read_rows(path):
        if "id" not in row or "cluster" not in row:
            raise UsageError(f'{path}:{number}: no id or no cluster; give lines {{"id", "cluster"}}.')
        if str(row["id"]) in found:
            raise UsageError(f"{path}:{number}: the id {row['id']!r} stands in a line before; give each its own.")
        found[str(row["id"])] = str(row["cluster"])
    if not found:
        raise UsageError(f'{path}: no line in it; give lines {{"id", "cluster"}}.')
    return found


def _placed(lines: list[Line]) -> tuple[dict[Id, int], list[tuple[Id, Id]]]:
    undated = sum(not line.dated for line in lines)
    if undated:
        click.echo(
            f"{counted(undated, 'line')} without a date that can be read: each has the time of the one before.",
            err=True,
        )
    with _bar(len(lines)) as bar:
        return cluster_lines(lines, load_weights(), progress=bar)


def _show(scores: Scores, as_json: bool) -> None:
    values = {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(scores).items()}
    if as_json:
        click.echo(json.dumps(values))
        return
    for name, value in values.items():
        click.echo(f"{name:<12} {value}")


@contextmanager
def _bar(total: int) -> Iterator[Callable[[int], object]]:
    bar: tqdm[Any] = tqdm(total=total, desc="placing", disable=not sys.stderr.isatty(), leave=False)
    with bar:
        yield bar.update
