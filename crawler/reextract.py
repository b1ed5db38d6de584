"""Today's rules over the pages an outlet showed us: what differs, and, unless it is a dry run, stored. No network.

A re-extraction is not an edit: the outlet's bytes are the same, so the revision they gave is corrected in its place
(docs/decisions/0006). Each page is one transaction that also keeps how far the run has come, so a killed run goes on.
"""

from __future__ import annotations

import hashlib
import os
import socket
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.counting import counted
from config.errors import StorageFullError, UsageError
from config.outlets import OutletSpec, load_outlets
from config.settings import Settings
from crawler.differing import PageChange
from crawler.extract.charset import decode
from crawler.extract.textfile import read_text_article
from crawler.intake import Intake, Reading
from crawler.rereading import change_of, decides_something
from crawler.run import guard_disk
from crawler.verdict import EXIT_CODES
from index.archive import Archive
from index.asking import who
from index.errors import ArchiveFileError
from index.outcomes import Outcome
from index.records import ArticleFlag, Extraction, Page, Run, StoredPage
from index.store import Store, Transaction, open_store
from index.store.audit import note_act
from index.store.outlets import get_outlet, register_outlets
from index.store.pages import count_pages_of_outlet, pages_of_outlet
from index.store.recurring import keys_of
from index.store.runs import finish_run, list_runs, note_progress, start_run

KIND = "reextract"
UNFINISHED = frozenset({"killed", "partial", "budget", "storage_full"})
BATCH = 200
NOTE_EVERY_S = 5.0
DISK_CHECK_EVERY = 500
STOPPED = "Stopped on request; what was stored is kept, and the same command goes on from there."
BROKEN_OFF = "Ended early by a fault; what was stored is kept, and the same command goes on from there."

OnChange = Callable[[PageChange], None]
OnProgress = Callable[[int, int], None]


@dataclass(slots=True)
class ReextractReport:
    """What a re-extraction found. `fields` counts the pages in which a field differs; `outcomes` "before -> now"."""

    outlet: str
    dry_run: bool
    run_id: int | None = None
    went_on_after: int = 0
    pages: int = 0
    passed_over: int = 0
    lost: int = 0
    changed: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    new: int = 0
    corrected: int = 0
    kept: int = 0
    failed: int = 0
    seconds: float = 0.0
    state: str = "done"
    reason: str = ""

    @property
    def exit_code(self) -> int:
        """The exit code of the command; a dry run that was cut by --limit is as good as done."""
        return 0 if self.dry_run and self.state == "budget" else EXIT_CODES[self.state]

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "outlet": self.outlet,
            "kind": KIND,
            "dry_run": self.dry_run,
            "run_id": self.run_id,
            "went_on_after": self.went_on_after,
            "pages": self.pages,
            "passed_over": self.passed_over,
            "lost": self.lost,
            "changed": self.changed,
            "fields": dict(self.fields),
            "outcome_changes": dict(self.outcomes),
            "new": self.new,
            "corrected": self.corrected,
            "kept": self.kept,
            "failed": self.failed,
            "seconds": round(self.seconds, 3),
            "state": self.state,
            "reason": self.reason,
            "exit_code": self.exit_code,
        }


def reextract(
    name: str,
    *,
    settings: Settings,
    dry_run: bool,
    limit: int | None = None,
    on_change: OnChange = lambda _change: None,
    on_progress: OnProgress = lambda _done, _all: None,
) -> ReextractReport:
    """Read the stored pages of an outlet again and return what differs; without `dry_run` it is stored.

    A run that did not get to its end is gone on with, where rules and extractor are the same. At most `limit` pages
    are read. Raises UsageError for an unknown outlet, BusyError while another run of it is alive.
    """
    specs = load_outlets(settings.outlet_folders)
    if not dry_run:
        guard_disk(settings)
    store = open_store(settings)
    try:
        with store.read() as tx:
            if name not in specs and get_outlet(tx, name) is None:
                raise UsageError(f"{name}: no outlet of that name, in no file and in no import.")
        act = _Reextraction(store, settings, specs, name, dry_run=dry_run, on_change=on_change)
        return act.run(limit=limit, on_progress=on_progress)
    finally:
        store.close()


