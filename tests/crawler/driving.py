"""Drives a RunSession over a LoopbackOutlet's pages without Scrapy, processes or sockets: one call is one run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from config.settings import Settings
from crawler.answers import Answer, OldAddress
from crawler.network.outcomes import Fault, fault_of_status
from crawler.orders import Limits, Order, RunReport
from crawler.session import RunSession
from index.outcomes import Outcome
from index.records import Page, StoredArticle
from index.store import Store
from index.store.articles import article_by_url
from index.urls import url_key
from tests.loopback_outlet import HOME, HOST, LoopbackOutlet
from tests.loopback_outlet import Answer as Served

Fetched = tuple[Page, tuple[tuple[str, int], ...]]


class Driver:
    """Runs crawls one after another on its own clock. `faults` says which addresses give no answer, and why."""

    def __init__(self, outlet: LoopbackOutlet, settings: Settings) -> None:
        self.outlet = outlet
        self.settings = settings
        self.now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
        self.faults: dict[str, Fault] = {}
        self.asked: list[str] = []
        self.stop_after: Callable[[int], bool] = lambda _count: False
        self.tick = timedelta(0)
        self.close_reason = "finished"

    def crawl(self, limits: Limits | None = None, *, url: str | None = None, check: tuple[str, ...] = ()) -> RunReport:
        """Run once and return the report; the clock moves on by an hour."""
        self.asked = []
        order = Order(self.settings, "harbour", limits or Limits(), url=url, check=check)
        session = RunSession.open(order, now=self.now)
        while (ask := session.frontier.next_ask(now=self.now, sources_pending=False)) is not None:
            session.take_answer(self._answer(session, ask), now=self.now)
            self.now += self.tick
            if self.stop_after(len(self.asked)):
                break
        report = session.finish(self.close_reason, now=self.now)
        self.now += timedelta(hours=1)
        return report

    def _answer(self, session: RunSession, ask: object) -> Answer:
        from crawler.frontier import Ask

        assert isinstance(ask, Ask)
        if ask.url in self.faults:
            fault = self.faults[ask.url]
            self.asked.append(ask.url)
            return Answer(ask, outcome=fault.outcome, detail=fault.detail, retry_at=fault.retry_at)
        page, hops = self._fetch(ask.url, etag=ask.etag)
        fault_or_none = fault_of_status(page.status)
        if fault_or_none is not None:
            kept = None if fault_or_none.outcome is Outcome.NOT_MODIFIED else page
            return Answer(ask, kept, outcome=fault_or_none.outcome, detail=fault_or_none.detail, hops=hops)
        if urlsplit(page.url).hostname != HOST:
            return Answer(ask, outcome=Outcome.NOT_ARTICLE, detail="Leads elsewhere.", led_to=page.url)
        if ask.source is not None:
            return Answer(ask, page, hops=hops)
        reading = session.intake.read_page(page)
        twin = session.twin_to_ask(reading)
        old = None
        if twin is not None:
            there, _ = self._fetch(twin[1])
            outcome = Outcome.GONE if there.status == 404 else Outcome.UNCHANGED
            if url_key(there.url) == url_key(page.url):
                outcome = Outcome.MOVED
            old = OldAddress(*twin, outcome, "")
        return Answer(ask, page, reading, hops=hops, old=old)

    def _fetch(self, url: str, *, etag: str | None = None) -> Fetched:
        """Look a page up, following redirects inside the outlet; the body itself serves as its ETag."""
        hops: list[tuple[str, int]] = []
        here = url
        while True:
            self.asked.append(here)
            parts = urlsplit(here)
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            served = self.outlet.pages.get(path, Served(b"Nothing here.", 404, "text/plain", etag=False))
            target = dict(served.headers).get("Location")
            if target is None:
                break
            hops.append((here, served.status))
            here = target
            if urlsplit(here).hostname != HOST:
                break
        tag = str(hash(served.body))
        status = 304 if served.etag and etag == tag else served.status
        page = Page(
            here,
            served.body,
            self.now,
            requested_url=url if here != url else "",
            via=tuple(hop for hop, _ in hops[1:]),
            status=200 if target is not None else status,
            content_type=served.content_type,
            etag=tag if served.etag else None,
        )
        return page, tuple(hops)


def link_to(*names: str) -> str:
    """Paragraphs that link to articles of the outlet by name."""
    return "".join(f'<p>See <a href="{HOME}/news/{name}">the report on {name}</a> as well.</p>' for name in names)


def held(store: Store, url: str) -> StoredArticle:
    """The article the archive holds at an address."""
    with store.read() as tx:
        found = article_by_url(tx, url)
    assert found is not None
    return found
