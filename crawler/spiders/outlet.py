"""OutletSpider: runs any outlet file. Asks what the frontier hands out, and turns each answer into one value.

It decides nothing about the archive and writes nothing: the pipeline takes the answers in. Where an outlet's rules end,
a Python file of the outlet's name subclasses it and overrides the class methods of OutletCode: how a page is read, how
a list is read, what is sent with a request. docs/adding-an-outlet.md has an example of each.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from config.errors import ConfigurationError, UsageError, WatchfloorError
from config.settings import Settings
from crawler.answers import Answer, OldAddress
from crawler.frontier import Ask
from crawler.intake import Reading
from crawler.network.handler import paces_of
from crawler.network.outcomes import fault_of_failure, fault_of_response
from crawler.network.settings import scrapy_settings
from crawler.orders import Limits, Order
from crawler.outlet_code import OutletCode, checked_headers
from crawler.readers import Readers
from crawler.session import RunSession
from crawler.verdict import Ending
from index.errors import DATABASE_LOST
from index.outcomes import Outcome
from index.records import Page
from index.urls import url_key

log = logging.getLogger(__name__)

SETTINGS_KEY = "WATCHFLOOR_SETTINGS"
"""Where the frozen Settings travel inside Scrapy's settings."""

KEPT_ASIDE = "watchfloor_kept_aside"
"""Marks a request whose answer goes into the WARC file without being an answer to an ask: the address of a twin."""

WINDOW_PER_HOST = 3
"""Asks of a host under way at once: one at the server, one waiting for its turn, one being read and stored."""

Tell = Callable[[dict[str, Any]], None]


