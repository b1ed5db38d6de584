"""The one path of a page into the archive, for crawled and imported pages alike.

A page is read (pure), its bytes go to the WARC file (flushed), and then one transaction stores page, article, revision,
links, change, leads and the outcome. A kill in between loses nothing but the page in flight. Nothing is fetched here.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from config.outlets import OutletSpec
from crawler.identity import leads_from, leads_from_hub
from crawler.placing import Placed, place_article, reread_article
from crawler.reading import read_page
from index.archive import ArchiveWriter
from index.outcomes import Outcome
from index.records import Article, ArticleFlag, Extraction, Lead, Page, StoredPage
from index.recurring import NOTHING_RECURS, Recurrence
from index.store import Store, Transaction
from index.store.articles import article_by_url, save_article
from index.store.decisions import record_outcomes
from index.store.furniture import learn_furniture
from index.store.leads import add_leads, finish_lead
from index.store.outlets import outlet_of_host, provisional_outlet
from index.store.pages import latest_page, link_page_to_article, page_seen_again, pages_of_article, save_page
from index.store.recurring import blocks_of, learn_recurring
from index.store.removals import add_removals, forget_removal_at
from index.store.takedowns import taken_down_among
from index.urls import host_of, url_key

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """A page and what was read from it, before anything is stored. `outlet` is "" while nobody owns its host."""

    page: Page
    outlet: str
    spec: OutletSpec | None
    extraction: Extraction

    @property
    def article(self) -> Article | None:
        """The article that may be stored: none when the page was refused, the free beginning of a paid one is."""
        if self.extraction.outcome in (None, Outcome.PAYWALLED_STUB):
            return self.extraction.article
        return None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a page: its named outcome, the article it belongs to, the leads it gave."""

    url: str
    outcome: Outcome
    detail: str = ""
    article_id: int | None = None
    new_leads: int = 0
    over_budget: int = 0
    is_new: bool = False  # the article was not held before, a stub of a paid one too


