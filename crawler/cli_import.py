"""`watchfloor import`: files into the archive. Parses, calls import_files, prints; decides nothing itself."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from tqdm import tqdm

from config.counting import counted
from config.errors import EXIT_DONE
from config.settings import Settings
from crawler.importing import ImportReport, import_files
from crawler.indexing import sync_after
from crawler.verdict import exit_code_of


@click.command("import")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--outlet", default="", metavar="NAME", help="The outlet of texts and pages that name none themselves.")
@click.option("--url", default="", metavar="URL", help="The address of a single HTML file.")
@click.option("--no-index", is_flag=True, help="Do not bring the index up afterwards.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_obj
def import_(settings: Settings, files: tuple[Path, ...], outlet: str, url: str, no_index: bool, as_json: bool) -> int:
    """Take files through the path a crawled page takes: WARC (CC-NEWS too), .html[.gz], .txt, .jsonl[.gz].

    A line {"url", "html"} or {"url", "file"} is a page and is extracted; a line with "text" is a text already
    extracted. Pages of hosts nobody registered get a provisional outlet. Repeating an import adds nothing.
    """
    total = sum(path.stat().st_size for path in files)
    with tqdm(
        total=total, unit="B", unit_scale=True, file=sys.stderr, disable=not sys.stderr.isatty(), dynamic_ncols=True
    ) as bar:

        def tell(sentence: str) -> None:
            tqdm.write(f"watchfloor: {sentence}", file=sys.stderr)

        def step(count: int) -> None:
            bar.update(count)

        report = import_files(files, settings=settings, outlet=outlet, url=url, on_fault=tell, on_bytes=step)
    note, index_code = ("", EXIT_DONE) if no_index else sync_after(settings)
    code = exit_code_of([report.exit_code, index_code]) if index_code else report.exit_code
    told = {**report.to_json(), "index": note, "exit_code": code}
    click.echo(json.dumps(told, indent=2) if as_json else as_text(report, note))
    return code


def as_text(report: ImportReport, note: str) -> str:
    """Write what an import did, with its outcomes by name."""
    read = f"{counted(report.records, 'record')} of {counted(report.files, 'file')}"
    lines = [f"Imported {read} in {report.seconds:.1f} s (run {report.run_id})."]
    lines += [f"  {name:<20} {count:>8}" for name, count in sorted(report.counts.items())]
    lines += [f"  {'records not read':<20} {report.faults:>8}"] if report.faults else []
    lines += [report.reason] if report.reason else []
    lines += [note] if note else []
    return "\n".join(lines)
