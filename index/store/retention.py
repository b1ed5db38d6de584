"""What is removed by age, a bounded batch at a time: decisions, runs, raw pages, the audit log. Articles never are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, delete, func, insert, or_, select, update

from index.outcomes import Outcome
from index.records import WarcPosition
from index.store.account_tables import acts
from index.store.engine import Transaction
from index.store.health_tables import run_observations
from index.store.host_tables import run_hosts
from index.store.keeping_tables import upkeep
from index.store.removals import add_removals, nowhere
from index.store.story_tables import quotations, stories, story_members
from index.store.tables import decisions, links, pages, revisions, runs

BATCH = 1000
"""Rows looked at in one transaction: some tens of milliseconds, so that no crawl waits long."""

RUNS_KEPT = 60
"""The newest runs of an outlet that stay whatever their age: what is usual is worked out from them."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch came to. `after` is where the next one begins; None: there is no more."""

    removed: int = 0
    kept: int = 0  # old enough, and still needed
    after: int | None = None
    bytes: int = 0


def old_decisions(tx: Transaction, before: datetime, *, after: int, remove: bool) -> Batch:
    """Remove decisions made before an instant, the oldest first; with `remove` False only count them.

    Kept is the newest word on an address whose raw page is held and gave no article: re-extraction asks for it.
    """
    query = select(decisions.c.id, decisions.c.url_key, decisions.c.at).where(decisions.c.id > after)
    rows = tx.execute(query.order_by(decisions.c.id).limit(BATCH)).all()
    old = [row for row in rows if row.at < before]
    return _without_needed(tx, old, remove=remove, last=rows[-1].id if old and len(rows) == BATCH else None)


def decisions_of_runs(tx: Transaction, run_ids: Sequence[int], *, after: int, remove: bool) -> Batch:
    """Remove the decisions of some runs, as `old_decisions`."""
    query = select(decisions.c.id, decisions.c.url_key).where(decisions.c.run_id.in_(run_ids), decisions.c.id > after)
    rows = tx.execute(query.order_by(decisions.c.id).limit(BATCH)).all()
    return _without_needed(tx, rows, remove=remove, last=rows[-1].id if len(rows) == BATCH else None)


def runs_over(tx: Transaction, most_rows: int) -> dict[str, list[int]]:
    """Return by outlet the runs whose decisions are over the number kept of it; the newest run never is."""
    query = (
        select(runs.c.outlet, decisions.c.run_id, func.count().label("rows"))
        .join(runs, runs.c.id == decisions.c.run_id)
        .group_by(runs.c.outlet, decisions.c.run_id)
        .order_by(runs.c.outlet, decisions.c.run_id.desc())
    )
    found: dict[str, list[int]] = {}
    outlet, total = None, 0
    for row in tx.execute(query):
        is_newest = row.outlet != outlet
        outlet, total = row.outlet, row.rows if is_newest else total + row.rows
        if total > most_rows and not is_newest:
            found.setdefault(row.outlet, []).append(row.run_id)
    return found


