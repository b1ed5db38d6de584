"""Accuracy and speed of extraction on the real pages of ../shared, beside the peers that are installed, in one run.

Each extractor runs in a process of its own, one core, the page in memory; the marks are those of the scorer in
../shared/score, whose head explains them. Peers are no dependencies of ours: what `--peers-python` can import is run,
the others are named. An environment for them: trafilatura, newspaper4k, readability-lxml, news-please, goose3,
resiliparse, selectolax, python-dateutil, lxml_html_clean.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parent.parent
SHARED = PROJECT.parent / "shared"
OURS = ("watchfloor", "watchfloor_quick")
PEERS = {
    "trafilatura": ("trafilatura", "extraction_peers:trafilatura_default"),
    "trafilatura_fast": ("trafilatura", "extraction_peers:trafilatura_fast"),
    "best simple stack": ("dateutil", "extraction_peers:reference"),
    "newspaper4k": ("newspaper", "extraction_peers:newspaper4k"),
    "news-please": ("newsplease", "benchmarks.extractors:news_please"),
    "readability": ("readability", "extraction_peers:readability"),
    "goose3": ("goose3", "benchmarks.extractors:goose"),
    "resiliparse": ("resiliparse", "extraction_peers:resiliparse_main"),
}
SHOWN = ("title", "auth", "date'", "bodyF1", "P4", "R4", "F4", "lnkF", "pg/s", "ms", "p95", "RSS", "fail")


def marks_of(call: str, *, python: str = sys.executable, repeat: int = 1, limit: int | None = None) -> dict[str, Any]:
    """Run one extractor over the pages and return the scorer's marks. Raises OSError where the pages are absent."""
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "marks.json"
        command = [python, str(SHARED / "score" / "extraction.py"), str(SHARED / "pages"), "--call", call]
        command += ["--path", str(PROJECT), "--path", str(SHARED / "score"), "--json", str(table)]
        command += ["--repeat", str(repeat), *(["--limit", str(limit)] if limit else [])]
        done = subprocess.run(command, capture_output=True, text=True, timeout=3600, check=False)
        if done.returncode or not table.exists():
            raise OSError(f"{call}: the scorer ended with {done.returncode}: {done.stderr.strip()[-300:]}")
        marks: dict[str, Any] = json.loads(table.read_text(encoding="utf-8"))[0]
        return marks


def is_importable(module: str, *, python: str) -> bool:
    """Say whether an interpreter has a module."""
    return subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode == 0


def main() -> int:
    """Run all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers-python", default=sys.executable, help="interpreter of the environment with the peers")
    parser.add_argument("--only", default="", help="names to run, comma separated (default: all there are)")
    parser.add_argument("--repeat", type=int, default=1, help="times each page is read; the best is counted")
    parser.add_argument("--limit", type=int, help="pages at the most")
    parser.add_argument("--json", action="store_true", help="print the marks as JSON")
    options = parser.parse_args()
    if not (SHARED / "pages" / "pages.jsonl").exists():
        print("The real pages are absent (shared/ beside the checkout); there is nothing to measure on.")
        return 0
    wanted = {name.strip() for name in options.only.split(",") if name.strip()}
    rows: dict[str, dict[str, Any]] = {}
    runs = [(name, sys.executable, f"benchmarks.extractors:{name}") for name in OURS]
    for name, (module, call) in PEERS.items():
        if is_importable(module, python=options.peers_python):
            runs.append((name, options.peers_python, call))
        else:
            print(f"{name}: not installed, left out.", file=sys.stderr)
    for name, python, call in runs:
        if not wanted or name in wanted:
            rows[name] = marks_of(call, python=python, repeat=options.repeat, limit=options.limit)
    print(json.dumps(rows, indent=2) if options.json else as_table(rows))
    return 0


def as_table(rows: dict[str, dict[str, Any]]) -> str:
    """Return the marks as lines for a terminal; "-" where an extractor does not offer a field."""
    lines = [f"{'extractor':<18}" + "".join(f"{name:>8}" for name in SHOWN)]
    for name, marks in rows.items():
        cells = []
        for column in SHOWN:
            value = marks.get(column)
            whole = column in ("RSS", "fail")
            cells.append(
                "-" if value is None else f"{value:.0f}" if whole else f"{value:.3f}" if value <= 1 else f"{value:.1f}"
            )
        lines.append(f"{name:<18}" + "".join(f"{cell:>8}" for cell in cells))
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
