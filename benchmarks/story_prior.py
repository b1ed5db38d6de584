"""Word counts of older news, for the day on which nothing was read yet: how often each stem stands in an article.

Counts only, of the stems that stand in `LEAST_ARTICLES` or more; no text can be read from them.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from index.stories.text import counts_of
from index.stories.values import StoryText

LEAST_ARTICLES = 3
WHEN = datetime(1987, 1, 1, tzinfo=UTC)


def prior_of(corpus: Path) -> tuple[int, dict[str, int]]:
    """Return how many articles a corpus has, and in how many of them each stem stands, the frequent ones."""
    articles = 0
    counts: Counter[str] = Counter()
    with gzip.open(corpus, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            articles += 1
            text = StoryText(articles, "", WHEN, "en", row["title"], row["text"])
            counts.update(counts_of(text).terms.keys())
    frequent = {term: count for term, count in counts.items() if count >= LEAST_ARTICLES and term.isascii()}
    return articles, dict(sorted(frequent.items()))
