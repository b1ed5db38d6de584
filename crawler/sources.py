"""Answers of feeds, sitemaps and listings into leads. What a source is and how it ended is recorded like any URL."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime

from config.counting import counted
from config.outlets import OutletSpec
from crawler.discover.found import Found, SourceKind
from crawler.frontier import MAX_SITEMAP_NESTING, MAX_SOURCES, Ask, Frontier
from crawler.intake import Intake
from crawler.observing import Observing
from crawler.reading import read_source
from index.archive import Archive
from index.errors import ArchiveFileError
from index.outcomes import Outcome
from index.records import Page
from index.store.pages import latest_page, page_seen_again, save_page
from index.urls import host_of

log = logging.getLogger(__name__)


def is_of_source(url: str, detail: str, spec: OutletSpec | None) -> bool:
    """Say whether an address is a source of an outlet: its file lists it, or a run said so in the outcome's detail."""
    listed = spec is not None and url in (*spec.leads.feeds, *spec.leads.sitemaps, *spec.leads.listings)
    return listed or detail.startswith(tuple(f"{what} {kind}:" for kind in SourceKind for what in ("A", "No")))


@dataclass(slots=True)
class SourceReader:
    """Takes the answers of an outlet's sources in. `faults` says in words which of them failed."""

    intake: Intake
    frontier: Frontier
    archive: Archive
    observing: Observing = field(default_factory=Observing)
    faults: list[str] = field(default_factory=list)

    def take(self, ask: Ask, *, page: Page | None, outcome: Outcome | None, detail: str, now: datetime) -> None:
        """Store a source's page, then add its leads; a 304 reads the copy held once more.

        The copy is read because a list that did not change may still hold leads that a budget or a kill cut, and
        articles whose time to be asked again has come.
        """
        if outcome is Outcome.NOT_MODIFIED:
            self._take_again(ask, now)
        elif outcome is not None or page is None:
            self._fail(ask, outcome or Outcome.EXTRACTION_FAILED, detail, now)
        else:
            self._take_fresh(ask, page, now)

    def _take_fresh(self, ask: Ask, page: Page, now: datetime) -> None:
        found = self._read(ask, page)
        with self.intake.store.read() as tx:
            held = latest_page(tx, page.url)
            keep = not self.intake.repeats_taken_down(tx, [lead.url for lead in found.leads if lead.title])
        digest = hashlib.sha256(page.body).hexdigest()
        same = held is not None and held.digest == digest and (held.warc is not None or not keep)
        position = self.intake.writer.append(page) if keep and not same else None
        # What is not kept cannot be read again after a 304: it is asked for without a condition.
        page = page if keep else replace(page, etag=None, last_modified=None)
        with self.intake.store.write() as tx:
            if same:
                page_seen_again(tx, page.url, page.fetched_at)
            else:
                save_page(tx, page, digest=digest, warc=position, run_id=self.intake.run_id)
        self._take_list(ask, found, Outcome.NOT_ARTICLE, now, unchanged=same)

    def _read(self, ask: Ask, page: Page) -> Found:
        if ask.source is None:
            raise ValueError(f"{ask.url}: is no source")
        return read_source(page, ask.source, spec=self.frontier.spec, max_page_s=self.intake.max_page_s)

    def _take_list(self, ask: Ask, found: Found, outcome: Outcome, now: datetime, *, unchanged: bool) -> None:
        """Add what a list holds; a fault of the list itself is its outcome, else `outcome`."""
        new, came = self.frontier.take_found(found.leads, now=now)
        foreign = self._why_foreign(found)
        if foreign:
            found = replace(found, outcome=Outcome.NOT_ARTICLE, detail=foreign)
            self.observing.source_failed(ask.listed or ask.url, Outcome.NOT_ARTICLE, foreign)
        else:
            self.observing.source_read(ask.listed or ask.url, found, fresh=new, unchanged=unchanged)
        end = self._queue_next(ask, found, new=new, now=now)
        told = " ".join(filter(None, (f"A {ask.source}: {came}", found.detail, end)))
        if found.outcome is not None and not found.leads:
            told = f"No {ask.source}: {found.detail}"
        with self.intake.store.write() as tx:
            self.intake.record_sources(tx, [(ask.url, found.outcome or outcome, told)], now=now)
        if found.outcome is not None:
            self.faults.append(f"{ask.url} ({found.outcome}: {found.detail})")
        self._queue_sitemaps(ask, found, now)

    def _why_foreign(self, found: Found) -> str:
        """Say that a list names addresses of other hosts alone, "" where it does not: its outlet may have moved.

        They are taken all the same: as leads of other outlets, or as wanted.
        """
        spec = self.frontier.spec
        if found.outcome is not None or not found.leads or any(spec.owns(lead.url) for lead in found.leads):
            return ""
        host, _ = Counter(host_of(lead.url) for lead in found.leads).most_common(1)[0]
        self.observing.led_elsewhere(host)
        many = counted(len(found.leads), "address", "addresses")
        return f"It names {many}, none of this outlet; most are of {host}."

    def _take_again(self, ask: Ask, now: datetime) -> None:
        with self.intake.store.read() as tx:
            held = latest_page(tx, ask.url)
        try:
            if held is None or held.warc is None:
                raise ArchiveFileError(f"{ask.url}: answered 304, but no copy is held.")
            page = self.archive.read(held.warc)
        except ArchiveFileError as error:
            # Without the copy a 304 tells nothing: ask once more, without a condition.
            log.warning("source copy unreadable", extra={"url": ask.url, "cause": error})
            self.frontier.ask_again(ask)
            return
        with self.intake.store.write() as tx:
            page_seen_again(tx, ask.url, now)
        self._take_list(ask, self._read(ask, page), Outcome.NOT_MODIFIED, now, unchanged=True)

    def _fail(self, ask: Ask, outcome: Outcome, detail: str, now: datetime) -> None:
        with self.intake.store.write() as tx:
            self.intake.record_sources(tx, [(ask.url, outcome, detail)], now=now)
        self.observing.source_failed(ask.listed or ask.url, outcome, detail)
        self.faults.append(f"{ask.url} ({outcome}{f': {detail}' if detail else ''})")

    def _queue_sitemaps(self, ask: Ask, found: Found, now: datetime) -> None:
        """Ask for the sitemaps an index names, on the outlet's own hosts and not too deep."""
        ours = [url for url in found.sitemaps if self.frontier.spec.owns(url)]
        if ask.nesting < MAX_SITEMAP_NESTING:
            too_many = self.frontier.add_sources(
                ours, kind=SourceKind.SITEMAP, nesting=ask.nesting + 1, listed=ask.listed or ask.url
            )
            detail = f"A run reads {MAX_SOURCES} sources, those changed last first."
            with self.intake.store.write() as tx:
                self.intake.record_sources(tx, [(url, Outcome.OVER_BUDGET, detail) for url in too_many], now=now)
            return
        deep = counted(ask.nesting + 1, "sitemap index", "sitemap indexes")
        detail = f"{deep} deep; the limit is {MAX_SITEMAP_NESTING}."
        with self.intake.store.write() as tx:
            self.intake.record_sources(tx, [(url, Outcome.TOO_DEEP, detail) for url in ours], now=now)

    def _queue_next(self, ask: Ask, found: Found, *, new: int, now: datetime) -> str:
        """Ask for the next page of a list that goes on; return why not in words, "" when it is asked for."""
        url, kind = found.next_page, ask.source
        if not url or kind is None:
            return ""
        if not self.frontier.spec.owns(url):
            return f"Its next page {url[:200]} is not of this outlet; not asked for."
        why, loss = self.frontier.why_list_ends(ask.list_page, new=new, now=now)
        onward = {"nesting": ask.nesting, "list_page": ask.list_page + 1}
        if not why and self.frontier.add_sources([url], kind=kind, listed=ask.listed or ask.url, **onward):
            why, loss = f"A run reads {MAX_SOURCES} sources.", Outcome.OVER_BUDGET
        if loss is not None:
            self.frontier.lists_cut += 1
            with self.intake.store.write() as tx:
                self.intake.record_sources(tx, [(url, loss, f"A {kind}: {why} It goes on here.")], now=now)
        return why
