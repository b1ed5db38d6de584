"""What is wrong now, read from facts: outlets that fare badly, jobs given up, disks, the index, silent parts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from config.counting import counted
from index.alerts.records import AlertKind, Beat, Facts, OutletFacts, Part, Terms, Trouble, Troubles
from index.health.causes import cause_named
from index.health.records import Health, HealthState

FORGOTTEN_AFTER = timedelta(days=1)
"""A machine of which nothing was heard for so long is not asked after any more."""

GIVEN_UP_LATELY = timedelta(days=7)
"""A job given up longer ago is no news; an outlet that is dead since then is told as stale by its health."""


def troubles_of(facts: Facts, terms: Terms, now: datetime) -> Troubles:
    """Return what is wrong, and of what nothing can be said."""
    found: list[Trouble] = []
    silent: set[str] = set()
    lingering: list[Trouble] = []
    for one in facts.outlets:
        trouble = _of_outlet(one, terms, now)
        if trouble is not None:
            found.append(trouble)
        elif one.health is None or one.health.state is HealthState.PAUSED:
            silent.add(key_of_outlet(one.outlet))
        elif one.health.state is HealthState.DEGRADED:
            lingering.append(_of_health(one.outlet, one.health))
    newest = _newest_by_host(facts.beats)
    known = [beat for beat in newest if now - beat.at <= terms.silent]
    found += _of_disks(known)
    found += _of_parts(facts, terms, now)
    found += _of_index(facts, terms, now)
    silent.update(_not_needed(facts, terms, now))
    silent |= {f"disk:{beat.host}" for beat in newest if now - beat.at > FORGOTTEN_AFTER}
    unsure = {f"disk:{beat.host}" for beat in newest if terms.silent < now - beat.at <= FORGOTTEN_AFTER}
    return Troubles(tuple(found), frozenset(silent), frozenset(unsure), tuple(lingering))


def key_of_outlet(outlet: str) -> str:
    """Return the key of whatever is wrong with an outlet: it is one alert, however its state changes."""
    return f"outlet:{outlet}"


def _of_outlet(one: OutletFacts, terms: Terms, now: datetime) -> Trouble | None:
    key, health = key_of_outlet(one.outlet), one.health
    if health is not None and health.state is HealthState.PAUSED:
        return None
    bad = health is not None and health.state.value in terms.states
    sentence = "" if health is None or not bad else health.sentence
    came = sorted(at for at in one.entries if now - at <= terms.flap_within)
    if len(came) >= terms.flap_times:
        hours = terms.flap_within.total_seconds() / 3600
        told = f"It broke {counted(len(came), 'time')} within {hours:g} h and came back in between. {sentence}".strip()
        advice = _advice(health) if health is not None and bad else ""
        return Trouble(key, AlertKind.OUTLET, one.outlet, "flapping", told, came[0], flapping=True, advice=advice)
    if health is not None and bad:
        return _of_health(one.outlet, health)
    job = one.given_up
    if job is not None and now - (job.ended_at or job.not_before) <= GIVEN_UP_LATELY:
        told = f"Job {job.id} was given up: {job.reason}"
        return Trouble(key, AlertKind.OUTLET, one.outlet, "given up", told, job.ended_at or job.not_before)
    return None


def _of_health(outlet: str, health: Health) -> Trouble:
    told = (key_of_outlet(outlet), AlertKind.OUTLET, outlet, health.state.value, health.sentence, health.since)
    return Trouble(*told, advice=_advice(health))


def _advice(health: Health) -> str:
    cause = cause_named(health.cause)
    return "" if cause is None else cause.advice.replace("NAME", health.outlet)


def _newest_by_host(beats: Iterable[Beat]) -> list[Beat]:
    """Return the newest word on each machine's disk."""
    told = sorted((beat for beat in beats if beat.free_mb is not None), key=lambda beat: beat.at)
    return list({beat.host: beat for beat in told}.values())


def _not_needed(facts: Facts, terms: Terms, now: datetime) -> Iterator[str]:
    """Name what is no longer missed although it did not come back: its work is gone, or it was stopped on purpose."""
    if not facts.schedules and _silent_since(facts.beats, Part.SCHEDULER, terms, now):
        yield "scheduler"
    if not facts.jobs_due and _silent_since(facts.beats, Part.WORKER, terms, now):
        yield "worker"
    indexers = sorted((beat for beat in facts.beats if beat.part is Part.INDEXER), key=lambda beat: beat.at)
    if not indexers or indexers[-1].ended_at is not None:
        yield "index"


def _of_disks(beats: Iterable[Beat]) -> Iterator[Trouble]:
    for beat in beats:
        if beat.free_mb is not None and beat.least_mb is not None and beat.free_mb < beat.least_mb:
            told = (
                f"{beat.free_mb:,} MB are free, crawls need {beat.least_mb:,} (crawler.min_free_mb): no crawl begins "
                "until there is space. Search goes on."
            )
            yield Trouble(f"disk:{beat.host}", AlertKind.DISK, f"disk of {beat.host}", "too full", told, beat.at)


def _of_parts(facts: Facts, terms: Terms, now: datetime) -> Iterator[Trouble]:
    at = _silent_since(facts.beats, Part.SCHEDULER, terms, now)
    if at is not None and facts.schedules:
        many = counted(facts.schedules, "schedule waits", "schedules wait")
        told = f"No scheduler has given a sign of life since {at:%Y-%m-%d %H:%M} UTC, {many}: start one."
        yield Trouble("scheduler", AlertKind.SCHEDULER, "scheduler", "silent", told, at)
    at = _silent_since(facts.beats, Part.WORKER, terms, now)
    if at is not None and facts.jobs_due and facts.due_since is not None and now - facts.due_since > terms.silent:
        many = counted(facts.jobs_due, "job waits", "jobs wait")
        told = f"No worker has given a sign of life since {at:%Y-%m-%d %H:%M} UTC, {many}: start one."
        yield Trouble("worker", AlertKind.WORKER, "workers", "silent", told, at)


def _silent_since(beats: tuple[Beat, ...], part: Part, terms: Terms, now: datetime) -> datetime | None:
    """Return the last sign of life of a part, where there was one once and it is too long ago."""
    signs = [beat.ended_at or beat.at for beat in beats if beat.part is part]
    alive = any(beat.ended_at is None and now - beat.at <= terms.silent for beat in beats if beat.part is part)
    return None if alive or not signs or now - max(signs) <= terms.silent else max(signs)


def _of_index(facts: Facts, terms: Terms, now: datetime) -> Iterator[Trouble]:
    if facts.unread_since is None or now - facts.unread_since <= terms.index_lag:
        return
    told = (
        f"The index lacks {counted(facts.unread, 'change')} since {facts.unread_since:%Y-%m-%d %H:%M} UTC, so searches "
        "miss what is newer: see that the indexer runs, or run `watchfloor index sync`, which says what is in its way."
    )
    yield Trouble("index", AlertKind.INDEX, "index", "behind", told, facts.unread_since)
