"""A day of outlets under a simulated clock, with workers that die and a scheduler that is away, small."""

from __future__ import annotations

import pytest

from benchmarks.bench_day import measure


def test_every_firing_of_a_day_is_answered_once_and_the_forecast_was_right():
    seen = measure(outlets=20, workers=2, tick_s=120, seed=3)
    assert seen["answered"] == seen["firings"] > 300
    assert seen["folded_or_missed"] > 0  # forty minutes without a scheduler
    assert seen["workers_died"] > 0
    assert seen["runs_failed"] > 0
    assert seen["ends"] == {"done": seen["jobs"]}
    assert seen["outlet_twice_at_once"] == 0
    assert seen["busy"] == pytest.approx(seen["forecast_busy"], rel=0.1)
