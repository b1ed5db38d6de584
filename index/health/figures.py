"""The figures of a scorecard: how much came, how complete it is, how soon, each with its usual one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

from index.health.answers import waits
from index.health.articles import CHARACTERS, FIELDS, LINKS, filled
from index.health.history import LOOKED_BACK, Facts, Measure
from index.health.pools import newest_pools, usual_share
from index.health.records import Figure
from index.health.volume import usual_week

LATE_RUNS = 5
ENOUGH = 32
"""Articles whose share is shown: the newest so many, or fewer where there are no more."""

VOLUME, LINKS_EACH, CHARACTERS_EACH = "articles_a_week", "links_per_article", "characters"
DELAY, WAIT = "delay_s", "wait_s"
FILL = "fill_"
"""`fill_title`, `fill_authors`, …: shares of articles with the field."""


def figures_of(facts: Facts) -> Mapping[str, Figure]:
    """Return the figures there are anything to say of."""
    week = usual_week(facts)
    found = {VOLUME: _this_week(facts) if week is None else Figure(float(week[0]), round(week[1], 1))}
    for name in FIELDS:
        found[f"{FILL}{name}"] = _share(facts, filled(name))
    found[LINKS_EACH] = _share(facts, LINKS)
    found[CHARACTERS_EACH] = _share(facts, CHARACTERS)
    found[DELAY] = _of_runs([one.delay_median_s for one in facts.history.seen])
    found[WAIT] = _of_runs(list(waits(facts)))
    return {name: one for name, one in found.items() if one.now is not None}


def _this_week(facts: Facts) -> Figure:
    """Count what came in seven days of an outlet whose usual volume is not known yet."""
    if not len(facts.history):
        return Figure()
    newest = facts.history.ends[facts.history.known - 1]
    return Figure(float(sum(one.new for one in facts.history.between(newest - LOOKED_BACK / 8, facts.now))))


def _share(facts: Facts, measure: Measure) -> Figure:
    pools = [pool for pool in newest_pools(facts, measure) if pool.tries <= 2 * ENOUGH]
    if not pools:
        return Figure()
    usual = usual_share(facts, measure, pools[-1].begins)
    before = None if usual is None else float(usual.hits.sum() / usual.tries.sum())
    return Figure(_rounded(pools[-1].share), None if before is None else _rounded(before))


def _of_runs(values: list[float | None]) -> Figure:
    known = [value for value in values if value is not None]
    if not known:
        return Figure()
    before = known[:-LATE_RUNS]
    return Figure(_rounded(median(known[-LATE_RUNS:])), _rounded(median(before)) if len(before) >= LATE_RUNS else None)


def _rounded(value: float) -> float:
    return round(value, 3) if value < 100 else float(round(value))
