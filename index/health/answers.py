"""How an outlet answers: refusals, faults, failing and empty lists, robots.txt, waiting. Rules; pure.

A run is good, or it failed for one cause. Several failures in a row make a state, good runs in a row end it; failures
now and then are told as such, for an outlet that comes and goes is not dead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from config.counting import counted
from index.health.causes import Cause
from index.health.chances import share_at_most
from index.health.history import LOOKED_BACK, Facts, Finding, Strength
from index.health.records import EMPTY_LIST, Evidence, HealthState, HostSeen, Observation, SourceSeen
from index.health.wording import moment, percent, seconds
from index.outcomes import Outcome

FAULTS: Mapping[str, Cause] = {
    Outcome.TLS_FAILED: Cause.TLS_FAILED,
    Outcome.CONNECTION_FAILED: Cause.UNREACHABLE,
    Outcome.TIMEOUT: Cause.UNREACHABLE,
    Outcome.SERVER_ERROR: Cause.SERVER_ERRORS,
    Outcome.BLOCKED: Cause.BLOCKED,
    Outcome.RATE_LIMITED: Cause.RATE_LIMITED,
    Outcome.ROBOTS_DENIED: Cause.ROBOTS_DENIED,
    Outcome.LOGIN_WALL: Cause.LOGIN_WALL,
    Outcome.CONSENT_WALL: Cause.CONSENT_WALL,
    Outcome.GONE: Cause.GONE,
    Outcome.EXTRACTION_FAILED: Cause.LIST_FAILS,
    Outcome.UNDECODABLE: Cause.LIST_FAILS,
    Outcome.TOO_LARGE: Cause.LIST_FAILS,
}
"""What a fault of a list or of a page means for its outlet; of lists every other fault is one of theirs as well."""

RUNS_FAIL = (*dict.fromkeys(FAULTS.values()), Cause.HOST_MOVED, Cause.EMPTY_ANSWERS)
"""Causes for which a whole run fails."""

PASSING = frozenset({Cause.UNREACHABLE, Cause.SERVER_ERRORS, Cause.RATE_LIMITED, Cause.TLS_FAILED})
"""Such faults often pass within minutes: they must last."""

LEAST_LASTING = timedelta(minutes=30)
IN_A_ROW, IN_A_ROW_PASSING, GIVEN_UP = 2, 3, 5
RECOVERS_AFTER = 2
NOW_AND_THEN_OF = 12
NOW_AND_THEN, STILL_NOW_AND_THEN = 3, 2
"""Times that it failed, however many runs in a row each was."""

NOW_AND_THEN_CHANCE = 1e-5
LEAST_ASKED = 3
MOST_OF = 0.8
RUNS = 60
ROBOTS_TOLD_FOR = timedelta(days=7)

READ = (Outcome.NEW, Outcome.CHANGED, Outcome.MOVED, Outcome.DUPLICATE, Outcome.PAYWALLED_STUB, Outcome.NOT_MODIFIED)
NOT_READ: tuple[Outcome, ...] = (
    Outcome.NOT_ARTICLE,
    Outcome.EXTRACTION_FAILED,
    Outcome.UNDECODABLE,
    Outcome.LOGIN_WALL,
    Outcome.CONSENT_WALL,
)
"""Pages that were answered and gave no article."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one run went: its fault, None where it was good; `detail` says what failed."""

    fault: Cause | None
    at: datetime
    detail: str = ""


