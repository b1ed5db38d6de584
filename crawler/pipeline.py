"""The only Scrapy component that writes: opens the run, takes each answer in, ends the run.

What is written, and how, is the session's business; this is the plug it hangs on.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.internet.task import LoopingCall

from config.errors import WatchfloorError
from crawler.answers import Answer
from crawler.network.handler import paces_of
from crawler.orders import Progress
from crawler.session import RunSession
from crawler.spiders.outlet import KEPT_ASIDE, OutletSpider, hops_of, page_of
from crawler.verdict import Ending

log = logging.getLogger(__name__)

PROGRESS_EVERY_S = 1.0
BEAT_EVERY_S = 5.0


class ArchivePipeline:
    """Takes the answers of an OutletSpider into the archive, one transaction each."""

    def __init__(self, crawler: Crawler) -> None:
        """Remember whose pipeline this is; nothing is opened yet."""
        self.crawler = crawler
        self.session: RunSession | None = None
        self.loops: list[LoopingCall] = []
        self.told = Progress()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ArchivePipeline:
        """Make the pipeline and listen for the end of the spider, whose reason is the run's."""
        pipeline = cls(crawler)
        crawler.signals.connect(pipeline.end_run, signals.spider_closed)
        crawler.signals.connect(pipeline.keep_aside, signals.response_received)
        return pipeline

    @property
    def spider(self) -> OutletSpider:
        """The spider of this crawl."""
        spider = self.crawler.spider
        if not isinstance(spider, OutletSpider):
            raise TypeError(f"{spider!r} is not an OutletSpider; only outlets can be crawled here")
        return spider

    def open_spider(self) -> None:
        """Open the run. One that cannot start closes the spider before its first request."""
        spider = self.spider
        if spider.order is None:
            raise ValueError(f"{spider.name}: a spider needs an order")
        try:
            if spider.trouble is not None:
                raise spider.trouble
            self.session = spider.session = RunSession.open(spider.order, now=_now())
        except WatchfloorError as error:
            spider.trouble = error
            log.warning("run not started: %s", error, extra={"outlet": spider.name})
            raise CloseSpider("not_started") from error
        paces = paces_of(self.crawler)
        self.session.observing.network = paces.tally
        if self.session.order.replay is None:
            self.session.hosts.watch(paces)
        self._tell({"run_id": self.session.run_id})
        self._every(PROGRESS_EVERY_S, self._report_progress)
        self._every(BEAT_EVERY_S, self._beat)

    def process_item(self, item: Any) -> Any:
        """Take one answer in. What cannot be stored ends the run rather than pass unseen."""
        if not isinstance(item, Answer) or self.session is None:
            return item
        try:
            self.session.take_answer(item, now=_now())
        except Exception as error:
            log.exception("answer not stored", extra={"url": item.ask.url, "outlet": self.spider.name})
            cause = f"{item.ask.url} could not be stored ({type(error).__name__}: {error})."
            self.session.frontier.stop(Ending("killed", cause[:500]))
        finally:
            self.spider.answered(item)
        return item

    def keep_aside(self, response: Response, request: Request) -> None:
        """Keep robots.txt and the like in the WARC file: they are no answers to an ask, but a replay needs them."""
        aside = request.meta.get(KEPT_ASIDE) or request.meta.get("watchfloor_robots")
        if aside and self.session is not None and response.status != 304:
            first = next(iter(request.meta.get("redirect_urls", [])), request.url)
            self.session.keep(page_of(response, asked=first), hops_of(response))

    def end_run(self, spider: Spider, reason: str) -> None:
        """End the run with the reason the spider was closed for. What the database does not take is tried once more."""
        for loop in self.loops:
            if loop.running:
                loop.stop()
        self.loops.clear()
        if self.session is None:
            return
        try:
            report = self.session.finish(reason, now=_now())
        except WatchfloorError as error:
            log.warning("run not ended yet: %s", error, extra={"outlet": self.spider.name})
            return
        self._tell({"report": report.to_json()})

    def _every(self, seconds: float, act: Any) -> None:
        loop = LoopingCall(act)
        loop.start(seconds, now=False)
        self.loops.append(loop)

    def _beat(self) -> None:
        if self.session is not None:
            try:
                self.session.keep_going(now=_now())
            except WatchfloorError as error:
                log.warning("no beat", extra={"outlet": self.spider.name, "cause": error})
            except Exception:  # the loop would end with it, and the next worker take a live run for dead
                log.exception("no beat", extra={"outlet": self.spider.name})

    def _report_progress(self) -> None:
        """Tell the parent how far the run is, which is a sign of life: without a database too."""
        if self.session is None:
            return
        try:
            self.told = self.session.progress()
        except Exception as error:  # noqa: BLE001 - the beat tells it, and a silent crawl would be taken for hung
            log.debug("progress not known", extra={"outlet": self.spider.name, "cause": error})
        self._tell({"progress": asdict(self.told)})

    def _tell(self, message: dict[str, Any]) -> None:
        if self.spider.tell is not None:
            self.spider.tell(message)


def _now() -> datetime:
    return datetime.now(UTC)
