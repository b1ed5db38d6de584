"""Resolution on the real links of ../shared: what they mean, what they lead to, which are primary documents.

`python -m benchmarks.bench_links` stores 686 pages with 4,816 links in a throw-away archive and prints the shares.
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from config.settings import load_settings
from crawler.extract.links import role_of
from index.records import Article, Link, Role
from index.store import open_store
from index.store.articles import save_article
from index.store.hubs import count_wanted, url_hubs
from index.store.outlets import provisional_outlet
from index.store.relinking import relink
from index.urls import host_of, url_key
from index.wrapped import unwrapped

LINKS_FILE = Path(__file__).parent.parent.parent / "shared" / "links" / "links.jsonl.gz"


def measure(path: Path) -> dict[str, float]:
    """Return the figures: counts, and shares of all links."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        pages = [json.loads(line) for line in lines]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    every = [link for page in pages for link in page["links"]]
    agreed = [link for link in every if url_key(link["url"]) == url_key(link["canonical"])]
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(load_settings(environ={}, data={"dir": folder}))
        roles: list[Role] = []
        for page in pages:
            host = host_of(page["source"])
            links = tuple(
                Link(link["url"], link["anchor"] or "link", role_of(link["url"], link["anchor"], page_host=host))
                for link in page["links"]
            )
            roles += [link.role for link in links]
            with store.write() as tx:
                outlet = provisional_outlet(tx, host, now)
                article = Article(
                    page["source"], page["source"], outlet, page["title"] or "", page["page"], links=links
                )
                save_article(tx, article, page_id=None, run_id=None, now=now)
        seconds = time.perf_counter() - began
        with store.read() as tx:
            wanted, hubs = count_wanted(tx), len(url_hubs(tx, limit=10_000))
        told = relink(store)
        store.close()
    return {
        "pages": len(pages),
        "links": len(every),
        "wrapped": sum(unwrapped(link["url"]) != link["url"] for link in every),
        "same_as_reference_share": round(len(agreed) / len(every), 4),
        "resolved": told.resolved,
        "changed_when_read_anew": told.changed,
        "cited_addresses": told.cited,
        "wanted": wanted,
        "hubs": hubs,
        "sources": roles.count(Role.SOURCE),
        "seconds": round(seconds, 1),
    }


def main() -> int:
    """Print the figures, or say that the real links are absent."""
    if not LINKS_FILE.exists():
        print("The real links are absent (shared/ beside the checkout); there is nothing to measure on.")
        return 0
    print(json.dumps(measure(LINKS_FILE), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
