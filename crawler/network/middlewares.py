"""The downloader middlewares of every spider: what may be asked (URL rules, robots.txt), and Retry-After."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from config.outlets import OutletSpec
from config.settings import Settings
from crawler.network.handler import paces_of, wait_of
from crawler.network.outcomes import Refused, fault_of_failure
from crawler.network.robots import Robots, robots_of_answer, robots_unreachable
from index.errors import DATABASE_LOST
from index.host_records import DelayRule
from index.outcomes import Outcome

log = logging.getLogger(__name__)

ROBOTS_PRIORITY = 1000
MAX_WAITS = 2


class MayBeAsked:
    """Lets a request through only when its URL, its host and its robots.txt allow it. Redirects come here too."""

    def __init__(self, crawler: Crawler) -> None:
        """Take the outlet and the settings."""
        self.crawler = crawler
        self.settings: Settings = crawler.settings["WATCHFLOOR_SETTINGS"]
        self.spec: OutletSpec | None = crawler.settings["WATCHFLOOR_SPEC"]
        self.user_agent: str = crawler.settings["USER_AGENT"]
        self.replaying = bool(crawler.settings["WATCHFLOOR_REPLAY"])
        self.paces = paces_of(crawler)
        self.robots: dict[str, asyncio.Future[Robots]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> MayBeAsked:
        """Make the middleware."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raise Refused, with its outcome, for what must not be asked."""
        self._check_url(request)
        if request.meta.get("watchfloor_robots"):
            return
        robots = await self._robots_of(request)
        denied = robots.why_denied(request.url, self.user_agent)
        if denied is not None:
            outcome = robots.outcome if robots.unreadable else Outcome.ROBOTS_DENIED
            raise Refused(outcome, denied, retry_at=robots.retry_at)
        self._keep_crawl_delay(request, robots)
        if request.meta.get("redirect_urls"):
            # They are of the address that was asked for; another one with the same ETag would hide that it moved.
            for name in ("If-None-Match", "If-Modified-Since"):
                request.headers.pop(name, None)

    def _check_url(self, request: Request) -> None:
        parts = urlsplit(request.url)
        came_from = (request.meta.get("redirect_urls") or [""])[-1]
        told = f"{came_from} redirects to {request.url}" if came_from else request.url
        if parts.scheme not in ("http", "https"):
            raise Refused(Outcome.SCHEME_REFUSED, f"{told[:300]}: only http and https are asked.")
        # The rules of a host may lie on another one (RFC 9309 section 2.3.1.2); nothing but rules is read there.
        elsewhere = self.spec is not None and not self.spec.owns(request.url)
        if elsewhere and not request.meta.get("watchfloor_robots"):
            raise Refused(Outcome.NOT_ARTICLE, f"{told[:300]}, which is not of this outlet; not asked for.")
        try:
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            port = 0
        allowed = {*self.settings.network.ports, *(self.spec.ports if self.spec is not None else ())}
        if port not in allowed:
            raise Refused(Outcome.ADDRESS_REFUSED, f"{told[:300]}: port {port} is not among those that may be asked.")

    def _keep_crawl_delay(self, request: Request, robots: Robots) -> None:
        delay = robots.crawl_delay_s(self.user_agent)
        host = (urlsplit(request.url).hostname or "").lower()
        limit = self.settings.politeness.max_crawl_delay_s
        if delay > limit:
            detail = f"robots.txt of {host} asks for {delay:.0f} s between requests; the limit is {limit:.0f} s."
            raise Refused(Outcome.ROBOTS_DENIED, detail)
        self.paces.of(host).keep_apart(delay, DelayRule.CRAWL_DELAY)

    async def _robots_of(self, request: Request) -> Robots:
        """Return the rules of the request's host, fetched once per run through the same guards and the same pace."""
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self.robots:
            self.robots[origin] = asyncio.get_running_loop().create_future()
            try:
                robots = await self._fetch(origin)
            except DATABASE_LOST as error:
                self._give_up(self.robots.pop(origin), error)
                raise
            delay = robots.crawl_delay_s(self.user_agent)
            self.paces.tally.take_robots(origin, robots, crawl_delay_s=delay, at=datetime.now(UTC))
            self.robots[origin].set_result(robots)
        return await self.robots[origin]

    def _give_up(self, awaited: asyncio.Future[Robots], error: Exception) -> None:
        """Tell those who wait for the same rules that nobody asked for them, which says nothing of the host."""
        awaited.set_exception(error)
        awaited.exception()  # seen, also where nobody waits

    async def _fetch(self, origin: str) -> Robots:
        if self.crawler.engine is None:
            raise RuntimeError("robots.txt is asked for only while a crawl runs")
        request = Request(
            f"{origin}/robots.txt",
            priority=ROBOTS_PRIORITY,
            callback=NO_CALLBACK,
            meta={"watchfloor_robots": True, "handle_httpstatus_list": [500, 502, 503, 504, 429]},
            dont_filter=True,
        )
        try:
            response = await self.crawler.engine.download_async(request)
        except DATABASE_LOST:
            raise
        except Exception as error:  # noqa: BLE001 - whatever happened has an outcome, and forbids asking
            fault = fault_of_failure(error)
            log.warning("robots.txt not fetched", extra={"origin": origin, "outcome": fault.outcome})
            if self.replaying and fault.outcome is Outcome.NOT_IN_ARCHIVE:
                return Robots()
            return robots_unreachable(fault.outcome, fault.detail, retry_at=fault.retry_at)
        politeness = self.settings.politeness
        now = datetime.now(UTC)
        wait = wait_of(response, now=now, most_s=politeness.max_retry_after_s)
        retry_at = None if wait is None else now + timedelta(seconds=wait)
        max_bytes = politeness.max_robots_bytes
        return robots_of_answer(response.status, response.body, max_bytes=max_bytes, retry_at=retry_at)


class RetryAfter:
    """Obeys Retry-After: a short wait is waited for, a long one leaves the lead for a later run, with the instant."""

    def __init__(self, crawler: Crawler) -> None:
        """Take the settings."""
        self.settings: Settings = crawler.settings["WATCHFLOOR_SETTINGS"]
        self.paces = paces_of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RetryAfter:
        """Make the middleware."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Repeat the request, or raise Refused(rate_limited) when the wait is too long; the handler holds the host."""
        now = datetime.now(UTC)
        seconds = wait_of(response, now=now, most_s=self.settings.politeness.max_retry_after_s)
        if seconds is None or request.meta.get("watchfloor_robots"):
            return response
        host = (urlsplit(request.url).hostname or "").lower()
        waits = request.meta.get("watchfloor_waits", 0)
        if seconds > self.settings.politeness.max_wait_in_run_s or waits >= MAX_WAITS:
            detail = f"HTTP {response.status}: {host} asks to wait {seconds:.0f} s."
            raise Refused(Outcome.RATE_LIMITED, detail, retry_at=now + timedelta(seconds=seconds))
        again = request.copy()
        again.dont_filter = True
        again.meta["watchfloor_waits"] = waits + 1
        again.priority = request.priority + 1
        return again
