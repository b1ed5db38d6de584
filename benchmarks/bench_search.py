"""Milliseconds a search, p50 and p95 by kind of query, beside SQLite FTS5 on the same articles, interleaved in one run.

Ours answers with total, 20 hits and five facets; the peer with total, 20 hits and one facet. Neither keeps answers;
both keep up to 64 MB of what they read from disk. No word is asked twice as long as there are others. Checked: both
find the same number of articles for a rare word, and ours for a phrase what reading every text finds.

`--engines` asks the thirteen kinds of `bench_engines` instead: our arrays under Whoosh beside stock Whoosh, FTS5 and
tantivy.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

from benchmarks import bench_engines
from benchmarks.corpus import documents, source_name
from benchmarks.fts5 import Fts5
from config.settings import load_settings
from index.search.analysis import tokens
from index.search.backend import FACETS, IndexDocument, SearchRequest
from index.search.query import Phrase, Term, Word
from index.search.query_parser import parse
from index.search.whoosh_backend import WhooshBackend

AFTER = datetime(2025, 1, 1, tzinfo=UTC)
PHRASES = 10
Ask = tuple[SearchRequest, Callable[[Fts5], Any]]


def queries(made: list[IndexDocument], rounds: int, *, seed: int = 11) -> dict[str, list[Ask]]:
    """Return questions by kind, each as our request and as the peer's."""
    dice = random.Random(seed)
    counts = Counter(word for one in made[:3000] for word in set(tokens(one.text)) if word.isalpha() and len(word) > 3)
    ranked = [word for word, _ in counts.most_common()]
    common, middle = ranked[20:220], ranked[300:3000]
    limits = load_settings(environ={}).search
    asked: dict[str, list[Ask]] = {}
    next_common, next_middle = _each_once(common, dice), _each_once(middle, dice)

    def add(kind: str, text: str, match: str, *, filters: tuple[Term, ...] = (), **peer: Any) -> None:
        root = parse(text, limits=limits).root
        sort = "newest" if peer.get("newest") else "relevance"
        request = SearchRequest(root, filters=filters, sort=sort, limit=20, facets=FACETS)
        asked.setdefault(kind, []).append((request, lambda engine: engine.search(match, **peer)))

    for _ in range(rounds):
        document = dice.choice(made)
        words = [word for word in tokens(document.text) if word.isalpha()][40:43]
        rare = next(word for word in reversed(document.text.split()) if word.endswith("x")).lower()
        add("rare word", rare, f'"{rare}"')
        one = next(next_common)
        add("common word", one, one)
        one, two = next(next_common), next(next_middle)
        add("two words", f"+{one} +{two}", f"{one} AND {two}")
        one, two, three = next(next_common), next(next_middle), next(next_middle)
        add("three, any", f"{one} {two} {three}", f"{one} OR {two} OR {three}")
        add("phrase", f'"{" ".join(words)}"', f'"{" ".join(words)}"')
        start = next(next_middle)[:5]
        add("prefix", f"{start}*", f"{start}*")
        outlet, two = dice.choice(("gazette", "herald", "courier")), next(next_middle)
        add("word, outlet", two, two, filters=(Term("outlet", outlet),), outlet=outlet)
        two = next(next_middle)
        add("word, dates", f"{two} after:2025-01-01", two, after=int(AFTER.timestamp()))
        one = next(next_common)
        add("word, newest", one, one, newest=True)
    return asked


def _each_once(words: list[str], dice: random.Random) -> Iterator[str]:
    """Yield the words in random order, and all of them again when there are no others."""
    while True:
        yield from dice.sample(words, len(words))


def phrases_right(ours: WhooshBackend, made: list[IndexDocument], number: int) -> int:
    """Count how many of `number` phrases have the total that reading every text finds."""
    dice = random.Random(3)
    agree = 0
    for _ in range(number):
        words = [word for word in tokens(dice.choice(made).text) if word.isalpha() and word.isascii()][10:13]
        root = Phrase(tuple(words))
        total = ours.search(SearchRequest(root, limit=0)).total
        truth = sum(_has_row(tokens(one.text), words) or _has_row(tokens(one.title), words) for one in made)
        agree += total == truth
    return agree


def _has_row(row: list[str], words: list[str]) -> bool:
    size = len(words)
    return any(row[at : at + size] == words for at in range(len(row) - size + 1) if row[at] == words[0])


def measure(number: int, rounds: int) -> dict[str, Any]:
    """Index, then ask every question of both, in turn."""
    made = documents(number)
    with tempfile.TemporaryDirectory() as folder:
        ours = WhooshBackend(Path(folder) / "index", settings=load_settings(environ={}).search)
        peer = Fts5(Path(folder) / "fts5.sqlite3")
        for start in range(0, number, 500):
            ours.apply(made[start : start + 500], (), start + 1)
            peer.add(made[start : start + 500])
        ours.search(SearchRequest(Word("warm"), limit=1))
        times: dict[str, dict[str, list[float]]] = {}
        rare_right = 0
        for kind, questions in queries(made, rounds).items():
            mine, theirs = times.setdefault(kind, {"watchfloor": [], "fts5": []}).values()
            for request, ask in questions:
                began = time.perf_counter()
                answer = ours.search(request)
                between = time.perf_counter()
                total, _ = ask(peer)
                rare_right += kind == "rare word" and answer.total == total
                theirs.append((time.perf_counter() - between) * 1000)
                mine.append((between - began) * 1000)
        right = phrases_right(ours, made, PHRASES)
        ours.close()
        peer.close()
    kinds = {kind: {name: _percentiles(values) for name, values in both.items()} for kind, both in times.items()}
    together = {
        name: _percentiles([value for both in times.values() for value in both[name]])
        for name in ("watchfloor", "fts5")
    }
    return {
        "documents": number,
        "text": source_name(),
        "kinds": kinds,
        "all": together,
        "phrases_right": right,
        "rare_words_right": round(rare_right / rounds, 3),
    }


def _percentiles(values: list[float]) -> dict[str, float]:
    cuts = quantiles(values, n=100, method="inclusive")
    return {"p50": round(cuts[49], 2), "p95": round(cuts[94], 2)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=2000, help="articles (default 2000; full size 20000)")
    parser.add_argument("--rounds", type=int, default=20, help="questions of each kind (default 20)")
    parser.add_argument("--engines", action="store_true", help="ask the engines themselves, beside all peers")
    bench_engines.add_options(parser)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    if options.engines:
        asked = bench_engines.engines_of(options)
        found = bench_engines.measure(
            options.documents, options.rounds, engines=asked, peers_python=options.peers_python
        )
        print(json.dumps(found, indent=2) if options.json else bench_engines.answers_table(found))
        return
    figures = measure(options.documents, options.rounds)
    if options.json:
        print(json.dumps(figures, indent=2))
        return
    print(f"{figures['documents']} articles, {figures['text']}; milliseconds p50 / p95")
    for kind, both in [*figures["kinds"].items(), ("all", figures["all"])]:
        mine, theirs = both["watchfloor"], both["fts5"]
        ratio = mine["p50"] / max(theirs["p50"], 0.01)
        print(
            f"{kind:<14} watchfloor {mine['p50']:>8} / {mine['p95']:<8} fts5 {theirs['p50']:>8} / {theirs['p95']:<8} "
            f"x{ratio:.1f}"
        )
    print(
        f"checked        {figures['phrases_right']} of {PHRASES} phrases as reading every text finds, "
        f"{figures['rare_words_right']:.0%} of rare words with the peer's total"
    )


if __name__ == "__main__":
    main()
