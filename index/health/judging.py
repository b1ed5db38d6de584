"""Facts of an outlet into one judgement: the gravest finding speaks, the others stay beside it as evidence. Pure.

That a state does not flap is each rule's own part: what it takes to enter a state is more than what it takes to stay.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from index.health.alike import alike, languages
from index.health.answers import empty_lists, refusals, robots, waiting
from index.health.articles import dates, fields, links, old_news, selectors, texts
from index.health.causes import GRAVITY, RANK, Cause
from index.health.delays import delays, lists
from index.health.figures import figures_of
from index.health.history import Facts, Finding, Rule
from index.health.pages import pages
from index.health.records import Evidence, Health, HealthState
from index.health.silence import at_rest, own_faults, silence
from index.health.volume import volume

BY_TIME: tuple[Rule, ...] = (at_rest, silence, own_faults)
"""Rules whose answer changes as time goes by or an operator acts, without a run."""

BY_RUNS: tuple[Rule, ...] = (
    refusals,
    pages,
    empty_lists,
    fields,
    dates,
    texts,
    links,
    selectors,
    alike,
    languages,
    old_news,
    volume,
    lists,
    delays,
    waiting,
    robots,
)
"""Rules over what runs observed."""

CONSEQUENCES = frozenset({Cause.DRIED_UP, Cause.VOLUME_LOW, Cause.BELOW_MINIMUM})
"""What follows from every cause for which pages give no articles."""

MOST_EVIDENCE = 12


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement, and the sentence that says why the newest run is not fresh news ("" where it is)."""

    health: Health
    unfit: str = ""


def judge(facts: Facts) -> Judged | None:
    """Judge an outlet as of now, with the figures of its scorecard; None where nothing can be said yet."""
    judged = concluded(facts)
    if judged is None or not len(facts.history):
        return judged
    return replace(judged, health=replace(judged.health, figures=figures_of(facts)))


def concluded(facts: Facts) -> Judged | None:
    """Judge an outlet as of now without figures, which cost as much again."""
    found = [finding for rule in BY_TIME + BY_RUNS for finding in rule(facts)]
    if not found and not len(facts.history) and facts.before is None:
        return None
    return _joined(facts, found)


def judge_by_time(facts: Facts) -> Judged | None:
    """Judge what time and operators change alone; None where what the runs said stands."""
    found = [finding for rule in (at_rest, silence) for finding in rule(facts)]
    return _joined(facts, found) if found else None


def _joined(facts: Facts, found: list[Finding]) -> Judged:
    grave = _ordered([one for one in found if one.state is not None])
    last = facts.history.seen[-1].run_id if len(facts.history) else None
    beside = [one for one in found if one.state is None]
    if not grave:
        shown = tuple(part for one in beside for part in one.evidence)
        return Judged(_health(facts, HealthState.HEALTHY, None, "As usual.", shown, run_id=last))
    first, *others = grave
    assert first.state is not None
    shown = (*first.evidence, *(part for one in (*others, *beside) for part in one.evidence))
    unfit = next((one.unfit for one in grave if one.unfit), "")
    health = _health(facts, first.state, first.cause, first.sentence, shown, run_id=last, fit=not unfit)
    return Judged(health, unfit)


def _ordered(found: list[Finding]) -> list[Finding]:
    """Put the gravest first; that little comes is no news where it is known why."""
    gone = {HealthState.BROKEN, HealthState.BLOCKED}
    explained = any(one.state in gone and one.cause not in CONSEQUENCES for one in found)

    def order(one: Finding) -> tuple[bool, int, int, int]:
        assert one.state is not None
        return (explained and one.cause in CONSEQUENCES, -GRAVITY[one.state], RANK[one.cause], -one.strength)

    return sorted(found, key=order)


def _health(
    facts: Facts,
    state: HealthState,
    cause: Cause | None,
    sentence: str,
    evidence: tuple[Evidence, ...],
    *,
    run_id: int | None,
    fit: bool = True,
) -> Health:
    name = "" if cause is None else cause.value
    same = facts.before is not None and (facts.before.state, facts.before.cause) == (state, name)
    since = facts.before.since if facts.before is not None and same else facts.now
    shown = tuple(dict.fromkeys(evidence))[:MOST_EVIDENCE]
    held = {} if facts.before is None else facts.before.figures
    return Health(facts.outlet, state, name, sentence, since, facts.now, shown, fit, run_id, held)