def old_runs(tx: Transaction, before: datetime, *, after: int, remove: bool) -> Batch:
    """Remove runs that ended before an instant, with all that is told of them; the newest of each outlet stay."""
    query = select(runs.c.id, runs.c.outlet).where(runs.c.id > after, runs.c.finished_at < before)
    rows = tx.execute(query.order_by(runs.c.id).limit(BATCH // 10)).all()
    bounds = {row.outlet: _newest_kept(tx, row.outlet) for row in rows}
    gone = [row.id for row in rows if row.id < bounds[row.outlet]]
    if gone and remove:
        for table in (decisions, run_observations, run_hosts):
            tx.execute(delete(table).where(table.c.run_id.in_(gone)))
        tx.execute(delete(runs).where(runs.c.id.in_(gone)))
    last = rows[-1].id if len(rows) == BATCH // 10 else None
    return Batch(len(gone), len(rows) - len(gone), last)


def old_raw_pages(
    tx: Transaction, before: datetime, *, cited_too: bool, after: int, remove: bool, now: datetime
) -> Batch:
    """Take the raw records from pages fetched before an instant, and put them on the list of removals.

    Kept are, unless `cited_too`, those a revision was read from whose article stands in a story with others, is
    quoted, or is cited: they are evidence.
    """
    columns = (pages.c.id, pages.c.warc_file, pages.c.warc_offset, pages.c.warc_length, pages.c.fetched_at)
    query = select(*columns).where(pages.c.id > after).order_by(pages.c.id).limit(BATCH)
    rows = tx.execute(query).all()
    old = [row for row in rows if row.warc_file is not None and row.fetched_at < before]
    evidence = set() if cited_too else _evidence(tx, [row.id for row in old])
    gone = [row for row in old if row.id not in evidence]
    if gone and remove:
        add_removals(tx, [WarcPosition(row.warc_file, row.warc_offset, row.warc_length) for row in gone], now=now)
        tx.execute(update(pages).where(pages.c.id.in_([row.id for row in gone])).values(nowhere(now)))
    last = rows[-1].id if len(rows) == BATCH else None
    return Batch(len(gone), len(evidence), last, sum(row.warc_length for row in gone))


def files_without_pages(tx: Transaction, files: Collection[str]) -> list[str]:
    """Return those WARC files of which no page has a record any more."""
    used = set(tx.execute(select(pages.c.warc_file).where(pages.c.warc_file.in_(list(files))).distinct()).scalars())
    return sorted(set(files) - used)


def old_acts(tx: Transaction, before: datetime, *, remove: bool) -> int:
    """Remove what was changed by hand before an instant from the audit log; return how many lines."""
    if not remove:
        return int(tx.execute(select(func.count()).select_from(acts).where(acts.c.at < before)).scalar_one())
    some = select(acts.c.id).where(acts.c.at < before).order_by(acts.c.id).limit(BATCH)
    return int(tx.execute(delete(acts).where(acts.c.id.in_(some))).rowcount)


def begin_upkeep(tx: Transaction, name: str, *, every: timedelta, now: datetime) -> bool:
    """Say whether some work is due, and note that whoever asks has begun it: of several schedulers one does it."""
    held = tx.execute(select(upkeep.c.begun_at).where(upkeep.c.name == name)).scalar()
    if held is not None and now - held < every:
        return False
    if held is None:
        tx.execute(insert(upkeep).values(name=name, begun_at=now))
    else:
        tx.execute(update(upkeep).where(upkeep.c.name == name).values(begun_at=now))
    return True


def _without_needed(tx: Transaction, rows: Sequence[Any], *, remove: bool, last: int | None) -> Batch:
    needed = _last_words(tx, {row.url_key for row in rows})
    gone = [row.id for row in rows if row.id not in needed]
    if gone and remove:
        tx.execute(delete(decisions).where(decisions.c.id.in_(gone)))
    return Batch(len(gone), len(rows) - len(gone), last)


def _last_words(tx: Transaction, keys: Collection[str]) -> set[int]:
    """The newest decision about what each of these addresses is, where its raw page is held and gave no article."""
    said = decisions.c.outcome.not_in([Outcome.NOT_MODIFIED.value, Outcome.UNCHANGED.value])
    query = select(func.max(decisions.c.id)).where(said).group_by(decisions.c.url_key)
    nobodys = select(pages.c.url_key).where(pages.c.article_id.is_(None), pages.c.warc_file.is_not(None))
    found: set[int] = set()
    wanted = sorted(keys)
    for start in range(0, len(wanted), 400):
        held = set(tx.execute(nobodys.where(pages.c.url_key.in_(wanted[start : start + 400]))).scalars())
        if held:
            found.update(tx.execute(query.where(decisions.c.url_key.in_(held))).scalars())
    return found


def _newest_kept(tx: Transaction, outlet: str) -> int:
    """The id of the oldest run of an outlet that stays whatever its age."""
    newest = select(runs.c.id).where(runs.c.outlet == outlet).order_by(runs.c.id.desc()).limit(RUNS_KEPT).subquery()
    return int(tx.execute(select(func.coalesce(func.min(newest.c.id), 0))).scalar_one())


def _evidence(tx: Transaction, page_ids: Sequence[int]) -> set[int]:
    """Those of some pages that a revision was read from which something points at."""
    told: Select[Any] = select(story_members.c.article_id).join(
        stories, and_(stories.c.id == story_members.c.story_id, stories.c.articles > 1)
    )
    cited = select(links.c.id).where(
        links.c.target_article_id == revisions.c.article_id, links.c.article_id != revisions.c.article_id
    )
    pointed_at = or_(
        told.where(story_members.c.article_id == revisions.c.article_id).exists(),
        select(quotations.c.position).where(quotations.c.article_id == revisions.c.article_id).exists(),
        cited.exists(),
    )
    found: set[int] = set()
    for start in range(0, len(page_ids), 400):
        query = select(revisions.c.page_id).where(revisions.c.page_id.in_(page_ids[start : start + 400]), pointed_at)
        found.update(tx.execute(query).scalars())
    return found
