"""A small outlet on loopback for crawl tests: pages by path, ETags, redirects, and a log of every request."""

from __future__ import annotations

import hashlib
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from config.settings import Settings

HOST = "harbour.example"
HOME = f"http://{HOST}"

OUTLET_FILE = f"""\
name = "harbour"
title = "Harbour Herald"
home = "{HOME}/"
languages = ["en"]

[leads]
feeds = ["{HOME}/feed.xml"]

[articles]
match = ["^/news/"]

[pace]
delay_s = 0

[[rules]]
title = "h1"
text = "article p"
published = {{ selector = "time", attribute = "datetime" }}
backlinks = "ul.backlinks li"
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a path answers."""

    body: bytes
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    etag: bool = True


@dataclass(slots=True)
class LoopbackOutlet:
    """The pages of the outlet, changed by tests between crawls. `log` holds (path, status) in order."""

    pages: dict[str, Answer] = field(default_factory=dict)
    log: list[tuple[str, int]] = field(default_factory=list)
    arrived: list[tuple[str, float]] = field(default_factory=list)
    before_answer: Callable[[str], None] | None = None
    choose: Callable[[str, Message], Answer | None] | None = None  # by path and request headers, before `pages`
    port: int = 0

    def article(self, name: str, *, title: str = "", text: str = "", links: str = "", canonical: str = "") -> str:
        """Put an article at /news/<name> and return its address."""
        url = f"{HOME}/news/{name}"
        self.pages[f"/news/{name}"] = Answer(article_html(name, title, text, links, canonical or url).encode())
        return url

    def feed(self, *names: str, updated: str = "2026-11-20T08:00:00Z") -> None:
        """Put a feed of articles at /feed.xml."""
        entries = "".join(
            f"<entry><id>{name}</id><title>{name}</title><updated>{updated}</updated>"
            f'<link href="{HOME}/news/{name}"/></entry>'
            for name in names
        )
        body = f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Herald</title>{entries}</feed>'
        self.pages["/feed.xml"] = Answer(body.encode(), content_type="application/atom+xml")

    def redirect(self, path: str, target: str, status: int = 301) -> None:
        """Let a path lead elsewhere."""
        self.pages[path] = Answer(b"", status, headers=(("Location", target),), etag=False)

    def asked(self, *, but: tuple[str, ...] = ("/robots.txt",)) -> Counter[str]:
        """How often each path was asked for."""
        return Counter(path for path, _ in self.log if path not in but)

    def starts(self, *, but: tuple[str, ...] = ()) -> list[float]:
        """When it was asked, by the monotonic clock, in order."""
        return sorted(at for path, at in self.arrived if path not in but)

    def settings(self, make_settings: Callable[..., Settings], folder: Path, **tables: Any) -> Settings:
        """Settings under which this outlet, and only it, is crawled without delay; its file is written to `folder`.

        One process reads the pages, since starting one costs as much as reading hundreds, and takes what time it needs.
        """
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "harbour.toml").write_text(tables.pop("outlet_file", OUTLET_FILE), encoding="utf-8")
        network = {"private_hosts": [HOST], "hosts": {HOST: f"127.0.0.1:{self.port}"}, "timeout_s": 10}
        crawler = {"outlets_dir": str(folder), "min_free_mb": 1, "readers": 1, "max_page_s": 60}
        return make_settings(
            network={**network, **tables.pop("network", {})},
            politeness={"floor_s": 0, **tables.pop("politeness", {})},
            crawler={**crawler, **tables.pop("crawler", {})},
            logs={"level": "WARNING", **tables.pop("logs", {})},
            **tables,
        )


def article_html(name: str, title: str, text: str, links: str, canonical: str) -> str:
    """Write an article page; its default text is long enough and unlike any other."""
    body = text or "\n\n".join(
        f"Paragraph {number} of {name}: the harbour master of {name} said that ship {name}-{number} had left for the "
        f"northern strait with {number + 2} containers, and that the crossing would stay open until the evening."
        for number in range(1, 5)
    )
    paragraphs = "".join(f"<p>{part}</p>" for part in body.split("\n\n"))
    return (
        f'<!doctype html><html lang="en"><head><title>{title or name} | Herald</title>'
        f'<link rel="canonical" href="{canonical}"></head><body><article><h1>{title or f"News of {name}"}</h1>'
        f'<time datetime="2026-11-20T07:00:00Z">20 November</time>{paragraphs}{links}</article></body></html>'
    )


LAST_DATA_RECEIVED = slice(52, 56)
"""Where tcp_info of Linux has for how many milliseconds nothing has come in."""


def arrival_at(connection: socket.socket) -> float:
    """Return when the last bytes reached a connection, by the monotonic clock.

    The system knows it: this thread may get to them late, the later the busier the machine.
    """
    now = time.monotonic()
    if not sys.platform.startswith("linux"):
        return now
    told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    return now - int.from_bytes(told[LAST_DATA_RECEIVED], sys.byteorder) / 1000


@contextmanager
def serving(outlet: LoopbackOutlet) -> Iterator[LoopbackOutlet]:
    """Serve the outlet on a free loopback port until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # headers and body in one packet: else each answer waits 40 ms for an acknowledgement
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            path = self.path
            outlet.arrived.append((path, arrival_at(self.connection)))
            if outlet.before_answer is not None:
                outlet.before_answer(path)
            chosen = outlet.choose(path, self.headers) if outlet.choose is not None else None
            answer = chosen or outlet.pages.get(path, Answer(b"Nothing here.", 404, "text/plain", etag=False))
            etag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
            known = answer.etag and self.headers.get("If-None-Match") == etag
            status = 304 if known else answer.status
            outlet.log.append((path, status))
            body = b"" if known else answer.body
            self.send_response(status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(body)))
            if answer.etag:
                self.send_header("ETag", etag)
            for key, value in answer.headers:
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    outlet.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield outlet
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
