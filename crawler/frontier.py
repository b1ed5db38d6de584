"""What to ask for next in one run: the outlet's sources first, then its leads, within the run's budget.

The frontier is rows in the store; only a small batch is held here. Leads that need no request (traps, too deep, known
and unchanged) end here, each with its outcome. Nothing is fetched here, and Scrapy is not known.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from config.counting import counted
from config.outlets import OutletSpec
from config.settings import Settings
from crawler.discover.found import SourceKind
from crawler.identity import clean_url, may_be_article
from crawler.intake import Intake, Taken
from crawler.orders import Limits
from crawler.revisiting import Revisits
from crawler.verdict import Ending
from index.outcomes import Outcome
from index.records import Lead, Page, Via
from index.revisits import pace_of
from index.store import Transaction
from index.store.articles import is_taken_down
from index.store.leads import KnownPage, add_leads, known_pages, take_leads
from index.store.pages import latest_page
from index.traps import why_trap
from index.urls import url_key

BATCH = 20
"""Leads taken from the store at a time: few, because those a kill finds taken have to wait for the next run."""

LISTED_IN_ONE_TRANSACTION = 500

MAX_SITEMAP_NESTING = 3

MAX_SOURCES = 500
"""Feeds, sitemaps and listings read in one run: indexes that name ever more sitemaps must end somewhere."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to make: for a lead, or (`source` set) for a feed, sitemap or listing.

    `etag` and `last_modified` are sent back to the server, so that it may answer 304.
    """

    url: str
    lead: Lead | None = None
    source: SourceKind | None = None
    nesting: int = 0  # sitemap indexes above this one
    list_page: int = 1  # which page of a list that goes on
    listed: str = ""  # the address in the outlet's file that led to this source; "" for that address itself
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What a run may use up: pages asked for, new leads, the instant it must end, link steps."""

    pages: int
    new_urls: int
    ends_at: datetime
    depth: int


def budget_of(limits: Limits, *, spec: OutletSpec, settings: Settings, now: datetime) -> Budget:
    """Lay the limits asked for over the outlet's and the settings'."""
    crawler = settings.crawler
    return Budget(
        pages=limits.pages or spec.pace.max_pages or crawler.max_pages,
        new_urls=crawler.max_new_urls if limits.new_urls is None else limits.new_urls,
        ends_at=now + timedelta(seconds=limits.run_s or crawler.max_run_s),
        depth=crawler.max_depth if limits.depth is None else limits.depth,
    )


