"""The download handler: the last door before the network. Here the pace is kept and the guard's refusals get a name.

Everything passes: pages, feeds, robots.txt, redirects, retries. So the gap between two requests to a host holds,
whatever asked for them.
"""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from config.addresses import why_refused
from config.counting import counted
from config.errors import WatchfloorError
from config.settings import Settings
from crawler.network.outcomes import Refused, fault_of_failure
from crawler.network.pace import HostPace, Paces
from crawler.network.retry_after import hold_asked_s, wait_asked_s
from index.host_records import Rest
from index.outcomes import Outcome

log = logging.getLogger(__name__)
REQUESTS = "crawler.requests"
asked = logging.getLogger(REQUESTS)
"""One line for each request, for the log file of a run alone: on a terminal they would hide all else."""


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
            waited_s = await self._wait(host, pace)
            started = time.monotonic()
            pace.started(started)
            self.paces.tally.of(host).started(at=datetime.now(UTC), clock=started, waited_s=waited_s)
            return await self._download(request, host, waited_s)

    async def _wait(self, host: str, pace: HostPace) -> float:
        """Wait until the host may be asked, by this process and by the clock all share; return for how many seconds."""
        limit = self.settings.politeness.max_wait_in_run_s
        waited_s = 0.0
        while True:
            while (wait := pace.wait_s(time.monotonic())) > 0:
                if wait > max(limit, pace.gap_s):
                    # A server that asks for hours is obeyed by going away, not by a run that lasts for hours.
                    until = datetime.now(UTC) + timedelta(seconds=wait)
                    raise Refused(Outcome.RATE_LIMITED, f"{host} asks to wait {wait:.0f} s.", retry_at=until)
                await asyncio.sleep(wait)
                waited_s += wait
            others = self.paces.take(host)  # without a database nothing is asked, and the run ends
            if others <= 0:
                return waited_s
            pace.hold(time.monotonic(), others)

    async def _download(self, request: Request, host: str, waited_s: float) -> Response:
        pace, tally = self.paces.of(host), self.paces.tally.of(host)
        started = time.monotonic()
        try:
            response: Response = await super().download_request(request)
        except Exception as error:
            refusal = self._refusal(host)
            now, fault = datetime.now(UTC), fault_of_failure(error)
            tally.not_answered(fault.outcome if refusal is None else Outcome.ADDRESS_REFUSED)
            if refusal is not None:
                raise Refused(Outcome.ADDRESS_REFUSED, refusal) from None
            if fault.outcome is Outcome.TLS_FAILED:
                tally.tls_failed(at=now, detail=fault.detail)
            tally.answered(at=now, status=None, seconds=time.monotonic() - started, failed=True)
            self._ended(host, failed=True, how=fault.detail)
            asked.info(
                "asked", extra={"url": request.url, "outcome": fault.outcome.value, "waited_s": f"{waited_s:.2f}"}
            )
            raise
        now, seconds, failed = datetime.now(UTC), time.monotonic() - started, response.status >= 500
        is_robots = bool(request.meta.get("watchfloor_robots"))
        tally.answered(at=now, status=response.status, seconds=seconds, failed=failed, is_robots=is_robots)
        self._ended(host, failed=failed, how=f"HTTP {response.status}")
        told = {"url": request.url, "status": response.status, "bytes": len(response.body), "seconds": f"{seconds:.2f}"}
        asked.info("asked", extra={**told, "waited_s": f"{waited_s:.2f}"})
        # Here, while the host's turn is still ours: the next request must not start before it knows.
        self._obey_wish(response, host, pace, now)
        return response

    def _obey_wish(self, response: Response, host: str, pace: HostPace, now: datetime) -> None:
        """Leave the host alone as long as the answer asks, in all processes; after "too fast" ask it half as often."""
        header = response.headers.get("Retry-After")
        politeness = self.settings.politeness
        told = header.decode("latin-1") if header else None
        wait = hold_asked_s(response.status, told, now=now, most_s=politeness.max_retry_after_s)
        if response.status == HTTPStatus.TOO_MANY_REQUESTS:
            pace.slow_down(politeness.max_crawl_delay_s)
            self.paces.tally.of(host).slowed_at = now
        if wait is None:
            return
        pace.hold(time.monotonic(), wait)
        why = f"HTTP {response.status}" + (f", Retry-After: {told[:60]}" if told else " without Retry-After")
        log.info("host asks for a rest", extra={"host": host, "why": why, "seconds": f"{wait:.0f}"})
        if self.paces.shared is None or wait <= 0:
            return
        try:
            self.paces.shared.hold(host, Rest(now + timedelta(seconds=wait), why, now))
        except WatchfloorError as error:
            log.warning("rest of a host not kept: %s", error, extra={"host": host})

    def _ended(self, host: str, *, failed: bool, how: str) -> None:
        """Note how a request ended, and when the host was given up for this run."""
        pace, was_broken = self.paces.of(host), self.paces.of(host).broken
        pace.ended(failed=failed)
        if pace.broken and not was_broken:
            tally = self.paces.tally.of(host)
            tally.breaker_since = datetime.now(UTC)
            tally.breaker_why = f"{counted(pace.failures, 'failure')} in a row, the last: {how}"
            log.warning("host is left alone", extra={"host": host, "why": tally.breaker_why})

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
