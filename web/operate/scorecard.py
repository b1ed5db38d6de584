"""The scorecard of an outlet: what its newest run saw beside what its runs usually see, in words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from index.health.records import Observation
from index.usual import lasting

LEAST = 3
"""With fewer runs before, nothing is usual."""


@dataclass(frozen=True, slots=True)
class Score:
    """One line: what is measured, in the newest run, and usually ("" where that is not known yet)."""

    what: str
    now: str
    usual: str = ""


def scores_of(seen: Sequence[Observation]) -> list[Score]:
    """Return the lines for an outlet from what its runs observed, the newest first; empty without any."""
    whole = [one for one in seen if one.whole]
    if not whole:
        return []
    newest, before = whole[0], whole[1:]
    lines = [
        _score("New articles in a run", newest, before, lambda one: float(one.new), _number),
        _score("Links in an article", newest, before, _per_article(lambda one: one.links), _tenths),
        _score("Characters in a text", newest, before, _per_article(lambda one: one.text_characters), _number),
        _score("Publication to storage", newest, before, lambda one: one.delay_median_s, lasting),
        _score("Old articles among the new", newest, before, lambda one: float(one.old), _number),
    ]
    lines += [
        _score(f"Articles with {name.replace('_', ' ')}", newest, before, _share_of(name), _percent)
        for name in newest.filled
    ]
    return [line for line in lines if line is not None]


_Measure = Callable[[Observation], float | None]


def _score(
    what: str, newest: Observation, before: Sequence[Observation], measure: _Measure, told: Callable[[float], str]
) -> Score | None:
    value = measure(newest)
    past = [found for found in (measure(one) for one in before) if found is not None]
    usual = told(median(past)) if len(past) >= LEAST else ""
    if value is None and not usual:
        return None
    return Score(what, "none" if value is None else told(value), usual)


def _per_article(total: Callable[[Observation], int]) -> _Measure:
    return lambda one: total(one) / one.articles if one.articles else None


def _share_of(name: str) -> _Measure:
    return lambda one: one.filled.get(name, 0) / one.articles if one.articles else None


def _number(value: float) -> str:
    return f"{value:,.0f}"


def _tenths(value: float) -> str:
    return f"{value:,.1f}"


def _percent(value: float) -> str:
    return f"{value:.0%}"
