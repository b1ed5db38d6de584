"""The demo site on loopback: one server for all its hosts, told apart by the Host header."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from crawler.demo.site import Resource, resource_at

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the server saw it. `at` is seconds of a monotonic clock."""

    host: str
    path: str
    at: float
    status: int
    conditional: bool


class DemoServer(ThreadingHTTPServer):
    """Serves the site at a stage; `log` is every request in order."""

    daemon_threads = True

    def __init__(self, *, stage: int = 1, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 is a free one."""
        self.stage = stage
        self.log: list[Asked] = []
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def port(self) -> int:
        """The port in use."""
        return int(self.server_address[1])

    def advance(self) -> None:
        """Go to stage 2: two articles edited, one moved, one new."""
        self.stage = 2

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log what went wrong, unless a client just went away in the middle of an answer."""
        error = sys.exception()
        if not isinstance(error, ConnectionError):
            log.error("demo site failed", exc_info=error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "demo"
    sys_version = ""
    server: DemoServer
    timeout = 30

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Requests are kept in `log`, not printed."""

    def _answer(self, *, with_body: bool) -> None:
        host = (self.headers.get("Host") or "").split(":")[0].lower()
        resource = resource_at(host, self.path, stage=self.server.stage)
        condition = self.headers.get("If-None-Match") or ""
        since = self.headers.get("If-Modified-Since") or ""
        unchanged = resource.status == 200 and _is_unchanged(resource, condition, since)
        status = 304 if unchanged else resource.status
        self.server.log.append(Asked(host, self.path, time.monotonic(), status, bool(condition or since)))
        self.send_response(status)
        if resource.status == 200:
            self.send_header("ETag", resource.etag)
            if resource.last_modified_header:
                self.send_header("Last-Modified", resource.last_modified_header)
        if resource.location:
            self.send_header("Location", resource.location)
        if status != 304:
            self.send_header("Content-Type", resource.content_type)
        self.send_header("Content-Length", "0" if status == 304 else str(len(resource.body)))
        self.end_headers()
        if with_body and status != 304:
            self.wfile.write(resource.body)


def _is_unchanged(resource: Resource, condition: str, since: str) -> bool:
    if condition:
        return resource.etag in [tag.strip() for tag in condition.split(",")]
    return bool(since) and since == resource.last_modified_header


@contextmanager
def serving(*, stage: int = 1, port: int = 0) -> Iterator[DemoServer]:
    """Serve the site in a thread until the block ends."""
    server = DemoServer(stage=stage, port=port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