class OutletSpider(OutletCode, Spider):
    """The spider of an outlet file. `spec` is set by the loader, `session` by the pipeline when it opens the run."""

    name = "outlet"
    fault: ClassVar[WatchfloorError | None] = None
    """Set by the loader where the outlet's own Python cannot be used; such a spider does not start."""

    def __init__(
        self,
        name: str | None = None,
        *,
        order: Order | None = None,
        tell: Tell | None = None,
        limit: str | None = None,
        url: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Take the order of a run, or (from the scrapy command) -a limit=N and -a url=URL."""
        super().__init__(name, **kwargs)
        self.order = order
        self.tell = tell
        self.session: RunSession | None = None
        self.trouble: WatchfloorError | None = self.fault
        self._limits = Limits()
        if limit is not None:
            if limit.isascii() and limit.isdigit() and int(limit) > 0:
                self._limits = Limits(pages=int(limit))
            else:
                self.trouble = UsageError(f"limit: must be a whole number of 1 or more, not {limit[:40]!r}.")
        self._url = url
        self._in_flight = 0
        self._sources_in_flight = 0
        self._answered = asyncio.Event()
        self._readers = Readers(most=1, max_page_s=1.0)  # until from_crawler knows the settings

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> OutletSpider:
        """Make the spider; without an order the settings of the scrapy command become one."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        if not isinstance(spider, OutletSpider):
            raise TypeError(f"{cls.__name__} is not an OutletSpider")
        if spider.order is None:
            settings = crawler.settings[SETTINGS_KEY]
            spider.order = Order(settings, cls.spec.name, spider._limits, url=spider._url)
        ours = spider.order.settings.crawler
        spider._readers = Readers(most=ours.readers, max_page_s=ours.max_page_s)
        crawler.signals.connect(spider._end_readers, signals.engine_stopped)
        return spider

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Lay the guards and the pace of this outlet over the project's settings, whoever starts the spider."""
        super().update_settings(settings)
        ours: Settings = settings[SETTINGS_KEY]
        settings.update(scrapy_settings(ours, cls.spec, replay=settings["WATCHFLOOR_REPLAY"]), priority="spider")

    async def start(self) -> AsyncIterator[Request]:
        """Yield one request for each ask of the frontier, a few under way at a time, until it has none."""
        frontier = self._run.frontier
        paces = paces_of(self.crawler)
        if self._run.asked_last_at is not None:
            paces.asked_last = time.monotonic() - max(0.0, (_now() - self._run.asked_last_at).total_seconds())
        window = min(WINDOW_PER_HOST * len(self.spec.all_hosts), self.settings.getint("CONCURRENT_REQUESTS"))
        while True:
            self._answered.clear()
            broken = [host for host, pace in paces.hosts.items() if pace.broken]
            if broken and len(broken) == len(paces.hosts):
                frontier.stop(
                    Ending("partial", f"{broken[0]} failed too often in a row; the rest waits for the next run.")
                )
            try:
                ask = frontier.next_ask(now=_now(), sources_pending=self._sources_in_flight > 0)
            except DATABASE_LOST as error:
                self._run.lose(error)
                continue
            if ask is not None:
                try:
                    request = self.request_for(ask)
                except Exception as error:  # noqa: BLE001 - headers_for is the outlet's own code
                    frontier.stop(Ending("partial", self._told_of_headers(error)))
                    continue
                self._in_flight += 1
                self._sources_in_flight += ask.source is not None
                yield request
            elif not self._in_flight:
                return
            if ask is None or self._in_flight >= window:
                await self._answered.wait()

    def answered(self, answer: Answer) -> None:
        """Note that an ask has ended, so that the next may start. The pipeline calls it once for each answer."""
        self._in_flight -= 1
        self._sources_in_flight -= answer.ask.source is not None
        self._answered.set()

    def request_for(self, ask: Ask) -> Request:
        """Make the request for an ask, conditional where we hold the page."""
        headers = checked_headers(type(self), ask.url, now=_now())
        if ask.etag:
            headers["If-None-Match"] = ask.etag
        if ask.last_modified:
            headers["If-Modified-Since"] = ask.last_modified
        return Request(
            ask.url,
            callback=self.parse_answer,
            errback=self.parse_failure,
            headers=headers,
            dont_filter=True,
            cb_kwargs={"ask": ask},
        )

    async def parse_answer(self, response: Response, ask: Ask) -> AsyncIterator[Answer]:
        """Turn a response into the answer to its ask; exactly one, whatever happens."""
        try:
            yield await self._answer(response, ask)
        except DATABASE_LOST as error:
            yield Answer(ask, lost=error)
        except Exception as error:
            log.exception("answer not understood", extra={"url": ask.url, "outlet": self.name})
            yield Answer(ask, outcome=Outcome.EXTRACTION_FAILED, detail=f"{type(error).__name__}: {error}"[:300])

    def parse_failure(self, failure: Failure) -> Answer:
        """Turn a request that got no response into the answer to its ask."""
        request: Request = vars(failure)["request"]  # Scrapy puts it there: the last one of a chain of redirects
        ask: Ask = request.cb_kwargs["ask"]
        if isinstance(failure.value, DATABASE_LOST):
            return Answer(ask, lost=failure.value)
        fault = fault_of_failure(failure)
        led_to = request.url if request.url != ask.url else ""
        return Answer(ask, outcome=fault.outcome, detail=fault.detail, retry_at=fault.retry_at, led_to=led_to)

    def _told_of_headers(self, error: Exception) -> str:
        if isinstance(error, ConfigurationError):
            return str(error)
        return f"{self.name}: headers_for raised {type(error).__name__}: {error}"[:500]

    async def _read(self, page: Page) -> Reading:
        """Read a page beside the crawl, by the outlet's own Python where it has some."""
        intake = self._run.intake
        name, spec = intake.rules_for(page, outlet=self.name)
        recurring = intake.recurring_for(page, outlet=name)
        extraction = await self._readers.read(page, spec=spec, outlet=name, recurring=recurring)
        return Reading(page, name, spec, extraction)

    def _end_readers(self) -> None:
        self._readers.close()

    @property
    def _run(self) -> RunSession:
        if self.session is None:
            raise RuntimeError("the pipeline opens the run before the spider starts")
        return self.session

    async def _answer(self, response: Response, ask: Ask) -> Answer:
        page = page_of(response, asked=ask.url)
        hops = hops_of(response)
        fault = fault_of_response(response)
        if fault is not None:
            if fault.outcome is Outcome.NOT_MODIFIED and not _is_conditional(response.request):
                detail = "HTTP 304, although nothing was said of what we hold: there is no page in it."
                return Answer(ask, outcome=Outcome.SERVER_ERROR, detail=detail)
            kept = None if fault.outcome is Outcome.NOT_MODIFIED else page
            return Answer(ask, kept, outcome=fault.outcome, detail=fault.detail, retry_at=fault.retry_at, hops=hops)
        if not self.spec.owns(page.url):
            detail = f"Redirects to {page.url}, which is not of this outlet; not taken."
            return Answer(ask, outcome=Outcome.NOT_ARTICLE, detail=detail)
        if ask.source is not None:
            return Answer(ask, page, hops=hops)
        reading = await self._read(page)
        return Answer(ask, page, reading, hops=hops, old=await self._old_address(reading))

    async def _old_address(self, reading: Reading) -> OldAddress | None:
        """Ask the address where an article with this very text is held: has it moved here, or are there two?"""
        twin = self._run.twin_to_ask(reading)
        if twin is None:
            return None
        article_id, url = twin
        self._run.frontier.asked += 1
        try:
            headers = checked_headers(type(self), url, now=_now())
            request = Request(url, headers=headers, dont_filter=True, meta={KEPT_ASIDE: True})
            response = await self.crawler.engine.download_async(request)
        except DATABASE_LOST:
            raise
        except Exception as error:
            unreached = fault_of_failure(error)
            if unreached.outcome is not Outcome.NOT_IN_ARCHIVE:
                log.warning("old address not reached", extra={"url": url, "outcome": unreached.outcome}, exc_info=True)
            return OldAddress(article_id, url, unreached.outcome, unreached.detail)
        fault = fault_of_response(response)
        if fault is not None:
            return OldAddress(article_id, url, fault.outcome, fault.detail)
        if url_key(response.url) == url_key(reading.page.url):
            return OldAddress(article_id, url, Outcome.MOVED, f"Leads to {reading.page.url}.")
        return OldAddress(article_id, url, Outcome.UNCHANGED, f"Answers still; {reading.page.url} has the same text.")


def _is_conditional(request: Request | None) -> bool:
    return request is not None and any(name in request.headers for name in ("If-None-Match", "If-Modified-Since"))


def page_of(response: Response, *, asked: str) -> Page:
    """Make the value that leaves Scrapy's world. A replayed page keeps the instant it was fetched at."""
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    )
    return Page(
        url=response.url,
        body=response.body,
        fetched_at=response.meta.get("watchfloor_fetched_at") or _now(),
        requested_url=asked if asked != response.url else "",
        via=tuple(url for url in response.meta.get("redirect_urls", []) if url not in (asked, response.url)),
        status=response.status,
        content_type=_header(response, "Content-Type") or "",
        headers=headers,
        etag=_header(response, "ETag"),
        last_modified=_header(response, "Last-Modified"),
    )


def hops_of(response: Response) -> tuple[tuple[str, int], ...]:
    """Return the redirects that led to a response, as (address, status), in order."""
    urls = response.meta.get("redirect_urls", [])
    reasons = response.meta.get("redirect_reasons", [])
    return tuple((url, reason if isinstance(reason, int) else 302) for url, reason in zip(urls, reasons, strict=False))


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return None if value is None else value.decode("latin-1")


def _now() -> datetime:
    return datetime.now(UTC)
