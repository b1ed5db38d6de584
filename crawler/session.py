"""One run from its first row to its last: opens store and archive, takes each answer in, and says how it ended.

Everything a run writes goes through here or through the Intake it holds. Scrapy is not known.
"""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from config.counting import counted
from config.errors import StorageFullError, WatchfloorError
from config.outlets import OutletSpec, load_outlets
from crawler.answers import Answer, OldAddress
from crawler.closing import facts_before, observe_and_judge
from crawler.frontier import Frontier, budget_of
from crawler.host_keeping import HostKeeping
from crawler.identity import clean_url
from crawler.intake import Intake, Reading, Taken
from crawler.link_states import Seen, seen_of
from crawler.observing import Observing
from crawler.orders import Limits, Order, Progress, RunReport
from crawler.run import guard_disk
from crawler.sources import SourceReader
from crawler.starting import begin, ordered
from crawler.verdict import STOPPED, Ending, Verdict, verdict_of
from index.archive import Archive, ArchiveWriter
from index.errors import DATABASE_LOST
from index.health.records import Observation
from index.link_states import LinkState
from index.outcomes import Outcome
from index.records import Lead, LeadState, Page, Run, Via
from index.store import Store, Transaction, open_store
from index.store.articles import article_by_url, twin_of
from index.store.decisions import outcome_counts
from index.store.jobs import is_newest_attempt
from index.store.leads import count_leads, release_leads
from index.store.link_checks import record_check
from index.store.outlets import let_rest
from index.store.pages import page_seen_again
from index.store.runs import beat, finish_run
from index.urls import host_of

log = logging.getLogger(__name__)

CLOSE_REASONS = {
    "shutdown": Ending("partial", STOPPED),
    "memusage_exceeded": Ending("budget", "The memory limit of the crawl process was reached; the rest waits."),
}
"""What Scrapy's reasons for closing a spider mean for the run; "finished" means what the frontier says."""


OUSTED = "Its worker was lost, and another one took the job over."

SLEPT = timedelta(seconds=15)
"""A run without a beat for so long (it was stopped, or its machine slept) looks first whether its job is its own."""


