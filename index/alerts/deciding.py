"""What becomes of alerts as troubles come and go, and when something is told. Pure: a given `now`, no I/O.

A trouble is told when it has lasted for the settling time, and told to be over when it has been gone as long. One that
goes before it was told is forgotten. Whatever it turns into meanwhile, each thing is told of it once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from index.alerts.records import IMPROVED, TO_DO, Alert, Said, Terms, Trouble, Troubles

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)
"""A message that no server took for so long is no news any more; the list of alerts still has it."""


NOT_YET_WELL = frozenset({"broken", "blocked"})
"""States of a told outlet that are not over as soon as it gives something again; to be read in time again is."""

LINGERS_FOR = timedelta(days=1)
"""An outlet that was broken and is degraded since may break again, or be well soon: until then it is not over."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done about one alert: keep it as it is here, forget it, or tell something.

    `quiet`: it ended without anybody having to be told.
    """

    alert: Alert
    tell: Said | None = None
    forget: bool = False
    quiet: bool = False


def decide(alerts: Iterable[Alert], troubles: Troubles, terms: Terms, now: datetime) -> tuple[Step, ...]:
    """Say what becomes of the alerts that have not ended, and of troubles seen for the first time, by key."""
    held = {alert.key: alert for alert in alerts}
    found = {trouble.key: trouble for trouble in troubles.found}
    lingering = {trouble.key: trouble for trouble in troubles.lingering}
    steps = []
    for key in sorted({*held, *found}):
        trouble, alert = found.get(key), held.get(key)
        still = lingering.get(key)
        if trouble is None and alert is not None and still is not None and alert.state in NOT_YET_WELL:
            if alert.settled_at is not None and now - still.since < LINGERS_FOR:
                trouble = replace(still, state=alert.state)
            else:
                alert = replace(alert, state=IMPROVED, sentence=still.sentence)
        if trouble is not None:
            steps.append(_lasting(alert, trouble, terms, now))
        elif alert is not None and key not in troubles.unsure:
            steps.append(_gone(alert, terms, now, silent=key in troubles.silent))
    return tuple(steps)


def _lasting(alert: Alert | None, trouble: Trouble, terms: Terms, now: datetime) -> Step:
    sentence = f"{trouble.sentence}{TO_DO}{trouble.advice}" if trouble.advice else trouble.sentence
    seen = {"subject": trouble.subject, "state": trouble.state, "sentence": sentence, "cleared_at": None}
    if alert is None:
        first_at = min(trouble.since, now)
        seen.pop("cleared_at")
        alert = Alert(0, trouble.key, trouble.kind, first_at=first_at, **seen)  # type: ignore[arg-type]
    else:
        alert = replace(alert, **seen)  # type: ignore[arg-type]
    if alert.settled_at is None and not trouble.held and now - alert.first_at >= terms.settle:
        alert = replace(alert, settled_at=now)
    if alert.settled_at is None:
        return Step(alert)
    return Step(alert, Said.FLAPPING if trouble.flapping else Said.BEGAN)


def _gone(alert: Alert, terms: Terms, now: datetime, *, silent: bool) -> Step:
    if alert.settled_at is None:
        return Step(alert, forget=True)
    if silent:
        return Step(replace(alert, cleared_at=alert.cleared_at or now, ended_at=now), quiet=True)
    cleared_at = alert.cleared_at or now
    if now - cleared_at < terms.settle:
        return Step(replace(alert, cleared_at=cleared_at))
    return Step(replace(alert, cleared_at=cleared_at, ended_at=now), Said.OVER)


def next_try(attempts: int, made_at: datetime, now: datetime) -> datetime | None:
    """Return when a telling that failed for the `attempts`th time is tried again; None where it is given up."""
    if now - made_at > GIVE_UP_AFTER:
        return None
    return now + min(LONGEST_RETRY, FIRST_RETRY * (1 << min(10, max(0, attempts - 1))))
