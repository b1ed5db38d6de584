"""The download handler: the last door before the network. Here the pace is kept and the guard's refusals get a name.

Everything passes: pages, feeds, robots.txt, redirects, retries. So the gap between two requests to a host holds,
whatever asked for them.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from config.addresses import why_refused
from config.counting import counted
from config.settings import Settings
from crawler.network.outcomes import Refused, fault_of_failure
from crawler.network.pace import Paces
from crawler.network.retry_after import hold_asked_s, wait_asked_s
from index.outcomes import Outcome


def wait_of(response: Response, *, now: datetime, most_s: float) -> float | None:
    """Return the seconds a response asks us to wait; None when it asks for nothing."""
    header = response.headers.get("Retry-After")
    return wait_asked_s(response.status, header.decode("latin-1") if header else None, now=now, most_s=most_s)


class PoliteHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler, asking a host one request at a time and never faster than its pace."""

    def __init__(self, crawler: Crawler) -> None:
        """Take the settings; `paces` is shared by all handlers of a crawler and by the middlewares."""
        super().__init__(crawler)
        self.settings: Settings = crawler.settings["WATCHFLOOR_SETTINGS"]
        self.paces = paces_of(crawler)

    async def download_request(self, request: Request) -> Response:
        """Wait for the host's turn and download. Raises Refused for an address or a host that must not be asked."""
        host = (urlsplit(request.url).hostname or "").lower()
        self._guard(host, request.url)
        pace = self.paces.of(host)
        async with self.paces.turn(host):
            if pace.broken and not request.meta.get("watchfloor_robots"):
                detail = f"{host} failed {counted(pace.failures, 'time')} in a row; the rest waits for the next run."
                raise Refused(Outcome.CONNECTION_FAILED, detail)
            limit = self.settings.politeness.max_wait_in_run_s
            while (wait := pace.wait_s(time.monotonic())) > 0:
                if wait > max(limit, pace.gap_s):
                    # A server that asks for hours is obeyed by going away, not by a run that lasts for hours.
                    until = datetime.now(UTC) + timedelta(seconds=wait)
                    raise Refused(Outcome.RATE_LIMITED, f"{host} asks to wait {wait:.0f} s.", retry_at=until)
                await asyncio.sleep(wait)
            pace.started(time.monotonic())
            return await self._download(request, host)

    async def _download(self, request: Request, host: str) -> Response:
        pace, seen, began = self.paces.of(host), self.paces.seen, time.monotonic()
        try:
            response: Response = await super().download_request(request)
        except Exception as error:
            refusal = self._refusal(host)
            seen.failed(host, fault_of_failure(error).outcome if refusal is None else Outcome.ADDRESS_REFUSED)
            if refusal is not None:
                raise Refused(Outcome.ADDRESS_REFUSED, refusal) from None
            pace.ended(failed=True)
            raise
        is_robots = bool(request.meta.get("watchfloor_robots"))
        seen.answered(host, response.status, seconds=time.monotonic() - began, is_robots=is_robots)
        pace.ended(failed=response.status >= 500)
        # Here, while the host's turn is still ours: the next request must not start before it knows.
        header = response.headers.get("Retry-After")
        most_s = self.settings.politeness.max_retry_after_s
        told = header.decode("latin-1") if header else None
        wait = hold_asked_s(response.status, told, now=datetime.now(UTC), most_s=most_s)
        if wait is not None:
            pace.hold(time.monotonic(), wait)
        return response

    def _guard(self, host: str, url: str) -> None:
        """Refuse a literal address before anything is opened; names are judged by the resolver."""
        literal = host.strip("[]")
        if literal in self.settings.private_hosts:
            return
        reason = why_refused(literal)
        if reason is not None and reason != "not an IP address":
            raise Refused(Outcome.ADDRESS_REFUSED, f"{url[:200]}: {literal} is an address that is {reason}.")

    def _refusal(self, host: str) -> str | None:
        from twisted.internet import reactor

        refusals: dict[str, str] = getattr(getattr(reactor, "nameResolver", None), "refusals", {})
        return refusals.get(host.rstrip("."))


def paces_of(crawler: Crawler) -> Paces:
    """Return the paces of a crawler, made on first need and kept on it: handlers and middlewares share them."""
    paces = getattr(crawler, "watchfloor_paces", None)
    if not isinstance(paces, Paces):
        paces = Paces(crawler.settings["WATCHFLOOR_SETTINGS"], crawler.settings["WATCHFLOOR_SPEC"])
        crawler.watchfloor_paces = paces  # type: ignore[attr-defined]
    return paces
