"""Articles a second into stories with so many of them open, on one core, beside TF-IDF in one pass; and memory.

`python -m benchmarks.bench_stories` makes the articles anew from the newswire beside the checkout: every event is told
by several articles whose sentences are drawn from one, a tenth of them copies cut short. The newswire tells of the same
banks and prices all month, so each event has names of its own; timed is what comes when so many stories are open.
`--articles 100000` for the full size; `--peer-articles` says how many of them the slower peer places too.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import resource
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count, cycle
from zlib import crc32

from benchmarks.story_peer import SinglePass
from benchmarks.story_sets import SHARED
from index.stories.clustering import Clusterer
from index.stories.values import StoryText
from index.stories.weights import load_weights

START = datetime(2026, 1, 1, tzinfo=UTC)
OPEN_STORIES = 1500
OWN_WORD_IN = 3
EVENTS_PER_STORY = 1.6
"""So many events are told for each story wanted: some open none, even so."""


def resampled(articles: int, *, stories: int = OPEN_STORIES, seed: int = 4) -> list[StoryText]:
    """Return articles over a month, first one of each event, then more of all of them."""
    chance = random.Random(seed)
    with gzip.open(SHARED / "corpus" / "articles.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [row for row in map(json.loads, file) if len(row["text"].split()) > 120]
    chance.shuffle(rows)
    events = [
        (_renamed(row["title"], event), _renamed(row["text"], event).split(". "))
        for event, row in zip(range(int(EVENTS_PER_STORY * stories)), cycle(rows), strict=False)
    ]
    found = []
    for number in range(1, articles + 1):
        title, sentences = events[number - 1] if number <= len(events) else chance.choice(events)
        if chance.random() < 0.1:
            kept = sentences[: max(3, len(sentences) * 2 // 3)]
        else:
            kept = [one for one in sentences if chance.random() < 0.6] + chance.choice(events)[1][-2:]
        words = title.split()
        chance.shuffle(words)
        at = START + timedelta(days=28 * number / articles)
        found.append(StoryText(number, f"o{chance.randrange(300)}.example", at, "en", " ".join(words), ". ".join(kept)))
    return found


def _renamed(text: str, event: int) -> str:
    """Return a text in which one word of `OWN_WORD_IN` is another in each event, the same throughout the event."""
    mark = "".join(chr(ord("a") + int(digit)) for digit in str(event))
    return " ".join(
        word.rstrip(".,") + mark + word[len(word.rstrip(".,")) :]
        if len(word) > 3 and crc32(f"{event} {word.lower().rstrip('.,')}".encode()) % OWN_WORD_IN == 0
        else word
        for word in text.split()
    )


def measure(articles: int, *, peer_articles: int, stories: int = OPEN_STORIES) -> dict[str, float]:
    """Return the figures; both begin to be timed when so many stories are open, or else after half the articles."""
    texts = resampled(articles, stories=stories)
    clusterer, numbers = Clusterer(load_weights()), count(1)
    warm = 0
    while clusterer.open_stories < stories and warm < articles // 2:
        clusterer.place(texts[warm], new_id=lambda: next(numbers))
        warm += 1
    open_stories = clusterer.open_stories
    ours = _speed(texts[warm:], lambda text: clusterer.place(text, new_id=lambda: next(numbers)))
    peer = SinglePass()
    for text in texts[:warm]:
        peer.place(text)
    theirs = _speed(texts[warm : warm + peer_articles], peer.place)
    return {
        "articles": articles,
        "open_stories": open_stories,
        "open_stories_at_the_end": clusterer.open_stories,
        "articles_per_s": round(ours),
        "peer_articles_per_s": round(theirs),
        "ratio": round(ours / theirs, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def bytes_of_copies(copies: int) -> float:
    """Return what each further copy of one text takes, in bytes."""
    text = resampled(1)[0]
    clusterer, numbers = Clusterer(load_weights()), count(1)
    tracemalloc.start()
    before = 0
    for number in range(1, copies + 1):
        if number == copies // 2:
            before = tracemalloc.get_traced_memory()[0]
        at = START + timedelta(seconds=number)
        copy = StoryText(number, f"o{number % 90}.example", at, "en", text.title, text.text)
        clusterer.place(copy, new_id=lambda: next(numbers))
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return round((after - before) / (copies - copies // 2))


def _speed(texts: list[StoryText], place: Callable[[StoryText], object]) -> float:
    started = time.process_time()
    for text in texts:
        place(text)
    return len(texts) / max(1e-9, time.process_time() - started)


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--articles", type=int, default=6000)
    arguments.add_argument("--peer-articles", type=int, default=1000)
    arguments.add_argument("--stories", type=int, default=OPEN_STORIES)
    options = arguments.parse_args()
    print(json.dumps(measure(options.articles, peer_articles=options.peer_articles, stories=options.stories)))


if __name__ == "__main__":
    main()
