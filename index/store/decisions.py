"""The log of decisions: how each URL ended in each run, and the whole answer to `why URL`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from config.counting import counted
from index.errors import NotFoundError
from index.outcomes import Outcome
from index.records import Decision
from index.store.columns import storable
from index.store.engine import Transaction
from index.store.keeping_tables import takedowns
from index.store.tables import addresses, articles, decisions, leads, links, pages, revisions, tombstones
from index.urls import url_key

_MOST = 500


def record_outcome(tx: Transaction, *, run_id: int, url: str, outcome: Outcome, detail: str, now: datetime) -> None:
    """Write how a URL ended in a run; said again in the same run, the last word counts."""
    record_outcomes(tx, [(url, outcome, detail)], run_id=run_id, now=now)


def record_outcomes(
    tx: Transaction, endings: Iterable[tuple[str, Outcome, str]], *, run_id: int, now: datetime
) -> None:
    """Write how many URLs ended in a run, as (url, outcome, detail); in one statement."""
    rows = [
        {
            "run_id": run_id,
            "url_key": url_key(storable(url)),
            "url": storable(url),
            "at": now,
            "outcome": outcome.value,
            "detail": storable(detail)[:1000],
        }
        for url, outcome, detail in endings
    ]
    if not rows:
        return
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(decisions)
    again = {key: statement.excluded[key] for key in ("url", "at", "outcome", "detail")}
    tx.execute(statement.on_conflict_do_update(index_elements=["run_id", "url_key"], set_=again), rows)


def outcome_counts(tx: Transaction, run_id: int) -> Counter[str]:
    """Return how many URLs of a run ended in which outcome."""
    query = select(decisions.c.outcome, func.count()).where(decisions.c.run_id == run_id).group_by(decisions.c.outcome)
    return Counter(dict(tx.execute(query).all()))


def decisions_of_run(
    tx: Transaction, run_id: int, *, outcome: Outcome | None = None, limit: int = _MOST, offset: int = 0
) -> list[Decision]:
    """Return how the URLs of a run ended, in the order they did; only those that ended as `outcome` where named."""
    query = select(decisions).where(decisions.c.run_id == run_id).order_by(decisions.c.id)
    if outcome is not None:
        query = query.where(decisions.c.outcome == outcome.value)
    query = query.limit(limit).offset(offset)
    return [
        Decision(row.url, row.at, "outcome", Outcome(row.outcome), row.detail, row.run_id) for row in tx.execute(query)
    ]


def last_reading(tx: Transaction, url: str) -> Decision | None:
    """Return the newest decision about what the page of an address is; that it was not modified says nothing of it."""
    said = decisions.c.outcome.not_in([Outcome.NOT_MODIFIED.value, Outcome.UNCHANGED.value])
    query = select(decisions).where(decisions.c.url_key == url_key(storable(url)), said)
    row = tx.execute(query.order_by(decisions.c.id.desc()).limit(1)).first()
    return None if row is None else Decision(row.url, row.at, "outcome", Outcome(row.outcome), row.detail, row.run_id)


def decisions_about(tx: Transaction, url: str) -> list[Decision]:
    """Return everything known of an address in the order it happened; at most 500 lines of each kind, newest kept.

    Raises NotFoundError when nothing is known of it.
    """
    key = url_key(storable(url))
    story = [*_found(tx, key), *_fetched(tx, key), *_decided(tx, key), *_stored(tx, key), *_taken_down(tx, key)]
    if not story:
        raise NotFoundError(
            f"Nothing is known of {url}: no source named it, no article links to it, nobody asked for it."
        )
    return sorted(story, key=lambda decision: decision.at)


def _found(tx: Transaction, key: str) -> list[Decision]:
    said = []
    row = tx.execute(select(leads).where(leads.c.url_key == key)).first()
    if row is not None:
        where = f"in {row.found_in}" if row.found_in else "by a command"
        now = "waits for a run" if row.state != "done" else f"last ended as {row.outcome}"
        detail = f"Found {where} ({row.via}), {counted(row.depth, 'link step')} from a source; {now}."
        said.append(Decision(row.url, row.found_at, "found", None, detail, row.found_run_id))
    query = (
        select(links.c.url, links.c.first_seen_at, links.c.role, articles.c.canonical_url)
        .join(articles, articles.c.id == links.c.article_id)
        .where(links.c.url_key == key, links.c.revision_to.is_(None))
        .order_by(links.c.first_seen_at)
        .limit(20)
    )
    said += [
        Decision(url, at, "linked", None, f"Linked by {citing} ({role}).")
        for url, at, role, citing in tx.execute(query)
    ]
    return said


def _fetched(tx: Transaction, key: str) -> list[Decision]:
    query = select(pages).where(pages.c.url_key == key).order_by(pages.c.id.desc()).limit(_MOST)
    said = []
    for row in tx.execute(query):
        where = f"; raw record in {row.warc_file} at {row.warc_offset}" if row.warc_file else ""
        if row.raw_removed_at is not None:
            where = f"; its raw record was removed on {row.raw_removed_at:%Y-%m-%d}"
        detail = f"Fetched: HTTP {row.status}, {counted(row.body_bytes, 'byte')}{where}."
        said.append(Decision(row.url, row.fetched_at, "fetched", None, detail, row.run_id))
    return said


def _decided(tx: Transaction, key: str) -> list[Decision]:
    query = select(decisions).where(decisions.c.url_key == key).order_by(decisions.c.id.desc()).limit(_MOST)
    said = []
    for row in tx.execute(query):
        outcome = Outcome(row.outcome)
        detail = " ".join(part for part in (outcome.sentence, row.detail) if part)
        said.append(Decision(row.url, row.at, "outcome", outcome, detail, row.run_id))
    return said


def _stored(tx: Transaction, key: str) -> list[Decision]:
    query = (
        select(addresses.c.url, revisions)
        .join(revisions, revisions.c.article_id == addresses.c.article_id)
        .where(addresses.c.url_key == key)
        .order_by(revisions.c.number.desc())
        .limit(_MOST)
    )
    return [
        Decision(
            row.url,
            row.seen_at,
            "stored",
            None,
            f"Stored as article {row.article_id}, revision {row.number}: {row.changes}",
            row.run_id,
        )
        for row in tx.execute(query)
    ]


def _taken_down(tx: Transaction, key: str) -> list[Decision]:
    row = tx.execute(select(tombstones).where(tombstones.c.url_key == key)).first()
    if row is not None:
        reason = row.reason or "no reason was given."
        return [Decision(row.url, row.at, "taken_down", Outcome.TAKEN_DOWN, f"Taken down: {reason}")]
    lifted = select(takedowns).where(takedowns.c.lifted_at.is_not(None)).order_by(takedowns.c.id)
    said = []
    for row in tx.execute(lifted):
        if url_key(row.url) == key:
            told = f"Taken down: {row.reason or 'no reason was given.'}"
            said.append(Decision(row.url, row.at, "taken_down", Outcome.TAKEN_DOWN, told))
            again = f"May be crawled again: {row.lifted_by} lifted the takedown."
            said.append(Decision(row.url, row.lifted_at, "lifted", None, again))
    return said
