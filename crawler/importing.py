"""Files into the archive, by the path a crawled page takes. One import is one run; a broken record costs itself."""

from __future__ import annotations

import logging
import os
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.counting import counted
from config.errors import EXIT_DONE, EXIT_PARTIAL, EXIT_STORAGE_FULL, StorageFullError, UsageError
from config.outlets import OutletSpec, load_outlets
from config.settings import Settings
from crawler.extract.language import language_of
from crawler.extract.textfile import read_text_article
from crawler.import_files import URN, Fault, FileRecord, Record, TextRecord, kind_of, read_records
from crawler.import_texts import article_of_line
from crawler.intake import Intake, Reading, Taken
from crawler.network.outcomes import fault_of_status
from crawler.run import guard_disk
from index.archive import Archive
from index.outcomes import Outcome
from index.records import Article, Page
from index.store import Store, Transaction, open_store
from index.store.outlets import provisional_outlet, register_outlets
from index.store.runs import finish_run, start_run
from index.urls import host_of

log = logging.getLogger(__name__)

TEXTS_IN_ONE_TRANSACTION = 100
"""Texts come by the thousand and each is small; a page has a transaction of its own, as in a crawl."""

DISK_CHECK_EVERY = 500
OnFault = Callable[[str], None]
OnBytes = Callable[[int], None]
ALARMS = frozenset({Outcome.EXTRACTION_FAILED, Outcome.UNDECODABLE, Outcome.TOO_LARGE})


@dataclass(slots=True)
class ImportReport:
    """What an import did. `counts` are outcomes by name; `faults` the records that could not be read."""

    run_id: int
    files: int
    records: int = 0
    faults: int = 0
    redirects: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    state: str = "done"
    reason: str = ""

    @property
    def exit_code(self) -> int:
        """The exit code of a command that made this import."""
        return {"done": EXIT_DONE, "storage_full": EXIT_STORAGE_FULL}.get(self.state, EXIT_PARTIAL)

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "run_id": self.run_id,
            "kind": "import",
            "files": self.files,
            "records": self.records,
            "faults": self.faults,
            "redirects": self.redirects,
            "outcomes": dict(sorted(self.counts.items())),
            "seconds": round(self.seconds, 3),
            "state": self.state,
            "reason": self.reason,
            "exit_code": self.exit_code,
        }


def import_files(
    paths: Sequence[Path],
    *,
    settings: Settings,
    outlet: str = "",
    url: str = "",
    on_fault: OnFault = log.warning,
    on_bytes: OnBytes = lambda _count: None,
) -> ImportReport:
    """Take files into the archive and return what became of their records.

    `outlet` names the outlet of records that name none themselves and whose host nobody owns; `url` is the address of
    a single HTML file. Raises UsageError before anything is stored when a file is of no known kind.
    """
    _check(paths, outlet=outlet, url=url)
    guard_disk(settings)
    store = open_store(settings)
    try:
        return _Import(store, settings, outlet=outlet, on_fault=on_fault).run(paths, url=url, on_bytes=on_bytes)
    finally:
        store.close()


def _check(paths: Sequence[Path], *, outlet: str, url: str) -> None:
    kinds = [kind_of(path) for path in paths]
    if url and (len(paths) != 1 or kinds[0] != "html"):
        raise UsageError("--url is the address of one HTML file: import that file alone, or leave --url out.")
    if outlet and _outlet_name(outlet) != outlet:
        raise UsageError(f"--outlet {outlet}: use lower-case letters, digits, dot, dash and underscore only.")
    texts = [path for path, kind in zip(paths, kinds, strict=True) if kind == "txt"]
    if texts and not outlet:
        raise UsageError(f"{texts[0]}: a text file does not say whose it is; name its outlet with --outlet NAME.")


