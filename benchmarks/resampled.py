"""An archive of any size to measure on: real newswire resampled sentence by sentence into events, copies and links.

Seeded, so every run measures the same articles. An event is told by one article or by some (a Pareto tail, and one of
three in a hundred of all) over a few days; a twelfth are word for word copies. Nothing of the texts is kept anywhere
but in the archive that is measured.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from benchmarks.corpus import NEWSWIRE
from index.records import Article, DateReading, Link, Role
from index.store import Store
from index.store.articles import save_article
from index.store.outlets import provisional_outlet

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
SPAN = timedelta(days=240)
OUTLETS = 100
MANY_LINKS = 5000
"""One article links so often, to what nobody holds."""

_STORIES = NEWSWIRE.parent.parent / "stories" / "news-fulltext-dev.jsonl.gz"
_AT_ONCE = 200
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")


@dataclass(frozen=True, slots=True)
class _Told:
    """One telling of an event: when, from which text, with sentences of which other, and words of its own."""

    at: datetime
    text: _Source
    other: _Source
    own_words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    title: str
    sentences: tuple[str, ...]


def are_there() -> bool:
    """Say whether the texts that articles are made from lie beside the checkout."""
    return NEWSWIRE.exists() and _STORIES.exists()


def articles(number: int, *, seed: int = 7) -> Iterator[Article]:
    """Yield so many articles by time, from a hundred outlets, over 240 days."""
    dice = random.Random(seed)
    sources = [*_sources(NEWSWIRE), *_sources(_STORIES)]
    vocabulary = sorted({word for one in sources for part in one.sentences for word in part.split() if _is_plain(word)})
    outlets = [dice.randrange(OUTLETS) for _ in range(number)]
    for place, told in enumerate(_events(number, sources, vocabulary, dice)):
        url = _address(outlets, place)
        yield Article(
            url=url,
            canonical_url=url,
            outlet="",
            title=_title(told, vocabulary, dice),
            text=_text(told, vocabulary, dice),
            language="en",
            published=DateReading(told.at.isoformat(), told.at, "benchmark"),
            links=_links(outlets, place, dice),
        )


def fill(store: Store, number: int, *, seed: int = 7) -> None:
    """Save so many articles as a crawl would, each first seen when it was published."""
    with store.write() as tx:
        names = [provisional_outlet(tx, f"outlet{one}.example", BEGIN) for one in range(OUTLETS)]
    by_host = {f"outlet{one}.example": name for one, name in enumerate(names)}
    made = articles(number, seed=seed)
    while batch := list(islice(made, _AT_ONCE)):
        with store.write() as tx:
            for one in batch:
                host = one.url.split("/")[2]
                at = one.published.at or BEGIN
                save_article(tx, replace(one, outlet=by_host[host]), page_id=None, run_id=None, now=at)


def _sources(path: Path) -> Iterator[_Source]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if len(row["text"]) > 200:
                yield _Source(row["title"], tuple(part for part in _SENTENCE.split(row["text"]) if part))


def _is_plain(word: str) -> bool:
    return word.isalpha() and len(word) > 4


def _events(number: int, sources: Sequence[_Source], vocabulary: Sequence[str], dice: random.Random) -> list[_Told]:
    found: list[_Told] = []
    largest = number * 3 // 100
    while len(found) < number:
        text, other = dice.choice(sources), dice.choice(sources)
        times = 1 if dice.random() < 0.5 else min(300, int(dice.paretovariate(1.1)) + 1)
        if not found:
            times = largest
        begins = BEGIN + SPAN * dice.random()
        own = tuple(dice.choice(vocabulary) for _ in range(12))
        for _ in range(min(times, number - len(found))):
            found.append(_Told(begins + timedelta(hours=dice.expovariate(1 / 20)), text, other, own))
    return sorted(found, key=lambda one: one.at)


def _text(told: _Told, vocabulary: Sequence[str], dice: random.Random) -> str:
    sentences = list(told.text.sentences)
    if dice.random() < 1 / 12:
        return "\n".join(sentences)
    dice.shuffle(sentences)
    kept = sentences[: max(3, int(len(sentences) * dice.uniform(0.3, 0.8)))]
    kept += dice.sample(told.other.sentences, min(3, len(told.other.sentences)))
    return "\n".join(" ".join(_word(word, told, vocabulary, dice) for word in one.split()) for one in kept)


def _word(word: str, told: _Told, vocabulary: Sequence[str], dice: random.Random) -> str:
    chance = dice.random()
    if chance < 0.06:
        return dice.choice(told.own_words)
    return dice.choice(vocabulary) if chance < 0.15 else word


def _title(told: _Told, vocabulary: Sequence[str], dice: random.Random) -> str:
    words = told.text.title.split()
    words.insert(dice.randrange(len(words) + 1), dice.choice(told.own_words).capitalize())
    return " ".join((*words, dice.choice(vocabulary)))


def _address(outlets: Sequence[int], place: int) -> str:
    return f"https://outlet{outlets[place]}.example/2026/{place}"


def _links(outlets: Sequence[int], place: int, dice: random.Random) -> tuple[Link, ...]:
    if place == len(outlets) // 2:
        return tuple(_link(f"https://many.example/{one}") for one in range(MANY_LINKS))
    found = []
    for _ in range(dice.choice((0, 1, 2, 4, 6))):
        before = max(0, place - int(dice.expovariate(1 / 800)) - 1)
        host, page = int(dice.paretovariate(0.6)) % 20_000, int(dice.paretovariate(0.7)) % 50
        outside = f"https://outside{host}.example/p/{page}"
        found.append(_link(outside if dice.random() < 0.35 else _address(outlets, before)))
    return tuple(found)


def _link(url: str) -> Link:
    return Link(url, "words of the link", Role.INLINE, "A sentence around it.")
