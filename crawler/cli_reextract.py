"""`watchfloor reextract`: today's rules over stored pages. Parses, calls reextract, prints; decides nothing itself."""

from __future__ import annotations

import json
import sys
from typing import Any

import click
from tqdm import tqdm

from config.counting import counted
from config.settings import Settings
from crawler.differing import FIELDS, PageChange
from crawler.indexing import sync_index
from crawler.reextract import ReextractReport, reextract

MOST_IN_JSON = 10_000


@click.command("reextract")
@click.argument("outlet")
@click.option("--dry-run", is_flag=True, help="Show what would differ, field by field, and store nothing.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Pages read at the most.")
@click.option(
    "--show",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    metavar="N",
    help="Pages that differ whose fields are printed; all are counted. JSON has them all.",
)
@click.option("--no-index", is_flag=True, help="Do not bring the index up afterwards.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def reextract_(
    settings: Settings, outlet: str, dry_run: bool, limit: int | None, show: int, no_index: bool, as_json: bool
) -> int:
    """Run today's rules again over every stored page of OUTLET; the network is never touched.

    What differs is put in the place of the revision those bytes gave: it is our reading that changed, not the article,
    so no revision is added. A run that was killed or cut by --limit is gone on with, until rules or extractor change.

    Exit codes: 0 done, 10 partial (raw records are gone, or a page was not understood), 12 cut by --limit, 13 storage
    full, 75 another run of the outlet is under way.
    """
    changes: list[PageChange] = []

    def keep(change: PageChange) -> None:
        if as_json and len(changes) < MOST_IN_JSON:
            changes.append(change)
        elif not as_json and report_of["shown"] < show:
            report_of["shown"] += 1
            click.echo(change_as_text(change))

    report_of = {"shown": 0}
    with tqdm(desc=outlet, unit="page", file=sys.stderr, disable=not sys.stderr.isatty()) as bar:

        def show_progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        report = reextract(
            outlet, settings=settings, dry_run=dry_run, limit=limit, on_change=keep, on_progress=show_progress
        )
    note = "" if dry_run or no_index else sync_index(settings)
    if as_json:
        click.echo(json.dumps(_as_json(report, changes, note), ensure_ascii=False, indent=2))
    else:
        click.echo(report_as_text(report, shown=report_of["shown"], note=note))
    return report.exit_code


def change_as_text(change: PageChange) -> str:
    """Write one page that differs, a line for each field; paragraphs that came and went below their count."""
    which = f"  (revision {change.revision})" if change.revision is not None else "  (no article until now)"
    lines = [f"{change.url}{which}"]
    for one in change.fields:
        lines.append(f"  {one.field:<12} {one.told}")
        lines += [f"    {mark} {text}" for mark, key in (("-", "removed"), ("+", "added")) for text in _texts(one, key)]
    return "\n".join(lines)


def report_as_text(report: ReextractReport, *, shown: int, note: str) -> str:
    """Write the summary: pages, how many differ in which field, and what was stored."""
    done = "Nothing was stored (dry run)" if report.dry_run else f"Run {report.run_id}"
    more = report.changed - shown
    lines = [f"… and {counted(more, 'more page that differs', 'more pages that differ')}."] if more > 0 else []
    if report.went_on_after:
        lines.append("Went on where the run before had ended.")
    lines.append(
        f"{report.outlet}: {counted(report.pages, 'page')} read in {report.seconds:.1f} s, "
        f"{counted(report.changed, 'differs', 'differ')}. {done}."
    )
    lines += [f"  {name:<12} {_pages(report.fields[name])}" for name in FIELDS if report.fields.get(name)]
    lines += [f"  {told:<32} {_pages(count)}" for told, count in sorted(report.outcomes.items())]
    if not report.dry_run:
        kept = f", {report.kept} kept although their page is refused now" if report.kept else ""
        lines.append(
            f"  stored: {counted(report.corrected, 'revision')} corrected, {counted(report.new, 'new article')}{kept}."
        )
    if report.passed_over:
        lines.append(
            f"  passed over: {counted(report.passed_over, 'page')} (sources, and those a newer one stands for)."
        )
    lines += [f"{report.outlet}: {report.reason}"] if report.reason else []
    lines += [note] if note else []
    return "\n".join(lines)


def _texts(one: Any, key: str) -> list[str]:
    return list(one.values.get(key, ())) if one.field == "text" else []


def _as_json(report: ReextractReport, changes: list[PageChange], note: str) -> dict[str, Any]:
    left_off = report.changed - len(changes)
    told = {"notes": [note]} if note else {}
    return {**report.to_json(), "changes": [one.to_json() for one in changes], "changes_left_off": left_off, **told}


def _pages(number: int) -> str:
    return f"{number:>6} {'page' if number == 1 else 'pages'}"