@dataclass(slots=True)
class Intake:
    """Takes the pages of one run into the archive.

    `new_urls_left` is what is left of the run's budget of new leads (None: no limit). `history`: pages are captures
    of the past in any order (an import), so one that is already held, or older than the one held, changes nothing.
    `drop_recurring`: paragraphs an outlet repeats are left out of its texts, unless its file says no.
    """

    store: Store
    writer: ArchiveWriter
    specs: Mapping[str, OutletSpec]
    run_id: int
    new_urls_left: int | None = None
    history: bool = False
    max_page_s: float = 4.0
    drop_recurring: bool = True
    counts: Counter[str] = field(default_factory=Counter)
    outlets_with_news: set[str] = field(default_factory=set)
    source_endings: dict[str, Outcome] = field(default_factory=dict)  # by key of their address
    owners: dict[str, str] = field(init=False)
    _recurring: dict[str, Mapping[str, Recurrence]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.owners = {host: spec.name for spec in self.specs.values() for host in spec.all_hosts}

    def outlet_of(self, url: str) -> str | None:
        """Return the registered outlet whose host `url` is on."""
        return self.owners.get(host_of(url))

    def read_page(self, page: Page, *, outlet: str = "") -> Reading:
        """Read a page by the rules of the outlet that owns its host; `outlet` is used where nobody does.

        Never raises: an extractor that does ends as extraction_failed, with the cause in the log.
        """
        name, spec = self.rules_for(page, outlet=outlet)
        recurring = self.recurring_for(page, outlet=name)
        extraction = read_page(page, spec=spec, outlet=name, max_page_s=self.max_page_s, recurring=recurring)
        return Reading(page, name, spec, extraction)

    def rules_for(self, page: Page, *, outlet: str = "") -> tuple[str, OutletSpec | None]:
        """Return the name and the definition of the outlet by whose rules a page is read."""
        name = self.outlet_of(page.url) or outlet
        return name, self.specs.get(name)

    def recurring_for(self, page: Page, *, outlet: str) -> Mapping[str, Recurrence]:
        """Return the paragraphs that are left out of an outlet's texts, by key: those known when first asked for.

        So what a run leaves out does not depend on the order of its pages. A page on a host nobody registered is read
        by what is known of the provisional outlet that has it.
        """
        spec = self.specs.get(outlet)
        if not self.drop_recurring or (spec is not None and not spec.drop_recurring):
            return NOTHING_RECURS
        whose = outlet if spec is not None else host_of(page.url) or outlet
        if whose not in self._recurring:
            with self.store.read() as tx:
                name = outlet if spec is not None else outlet_of_host(tx, host_of(page.url)) or outlet
                self._recurring[whose] = {block.key: block.recurrence for block in blocks_of(tx, name)}
        return self._recurring[whose]

    def take_page(
        self, reading: Reading, *, now: datetime, lead: Lead | None = None, moved_from: int | None = None
    ) -> Taken:
        """Store what was read in one transaction and return its outcome, recorded for the lead's URL.

        `moved_from` is the held article whose old address is known to lead here or to be gone.
        """
        with self.store.read() as tx:
            before = latest_page(tx, reading.page.url)
            settled = self._settled(tx, reading, before)
            keep = settled is None and not self.repeats_taken_down(tx, reading.extraction.leads)
        page = reading.page if keep else replace(reading.page, etag=None, last_modified=None)
        position = again = None
        if settled is None:
            digest = hashlib.sha256(page.body).hexdigest()
            # The same bytes again are not stored again: the record held is as good.
            again = before if before is not None and before.digest == digest else None
            position = self.writer.append(page) if keep and again is None else None
        with self.store.write() as tx:
            settled = settled or self._taken_down(tx, reading)  # by somebody, since we looked
            if settled is not None:
                add_removals(tx, [position] if position is not None else [], now=now)
            else:
                if again is not None:
                    page_id = again.id
                    page_seen_again(tx, page.url, page.fetched_at)
                else:
                    page_id = save_page(tx, page, digest=digest, warc=position, run_id=self.run_id)
                settled = self._store(
                    tx, reading, page_id=page_id, now=now, lead=lead, moved_from=moved_from, again=again
                )
            self.conclude(tx, settled, now=now, lead=lead)
        if settled.outcome is Outcome.TAKEN_DOWN and position is not None:
            self.writer.take_back(position)
            with self.store.write() as tx:
                forget_removal_at(tx, position)
        return settled

    def repeats_taken_down(self, tx: Transaction, urls: Collection[str]) -> bool:
        """Say whether a list names an article that was taken down: its bytes, with that headline, are not kept."""
        return bool(urls) and bool(taken_down_among(tx, urls))

    def take_again(self, tx: Transaction, reading: Reading, stored: StoredPage, *, now: datetime) -> Taken:
        """Store what today's rules read in a page that is held; nothing was fetched. Records no outcome.

        A page that gave no article until now is taken as a crawl takes one; else its revision is corrected. An article
        whose page is refused now is kept.
        """
        if stored.article_id is None or reading.article is None:
            return self._store(tx, reading, page_id=stored.id, now=now, lead=None, moved_from=None, again=None)
        article = self._with_outlet(tx, reading.article, reading, now)
        placed = reread_article(tx, article, stored, now=now)
        if placed is None:
            return Taken(reading.page.url, Outcome.UNCHANGED, "A newer page of the article is held.", stored.article_id)
        new, over = self._follow(tx, placed, reading.page, depth=1, now=now)
        return Taken(reading.page.url, placed.outcome, placed.detail, placed.article_id, new, over)

    def conclude(
        self,
        tx: Transaction,
        taken: Taken,
        *,
        now: datetime,
        lead: Lead | None = None,
        retry_at: datetime | None = None,
    ) -> None:
        """Record the outcome of a URL once: on its lead where there is one, to be tried again from `retry_at` on."""
        if lead is None:
            self.record(tx, taken.url, taken.outcome, taken.detail, now=now)
            return
        finish_lead(
            tx, lead.url, outcome=taken.outcome, detail=taken.detail, run_id=self.run_id, now=now, retry_at=retry_at
        )
        self.counts[taken.outcome] += 1

    def record(self, tx: Transaction, url: str, outcome: Outcome, detail: str, *, now: datetime) -> None:
        """Record the outcome of a URL that is no lead of ours."""
        self.record_all(tx, [(url, outcome, detail)], now=now)

    def record_all(self, tx: Transaction, endings: Sequence[tuple[str, Outcome, str]], *, now: datetime) -> None:
        """Record the outcomes of many URLs, as (url, outcome, detail)."""
        record_outcomes(tx, endings, run_id=self.run_id, now=now)
        self.counts.update(outcome.value for _, outcome, _ in endings)

    def record_sources(self, tx: Transaction, endings: Sequence[tuple[str, Outcome, str]], *, now: datetime) -> None:
        """Record how feeds, sitemaps and listings ended, as (url, outcome, detail); none is an article that failed."""
        self.record_all(tx, endings, now=now)
        self.source_endings.update((url_key(url), outcome) for url, outcome, _ in endings)

    def take_texts(self, tx: Transaction, articles: Sequence[Article], *, now: datetime) -> None:
        """Store articles that came as text, without pages, inside the caller's transaction."""
        endings = []
        for article in articles:
            saved = save_article(tx, article, page_id=None, run_id=self.run_id, now=now)
            endings.append((article.canonical_url, saved.outcome, "Imported as text."))
        self.record_all(tx, endings, now=now)

    def learn(self, tx: Transaction, *, now: datetime) -> None:
        """Learn what the outlets whose articles were taken link to and say on many of their pages."""
        for outlet in sorted(self.outlets_with_news):
            learned, unlearned = learn_furniture(tx, outlet, now=now)
            if learned or unlearned:
                log.info("furniture learned", extra={"outlet": outlet, "learned": learned, "unlearned": unlearned})
            learned, unlearned = learn_recurring(tx, outlet, now=now)
            if learned or unlearned:
                log.info("recurring learned", extra={"outlet": outlet, "learned": learned, "unlearned": unlearned})

    def add_leads(
        self, tx: Transaction, leads: tuple[Lead, ...], *, now: datetime, revisit_after: timedelta | None = None
    ) -> tuple[int, int]:
        """Add leads within the run's budget of new URLs; return how many were new and how many were too many.

        A lead that ended longer than `revisit_after` ago waits again; None: only where its source says it changed.
        """
        if not leads:
            return 0, 0
        limit = self.new_urls_left
        added = add_leads(tx, leads, now=now, run_id=self.run_id, limit=limit, revisit_after=revisit_after)
        if self.new_urls_left is not None:
            self.new_urls_left = max(0, self.new_urls_left - added.new)
        return added.new, added.over_budget

    def _settled(self, tx: Transaction, reading: Reading, before: StoredPage | None) -> Taken | None:
        """Return the outcome of a page that must not be stored: taken down, or a capture of the past we hold."""
        page = reading.page
        barred = self._taken_down(tx, reading)
        if barred is not None:
            return barred
        if not self.history or before is None:
            return None
        held = article_by_url(tx, page.url)
        if page.fetched_at < before.fetched_at:
            return Taken(page.url, Outcome.UNCHANGED, "A newer capture is held.", held.id if held else None)
        digest = hashlib.sha256(page.body).hexdigest()
        if held is not None and digest != before.digest:
            known = any(stored.digest == digest for stored in pages_of_article(tx, held.id))
            if known:
                return Taken(page.url, Outcome.UNCHANGED, "This capture is held already.", held.id)
        return None

    def _taken_down(self, tx: Transaction, reading: Reading) -> Taken | None:
        """Return the outcome of a page one of whose addresses was taken down. One statement."""
        page, article = reading.page, reading.article
        canonical = article.canonical_url if article is not None else ""
        addresses = {page.url, page.requested_url, *page.via, canonical} - {""}
        if not taken_down_among(tx, addresses):
            return None
        return Taken(page.url, Outcome.TAKEN_DOWN, "Taken down here; neither text nor page was stored.")

    def _store(
        self,
        tx: Transaction,
        reading: Reading,
        *,
        page_id: int,
        now: datetime,
        lead: Lead | None,
        moved_from: int | None,
        again: StoredPage | None,
    ) -> Taken:
        page, article = reading.page, reading.article
        depth = 1 if lead is None else lead.depth + 1
        if article is None:
            outcome = reading.extraction.outcome or Outcome.EXTRACTION_FAILED
            found = leads_from_hub(
                reading.extraction.leads, outlet=reading.outlet, specs=self.specs, depth=depth, found_in=page.url
            )
            new, over = self.add_leads(tx, found, now=now)
            return Taken(page.url, outcome, reading.extraction.detail, new_leads=new, over_budget=over)
        article = self._with_outlet(tx, article, reading, now)
        # Bytes we hold already are no edit of the outlet, whatever today's rules read in them.
        same = again is not None and moved_from is None and page.requested_url in ("", page.url)
        placed = reread_article(tx, article, again, now=now, fetched_at=page.fetched_at) if again and same else None
        placed = placed or place_article(
            tx,
            article,
            page,
            page_id=page_id,
            run_id=self.run_id,
            spec=reading.spec,
            now=page.fetched_at,
            moved_from=moved_from,
        )
        if placed.article_id is not None:
            link_page_to_article(tx, page_id, placed.article_id)
        new, over = self._follow(tx, placed, page, depth=depth, now=now)
        is_new = placed.outcome is Outcome.NEW
        return Taken(page.url, _named(placed, reading), placed.detail, placed.article_id, new, over, is_new)

    def _follow(self, tx: Transaction, placed: Placed, page: Page, *, depth: int, now: datetime) -> tuple[int, int]:
        """Add the links of what was placed as leads; return how many were new and how many too many."""
        if placed.article is None:
            return 0, 0
        self.outlets_with_news.add(placed.article.outlet)
        found = leads_from(placed.article, specs=self.specs, owners=self.owners, depth=depth, found_in=page.url)
        return self.add_leads(tx, found, now=now)

    def _with_outlet(self, tx: Transaction, article: Article, reading: Reading, now: datetime) -> Article:
        """Give an article of an unregistered host its provisional outlet, and mark it."""
        if reading.spec is not None:
            return replace(article, outlet=reading.outlet)
        host = host_of(reading.page.url)
        owner = outlet_of_host(tx, host) if host else None
        name = owner or provisional_outlet(tx, host, now, name=reading.outlet)
        flags = tuple(dict.fromkeys((*article.flags, ArticleFlag.PROVISIONAL_OUTLET)))
        return replace(article, outlet=name, flags=flags)


def _named(placed: Placed, reading: Reading) -> Outcome:
    """A stub that is new or changed is counted as a stub."""
    if reading.extraction.outcome is Outcome.PAYWALLED_STUB and placed.outcome in (Outcome.NEW, Outcome.CHANGED):
        return Outcome.PAYWALLED_STUB
    return placed.outcome
