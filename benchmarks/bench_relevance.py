"""How well a search ranks: sixty judged questions of six kinds over the story collection, beside BM25 as Lucene has it.

`python -m benchmarks.bench_relevance` imports the stories into an archive of its own, asks `watchfloor search --batch`
and prints ndcg@10 by kind. The questions and the ids that answer them are in `labels/queries.tsv`; the texts are not
part of the project: where `../shared/stories` is absent, a sentence says so.
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
LABELS = Path(__file__).with_name("labels") / "queries.tsv"
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
    """Say whether the story collection is there."""
    return (STORIES / "news-fulltext-dev.jsonl.gz").exists()


def questions() -> list[Question]:
    """Read the judged questions."""
    lines = [line for line in LABELS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    found = []
    for line in lines:
        kind, query, best, good = line.split("\t")
        grades = {**dict.fromkeys(good.split(), 1), **dict.fromkeys(best.split(), 2)}
        found.append(Question(kind, query, grades))
    return found


def documents() -> Iterator[Document]:
    """Yield the articles with text, then the headlines, each of which is its own text."""
    for name in ("news-fulltext-dev", "headlines-dev"):
        with gzip.open(STORIES / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
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


def answers_of_watchfloor(asked: Sequence[Question]) -> list[list[str]]:
    """Import the collection into a new archive and ask it through the command line, as an operator would."""
    with tempfile.TemporaryDirectory() as folder:
        articles, batch = Path(folder) / "articles.jsonl", Path(folder) / "batch.jsonl"
        rows = [
            {"id": one.article_id, "outlet": one.outlet, "date": one.date, "title": one.title, "text": one.text}
            for one in documents()
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


def answers_of_bm25(asked: Sequence[Question]) -> list[list[str]]:
    """Rank by BM25 with Lucene's idf, constants, stop words and English stems; it knows no operators."""
    stop = frozenset(_LUCENE_STOP.split())
    stem = lru_cache(maxsize=None)(snowballstemmer.stemmer("english").stemWord)

    def words(text: str) -> list[str]:
        return [str(stem(word)) for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in stop]

    held = list(documents())
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


def measure() -> dict[str, dict[str, float]]:
    """Return ndcg@10 by kind for both, and how many questions watchfloor left without an answer."""
    asked = questions()
    found: dict[str, dict[str, float]] = {}
    for name, answers in (("watchfloor", answers_of_watchfloor(asked)), ("bm25", answers_of_bm25(asked))):
        marks: defaultdict[str, list[float]] = defaultdict(list)
        for question, ranked in zip(asked, answers, strict=True):
            marks[question.kind].append(ndcg_at_10(question.grades, ranked))
        found[name] = {kind: sum(marks[kind]) / len(marks[kind]) for kind in KINDS}
        found[name]["all"] = sum(sum(values) for values in marks.values()) / len(asked)
        found[name]["empty"] = sum(not ranked for ranked in answers)
    return found


def main() -> int:
    """Measure and print a line for each kind."""
    argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0]).parse_args()
    if not is_possible():
        print("The story collection is not beside the checkout (../shared/stories): nothing measured.")
        return 0
    found = measure()
    print(f"{'ndcg@10':<10}{'watchfloor':>12}{'bm25':>8}")
    for kind in (*KINDS, "all"):
        print(f"{kind:<10}{found['watchfloor'][kind]:>12.3f}{found['bm25'][kind]:>8.3f}")
    print(
        f"without an answer: {found['watchfloor']['empty']:.0f} and {found['bm25']['empty']:.0f} of {len(questions())}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