def rules_number(spec: OutletSpec | None, recurring: Collection[str] = ()) -> int:
    """Return a number that differs when an outlet's rules, what it is known to repeat, or our extractor differ."""
    digest = hashlib.sha256((spec.model_dump_json(exclude={"file"}) if spec is not None else "").encode())
    digest.update(" ".join(sorted(recurring)).encode())
    for path in sorted((Path(__file__).parent / "extract").glob("**/*")):
        if path.is_file() and path.suffix in (".py", ".toml", ".json"):
            digest.update(path.name.encode() + path.read_bytes())
    return int.from_bytes(digest.digest()[:6], "big")


class _Reextraction:
    """One re-extraction under way."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        specs: Mapping[str, OutletSpec],
        name: str,
        *,
        dry_run: bool,
        on_change: OnChange,
    ) -> None:
        self.store, self.settings, self.name, self.dry_run = store, settings, name, dry_run
        self.specs, self.spec, self.on_change = specs, specs.get(name), on_change
        self.archive = Archive(settings.warc_dir)
        self.report = ReextractReport(name, dry_run)
        self.after_id = 0
        self.noted_at = time.monotonic()
        writer = self.archive.open_writer(f"{name}-reextract")  # nothing is fetched: no record, so no file
        self.intake = Intake(
            store,
            writer,
            specs,
            0,
            max_page_s=settings.crawler.max_page_s,
            drop_recurring=settings.crawler.drop_recurring,
        )
        with store.read() as tx:
            self.rules = rules_number(self.spec, keys_of(tx, name) if settings.crawler.drop_recurring else ())

    def run(self, *, limit: int | None, on_progress: OnProgress) -> ReextractReport:
        started = time.monotonic()
        if not self.dry_run:
            self._begin()
        state, reason = "partial", BROKEN_OFF
        try:
            state, reason = self._read_all(limit, on_progress)
        except KeyboardInterrupt:
            state, reason = "partial", STOPPED
        except StorageFullError as error:
            state, reason = "storage_full", str(error)
        finally:
            self.report.state, self.report.reason = state, reason
            self.report.seconds = time.monotonic() - started
            if not self.dry_run:
                self._end()
        return self.report

    def _begin(self) -> None:
        now = _now()
        with self.store.write() as tx:
            register_outlets(tx, self.specs.values(), now)
            run = start_run(tx, self.name, kind=KIND, now=now, pid=os.getpid(), host=socket.gethostname())
            earlier = next(
                (one for one in list_runs(tx, outlet=self.name, limit=500) if _is_earlier(one, run.id)), None
            )
            if earlier is not None and earlier.state in UNFINISHED and earlier.numbers.get("rules") == self.rules:
                self.after_id = self.report.went_on_after = earlier.numbers.get("after_page", 0)
            note_progress(tx, run.id, self._numbers(), now)
            note_act(tx, by=who(), act="read again the pages of", subject=self.name, detail=f"run {run.id}", now=now)
        self.report.run_id = self.intake.run_id = run.id

    def _end(self) -> None:
        with self.store.write() as tx:
            now = _now()
            self.intake.learn(tx, now=now)
            finish_run(
                tx,
                self.intake.run_id,
                state=self.report.state,
                reason=self.report.reason,
                numbers=self._numbers(),
                now=now,
            )

    def _read_all(self, limit: int | None, on_progress: OnProgress) -> tuple[str, str]:
        with self.store.read() as tx:
            total = count_pages_of_outlet(tx, self.name, after_id=self.after_id)
        for seen, stored in enumerate(self._pages(), start=1):
            if limit is not None and self.report.pages >= limit:
                return (
                    "budget",
                    f"{counted(limit, 'page was', 'pages were')} read, as asked; at most {total - seen + 1} are left.",
                )
            if seen % DISK_CHECK_EVERY == 0 and not self.dry_run:
                guard_disk(self.settings)
            self._take(stored)
            on_progress(seen, total)
        return self._verdict()

    def _verdict(self) -> tuple[str, str]:
        told = []
        if self.report.lost:
            told.append(f"{counted(self.report.lost, 'raw record is', 'raw records are')} gone or broken")
        if self.report.failed:
            told.append(f"{counted(self.report.failed, 'page was', 'pages were')} not understood or took too long")
        return ("partial", f"{' and '.join(told)}; the rest was read.") if told else ("done", "")

    def _pages(self) -> Iterator[StoredPage]:
        after = self.after_id
        while True:
            with self.store.read() as tx:
                batch = pages_of_outlet(tx, self.name, after_id=after, limit=BATCH)
            if not batch:
                return
            after = batch[-1].id
            yield from batch

    def _take(self, stored: StoredPage) -> None:
        with self.store.read() as tx:
            counts = decides_something(tx, stored, self.spec)
        if not counts:
            self.report.passed_over += 1
            self._pass(stored)
            return
        self.report.pages += 1
        try:
            reading = self._read(stored)
        except ArchiveFileError as error:
            self.report.lost += 1
            self._keep(stored, Outcome.NOT_IN_ARCHIVE, str(error))
            return
        if reading.article is not None and ArticleFlag.QUICK in reading.article.flags:
            self.report.failed += 1  # read in one pass, for it took too long: no better than what is held
            self._pass(stored)
            return
        if self.dry_run:
            with self.store.read() as tx:
                change = change_of(tx, stored, reading)
            self._count(change, reading)
            return
        with self.store.write() as tx:
            change = change_of(tx, stored, reading)
            if change is not None:
                self._store(tx, stored, reading, change)
                self._count(change, reading)
                self.after_id = stored.id
                note_progress(tx, self.intake.run_id, self._numbers(), _now())
        if change is None:
            self._count(None, reading)
            self._pass(stored)
        else:
            self.noted_at = time.monotonic()

    def _read(self, stored: StoredPage) -> Reading:
        if stored.warc is None:
            raise ArchiveFileError(f"{stored.url}: its raw record was not kept.")
        page = self.archive.read(stored.warc)
        if not page.url.startswith("urn:"):
            return self.intake.read_page(page, outlet=self.name)
        return Reading(page, self.name, self.spec, _text_reading(page, self.name, self.spec))

    def _store(self, tx: Transaction, stored: StoredPage, reading: Reading, change: PageChange) -> None:
        now = _now()
        taken = self.intake.take_again(tx, reading, stored, now=now)
        fields = ", ".join(one.field for one in change.fields)
        if reading.article is None and stored.article_id is not None:
            self.report.kept += 1
            detail = f"{taken.detail} Said by today's rules of a page we hold; the article is kept."
        elif stored.article_id is not None:
            self.report.corrected += 1
            detail = f"Read again by today's rules, revision {change.revision} corrected ({fields}); no edit."
        else:
            self.report.new += reading.article is not None
            detail = taken.detail or "Read again by today's rules."
        self.intake.record(tx, stored.url, taken.outcome, detail.strip(), now=now)

    def _keep(self, stored: StoredPage, outcome: Outcome, detail: str) -> None:
        """Record the outcome of a page that could not be read."""
        if not self.dry_run:
            with self.store.write() as tx:
                self.intake.record(tx, stored.url, outcome, detail, now=_now())
        self._pass(stored)

    def _pass(self, stored: StoredPage) -> None:
        """Go past a page that stores nothing; how far we are is written every few seconds."""
        self.after_id = stored.id
        if self.dry_run or time.monotonic() - self.noted_at < NOTE_EVERY_S:
            return
        with self.store.write() as tx:
            note_progress(tx, self.intake.run_id, self._numbers(), _now())
        self.noted_at = time.monotonic()

    def _count(self, change: PageChange | None, reading: Reading) -> None:
        self.report.failed += reading.extraction.outcome in (Outcome.EXTRACTION_FAILED, Outcome.UNDECODABLE)
        if change is None:
            return
        self.report.changed += 1
        self.report.fields.update(one.field for one in change.fields)
        for one in change.fields:
            if one.field == "outcome":
                self.report.outcomes[f"{one.values['before']} -> {one.values['after']}"] += 1
        self.on_change(change)

    def _numbers(self) -> dict[str, int]:
        one = self.report
        return {
            "rules": self.rules,
            "after_page": self.after_id,
            "pages": one.pages,
            "changed": one.changed,
            "corrected": one.corrected,
            "new": one.new,
            "kept": one.kept,
            "lost": one.lost,
        }


def _text_reading(page: Page, outlet: str, spec: OutletSpec | None) -> Extraction:
    """Read a text file of an outlet's archive, as its import did."""
    name = page.url.rsplit(":", 1)[-1]
    languages = spec.languages if spec is not None else ("en",)
    text = decode(page.body, "text/plain") or ""
    return read_text_article(text, outlet=outlet, filename=name, now=page.fetched_at, languages=languages)


def _is_earlier(run: Run, run_id: int) -> bool:
    return run.kind == KIND and run.id != run_id


def _now() -> datetime:
    return datetime.now(UTC)
