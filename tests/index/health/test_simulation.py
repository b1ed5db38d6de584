"""Made-up outlets, judged run by run: counts of false alarms, and of breaks that are noticed, beside a peer's bound.

Seeded; the world is that of benchmarks/bench_health.py, which prints the figures of hundreds of outlets.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.bench_health import LEARNED, nothing_in_a_day, ours
from benchmarks.health_world import BREAKS, DAY, STARTS, make_outlet, observe
from index.health.history import Facts, History
from index.health.judging import concluded

BEGINS = STARTS + LEARNED * DAY


def quiet(size, seeds):
    """False alarms of our rules and of a fixed bound over three weeks of outlets with nothing wrong."""
    mine, fixed = [], []
    for seed in seeds:
        rng = np.random.default_rng((11, seed))
        outlet = make_outlet(seed, rng, size)
        seen = observe(outlet, rng, days=LEARNED + 21)
        mine += ours(seen, begins=BEGINS)[0]
        fixed += nothing_in_a_day(seen, begins=BEGINS)
    return mine, fixed


def states_of(seen, begins):
    """The states an outlet comes into, one after the other, from an instant on."""
    history, before, states = History.of(seen), None, []
    for one in seen:
        if one.finished_at >= begins:
            before = concluded(Facts(one.outlet, one.finished_at, history.until(one.finished_at), before)).health
            states += [before.state] if states[-1:] != [before.state] else []
    return states


def test_small_outlets_are_left_alone_where_a_fixed_bound_nags():
    mine, fixed = quiet("small", range(12))
    assert [one for one in mine if one.state in ("broken", "blocked")] == []
    assert len(mine) <= 1
    assert len(fixed) >= 50


def test_outlets_that_write_daily_are_left_alone():
    mine, _ = quiet("medium", range(6))
    assert [one for one in mine if one.state in ("broken", "blocked")] == []
    assert len(mine) <= 1


@pytest.mark.parametrize(
    ("kind", "causes", "within_h"),
    [
        ("layout changes (no article is read)", {"layout_changed"}, 48),
        ("dries up", {"dried_up", "volume_low"}, 96),
        ("empty answers with status 200", {"empty_answers"}, 12),
        ("blocks (403)", {"blocked"}, 12),
        ("asks to slow down (429)", {"rate_limited"}, 12),
        ("robots.txt forbids", {"robots_denied"}, 12),
        ("certificate fails", {"tls_failed"}, 12),
        ("does not answer", {"unreachable"}, 12),
        ("lists are gone (404)", {"gone"}, 12),
        ("login wall", {"login_wall"}, 48),
        ("bylines vanish", {"fields_lost"}, 72),
        ("dates vanish", {"dates_wrong"}, 48),
        ("links vanish", {"links_lost"}, 96),
        ("texts are cut to teasers", {"texts_short"}, 72),
        ("republishes old items", {"republishing_old", "dried_up"}, 96),
        ("slows down eightfold", {"slow"}, 48),
        ("comes half a day late", {"late"}, 72),
    ],
)
def test_a_break_of_an_outlet_that_writes_daily_is_named(kind, causes, within_h):
    rng = np.random.default_rng((12, 5))
    outlet = make_outlet(5, rng, "medium")
    seen = observe(outlet, rng, days=LEARNED + 8, breaks=BREAKS[kind], from_day=LEARNED + 1.4)
    began = STARTS + (LEARNED + 1.4) * DAY
    told, _ = ours(seen, begins=began, stop_at_first=True)
    assert told[0].cause in causes
    assert (told[0].at - began) / DAY * 24 <= within_h


def test_a_holiday_of_four_days_is_told_once_and_over_once():
    rng = np.random.default_rng((99, 5))
    outlet = replace(make_outlet(5, rng, "large"), weekly=400)

    def holiday(day, days):
        day.factor = 0.03 if days < 4 else day.factor

    seen = observe(outlet, np.random.default_rng((99, 6)), days=LEARNED + 28, breaks=holiday, from_day=LEARNED + 7)
    seen = [one for one in seen if one.finished_at < BEGINS + 14 * DAY]
    states = states_of(seen, begins=BEGINS + 4 * DAY)
    assert (states[:2], states.count("healthy"), states[-1]) == (["healthy", "broken"], 2, "healthy")
