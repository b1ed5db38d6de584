"""`watchfloor crawl`: crawl outlets now. Parses, calls crawl_outlet, prints; decides nothing itself."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from config.errors import UsageError
from config.outlets import OutletSpec, fold_host, load_outlets, read_outlet_files
from config.settings import Settings
from crawler.in_turn import run_in_turn, with_index
from crawler.orders import Limits, Progress, RunReport
from crawler.run import OnProgress, crawl_outlet
from crawler.verdict import exit_code_of
from index.urls import host_of


@click.command()
@click.argument("outlets", nargs=-1, metavar="[OUTLET]...")
@click.option("--all", "every", is_flag=True, help="Every outlet whose file does not say enabled = false.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Pages of one run at the most.")
@click.option(
    "--replay",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE.warc.gz",
    help="Answer every request from this WARC file and never touch the network.",
)
@click.option("--url", metavar="URL", help="Fetch this address of a registered outlet now, and nothing else.")
@click.option("--no-index", is_flag=True, help="Do not bring the index up afterwards.")
@click.option("--json", "as_json", is_flag=True, help="Print the reports as JSON.")
@click.pass_obj
def crawl(
    settings: Settings,
    outlets: tuple[str, ...],
    every: bool,
    limit: int | None,
    replay: Path | None,
    url: str | None,
    no_index: bool,
    as_json: bool,
) -> int:
    """Crawl outlets now: their feeds, sitemaps and listings, then the articles found, then the index.

    Exit codes: 0 done, 10 partial, 11 blocked by the outlet, 12 budget reached, 13 storage full, 75 try again.
    """
    specs = load_outlets(settings.outlet_folders)
    if every:
        for faults in read_outlet_files(settings.outlet_folders).left_out.values():
            for fault in faults:
                click.echo(f"watchfloor: {fault}", err=True)
    names = chosen_outlets(specs, outlets=outlets, every=every, url=url)

    def run(name: str) -> RunReport:
        with _bar(name) as on_progress:
            return crawl_outlet(
                name, Limits(pages=limit), settings=settings, replay=replay, url=url, on_progress=on_progress
            )

    reports, codes = run_in_turn(names, run)
    if not no_index:
        reports, codes = with_index(reports, codes, settings=settings)
    click.echo(json.dumps(as_json_values(reports, codes), indent=2) if as_json else as_text(reports))
    return exit_code_of(codes)


def chosen_outlets(
    specs: dict[str, OutletSpec], *, outlets: tuple[str, ...], every: bool, url: str | None
) -> list[str]:
    """Return the names to crawl, each once. Raises UsageError for none, for both, or for an address nobody owns."""
    if url is not None:
        owner = next((name for name, spec in specs.items() if fold_host(host_of(url)) in spec.all_hosts), None)
        if owner is None:
            raise UsageError(f"{url}: on the host of no registered outlet; make one with an outlet file first.")
        if every or (outlets and outlets != (owner,)):
            raise UsageError(f"{url} belongs to {owner}: name that outlet alone, or none.")
        return [owner]
    if every == bool(outlets):
        raise UsageError("Name the outlets to crawl, or --all; `watchfloor outlets list` names those there are.")
    if outlets:
        return list(dict.fromkeys(outlets))
    chosen = sorted(name for name, spec in specs.items() if spec.enabled)
    if not chosen:
        raise UsageError("--all: no outlet file says enabled = true; name the outlets, or write a file of your own.")
    return chosen


def as_json_values(reports: list[RunReport], codes: list[int]) -> dict[str, Any]:
    """Return the runs, and the outcomes of all of them together."""
    outcomes: Counter[str] = Counter()
    for report in reports:
        outcomes.update(report.counts)
    return {
        "runs": [report.to_json() for report in reports],
        "outcomes": dict(sorted(outcomes.items())),
        "exit_code": exit_code_of(codes),
    }


def as_text(reports: list[RunReport]) -> str:
    """Write a table of runs with their outcomes by name, and their reasons below it."""
    heads = ("outlet", "run", "state", "leads", "fetched", "new", "changed", "unchanged", "rejected", "seconds")
    lines = ["{:<20} {:>6} {:<12} {:>6} {:>8} {:>6} {:>8} {:>10} {:>9} {:>8}".format(*heads)]
    for report in reports:
        rejected = sum(report.rejected.values())
        lines.append(
            f"{report.outlet:<20} {report.run_id or '-':>6} {report.state:<12} {report.leads:>6} {report.fetched:>8} "
            f"{report.new:>6} {report.changed:>8} {report.unchanged:>10} {rejected:>9} {report.seconds:>8.1f}"
        )
    for report in reports:
        told = ", ".join(f"{name} {count}" for name, count in sorted(report.counts.items()))
        lines.append(f"{report.outlet}: {told or 'no URL was asked for'}")
        lines += [f"{report.outlet}: {report.reason}"] if report.reason else []
        lines += report.notes
    return "\n".join(lines)


@contextmanager
def _bar(name: str) -> Iterator[OnProgress | None]:
    """Show a progress bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    with tqdm(desc=name, unit="page", file=sys.stderr, dynamic_ncols=True) as bar:

        def show(progress: Progress) -> None:
            bar.total = progress.asked + progress.waiting
            bar.n = progress.asked
            bar.set_postfix({key: progress.counts[key] for key in ("new", "changed") if progress.counts.get(key)})

        yield show
