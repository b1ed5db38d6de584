"""Do the pages that are asked for give articles: refused, walled, empty, of another layout, led elsewhere? Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

from config.counting import counted
from index.health.answers import FAULTS, IN_A_ROW, IN_A_ROW_PASSING, NOT_READ, PASSING, outcome_words, verdict_of
from index.health.causes import Cause
from index.health.history import LOOKED_BACK, Facts, Finding, Measure, Strength
from index.health.pools import LEAST_USUAL, Fall, fallen
from index.health.records import Evidence, HealthState, Observation
from index.health.wording import percent
from index.outcomes import Outcome

NOT_UNDERSTOOD: tuple[Outcome, ...] = tuple(name for name in NOT_READ if name is not Outcome.NOT_ARTICLE)
"""Pages that should have been articles."""

NOT_GIVEN: tuple[Outcome, ...] = (
    Outcome.BLOCKED,
    Outcome.ROBOTS_DENIED,
    Outcome.RATE_LIMITED,
    Outcome.SERVER_ERROR,
    Outcome.TLS_FAILED,
    Outcome.CONNECTION_FAILED,
    Outcome.TIMEOUT,
    Outcome.TOO_LARGE,
    Outcome.GONE,
)
"""Addresses that gave no page at all, while the lists that name them may answer."""

CAUSES = (
    Cause.LAYOUT_CHANGED,
    Cause.LOGIN_WALL,
    Cause.CONSENT_WALL,
    Cause.EMPTY_ANSWERS,
    Cause.HOST_MOVED,
    *(FAULTS[name] for name in NOT_GIVEN),
)
LEAST_PAGES = 6
MOST_OF = 0.8
"""Share of the pages without an article that must have led elsewhere for that to be the cause."""


def _articles_beside(kinds: Sequence[Outcome]) -> Callable[[Observation], tuple[int, int]]:
    return lambda one: (one.articles, one.articles + sum(one.outcomes.get(name, 0) for name in kinds))


MEASURES = (
    (Measure("understood", _articles_beside(NOT_UNDERSTOOD)), NOT_UNDERSTOOD),
    # Sections and hubs are met on the way, so that pages that are no articles weigh less.
    (Measure("read", _articles_beside(NOT_READ)), NOT_READ),
    (Measure("given", _articles_beside(NOT_GIVEN)), NOT_GIVEN),
)


def pages(facts: Facts) -> list[Finding]:
    """Find that pages which are asked for give no articles any more, and why."""
    for measure, kinds in MEASURES:
        if kinds is NOT_GIVEN and _failed_as_a_whole(facts):
            continue  # refusals tell what failed
        fall = fallen(facts, measure, *CAUSES)
        if fall is not None:
            found = _without_article(facts, fall, kinds)
            return [found] if found is not None else []
    return _none_at_all(facts)


def _failed_as_a_whole(facts: Facts) -> bool:
    newest = next(facts.history.newest(), None)
    verdict = None if newest is None else verdict_of(newest)
    return verdict is not None and verdict.fault is not None


def _none_at_all(facts: Facts) -> list[Finding]:
    """Find that no page of the newest runs gave an article, of an outlet too young to say what is usual."""
    kinds = (*NOT_UNDERSTOOD, *NOT_GIVEN)
    why: Counter[Outcome] = Counter()
    failing: list[Observation] = []
    for one in facts.history.newest():
        if one.articles:
            break
        met = {name: one.outcomes.get(name, 0) for name in kinds}
        why.update({name: number for name, number in met.items() if number})
        failing += [one] if any(met.values()) else []
    rest = sum(why.values())
    if len(failing) < IN_A_ROW_PASSING or rest < LEAST_PAGES or _is_known(facts):
        return []
    most, number = why.most_common(1)[0]
    cause = _cause(most, (None, None))
    said = f"None of the last {counted(rest, 'page')} asked for gave an article ({outcome_words(most)}: {number:,})."
    shown = (Evidence("Pages that give an article", f"none of {rest:,}"), *_reasons(failing))
    return [Finding(cause, said, shown, cause.state, unfit=said)]


def _is_known(facts: Facts) -> bool:
    """Say whether enough articles were read to say what is usual; then the shares of pages tell."""
    return sum(one.articles for one in facts.history.between(facts.now - LOOKED_BACK, facts.now)) >= LEAST_USUAL


def _without_article(facts: Facts, fall: Fall, kinds: Sequence[Outcome]) -> Finding | None:
    recent = facts.history.between(fall.pool.begins, facts.now + timedelta(seconds=1))
    why = Counter({name: sum(one.outcomes.get(name, 0) for one in recent) for name in kinds})
    most, number = why.most_common(1)[0]
    # Of the runs that met such pages: in a pool that reaches back before the break, good ones would make up the mean.
    failing = [one for one in recent if any(one.outcomes.get(name) for name in kinds)]
    size = (
        _bytes_of_page(failing),
        _bytes_of_page(facts.history.between(fall.pool.begins - LOOKED_BACK, fall.pool.begins)),
    )
    rest = fall.pool.tries - fall.pool.hits
    elsewhere: Counter[str] = Counter()
    for one in failing:
        elsewhere.update(one.elsewhere)
    cause = _cause(most, size)
    if kinds is NOT_GIVEN and not facts.was(cause) and len(failing) < IN_A_ROW + (cause in PASSING):
        return None  # it may pass; whole runs that fail must last as long
    if elsewhere and most is Outcome.NOT_ARTICLE and elsewhere.most_common(1)[0][1] >= MOST_OF * rest:
        cause = Cause.HOST_MOVED
    many = f"{counted(fall.pool.tries, 'page')} {'answered' if most in NOT_READ else 'asked for'}"
    said = (
        f"{rest:,} of the last {many} gave no article ({outcome_words(most)}: {number:,}); "
        f"usually {percent(1 - fall.usual.share)} do not."
    )
    if cause is Cause.HOST_MOVED:
        said = f"{rest:,} of the last {many} lead to {elsewhere.most_common(1)[0][0]}, which its file does not name."
    shown = [Evidence("Pages that give an article", percent(fall.pool.share), percent(fall.usual.share))]
    shown += _reasons(failing)
    if cause is Cause.EMPTY_ANSWERS and size[0] is not None and size[1]:
        shown.append(Evidence("Bytes of an answer", f"{size[0]:,.0f}", f"{size[1]:,.0f}"))
    nearly_all = fall.strength is Strength.OVERWHELMING
    state = (cause.state if nearly_all else HealthState.DEGRADED) or HealthState.DEGRADED
    return Finding(cause, said, tuple(shown), state, fall.strength, unfit=said if nearly_all else "")


def _cause(most: Outcome, size: tuple[float | None, float | None]) -> Cause:
    """Return what the commonest outcome of pages means for their outlet; `size`: bytes of one, now and usually."""
    cause = FAULTS.get(most, Cause.LAYOUT_CHANGED)
    if cause is Cause.LIST_FAILS:
        cause = Cause.LAYOUT_CHANGED
    if cause is Cause.LAYOUT_CHANGED and size[0] is not None and size[1] and size[0] < 0.1 * size[1]:
        return Cause.EMPTY_ANSWERS
    return cause


def _reasons(failing: Sequence[Observation]) -> list[Evidence]:
    """Show the commonest reason why pages gave no article, as the crawl recorded it."""
    why: Counter[str] = Counter()
    for one in failing:
        why.update(one.unread)
    return [Evidence("Why, most often", reason) for reason, _ in why.most_common(1)]


def _bytes_of_page(seen: Sequence[Observation]) -> float | None:
    fetched = sum(one.fetched for one in seen)
    return sum(one.body_bytes for one in seen) / fetched if fetched else None
