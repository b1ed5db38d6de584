"""What must hold in every run of CI: counts, bytes, SQL statements, and ratios to a peer in the same run with slack.

`python -m benchmarks.floors` takes about a minute and ends with 1 when a figure is beyond its floor in floors.json. No
floor is in seconds: machines differ, ratios hardly.
"""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import (
    bench_engines,
    bench_extract,
    bench_index,
    bench_quotations,
    bench_relevance,
    bench_search,
    bench_stories,
    bench_subjects,
)
from benchmarks.story_sets import SHARED as STORY_SETS
from benchmarks.story_sets import read_set, scores_as_shipped, wire_copies
from config.outlets import OutletSpec
from config.settings import load_settings
from index.find import find_articles
from index.records import Article, DateReading, Link, Page, Role
from index.search.opening import open_backend
from index.store import open_store
from index.store.articles import save_article
from index.store.outlets import register_outlets
from index.store.pages import save_page
from index.sync import sync, verify

FLOORS = Path(__file__).with_name("floors.json")
DOCUMENTS = 600
ARTICLES = 60
LINKS = 8


def measure() -> dict[str, float]:
    """Return the figures by the names in floors.json."""
    index = bench_index.measure(DOCUMENTS, 200)
    search = bench_search.measure(DOCUMENTS, 6)
    both = search["all"]
    return {
        "index_bytes_per_document": index["watchfloor"]["bytes_per_doc"],
        "index_speed_to_fts5": index["ratio"],
        "search_p50_to_fts5": round(both["watchfloor"]["p50"] / max(both["fts5"]["p50"], 0.05), 2),
        "phrases_right": search["phrases_right"],
        "rare_words_right": search["rare_words_right"],
        **_engines(),
        **_statements(),
        **_extraction(),
        **_quotations(),
        **_subjects(),
        **_stories(),
        **_relevance(),
    }


def _engines() -> dict[str, float]:
    """How many times the CPU time of the arrays two peers need for the same questions, as a geometric mean of kinds."""
    means = bench_engines.measure(DOCUMENTS, 6, engines=["arrays", "stock", "fts5"], peers_python="")["means"]
    return {
        "arrays_speed_to_stock_whoosh": round(means["stock"] / means["arrays"], 2),
        "arrays_speed_to_fts5": round(means["fts5"] / means["arrays"], 2),
    }


def _relevance() -> dict[str, float]:
    """Order of the hits of judged questions, by kind, beside BM25 in the same run; nothing without the collection."""
    if not bench_relevance.is_possible():
        return {}
    found = bench_relevance.measure()
    ours, peer = found["watchfloor"], found["bm25"]
    return {
        **{f"relevance_{kind}": round(ours[kind], 3) for kind in bench_relevance.KINDS},
        "relevance_over_bm25": round(ours["all"] - peer["all"], 3),
        "relevance_questions_without_answer": ours["empty"],
    }


def _stories() -> dict[str, float]:
    """Scores of the shipped weights on the labelled stories, and speed beside the plain peer; nothing without them."""
    if not (STORY_SETS / "stories").is_dir():
        return {}
    text, headline = (scores_as_shipped(read_set(kind)) for kind in ("text", "headline"))
    precision, recall, _, _ = wire_copies()
    speed = bench_stories.measure(3600, peer_articles=100)
    return {
        "stories_text_bcubed_f1": round(text.bcubed_f1, 3),
        "stories_text_pair_f1": round(text.pair_f1, 3),
        "stories_headline_bcubed_f1": round(headline.bcubed_f1, 3),
        "stories_headline_pair_f1": round(headline.pair_f1, 3),
        "copies_precision": round(precision, 3),
        "copies_recall": round(recall, 3),
        "stories_speed_to_single_pass": speed["ratio"],
        "bytes_of_a_further_copy": bench_stories.bytes_of_copies(400),
    }


