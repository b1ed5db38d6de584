"""Articles to measure on: real newswire text resampled sentence by sentence where it is there, else words of our own.

Seeded, so every run measures the same articles. Nothing of the texts is kept anywhere.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from index.search.backend import IndexDocument

NEWSWIRE = Path(__file__).parent.parent.parent / "shared" / "corpus" / "articles.jsonl.gz"
OUTLETS = ("gazette", "herald", "courier", "tribune", "monitor", "dispatch")
TOPICS = ("borders", "sanctions", "shipping", "cyber", "treaties", "intelligence")
SYLLABLES = (
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ha",
    "le",
    "mi",
    "no",
    "pu",
    "ra",
    "se",
    "ti",
    "vo",
    "zu",
    "kan",
    "ter",
    "mor",
)
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)


def documents(number: int, *, seed: int = 7) -> list[IndexDocument]:
    """Return `number` articles of 400 to 600 words each, over six outlets and two years."""
    dice = random.Random(seed)
    sentences = _sentences(dice)
    made = []
    for article_id in range(1, number + 1):
        words, paragraphs = 0, []
        while words < 400:
            paragraph = [dice.choice(sentences) for _ in range(4)]
            words += sum(len(sentence.split()) for sentence in paragraph)
            paragraphs.append(" ".join(paragraph))
        title = " ".join(dice.choice(sentences).split()[: dice.randint(6, 11)])
        # Names that stand in few articles, as real news has them.
        rare = f"{dice.choice(SYLLABLES)}{dice.choice(SYLLABLES)}{article_id % 997}x".capitalize()
        made.append(
            IndexDocument(
                article_id=article_id,
                revision=1,
                outlet=dice.choice(OUTLETS),
                language="en",
                title=title,
                text="\n\n".join(paragraphs) + f" {rare} was named.",
                authors=(f"Author {dice.randint(1, 200)}",),
                topics=(dice.choice(TOPICS),),
                sort_at=BEGIN + timedelta(minutes=dice.randint(0, 730 * 1440)),
            )
        )
    return made


def source_name() -> str:
    """Say which text is used."""
    return "newswire resampled by sentence" if NEWSWIRE.exists() else "words of our own (the newswire is absent)"


def _sentences(dice: random.Random) -> Sequence[str]:
    if NEWSWIRE.exists():
        found: list[str] = []
        with gzip.open(NEWSWIRE, "rt", encoding="utf-8") as lines:
            for line in lines:
                text = " ".join(json.loads(line)["text"].split())
                found += [part for part in re.split(r"(?<=[.!?])\s+", text) if 5 <= len(part.split()) <= 45]
        return found
    words = ["".join(dice.choice(SYLLABLES) for _ in range(dice.randint(1, 4))) for _ in range(30_000)]
    weights = [1.0 / (rank + 3) for rank in range(len(words))]  # Zipf's law, as natural text has it
    return [" ".join(dice.choices(words, weights, k=dice.randint(8, 24))).capitalize() + "." for _ in range(20_000)]
