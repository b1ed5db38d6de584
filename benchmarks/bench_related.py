"""Milliseconds for what is related to an article, and for the origins of a story, at the size of a large archive.

The archive is made here: links go to targets of any age with a power law, so some have ten thousand citers; one article
has five thousand links, one story ten thousand articles with one text. Figures are processor time on a
warm SQLite file, which works inside this process: what else runs on the machine does not count.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert

from config.settings import load_settings
from index.store import Store, open_store
from index.store.origins import origins_of_story
from index.store.relations import surroundings_of_article, surroundings_of_story
from index.store.story_tables import article_names, copies, stories, story_members
from index.store.tables import articles, links, outlets, revisions
from index.stories.related import related_to

BEGAN = datetime(2024, 1, 1, tzinfo=UTC)
OUTLETS = 60
FARM_LINKS = 5000
BIG_STORY = 10_000
WORDS = (
    "harbour",
    "minister",
    "border",
    "convoy",
    "strait",
    "patrol",
    "treaty",
    "sanctions",
    "envoy",
    "council",
    "depot",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the archive, ask, and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--links", type=int, default=1_000_000)
    parser.add_argument("--asked", type=int, default=300, help="articles and stories asked for")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    chance = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(load_settings(environ={}, data={"dir": folder}))
        try:
            fill(store, given.articles, given.links, chance)
            size_mb = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6
            print(
                json.dumps(
                    {
                        "articles": given.articles,
                        "links": given.links,
                        "mb": round(size_mb),
                        **figures(store, given, chance),
                    }
                )
            )
        finally:
            store.close()
    return 0


def fill(store: Store, number: int, link_number: int, chance: random.Random) -> None:
    """Fill the tables in bulk; texts are short, since nothing measured here reads more than their beginning."""
    _insert(store, outlets, _outlets())
    _insert(store, articles, (_article(one, chance) for one in range(1, number + 1)))
    _insert(store, revisions, (_revision(one, chance) for one in range(1, number + 1)))
    _insert(store, links, _links(number, link_number, chance))
    _insert(store, article_names, _names(number, chance))
    big = min(BIG_STORY, number // 4)
    starts = [1, *range(big + 1, number + 1, 4)]
    _insert(store, stories, (_story(key, at, big if key == 1 else 4) for key, at in enumerate(starts, 1)))
    members = ((one, 1 if one <= big else 2 + (one - big - 1) // 4) for one in range(1, number + 1))
    _insert(store, story_members, (_member(one, story) for one, story in members))
    _insert(store, copies, (_copy(one, 1) for one in range(2, big // 2)))


def figures(store: Store, given: argparse.Namespace, chance: random.Random) -> dict[str, Any]:
    """Time random articles and stories, and the worst ones by name."""
    now = BEGAN + timedelta(days=900)
    with store.read() as tx:

        def article(one: int) -> None:
            related_to(surroundings_of_article(tx, one), now=now)

        def story(one: int) -> None:
            related_to(surroundings_of_story(tx, one), now=now)

        def origins(one: int) -> None:
            origins_of_story(tx, one)

        some = [chance.randrange(given.articles // 2, given.articles) for _ in range(given.asked)]
        few = [chance.randrange(2, given.articles // 8) for _ in range(given.asked)]
        before = store.statements
        article(some[0])
        return {
            "statements": store.statements - before,
            "related_ms": _timed(article, some),
            "related_story_ms": _timed(story, few),
            "origins_ms": _timed(origins, few),
            "most_cited_ms": _timed(article, [1] * 5),
            "link_farm_ms": _timed(article, [2] * 5),
            "big_story_related_ms": _timed(story, [1] * 5),
            "big_story_origins_ms": _timed(origins, [1] * 5),
        }


def _timed(act: Callable[[int], None], ids: Sequence[int]) -> dict[str, float]:
    act(ids[0])
    took = []
    for one in ids:
        began = time.process_time()
        act(one)
        took.append((time.process_time() - began) * 1000)
    took.sort()
    return {
        "median": round(statistics.median(took), 1),
        "p95": round(took[int(len(took) * 0.95)], 1),
        "max": round(took[-1], 1),
    }


def _insert(store: Store, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    batch = []
    with store.write() as tx:
        for row in rows:
            batch.append(row)
            if len(batch) == 20_000:
                tx.execute(insert(table), batch)
                batch.clear()
        if batch:
            tx.execute(insert(table), batch)


def _outlets() -> Iterator[dict[str, Any]]:
    for one in range(OUTLETS):
        row = {
            "name": f"outlet{one}",
            "title": f"The {WORDS[one % len(WORDS)].title()} Post {one}",
            "home": "",
            "country": "",
        }
        yield {**row, "languages": [], "provisional": False, "enabled": True, "registered_at": BEGAN}


def _at(one: int) -> datetime:
    return BEGAN + timedelta(minutes=10 * one)


def _article(one: int, chance: random.Random) -> dict[str, Any]:
    title = " ".join(chance.choices(WORDS, k=7))
    dates = {"published_at": _at(one), "sort_at": _at(one), "first_seen_at": _at(one), "last_seen_at": _at(one)}
    fixed = {"search_title": "", "authors": [], "published_method": "", "published_flags": [], "updated_method": ""}
    more = {"updated_flags": [], "sort_by": "published", "flags": [], "revision": 1, "digest": str(one)}
    outlet = {"outlet": f"outlet{chance.randrange(OUTLETS)}", "canonical_url": f"https://x.example/{one}"}
    return {
        "id": one,
        "title": title,
        "language": "en",
        "published_text": _at(one).isoformat(),
        **outlet,
        **dates,
        **fixed,
        **more,
    }


def _revision(one: int, chance: random.Random) -> dict[str, Any]:
    text = " ".join(chance.choices(WORDS, k=400)) + ", according to The Treaty Post 6."
    return {
        "article_id": one,
        "number": 1,
        "seen_at": _at(one),
        "title": "",
        "authors": [],
        "text": text,
        "changes": "",
        "trace": [],
    }


def _links(number: int, link_number: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    for position in range(link_number):
        one = 2 if position < FARM_LINKS else chance.randrange(1, number + 1)
        target = min(number, int(chance.paretovariate(0.5)))
        held = chance.random() < 0.4
        key = f"x.example/{target}" if held else f"elsewhere.example/{target}"
        role = chance.choices(("inline", "backlink", "source", "furniture"), (6, 2, 1, 1))[0]
        row = {"article_id": one, "position": position, "url": f"https://{key}", "url_key": key, "role": role}
        text = {"text": "said", "context": "As they said on Friday, the ports are shut.", "host": key.split("/")[0]}
        yield {**row, **text, "target_article_id": target if held else None, "first_seen_at": BEGAN, "revision_from": 1}


def _names(number: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    for one in range(1, number + 1):
        for slug in {int(chance.paretovariate(0.4)) % 200_000 for _ in range(8)}:
            yield {"article_id": one, "kind": "person", "slug": f"p{slug}", "label": f"Person {slug}", "mentions": 1}


def _story(key: int, first: int, size: int) -> dict[str, Any]:
    row = {"id": key, "title": f"Story {key}", "lead_article_id": first, "first_at": _at(first), "outlets": 2}
    return {**row, "last_at": _at(first + size), "articles": size, "evidence": {}, "created_at": BEGAN}


def _member(one: int, story: int) -> dict[str, Any]:
    return {"article_id": one, "story_id": story, "placed_at": BEGAN, "method": "joined", "score": 1.0, "evidence": {}}


def _copy(one: int, original: int) -> dict[str, Any]:
    return {"article_id": one, "original_id": original, "shared": 40, "containment": 0.9, "evidence": []}


if __name__ == "__main__":
    sys.exit(main())
