"""What `watchfloor doctor` finds of the work: database, index, parts that run, outlets, and whether anybody is told."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from config.counting import counted
from config.errors import WatchfloorError
from config.settings import Settings
from crawler.findings import FAULT, OK, WARNING, Finding
from crawler.telling.channels import channels_of
from index.alerts.records import Beat, Part
from index.health.records import HealthState
from index.job_records import JobState
from index.search.fields import SCHEMA_VERSION
from index.search.opening import open_backend
from index.store import open_store, opened_store
from index.store.alerts import list_alerts
from index.store.beats import list_beats
from index.store.changes import last_change
from index.store.health import list_health
from index.store.jobs import count_jobs
from index.store.outlets import coverage
from index.store.schedules import list_schedules
from index.store.schema import HEAD
from index.store.takedowns import pending_takedowns
from index.takedown_records import LEFT

MOST_NAMED = 10
LONGEST_WAIT_S = 5.0
"""Seconds within which the database must let us write; who writes keeps it for milliseconds."""

_TELLS_OF = (HealthState.BROKEN, HealthState.BLOCKED, HealthState.STALE, HealthState.DEGRADED)


def database(settings: Settings) -> Iterator[Finding]:
    """Find whether the database answers, has the schema of this version, and can be written."""
    with opened_store(settings) as store, store.read() as tx:
        end, dialect = last_change(tx), store.dialect
    wait_s = min(settings.database.busy_timeout_s, LONGEST_WAIT_S)
    hasty = settings.model_copy(update={"database": settings.database.model_copy(update={"busy_timeout_s": wait_s})})
    try:
        with opened_store(hasty) as store, store.write():
            pass
    except WatchfloorError as error:
        yield Finding("database", FAULT, f"It can be read, and not be written in {wait_s:g} s: {error}")
        return
    yield Finding("database", OK, f"{dialect}, schema {HEAD}, {counted(end, 'change')} so far.")


def index(settings: Settings) -> Iterator[Finding]:
    """Find whether the index opens and how far it is behind."""
    store, backend = open_store(settings), open_backend(settings)
    try:
        with store.read() as tx:
            end = last_change(tx)
        behind = end - backend.position()
        if behind > 0:
            yield Finding(
                "index", WARNING, f"{counted(behind, 'change')} behind the database: run `watchfloor index sync`."
            )
        elif behind < 0:
            yield Finding("index", FAULT, "The index is ahead of the database: run `watchfloor index rebuild`.")
        else:
            held = counted(backend.count(), "document")
            yield Finding("index", OK, f"{backend.name}, version {SCHEMA_VERSION}, {held}, up to date.")
    finally:
        backend.close()
        store.close()


def freshness(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Find the outlets that were not read in time."""
    with opened_store(settings) as store, store.read() as tx:
        covered = coverage(tx, now=now, stale_after_h=settings.coverage.stale_after_h)
    late = [one.outlet for one in covered if one.state in ("stale", "never")]
    if late:
        hours = settings.coverage.stale_after_h
        yield Finding("freshness", WARNING, f"Not read in the last {hours:g} h: {_named(late)}.")
    else:
        yield Finding("freshness", OK, f"{counted(len(covered), 'outlet')} held, none stale.")


