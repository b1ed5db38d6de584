"""What hostile queries cost: processor time of each over an archive of made-up news, dearest first.

Bounds are those of the settings; what was cut is said beside the figure. Corrections, dropped demands, facets and
snippets are part of it, as they are for a reader.
"""

from __future__ import annotations

import argparse
import itertools
import random
import string
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime

from benchmarks.bulk import fill
from benchmarks.corpus import documents
from config.settings import load_settings
from index.errors import QueryTooLargeError
from index.find import find_articles
from index.search.analysis import tokens
from index.search.backend import IndexDocument
from index.search.opening import open_backend
from index.store import open_store

MOST_CHARS = 4096
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def hostile(made: list[IndexDocument]) -> dict[str, str]:
    """Return queries that cost a naive engine most, by what is wrong with them."""
    dice = random.Random(3)
    counts = Counter(word for one in made[:500] for word in set(tokens(one.text)) if word.isalpha())
    words = [word for word, _ in counts.most_common()]
    common, rare = words[:40], words[-600:]

    def gibberish(letters: int) -> str:
        return "".join(dice.choice("aeioutrsn") for _ in range(letters))

    begins = [f"{a}{b}{c}*" for a in "cpst" for b in "aeio" for c in "rn"]
    fields = "title author outlet topic country person org place weapon treaty lang story links linkedfrom near said"
    queries = {
        "32 beginnings of words": " ".join(begins),
        "beginnings joined by OR": " OR ".join(begins),
        "hundreds of ORs": " OR ".join(rare),
        "hundreds of words": " ".join(words[:600]),
        "all common words demanded": " ".join(f"+{word}" for word in common),
        "ORs of common words demanded": " ".join(
            f"+({a} OR {b} OR {c})" for a, b, c in zip(common, common[1:], common[2:], strict=False)
        ),
        "unknown words demanded": " ".join(f"+{gibberish(9)}" for _ in range(32)),
        "unknown words": " ".join(gibberish(9) for _ in range(32)),
        "long unknown words": " ".join(gibberish(24) for _ in range(32)),
        "words nearly known": " ".join(f"{word}xx" for word in words if len(word) > 7),
        "words written together": " ".join(a + b for a, b in zip(rare, common * 9, strict=False)),
        "a phrase of common words": f'"{" ".join(common[:12])}"',
        "phrases of common words": " ".join(f'"{a} {b}"' for a, b in itertools.pairwise(common)),
        "a phrase of letters": f'"{" ".join("usabcdefusny")}"',
        "phrases of letters": " ".join(f'"{a} {b} {c}"' for a in "us" for b in "ny" for c in "abcdefgh"),
        "all excluded": " ".join(f"-{word}" for word in common),
        "leading stars": " ".join(f"*{word[2:]}" for word in common),
        "ranges and expressions": "/.*a.*b.*/ [a TO z] {a TO *} title:[a TO z] a~2 b^9",
        "brackets eight deep": "(" * 8 + " OR ".join(common) + ")" * 8,
        "brackets too deep": "(" * 2000 + "a" + ")" * 2000,
        "one long word": "a" * MOST_CHARS,
        "a chain of hyphens": "-".join("ab" for _ in range(1300)),
        "a chain of apostrophes": "'".join("a" for _ in range(2000)),
        "a chain of dots": ".".join("a" for _ in range(2000)),
        "a page of Chinese": "\u4e2d" * MOST_CHARS,
        "a page of accents": "a" + "\u0301" * MOST_CHARS,
        "controls and surrogates": "\x00\ud800\u202e\ufeff" * 1000,
        "quotes": '"' * MOST_CHARS,
        "colons": ":" * MOST_CHARS,
        "ORs alone": "OR " * 1300,
        "every field": " ".join(f"{field}:{word}" for field in fields.split() for word in ("x", "the", "2024")),
        "links and stories": " ".join(
            f"links:http://a.example/{n} story:{n} near:http://a.example/{n}" for n in range(60)
        ),
        "addresses": " ".join(f"https://a.example/2026/words-of-a-headline-{n}" for n in range(90)),
        "outlets nobody has": " ".join(f"outlet:nobody{n}" for n in range(300)),
        "outlets by a word": " ".join(f"-outlet:{word}" for word in words[:300]),
        "authors and topics nobody has": " ".join(f"+author:x{n} +topic:x{n} +lang:x{n}" for n in range(100)),
        "words beside filters": "after:1900 lang:en " + " ".join(rare),
        "a headline in capitals": " ".join(words[:600]).upper() + " | Courier",
        "dates": " ".join(f"after:{year} before:{year}" for year in range(1900, 2030)),
        "names with many others": "North Korea Soviet Union Red China Islamic State Hezbollah Vietnam Gaddafi " * 4,
        "letters": " ".join(string.ascii_letters * 30),
    }
    return {name: query[:MOST_CHARS] for name, query in queries.items()}


def measure(number: int) -> list[tuple[float, str, str]]:
    """Return processor seconds, the kind of query and what was said, dearest first."""
    made = documents(number)
    found: list[tuple[float, str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(environ={}, data={"dir": folder})
        store, backend = open_store(settings), open_backend(settings)
        fill(store, backend, made, now=NOW)
        find_articles(store, backend, "warm", settings=settings, now=NOW)
        for name, query in hostile(made).items():
            began = time.thread_time()
            try:
                told = " ".join(find_articles(store, backend, query, settings=settings, now=NOW).notes)
            except QueryTooLargeError as error:
                told = str(error)
            found.append((time.thread_time() - began, name, told))
        backend.close()
        store.close()
    return sorted(found, reverse=True)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--documents", type=int, default=2000)
    chosen = parser.parse_args()
    for seconds, name, told in measure(chosen.documents):
        print(f"{seconds * 1000:>7.0f} ms  {name:<30} {told[:90]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