@dataclass(slots=True)
class Frontier:
    """Hands out the asks of one run, one by one, and says what ended it."""

    intake: Intake
    spec: OutletSpec
    settings: Settings
    budget: Budget
    conditional: bool = True  # send ETag and Last-Modified; a replay has nobody to ask
    was_cut: bool = False  # the run before this one left something out for its budget
    asked: int = 0
    ending: Ending = field(default_factory=Ending)
    found: int = 0
    over_budget: int = 0
    sources_left: int = 0  # those that the time of the run did not reach
    lists_cut: int = 0  # lists that go on and were not read to the end for a budget
    revisits: Revisits = field(init=False)
    _sources: deque[Ask] = field(default_factory=deque)
    _sources_seen: set[str] = field(default_factory=set)
    _leads: deque[Ask] = field(default_factory=deque)
    _reached: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.revisits = Revisits(self.spec.name, pace_of(self.settings.crawler), watches=self.conditional)

    def plan_sources(self) -> None:
        """Put the outlet's feeds, sitemaps and listings first."""
        for kind, urls in (
            (SourceKind.FEED, self.spec.leads.feeds),
            (SourceKind.SITEMAP, self.spec.leads.sitemaps),
            (SourceKind.LISTING, self.spec.leads.listings),
        ):
            self.add_sources(urls, kind=kind)

    def plan_url(self, url: str, *, now: datetime) -> None:
        """Ask for this address alone, now, whatever it was before."""
        lead = Lead(clean_url(url, self.spec), self.spec.name, Via.COMMAND)
        with self.intake.store.write() as tx:
            add_leads(tx, (lead,), now=now, run_id=self.intake.run_id)
        self.budget = replace(self.budget, pages=0)
        self._leads.append(Ask(lead.url, lead))

    def plan_check(self, urls: Sequence[str], *, now: datetime) -> None:
        """Ask for these linked addresses alone, conditionally where a page of them is held."""
        leads = {url_key(url): Lead(url, self.spec.name, Via.LINK) for url in urls if not why_trap(url, self.settings)}
        with self.intake.store.write() as tx:
            add_leads(tx, leads.values(), now=now, run_id=self.intake.run_id)
            known = known_pages(tx, [lead.url for lead in leads.values()])
        self.budget = replace(self.budget, pages=0)
        self._leads.extend(self._ask_for(lead, known.get(key)) for key, lead in leads.items())

    def add_sources(
        self, urls: Iterable[str], *, kind: SourceKind, nesting: int = 0, list_page: int = 1, listed: str = ""
    ) -> list[str]:
        """Queue sources not yet asked for in this run, with what we know of them; return those that are too many.

        `listed` is the address in the outlet's file that led to them.
        """
        too_many = []
        with self.intake.store.read() as tx:
            for url in urls:
                if url in self._sources_seen:
                    continue
                if (nesting or list_page > 1) and len(self._sources_seen) >= MAX_SOURCES:
                    too_many.append(url)
                    continue
                self._sources_seen.add(url)
                held = latest_page(tx, url) if self.conditional else None
                known = held is not None and held.warc is not None
                self._sources.append(
                    Ask(
                        url,
                        source=kind,
                        nesting=nesting,
                        list_page=list_page,
                        listed=listed,
                        etag=held.etag if held is not None and known else None,
                        last_modified=held.last_modified if held is not None and known else None,
                    )
                )
        return too_many

    def ask_again(self, ask: Ask) -> None:
        """Queue a source once more, without a condition."""
        self._sources.append(replace(ask, etag=None, last_modified=None))

    def next_ask(self, *, now: datetime, sources_pending: bool) -> Ask | None:
        """Return the next request to make, or None: nothing now (sources are under way), or nothing any more."""
        if self.ending.state != "done":
            return None
        if self._sources and now >= self.budget.ends_at:
            self._leave_sources(now)
            return None
        if self._sources:
            return self._sources.popleft()
        if sources_pending:
            return None
        self._drop_reached(now)
        while self.budget.pages and not self._leads:
            if not self._refill(now):
                return None
            self._drop_reached(now)
        if not self._leads:
            return None
        if self.budget.pages and self.asked >= self.budget.pages:
            self._end(
                f"The budget of {counted(self.budget.pages, 'page')} is used up; the rest waits for the next run."
            )
            return None
        if now >= self.budget.ends_at:
            self._end("The time of the run is used up; the rest waits for the next run.")
            return None
        self.asked += 1
        return self._leads.popleft()

    def note_fetched(self, page: Page) -> None:
        """Remember where a redirect led in this run, so that the address is not asked for once more."""
        if page.requested_url:
            self._reached.add(url_key(page.url))

    @property
    def read_all_sources(self) -> bool:
        """Whether no source is left that was to be asked for."""
        return not self._sources and not self.sources_left

    def stop(self, ending: Ending) -> None:
        """Hand out nothing any more. The first cause stays."""
        if self.ending.state == "done":
            self.ending = ending

    def why_list_ends(self, list_page: int, *, new: int, now: datetime) -> tuple[str, Outcome | None]:
        """Say why a list that goes on is not read further; ("", None) when it is. The outcome is that of a loss.

        A list is read while it brings something new. After a run that a budget cut it is read on through what is
        known, because what was cut lies behind.
        """
        if list_page >= self.spec.leads.listing_pages:
            return f"Page {list_page}; leads.listing_pages asks for no more.", None
        if not new and not self.was_cut:
            return "Nothing new on it, so its next page was not asked for.", None
        if now >= self.budget.ends_at:
            return "The time of the run is used up.", Outcome.OVER_BUDGET
        if self.intake.new_urls_left == 0:
            return "The budget of new URLs is used up.", Outcome.OVER_BUDGET
        if self.found >= self.budget.pages:
            return f"It named more than the {counted(self.budget.pages, 'page')} of this run.", Outcome.OVER_BUDGET
        return "", None

    def take_found(self, leads: Iterable[Lead], *, now: datetime) -> tuple[int, str]:
        """Add what a source lists to the frontier; return how many leads are new, and in words what came of all.

        An article held that the source does not call newer ends here as unchanged, without a request; where it is time
        to look again it is left to the end of the run. Long lists are taken in several transactions, so that nobody
        waits long.
        """
        self.revisits.read(self.intake.store, now=now)
        ours, foreign = self._sorted_by_owner(leads)
        new = over = skipped = later = 0
        for start in range(0, len(ours), LISTED_IN_ONE_TRANSACTION):
            with self.intake.store.write() as tx:
                part = self._take_listed(tx, ours[start : start + LISTED_IN_ONE_TRANSACTION], now)
            new, over, skipped, later = new + part[0], over + part[1], skipped + part[2], later + part[3]
        self.count(new=new, over_budget=over)
        told = f"{counted(len(ours), 'lead')}, {new} of them new, {skipped} unchanged"
        told += f", {later} to be looked at again" if later else ""
        told += f", {over} over the budget of new URLs" if over else ""
        return new, told + (f", {foreign} on hosts of no registered outlet." if foreign else ".")

    def _take_listed(self, tx: Transaction, leads: list[Lead], now: datetime) -> tuple[int, int, int, int]:
        """Add leads of a source; return how many are new, over the budget, unchanged, and to be looked at again."""
        known = known_pages(tx, [lead.url for lead in leads])
        waiting, unchanged, later = [], [], 0
        for lead in leads:
            held = known.get(url_key(lead.url))
            why = self._why_unchanged(lead, held, now)
            ours = lead.outlet == self.spec.name
            if ours and not why and self.conditional and _is_held(held) and not _is_called_newer(lead, held):
                later += 1
            elif why and ours:
                unchanged.append((lead.url, Outcome.UNCHANGED, why))
            else:
                waiting.append(lead)
        self.intake.record_all(tx, unchanged, now=now)
        new, over = self.intake.add_leads(tx, tuple(waiting), now=now, revisit_after=self._revisit_after)
        return new, over, len(unchanged), later

    def count(self, *, new: int, over_budget: int) -> None:
        """Count leads found, and those that the budget of new URLs cut."""
        self.found += new
        self.over_budget += over_budget

    @property
    def _revisit_after(self) -> timedelta:
        return timedelta(hours=self.settings.crawler.revisit_after_h)

    def _leave_sources(self, now: datetime) -> None:
        """Say of each source left that the time of the run did not reach it, and end the run."""
        endings = [(ask.url, Outcome.OVER_BUDGET, f"A {ask.source}: the time was used up.") for ask in self._sources]
        with self.intake.store.write() as tx:
            self.intake.record_sources(tx, endings, now=now)
        self.sources_left += len(self._sources)
        self._sources.clear()
        self._end("The time of the run is used up; the rest waits for the next run.")

    def _end(self, cause: str) -> None:
        self.stop(Ending("budget", cause))

    def _refill(self, now: datetime) -> bool:
        """Take leads from the store until some need a request; False when none is left."""
        self.revisits.read(self.intake.store, now=now)
        while not self._leads:
            with self.intake.store.write() as tx:
                leads = take_leads(tx, self.spec.name, run_id=self.intake.run_id, limit=BATCH, now=now)
                known = known_pages(tx, [lead.url for lead in leads])
                for lead in leads:
                    held = known.get(url_key(lead.url))
                    taken = self._ends_here(tx, lead, held, now)
                    if taken is not None:
                        self.intake.conclude(tx, taken, now=now, lead=lead)
                    else:
                        self._leads.append(self._ask_for(lead, held))
            if not leads and not self._plan_revisits(now):
                return False
        return True

    def _plan_revisits(self, now: datetime) -> bool:
        """Let held articles whose time has come wait again, once, within what is left of the budget."""
        with self.intake.store.write() as tx:
            return self.revisits.plan(tx, room=self.budget.pages - self.asked) > 0

    def _drop_reached(self, now: datetime) -> None:
        """End the next leads whose address a redirect has led to since they were taken: it was fetched already."""
        while self._leads and url_key(self._leads[0].url) in self._reached:
            lead = self._leads.popleft().lead
            if lead is not None:
                taken = Taken(lead.url, Outcome.DUPLICATE, "Fetched in this run already, from another address.")
                with self.intake.store.write() as tx:
                    self.intake.conclude(tx, taken, now=now, lead=lead)

    def _ask_for(self, lead: Lead, held: KnownPage | None) -> Ask:
        # A 304 for a page that gave no article would say that nothing changed, and hide what better rules could read.
        if held is None or held.article_id is None or not self.conditional:
            return Ask(lead.url, lead)
        return Ask(lead.url, lead, etag=held.etag, last_modified=held.last_modified)

    def _ends_here(self, tx: Transaction, lead: Lead, held: KnownPage | None, now: datetime) -> Taken | None:
        """Return the outcome of a lead that needs no request, or None."""
        trap = why_trap(lead.url, self.settings)
        if trap:
            return Taken(lead.url, Outcome.TRAP, trap)
        if lead.depth > self.budget.depth:
            steps = counted(lead.depth, "link step")
            return Taken(lead.url, Outcome.TOO_DEEP, f"{steps}; the limit is {self.budget.depth}.")
        if is_taken_down(tx, lead.url):
            return Taken(lead.url, Outcome.TAKEN_DOWN, "Taken down here; not asked for.")
        if not may_be_article(lead, self.spec):
            detail = "The outlet's file says this address is no article; not asked for."
            return Taken(lead.url, Outcome.NOT_ARTICLE, detail)
        why = self._why_unchanged(lead, held, now)
        if why and held is not None:
            return Taken(lead.url, Outcome.UNCHANGED, why, held.article_id)
        return None

    def _why_unchanged(self, lead: Lead, held: KnownPage | None, now: datetime) -> str:
        """Say why a known article is not asked for; "" when it is to be."""
        if held is None or held.article_id is None or _is_called_newer(lead, held):
            return ""
        if self.conditional and self.revisits.is_due(url_key(lead.url)):
            return ""
        if not self.conditional and now - held.fetched_at >= self._revisit_after:
            return ""
        return f"Held since {held.fetched_at:%Y-%m-%d %H:%M} UTC, and no source says it changed; not asked for."

    def _sorted_by_owner(self, leads: Iterable[Lead]) -> tuple[list[Lead], int]:
        """Normalise the leads of a source, each under the outlet that owns its host; count the others."""
        ours: dict[str, Lead] = {}
        foreign = 0
        for lead in leads:
            owner = self.intake.outlet_of(lead.url)
            spec = self.intake.specs.get(owner or "")
            if spec is None:
                foreign += 1
                continue
            try:
                url = clean_url(lead.url, spec)
            except ValueError:
                foreign += 1
                continue
            ours.setdefault(url, replace(lead, url=url, outlet=spec.name))
        return list(ours.values()), foreign


def _is_held(held: KnownPage | None) -> bool:
    return held is not None and held.article_id is not None


def _is_called_newer(lead: Lead, held: KnownPage | None) -> bool:
    """Say whether the source says that a held article changed since we asked.

    Compared with what the source said then, where that is known: clocks of outlets go wrong.
    """
    if held is None or lead.changed_at is None:
        return False
    return lead.changed_at > (held.changed_at or held.fetched_at)
