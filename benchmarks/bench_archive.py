"""What an archive of a hundred thousand articles costs: every step, the time of every page, memory and disk.

`python -m benchmarks.bench_archive --articles 100000 --folder DIR` makes the articles of resampled.py in DIR (an
archive that is there already is measured as it is), brings followers and index up to them, each with CPU seconds and
memory, adds one article for new followers, and asks for every kind of page. `--no-index` leaves the index out.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.resampled import SPAN, are_there, fill
from config.settings import Settings, load_settings
from index.followers import all_followers
from index.following import Follower, follow
from index.records import Article, DateReading
from index.search.opening import open_backend
from index.store import Store, open_store
from index.store.articles import count_articles, save_article
from index.sync import sync
from web.application import create_app

ASKED_TIMES = 7
NOW = datetime(2026, 1, 1, tzinfo=UTC) + SPAN
"""The clock of the pages: the day the articles end."""


def main() -> int:
    """Print a line for each step and each page, or say that the texts are absent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=2_000)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--no-index", action="store_true")
    asked = parser.parse_args()
    if not are_there():
        print("The texts are absent (shared/ beside the checkout); there is nothing to measure on.")
        return 0
    settings = load_settings(environ={}, data={"dir": str(asked.folder)})
    store = open_store(settings)
    _build(store, settings, asked.articles, index=not asked.no_index)
    _tell("one new article", lambda: _one_more(store, settings), 1)
    for name, count in _sizes(asked.folder):
        print(f"{name:<24} {count / 1e6:>8.0f} MB on disk")
    for line in _pages(store, settings):
        print(line, flush=True)
    print(f"{'the site':<24} {_memory_mb():>8} MB at most in this process")
    store.close()
    return 0


def _build(store: Store, settings: Settings, articles: int, *, index: bool) -> None:
    with store.read() as tx:
        held = count_articles(tx)
    if not held:
        _tell("saved", lambda: fill(store, articles), articles)
    for follower in all_followers(settings):
        _followed(store, follower)
    if index:
        backend = open_backend(settings)
        _tell("index", lambda: sync(store, backend, settings=settings).indexed, 0)


def _followed(store: Store, follower: Follower) -> None:
    longest = _Longest()
    if _tell(f"follower {follower.name}", lambda: follow(store, [follower], progress=longest), 0):
        print(f"{'':<24} {longest.median_ms():>8.0f} ms a batch, {longest.most_ms():.0f} ms the longest")


class _Longest:
    """How long one batch took, by the times at which each was done."""

    def __init__(self) -> None:
        self._at = [time.perf_counter()]

    def __call__(self, done: int, every: int) -> None:
        self._at.append(time.perf_counter())

    def _spans(self) -> list[float]:
        return [(after - before) * 1000 for before, after in zip(self._at, self._at[1:], strict=False)] or [0.0]

    def median_ms(self) -> float:
        return statistics.median(self._spans())

    def most_ms(self) -> float:
        return max(self._spans())


def _tell(name: str, act: Callable[[], int | None], count: int) -> int:
    began = time.process_time()
    count = act() or count
    spent = time.process_time() - began
    rate = f"{count / spent:>8.0f} a CPU second" if count else ""
    print(f"{name:<24} {count:>8} in {spent:>8.1f} CPU s {rate} {_memory_mb()} MB at most so far", flush=True)
    return count


def _one_more(store: Store, settings: Settings) -> int:
    """Save an article and bring new followers up to it, as a process that begins does."""
    with store.write() as tx:
        at = NOW + timedelta(minutes=1)
        url = f"https://outlet1.example/new/{time.time_ns()}"
        text = "Two frigates of the coast guard left the harbour before the talks on the strait began. " * 5
        article = Article(url, url, "outlet1.example", "Frigates leave", text, published=DateReading(None, at))
        save_article(tx, article, page_id=None, run_id=None, now=at)
    began = time.process_time()
    follow(store, all_followers(settings))
    print(f"{'':<24} {(time.process_time() - began) * 1000:>8.0f} CPU ms for the followers")
    return 1


def _sizes(folder: Path) -> Iterator[tuple[str, int]]:
    for one in sorted(folder.iterdir()):
        files = [one] if one.is_file() else [path for path in one.rglob("*") if path.is_file()]
        yield one.name, sum(path.stat().st_size for path in files)


def _pages(store: Store, settings: Settings) -> Iterator[str]:
    client = create_app(settings, store, open_backend(settings), clock=lambda: NOW).test_client()
    stories = client.get("/stories?format=json").get_json()["stories"]
    with store.read() as tx:
        largest, linking, cited = (tx.exec_driver_sql(query).scalar() for query in _CHOSEN)
        member = tx.exec_driver_sql(f"SELECT max(article_id) FROM story_members WHERE story_id = {largest}").scalar()
    paths = (
        *("/", "/search?q=oil+prices", "/search?q=missile", "/search?q=the", "/search?q=said:Smith"),
        *("/search?q=topic:war+oil", f"/search?q=story:{largest}", f"/articles/{member}", f"/articles/{cited}"),
        *(f"/articles/{linking}", f"/articles/{linking}/links", f"/articles/{cited}/backlinks"),
        *(f"/stories/{largest}", f"/stories/{largest}?page=10", f"/stories/{stories[0]['id']}", "/stories"),
        *("/stories?page=5", "/topics", "/topics/war", "/hubs", "/cited", "/wanted", "/changed", "/outlets"),
        *(f"/api/v1/stories/{largest}", f"/api/v1/articles/{linking}", "/api/v1/search?q=oil"),
    )
    for path in paths:
        spent = []
        for _ in range(ASKED_TIMES):
            began, before = time.process_time(), store.statements
            answer = client.get(path)
            spent.append((time.process_time() - began) * 1000)
        size, statements = len(answer.data) // 1024, store.statements - before
        yield (
            f"{path:<40} {answer.status_code} {statistics.median(spent):>7.0f} ms, first {spent[0]:>6.0f} ms, "
            f"{size:>5} kB, {statements} statements"
        )


_CHOSEN = (
    "SELECT id FROM stories WHERE merged_into IS NULL ORDER BY articles DESC, id LIMIT 1",
    "SELECT article_id FROM links GROUP BY article_id ORDER BY count(*) DESC LIMIT 1",
    "SELECT target_article_id FROM links WHERE target_article_id > 0 GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
)


def _memory_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    sys.exit(main())
