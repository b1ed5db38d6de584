"""The one door to take an article down, for the command and the site: `take_down`. It cannot be undone.

In this order: look for its words in raw records, remove all rows in one transaction that bars its addresses, look
again at what was written meanwhile, overwrite the bytes. Killed at any place, nothing or all of its rows are gone, and
what is left to overwrite is on record: the next takedown, or the same once more, goes on there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from config.counting import counted
from config.settings import Settings
from index.archive import Archive
from index.overwriting import overwrite_logs, overwrite_pending
from index.raw_records import records_in
from index.records import WarcPosition
from index.search.backend import SearchBackend
from index.sought import Sought, sought_of
from index.store import Store
from index.store.removals import add_removals, let_go, records_of_pages
from index.store.takedowns import erase, plan_takedown, taken_down_among, texts_of
from index.takedown_records import Takedown, TakedownPlan, TakedownReport, Tombstone
from index.urls import url_key

NOT_BEFORE = timedelta(days=7)
"""Files last written so long before an article was first seen are not looked through for its words."""

YOURS = (
    "Files it was imported from, exports, backups, data folders of other machines and logs outside this one are yours: "
    "they were not touched."
)


def take_down(
    store: Store,
    backend: SearchBackend,
    settings: Settings,
    url: str,
    *,
    by: str,
    now: datetime,
    reason: str = "",
    dry_run: bool = False,
    copies: bool = False,
    everywhere: bool = False,
    wait_s: float = 60.0,
) -> TakedownReport:
    """Remove an article with every trace of its text and bar its addresses; with `dry_run` only say what would go.

    `copies` takes articles with the same text too; `everywhere` raw pages of other articles that repeat its words.
    Other processes at work on index or database are waited for, `wait_s` seconds each; what is left then stands in the
    report. Raises NotFoundError for what is no address, StorageFullError when a raw file cannot be rewritten.
    """
    with store.read() as tx:
        plans = [plan_takedown(tx, url)]
        if copies:
            plans += [plan_takedown(tx, one.url) for one in plans[0].copies]
        texts = [text for plan in plans if plan.article_id is not None for text in texts_of(tx, plan.article_id)]
    look = _Look(store, Archive(settings.warc_dir), plans, sought_of(texts), everywhere=everywhere)
    look.through()
    if dry_run:
        return _report(plans, look, copies=copies, dry_run=True)
    overwrite_logs(settings.data.dir / "logs", look.sought)  # while the words are known: a kill may come any time
    done = [_erased(store, plan, look, by=by, reason=reason, now=now) for plan in plans]
    look.again(now)
    overwrite_logs(settings.data.dir / "logs", look.sought)
    sought = look.sought if texts else None
    left, told = overwrite_pending(store, backend, settings, now=now, sought=sought, wait_s=wait_s)
    return _report(plans, look, copies=copies, done=done, left=left, told=told)


def take_down_again(
    store: Store, backend: SearchBackend, settings: Settings, tombstones: Sequence[Tombstone], *, now: datetime
) -> int:
    """Take down in an older archive what was taken down in a newer one; return how many articles that were.

    Addresses that are held by nobody are barred all the same. What is barred already is left as it is.
    """
    with store.read() as tx:
        barred = taken_down_among(tx, [one.url for one in tombstones])
        fresh = [one for one in tombstones if url_key(one.url) not in barred]
        plans = [plan_takedown(tx, one.url) for one in fresh]
        texts = [text for plan in plans if plan.article_id is not None for text in texts_of(tx, plan.article_id)]
    if not fresh:
        return 0
    look = _Look(store, Archive(settings.warc_dir), plans, sought_of(texts), everywhere=False)
    look.through()
    removed = 0
    for one in fresh:
        with store.write() as tx:
            held = plan_takedown(tx, one.url)
            removed += held.article_id is not None
            erase(tx, held, raw=list(look.found), by="a newer archive", reason=one.reason, now=one.at)
            look.found.clear()
    overwrite_pending(store, backend, settings, now=now)
    return removed


def _erased(store: Store, plan: TakedownPlan, look: _Look, *, by: str, reason: str, now: datetime) -> Takedown:
    """Remove the rows of what is held now, which another process may have removed by then."""
    with store.write() as tx:
        held = plan_takedown(tx, plan.url)
        return erase(tx, held, raw=list(look.found), by=by, reason=reason, now=now)


@dataclass(slots=True)
class _Look:
    """A look through the raw records for the addresses and the words of what goes."""

    store: Store
    archive: Archive
    plans: Collection[TakedownPlan]
    sought: Sought
    everywhere: bool
    found: dict[WarcPosition, None] = field(default_factory=dict)
    elsewhere: dict[str, None] = field(default_factory=dict)
    _sizes: dict[str, int] = field(default_factory=dict)

    def through(self) -> None:
        """Look through every file that may hold something, once; a file that has grown since, again."""
        keys = frozenset(url_key(url) for plan in self.plans for url in plan.addresses)
        own = frozenset(plan.article_id for plan in self.plans) - {None}
        seen = [plan.first_seen_at for plan in self.plans if plan.first_seen_at is not None]
        since = (min(seen) - NOT_BEFORE).timestamp() if seen else 0.0
        for path in sorted(self.archive.folder.glob("*.warc.gz")):
            try:
                state = path.stat()
            except FileNotFoundError:
                continue
            if state.st_mtime < since or self._sizes.get(path.name) == state.st_size:
                continue
            self._sizes[path.name] = state.st_size
            with self.store.read() as tx:
                known = records_of_pages(tx, path.name)
            for record in records_in(path, known=known):
                page = known.get(record.position.offset)
                others = page is not None and page[1] is not None and page[1] not in own
                asked = record.requested_url and url_key(record.requested_url) in keys
                if url_key(record.url) in keys or (asked and not others):
                    self.found[record.position] = None
                elif self.sought.in_record(record.content):
                    if page is not None and others:
                        self.elsewhere[page[2]] = None
                    if self.everywhere or not others:
                        self.found[record.position] = None

    def again(self, now: datetime) -> None:
        """Look at what was written since, and put it on the list of removals."""
        before = set(self.found)
        self.through()
        fresh = [one for one in self.found if one not in before]
        if fresh:
            with self.store.write() as tx:
                let_go(tx, fresh, now=now)
                add_removals(tx, fresh, now=now)


def _report(
    plans: list[TakedownPlan],
    look: _Look,
    *,
    copies: bool,
    dry_run: bool = False,
    done: Collection[Takedown] = (),
    left: tuple[str, ...] = (),
    told: tuple[str, ...] = (),
) -> TakedownReport:
    return TakedownReport(
        plan=plans[0],
        dry_run=dry_run,
        takedown=next(iter(done), None),
        raw_records=len(look.found),
        elsewhere=tuple(look.elsewhere),
        notes=(*_notes(plans[0], look, copies=copies), *told),
        left=left,
        others=tuple(done)[1:],
    )


def _notes(plan: TakedownPlan, look: _Look, *, copies: bool) -> list[str]:
    notes = []
    if plan.cited_by:
        citing = counted(plan.cited_by, "article links to it", "articles link to it")
        notes.append(f"{citing}; what they say in their own sentences is theirs and stays.")
    if plan.copies and not copies:
        same = counted(len(plan.copies), "other article has its text and was", "other articles have its text and were")
        notes.append(f"{same} left; --copies takes them down too.")
    if look.elsewhere and not look.everywhere:
        pages = counted(len(look.elsewhere), "raw page of another article repeats", "raw pages of others repeat")
        notes.append(f"{pages} some of its words, as a headline in a list; --everywhere removes them as well.")
    return [*notes, YOURS]


def report_json(report: TakedownReport) -> Mapping[str, object]:
    """Return a report as JSON values."""
    plan, one = report.plan, report.takedown
    return {
        "url": plan.url,
        "article_id": plan.article_id,
        "outlet": plan.outlet or None,
        "dry_run": report.dry_run,
        "done": not report.dry_run and not report.left,
        "addresses": list(plan.addresses),
        "counts": {**plan.counts, "raw_record": report.raw_records},
        "cited_by": plan.cited_by,
        "copies": [
            {"article_id": same.article_id, "outlet": same.outlet, "url": same.url, "title": same.title}
            for same in plan.copies
        ],
        "copies_taken_down": [other.url for other in report.others],
        "elsewhere": list(report.elsewhere),
        "at": one.at.isoformat() if one is not None else None,
        "by": one.by if one is not None else None,
        "reason": one.reason if one is not None else None,
        "notes": list(report.notes),
        "left": list(report.left),
    }