def verdict_of(one: Observation) -> Verdict | None:
    """Say how a run went; None for one that says nothing (stopped before it asked for anything)."""
    faulty = [source for source in one.sources if source.outcome is not None]
    failed = Counter(_fault_of(source) for source in faulty)
    if one.sources and len(faulty) == len(one.sources):
        host, led = max(one.elsewhere.items(), key=lambda pair: pair[1], default=("", 0))
        if led >= len(one.sources):
            said = f"{counted(len(one.sources), 'list leads', 'lists lead')} to {host}, which its file does not name"
            return Verdict(Cause.HOST_MOVED, one.finished_at, said)
        cause = failed.most_common(1)[0][0]
        return Verdict(cause, one.finished_at, f"{counted(len(one.sources), 'list')} failed: {_named(one)}")
    asked = sum(number for name, number in one.outcomes.items() if name in FAULTS or name in READ or name in NOT_READ)
    faults = Counter(dict.fromkeys(FAULTS.values(), 0))
    for name, cause in FAULTS.items():
        if cause is not Cause.LIST_FAILS:
            faults[cause] += one.outcomes.get(name, 0)
    faults[Cause.GONE] = 0  # single articles go; that says nothing of the outlet
    cause, most = faults.most_common(1)[0]
    if asked and most >= MOST_OF * asked and not one.articles:
        if asked < LEAST_ASKED:
            return None  # of so few pages many runs together tell: see pages
        return Verdict(cause, one.finished_at, f"{most} of {counted(asked, 'page')}")
    if not asked and not one.sources and not one.articles:
        return None
    return Verdict(None, one.finished_at)


def _fault_of(source: SourceSeen) -> Cause:
    """What the fault of a list means; one with nothing in it is no list of another kind."""
    if source.detail.endswith(EMPTY_LIST):
        return Cause.EMPTY_ANSWERS
    return FAULTS.get(source.outcome or "", Cause.LIST_FAILS)


def refusals(facts: Facts) -> list[Finding]:
    """Find that runs fail altogether, in a row or now and then."""
    told: Sequence[Verdict | None] = facts.history.each("verdicts", verdict_of)[-RUNS:]
    verdicts = [one for one in told if one is not None]
    if not verdicts:
        return []
    bad = _in_a_row(verdicts)
    if bad and _lasts(bad):
        return [_failing(facts, bad)]
    held = (
        facts.before is not None
        and facts.was(*RUNS_FAIL)
        and facts.before.state in (HealthState.BLOCKED, HealthState.BROKEN)
    )
    if held and _good_at_the_end(verdicts) < RECOVERS_AFTER and not _plenty(facts.history.seen):
        earlier = _in_a_row(verdicts[: len(verdicts) - _good_at_the_end(verdicts)])
        if bad or earlier:
            return [_failing(facts, bad or earlier)]
    usual = [one for one in facts.history.each("verdicts", verdict_of)[:-NOW_AND_THEN_OF] if one is not None]
    return _now_and_then(facts, verdicts[-NOW_AND_THEN_OF:], usual)


def empty_lists(facts: Facts) -> list[Finding]:
    """Find that all lists of an outlet answer and name nothing, though they usually do."""
    empty: list[Observation] = []
    for one in facts.history.newest():
        known = [source.entries for source in one.sources if source.outcome is None]
        if not known or None in known:
            if known and not any(known):
                continue
            if known:
                break
            continue
        if any(known):
            break
        empty.append(one)
    if len(empty) < (1 if facts.was(Cause.EMPTY_ANSWERS) else IN_A_ROW):
        return []
    ends = empty[-1].finished_at
    usual = [
        sum(source.entries or 0 for source in one.sources)
        for one in facts.history.between(ends - LOOKED_BACK, ends)
        if any(source.entries for source in one.sources)
    ]
    if len(usual) < 3:
        return []
    said = (
        f"Its lists name nothing, {counted(len(empty), 'run')} in a row since {moment(ends)}; usually "
        f"{counted(round(median(usual)), 'entry', 'entries')}."
    )
    shown = (Evidence("Entries of its lists", "0", f"{median(usual):,.0f}"),)
    return [Finding(Cause.EMPTY_ANSWERS, said, shown, HealthState.BROKEN, Strength.OVERWHELMING, unfit=said)]


