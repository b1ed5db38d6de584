"""Thirteen kinds of questions to five engines, and what their indexes cost: CPU time, side by side in one run.

The product's own way to search (watchfloor), our arrays under Whoosh, Whoosh as it is, SQLite FTS5, tantivy (where
`--peers-python` can import it). The product stands beside the bare arrays with all it does: two readings of each text,
ranking by fields, exact totals; it has no kind that is like the last. Each engine is a process; the questions go round,
ten to each, so that what else the machine does meets all alike. No answer is kept and no question asked twice.
`--without stock` leaves an engine out: stock Whoosh takes minutes for 20,000 articles.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from math import exp, log
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

from benchmarks.corpus import source_name
from benchmarks.engines.questions import KINDS, questions, write_articles
from benchmarks.engines.run import ENGINES

IN_A_ROW = 10
"""Questions an engine gets before it is the next one's turn: what is in the processor's caches is its own."""
ROOT = Path(__file__).parent.parent
WARMING = 3
"""Questions of each kind that are not counted: the first of all loads what every engine loads lazily."""


class Running:
    """An engine in its process."""

    def __init__(self, name: str, python: str, folder: Path, articles: Path) -> None:
        """Start it; it builds its index at once."""
        self.name = name
        (folder / name).mkdir()
        command = [python, "-m", "benchmarks.engines.run", name, str(folder / name), str(articles)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def read(self) -> dict[str, Any]:
        """Return the next thing it says."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended with {self.process.wait()}")
        said: dict[str, Any] = json.loads(line)
        return said

    def ask(self, kind: str, asked: list[Any]) -> dict[str, Any]:
        """Ask it one question."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"kind": kind, "asked": asked}) + "\n")
        self.process.stdin.flush()
        return self.read()

    def close(self) -> None:
        """End it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def measure(number: int, rounds: int, *, engines: list[str], peers_python: str) -> dict[str, Any]:
    """Build one after the other, then ask all in turn."""
    with tempfile.TemporaryDirectory() as folder:
        articles = Path(folder) / "articles.jsonl"
        write_articles(articles, number)
        running, built = [], {}
        for name in engines:
            one = Running(name, peers_python if name == "tantivy" else sys.executable, Path(folder), articles)
            built[name] = one.read() | one.read()
            running.append(one)
        times: dict[str, dict[str, list[dict[str, Any]]]] = {}
        for kind, asked in questions(articles, rounds + WARMING).items():
            asking = [one for one in running if kind not in built[one.name]["leaves_out"]]
            times[kind] = {one.name: [] for one in asking}
            for question in asked[rounds:]:
                for one in asking:
                    one.ask(kind, question)
            asked = asked[:rounds]
            for begin in range(0, rounds, IN_A_ROW):
                for one in asking:
                    answers = [one.ask(kind, question) for question in asked[begin : begin + IN_A_ROW]]
                    times[kind][one.name] += answers
        for one in running:
            one.close()
    kinds = {kind: {name: _told(found) for name, found in both.items()} for kind, both in times.items()}
    return {"documents": number, "text": source_name(), "built": built, "kinds": kinds, "means": _means(kinds, engines)}


def _told(found: list[dict[str, Any]]) -> dict[str, float]:
    cuts = quantiles([one["ms"] for one in found], n=20, method="inclusive")
    cpu = [one["cpu_ms"] for one in found]
    hits = mean(len(one["ids"]) for one in found)
    return {
        "cpu_ms": round(mean(cpu), 3),
        "p50_ms": round(cuts[9], 2),
        "p95_ms": round(cuts[18], 2),
        "hits": round(hits, 1),
    }


def _means(kinds: dict[str, dict[str, dict[str, float]]], engines: list[str]) -> dict[str, float]:
    """The geometric mean of CPU milliseconds over the kinds that all engines answer."""
    answered = [both for both in kinds.values() if all(name in both for name in engines)]
    return {name: round(exp(mean(log(max(both[name]["cpu_ms"], 0.001)) for both in answered)), 3) for name in engines}


def answers_table(figures: dict[str, Any]) -> str:
    """Return what answers cost."""
    names = list(figures["means"])
    lines = [f"{figures['documents']} articles, {figures['text']}; CPU ms a question (p95 of wall ms)"]
    lines.append(f"{'':<20}" + "".join(f"{name:>20}" for name in names))
    for kind in KINDS:
        row = figures["kinds"][kind]
        lines.append(f"{kind:<20}" + "".join(_cell(row.get(name)) for name in names))
    lines.append(f"{'geometric mean':<20}" + "".join(f"{figures['means'][name]:>11.3f}         " for name in names))
    first = "arrays" if "arrays" in names else names[0]
    ours = figures["means"][first]
    lines.append(f"{'to ' + first:<20}" + "".join(f"{figures['means'][name] / ours:>11.2f}x        " for name in names))
    return "\n".join(lines)


def _cell(told: dict[str, float] | None) -> str:
    return f"{'-':>11}{'':>9}" if told is None else f"{told['cpu_ms']:>11.3f} ({told['p95_ms']:>6.2f})"


def built_table(figures: dict[str, Any]) -> str:
    """Return what the indexes cost; those of Whoosh are without texts, which are in the database."""
    names, lines = list(figures["means"]), []
    lines.append(
        f"{'':<20}{'docs/cpu-s':>12}{'with merges':>12}{'peak MB':>9}{'(empty)':>9}{'bytes/doc':>11}{'open ms':>9}"
    )
    for name in names:
        built = figures["built"][name]
        rates = [figures["documents"] / built[key] for key in ("build_cpu_s", "settled_cpu_s")]
        size = built["size_bytes"] / figures["documents"]
        lines.append(
            f"{name:<20}{rates[0]:>12.0f}{rates[1]:>12.0f}{built['peak_mb']:>9.0f}{built['empty_mb']:>9.0f}{size:>11.0f}"
            f"{built['open_ms']:>9.1f}"
        )
    return "\n".join(lines)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what says which engines take part."""
    parser.add_argument("--without", action="append", default=[], choices=list(ENGINES), help="leave an engine out")
    parser.add_argument("--peers-python", default="", help="interpreter of the environment with tantivy")


def engines_of(options: argparse.Namespace) -> list[str]:
    """Return the engines that take part: tantivy only where an interpreter is named that can import it."""
    left_out = {*options.without, *(() if options.peers_python else ("tantivy",))}
    return [name for name in ENGINES if name not in left_out]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=2000, help="articles (default 2000; full size 100000)")
    parser.add_argument("--rounds", type=int, default=20, help="questions of each kind (default 20)")
    add_options(parser)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    if options.rounds < 2:
        parser.error("--rounds: two at least, for a 95th percentile")
    figures = measure(options.documents, options.rounds, engines=engines_of(options), peers_python=options.peers_python)
    print(json.dumps(figures, indent=2) if options.json else f"{answers_table(figures)}\n\n{built_table(figures)}")


if __name__ == "__main__":
    main()
