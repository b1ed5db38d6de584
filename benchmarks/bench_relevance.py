"""How well a search ranks: judged questions of six kinds over the story collection, beside BM25 as Lucene has it.

`python -m benchmarks.bench_relevance` imports the stories into an archive of its own, asks `watchfloor search --batch`
and prints ndcg@10 by kind. The questions and the ids that answer them are in `labels/queries.tsv`; with `--held-out`
those of `labels/held_out.tsv`, over the stories and the newswire together. The texts are not part of the project:
where `../shared` has none, a sentence says so.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import snowballstemmer

STORIES = Path(__file__).parents[2] / "shared" / "stories"
NEWSWIRE = Path(__file__).parents[2] / "shared" / "corpus" / "articles.jsonl.gz"
LABELS = Path(__file__).with_name("labels") / "queries.tsv"
HELD_OUT = LABELS.with_name("held_out.tsv")
KINDS = ("plain", "alias", "variant", "misspelt", "phrase", "operator")
LIMIT = 100
_LUCENE_STOP = (
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this "
    "to was will with"
)


@dataclass(frozen=True, slots=True)
class Question:
    """A query of one kind and the grades of the articles that answer it."""

    kind: str
    query: str
    grades: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Document:
    """An article of the collection as it is imported."""

    article_id: str
    outlet: str
    date: str
    title: str
    text: str


def is_possible() -> bool:
    """Say whether the collections are there."""
    return (STORIES / "news-fulltext-dev.jsonl.gz").exists() and NEWSWIRE.exists()


def questions(labels: Path = LABELS) -> list[Question]:
    """Read the judged questions."""
    lines = [line for line in labels.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    found = []
    for line in lines:
        kind, query, best, good = line.split("\t")
        grades = {**dict.fromkeys(good.split(), 1), **dict.fromkeys(best.split(), 2)}
        found.append(Question(kind, query, grades))
    return found


def documents(*, newswire: bool = False) -> Iterator[Document]:
    """Yield the articles with text, then the headlines, each of which is its own text, then the newswire if asked."""
    paths = [STORIES / f"{name}.jsonl.gz" for name in ("news-fulltext-dev", "headlines-dev")]
    for path in (*paths, NEWSWIRE) if newswire else paths:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                date = row.get("stream_date") or row["date"]
                yield Document(
                    row["id"], row["outlet"] or "unknown", date, row["title"], row.get("text") or row["title"]
                )


def ndcg_at_10(grades: Mapping[str, int], ranked: Sequence[str]) -> float:
    """Return ndcg at ten with linear gains, as trec_eval computes it."""

    def gain(values: Sequence[int]) -> float:
        return sum(value / math.log2(place + 2) for place, value in enumerate(values[:10]))

    best = gain(sorted(grades.values(), reverse=True))
    return gain([grades.get(one, 0) for one in ranked]) / best


def answers_of_watchfloor(asked: Sequence[Question], held: Sequence[Document]) -> list[list[str]]:
    """Import the collection into a new archive and ask it through the command line, as an operator would."""
    with tempfile.TemporaryDirectory() as folder:
        articles, batch = Path(folder) / "articles.jsonl", Path(folder) / "batch.jsonl"
        rows = [
            {"id": one.article_id, "outlet": one.outlet, "date": one.date, "title": one.title, "text": one.text}
            for one in held
        ]
        articles.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
        lines = [json.dumps({"id": number, "query": one.query}) for number, one in enumerate(asked)]
        batch.write_text("\n".join(lines), encoding="utf-8")
        environ = {**os.environ, "WATCHFLOOR_DATA__DIR": folder}

        def told(*arguments: str) -> str:
            command = [str(Path(sys.executable).with_name("watchfloor")), *arguments]
            return subprocess.run(command, check=True, capture_output=True, text=True, env=environ).stdout

        told("import", str(articles))
        told("index", "sync")
        found = map(json.loads, told("search", "--batch", str(batch), "--limit", str(LIMIT)).splitlines())
        return [[str(article) for article in row["docs"]] for row in found]


def answers_of_bm25(asked: Sequence[Question], held: Sequence[Document]) -> list[list[str]]:
    """Rank by BM25 with Lucene's idf, constants, stop words and English stems; it knows no operators."""
    stop = frozenset(_LUCENE_STOP.split())
    stem = lru_cache(maxsize=None)(snowballstemmer.stemmer("english").stemWord)

    def words(text: str) -> list[str]:
        return [str(stem(word)) for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in stop]

    counts = [Counter(words(f"{one.title} {one.text}")) for one in held]
    lengths = [sum(count.values()) for count in counts]
    average = sum(lengths) / len(lengths)
    postings: defaultdict[str, list[int]] = defaultdict(list)
    for number, count in enumerate(counts):
        for word in count:
            postings[word].append(number)
    ranked = []
    for question in asked:
        scores: defaultdict[int, float] = defaultdict(float)
        for word in words(question.query):
            having = postings.get(word, [])
            idf = math.log(1 + (len(held) - len(having) + 0.5) / (len(having) + 0.5))
            for number in having:
                often = counts[number][word]
                scores[number] += idf * often * 2.2 / (often + 1.2 * (0.25 + 0.75 * lengths[number] / average))
        order = sorted(scores, key=lambda number: (-scores[number], number))
        ranked.append([held[number].article_id for number in order[:LIMIT]])
    return ranked


def measure(labels: Path = LABELS) -> dict[str, dict[str, float]]:
    """Return ndcg@10 by kind for both, and how many questions were left without an answer."""
    asked, held = questions(labels), list(documents(newswire=labels == HELD_OUT))
    found: dict[str, dict[str, float]] = {}
    for name, answers in (("watchfloor", answers_of_watchfloor(asked, held)), ("bm25", answers_of_bm25(asked, held))):
        marks: defaultdict[str, list[float]] = defaultdict(list)
        for question, ranked in zip(asked, answers, strict=True):
            marks[question.kind].append(ndcg_at_10(question.grades, ranked))
        found[name] = {kind: sum(marks[kind]) / len(marks[kind]) for kind in KINDS}
        found[name]["all"] = sum(sum(values) for values in marks.values()) / len(asked)
        found[name]["empty"] = sum(not ranked for ranked in answers)
    return found


def main() -> int:
    """Measure and print a line for each kind."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--held-out", action="store_true", help="ask the questions that nothing was tuned on")
    labels = HELD_OUT if parser.parse_args().held_out else LABELS
    if not is_possible():
        print("The collections are not beside the checkout (../shared): nothing measured.")
        return 0
    found = measure(labels)
    print(f"{'ndcg@10':<10}{'watchfloor':>12}{'bm25':>8}")
    for kind in (*KINDS, "all"):
        print(f"{kind:<10}{found['watchfloor'][kind]:>12.3f}{found['bm25'][kind]:>8.3f}")
    empty = [f"{found[name]['empty']:.0f}" for name in ("watchfloor", "bm25")]
    print(f"without an answer: {empty[0]} and {empty[1]} of {len(questions(labels))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
