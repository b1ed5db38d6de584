"""Scorecards: how each outlet fares, with its figures, what to do, and what changed of late. Read for CLI and site.

Everything was worked out when the outlet was judged; here it is only read, in a fixed number of statements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.outlets import OutletSpec
from config.settings import Settings
from index.health.causes import GRAVITY, Cause, cause_named
from index.health.figures import FILL
from index.health.records import Figure, Health, HealthChange, HealthState
from index.health.written import evidence_json
from index.records import JsonObject
from index.store.engine import Transaction
from index.store.health import changes_of, list_health
from index.store.outlets import coverage
from index.store.schedules import list_schedules

CHANGES_OF = timedelta(days=30)
MOST_CHANGES = 200
ALARMING = (HealthState.BROKEN, HealthState.BLOCKED)
"""States for which a command says so by its exit code."""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """How one outlet fares. `health` is None before its first judgement; `changes` are the newest first."""

    outlet: str
    title: str
    health: Health | None = None
    last_success_at: datetime | None = None
    changes: tuple[HealthChange, ...] = ()

    @property
    def state(self) -> str:
        """The state by name; "" where it was not judged yet."""
        return "" if self.health is None else self.health.state.value

    @property
    def cause(self) -> Cause | None:
        """What is wrong, None where nothing is."""
        return None if self.health is None else cause_named(self.health.cause)

    @property
    def advice(self) -> str:
        """What to do, with the outlet's name in its commands."""
        return "" if self.cause is None else self.cause.advice.replace("NAME", self.outlet)

    @property
    def is_alarming(self) -> bool:
        """Whether somebody must look at it."""
        return self.health is not None and self.health.state in ALARMING

    @property
    def least_filled(self) -> tuple[str, Figure] | None:
        """The field that is missing most beside what is usual, with its share of articles."""
        figures = {} if self.health is None else self.health.figures
        fields = [(name.removeprefix(FILL), one) for name, one in figures.items() if name.startswith(FILL)]
        common = [(name, one) for name, one in fields if max(one.now or 0.0, one.usual or 0.0) > 0]
        return min(common, key=_beside_usual, default=None)


def scorecards(
    tx: Transaction,
    specs: Mapping[str, OutletSpec],
    *,
    now: datetime,
    settings: Settings,
    names: Collection[str] = (),
    with_resting: bool = False,
) -> list[Scorecard]:
    """Return the scorecards of outlets, the gravest first; four statements.

    Outlets that are switched off and have no schedule are left out, unless named or `with_resting`.
    """
    held = {health.outlet: health for health in list_health(tx)}
    planned = {kept.outlet for kept in list_schedules(tx)}
    stale_after_h = settings.coverage.stale_after_h
    read = {one.outlet: one.last_success_at for one in coverage(tx, now=now, stale_after_h=stale_after_h)}
    recent = changes_of(tx, since=now - CHANGES_OF, limit=MOST_CHANGES * max(1, len(names)))
    changes: dict[str, list[HealthChange]] = defaultdict(list)
    for change in recent:
        changes[change.outlet].append(change)
    cards = []
    for name, spec in specs.items():
        health = held.get(name)
        rests = not spec.enabled and name not in planned
        if names and name not in names:
            continue
        if rests and not names and not with_resting:
            continue
        if rests and health is None:
            meaning = Cause.SWITCHED_OFF.meaning
            health = Health(name, HealthState.PAUSED, Cause.SWITCHED_OFF.value, meaning, now, now)
        cards.append(Scorecard(name, spec.title, health, read.get(name), tuple(changes[name])))
    return sorted(cards, key=_gravest_first)


def scorecard_json(card: Scorecard) -> JsonObject:
    """Return a scorecard as JSON; instants are RFC 3339 in UTC, what is not known is null."""
    health = card.health
    return {
        "outlet": card.outlet,
        "title": card.title,
        "state": card.state or None,
        "cause": health.cause if health is not None else None,
        "sentence": health.sentence if health is not None else "Not judged yet: no crawl of it has ended so far.",
        "meaning": card.cause.meaning if card.cause is not None else "",
        "advice": card.advice,
        "since": health.since.isoformat() if health is not None else None,
        "judged_at": health.judged_at.isoformat() if health is not None else None,
        "fit": health.fit if health is not None else None,
        "run_id": health.run_id if health is not None else None,
        "last_success_at": card.last_success_at.isoformat() if card.last_success_at else None,
        "figures": _figures_json(health),
        "evidence": evidence_json(health.evidence) if health is not None else [],
        "changes": [_change_json(change) for change in card.changes],
    }


def states_of(cards: Iterable[Scorecard]) -> dict[str, int]:
    """Count outlets by state, the gravest first; those not judged yet under ""."""
    counts: dict[str, int] = defaultdict(int)
    for card in cards:
        counts[card.state] += 1
    return dict(counts)


def _figures_json(health: Health | None) -> JsonObject:
    figures = {} if health is None else health.figures
    return {name: {"now": one.now, "usual": one.usual} for name, one in figures.items()}


def _change_json(change: HealthChange) -> JsonObject:
    return {
        "at": change.at.isoformat(),
        "state": change.state.value,
        "before": None if change.before is None else change.before.value,
        "cause": change.cause,
        "sentence": change.sentence,
    }


def _beside_usual(pair: tuple[str, Figure]) -> float:
    one = pair[1]
    return (one.now or 0.0) - (one.usual if one.usual is not None else one.now or 0.0)


def _gravest_first(card: Scorecard) -> tuple[int, str]:
    if card.health is None:
        return (0, card.outlet)
    resting = card.health.state is HealthState.PAUSED
    return (1 if resting else -GRAVITY[card.health.state], card.outlet)
