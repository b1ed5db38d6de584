"""Several runs one after the other for a command, and the index once at their end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import click

from config.errors import WatchfloorError
from config.settings import Settings
from crawler.indexing import sync_after
from crawler.orders import RunReport
from crawler.verdict import STOPPED


def run_in_turn(names: Iterable[str], run: Callable[[str], RunReport]) -> tuple[list[RunReport], list[int]]:
    """Run each outlet and return the reports and the exit codes of all; whoever asks to stop ends the rest too.

    A run that cannot start is told on stderr and does not keep the others from theirs; where it is the only one, its
    error is raised.
    """
    listed = list(names)
    reports: list[RunReport] = []
    codes: list[int] = []
    for name in listed:
        try:
            report = run(name)
        except WatchfloorError as error:
            if len(listed) == 1:
                raise
            click.echo(f"watchfloor: {error}", err=True)
            codes.append(error.exit_code)
            continue
        reports.append(report)
        codes.append(report.exit_code)
        if report.stop_asked or report.reason == STOPPED:
            break
    return reports, codes


def with_index(reports: list[RunReport], codes: list[int], *, settings: Settings) -> tuple[list[RunReport], list[int]]:
    """Bring the index up after runs; the last report says so, and a fault of it is one more exit code."""
    if not reports:
        return reports, codes
    note, code = sync_after(settings)
    told = replace(reports[-1], notes=(*reports[-1].notes, note))
    return [*reports[:-1], told], [*codes, code] if code else codes