def waiting(facts: Facts) -> list[Finding]:
    """Find that answers take many times as long as usual."""
    times = [(at, value) for at, value in zip(facts.history.ends, waits(facts), strict=False) if value is not None]
    newest = times[-3:]
    if len(newest) < 3:
        return []
    ends = facts.usual_ends(newest[0][0], Cause.SLOW)
    usual = sorted(value for at, value in times if ends - LOOKED_BACK <= at < ends)
    if len(usual) < 10:
        return []
    middle, high = median(usual), usual[int(0.95 * (len(usual) - 1))]
    if facts.was(Cause.SLOW):
        slow = sum(value > max(2 * middle, high) for _, value in newest) >= 2
    else:
        slow = all(value > max(4 * middle, 2 * high, middle + 1.0) for _, value in newest)
    if not slow:
        return []
    value = median(value for _, value in newest)
    said = f"An answer takes {seconds(value)}, in the last 3 runs; usually {seconds(middle)}."
    shown = (Evidence("Seconds until an answer", seconds(value), seconds(middle)),)
    return [Finding(Cause.SLOW, said, shown, HealthState.DEGRADED)]


def waits(facts: Facts) -> Sequence[float | None]:
    """Return the median seconds until an answer of every run, None where that is not known."""
    return facts.history.each("waits", lambda one: _seconds(one.hosts))


def robots(facts: Facts) -> list[Finding]:
    """Tell that robots.txt is another one, for a week."""
    last: dict[str, str] = {}
    changed: dict[str, datetime] = {}
    for one in facts.history.between(facts.now - 2 * ROBOTS_TOLD_FOR, facts.now + timedelta(seconds=1)):
        for host, seen in one.hosts.items():
            if seen.robots and last.get(host, seen.robots) != seen.robots:
                changed[host] = one.finished_at
            if seen.robots:
                last[host] = seen.robots
    found = []
    for host, at in sorted(changed.items()):
        if facts.now - at <= ROBOTS_TOLD_FOR:
            said = f"robots.txt of {host} is another one since {moment(at)}."
            found.append(
                Finding(Cause.ROBOTS_CHANGED, said, (Evidence(f"robots.txt of {host}", f"changed {moment(at)}"),))
            )
    return found


