"""Topics against labels, and the speed of topics and names together.

    python -m benchmarks.bench_subjects [--errors]

Labels are ids with topics (`labels/topics.tsv`), read by a person; the texts stand beside the checkout and are not kept
here. The half of them that is held out was never looked at while the rules were written: `--errors` shows the other.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from benchmarks.bench_extract import SHARED
from config.settings import load_settings
from index.subjects.reading import SubjectReader

LABELS = Path(__file__).with_name("labels") / "topics.tsv"
Text = tuple[str, str, str]


def texts() -> dict[tuple[str, str], Text]:
    """Return title, text and language by source and id."""
    found: dict[tuple[str, str], Text] = {}
    for source, name, key in (
        ("corpus", "corpus/articles.jsonl.gz", "id"),
        ("headlines", "stories/headlines-dev.jsonl.gz", "id"),
        ("stories", "stories/news-fulltext-dev.jsonl.gz", "id"),
        ("links", "links/links.jsonl.gz", "page"),
        ("pages", "pages/pages.jsonl", "id"),
    ):
        path = SHARED / name
        if not path.exists():
            continue
        raw = path.read_bytes()
        for line in (gzip.decompress(raw) if name.endswith(".gz") else raw).decode("utf-8").splitlines():
            row = json.loads(line)
            text = row.get("text") or row.get("body") or ""
            language = row.get("lang") or "en"
            found[(source, row[key])] = (row.get("title") or "", text if isinstance(text, str) else "", language)
    return found


def labels() -> Iterator[tuple[tuple[str, str], frozenset[str], bool]]:
    """Yield (source, id), topics, and whether the label is held out."""
    for line in LABELS.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            source, name, topics = line.split("\t")
            held_out = sha256(f"{source}/{name}".encode()).digest()[0] % 2 == 0
            yield (source, name), frozenset(filter(None, topics.split(","))), held_out


def measure(*, show_errors: bool = False) -> dict[str, dict[str, float]]:
    """Return precision and recall of `any` topic and of each, on the half seen and on the half held out."""
    reader = SubjectReader(load_settings(environ={}).topics_file)
    known = texts()
    marks: dict[str, dict[str, list[int]]] = {}
    for key, wanted, held_out in labels():
        if key not in known:
            continue
        title, text, language = known[key]
        found = {one.topic: one for one in reader.read(title, text, language).topics}
        if show_errors and not held_out and wanted.symmetric_difference(found):
            print(key, title[:70], "wanted", sorted(wanted), "found", sorted(found))
            for topic in found.keys() - wanted:
                print("   ", topic, found[topic].score, [(w.written, w.where, w.times) for w in found[topic].words])
        for topic in ("any", *reader.rules.topics):
            is_wanted = bool(wanted) if topic == "any" else topic in wanted
            is_found = bool(found) if topic == "any" else topic in found
            counts = marks.setdefault("held_out" if held_out else "seen", {}).setdefault(topic, [0, 0, 0])
            counts[0] += is_wanted and is_found
            counts[1] += is_found
            counts[2] += is_wanted
    return {
        f"{half} {topic}": {
            "precision": right / found if found else 1.0,
            "recall": right / wanted if wanted else 1.0,
            "labelled": wanted,
        }
        for half, topics in sorted(marks.items())
        for topic, (right, found, wanted) in topics.items()
    }


def articles_per_second(most: int = 250) -> float:
    """Return how many full articles one core reads for topics and names in a second of its time."""
    reader = SubjectReader(load_settings(environ={}).topics_file)
    chosen = [text for (source, _), text in texts().items() if source == "stories"][:most]
    if not chosen:
        return 0.0
    reader.read(*chosen[0])
    began = time.process_time()
    for text in chosen:
        reader.read(*text)
    return len(chosen) / (time.process_time() - began)


def main() -> int:
    """Print marks and speed."""
    for name, values in measure(show_errors="--errors" in sys.argv).items():
        print(f"{name:<24} precision {values['precision']:.3f} recall {values['recall']:.3f} of {values['labelled']}")
    print(f"{articles_per_second():.0f} articles/s, topics and names")
    return 0


if __name__ == "__main__":
    sys.exit(main())
