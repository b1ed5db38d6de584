"""Breaks an outlet in every way operators know, and prints what they are told of it.

`python -m benchmarks.rehearse_breakages` takes a quarter of an hour: each hour is a crawl process of its own.

`--write FILE` puts the table between the marks of a page, docs/operating.md for one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.rehearsal import USUAL_RUNS, Noticed, counts_of, rehearsing
from benchmarks.rehearsed_outlet import Break
from config.counting import counted

BEGIN = "<!-- rehearsal: begin (python -m benchmarks.rehearse_breakages --write docs/operating.md) -->"
END = "<!-- rehearsal: end -->"


def main(arguments: Sequence[str] | None = None) -> int:
    """Rehearse, print the table, and return 1 where a break was not noticed or an alarm was false."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=[one.name.lower() for one in Break], help="these breaks alone"
    )
    parser.add_argument("--usual", type=int, default=USUAL_RUNS, help="usual crawls before each break")
    parser.add_argument("--write", type=Path, help="the page whose table is to be made anew")
    parser.add_argument("--verbose", action="store_true", help="tell each run")
    options = parser.parse_args(arguments)
    wanted = [one for one in Break if not options.only or one.name.lower() in options.only]

    def say(line: str) -> None:
        if options.verbose:
            print(f"  {line}", file=sys.stderr, flush=True)

    found: dict[Break, Noticed] = {}
    with tempfile.TemporaryDirectory() as folder, rehearsing(Path(folder), say) as rehearsal:
        rehearsal.live_as_usual(runs=options.usual)
        for one in wanted:
            say(f"-- {one}")
            found[one] = rehearsal.break_it(one, Path(folder) / one.name)
            say(row_of(found[one]))
        alarms, judged = rehearsal.false_alarms, rehearsal.judged
    table = "\n".join(table_of(found.values()))
    usual = f"{counted(len(alarms), 'false alarm')} in {judged} usual hours before."
    print(table, "", counts_of(found), usual, *alarms, sep="\n")
    if options.write is not None:
        write_between(options.write, f"{table}\n\n{counts_of(found)} {usual}")
    return 1 if alarms or any(one.runs is None for one in found.values()) else 0


def table_of(found: Iterable[Noticed]) -> list[str]:
    """Return the lines of a Markdown table: break, hourly runs and time until noticed, state and cause, sentence."""
    head = [
        "| what breaks | noticed after | state (cause) | what the operator reads | well again after |",
        "|---|---|---|---|---|",
    ]
    return head + [row_of(one) for one in found]


def row_of(one: Noticed) -> str:
    """Return the row of one break: a crawl an hour, so its runs are hours as well."""
    if one.runs is None:
        return f"| {one.broken} | not noticed | | | |"
    mended = "not in time" if one.mended_runs is None else counted(one.mended_runs, "run")
    when = f"{counted(one.runs, 'run')}, {one.runs} h"
    return f"| {one.broken} | {when} | {one.state} (`{one.cause}`) | {one.sentence} | {mended} |"


def write_between(page: Path, text: str) -> None:
    """Put a text between the marks of a page. Raises ValueError for a page without them."""
    whole = page.read_text(encoding="utf-8")
    head, begin, rest = whole.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page}: has no marks for the table: {BEGIN} and {END}")
    page.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
