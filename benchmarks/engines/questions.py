"""The articles and questions all engines get: news-like texts with a long tail of names, each question asked once."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.corpus import SYLLABLES, documents

KINDS = (
    *("rare term", "common term", "common term, total", "2 terms AND", "3 terms OR", "phrase", "prefix"),
    *("fuzzy, 1 edit", "term, dates", "sorted by date", "facet by outlet", "highlight 10", "more like this"),
)
_PART = 5000
_NAMES = 12
_MOST_NAMES = 2_000_000


def write_articles(path: Path, number: int, *, seed: int = 7) -> None:
    """Write articles as JSON lines, a part at a time: 400 to 600 words, and names most of which are in few of them."""
    dice = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        for begin in range(0, number, _PART):
            for one in documents(min(_PART, number - begin), seed=seed + begin):
                # Zipf's law for names: the rank is drawn evenly on a logarithmic scale.
                names = [_name(int(_MOST_NAMES ** dice.random())) for _ in range(_NAMES)]
                made = {
                    "id": begin + one.article_id,
                    "title": one.title,
                    "text": f"{one.text} {' '.join(names)} were named.",
                    "outlet": one.outlet,
                    "topic": one.topics[0],
                    "at": int(one.sort_at.timestamp()),
                }
                file.write(json.dumps(made) + "\n")


def articles_of(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the articles of a file."""
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def questions(path: Path, rounds: int, *, seed: int = 11) -> dict[str, list[list[Any]]]:
    """Return `rounds` questions of each kind, all different."""
    dice = random.Random(seed)
    sample = [one for at, one in enumerate(articles_of(path)) if at % 10 == 0][:4000]
    counts = Counter(
        word for one in sample for word in set(one["text"].lower().split()) if word.isalpha() and len(word) > 3
    )
    ranked = [word for word, _ in counts.most_common()]
    size = len(sample)
    common = [word for word in ranked if 0.05 * size < counts[word] < 0.6 * size][10:]
    middle = [word for word in ranked if 0.002 * size < counts[word] <= 0.05 * size]
    rare = [word for word in ranked if counts[word] == 1]
    for words in (common, middle, rare):
        dice.shuffle(words)
    begin, span = min(one["at"] for one in sample), 730 * 86400
    asked: dict[str, list[list[Any]]] = {kind: [] for kind in KINDS}
    for at in range(rounds):
        one, two, three = (words[at % len(words)] for words in (common, middle, rare))
        text = dice.choice(sample)["text"].split()
        row = next(
            (text[k : k + 2] for k in range(dice.randint(10, 200), len(text)) if _is_row(text[k : k + 2])), text[:2]
        )
        since = begin + dice.randint(0, span // 2)
        asked["rare term"].append([three])
        asked["common term"].append([common[-1 - at % len(common)]])
        asked["common term, total"].append([one])
        asked["2 terms AND"].append([one, two])
        asked["3 terms OR"].append([one, two, middle[-1 - at % len(middle)]])
        asked["phrase"].append([word.lower() for word in row])
        asked["prefix"].append([middle[(7 * at + 3) % len(middle)][:5]])
        asked["fuzzy, 1 edit"].append([_misspelt(middle[(5 * at + 1) % len(middle)], dice)])
        asked["term, dates"].append([one, since, since + span // 4])
        asked["sorted by date"].append([one])
        asked["facet by outlet"].append([one])
        asked["highlight 10"].append([one, two])
        asked["more like this"].append([dice.choice(sample)["id"]])
    return asked


def _is_row(words: list[str]) -> bool:
    return len(words) == 2 and all(word.isalpha() and len(word) > 3 for word in words)


def _misspelt(word: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(word))
    return word[:at] + dice.choice("aeiourst") + word[at + 1 :]


def _name(rank: int) -> str:
    parts = []
    while rank or len(parts) < 2:
        rank, digit = divmod(rank, len(SYLLABLES))
        parts.append(SYLLABLES[digit])
    return "".join(parts).capitalize()