class _Import:
    """One import under way."""

    def __init__(self, store: Store, settings: Settings, *, outlet: str, on_fault: OnFault) -> None:
        self.store = store
        self.settings = settings
        self.outlet = outlet
        self.on_fault = on_fault
        self.specs: dict[str, OutletSpec] = load_outlets(settings.outlet_folders)
        self.now = datetime.now(UTC)
        self.known_names: set[str] = set()
        self.texts: list[Article] = []
        with store.write() as tx:
            register_outlets(tx, self.specs.values(), self.now)
            run = start_run(tx, outlet, kind="import", now=self.now, pid=os.getpid(), host=socket.gethostname())
        writer = Archive(settings.warc_dir).open_writer(f"import-{self.now:%Y%m%dT%H%M%SZ}-{run.id}")
        self.intake = Intake(
            store,
            writer,
            self.specs,
            run.id,
            history=True,
            max_page_s=settings.crawler.max_page_s,
            drop_recurring=settings.crawler.drop_recurring,
        )
        self.report = ImportReport(run.id, 0)

    def run(self, paths: Sequence[Path], *, url: str, on_bytes: OnBytes) -> ImportReport:
        started = time.monotonic()
        self.report.files = len(paths)
        state, reason = "partial", "Stopped before the end; what was taken is kept. Repeat it: nothing is stored twice."
        try:
            for record in self._records(paths, url=url, on_bytes=on_bytes):
                self._take(record)
            self._take_texts()
            state, reason = self._verdict()
        except StorageFullError as error:
            state, reason = "storage_full", str(error)
        finally:
            self.intake.writer.close()
            with self.store.write() as tx:
                self.intake.learn(tx, now=self.now)
                numbers = {
                    "files": self.report.files,
                    "records": self.report.records,
                    "faults": self.report.faults,
                    "redirects": self.report.redirects,
                }
                run = finish_run(
                    tx, self.report.run_id, state=state, reason=reason, numbers=numbers, now=datetime.now(UTC)
                )
        self.report.counts, self.report.state, self.report.reason = run.counts, state, reason
        self.report.seconds = time.monotonic() - started
        return self.report

    def _records(self, paths: Sequence[Path], *, url: str, on_bytes: OnBytes) -> Iterator[Record]:
        max_bytes = self.settings.network.max_body_bytes
        for path in paths:
            yield from read_records(path, url=url, now=self.now, max_bytes=max_bytes, on_bytes=on_bytes)

    def _take(self, record: Record) -> None:
        if isinstance(record, Fault):
            self._fault(record.sentence)
            return
        self.report.records += 1
        if self.report.records % DISK_CHECK_EVERY == 0:
            guard_disk(self.settings)
        if isinstance(record, TextRecord):
            self._take_text(record)
        elif isinstance(record, FileRecord):
            self._take_file(record)
        else:
            self._take_page(record.page)

    def _take_page(self, page: Page) -> None:
        if 300 <= page.status < 400:
            self.report.redirects += 1  # the page it leads to is a record of its own
            return
        refused = _why_not_page(page, self.settings)
        if refused is not None:
            with self.store.write() as tx:
                self.intake.conclude(tx, refused, now=self.now)
            return
        self.intake.take_page(self.intake.read_page(page, outlet=self.outlet), now=self.now)

    def _take_file(self, record: FileRecord) -> None:
        """Take a text file of an outlet's own archive in; its bytes are kept under the address it gets."""
        outlet = record.outlet or self.outlet
        kept_at = record.kept_at or self.now
        spec = self.specs.get(outlet)
        languages = spec.languages if spec is not None else ("en",)
        extraction = read_text_article(
            record.text, outlet=outlet, filename=record.name, now=kept_at, languages=languages
        )
        page = Page(f"{URN}{outlet}:{record.name}", record.body, kept_at, content_type="text/plain")
        self.intake.take_page(Reading(page, outlet, spec, extraction), now=self.now)

    def _take_text(self, record: TextRecord) -> None:
        host = host_of(record.url)
        outlet = self.intake.owners.get(host) or _outlet_name(record.outlet) or self.outlet
        if not outlet and not host:
            self._fault(f"{record.where}: names neither outlet nor url; name its outlet with --outlet NAME.")
            return
        try:
            language = language_of(record.text, title=record.title)
            spec = self.specs.get(outlet)
            article = article_of_line(record, outlet=outlet, spec=spec, language=language, now=self.now)
        except ValueError as error:
            self._fault(f"{record.where}: {error}")
            return
        self.texts.append(article)
        if len(self.texts) >= TEXTS_IN_ONE_TRANSACTION:
            self._take_texts()

    def _take_texts(self) -> None:
        """Store the texts gathered so far in one transaction."""
        if not self.texts:
            return
        with self.store.write() as tx:
            articles = [self._with_outlet(tx, article) for article in self.texts]
            self.intake.take_texts(tx, articles, now=self.now)
        self.texts.clear()

    def _fault(self, sentence: str) -> None:
        self.report.faults += 1
        self.on_fault(sentence)

    def _with_outlet(self, tx: Transaction, article: Article) -> Article:
        """Register the outlet of a text that no file defines, by its name or else by its host, once."""
        if article.outlet in self.specs or article.outlet in self.known_names:
            return article
        host = "" if article.outlet else host_of(article.canonical_url)
        name = provisional_outlet(tx, host, self.now, name=article.outlet)
        if article.outlet:
            self.known_names.add(name)
        return replace(article, outlet=name)

    def _verdict(self) -> tuple[str, str]:
        alarms = sum(self.intake.counts.get(outcome, 0) for outcome in ALARMS)
        if not self.report.faults and not alarms:
            return "done", ""
        told = f"{counted(self.report.faults, 'record')} could not be read" if self.report.faults else ""
        told += (" and " if told and alarms else "") + (
            f"{counted(alarms, 'page was', 'pages were')} not understood" if alarms else ""
        )
        return "partial", f"{told}; the rest was taken."


def _why_not_page(page: Page, settings: Settings) -> Taken | None:
    """Return the outcome of a record that holds no page to extract, by its status and size."""
    size = page.left_out_bytes or len(page.body)
    if page.left_out_bytes or size > settings.network.max_body_bytes:
        return Taken(
            page.url, Outcome.TOO_LARGE, f"{counted(size, 'byte')}; the limit is {settings.network.max_body_bytes}."
        )
    fault = fault_of_status(page.status)
    return None if fault is None else Taken(page.url, fault.outcome, fault.detail)


def _outlet_name(name: str) -> str:
    """Turn what a line calls its outlet into a name that can stand in addresses and queries."""
    return re.sub(r"[^\w.-]+", "-", name.strip().lower()).strip("-.")[:80]
