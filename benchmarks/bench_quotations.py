"""Precision and recall of quotations on 200 sentences of ../shared, labelled by hand before any rule was written.

The labels (`quotation_labels.jsonl`) are positions in the texts, never the texts. Half of them were used to tune the
rules, half held out. Precision and recall: is a sentence attributed speech, does it give the words or the meaning of
one who is said to speak? Speaker: of those rightly found, the share whose speaker is the one a reader would name, the
full name the text has, "" where it names nobody. Names: precision and recall of the speakers who have a name.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index.store.columns import storable
from index.subjects.quotations import Quotation, quotations_in

SHARED = Path(__file__).parent.parent.parent / "shared"
LABELS = Path(__file__).with_name("quotation_labels.jsonl")
TEXT_FIELDS = ("text", "body")


def is_possible() -> bool:
    """Say whether the texts are beside the checkout."""
    return (SHARED / "pages" / "pages.jsonl").exists()


def labels(part: str = "") -> list[dict[str, Any]]:
    """Return the labels of a part, tuning or held-out; "" for all."""
    rows = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if part in ("", row["part"])]


def texts(rows: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """Return the texts the labels are about, by source and id."""
    wanted = {(row["source"], row["id"]) for row in rows}
    found: dict[tuple[str, str], str] = {}
    for source in sorted({source for source, _ in wanted}):
        for record in _records(SHARED / source):
            if (source, record["id"]) in wanted:
                found[source, record["id"]] = next(record[name] for name in TEXT_FIELDS if record.get(name))
    return found


def measure(part: str = "", *, misses: bool = False) -> dict[str, float]:
    """Return counts and shares for a part of the labels; `misses` prints each sentence that went wrong."""
    rows = labels(part)
    held = texts(rows)
    found = {
        key: quotations_in(text, next(row["language"] for row in rows if (row["source"], row["id"]) == key))
        for key, text in held.items()
    }
    counts = dict.fromkeys(("sentences", "attributed", "found", "both", "named", "named_found", "named_right"), 0)
    right = 0
    for row in rows:
        text = held[row["source"], row["id"]]
        quotation = quotation_at(found[row["source"], row["id"]], row)
        is_right = quotation is not None and row["attributed"] and is_speaker(quotation.speaker, row, text)
        counts["sentences"] += 1
        counts["attributed"] += row["attributed"]
        counts["found"] += quotation is not None
        counts["both"] += row["attributed"] and quotation is not None
        counts["named"] += bool(row.get("speakers"))
        counts["named_found"] += bool(quotation and quotation.speaker)
        counts["named_right"] += bool(is_right and quotation and quotation.speaker)
        right += is_right
        if misses and (row["attributed"] != (quotation is not None) or (row["attributed"] and not is_right)):
            _say_miss(row, quotation, text)
    return {
        **counts,
        "precision": _share(counts["both"], counts["found"]),
        "recall": _share(counts["both"], counts["attributed"]),
        "right_speaker": _share(right, counts["both"]),
        "speaker_precision": _share(right, counts["found"]),
        "speaker_recall": _share(right, counts["attributed"]),
        "name_precision": _share(counts["named_right"], counts["named_found"]),
        "name_recall": _share(counts["named_right"], counts["named"]),
    }


def quotation_at(found: list[Quotation], row: dict[str, Any]) -> Quotation | None:
    """Return the quotation that covers most of a labelled sentence, at least a third of it."""
    best, most = None, (row["end"] - row["start"]) / 3
    for one in found:
        shared = min(one.end, row["end"]) - max(one.start, row["start"])
        if shared > most:
            best, most = one, shared
    return best


def is_speaker(speaker: str, row: dict[str, Any], text: str) -> bool:
    """Say whether a speaker is one of those the label allows."""
    if not speaker:
        return bool(row["unnamed"])
    return any(_key(text[start:end]) == _key(speaker) for start, end in row["speakers"])


def _key(name: str) -> str:
    return " ".join(storable(name).casefold().replace("’", "'").strip(" .").split())


def _share(part: int, whole: int) -> float:
    return round(part / whole, 3) if whole else 0.0


def _say_miss(row: dict[str, Any], quotation: Quotation | None, text: str) -> None:
    wanted = [text[start:end] for start, end in row.get("speakers", [])] + ["-"] * bool(row.get("unnamed"))
    got = None if quotation is None else (quotation.speaker, quotation.role, quotation.verb)
    print(f"{row['language']} {row['id']}: wanted {wanted if row['attributed'] else None}, got {got}")
    print(f"    {text[row['start'] : row['end']][:240]!r}")


def _records(path: Path) -> Iterator[dict[str, Any]]:
    data = path.read_bytes()
    for line in (gzip.decompress(data) if path.suffix == ".gz" else data).splitlines():
        yield json.loads(line)


def main() -> int:
    """Print the figures of both parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--misses", action="store_true", help="print the sentences of the tuning part that went wrong")
    options = parser.parse_args()
    if not is_possible():
        print("The real texts are absent (shared/ beside the checkout); there is nothing to measure on.")
        return 0
    titles = ("sentences", "attributed", "precision", "recall", "speaker", "names P", "names R")
    keys = ("sentences", "attributed", "precision", "recall", "right_speaker", "name_precision", "name_recall")
    print(f"{'':<10}" + "".join(f"{title:>11}" for title in titles))
    for part in ("tuning", "held-out", ""):
        found = measure(part, misses=options.misses and part == "tuning")
        print(f"{part or 'both':<10}" + "".join(f"{found[key]:>11}" for key in keys))
    return 0


if __name__ == "__main__":
    sys.exit(main())