def _in_a_row(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the failures at the end, the oldest first."""
    bad: list[Verdict] = []
    for one in reversed(verdicts):
        if one.fault is None:
            break
        bad.append(one)
    return bad[::-1]


def _lasts(bad: Sequence[Verdict]) -> bool:
    """Say whether failures in a row are enough: two, of passing faults three over half an hour, or five."""
    if not all(one.fault in PASSING for one in bad):
        return len(bad) >= IN_A_ROW
    return len(bad) >= GIVEN_UP or (len(bad) >= IN_A_ROW_PASSING and bad[-1].at - bad[0].at >= LEAST_LASTING)


def _good_at_the_end(verdicts: Sequence[Verdict]) -> int:
    return next((number for number, one in enumerate(reversed(verdicts)) if one.fault is not None), len(verdicts))


def _plenty(seen: Sequence[Observation]) -> bool:
    """Say whether the newest run read so many articles that nothing can be wrong with the way to them."""
    return bool(seen) and seen[-1].articles >= 5


def _failing(facts: Facts, bad: Sequence[Verdict]) -> Finding:
    cause = Counter(one.fault for one in bad[-IN_A_ROW_PASSING:]).most_common(1)[0][0]
    assert cause is not None
    last = bad[-1]
    said = f"{cause.meaning} {counted(len(bad), 'run')} in a row since {moment(bad[0].at)}; the last: {last.detail}."
    shown = [Evidence("Runs that failed", f"{len(bad)} in a row", "none in a row")]
    statuses = _statuses(facts.history.seen[-1])
    if statuses:
        shown.append(Evidence("Answers of the last run", statuses))
    strength = Strength.OVERWHELMING if len(bad) >= GIVEN_UP else Strength.STRONG
    return Finding(cause, said, tuple(shown), cause.state, strength)


def _now_and_then(facts: Facts, verdicts: Sequence[Verdict], usual: Sequence[Verdict]) -> list[Finding]:
    """Find failures that come and go more often than they usually do, and lists that fail while others answer."""
    bad = [one for one in verdicts if one.fault is not None]
    held = facts.was(*RUNS_FAIL)
    good_usually = sum(one.fault is None for one in usual)
    share = (good_usually + 20) / (len(usual) + 20.2)  # of an outlet that is hardly known 1 of 100 fails
    chance = share_at_most(len(verdicts) - len(bad), len(verdicts), share)
    times = sum(
        one.fault is not None and (number == 0 or verdicts[number - 1].fault is None)
        for number, one in enumerate(verdicts)
    )
    if times >= (STILL_NOW_AND_THEN if held else NOW_AND_THEN) and (held or chance <= NOW_AND_THEN_CHANCE):
        cause = Counter(one.fault for one in bad).most_common(1)[0][0]
        assert cause is not None
        of_all = f"{len(bad)} of {len(verdicts)}"
        said = f"{len(bad)} of the last {counted(len(verdicts), 'run')} failed, not in a row: {cause.meaning}"
        return [Finding(cause, said, (Evidence("Runs that failed", of_all, percent(1 - share)),), HealthState.DEGRADED)]
    return [] if verdicts[-1].fault is not None else _list_fails(facts)


def _list_fails(facts: Facts) -> list[Finding]:
    """Find lists that fail run after run while others answer."""
    failing: Counter[str] = Counter()
    why: dict[str, str] = {}
    last = next((one for one in facts.history.newest() if one.sources), None)
    asked = {source.url for source in last.sources} if last is not None else set()
    for one in reversed(facts.history.seen[-RUNS:]):
        for source in one.sources:
            if source.url not in asked:
                continue
            if source.outcome is not None:
                failing[source.url] += 1
                why.setdefault(source.url, _why(source))
            else:
                asked.discard(source.url)  # it answered
    least = 1 if facts.was(Cause.LIST_FAILS) else IN_A_ROW_PASSING
    lasting = [(url, number) for url, number in failing.most_common() if number >= least]
    if not lasting:
        return []
    url, number = lasting[0]
    said = f"{url} failed in the last {counted(number, 'run')} ({why[url]}), while other lists answer."
    shown = tuple(Evidence(one, f"{why[one]}, {counted(many, 'run')} in a row") for one, many in lasting[:3])
    return [Finding(Cause.LIST_FAILS, said, shown, HealthState.DEGRADED)]


def _named(one: Observation) -> str:
    failed = [source for source in one.sources if source.outcome is not None]
    told = ", ".join(f"{source.url} ({_why(source)})" for source in failed[:2])
    return f"{told} and {len(failed) - 2} more" if len(failed) > 2 else told


def _why(source: SourceSeen) -> str:
    """Say how a list failed: by the name of its fault, or in the words of who read it where the name says nothing."""
    known = FAULTS.get(source.outcome or "", Cause.LIST_FAILS) is not Cause.LIST_FAILS
    return source.detail.rstrip(".") if source.detail and not known else outcome_words(source.outcome or "")


def outcome_words(name: str) -> str:
    """Say the name of an outcome as words."""
    return name.replace("_", " ")


def _statuses(one: Observation) -> str:
    parts = [f"{number} with status {status}" for status, number in sorted(one.statuses.items())]
    parts += [f"{number} {outcome_words(name)}" for name, number in sorted(one.failures.items())]
    return ", ".join(parts)


def _seconds(hosts: Mapping[str, HostSeen]) -> float | None:
    """Return the median wait at the host that was asked most."""
    asked = [one for one in hosts.values() if one.seconds is not None and one.requests >= 2]
    return max(asked, key=lambda one: one.requests).seconds if asked else None
