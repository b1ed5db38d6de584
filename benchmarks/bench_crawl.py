"""Pages a second of a whole crawl (fetch, extract, store, leads) beside a bare Scrapy spider that only downloads.

Both ask the same loopback server for the same pages, one request at a time, without delay; the server is a process of
its own. The ratio is what keeping costs; the absolute figures depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from config.settings import Settings, load_settings
from crawler.run import crawl_outlet

HOST = "bench.example"
HOME = f"http://{HOST}"
WORDS = tuple(
    word
    for line in (
        "harbour minister border talks crossing convoy strait patrol treaty sanctions envoy council ceasefire depot",
        "grain spokesman district frigate summit pipeline inquiry ballot garrison customs valley islanders railway",
    )
    for word in line.split()
)
OUTLET_FILE = f"""\
name = "bench"
title = "Bench Post"
home = "{HOME}/"
languages = ["en"]

[leads]
sitemaps = ["{HOME}/sitemap.xml"]

[articles]
match = ["^/news/"]
"""
BARE = """\
import json, sys, time
from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.log import configure_logging

port, pages = sys.argv[1], int(sys.argv[2])

class Bare(Spider):
    name = "bare"
    fetched = 0

    async def start(self):
        self.began = time.monotonic()
        for number in range(pages):
            yield Request(f"http://127.0.0.1:{port}/news/{number}", dont_filter=True)

    def parse(self, response):
        self.fetched += 1

    def closed(self, reason):
        print(json.dumps({"pages": self.fetched, "seconds": time.monotonic() - self.began}))

process = AsyncCrawlerProcess({
    "LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "DOWNLOAD_DELAY": 0, "ROBOTSTXT_OBEY": False, "COOKIES_ENABLED": False,
})
process.crawl(Bare)
process.start()
"""


def page_html(number: int, pages: int) -> bytes:
    """Write one article of about 20 kB with eight links into the outlet; the same number gives the same page."""
    dice = random.Random(number)
    paragraphs = [
        " ".join(dice.choice(WORDS) for _ in range(70)).capitalize() + f", report {number}-{part}."
        for part in range(12)
    ]
    for part in range(8):
        target = dice.randrange(pages)
        paragraphs[part] += f' More in <a href="{HOME}/news/{target}">the report of day {target}</a>.'
    menu = "".join(f'<li><a href="{HOME}/section/{word}">{word.title()}</a></li>' for word in WORDS) * 4
    return (
        f'<!doctype html><html lang="en"><head><title>Report {number} on {dice.choice(WORDS)} | Bench Post</title>'
        f'<meta property="article:published_time" content="2026-11-{number % 28 + 1:02d}T08:00:00Z">'
        f'<link rel="canonical" href="{HOME}/news/{number}"></head><body><nav><ul>{menu}</ul></nav><main><article>'
        f"<h1>Report {number} on {dice.choice(WORDS)} and {dice.choice(WORDS)}</h1>"
        + "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        + "</article></main></body></html>"
    ).encode()


def serve(pages: int) -> None:
    """Serve the pages on a free loopback port, printed first, until stdin closes."""
    bodies = {f"/news/{number}": page_html(number, pages) for number in range(pages)}
    urls = "".join(f"<url><loc>{HOME}/news/{number}</loc></url>" for number in range(pages))
    bodies["/sitemap.xml"] = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # headers and body in one packet: else each answer waits 40 ms for an acknowledgement
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            body = bodies.get(self.path)
            self.send_response(404 if body is None else 200)
            kind = "application/xml" if self.path.endswith(".xml") else "text/html; charset=utf-8"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *args: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        request_queue_size = 128  # the default of 5 drops connections of a client that opens sixteen, for a second each

    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


def measure_ours(port: int, pages: int, folder: Path) -> dict[str, Any]:
    """Crawl everything once, then once more unchanged."""
    outlets = folder / "outlets"
    outlets.mkdir()
    (outlets / "bench.toml").write_text(OUTLET_FILE, encoding="utf-8")
    settings: Settings = load_settings(
        environ={},
        data={"dir": str(folder / "data")},
        network={"private_hosts": [HOST], "hosts": {HOST: f"127.0.0.1:{port}"}},
        politeness={"floor_s": 0},
        crawler={"outlets_dir": str(outlets), "max_pages": pages + 10, "min_free_mb": 1},
        logs={"level": "WARNING"},
    )
    first = crawl_outlet("bench", settings=settings)
    if first.new != pages:
        raise SystemExit(f"stored {first.new} of {pages} pages: {first}")
    began = time.monotonic()
    second = crawl_outlet("bench", settings=settings)
    return {
        "pages": first.new,
        "seconds": round(first.seconds, 2),
        "pages_per_s": round(first.new / first.seconds, 1),
        "second_crawl_seconds": round(time.monotonic() - began, 2),
        "second_crawl_outcomes": dict(second.counts),
    }


def measure_bare(port: int, pages: int) -> dict[str, Any]:
    """Download the same pages with nothing but Scrapy."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BARE, str(port), str(pages)], capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout.splitlines()[-1])
    return {**told, "seconds": round(told["seconds"], 2), "pages_per_s": round(told["pages"] / told["seconds"], 1)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=200, help="pages of the outlet (default 200; full size 5000)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--serve", type=int, metavar="PAGES", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.bench_crawl", "--serve", str(options.pages)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        with tempfile.TemporaryDirectory() as folder:
            ours = measure_ours(port, options.pages, Path(folder))
        bare = measure_bare(port, options.pages)
    finally:
        server.kill()
        server.wait()
    figures = {"watchfloor": ours, "bare_scrapy": bare, "ratio": round(ours["pages_per_s"] / bare["pages_per_s"], 3)}
    if options.json:
        print(json.dumps(figures, indent=2))
        return
    print(f"crawl     {ours['pages_per_s']:>8} pages/s  ({ours['pages']} pages stored in {ours['seconds']} s)")
    print(f"bare      {bare['pages_per_s']:>8} pages/s  ({bare['pages']} pages only downloaded in {bare['seconds']} s)")
    print(f"ratio     {figures['ratio']:>8}")
    print(f"again     {ours['second_crawl_seconds']:>8} s       {ours['second_crawl_outcomes']}")


if __name__ == "__main__":
    main()