@dataclass(slots=True)
class RunSession:
    """The state of one run in its process."""

    order: Order
    spec: OutletSpec
    store: Store
    writer: ArchiveWriter
    archive: Archive
    intake: Intake
    frontier: Frontier
    sources: SourceReader
    hosts: HostKeeping
    run_id: int
    started_at: datetime
    asked_last_at: datetime | None = None  # by the run before this one
    observing: Observing = field(default_factory=Observing)
    _clock_start: float = field(default_factory=time.monotonic)
    _fetched: int = 0
    _body_bytes: int = 0
    _report: RunReport | None = None
    _closed_early: bool = False
    _close_reason: str = ""  # the first; a second call only tries again what the first could not write
    _beaten_at: datetime = field(init=False)
    _ousted: bool = False
    lost: WatchfloorError | None = None  # why the database could not be written on the way

    def __post_init__(self) -> None:
        self._beaten_at = self.started_at

    @classmethod
    def open(cls, order: Order, *, now: datetime) -> RunSession:
        """Start the run's row and open what it writes to.

        Raises BusyError while a run of this outlet is alive, ConfigurationError for a public host without a contact.
        """
        settings = order.settings
        guard_disk(settings)
        specs = load_outlets(settings.outlet_folders)
        spec = ordered(order, specs)
        store = open_store(settings)
        try:
            started = begin(store, order, spec, specs, now=now)
        except BaseException:
            store.close()
            raise
        run = started.run
        archive = Archive(settings.warc_dir)
        writer = archive.open_writer(f"{spec.name}-{now:%Y%m%dT%H%M%SZ}-{run.id}")
        budget = budget_of(order.limits, spec=spec, settings=settings, now=now)
        replayed = order.replay is not None
        intake = Intake(
            store,
            writer,
            specs,
            run.id,
            new_urls_left=budget.new_urls,
            history=replayed,
            max_page_s=settings.crawler.max_page_s,
            drop_recurring=settings.crawler.drop_recurring,
        )
        frontier = Frontier(intake, spec, settings, budget, conditional=not replayed, was_cut=started.was_cut)
        if order.check:
            frontier.plan_check(order.check, now=now)
        elif order.url is None:
            frontier.plan_sources()
        else:
            frontier.plan_url(order.url, now=now)
        observing = Observing()
        sources = SourceReader(intake, frontier, archive, observing)
        hosts = HostKeeping.open(store, settings, spec, run_id=run.id, turns_in=order.turns_in, now=now)
        log.info("run started", extra={"run": run.id, "outlet": spec.name, "kind": run.kind})
        parts = (store, writer, archive, intake, frontier, sources, hosts)
        return cls(order, spec, *parts, run.id, now, started.asked_before, observing)

    def twin_to_ask(self, reading: Reading) -> tuple[int, str] | None:
        """Return id and address of a held article with this very text, when this address is new: has it moved?"""
        article = reading.article
        if article is None:
            return None
        with self.store.read() as tx:
            own = (reading.page.url, reading.page.requested_url, article.canonical_url)
            if any(article_by_url(tx, url) for url in own if url):
                return None
            twin = twin_of(tx, article)
        return None if twin is None else (twin.id, twin.canonical_url)

    def take_answer(self, answer: Answer, *, now: datetime) -> None:
        """Store what came of one request. A full disk, or no database, ends the run, keeping what was committed."""
        try:
            if answer.lost is not None:
                raise answer.lost
            if not timedelta(0) <= now - self._beaten_at < SLEPT:
                self.keep_going(now=now)
            if self._ousted:
                return
            if answer.page is not None:
                self._fetched += 1
                self._body_bytes += len(answer.page.body)
            if answer.page is not None:
                self.keep_hops(answer.hops, answer.page)
            if answer.led_to and not self.spec.owns(answer.led_to):
                self.observing.led_elsewhere(host_of(answer.led_to))
            if answer.retry_at is not None and self.order.replay is None:
                with self.store.write() as tx:
                    let_rest(tx, host_of(answer.ask.url), answer.retry_at)
            if answer.ask.source is not None:
                self.sources.take(answer.ask, page=answer.page, outcome=answer.outcome, detail=answer.detail, now=now)
            else:
                self._take_lead_answer(answer, now)
        except DATABASE_LOST as error:
            self.lose(error)
        except (StorageFullError, OSError) as error:
            if not isinstance(error, StorageFullError) and error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            self.frontier.stop(Ending("storage_full", f"The disk is full ({error}); free space, then repeat."))

    def lose(self, error: WatchfloorError) -> None:
        """End the run for a database that is gone, or that somebody keeps to himself: nothing can be stored.

        The first error counts. What was asked for meanwhile is asked for again by the next run.
        """
        if self.lost is None:
            told = f"The run ended early, what was stored is kept, the rest waits for the next run: {error}"
            self.lost = type(error)(told)
            log.warning("database lost: %s", error, extra={"run": self.run_id, "outlet": self.spec.name})
            self.frontier.stop(Ending("killed", told))

    def keep_going(self, *, now: datetime) -> None:
        """Say in the store that this run is alive; end it when the disk runs low, or another worker has its job."""
        try:
            guard_disk(self.order.settings)
        except StorageFullError as error:
            self.frontier.stop(Ending("storage_full", str(error)))
            return
        with self.store.write() as tx:
            if self.order.job is not None and not is_newest_attempt(tx, *self.order.job):
                self._ousted = True
                self.frontier.stop(Ending("killed", OUSTED))
                return
            stop_asked_by = beat(tx, self.run_id, now, numbers=self._numbers())
            self.hosts.keep(tx, now=now)
        self.hosts.kept()
        self._beaten_at = now
        if stop_asked_by:
            self.frontier.stop(Ending("partial", STOPPED))

    def progress(self) -> Progress:
        """How far the run has come."""
        with self.store.read() as tx:
            waiting = count_leads(tx, self.spec.name).get(LeadState.WAITING, 0)
        return Progress(self.frontier.asked, waiting, dict(self.intake.counts))

    def finish(self, close_reason: str, *, now: datetime) -> RunReport:
        """End the run: leads in flight wait again, the verdict goes into its row. A second call returns the first.

        Where the database does not take it, a second call tries again, with the reason of the first.
        """
        if self._report is not None:
            return self._report
        close_reason = self._close_reason = self._close_reason or close_reason
        if close_reason != "finished":
            self._closed_early = True
            other = Ending("partial", f"The crawl process ended early ({close_reason}).")
            self.frontier.stop(CLOSE_REASONS.get(close_reason, other))
        self.writer.close()
        seconds = time.monotonic() - self._clock_start
        try:
            self._report = self._close_row(seconds, now)
        finally:
            self.hosts.close()
            self.store.close()
        log.info("run ended", extra={"run": self.run_id, "outlet": self.spec.name, "state": self._report.state})
        return self._report

    def _close_row(self, seconds: float, now: datetime) -> RunReport:
        # A replay, a check of links and a run that a fault of ours ended say nothing of an outlet's news.
        before = None
        if self.order.replay is None and not self.order.check and self.frontier.ending.state != "killed":
            before = facts_before(self.store, self.spec, settings=self.order.settings, now=now)
        with self.store.write() as tx:
            release_leads(tx, self.run_id, now=now)
            self.hosts.keep(tx, now=now)
            self.intake.learn(tx, now=now)
            waiting = count_leads(tx, self.spec.name).get(LeadState.WAITING, 0)
            verdict = self._verdict(outcome_counts(tx, self.run_id), waiting)
            over_budget = waiting if verdict.state == "budget" else 0
            left = {"waiting": waiting, "over_budget": over_budget + self.frontier.over_budget}
            numbers = {**self._numbers(), **left}
            run = finish_run(tx, self.run_id, state=verdict.state, reason=verdict.reason, numbers=numbers, now=now)
            if before is not None:
                run = observe_and_judge(tx, run, self._observation(run, now), before)
        return RunReport(
            run_id=run.id,
            outlet=self.spec.name,
            state=run.state,
            reason=run.reason,
            kind=run.kind,
            leads=self.frontier.found,
            fetched=self._fetched,
            counts=_with_cut(run.counts, numbers["over_budget"]),
            seconds=seconds,
        )

    def _observation(self, run: Run, now: datetime) -> Observation:
        endings = tuple(self.intake.source_endings.values())
        return self.observing.observation(run, finished_at=now, source_endings=endings, whole=self._was_whole)

    @property
    def _was_whole(self) -> bool:
        """Whether this run did all that a run of its outlet does, so that what it did not bring is not there.

        A budget of the outlet's own cuts every run alike; limits asked for, a stop and a fault cut this one.
        """
        as_usual = self.order.url is None and self.order.limits == Limits() and not self._closed_early
        return as_usual and self.frontier.read_all_sources and self.frontier.ending.state in ("done", "budget")

    def _numbers(self) -> dict[str, int]:
        return {
            "leads": self.frontier.found,
            "asked": self.frontier.asked,
            "fetched": self._fetched,
            "body_bytes": self._body_bytes,
        }

    def _verdict(self, counts: Mapping[str, int], waiting: int) -> Verdict:
        ending = self.frontier.ending
        if ending.state == "done" and self.frontier.over_budget:
            cause = f"{self.frontier.over_budget} new URLs were over the budget of {self.frontier.budget.new_urls}."
            ending = Ending("budget", cause)
        if ending.state == "done" and self.frontier.lists_cut:
            ending = Ending(
                "budget", "The outlet's lists go on, and the budget of the run was used up before their end."
            )
        if ending.state == "budget" and waiting:
            ending = Ending("budget", f"{ending.cause} {counted(waiting, 'lead waits', 'leads wait')}.")
        return verdict_of(counts, ending=ending, source_faults=tuple(self.sources.faults))

    def _take_lead_answer(self, answer: Answer, now: datetime) -> None:
        lead = answer.ask.lead
        if lead is None:
            raise ValueError(f"{answer.ask.url}: an answer belongs to a source or to a lead")
        if answer.reading is not None:
            moved_from = None if answer.old is None else answer.old.moved_from
            taken = self.intake.take_page(answer.reading, now=now, lead=lead, moved_from=moved_from)
            page = answer.reading.page
            self.observing.read(
                answer.reading.extraction,
                taken.outcome,
                is_new=taken.is_new,
                at=page.fetched_at,
                body_bytes=len(page.body),
            )
            self.frontier.count(new=taken.new_leads, over_budget=taken.over_budget)
            self.frontier.note_fetched(page)
            self._note_states(answer, taken.outcome, now)
            if answer.old is not None:
                self._record_old(answer.old, answer.reading.page.url, now)
            return
        outcome = answer.outcome or Outcome.EXTRACTION_FAILED
        if answer.page is not None:
            self.writer.append(answer.page)
        with self.store.write() as tx:
            if outcome is Outcome.NOT_MODIFIED:
                page_seen_again(tx, lead.url, now)
            taken = Taken(lead.url, outcome, answer.detail)
            self.intake.conclude(tx, taken, now=now, lead=lead, retry_at=answer.retry_at)
            self._lead_elsewhere(tx, answer, now)
        self._note_states(answer, outcome, now)

    def _note_states(self, answer: Answer, outcome: Outcome, now: datetime) -> None:
        """Keep what the answer says of the addresses asked: readers are told which links are dead. No replay does."""
        if self.order.replay is not None:
            return
        asked, old = answer.ask.url, answer.old
        seen = [seen_of(asked, outcome, page=answer.page, hops=answer.hops, led_to=answer.led_to)]
        if seen[0].state is LinkState.REDIRECTED and answer.page is not None and answer.page.status == 200:
            seen.append(Seen(answer.page.url, LinkState.ALIVE, answer.page.status))
        if old is not None and answer.page is not None:
            led_to = answer.page.url if old.outcome is Outcome.MOVED else ""
            there = Outcome.NOT_ARTICLE if led_to else old.outcome
            seen.append(seen_of(old.url, there, page=None, hops=(), led_to=led_to))
        known = [one for one in seen if one.state is not LinkState.UNKNOWN]
        if not known:
            return
        with self.store.write() as tx:
            for one in known:
                record_check(tx, one.url, one.state, now=now, status=one.status, leads_to=one.leads_to)

    def _record_old(self, old: OldAddress, new_url: str, now: datetime) -> None:
        """Record what the old address answered. Where it leads here, the move is counted at the new address alone."""
        moved = old.outcome is Outcome.MOVED
        outcome = Outcome.DUPLICATE if moved else old.outcome
        detail = f"Asked again because {new_url} has its text. {old.detail}"
        with self.store.write() as tx:
            self.intake.record(tx, old.url, outcome, detail, now=now)

    def _lead_elsewhere(self, tx: Transaction, answer: Answer, now: datetime) -> None:
        """Leave an address that a redirect led to, and that is another registered outlet's, to that outlet."""
        owner = self.intake.outlet_of(answer.led_to) if answer.led_to else None
        if owner is None or owner == self.spec.name:
            return
        lead = Lead(clean_url(answer.led_to, self.intake.specs[owner]), owner, Via.LINK, found_in=answer.ask.url)
        new, over_budget = self.intake.add_leads(tx, (lead,), now=now)
        self.frontier.count(new=new, over_budget=over_budget)

    def keep(self, page: Page, hops: tuple[tuple[str, int], ...] = ()) -> None:
        """Keep an answer in the WARC file that is none to an ask: robots.txt, the address of a twin."""
        self.keep_hops(hops, page)
        self.writer.append(page)

    def keep_hops(self, hops: tuple[tuple[str, int], ...], page: Page) -> None:
        """Keep each redirect as a record of its own, so that a replay of the file goes the same way."""
        addresses = [url for url, _ in hops] + [page.url]
        for (url, status), target in zip(hops, addresses[1:], strict=True):
            self.writer.append(Page(url, b"", page.fetched_at, status=status, headers=(("Location", target),)))


def _with_cut(counts: Mapping[str, int], over_budget: int) -> dict[str, int]:
    """The outcomes of a run with the leads its budget left waiting among them: every loss is counted."""
    if not over_budget:
        return dict(counts)
    return {**counts, Outcome.OVER_BUDGET.value: counts.get(Outcome.OVER_BUDGET, 0) + over_budget}