def parts(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Find which parts give signs of life, and which are missed."""
    with opened_store(settings) as store, store.read() as tx:
        beats = list_beats(tx)
        schedules = sum(kept.paused_at is None for kept in list_schedules(tx))
        counts = count_jobs(tx)
    wanted = counts[JobState.WAITING] + counts[JobState.LEASED]
    silent = timedelta(minutes=settings.alerts.silent_min)
    alive = [one for one in beats if one.ended_at is None and now - one.at <= silent]
    needed = [*([Part.SCHEDULER] if schedules else []), *([Part.WORKER] if schedules or wanted else [])]
    missing = [part for part in needed if not any(one.part is part for one in alive)]
    died = [one for one in beats if one.ended_at is None and now - one.at > silent]
    if missing:
        why = [counted(schedules, "schedule is in force", "schedules are in force")] if schedules else []
        why += [counted(wanted, "job waits or was begun", "jobs wait or were begun")] if wanted else []
        yield Finding(
            "parts",
            WARNING,
            f"{', '.join(why)} and no {' and no '.join(missing)} runs: `watchfloor up` runs all.{_last_sign(died)}",
        )
    elif not alive:
        yield Finding("parts", OK, "Nothing runs and nothing is scheduled; `watchfloor up` runs all parts.")
    else:
        told = [
            f"{counted(len(same), part.value)}, {(now - same[0].at).total_seconds():.0f} s ago"
            for part in Part
            if (same := [one for one in alive if one.part is part])
        ]
        yield Finding("parts", OK, f"Signs of life: {'; '.join(told)}.")


def alerts(settings: Settings) -> Iterator[Finding]:
    """Find whether somebody is told when something breaks, and whether the messages are taken."""
    channels = channels_of(settings)
    if not channels:
        sentence = (
            "Nobody is told when something breaks: set [alerts] mail_to or webhook_url, then `watchfloor alerts test`."
        )
        yield Finding("alerts", WARNING, sentence)
        return
    with opened_store(settings) as store, store.read() as tx:
        told = list_alerts(tx, limit=200)
    refused = [one for told_one in told for one in told_one.tellings if one.next_try_at is not None and one.last_error]
    if refused:
        many = counted(len(refused), "message was", "messages were")
        last = max(refused, key=lambda one: one.id).last_error
        yield Finding("alerts", WARNING, f"{many} not taken, the last one: {last} `watchfloor alerts test` tries anew.")
        return
    ways = " and ".join(f"{channel.name} to {channel.target}" for channel in channels)
    unsigned = settings.alerts.webhook_url.get_secret_value() and not settings.alerts.webhook_secret.get_secret_value()
    note = " The webhook's messages are not signed (alerts.webhook_secret)." if unsigned else ""
    yield Finding("alerts", OK, f"Told by {ways}.{note}")


def health(settings: Settings) -> Iterator[Finding]:
    """Find how the outlets fare."""
    with opened_store(settings) as store, store.read() as tx:
        fares = list_health(tx)
    bad = [
        f"{state.value}: {_named(names)}"
        for state in _TELLS_OF
        if (names := [one.outlet for one in fares if one.state is state])
    ]
    if bad:
        yield Finding("health", WARNING, f"{'; '.join(bad)}. `watchfloor outlets health NAME` says why.")
    else:
        resting = sum(one.state is HealthState.PAUSED for one in fares)
        paused = f", {resting:,} paused" if resting else ""
        yield Finding("health", OK, f"{counted(len(fares), 'outlet')} judged, all well{paused}.")


def takedowns(settings: Settings) -> Iterator[Finding]:
    """Find whether everything that was taken down is overwritten on disk, too."""
    with opened_store(settings) as store, store.read() as tx:
        pending = pending_takedowns(tx)
    if pending:
        left = "; ".join(said for part, said in LEFT.items() if any(part in one.pending for one in pending))
        yield Finding(
            "takedowns",
            WARNING,
            f"{counted(len(pending), 'takedown is', 'takedowns are')} not at the end ({left or 'the last step'}): a "
            f"scheduler goes on each hour, `watchfloor takedown {pending[0].url}` at once.",
        )
    else:
        yield Finding("takedowns", OK, "Nothing that was taken down waits to be overwritten.")


def _named(names: Collection[str]) -> str:
    shown = sorted(names)
    more = f" and {len(shown) - MOST_NAMED} more" if len(shown) > MOST_NAMED else ""
    return ", ".join(shown[:MOST_NAMED]) + more


def _last_sign(died: Collection[Beat]) -> str:
    if not died:
        return ""
    last = max(died, key=lambda one: one.at)
    at = f"{last.at:%Y-%m-%d %H:%M} UTC"
    return f" The {last.part.value} on {last.host} was last heard of at {at} and did not stop in order."