def _subjects() -> dict[str, float]:
    """Topics against the half of the labels that is held out; nothing where the labelled texts are absent."""
    marks = bench_subjects.measure().get("held_out any")
    if marks is None or not (bench_extract.SHARED / "stories" / "news-fulltext-dev.jsonl.gz").exists():
        return {}
    return {
        "topics_precision_held_out": round(marks["precision"], 3),
        "topics_recall_held_out": round(marks["recall"], 3),
    }


def _extraction() -> dict[str, float]:
    """Marks on the real pages and speed beside trafilatura with its metadata; nothing where the pages are absent."""
    if not (bench_extract.SHARED / "pages" / "pages.jsonl").exists():
        return {}
    ours = bench_extract.marks_of("benchmarks.extractors:watchfloor", repeat=2)
    peer = bench_extract.marks_of("extraction_peers:trafilatura_default", repeat=2)
    return {
        "extraction_title": round(ours["title"], 3),
        "extraction_authors": round(ours["auth"], 3),
        "extraction_published_minute": round(ours["date'"], 3),
        "extraction_text_f1": round(ours["bodyF1"], 3),
        "extraction_text_f4": round(ours["F4"], 3),
        "extraction_links_f": round(ours["lnkF"], 3),
        "extraction_text_f1_over_trafilatura": round(ours["bodyF1"] - peer["bodyF1"], 3),
        "extraction_speed_to_trafilatura": round(ours["pg/s"] / peer["pg/s"], 2),
        "extraction_peak_mb": round(ours["RSS"]),
        "extraction_failures": ours["fail"],
    }


def _quotations() -> dict[str, float]:
    """Marks of quotations on the sentences labelled by hand; nothing where the texts are absent."""
    if not bench_quotations.is_possible():
        return {}
    both = bench_quotations.measure()
    return {
        "quotations_precision": both["precision"],
        "quotations_recall": both["recall"],
        "quotations_speaker_held_out": bench_quotations.measure("held-out")["right_speaker"],
    }


def _statements() -> dict[str, float]:
    """SQL statements to store an article with eight links and to answer a search; and the index verified."""
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(environ={}, data={"dir": folder})
        store, backend = open_store(settings), open_backend(settings)
        spec = OutletSpec(name="gazette", title="Gazette", home="https://gazette.example/", languages=("en",))
        with store.write() as tx:
            register_outlets(tx, [spec], now)
        before = store.statements
        for number in range(ARTICLES):
            url = f"https://gazette.example/{number}"
            links = tuple(
                Link(f"https://gazette.example/{number + step}", f"report {step}", Role.INLINE, position=step)
                for step in range(1, LINKS + 1)
            )
            at = DateReading("then", now - timedelta(hours=number), "test")
            text = f"Ships of convoy {number} left the harbour."
            article = Article(url, url, "gazette", f"Report {number}", text, published=at, language="en", links=links)
            with store.write() as tx:
                page_id = save_page(tx, Page(url, b"x", now), digest="0" * 64, warc=None, run_id=None)
                save_article(tx, article, page_id=page_id, run_id=None, now=now)
        stored = (store.statements - before) / ARTICLES
        sync(store, backend, settings=settings)
        before = store.statements
        find_articles(store, backend, "convoy harbour", settings=settings, now=now)
        searched = store.statements - before
        equal = verify(store, backend).equal
        backend.close()
        store.close()
    return {
        "statements_per_article_stored": round(stored, 1),
        "statements_per_search": searched,
        "verify_equal": int(equal),
    }


def main() -> int:
    """Measure, compare, and say every figure."""
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))
    figures = measure()
    failed = 0
    for name, floor in floors.items():
        if name not in figures:
            print(f"absent  {name:<38} (the real pages are not beside the checkout)")
            continue
        value = figures[name]
        beyond = value > floor.get("most", value) or value < floor.get("least", value)
        failed += beyond
        bound = f"at most {floor['most']}" if "most" in floor else f"at least {floor['least']}"
        print(f"{'BEYOND' if beyond else 'holds':<7} {name:<38} {value:>10} ({bound}; {floor['why']})")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
